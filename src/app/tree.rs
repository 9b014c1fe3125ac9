//! The body as a tree of its eleven fields; issues and mappings are unfolded by window (contract, "Tracker Snapshot
//! Publish Payload").

use std::collections::{HashMap, HashSet};

use super::effect::Table;
use super::row_lines::RowLine;
use crate::domain::window::RowKey;

/// A place in the tree; it stays the same when rows come and go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// One of the eleven fields.
    Field(&'static str),
    /// A value within a field that is an object.
    Member(&'static str, String),
    /// A row of a table.
    Row(Table, RowKey),
    /// A line of a row's JSON.
    Line(Table, RowKey, usize),
    /// Rows before those that are at hand.
    Above(Table),
    /// Rows behind them.
    Below(Table),
}

/// The eleven fields in their order.
pub const FIELDS: [&str; 11] = [
    "provider",
    "workspace",
    "external_resource_type",
    "external_resource_id",
    "doctrine_mode",
    "doctrine_field_owners",
    "project_uuid",
    "project_slug",
    "issues",
    "mappings",
    "checkpoint",
];

/// A row that the cursor goes to as soon as it is there.
#[derive(Debug)]
pub struct Aim {
    /// Of which table: the row under the cursor of its window.
    pub table: Table,
    /// The member of the row, as `ref.id`; the row itself when empty.
    pub member: String,
}

/// Which folds are open, and where the cursor is.
#[derive(Debug)]
pub struct Tree {
    /// The node under the cursor.
    pub cursor: Node,
    /// The folds that are open.
    pub open: HashSet<Node>,
    /// Where the cursor goes next.
    pub aim: Option<Aim>,
    /// The lines of the unfolded rows that are at hand, by table.
    pub(super) lines: [HashMap<RowKey, Vec<RowLine>>; 2],
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            cursor: Node::Field("provider"),
            open: HashSet::new(),
            aim: None,
            lines: Default::default(),
        }
    }
}

impl Tree {
    /// Whether a fold is open.
    pub fn is_open(&self, node: &Node) -> bool {
        self.open.contains(node)
    }

    /// The lines of a row that is unfolded and at hand.
    pub fn lines(&self, table: Table, key: &RowKey) -> Option<&[RowLine]> {
        self.lines[table as usize].get(key).map(Vec::as_slice)
    }
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// Its place.
    pub node: Node,
    /// How deep.
    pub depth: usize,
    /// Whether it can be unfolded, and is.
    pub fold: Option<bool>,
    /// The field's name, or the row's place.
    pub name: String,
    /// The value, as JSON where it is one.
    pub value: String,
    /// `≈` for coerced values, `✗` with the reason for bad rows.
    pub note: String,
}

/// The table that a node belongs to.
pub fn table_of(node: &Node) -> Option<Table> {
    match node {
        Node::Field(field) => Table::of_field(field),
        Node::Member(..) => None,
        Node::Row(table, _) | Node::Line(table, ..) | Node::Above(table) | Node::Below(table) => Some(*table),
    }
}
