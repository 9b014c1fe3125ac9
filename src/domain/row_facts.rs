//! What one pass over the store's rows tells.

use super::evaluation::BodyFacts;

/// What one audit pass over the rows found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowFacts {
    /// Issues whose `system` is the normalised provider.
    pub issues: u64,
    /// All mappings.
    pub mappings: u64,
    /// How many rows cannot be published.
    pub invalid_rows: u64,
    /// The first of them, in publish order.
    pub invalid: Vec<InvalidRow>,
    /// Prefixes of issue keys shaped `PREFIX-number`, most frequent first; at most [`MAX_DISTINCT`] different ones.
    pub key_prefixes: Vec<Group>,
    /// Issues whose key is not shaped so, or whose prefix found no place in the list.
    pub other_keys: u64,
    /// What issues have as `ref.workspace`, most frequent first; at most [`MAX_DISTINCT`] different ones.
    pub workspaces: Vec<Group>,
    /// Values that are published otherwise than they are stored (reference 33-35); dates that are only written
    /// differently and defaults for missing keys are not among them.
    pub coerced: Sightings,
    /// Sent texts with characters that cannot be seen.
    pub hidden: Sightings,
    /// Mappings of another system than the one whose issues are published (reference B13).
    pub foreign_mappings: Sightings,
    /// Mappings of this system that match no issue, and issues that no mapping matches (reference B11); `None` with
    /// more mappings than are compared.
    pub joins: Option<JoinFacts>,
    /// Length and digest of the whole body; `None` when a row is invalid or the head cannot be encoded.
    pub body: Option<BodyFacts>,
}

/// How far an audit pass has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsRead {
    /// Issues so far.
    pub issues: u64,
    /// Mappings so far.
    pub mappings: u64,
    /// How many per cent of the issues' table are read, once that can be told.
    pub percent: Option<u8>,
}

/// Most different values of one kind that are counted apart.
pub const MAX_DISTINCT: usize = 64;
/// Rows of one kind that are named; all are counted.
pub const MAX_NAMED: usize = 20;

/// Rows that share a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value.
    pub value: String,
    /// How many rows have it.
    pub count: u64,
    /// The first of them, in publish order.
    pub first: Sighting,
}

/// One row, or one place in it, that is worth telling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// Its table.
    pub table: &'static str,
    /// Its rowid.
    pub rowid: i64,
    /// Its identity as text.
    pub identity: String,
    /// Where in the row's JSON, or the column; empty for the whole row.
    pub json_path: String,
    /// What is there, in words; may hold text of the row.
    pub what: String,
}

/// Places of one kind: all counted, the first named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// How many places there are.
    pub count: u64,
    /// The first of them, at most [`MAX_NAMED`].
    pub first: Vec<Sighting>,
}

impl Sightings {
    /// Counts one more; it is only put into words while there is room.
    pub fn add(&mut self, sighting: impl FnOnce() -> Sighting) {
        self.count += 1;
        if self.first.len() < MAX_NAMED {
            self.first.push(sighting());
        }
    }

    /// Takes in the places of later rows.
    pub fn append(&mut self, later: Self) {
        self.count += later.count;
        let room = MAX_NAMED.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
    }
}

/// How mappings and issues match: by id, then key, then URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinFacts {
    /// Mappings of this system that no issue matches.
    pub unmatched_mappings: Sightings,
    /// Issues that no mapping matches.
    pub unmapped_issues: u64,
}

/// A row that spec-kitty cannot publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRow {
    /// Its table.
    pub table: &'static str,
    /// Its rowid.
    pub rowid: i64,
    /// Its identity as text.
    pub identity: String,
    /// Where in the row's JSON; empty for the whole row.
    pub json_path: String,
    /// Why, in Python's words.
    pub reason: String,
    /// A lone surrogate in a sent field: `payload-not-encodable` and not `issue-row-invalid`.
    pub unencodable: bool,
}
