//! Windows of rows in publish order, a single row, and the checkpoint, as the tables show them (reference 21-26).

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::OptionalExtension;

use super::convert::{issue_row, mapping_row, trouble};
use super::issue_walk::{self, StoredIssue};
use super::mapping_walk::{self, StoredMapping};
use super::walk::{Anchor, Direction, Step, stored};
use super::{Snapshot, Store, StoreError};
use crate::domain::checkpoint::{self, Checkpoint};
use crate::domain::row::RowError;
use crate::domain::window::{IssueRow, MappingRow, Page, PageFrom, RowKey, RowTrouble};

impl Store {
    /// A window of the issues of one system.
    pub fn issues(
        &self,
        system: &str,
        from: PageFrom,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Page<IssueRow>, StoreError> {
        let mut page = window(from, limit, |direction, anchor, limit| {
            self.fetch_issues(system, direction, anchor, limit, cancel)
        })?;
        self.join_issues(system, &mut page.rows, cancel)?;
        Ok(page)
    }

    /// One issue, if the row still exists.
    pub fn issue(
        &self,
        system: &str,
        key: &RowKey,
        cancel: &AtomicBool,
    ) -> Result<Option<IssueRow>, StoreError> {
        let page = self.issues(system, PageFrom::At(key.clone()), 1, cancel)?;
        Ok(page.rows.into_iter().find(|row| row.key == *key))
    }

    /// A window of all mappings, each joined to an issue of this system.
    pub fn mappings(
        &self,
        system: &str,
        from: PageFrom,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Page<MappingRow>, StoreError> {
        let mut page = window(from, limit, |direction, anchor, limit| {
            self.fetch_mappings(direction, anchor, limit, cancel)
        })?;
        self.join_mappings(system, &mut page.rows, cancel)?;
        Ok(page)
    }

    /// The checkpoint as it is published; without a row it is empty.
    pub fn checkpoint(&self, key: &str) -> Result<Result<Checkpoint, RowTrouble>, StoreError> {
        let stored = self.read(|snapshot| stored_checkpoint(snapshot, key))?;
        Ok(stored.map_or_else(
            || Ok(Checkpoint::default()),
            |(_, published)| published.map_err(|error| trouble(&error)),
        ))
    }

    /// Walks a system's issues chunk by chunk.
    pub(super) fn each_issue(
        &self,
        system: &str,
        direction: Direction,
        anchor: Anchor,
        cancel: &AtomicBool,
        mut visit: impl FnMut(&StoredIssue) -> Step,
    ) -> Result<(), StoreError> {
        let mut mark = issue_walk::Mark::new(anchor, direction);
        while !matches!(mark, issue_walk::Mark::Done) {
            go_on(cancel)?;
            self.read(|snapshot| issue_walk::issues(snapshot, system, direction, &mut mark, &mut visit))?;
        }
        Ok(())
    }

    /// Walks the mappings chunk by chunk.
    pub(super) fn each_mapping(
        &self,
        direction: Direction,
        anchor: Anchor,
        cancel: &AtomicBool,
        mut visit: impl FnMut(&StoredMapping) -> Step,
    ) -> Result<(), StoreError> {
        let mut mark = self.read(|snapshot| mapping_walk::Mark::new(snapshot, anchor, direction))?;
        while !matches!(mark, mapping_walk::Mark::Done) {
            go_on(cancel)?;
            self.read(|snapshot| mapping_walk::mappings(snapshot, direction, &mut mark, &mut visit))?;
        }
        Ok(())
    }

    fn fetch_issues(
        &self,
        system: &str,
        direction: Direction,
        anchor: Anchor,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Fetched<IssueRow>, StoreError> {
        let mut fetched = Fetched::default();
        self.each_issue(system, direction, anchor, cancel, |row| {
            let key = row.key();
            // Rows that share an identity stay together: the key alone could not lead between them.
            let full = fetched.rows.len() >= limit
                && fetched.rows.last().is_none_or(|last: &IssueRow| last.key != key);
            if full {
                fetched.more = true;
                return Step::Stop;
            }
            fetched.rows.push(issue_row(row, key));
            Step::Next
        })?;
        Ok(fetched)
    }

    fn fetch_mappings(
        &self,
        direction: Direction,
        anchor: Anchor,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Fetched<MappingRow>, StoreError> {
        let mut fetched = Fetched::default();
        self.each_mapping(direction, anchor, cancel, |row| {
            if fetched.rows.len() >= limit {
                fetched.more = true;
                return Step::Stop;
            }
            fetched.rows.push(mapping_row(row));
            Step::Next
        })?;
        Ok(fetched)
    }
}

/// Stops work that nobody waits for any more.
pub(super) fn go_on(cancel: &AtomicBool) -> Result<(), StoreError> {
    if cancel.load(Ordering::Relaxed) {
        Err(StoreError::Cancelled)
    } else {
        Ok(())
    }
}

/// The checkpoint's rowid and what is published of it.
pub(super) type StoredCheckpoint = (i64, Result<Checkpoint, RowError>);

/// The row that spec-kitty's `fetchone` gets.
pub(super) fn stored_checkpoint(
    snapshot: &Snapshot,
    key: &str,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    if !snapshot.tables.checkpoints {
        return Ok(None);
    }
    let mut statement = snapshot.connection.prepare_cached(
        "SELECT rowid, cursor, updated_since FROM tracker_checkpoints WHERE checkpoint_key = ?1",
    )?;
    let found = statement.query_row([key], |row| {
        let published = checkpoint::publish(stored(row.get_ref(1)?), stored(row.get_ref(2)?));
        Ok((row.get(0)?, published))
    });
    Ok(found.optional()?)
}

/// Rows in the order of the walk, and whether there are more.
struct Fetched<T> {
    rows: Vec<T>,
    more: bool,
}

impl<T> Default for Fetched<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            more: false,
        }
    }
}

/// Fetches a window: walks from where it starts, then asks what lies on its other side.
fn window<T: Keyed>(
    from: PageFrom,
    limit: usize,
    mut fetch: impl FnMut(Direction, Anchor, usize) -> Result<Fetched<T>, StoreError>,
) -> Result<Page<T>, StoreError> {
    let (direction, anchor) = match from {
        PageFrom::Start => (Direction::Forward, Anchor::Edge),
        PageFrom::After(key) => (Direction::Forward, Anchor::Past(key)),
        PageFrom::At(key) => (Direction::Forward, Anchor::At(key)),
        PageFrom::End => (Direction::Backward, Anchor::Edge),
        PageFrom::Before(key) => (Direction::Backward, Anchor::Past(key)),
    };
    let mut fetched = fetch(direction, anchor.clone(), limit)?;
    let behind = match (fetched.rows.first(), anchor) {
        (_, Anchor::Edge) => None,
        (Some(first), _) => Some(Anchor::Past(first.key().clone())),
        (None, Anchor::Past(key)) => Some(Anchor::At(key)),
        (None, Anchor::At(key)) => Some(Anchor::Past(key)),
    };
    let more_behind = match behind {
        Some(behind) => fetch(direction.reversed(), behind, 0)?.more,
        None => false,
    };
    if direction == Direction::Backward {
        fetched.rows.reverse();
    }
    let (more_before, more_after) = match direction {
        Direction::Forward => (more_behind, fetched.more),
        Direction::Backward => (fetched.more, more_behind),
    };
    Ok(Page {
        rows: fetched.rows,
        more_before,
        more_after,
    })
}

/// A row that knows its place.
trait Keyed {
    fn key(&self) -> &RowKey;
}

impl Keyed for IssueRow {
    fn key(&self) -> &RowKey {
        &self.key
    }
}

impl Keyed for MappingRow {
    fn key(&self) -> &RowKey {
        &self.key
    }
}
