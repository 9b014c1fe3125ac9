//! Rows as the tables show them, fetched a window at a time: the keyset vocabulary that store, inspector and
//! commands share. Nothing here ever holds all rows.

use std::cmp::Ordering;

use super::filter::Filter;
use super::issue::Issue;
use super::mapping::Mapping;
use super::sort::Sort;

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

impl RowKey {
    /// Compares places in publish order.
    pub fn in_order(&self, other: &Self) -> Ordering {
        let by_number = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Equal);
        match (self, other) {
            (Self::Null(a), Self::Null(b)) | (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) | (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            (
                Self::Mapping { wp_id, system, rowid },
                Self::Mapping {
                    wp_id: other_wp,
                    system: other_system,
                    rowid: other_rowid,
                },
            ) => (wp_id, system, rowid).cmp(&(other_wp, other_system, other_rowid)),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => by_number(a, b),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null(_) => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Blob(_) => 3,
            Self::Mapping { .. } => 4,
        }
    }

    /// The bytes that its texts take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Null(_) | Self::Integer(_) | Self::Real(_) => 0,
            Self::Text(bytes) | Self::Blob(bytes) => bytes.len(),
            Self::Mapping { wp_id, system, .. } => wp_id.len() + system.len(),
        }
    }
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
    /// The rows from this number on, counted from 0; the last row when there are fewer.
    Row(u64),
    /// The rows from this part of the table on, in percent.
    Percent(u8),
}

/// How a table's rows are picked and ordered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrange {
    /// Only rows that it matches.
    pub filter: Option<Filter>,
    /// In this order; in publish order without.
    pub sort: Option<Sort>,
}

impl Arrange {
    /// Whether all rows come in publish order.
    pub fn is_plain(&self) -> bool {
        self.filter.is_none() && self.sort.is_none()
    }
}

/// A window of rows in publish order.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether rows may come before the first one.
    pub more_before: bool,
    /// Whether rows may come behind the last one.
    pub more_after: bool,
    /// The first row that was looked at, where a filter left it out.
    pub first_seen: Option<RowKey>,
    /// The last row that was looked at, where a filter left it out.
    pub last_seen: Option<RowKey>,
    /// How many rows come before the first one, when that is known.
    pub rows_before: Option<u64>,
}

impl<T: Keyed> Page<T> {
    /// Where the table goes on behind this page; `None` at its end.
    pub fn next(&self) -> Option<PageFrom> {
        let last = self.last_seen.as_ref().or(self.rows.last().map(Keyed::key));
        let last = last.filter(|_| self.more_after)?;
        Some(PageFrom::After(last.clone()))
    }
}

/// Rows that have a place in publish order.
pub trait Keyed {
    /// That place.
    fn key(&self) -> &RowKey;

    /// The bytes of its JSON that are held.
    fn bytes(&self) -> usize;
}

impl Keyed for IssueRow {
    fn key(&self) -> &RowKey {
        &self.key
    }

    fn bytes(&self) -> usize {
        self.published.as_ref().map_or(0, |issue| issue.json.len())
    }
}

impl Keyed for MappingRow {
    fn key(&self) -> &RowKey {
        &self.key
    }

    fn bytes(&self) -> usize {
        self.json.len()
    }
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

/// What one issue publishes, and what is told of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IssueFacts {
    /// Its values.
    pub issue: Issue,
    /// [`Issue::coerced`] spelled out.
    pub coerced: Vec<CoercedValue>,
    /// The exact bytes of this issue in the body, but for what is [`Self::long`].
    pub json: String,
    /// Texts that are too long to hold: here, and in [`Self::json`], only their beginning is.
    pub long: Vec<LongText>,
}

impl IssueFacts {
    /// How many bytes this issue takes in the body.
    pub fn bytes(&self) -> u64 {
        self.json.len() as u64 + self.long.iter().map(|text| text.missing).sum::<u64>()
    }
}

/// A text of which only the beginning is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongText {
    /// The field.
    pub path: &'static str,
    /// How many bytes more it has in the body.
    pub missing: u64,
}

/// A value that is published otherwise than it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoercedValue {
    /// Where, as `status` or `labels[2]`.
    pub path: String,
    /// The stored value as JSON text; empty where there is none.
    pub stored: String,
    /// The published value as JSON text.
    pub published: String,
    /// The rule in words, with its paragraph of the reference.
    pub rule: &'static str,
}

impl CoercedValue {
    /// The stored value for people.
    pub fn shown_stored(&self) -> &str {
        if self.stored.is_empty() {
            "(missing)"
        } else {
            &self.stored
        }
    }
}

/// Why a row cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowTrouble {
    /// Where in the row's JSON; empty for the whole row.
    pub json_path: String,
    /// In Python's words.
    pub reason: String,
}

/// A mapping row for a table, its detail, or NDJSON.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingRow {
    /// Its rowid in `tracker_mappings`.
    pub rowid: i64,
    /// Its place.
    pub key: RowKey,
    /// Its columns, published or, where it cannot be, readable.
    pub mapping: Mapping,
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
