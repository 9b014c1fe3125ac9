//! The issues of one system in publish order (reference 21): NULL identities by rowid, then numbers (a table without
//! types holds some), text by bytes, blobs.
//!
//! Rows of other systems are stepped over here and not in SQL: then even a chunk without a single row of the wanted
//! system ends on time.

use rusqlite::limits::Limit;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, ffi};

use super::long::{Cut, LONG, LongRow};
use super::walk::{Anchor, CHUNK_ROWS, Clock, Direction, Step, Texts, stored};
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

    /// `until` sets a last identity, which is parameter 4.
    fn sql(&self, direction: Direction, until: bool, payloads: Payloads) -> String {
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
        // Within bounds SQL may pass over rows of other systems: the chunk ends all the same.
        let until_sql = if until {
            "AND identity <= ?4 AND system = ?1"
        } else {
            ""
        };
        // The length is in the row's header: a long payload is not read for it.
        let is_long = format!("typeof(payload) = 'text' AND octet_length(payload) > {LONG}");
        let columns = match payloads {
            Payloads::Short => format!(
                "CASE WHEN system = ?1 AND NOT ({is_long}) THEN payload END, system = ?1, \
                 CASE WHEN {is_long} THEN octet_length(payload) END"
            ),
            Payloads::All if until => "payload".to_owned(),
            Payloads::All => "CASE WHEN system = ?1 THEN payload END, system = ?1".to_owned(),
        };
        format!(
            "SELECT rowid, identity, {columns} FROM tracker_issues WHERE {place} {until_sql} \
             ORDER BY identity {order}, rowid {order} LIMIT {CHUNK_ROWS}"
        )
    }
}

/// Which payloads SQL reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payloads {
    /// Each one.
    All,
    /// Of long ones only how long they are.
    Short,
}

/// An issue row as it is stored. Of most rows nothing but the payload is ever asked for.
pub(super) struct StoredIssue<'row> {
    row: &'row Row<'row>,
    /// Of a cut row what is left of it.
    pub(super) payload: StoredValue<'row>,
    pub(super) cut: Option<&'row Cut>,
}

impl<'row> StoredIssue<'row> {
    fn of(row: &'row Row<'row>) -> rusqlite::Result<Self> {
        Ok(Self {
            row,
            payload: stored(row.get_ref(2)?),
            cut: None,
        })
    }

    pub(super) fn rowid(&self) -> i64 {
        // The statement has this column, and a rowid is a whole number.
        self.row.get(0).unwrap_or_default()
    }

    pub(super) fn identity(&self) -> StoredValue<'row> {
        self.row.get_ref(1).map_or(StoredValue::Null, stored)
    }

    /// How much there is of it, at least as much as any row costs.
    fn bytes(&self) -> usize {
        const LEAST: usize = 256;
        match self.payload {
            StoredValue::Text(bytes) | StoredValue::Blob(bytes) => bytes.len().max(LEAST),
            _ => LEAST,
        }
    }

    /// Its place in the order.
    pub(super) fn key(&self) -> RowKey {
        key_of(self.identity(), self.rowid())
    }
}

fn key_of(identity: StoredValue, rowid: i64) -> RowKey {
    match identity {
        StoredValue::Text(bytes) => RowKey::Text(bytes.to_vec()),
        StoredValue::Blob(bytes) => RowKey::Blob(bytes.to_vec()),
        StoredValue::Integer(number) => RowKey::Integer(number),
        StoredValue::Real(number) => RowKey::Real(number.to_bits()),
        StoredValue::Null => RowKey::Null(rowid),
    }
}

/// The identity so many rows behind a mark, which must not be among the rows without one; `None` when fewer follow.
/// Only the index is read.
pub(super) fn key_behind(
    snapshot: &Snapshot,
    mark: &Mark,
    rows: usize,
) -> Result<Option<RowKey>, StoreError> {
    if !snapshot.tables.issues || matches!(mark, Mark::Done) {
        return Ok(None);
    }
    let (place, past) = match mark {
        Mark::Past(key) => ("identity > ?1", Some(key)),
        _ => ("identity IS NOT NULL", None),
    };
    let query = format!(
        "SELECT identity FROM tracker_issues WHERE {place} ORDER BY identity LIMIT 1 OFFSET {}",
        rows.saturating_sub(1)
    );
    let mut statement = snapshot.connection.prepare_cached(&query)?;
    if let Some(key) = past {
        statement.raw_bind_parameter(1, Bound(key))?;
    }
    let mut found = statement.raw_query();
    let key = found
        .next()?
        .map(|row| row.get_ref(0).map(|value| key_of(stored(value), 0)));
    Ok(key.transpose()?)
}

/// Which issues to walk along, and how.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) system: &'a str,
    pub(super) direction: Direction,
    /// The last identity, itself included.
    pub(super) until: Option<&'a RowKey>,
    pub(super) texts: Texts,
}

