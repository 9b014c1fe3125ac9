//! The one pass over all rows that a publish reads: counts, every row that cannot be published, and the body's bytes
//! (reference 21-26, 36, 41-42).
//!
//! spec-kitty reads the three tables over three connections and stops at the first bad row; here all rows come from
//! one state of the store, and all bad rows are counted. The pass reads in short transactions, so a writer may come
//! between: then it starts over.

use std::io;
use std::sync::atomic::AtomicBool;

use super::convert::shown;
use super::hazards::Hazards;
use super::issue_walk::{self, StoredIssue};
use super::join::Matching;
use super::mapping_walk::{self, StoredMapping};
use super::rows::{go_on, stored_checkpoint};
use super::spool::{Body, Spool};
use super::walk::{Anchor, Direction, Step};
use super::{Snapshot, Store, StoreError};
use crate::domain::body::{BETWEEN, Head, write_head, write_issue, write_mapping, write_tail};
use crate::domain::checkpoint::Checkpoint;
use crate::domain::evaluation::BodyFacts;
use crate::domain::row::{RowError, RowErrorKind};
use crate::domain::row_facts::{InvalidRow, MAX_NAMED, RowFacts};
use crate::domain::{issue, mapping};

/// What to audit.
#[derive(Clone, Debug)]
pub struct AuditRequest<'a> {
    /// The system whose issues are published: the normalised provider.
    pub system: &'a str,
    /// The checkpoint's key, `{normalised provider}:{workspace}`.
    pub checkpoint_key: &'a str,
    /// What the body starts with; without it rows are checked and no body is written.
    pub head: Option<Head<'a>>,
    /// Whether the body's bytes are wanted, and not only its length and digest.
    pub keep_body: bool,
}

/// What a pass over one state of the store found.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Counts, invalid rows, the body's length and digest.
    pub facts: RowFacts,
    /// The checkpoint as it is published; empty without a row, `None` when it cannot be published.
    pub checkpoint: Option<Checkpoint>,
    /// The body, when it was to be kept and every row can be published.
    pub body: Option<Body>,
}

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store could not be read to the end, or kept changing ([`StoreError::Busy`]).
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The body could not be kept.
    #[error("the body could not be spooled: {0}")]
    Spool(#[from] io::Error),
}

/// Audits a store. `progress` hears, between transactions, how many rows have been read.
pub fn audit(
    store: &Store,
    request: &AuditRequest,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<Audit, AuditError> {
    for _ in 0..MAX_PASSES {
        let mut pass = Pass::new(request)?;
        if pass.run(store, cancel, progress)? == Outcome::Complete {
            return pass.finish();
        }
    }
    Err(AuditError::Store(StoreError::Busy))
}

/// How often the store may change under the pass.
const MAX_PASSES: u32 = 3;

const ISSUES: &str = super::schema::ISSUES;
const MAPPINGS: &str = super::schema::MAPPINGS;
const CHECKPOINTS: &str = super::schema::CHECKPOINTS;

/// How a chunk or a pass ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Complete,
    /// A writer has committed since the pass began.
    Changed,
}

/// The audit of a store that is missing or empty: spec-kitty creates its tables and publishes no rows.
pub fn audit_nothing(request: &AuditRequest) -> Result<Audit, AuditError> {
    let mut pass = Pass::new(request)?;
    pass.write(|out| {
        out.extend_from_slice(BETWEEN.as_bytes());
        write_tail(&Checkpoint::default(), out)
    });
    pass.checkpoint = Some(Checkpoint::default());
    pass.finish()
}

struct Pass<'a> {
    request: &'a AuditRequest<'a>,
    facts: RowFacts,
    hazards: Hazards,
    checkpoint: Option<Checkpoint>,
    /// Dropped at the first invalid row.
    spool: Option<Spool>,
    /// `data_version` of the first chunk.
    version: Option<i64>,
}

impl<'a> Pass<'a> {
    fn new(request: &'a AuditRequest<'a>) -> io::Result<Self> {
        let mut spool = request.head.as_ref().map(|_| Spool::new(request.keep_body));
        if let (Some(head), Some(spool)) = (&request.head, &mut spool) {
            write_head(head, spool.buffer())?;
        }
        Ok(Self {
            request,
            facts: RowFacts::default(),
            hazards: Hazards::new(None),
            checkpoint: None,
            spool,
            version: None,
        })
    }

