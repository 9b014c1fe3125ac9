//! Rows in publish order, a single row, and the checkpoint, as the tables show them (reference 21-26).

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::OptionalExtension;

use super::audit::{AuditError, Halt, OneState};
use super::convert::trouble;
use super::issue_walk::{self, StoredIssue, Walk};
use super::kind::{Issues, Mappings};
use super::long::{self, Cut, LongRow};
use super::mapping_walk::{self, StoredMapping};
use super::walk::{Anchor, Direction, Step, Texts, stored};
use super::window::Lens;
use super::{Snapshot, Store, StoreError};
use crate::domain::checkpoint::{self, Checkpoint};
use crate::domain::row::RowError;
use crate::domain::window::{IssueRow, MappingRow, Page, PageFrom, RowTrouble};

impl Store {
    /// A window of the issues of one system.
    pub fn issues(
        &self,
        system: &str,
        from: PageFrom,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Page<IssueRow>, StoreError> {
        self.rows_of::<Issues>(system, cancel)
            .window(&Lens::default(), from, limit, &mut |_| {})
    }

    /// A window of all mappings, each joined to an issue of this system.
    pub fn mappings(
        &self,
        system: &str,
        from: PageFrom,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Page<MappingRow>, StoreError> {
        self.rows_of::<Mappings>(system, cancel)
            .window(&Lens::default(), from, limit, &mut |_| {})
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
        (direction, anchor): (Direction, Anchor),
        texts: Texts,
        cancel: &AtomicBool,
        mut visit: impl FnMut(&StoredIssue) -> Step,
    ) -> Result<(), StoreError> {
        let walk = Walk {
            system,
            direction,
            until: None,
            texts,
        };
        let mut mark = issue_walk::Mark::new(anchor, direction);
        while !matches!(mark, issue_walk::Mark::Done) {
            go_on(cancel)?;
            let long = self.read(|snapshot| issue_walk::chunk(snapshot, &walk, &mut mark, &mut visit))?;
            if let Some(row) = long
                && self.long_issue(row, texts, cancel, &mut visit)? == Some(Step::Stop)
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Visits an issue with a long payload: cut, unless it changes meanwhile or only the whole tells what is published.
    fn long_issue(
        &self,
        row: LongRow,
        texts: Texts,
        cancel: &AtomicBool,
        visit: &mut impl FnMut(&StoredIssue) -> Step,
    ) -> Result<Option<Step>, StoreError> {
        if texts == Texts::Unread {
            return self.read(|snapshot| issue_walk::long_row(snapshot, row, Some(&Cut::default()), visit));
        }
        let mut state = OneState::new(cancel);
        if let Some(cut) = unless_changed(long::cut(self, &mut state, row, cancel))?.flatten() {
            let visited = state.read(self, |snapshot| {
                issue_walk::long_row(snapshot, row, Some(&cut), &mut *visit)
            });
            if let Some(step) = unless_changed(visited)? {
                return Ok(step);
            }
        }
        self.read(|snapshot| issue_walk::long_row(snapshot, row, None, visit))
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
}

/// What was read; `None` when a writer has committed in between.
fn unless_changed<T>(read: Result<T, Halt>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Halt::Changed) => Ok(None),
        Err(Halt::Failed(AuditError::Store(error))) => Err(error),
        Err(Halt::Failed(AuditError::Spool(error))) => Err(StoreError::Unreadable(error.to_string())),
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
