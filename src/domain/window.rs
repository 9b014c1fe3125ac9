//! Rows as the tables show them, fetched a window at a time: the keyset vocabulary that store, inspector and
//! commands share. Nothing here ever holds all rows.

/// A row's place in publish order (`ORDER BY identity`, binary: NULL first, then numbers, text by bytes, blobs).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// NULL, told apart by rowid.
    Null(i64),
    /// A whole number, in a table without types.
    Integer(i64),
    /// The bits of a floating-point number, in a table without types.
    Real(u64),
    /// Text, by its bytes.
    Text(Vec<u8>),
    /// A blob.
    Blob(Vec<u8>),
    /// A mapping: `(wp_id, system)` with the rowid for rows whose key is not text.
    Mapping {
        /// `wp_id`.
        wp_id: String,
        /// `system`.
        system: String,
        /// Its rowid.
        rowid: i64,
    },
}

/// Which rows to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageFrom {
    /// The first rows.
    Start,
    /// The last rows.
    End,
    /// The rows behind this one.
    After(RowKey),
    /// The rows before this one, nearest last.
    Before(RowKey),
    /// The rows from this one on, itself included when it still exists.
    At(RowKey),
}

/// A window of rows in publish order.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether rows come before the first one.
    pub more_before: bool,
    /// Whether rows come behind the last one.
    pub more_after: bool,
}

/// An issue row for a table, its detail, or NDJSON.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueRow {
    /// Its rowid in `tracker_issues`.
    pub rowid: i64,
    /// Its place.
    pub key: RowKey,
    /// `identity` as text.
    pub identity: String,
    /// What is published, or why the row cannot be.
    pub published: Result<IssueFacts, RowTrouble>,
    /// The work packages mapped to it: joined by id, then key, then URL (reference B11).
    pub wp_ids: Vec<String>,
}

/// What one issue publishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IssueFacts {
    /// `ref.id`.
    pub id: String,
    /// `ref.key`.
    pub key: Option<String>,
    /// `ref.url`.
    pub url: Option<String>,
    /// `ref.workspace`.
    pub workspace: String,
    /// `title`.
    pub title: String,
    /// `body`.
    pub body: Option<String>,
    /// `status`.
    pub status: String,
    /// `issue_type`.
    pub issue_type: String,
    /// `priority`.
    pub priority: Option<i64>,
    /// `assignees`.
    pub assignees: Vec<String>,
    /// `labels`.
    pub labels: Vec<String>,
    /// `updated_at`, normalised.
    pub updated_at: Option<String>,
    /// Values that spec-kitty changed silently.
    pub coerced: Vec<CoercedValue>,
    /// The exact bytes of this issue in the body.
    pub json: String,
}

/// A value that is published otherwise than it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoercedValue {
    /// Where, as `status` or `labels[2]`.
    pub path: String,
    /// The stored value as JSON text.
    pub stored: String,
    /// The published value as JSON text.
    pub published: String,
    /// The rule in words, with its paragraph of the reference.
    pub rule: &'static str,
}

/// Why a row cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowTrouble {
    /// Where in the row's JSON; empty for the whole row.
    pub json_path: String,
    /// In Python's words.
    pub reason: String,
}

/// A mapping row for a table, its detail, or NDJSON: published values.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingRow {
    /// Its rowid in `tracker_mappings`.
    pub rowid: i64,
    /// Its place.
    pub key: RowKey,
    /// `wp_id`.
    pub wp_id: String,
    /// `system`.
    pub system: String,
    /// `workspace`.
    pub workspace: String,
    /// `external_id`.
    pub external_id: String,
    /// `external_key`.
    pub external_key: Option<String>,
    /// `external_url`.
    pub external_url: Option<String>,
    /// `created_at`.
    pub created_at: String,
    /// `updated_at`.
    pub updated_at: String,
    /// The issue it belongs to.
    pub issue: Option<IssueMatch>,
    /// The exact bytes of this mapping in the body.
    pub json: String,
}

/// The issue that a mapping was joined to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueMatch {
    /// The issue's identity.
    pub identity: String,
    /// Its title, when the row can be published.
    pub title: Option<String>,
    /// What matched: `id`, `key` or `url`.
    pub by: &'static str,
}
