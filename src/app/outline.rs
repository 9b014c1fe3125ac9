//! The lines of the body's tree, made one by one where they are looked at.

use std::collections::HashMap;

use super::effect::Table;
use super::model::Model;
use super::row_lines::{RowLine, row_lines};
use super::tree::{Node, Tree, TreeLine, table_of};
use super::window::Window;
use crate::domain::evaluation::Evaluation;
use crate::domain::window::{IssueFacts, IssueRow, Keyed, LongText, MappingRow, RowKey};

/// The lines of the tree as it is unfolded. A line is made only when it is asked for: rows at hand are many, rows on
/// the screen few.
pub struct Outline<'a> {
    tree: &'a Tree,
    parts: Vec<Part<'a>>,
}

enum Part<'a> {
    Line(TreeLine),
    Rows(RowsPart<'a>),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Line(_) => 1,
            Self::Rows(rows) => rows.len(),
        }
    }
}

impl<'a> Outline<'a> {
    /// The outline of the model's tree.
    pub fn of(model: &'a Model) -> Self {
        let mut lines = Lines {
            tree: &model.tree,
            parts: Vec::new(),
        };
        if let Some(snapshot) = &model.snapshot {
            let evaluation = &snapshot.evaluation;
            head(&mut lines, evaluation);
            list(
                &mut lines,
                Table::Issues,
                &model.body_issues,
                evaluation.store.issues,
            );
            list(
                &mut lines,
                Table::Mappings,
                &model.body_mappings,
                evaluation.store.mappings,
            );
            checkpoint(&mut lines, evaluation);
        }
        Self {
            tree: &model.tree,
            parts: lines.parts,
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// A line.
    pub fn line(&self, index: usize) -> Option<TreeLine> {
        let mut left = index;
        for part in &self.parts {
            match part {
                Part::Line(line) if left == 0 => return Some(line.clone()),
                Part::Rows(rows) if left < rows.len() => return Some(rows.line(left)),
                part => left -= part.len(),
            }
        }
        None
    }

    /// The place of the cursor.
    pub fn cursor(&self) -> usize {
        let cursor = &self.tree.cursor;
        let field = || self.position(&Node::Field(table_of(cursor)?.field()));
        self.position(cursor).or_else(field).unwrap_or(0)
    }

    fn position(&self, node: &Node) -> Option<usize> {
        let mut before = 0;
        for part in &self.parts {
            let within = match part {
                Part::Line(line) => (line.node == *node).then_some(0),
                Part::Rows(rows) => rows.position(node),
            };
            if let Some(within) = within {
                return Some(before + within);
            }
            before += part.len();
        }
        None
    }

    /// How far one can go from a line towards another before rows are missing.
    pub fn before_gap(&self, from: usize, to: usize) -> usize {
        let mut before = 0;
        let mut reached = to;
        for part in &self.parts {
            if matches!(part, Part::Line(line) if matches!(line.node, Node::Above(_) | Node::Below(_))) {
                if from < before && before <= reached {
                    return before - 1;
                }
                if reached <= before && before < from {
                    reached = before + 1;
                }
            }
            before += part.len();
        }
        reached
    }

    /// The line of the fold around a line.
    pub fn around(&self, index: usize) -> Option<TreeLine> {
        let depth = self.line(index)?.depth;
        let mut before = index;
        while before > 0 {
            before -= 1;
            let line = self.line(before)?;
            if line.depth < depth {
                return Some(line);
            }
        }
        None
    }
}

fn checkpoint(lines: &mut Lines<'_>, evaluation: &Evaluation) {
    let checkpoint = evaluation.checkpoint.clone().unwrap_or_default();
    let members = [
        ("cursor".to_owned(), json(checkpoint.cursor.as_deref())),
        (
            "updated_since".to_owned(),
            json(checkpoint.updated_since.as_deref()),
        ),
    ];
    lines.object("checkpoint", &members);
}

fn head(lines: &mut Lines<'_>, evaluation: &Evaluation) {
    let binding = evaluation.binding.as_ref();
    let route = evaluation.route();
    lines.leaf(
        "provider",
        json(binding.map(|binding| binding.normalized_provider.as_str())),
    );
    lines.leaf(
        "workspace",
        json(binding.map(|binding| binding.workspace.as_str())),
    );
    lines.leaf(
        "external_resource_type",
        json(route.map(|route| route.resource_type)),
    );
    lines.leaf(
        "external_resource_id",
        json(route.map(|route| route.resource_id.as_str())),
    );
    lines.leaf(
        "doctrine_mode",
        json(binding.map(|binding| binding.doctrine_mode.as_str())),
    );
    let owners = binding.map_or(&[][..], |binding| &binding.doctrine_field_owners);
    let owners: Vec<_> = owners
        .iter()
        .map(|(field, owner)| (field.clone(), json(Some(owner))))
        .collect();
    lines.object("doctrine_field_owners", &owners);
    lines.leaf("project_uuid", json(evaluation.project_uuid.as_deref()));
    lines.leaf("project_slug", json(evaluation.project_slug.as_deref()));
}

/// A text as JSON, or `null`.
fn json(text: Option<&str>) -> String {
    text.map_or_else(
        || "null".to_owned(),
        |text| serde_json::Value::from(text).to_string(),
    )
}

struct Lines<'a> {
    tree: &'a Tree,
    parts: Vec<Part<'a>>,
}

impl Lines<'_> {
    fn push(&mut self, node: Node, depth: usize, fold: Option<bool>, name: impl Into<String>, value: String) {
        self.parts.push(Part::Line(TreeLine {
            node,
            depth,
            fold,
            name: name.into(),
            value,
            note: String::new(),
        }));
    }

