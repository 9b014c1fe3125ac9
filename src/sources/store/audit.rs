//! The one pass over all rows that a publish reads: counts, every row that cannot be published, and the body's bytes
//! (reference 21-26, 36, 41-42).
//!
//! spec-kitty reads the three tables over three connections and stops at the first bad row; here all rows come from
//! one state of the store, and all bad rows are counted. The pass reads in short transactions, so a writer may come
//! between: then it starts over.

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::crew::{self, Task};
use super::hazards::Hazards;
use super::mapping_walk;
use super::matching::Mappings;
use super::portion::Portion;
use super::rows::{go_on, stored_checkpoint};
use super::schema::CHECKPOINTS;
use super::spool::{Body, Spool};
use super::walk::{Direction, Step};
use super::{Snapshot, Store, StoreError};
use crate::domain::anchors::{Anchor, RowAnchors};
use crate::domain::body::{BETWEEN, Head, write_head, write_tail};
use crate::domain::checkpoint::Checkpoint;
use crate::domain::evaluation::BodyFacts;
use crate::domain::row_facts::{MAX_NAMED, RowFacts, RowsRead};

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
    /// Sparse places in both tables.
    pub anchors: RowAnchors,
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

/// Audits a store. `progress` hears, between transactions, how far it has come.
pub fn audit(
    store: &Store,
    request: &AuditRequest,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(RowsRead),
) -> Result<Audit, AuditError> {
    let since = Instant::now();
    let mut passes = 0;
    while passes < MAX_PASSES || since.elapsed() < SHORT {
        passes += 1;
        let mut pass = Pass::new(request)?;
        match pass.run(store, cancel, progress) {
            Ok(()) => return Ok(pass.finish()),
            Err(Halt::Changed) => {}
            Err(Halt::Failed(error)) => return Err(error),
        }
    }
    Err(AuditError::Store(StoreError::Busy))
}

/// How often the store may change under the pass.
const MAX_PASSES: u32 = 3;
/// A small store is tried more often: between two commits there is time enough for a pass.
const SHORT: Duration = Duration::from_millis(300);

/// Why a pass stops.
pub(super) enum Halt {
    /// A writer has committed since it began: nothing that it found counts.
    Changed,
    /// It cannot go on.
    Failed(AuditError),
}

impl<E: Into<AuditError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes sure that all reads of one connection see one state of the store.
pub(super) struct OneState<'a> {
    cancel: &'a AtomicBool,
    /// `data_version` of the first read.
    version: Option<i64>,
}

impl<'a> OneState<'a> {
    pub(super) fn new(cancel: &'a AtomicBool) -> Self {
        Self {
            cancel,
            version: None,
        }
    }

    /// Reads in a short transaction of its own.
    pub(super) fn read<T>(
        &mut self,
        store: &Store,
        work: impl FnOnce(&Snapshot) -> Result<T, StoreError>,
    ) -> Result<T, Halt> {
        let read = store.read_unless(self.cancel, |snapshot| {
            if *self.version.get_or_insert(snapshot.version) == snapshot.version {
                work(snapshot).map(Some)
            } else {
                Ok(None)
            }
        });
        read?.ok_or(Halt::Changed)
    }
}

/// The audit of a store that is missing or empty: spec-kitty creates its tables and publishes no rows.
pub fn audit_nothing(request: &AuditRequest) -> Result<Audit, AuditError> {
    let mut pass = Pass::new(request)?;
    pass.write(BETWEEN.as_bytes())?;
    pass.end(Checkpoint::default())?;
    Ok(pass.finish())
}

struct Pass<'a> {
    request: &'a AuditRequest<'a>,
    facts: RowFacts,
    hazards: Hazards,
    checkpoint: Option<Checkpoint>,
    /// Dropped at the first invalid row.
    spool: Option<Spool>,
    anchors: RowAnchors,
}

impl<'a> Pass<'a> {
    fn new(request: &'a AuditRequest<'a>) -> io::Result<Self> {
        let mut pass = Self {
            request,
            facts: RowFacts::default(),
            hazards: Hazards::default(),
            checkpoint: None,
            spool: request.head.as_ref().map(|_| Spool::new(request.keep_body)),
            anchors: RowAnchors::default(),
        };
        if let Some(head) = &request.head {
            let mut bytes = Vec::new();
            write_head(head, &mut bytes)?;
            pass.write(&bytes)?;
        }
        Ok(pass)
    }