/// Visits the next chunk and moves the mark. Where beginnings are enough it ends at a row with a long payload, which
/// it does not visit: [`long_row`] does.
pub(super) fn chunk(
    snapshot: &Snapshot,
    walk: &Walk<'_>,
    mark: &mut Mark,
    mut visit: impl FnMut(&StoredIssue) -> Step,
) -> Result<Option<LongRow>, StoreError> {
    if !snapshot.tables.issues {
        *mark = Mark::Done;
        return Ok(None);
    }
    if walk.texts == Texts::Whole {
        return Ok(read(snapshot, walk, Payloads::All, mark, 0, &mut visit)?);
    }
    // To ask each row for its length would cost all stores for the sake of a few: SQLite refuses what is too long.
    let most = snapshot.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONG)?;
    let mut seen = 0;
    let done = read(snapshot, walk, Payloads::All, mark, 0, &mut |row| {
        seen += 1;
        visit(row)
    });
    snapshot.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, most)?;
    match done {
        Err(error) if is_too_big(&error) => {
            Ok(read(snapshot, walk, Payloads::Short, mark, seen, &mut visit)?)
        }
        done => Ok(done?),
    }
}

fn is_too_big(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ffi::ErrorCode::TooBig)
}

/// Visits a chunk but for the first rows of the system, which have been `seen`.
fn read(
    snapshot: &Snapshot,
    walk: &Walk<'_>,
    payloads: Payloads,
    mark: &mut Mark,
    mut seen: u32,
    visit: &mut impl FnMut(&StoredIssue) -> Step,
) -> rusqlite::Result<Option<LongRow>> {
    let direction = walk.direction;
    // Rows without an identity come before all bounds.
    let until = walk.until.filter(|_| !matches!(mark, Mark::Nulls(_)));
    let mut clock = Clock::start();
    let sql = mark.sql(direction, until.is_some(), payloads);
    let mut statement = snapshot.connection.prepare_cached(&sql)?;
    statement.raw_bind_parameter(1, walk.system)?;
    match &*mark {
        Mark::Done => return Ok(None),
        Mark::Keys => {}
        Mark::Nulls(rowid) => statement.raw_bind_parameter(2, rowid)?,
        Mark::Past(key) => statement.raw_bind_parameter(2, Bound(key))?,
        Mark::From(key, rowid) => {
            statement.raw_bind_parameter(2, Bound(key))?;
            statement.raw_bind_parameter(3, rowid)?;
        }
    }
    if let Some(until) = until {
        statement.raw_bind_parameter(4, Bound(until))?;
    }
    let all_mine = until.is_some() && payloads == Payloads::All;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let issue = StoredIssue::of(row)?;
        let mine = all_mine || row.get::<_, Option<bool>>(3)? == Some(true);
        if seen > 0 {
            seen -= u32::from(mine);
            clock.pass();
            continue;
        }
        if payloads == Payloads::Short
            && mine
            && let Some(bytes) = row.get::<_, Option<i64>>(4)?
        {
            let rowid = issue.rowid();
            *mark = Mark::past_row(issue.key(), rowid, direction);
            let bytes = bytes.unsigned_abs();
            return Ok(Some(LongRow { rowid, bytes }));
        }
        let step = if mine { visit(&issue) } else { Step::Next };
        if step == Step::Stop {
            *mark = Mark::Done;
            return Ok(None);
        }
        if clock.tick(issue.bytes()) || step == Step::Pause {
            *mark = Mark::past_row(issue.key(), issue.rowid(), direction);
            return Ok(None);
        }
    }
    *mark = mark.exhausted(direction);
    Ok(None)
}

/// Visits a row with a long payload, cut or whole; `None` when it has gone.
pub(super) fn long_row<T>(
    snapshot: &Snapshot,
    row: LongRow,
    cut: Option<&Cut>,
    visit: impl FnOnce(&StoredIssue) -> T,
) -> Result<Option<T>, StoreError> {
    let payload = if cut.is_some() { "NULL" } else { "payload" };
    let sql = format!("SELECT rowid, identity, {payload} FROM tracker_issues WHERE rowid = ?1");
    let visited = snapshot.connection.query_row(&sql, [row.rowid], |row| {
        let mut issue = StoredIssue::of(row)?;
        if let Some(cut) = cut {
            issue.payload = StoredValue::Text(cut.text.as_bytes());
            issue.cut = Some(cut);
        }
        Ok(visit(&issue))
    });
    Ok(visited.optional()?)
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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// spec-kitty's own table (reference 28).
    const SCHEMA: &str = "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, \
        workspace TEXT NOT NULL, issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT)";

    #[test]
    fn every_chunk_is_found_by_the_index_and_needs_no_sorting() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let key = || RowKey::Text(b"jira:w:1".to_vec());
        for mark in [
            Mark::Nulls(0),
            Mark::Keys,
            Mark::Past(key()),
            Mark::From(key(), 1),
        ] {
            for direction in [Direction::Forward, Direction::Backward] {
                for (until, payloads) in [
                    (false, Payloads::All),
                    (true, Payloads::All),
                    (true, Payloads::Short),
                ] {
                    let sql = mark.sql(direction, until && !matches!(mark, Mark::Nulls(_)), payloads);
                    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                    // Parameters without a value are NULL; the plan is the same.
                    let mut rows = plan.raw_query();
                    let step: String = rows.next().unwrap().unwrap().get(3).unwrap();
                    assert!(rows.next().unwrap().is_none(), "{mark:?}: more than {step}");
                    assert!(
                        step.starts_with("SEARCH tracker_issues USING INDEX"),
                        "{mark:?}: {step}"
                    );
                }
            }
        }
    }
}