    fn leaf(&mut self, name: &'static str, value: String) {
        self.push(Node::Field(name), 0, None, name, value);
    }

    fn fold(&mut self, name: &'static str, value: String) {
        let open = self.tree.is_open(&Node::Field(name));
        self.push(Node::Field(name), 0, Some(open), name, value);
    }

    fn object(&mut self, name: &'static str, members: &[(String, String)]) {
        self.fold(name, format!("{{{}}}", members.len()));
        if self.tree.is_open(&Node::Field(name)) {
            for (key, value) in members {
                let node = Node::Member(name, key.clone());
                self.push(node, 1, None, key, value.clone());
            }
        }
    }
}

/// A row as the tree shows it.
pub(super) trait BodyRow: Keyed {
    /// What stands behind its number, and what is to be noted of it.
    fn shown(&self) -> (String, String);

    /// Its bytes in the body, but for what is [`Self::long`]; `None` when it cannot be published.
    fn json(&self) -> Option<&str>;

    /// Texts of which only the beginning is at hand.
    fn long(&self) -> &[LongText] {
        &[]
    }
}

impl BodyRow for IssueRow {
    fn shown(&self) -> (String, String) {
        match &self.published {
            Ok(IssueFacts { issue, .. }) => {
                let note = if issue.coerced.is_empty() { "" } else { "≈" };
                let title = json(Some(&issue.title));
                (format!("{}  {title}", issue.name()), note.to_owned())
            }
            Err(trouble) => (self.identity.clone(), format!("✗ {}", trouble.reason)),
        }
    }

    fn json(&self) -> Option<&str> {
        self.published.as_ref().ok().map(|issue| issue.json.as_str())
    }

    fn long(&self) -> &[LongText] {
        self.published.as_ref().map_or(&[], |issue| &issue.long)
    }
}

impl BodyRow for MappingRow {
    fn shown(&self) -> (String, String) {
        let mapping = &self.mapping;
        let row = format!("{}  {}", mapping.wp_id, mapping.issue_name());
        (row, String::new())
    }

    fn json(&self) -> Option<&str> {
        Some(&self.json)
    }
}

impl Model {
    /// Unfolds the rows at hand whose folds are open: after one was opened, and when rows have come.
    pub(super) fn unfold_rows(&mut self) {
        let (issues, mappings) = (&self.body_issues, &self.body_mappings);
        self.tree.lines = [
            unfolded(&self.tree, Table::Issues, issues),
            unfolded(&self.tree, Table::Mappings, mappings),
        ];
    }
}

