//! Rows on their way into the body: what is published of them, and what is to be told about them.

use super::convert::{mapping_row, shown};
use super::hazards::Hazards;
use super::issue_walk::StoredIssue;
use super::long::Cut;
use super::mapping_walk::StoredMapping;
use super::matching::{Mappings, Matched, bytes};
use super::schema::{ISSUES, MAPPINGS};
use super::walk::Step;
use crate::domain::body::{write_issue, write_mapping};
use crate::domain::issue::{self, template};
use crate::domain::mapping;
use crate::domain::row::{RowError, RowErrorKind};
use crate::domain::row_facts::{InvalidRow, MAX_NAMED};
use crate::domain::stored::StoredValue;
use crate::domain::window::RowKey;

/// A portion with so many bytes is handed on.
const FULL: usize = 1 << 20;

/// Rows of one table that follow one another.
#[derive(Default)]
pub(super) struct Portion {
    /// Those that can be published as the body holds them, commas between them.
    pub(super) bytes: Vec<u8>,
    /// How many rows there are, those that cannot be published included.
    pub(super) rows: u64,
    /// The first of them.
    pub(super) first: Option<RowKey>,
    /// How many cannot be published.
    pub(super) invalid_rows: u64,
    /// The first of them.
    pub(super) invalid: Vec<InvalidRow>,
    /// What is worth telling of the others.
    pub(super) hazards: Hazards,
    /// Where the texts of a cut row end, in the order of its rests.
    pub(super) cuts: Vec<usize>,
    /// Whether it begins within a row of the portion before it.
    pub(super) within_row: bool,
}

impl Portion {
    /// An empty portion that writes into this buffer.
    pub(super) fn into_buffer(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// What goes on with the last row of a portion that has been handed on.
    pub(super) fn within_row(buffer: Vec<u8>) -> Self {
        Self {
            within_row: true,
            ..Self::into_buffer(buffer)
        }
    }

    /// Whether it should be handed on.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL
    }

    /// What the walk that fills it should do: no lock is held while a full portion is handed on.
    pub(super) fn step(&self) -> Step {
        if self.is_full() { Step::Pause } else { Step::Next }
    }

    /// Adds an issue.
    pub(super) fn issue(&mut self, row: &StoredIssue, joins: Option<(&Mappings, &mut Matched)>) {
        if !self.within_row {
            self.first.get_or_insert_with(|| row.key());
        }
        self.rows += 1;
        let before = self.bytes.len();
        self.separate();
        if let (StoredValue::Text(payload), None) = (row.payload, row.cut)
            && let Some(names) = template::rewrite(payload, &mut self.bytes)
        {
            let out = &self.bytes;
            self.hazards.names(row, names.workspace(out), names.key(out));
            if let Some((mappings, matched)) = joins {
                matched.issue(mappings, names.id(out), names.key(out), names.url(out));
            }
            return;
        }
        match issue::publish(row.payload) {
            Ok(issue) => {
                let ends = |cut: &Cut| cut.ends_in(&issue).map(|end| self.bytes.len() + end).collect();
                self.cuts = row.cut.map(ends).unwrap_or_default();
                // Memory takes every write.
                let _ = write_issue(&issue, &mut self.bytes);
                self.hazards.issue(row, &issue);
                if let Some((mappings, matched)) = joins {
                    let names = &issue.reference;
                    matched.issue(
                        mappings,
                        names.id.as_bytes(),
                        bytes(names.key.as_ref()),
                        bytes(names.url.as_ref()),
                    );
                }
            }
            Err(error) => {
                self.bytes.truncate(before);
                if let Some((mappings, matched)) = joins {
                    matched.refused(mappings, row);
                }
                self.refuse(ISSUES, row.rowid(), || shown(row.identity()), &error);
            }
        }
    }

    /// Adds a mapping.
    pub(super) fn mapping(&mut self, row: &StoredMapping, system: &str) {
        self.first.get_or_insert_with(|| mapping_row(row).key);
        self.rows += 1;
        match mapping::publish(row.columns) {
            Ok(mapping) => {
                self.separate();
                let _ = write_mapping(&mapping, &mut self.bytes);
                self.hazards.mapping(row, system, &mapping);
            }
            Err(error) => {
                let [wp_id, system, ..] = row.columns;
                let identity = || format!("{} {}", shown(wp_id), shown(system));
                self.refuse(MAPPINGS, row.rowid, identity, &error);
            }
        }
    }

    fn separate(&mut self) {
        if !self.bytes.is_empty() {
            self.bytes.push(b',');
        }
    }

    /// Notes a row that cannot be published.
    pub(super) fn refuse(
        &mut self,
        table: &'static str,
        rowid: i64,
        identity: impl FnOnce() -> String,
        error: &RowError,
    ) {
        self.invalid_rows += 1;
        if self.invalid.len() < MAX_NAMED {
            self.invalid.push(InvalidRow {
                table,
                rowid,
                identity: identity(),
                json_path: error.path.to_string(),
                reason: error.message.clone(),
                unencodable: error.kind == RowErrorKind::NotEncodable,
            });
        }
    }
}
