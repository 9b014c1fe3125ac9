//! The issues of one system in publish order (reference 21): NULL identities by rowid, then numbers (a table without
//! types holds some), text by bytes, blobs.
//!
//! Rows of other systems are stepped over here and not in SQL: then even a chunk without a single row of the wanted
//! system ends on time.

use rusqlite::params;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::walk::{Anchor, CHUNK_ROWS, Clock, Direction, Step, stored};
use super::{Snapshot, StoreError};
use crate::domain::stored::StoredValue;
use crate::domain::window::RowKey;

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
    /// Where a walk in this direction starts.
    pub(super) fn new(anchor: Anchor, direction: Direction) -> Self {
        match (anchor, direction) {
            (Anchor::Edge, Direction::Forward) => Self::Nulls(i64::MIN),
            (Anchor::Edge, Direction::Backward) => Self::Keys,
            (Anchor::At(RowKey::Null(rowid)), _) => Self::Nulls(rowid),
            (Anchor::At(key), _) => Self::From(key, direction.first_rowid()),
            (Anchor::Past(RowKey::Null(rowid)), _) => Self::past_row(RowKey::Null(rowid), rowid, direction),
            (Anchor::Past(key), _) => Self::Past(key),
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
            Self::From(..) => {
                format!("identity {beyond}= ?2 AND (identity {beyond} ?2 OR +rowid {beyond}= ?3)")
            }
        };
        format!(
            "SELECT rowid, identity, system = ?1, CASE WHEN system = ?1 THEN payload END FROM tracker_issues \
             WHERE {place} ORDER BY identity {order}, rowid {order} LIMIT {CHUNK_ROWS}"
        )
    }
}

/// An issue row as it is stored.
pub(super) struct StoredIssue<'row> {
    pub(super) rowid: i64,
    pub(super) identity: StoredValue<'row>,
    pub(super) payload: StoredValue<'row>,
}

impl StoredIssue<'_> {
    /// Its place in the order.
    pub(super) fn key(&self) -> RowKey {
        match self.identity {
            StoredValue::Text(bytes) => RowKey::Text(bytes.to_vec()),
            StoredValue::Blob(bytes) => RowKey::Blob(bytes.to_vec()),
            StoredValue::Integer(number) => RowKey::Integer(number),
            StoredValue::Real(number) => RowKey::Real(number.to_bits()),
            StoredValue::Null => RowKey::Null(self.rowid),
        }
    }
}

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
        return Ok(());
    }
    let mut clock = Clock::start();
    let mut statement = snapshot.connection.prepare_cached(&mark.sql(direction))?;
    let mut rows = match &*mark {
        Mark::Done => return Ok(()),
        Mark::Keys => statement.query(params![system])?,
        Mark::Nulls(rowid) => statement.query(params![system, rowid])?,
        Mark::Past(key) => statement.query(params![system, Bound(key)])?,
        Mark::From(key, rowid) => statement.query(params![system, Bound(key), rowid])?,
    };
    while let Some(row) = rows.next()? {
        let issue = StoredIssue {
            rowid: row.get(0)?,
            identity: stored(row.get_ref(1)?),
            payload: stored(row.get_ref(3)?),
        };
        let mine = row.get::<_, Option<bool>>(2)? == Some(true);
        let step = if mine { visit(&issue) } else { Step::Next };
        if step == Step::Stop {
            *mark = Mark::Done;
            return Ok(());
        }
        if clock.tick() || step == Step::Pause {
            *mark = Mark::past_row(issue.key(), issue.rowid, direction);
            return Ok(());
        }
    }
    *mark = mark.exhausted(direction);
    Ok(())
}

/// A key as a parameter, with its own type and bytes.
struct Bound<'key>(&'key RowKey);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            RowKey::Text(bytes) => ValueRef::Text(bytes),
            RowKey::Blob(bytes) => ValueRef::Blob(bytes),
            RowKey::Integer(number) => ValueRef::Integer(*number),
            RowKey::Real(bits) => ValueRef::Real(f64::from_bits(*bits)),
            RowKey::Null(_) | RowKey::Mapping { .. } => ValueRef::Null,
        }))
    }
}