fn unfolded<T: BodyRow>(tree: &Tree, table: Table, window: &Window<T>) -> HashMap<RowKey, Vec<RowLine>> {
    let open = |row: &&T| tree.is_open(&Node::Row(table, row.key().clone()));
    let rows = window.rows().iter().filter(open);
    rows.map(|row| (row.key().clone(), row_lines(row.json().unwrap_or_default())))
        .collect()
}

/// Rows at hand, some of them unfolded.
struct RowsPart<'a> {
    table: Table,
    rows: Vec<&'a dyn BodyRow>,
    /// How many rows come before them.
    before: Option<u64>,
    /// The unfolded rows by their number, with the lines of their JSON.
    open: Vec<(usize, &'a [RowLine])>,
}

impl RowsPart<'_> {
    fn len(&self) -> usize {
        self.rows.len() + self.open.iter().map(|(_, lines)| lines.len()).sum::<usize>()
    }

    /// The number of the row that a line belongs to, and which line of its JSON it is.
    fn place(&self, index: usize) -> (usize, Option<usize>) {
        let mut lines_before = 0;
        for (row, lines) in &self.open {
            let at = row + lines_before;
            if index <= at {
                break;
            }
            if index <= at + lines.len() {
                return (*row, Some(index - at - 1));
            }
            lines_before += lines.len();
        }
        (index - lines_before, None)
    }

    fn line(&self, index: usize) -> TreeLine {
        let (number, line) = self.place(index);
        let row = self.rows[number];
        let open = self.open.iter().find(|(open, _)| *open == number);
        if let (Some(line), Some((_, lines))) = (line, open) {
            return TreeLine {
                node: Node::Line(self.table, row.key().clone(), line),
                depth: 2,
                fold: None,
                name: lines[line].text.clone(),
                value: String::new(),
                note: String::new(),
            };
        }
        let (value, note) = row.shown();
        TreeLine {
            node: Node::Row(self.table, row.key().clone()),
            depth: 1,
            fold: Some(open.is_some()),
            name: counted(self.before.map(|before| before + number as u64)),
            value,
            note,
        }
    }

    fn position(&self, node: &Node) -> Option<usize> {
        let (table, key, line) = match node {
            Node::Row(table, key) => (table, key, None),
            Node::Line(table, key, line) => (table, key, Some(*line)),
            _ => return None,
        };
        let row = self.rows.iter().position(|row| row.key() == key);
        let row = row.filter(|_| *table == self.table)?;
        let above = self.open.iter().filter(|(open, _)| *open < row);
        let at = row + above.map(|(_, lines)| lines.len()).sum::<usize>();
        let Some(line) = line else { return Some(at) };
        let (_, lines) = self.open.iter().find(|(open, _)| *open == row)?;
        (line < lines.len()).then_some(at + 1 + line)
    }
}

/// A list of the body, its rows when it is unfolded.
fn list<'a, T: BodyRow>(lines: &mut Lines<'a>, table: Table, window: &'a Window<T>, count: Option<u64>) {
    let (tree, field) = (lines.tree, table.field());
    lines.fold(field, counted(count));
    if !tree.is_open(&Node::Field(field)) {
        return;
    }
    let Some(page) = &window.page else {
        let waiting = window.trouble.clone().unwrap_or_else(|| "⋯ reading".to_owned());
        return lines.push(Node::Below(table), 1, None, waiting, String::new());
    };
    if page.more_before {
        let count = window
            .rows_before
            .map_or_else(String::new, |count| format!("{count} "));
        let above = format!("⋯ {count}{field} above");
        lines.push(Node::Above(table), 1, None, above, String::new());
    }
    let lines_of = |(number, row): (usize, &T)| Some((number, tree.lines(table, row.key())?));
    lines.parts.push(Part::Rows(RowsPart {
        table,
        rows: page.rows.iter().map(|row| row as &dyn BodyRow).collect(),
        before: window.rows_before,
        open: page.rows.iter().enumerate().filter_map(lines_of).collect(),
    }));
    if page.more_after {
        let below = format!("⋯ {field} below");
        lines.push(Node::Below(table), 1, None, below, String::new());
    }
}

/// How many rows there are, or which of them one is.
pub(super) fn counted(number: Option<u64>) -> String {
    number.map_or_else(|| "[…]".to_owned(), |number| format!("[{number}]"))
}