    fn run(
        &mut self,
        store: &Store,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, AuditError> {
        let forward = Direction::Forward;
        if self.learn_mappings(store, cancel, progress)? == Outcome::Changed {
            return Ok(Outcome::Changed);
        }
        let mut mark = issue_walk::Mark::new(Anchor::Edge, forward);
        while !matches!(mark, issue_walk::Mark::Done) {
            go_on(cancel)?;
            let system = self.request.system;
            let chunk = |pass: &mut Self, snapshot: &Snapshot| {
                issue_walk::issues(snapshot, system, forward, &mut mark, |row| pass.issue(row))
            };
            if self.chunk(store, progress, chunk)? == Outcome::Changed {
                return Ok(Outcome::Changed);
            }
        }
        self.write(|out| {
            out.extend_from_slice(BETWEEN.as_bytes());
            Ok(())
        });
        let mut mark = mapping_walk::Mark::Edge;
        while !matches!(mark, mapping_walk::Mark::Done) {
            go_on(cancel)?;
            let chunk = |pass: &mut Self, snapshot: &Snapshot| {
                mapping_walk::mappings(snapshot, forward, &mut mark, |row| pass.mapping(row))
            };
            if self.chunk(store, progress, chunk)? == Outcome::Changed {
                return Ok(Outcome::Changed);
            }
        }
        self.chunk(store, progress, Self::checkpoint)
    }

    /// Reads what mappings are joined by before the issues go past, as long as there are not too many.
    fn learn_mappings(
        &mut self,
        store: &Store,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, AuditError> {
        let system = self.request.system;
        let mut matching = Some(Matching::default());
        let mut mark = mapping_walk::Mark::Edge;
        while !matches!(mark, mapping_walk::Mark::Done) {
            go_on(cancel)?;
            let chunk = |_: &mut Self, snapshot: &Snapshot| {
                mapping_walk::mappings(snapshot, Direction::Forward, &mut mark, |row| {
                    matching = matching.take().and_then(|matching| matching.learn(row, system));
                    if matching.is_some() {
                        Step::Next
                    } else {
                        Step::Stop
                    }
                })
            };
            if self.chunk(store, progress, chunk)? == Outcome::Changed {
                return Ok(Outcome::Changed);
            }
        }
        self.hazards = Hazards::new(matching);
        Ok(Outcome::Complete)
    }

    /// Reads a chunk in a transaction of its own, then passes on what it wrote.
    fn chunk(
        &mut self,
        store: &Store,
        progress: &mut dyn FnMut(u64),
        work: impl FnOnce(&mut Self, &Snapshot) -> Result<(), StoreError>,
    ) -> Result<Outcome, AuditError> {
        let outcome = store.read(|snapshot| {
            if *self.version.get_or_insert(snapshot.version) != snapshot.version {
                return Ok(Outcome::Changed);
            }
            work(self, snapshot)?;
            Ok(Outcome::Complete)
        })?;
        if let Some(spool) = &mut self.spool {
            spool.drain()?;
        }
        progress(self.facts.issues + self.facts.mappings);
        Ok(outcome)
    }

    fn issue(&mut self, row: &StoredIssue) -> Step {
        let first = self.facts.issues == 0;
        self.facts.issues += 1;
        match issue::publish(row.payload) {
            Ok(issue) => {
                self.hazards.issue(row, &issue);
                self.write(|out| {
                    separate(first, out);
                    write_issue(&issue, out)
                })
            }
            Err(error) => {
                self.hazards.refused_issue(row);
                self.refuse(ISSUES, row.rowid, || shown(row.identity), &error)
            }
        }
    }

    fn mapping(&mut self, row: &StoredMapping) -> Step {
        let first = self.facts.mappings == 0;
        self.facts.mappings += 1;
        match mapping::publish(row.columns) {
            Ok(mapping) => {
                self.hazards.mapping(row, self.request.system, &mapping);
                self.write(|out| {
                    separate(first, out);
                    write_mapping(&mapping, out)
                })
            }
            Err(error) => {
                let [wp_id, system, ..] = row.columns;
                let identity = || format!("{} {}", shown(wp_id), shown(system));
                self.refuse(MAPPINGS, row.rowid, identity, &error)
            }
        }
    }

    fn checkpoint(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let key = self.request.checkpoint_key;
        match stored_checkpoint(snapshot, key)? {
            None => self.checkpoint = Some(Checkpoint::default()),
            Some((_, Ok(checkpoint))) => self.checkpoint = Some(checkpoint),
            Some((rowid, Err(error))) => {
                self.refuse(CHECKPOINTS, rowid, || key.to_owned(), &error);
            }
        }
        if let Some(checkpoint) = self.checkpoint.take() {
            self.write(|out| write_tail(&checkpoint, out));
            self.checkpoint = Some(checkpoint);
        }
        Ok(())
    }

    /// Writes to the body as long as there is one. Memory takes every write, so the `Err` has nothing to tell.
    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Step {
        let Some(spool) = &mut self.spool else {
            return Step::Next;
        };
        if write(spool.buffer()).is_err() {
            self.spool = None;
            return Step::Next;
        }
        if spool.is_full() { Step::Pause } else { Step::Next }
    }

    fn refuse(
        &mut self,
        table: &'static str,
        rowid: i64,
        identity: impl FnOnce() -> String,
        error: &RowError,
    ) -> Step {
        self.spool = None;
        self.facts.invalid_rows += 1;
        if self.facts.invalid.len() < MAX_NAMED {
            self.facts.invalid.push(InvalidRow {
                table,
                rowid,
                identity: identity(),
                json_path: error.path.to_string(),
                reason: error.message.clone(),
                unencodable: error.kind == RowErrorKind::NotEncodable,
            });
        }
        Step::Next
    }

    fn finish(mut self) -> Result<Audit, AuditError> {
        self.hazards.finish(&mut self.facts);
        let mut body = None;
        if let Some(spool) = self.spool {
            let (bytes, blake3, kept) = spool.finish()?;
            self.facts.body = Some(BodyFacts { bytes, blake3 });
            body = kept;
        }
        Ok(Audit {
            facts: self.facts,
            checkpoint: self.checkpoint,
            body,
        })
    }
}

fn separate(first: bool, out: &mut Vec<u8>) {
    if !first {
        out.push(b',');
    }
}
