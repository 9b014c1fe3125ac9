//! What one pass over the store's rows tells, and what other stores hold.

use std::path::PathBuf;

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
    /// Prefixes of issue keys shaped `PREFIX-number`, with counts; at most [`MAX_KEY_PREFIXES`] different ones.
    pub key_prefixes: Vec<(String, u64)>,
    /// Issues whose key is not shaped so, or whose prefix found no place in the list.
    pub other_keys: u64,
    /// Length and digest of the whole body; `None` when a row is invalid or the head cannot be encoded.
    pub body: Option<BodyFacts>,
}

/// Most different key prefixes that are counted apart.
pub const MAX_KEY_PREFIXES: usize = 64;

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

/// Another store beside the one that the scope names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiblingStore {
    /// Its file.
    pub path: PathBuf,
    /// The systems of its issues with their counts, counted up to [`MAX_SIBLING_COUNT`].
    pub systems: Vec<(String, u64)>,
    /// Some of the workspaces that its mappings and issues name.
    pub workspaces: Vec<String>,
}

/// Counting in other stores stops here.
pub const MAX_SIBLING_COUNT: u64 = 10_000;
