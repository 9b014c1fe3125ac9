//! What the two tables have in common, so that windows, numbers and sifting are written once.

use std::sync::atomic::AtomicBool;

use super::convert::{issue_row, mapping_row, shown};
use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use super::walk::{Anchor, Direction, Step, Texts};
use super::{Store, StoreError};
use crate::domain::filter::{BadRow, Fields};
use crate::domain::issue;
use crate::domain::stored::StoredValue;
use crate::domain::window::{IssueFacts, IssueRow, MappingRow, RowKey};

/// A table.
pub(super) trait Kind {
    /// Its rows as they are shown.
    type Row: Shown;

    /// Walks along it chunk by chunk.
    fn each(
        store: &Store,
        system: &str,
        start: (Direction, Anchor),
        texts: Texts,
        cancel: &AtomicBool,
        visit: &mut dyn FnMut(&dyn Stored<Self::Row>) -> Step,
    ) -> Result<(), StoreError>;

    /// Fills in what the other table knows.
    fn join(
        store: &Store,
        system: &str,
        rows: &mut [Self::Row],
        cancel: &AtomicBool,
    ) -> Result<(), StoreError>;
}

/// A row as it is stored. Nothing of it is decoded before it is asked for.
pub(super) trait Stored<Row> {
    /// Its place.
    fn key(&self) -> RowKey;

    /// The row as it is shown, not joined yet.
    fn row(&self, key: RowKey) -> Row;

    /// Lends its fields.
    fn look(&self, look: &mut dyn FnMut(&dyn Fields));
}

/// A row as it is shown.
pub(super) trait Shown: Fields {
    /// Its place.
    fn key(&self) -> &RowKey;

    /// How many bytes it takes in the body.
    fn json_bytes(&self) -> u64;

    /// What a search looks at.
    fn texts(&self) -> Vec<&str>;
}

/// `tracker_issues`.
pub(super) struct Issues;

/// `tracker_mappings`.
pub(super) struct Mappings;

impl Kind for Issues {
    type Row = IssueRow;

    fn each(
        store: &Store,
        system: &str,
        start: (Direction, Anchor),
        texts: Texts,
        cancel: &AtomicBool,
        visit: &mut dyn FnMut(&dyn Stored<IssueRow>) -> Step,
    ) -> Result<(), StoreError> {
        store.each_issue(system, start, texts, cancel, |row| visit(row))
    }

    fn join(
        store: &Store,
        system: &str,
        rows: &mut [IssueRow],
        cancel: &AtomicBool,
    ) -> Result<(), StoreError> {
        store.join_issues(system, rows, cancel)
    }
}

impl Kind for Mappings {
    type Row = MappingRow;

    fn each(
        store: &Store,
        _: &str,
        (direction, anchor): (Direction, Anchor),
        _: Texts,
        cancel: &AtomicBool,
        visit: &mut dyn FnMut(&dyn Stored<MappingRow>) -> Step,
    ) -> Result<(), StoreError> {
        store.each_mapping(direction, anchor, cancel, |row| visit(row))
    }

    fn join(
        store: &Store,
        system: &str,
        rows: &mut [MappingRow],
        cancel: &AtomicBool,
    ) -> Result<(), StoreError> {
        store.join_mappings(system, rows, cancel)
    }
}

impl Stored<IssueRow> for StoredIssue<'_> {
    fn key(&self) -> RowKey {
        StoredIssue::key(self)
    }

    fn row(&self, key: RowKey) -> IssueRow {
        issue_row(self, key)
    }

    fn look(&self, look: &mut dyn FnMut(&dyn Fields)) {
        match issue::publish(self.payload) {
            Ok(issue) => look(&issue),
            Err(_) => look(&BadRow {
                identity: &shown(self.identity()),
            }),
        }
    }
}

impl Stored<MappingRow> for StoredMapping<'_> {
    fn key(&self) -> RowKey {
        let text = |value| match value {
            StoredValue::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        };
        match (text(self.columns[0]), text(self.columns[1])) {
            (Some(wp_id), Some(system)) => RowKey::Mapping {
                wp_id: wp_id.to_owned(),
                system: system.to_owned(),
                rowid: self.rowid,
            },
            _ => mapping_row(self).key,
        }
    }

    fn row(&self, _: RowKey) -> MappingRow {
        mapping_row(self)
    }

    fn look(&self, look: &mut dyn FnMut(&dyn Fields)) {
        look(&mapping_row(self));
    }
}

impl Shown for IssueRow {
    fn key(&self) -> &RowKey {
        &self.key
    }

    fn json_bytes(&self) -> u64 {
        self.published.as_ref().map_or(0, IssueFacts::bytes)
    }

    fn texts(&self) -> Vec<&str> {
        let issue = self.published.as_ref().ok();
        let key = issue.and_then(|issue| issue.key.as_deref());
        let title = issue.map(|issue| issue.title.as_str());
        [Some(self.identity.as_str()), key, title]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Shown for MappingRow {
    fn key(&self) -> &RowKey {
        &self.key
    }

    fn json_bytes(&self) -> u64 {
        self.json.len() as u64
    }

    fn texts(&self) -> Vec<&str> {
        let texts = [&self.wp_id, &self.workspace, &self.external_id];
        let optional = [&self.external_key, &self.external_url];
        let optional = optional.into_iter().flatten();
        texts.into_iter().chain(optional).map(String::as_str).collect()
    }
}
