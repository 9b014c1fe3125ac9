//! What the two walks through the store share: direction, chunks, and values as they are stored.
//!
//! A walk keeps its place as a mark, so that each chunk is a transaction of its own and no `OFFSET` is ever counted.

use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;

use crate::domain::stored::StoredValue;
use crate::domain::window::RowKey;

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In publish order.
    Forward,
    /// Against it.
    Backward,
}

impl Direction {
    /// The other way.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }

    pub(super) fn sql(self) -> (char, &'static str) {
        match self {
            Self::Forward => ('>', "ASC"),
            Self::Backward => ('<', "DESC"),
        }
    }

    pub(super) fn first_rowid(self) -> i64 {
        match self {
            Self::Forward => i64::MIN,
            Self::Backward => i64::MAX,
        }
    }

    pub(super) fn next_rowid(self, rowid: i64) -> Option<i64> {
        match self {
            Self::Forward => rowid.checked_add(1),
            Self::Backward => rowid.checked_sub(1),
        }
    }
}

/// Where a walk starts.
#[derive(Clone, Debug)]
pub enum Anchor {
    /// At the end that its direction leads away from.
    Edge,
    /// At the rows with this key, themselves included.
    At(RowKey),
    /// Past the rows with this key.
    Past(RowKey),
}

/// How much a walk reads of texts that are too long to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// All of them.
    #[default]
    Whole,
    /// What they begin with.
    Beginnings,
    /// Nothing: only the places of such rows count.
    Unread,
}

/// What a visitor says to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take this row and go on.
    Next,
    /// Take this row and end the chunk.
    Pause,
    /// The walk is over.
    Stop,
}

/// Rows that one chunk reads at most.
pub(super) const CHUNK_ROWS: i64 = 2_048;
/// How long one chunk may keep a writer waiting.
const CHUNK_TIME: Duration = Duration::from_millis(20);

/// Bytes of rows between two looks at the clock.
const LOOK_EVERY: usize = 16 << 10;

/// Tells when a chunk has had its share.
pub(super) struct Clock {
    since: Instant,
    rows: i64,
    unlooked: usize,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            since: Instant::now(),
            rows: 0,
            unlooked: 0,
        }
    }

    /// Counts a row that has been visited before.
    pub(super) fn pass(&mut self) {
        self.rows += 1;
    }

    /// Counts a row of so many bytes; true when it should be the chunk's last one.
    pub(super) fn tick(&mut self, bytes: usize) -> bool {
        self.rows += 1;
        self.unlooked += bytes;
        if self.rows == CHUNK_ROWS {
            // SQL has no more for this chunk, so its last row must be remembered whatever the time is.
            return true;
        }
        if self.unlooked < LOOK_EVERY {
            return false;
        }
        self.unlooked = 0;
        self.since.elapsed() > CHUNK_TIME
    }
}

/// A column's value in the terms of the domain.
pub(super) fn stored(value: ValueRef<'_>) -> StoredValue<'_> {
    match value {
        ValueRef::Null => StoredValue::Null,
        ValueRef::Integer(number) => StoredValue::Integer(number),
        ValueRef::Real(number) => StoredValue::Real(number),
        ValueRef::Text(bytes) => StoredValue::Text(bytes),
        ValueRef::Blob(bytes) => StoredValue::Blob(bytes),
    }
}
