//! Rows in publish order, a chunk at a time: the one place that knows the keyset SQL (reference 21, 25).
//!
//! Keys are NULL, then text by bytes, then blobs; equal ones go by rowid. A walk keeps its place as a [`Mark`], so
//! each chunk is a transaction of its own and no `OFFSET` is ever counted. Rows of other systems are stepped over
//! here and not in SQL: then even a chunk without a single row of the wanted system ends on time.

use std::time::{Duration, Instant};

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Row, params};

use super::{Snapshot, StoreError};
use crate::domain::window::RowKey;

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In publish order.
    Forward,
    /// Against it.
    Backward,
}

/// Where a walk over the issues goes on.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// At the rows without an identity, from this rowid on.
    Nulls(i64),
    /// At the end of the rows with an identity.
    Keys,
    /// Past all rows with this identity.
    Past(RowKey),
    /// At this identity, its rows from this rowid on.
    From(RowKey, i64),
    /// It has seen all rows.
    Done,
}

impl Mark {
    /// Before the first row.
    pub(super) fn edge(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Self::Nulls(i64::MIN),
            Direction::Backward => Self::Keys,
        }
    }

    /// Before the rows with this key.
    pub(super) fn at(key: RowKey, direction: Direction) -> Self {
        match key {
            RowKey::Null(rowid) => Self::Nulls(rowid),
            key => Self::From(key, direction.first_rowid()),
        }
    }

    /// Past the rows with this key.
    pub(super) fn past(key: RowKey, direction: Direction) -> Self {
        match key {
            RowKey::Null(rowid) => Self::past_row(RowKey::Null(rowid), rowid, direction),
            key => Self::Past(key),
        }
    }

    fn past_row(key: RowKey, rowid: i64, direction: Direction) -> Self {
        match (key, direction.next_rowid(rowid)) {
            (RowKey::Null(_), Some(next)) => Self::Nulls(next),
            (RowKey::Null(_), None) => Self::past_nulls(direction),
            (key, Some(next)) => Self::From(key, next),
            (key, None) => Self::Past(key),
        }
    }

    fn past_nulls(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Self::Keys,
            Direction::Backward => Self::Done,
        }
    }

    /// Where a walk goes on when SQL has no more rows for this mark.
    fn exhausted(&self, direction: Direction) -> Self {
        match (self, direction) {
            (Self::Nulls(_), _) => Self::past_nulls(direction),
            (Self::Done, _) | (_, Direction::Forward) => Self::Done,
            (_, Direction::Backward) => Self::Nulls(direction.first_rowid()),
        }
    }

    fn sql(&self, direction: Direction) -> String {
        let (beyond, order) = direction.sql();
        // `+rowid` keeps the planner on the index of identity.
        let place = match self {
            Self::Nulls(_) => format!("identity IS NULL AND +rowid {beyond}= ?2"),
            Self::Keys | Self::Done => "identity IS NOT NULL".to_owned(),
            Self::Past(_) => format!("identity {beyond} ?2"),
            Self::From(..) => format!("identity {beyond}= ?2 AND (identity {beyond} ?2 OR +rowid {beyond}= ?3)"),
        };
        format!(
            "SELECT rowid, identity, system = ?1, CASE WHEN system = ?1 THEN payload END FROM tracker_issues \
             WHERE {place} ORDER BY identity {order}, rowid {order} LIMIT {CHUNK_ROWS}"
        )
    }
}

impl Direction {
    fn sql(self) -> (char, &'static str) {
        match self {
            Self::Forward => ('>', "ASC"),
            Self::Backward => ('<', "DESC"),
        }
    }

    fn first_rowid(self) -> i64 {
        match self {
            Self::Forward => i64::MIN,
            Self::Backward => i64::MAX,
        }
    }

    fn next_rowid(self, rowid: i64) -> Option<i64> {
        match self {
            Self::Forward => rowid.checked_add(1),
            Self::Backward => rowid.checked_sub(1),
        }
    }
}

/// An issue row as it is stored.
pub(super) struct StoredIssue<'row> {
    pub(super) rowid: i64,
    pub(super) identity: ValueRef<'row>,
    pub(super) payload: ValueRef<'row>,
}

/// What a visitor says to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Take this row and go on.
    Next,
    /// Take this row and end the chunk.
    Pause,
    /// Leave this row for another time and end the chunk.
    Leave,
}

/// Rows that one chunk reads at most.
const CHUNK_ROWS: i64 = 2_000;
/// How long one chunk may keep a writer waiting.
const CHUNK_TIME: Duration = Duration::from_millis(20);

/// Visits the next chunk of a system's issues and moves the mark.
pub(super) fn issues(
    snapshot: &Snapshot,
    system: &str,
    direction: Direction,
    mark: &mut Mark,
    mut visit: impl FnMut(&StoredIssue) -> Step,
) -> Result<(), StoreError> {
    if !snapshot.tables.issues {
        *mark = Mark::Done;
    }
    let since = Instant::now();
    let mut statement = snapshot.connection.prepare_cached(&mark.sql(direction))?;
    let mut rows = match &*mark {
        Mark::Done => return Ok(()),
        Mark::Keys => statement.query(params![system])?,
        Mark::Nulls(rowid) => statement.query(params![system, rowid])?,
        Mark::Past(key) => statement.query(params![system, Bound(key)])?,
        Mark::From(key, rowid) => statement.query(params![system, Bound(key), rowid])?,
    };
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        seen += 1;
        let issue = StoredIssue {
            rowid: row.get(0)?,
            identity: row.get_ref(1)?,
            payload: row.get_ref(3)?,
        };
        let mine = row.get::<_, Option<bool>>(2)? == Some(true);
        let step = if mine { visit(&issue) } else { Step::Next };
        if step == Step::Leave {
            *mark = match issue_key(&issue) {
                RowKey::Null(rowid) => Mark::Nulls(rowid),
                key => Mark::From(key, issue.rowid),
            };
            return Ok(());
        }
        if step == Step::Pause || seen == CHUNK_ROWS || since.elapsed() > CHUNK_TIME {
            *mark = Mark::past_row(issue_key(&issue), issue.rowid, direction);
            return Ok(());
        }
    }
    *mark = mark.exhausted(direction);
    Ok(())
}

/// An issue's place in the order; numbers are refused when the schema is checked.
pub(super) fn issue_key(issue: &StoredIssue) -> RowKey {
    match issue.identity {
        ValueRef::Text(bytes) => RowKey::Text(bytes.to_vec()),
        ValueRef::Blob(bytes) => RowKey::Blob(bytes.to_vec()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => RowKey::Null(issue.rowid),
    }
}

/// A key as a parameter, with its own type and bytes.
struct Bound<'key>(&'key RowKey);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            RowKey::Text(bytes) => ValueRef::Text(bytes),
            RowKey::Blob(bytes) => ValueRef::Blob(bytes),
            RowKey::Null(_) | RowKey::Mapping { .. } => ValueRef::Null,
        }))
    }
}
