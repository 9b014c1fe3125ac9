//! The rows of a table: what the two tables have in common, so that windows, numbers, search and sifting are written
//! once.

use std::marker::PhantomData;
use std::sync::atomic::AtomicBool;

use super::convert::{issue_row, mapping_row, shown};
use super::find::Needle;
use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use super::walk::{Anchor, Direction, Step, Texts};
use super::{Store, StoreError};
use crate::domain::filter::{BadRow, Fields};
use crate::domain::issue;
use crate::domain::stored::StoredValue;
use crate::domain::window::{IssueFacts, IssueRow, Keyed, MappingRow, RowKey};

/// The rows of a table that is read, for one system; work on them stops when it is cancelled.
pub struct RowsOf<'a, K> {
    pub(super) store: &'a Store,
    pub(super) system: &'a str,
    pub(super) cancel: &'a AtomicBool,
    kind: PhantomData<K>,
}

impl Store {
    /// The rows of [`Issues`] of this system, or all [`Mappings`], joined to its issues.
    pub fn rows_of<'a, K: Kind>(&'a self, system: &'a str, cancel: &'a AtomicBool) -> RowsOf<'a, K> {
        RowsOf {
            store: self,
            system,
            cancel,
            kind: PhantomData,
        }
    }
}

impl<K: Kind> RowsOf<'_, K> {
    /// Walks along them chunk by chunk.
    pub(super) fn each(
        &self,
        start: (Direction, Anchor),
        texts: Texts,
        visit: &mut dyn FnMut(&dyn Stored<K::Row>) -> Step,
    ) -> Result<(), StoreError> {
        K::each(self, start, texts, visit)
    }
}

/// A table: [`Issues`] or [`Mappings`].
pub trait Kind: Sized {
    /// Its rows as they are shown.
    type Row: Shown;

    /// Walks along it chunk by chunk.
    fn each(
        rows: &RowsOf<'_, Self>,
        start: (Direction, Anchor),
        texts: Texts,
        visit: &mut dyn FnMut(&dyn Stored<Self::Row>) -> Step,
    ) -> Result<(), StoreError>;

    /// Fills in what the other table knows.
    fn join(rows: &RowsOf<'_, Self>, shown: &mut [Self::Row]) -> Result<(), StoreError>;
}

/// A row as it is stored. Nothing of it is decoded before it is asked for.
pub trait Stored<Row> {
    /// Its place.
    fn key(&self) -> RowKey;

    /// The row as it is shown, not joined yet.
    fn row(&self, key: RowKey) -> Row;

    /// Lends its fields.
    fn look(&self, look: &mut dyn FnMut(&dyn Fields));

    /// Whether one of its texts holds what is looked for.
    fn holds(&self, needle: &Needle) -> bool;
}

/// A row as it is shown.
pub trait Shown: Fields + Keyed {
    /// How many bytes it takes in the body.
    fn json_bytes(&self) -> u64;
}

/// `tracker_issues`.
pub struct Issues;

/// `tracker_mappings`.
pub struct Mappings;

impl Kind for Issues {
    type Row = IssueRow;

    fn each(
        rows: &RowsOf<'_, Self>,
        start: (Direction, Anchor),
        texts: Texts,
        visit: &mut dyn FnMut(&dyn Stored<IssueRow>) -> Step,
    ) -> Result<(), StoreError> {
        rows.store
            .each_issue(rows.system, start, texts, rows.cancel, |row| visit(row))
    }

    fn join(rows: &RowsOf<'_, Self>, shown: &mut [IssueRow]) -> Result<(), StoreError> {
        rows.store.join_issues(rows.system, shown, rows.cancel)
    }
}

impl Kind for Mappings {
    type Row = MappingRow;

    fn each(
        rows: &RowsOf<'_, Self>,
        (direction, anchor): (Direction, Anchor),
        _: Texts,
        visit: &mut dyn FnMut(&dyn Stored<MappingRow>) -> Step,
    ) -> Result<(), StoreError> {
        rows.store
            .each_mapping(direction, anchor, rows.cancel, |row| visit(row))
    }

    fn join(rows: &RowsOf<'_, Self>, shown: &mut [MappingRow]) -> Result<(), StoreError> {
        rows.store.join_mappings(rows.system, shown, rows.cancel)
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

    /// Identity, key or title.
    fn holds(&self, needle: &Needle) -> bool {
        needle.is_in(&shown(self.identity()))
            || needle.may_be_in(self.payload)
                && issue::publish(self.payload).is_ok_and(|issue| {
                    needle.is_in(&issue.title) || issue.reference.key.is_some_and(|key| needle.is_in(&key))
                })
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

    /// Everything but the system and the dates.
    fn holds(&self, needle: &Needle) -> bool {
        let [wp_id, _, workspace, id, key, url, ..] = self.columns;
        [wp_id, workspace, id, key, url]
            .into_iter()
            .any(|value| value != StoredValue::Null && needle.is_in(&shown(value)))
    }
}

impl Shown for IssueRow {
    fn json_bytes(&self) -> u64 {
        self.published.as_ref().map_or(0, IssueFacts::bytes)
    }
}

impl Shown for MappingRow {
    fn json_bytes(&self) -> u64 {
        self.json.len() as u64
    }
}
