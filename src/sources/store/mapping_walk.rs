//! All mappings in publish order (reference 25): `ORDER BY wp_id, system`, equal ones by rowid.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, params};

use super::walk::{Anchor, CHUNK_ROWS, Clock, Direction, Step, stored};
use super::{Snapshot, StoreError};
use crate::domain::stored::StoredValue;
use crate::domain::window::RowKey;

/// Where a walk over the mappings goes on.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// Before the first row.
    Edge,
    /// Past all rows with this key.
    Past(Key),
    /// At this key, its rows from this rowid on.
    From(Key, i64),
    /// It has seen all rows.
    Done,
}

/// `wp_id` and `system` with their own types.
#[derive(Clone, Debug)]
pub(super) struct Key {
    wp_id: Value,
    system: Value,
}

/// A value that can be compared with the column it came from; text may be anything.
#[derive(Clone, Debug)]
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Mark {
    /// Where a walk in this direction starts.
    pub(super) fn new(snapshot: &Snapshot, anchor: Anchor, direction: Direction) -> Result<Self, StoreError> {
        Ok(match anchor {
            Anchor::At(RowKey::Mapping { wp_id, system, rowid }) => {
                Self::From(Key::find(snapshot, wp_id, system, rowid)?, rowid)
            }
            Anchor::Past(RowKey::Mapping { wp_id, system, rowid }) => {
                Self::past_row(Key::find(snapshot, wp_id, system, rowid)?, rowid, direction)
            }
            _ => Self::Edge,
        })
    }

    fn past_row(key: Key, rowid: i64, direction: Direction) -> Self {
        match direction.next_rowid(rowid) {
            Some(next) => Self::From(key, next),
            None => Self::Past(key),
        }
    }

    /// Comparing with NULL is neither true nor false, so where a table without keys holds some they are read as
    /// minus infinity, which sorts at the same place and which the schema check refuses as a stored value.
    fn sql(&self, direction: Direction, null_keys: bool) -> String {
        let (beyond, order) = direction.sql();
        let (wp_id, system) = if null_keys {
            ("ifnull(wp_id, -9e999)", "ifnull(system, -9e999)")
        } else {
            ("wp_id", "system")
        };
        // `+rowid` keeps the planner on the index of the primary key.
        let place = match self {
            Self::Edge | Self::Done => String::new(),
            Self::Past(_) => format!("WHERE ({wp_id}, {system}) {beyond} (?1, ?2)"),
            Self::From(..) => format!(
                "WHERE ({wp_id}, {system}) {beyond}= (?1, ?2) \
                 AND (({wp_id}, {system}) {beyond} (?1, ?2) OR +rowid {beyond}= ?3)"
            ),
        };
        format!(
            "SELECT wp_id, system, workspace, external_id, external_key, external_url, created_at, updated_at, rowid \
             FROM tracker_mappings {place} ORDER BY wp_id {order}, system {order}, rowid {order} LIMIT {CHUNK_ROWS}"
        )
    }
}

impl Key {
    /// The key as it is stored; the texts stand in for a row that has gone.
    fn find(snapshot: &Snapshot, wp_id: String, system: String, rowid: i64) -> Result<Self, StoreError> {
        if snapshot.tables.mappings {
            let mut statement = snapshot
                .connection
                .prepare_cached("SELECT wp_id, system FROM tracker_mappings WHERE rowid = ?1")?;
            let found = statement.query_row([rowid], Self::of).optional()?;
            let shows =
                |value: &Value, text: &str| value.stored().python_str("").is_ok_and(|shown| shown == text);
            match found {
                Some(key) if shows(&key.wp_id, &wp_id) && shows(&key.system, &system) => return Ok(key),
                _ => {}
            }
        }
        Ok(Self {
            wp_id: Value::Text(wp_id.into_bytes()),
            system: Value::Text(system.into_bytes()),
        })
    }

    fn of(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            wp_id: Value::of(row.get_ref(0)?),
            system: Value::of(row.get_ref(1)?),
        })
    }
}

impl Value {
    fn of(value: ValueRef) -> Self {
        match value {
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) => Self::Text(bytes.to_vec()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
            ValueRef::Null => Self::Null,
        }
    }

    fn stored(&self) -> StoredValue<'_> {
        match self {
            Self::Null => StoredValue::Null,
            Self::Integer(number) => StoredValue::Integer(*number),
            Self::Real(number) => StoredValue::Real(*number),
            Self::Text(bytes) => StoredValue::Text(bytes),
            Self::Blob(bytes) => StoredValue::Blob(bytes),
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Real(f64::NEG_INFINITY),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A mapping row as it is stored.
pub(super) struct StoredMapping<'row> {
    pub(super) rowid: i64,
    /// In the order of [`crate::domain::mapping::COLUMNS`].
    pub(super) columns: [StoredValue<'row>; 8],
}

/// What a mapping is taken to weigh.
const ROW_BYTES: usize = 1_024;

/// Visits the next chunk of the mappings and moves the mark.
pub(super) fn mappings(
    snapshot: &Snapshot,
    direction: Direction,
    mark: &mut Mark,
    mut visit: impl FnMut(&StoredMapping) -> Step,
) -> Result<(), StoreError> {
    if !snapshot.tables.mappings {
        *mark = Mark::Done;
        return Ok(());
    }
    let mut clock = Clock::start();
    let mut statement = snapshot
        .connection
        .prepare_cached(&mark.sql(direction, snapshot.tables.null_keys))?;
    let mut rows = match &*mark {
        Mark::Done => return Ok(()),
        Mark::Edge => statement.query([])?,
        Mark::Past(key) => statement.query(params![key.wp_id, key.system])?,
        Mark::From(key, rowid) => statement.query(params![key.wp_id, key.system, rowid])?,
    };
    while let Some(row) = rows.next()? {
        let mut columns = [StoredValue::Null; 8];
        for (index, column) in columns.iter_mut().enumerate() {
            *column = stored(row.get_ref(index)?);
        }
        let mapping = StoredMapping {
            rowid: row.get(8)?,
            columns,
        };
        let step = visit(&mapping);
        if step == Step::Stop {
            break;
        }
        if clock.tick(ROW_BYTES) || step == Step::Pause {
            *mark = Mark::past_row(Key::of(row)?, mapping.rowid, direction);
            return Ok(());
        }
    }
    *mark = Mark::Done;
    Ok(())
}