    /// Reads everything. Threads read the issues through connections of their own: what they see is what this one
    /// sees, as long as its own state is the same before and after.
    fn run(
        &mut self,
        store: &Store,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(RowsRead),
    ) -> Result<(), Halt> {
        let mut state = OneState::new(cancel);
        let system = self.request.system;
        let mappings = learn_mappings(store, &mut state, system, cancel)?;
        let task = Task {
            system,
            mappings: mappings.as_ref(),
            cancel,
        };
        let matched = crew::issues(store, &task, &mut |portion, percent| {
            let buffer = self.take(portion, Table::Issues)?;
            progress(self.so_far(percent));
            Ok(buffer)
        })?;
        self.facts.joins = mappings
            .zip(matched)
            .map(|(mappings, matched)| mappings.facts(&matched));
        self.write(BETWEEN.as_bytes())?;
        let mut mark = mapping_walk::Mark::Edge;
        while !matches!(mark, mapping_walk::Mark::Done) {
            go_on(cancel)?;
            let mut portion = Portion::default();
            state.read(store, |snapshot| {
                mapping_walk::mappings(snapshot, Direction::Forward, &mut mark, |row| {
                    portion.mapping(row, system);
                    portion.step()
                })
            })?;
            self.take(portion, Table::Mappings)?;
            progress(self.so_far(Some(100)));
        }
        self.read_checkpoint(store, &mut state)
    }

    fn so_far(&self, percent: Option<u8>) -> RowsRead {
        RowsRead {
            issues: self.facts.issues,
            mappings: self.facts.mappings,
            percent,
        }
    }

    fn read_checkpoint(&mut self, store: &Store, state: &mut OneState<'_>) -> Result<(), Halt> {
        let key = self.request.checkpoint_key;
        match state.read(store, |snapshot| stored_checkpoint(snapshot, key))? {
            None => self.end(Checkpoint::default())?,
            Some((_, Ok(checkpoint))) => self.end(checkpoint)?,
            Some((rowid, Err(error))) => {
                let mut portion = Portion::default();
                portion.refuse(CHECKPOINTS, rowid, || key.to_owned(), &error);
                self.refuse(portion);
            }
        }
        Ok(())
    }

    /// Takes rows into the body and the facts; gives their buffer back.
    fn take(&mut self, mut portion: Portion, table: Table) -> io::Result<Vec<u8>> {
        let (rows, anchors) = match table {
            Table::Issues => (&mut self.facts.issues, &mut self.anchors.issues),
            Table::Mappings => (&mut self.facts.mappings, &mut self.anchors.mappings),
        };
        // Even the first row may have been refused: then there is no body, and commas do not count.
        let separate = *rows > 0 && !portion.bytes.is_empty() && !portion.within_row;
        if let Some(key) = portion.first.take() {
            let offset = self
                .spool
                .as_ref()
                .map(|spool| spool.bytes() + u64::from(separate));
            anchors.push(Anchor {
                ordinal: *rows,
                key,
                offset,
            });
        }
        *rows += portion.rows;
        if separate {
            self.write(b",")?;
        }
        self.write(&portion.bytes)?;
        self.hazards.append(std::mem::take(&mut portion.hazards));
        let buffer = std::mem::take(&mut portion.bytes);
        self.refuse(portion);
        Ok(buffer)
    }

    /// Notes the rows that cannot be published: with one of them there is no body.
    fn refuse(&mut self, portion: Portion) {
        if portion.invalid_rows > 0 {
            self.spool = None;
        }
        self.facts.invalid_rows += portion.invalid_rows;
        let room = MAX_NAMED.saturating_sub(self.facts.invalid.len());
        self.facts.invalid.extend(portion.invalid.into_iter().take(room));
    }

    /// Writes to the body as long as there is one.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.spool.as_mut().map_or(Ok(()), |spool| spool.take(bytes))
    }

    /// Ends the body.
    fn end(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        let mut tail = Vec::new();
        write_tail(&checkpoint, &mut tail)?;
        self.checkpoint = Some(checkpoint);
        self.write(&tail)
    }

    fn finish(mut self) -> Audit {
        self.hazards.finish(&mut self.facts);
        let mut body = None;
        if let Some(spool) = self.spool {
            let (bytes, blake3, kept) = spool.finish();
            self.facts.body = Some(BodyFacts { bytes, blake3 });
            body = kept;
        }
        Audit {
            facts: self.facts,
            checkpoint: self.checkpoint,
            body,
            anchors: self.anchors,
        }
    }
}

/// The tables that a portion may come from.
#[derive(Clone, Copy)]
enum Table {
    Issues,
    Mappings,
}

/// Reads what mappings are joined by before the issues go past; `None` when there are too many.
fn learn_mappings(
    store: &Store,
    state: &mut OneState<'_>,
    system: &str,
    cancel: &AtomicBool,
) -> Result<Option<Mappings>, Halt> {
    let mut mappings = Some(Mappings::default());
    let mut mark = mapping_walk::Mark::Edge;
    while !matches!(mark, mapping_walk::Mark::Done) {
        go_on(cancel)?;
        state.read(store, |snapshot| {
            mapping_walk::mappings(snapshot, Direction::Forward, &mut mark, |row| {
                mappings = mappings.take().and_then(|mappings| mappings.learn(row, system));
                if mappings.is_some() {
                    Step::Next
                } else {
                    Step::Stop
                }
            })
        })?;
    }
    Ok(mappings)
}
