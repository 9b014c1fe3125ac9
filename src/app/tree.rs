//! The body as a tree of its eleven fields; issues and mappings are unfolded by window (contract, "Tracker Snapshot
//! Publish Payload").

use std::collections::HashSet;

use super::effect::Table;
use super::model::Model;
use super::window::{Keyed, Window};
use crate::domain::evaluation::Evaluation;
use crate::domain::window::{IssueRow, MappingRow, RowKey};

/// Most lines of one row's JSON that are shown.
const MAX_ROW_LINES: usize = 400;

/// A place in the tree; it stays the same when rows come and go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// One of the eleven fields.
    Field(&'static str),
    /// A value within a field that is an object.
    Member(&'static str, String),
    /// A row of a table.
    Issue(RowKey),
    /// A row of a table.
    Mapping(RowKey),
    /// A line of a row's JSON.
    Line(Box<Self>, usize),
    /// Rows that are not at hand.
    Gap(&'static str),
}

/// Which folds are open, and where the cursor is.
#[derive(Debug)]
pub struct Tree {
    /// The node under the cursor.
    pub cursor: Node,
    /// The folds that are open.
    pub open: HashSet<Node>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            cursor: Node::Field("provider"),
            open: HashSet::new(),
        }
    }
}

impl Tree {
    /// Whether a fold is open.
    pub fn is_open(&self, node: &Node) -> bool {
        self.open.contains(node)
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

/// The lines of the tree as it is unfolded.
pub fn lines(model: &Model) -> Vec<TreeLine> {
    let Some(snapshot) = &model.snapshot else {
        return Vec::new();
    };
    let mut lines = Lines {
        tree: &model.tree,
        lines: Vec::new(),
    };
    let evaluation = &snapshot.evaluation;
    head(&mut lines, evaluation);
    let count = |count: Option<u64>| count.map_or_else(|| "[…]".to_owned(), |count| format!("[{count}]"));
    lines.fold("issues", count(evaluation.store.issues));
    if model.tree.is_open(&Node::Field("issues")) {
        rows(
            &mut lines,
            &model.issues,
            ("issues above", "issues below"),
            issue_line,
        );
    }
    lines.fold("mappings", count(evaluation.store.mappings));
    if model.tree.is_open(&Node::Field("mappings")) {
        rows(
            &mut lines,
            &model.mappings,
            ("mappings above", "mappings below"),
            mapping_line,
        );
    }
    let checkpoint = evaluation.checkpoint.clone().unwrap_or_default();
    let members = [
        ("cursor".to_owned(), json(checkpoint.cursor.as_deref())),
        (
            "updated_since".to_owned(),
            json(checkpoint.updated_since.as_deref()),
        ),
    ];
    lines.object("checkpoint", &members);
    lines.lines
}

fn head(lines: &mut Lines<'_>, evaluation: &Evaluation) {
    let binding = evaluation.binding.as_ref();
    let route = evaluation
        .routing
        .as_ref()
        .and_then(|routing| routing.route.as_ref());
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
    lines: Vec<TreeLine>,
}

impl Lines<'_> {
    fn push(&mut self, node: Node, depth: usize, fold: Option<bool>, name: impl Into<String>, value: String) {
        self.lines.push(TreeLine {
            node,
            depth,
            fold,
            name: name.into(),
            value,
            note: String::new(),
        });
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

/// A row's line and its JSON.
type RowLine<'a> = (TreeLine, &'a str);

fn rows<'a, T: Keyed>(
    lines: &mut Lines<'_>,
    window: &'a Window<T>,
    gaps: (&'static str, &'static str),
    line: fn(&'a T, Option<u64>) -> RowLine<'a>,
) {
    let Some(page) = &window.page else {
        let waiting = window.trouble.clone().unwrap_or_else(|| "⋯ reading".to_owned());
        lines.push(Node::Gap(gaps.1), 1, None, waiting, String::new());
        return;
    };
    if page.more_before {
        lines.push(Node::Gap(gaps.0), 1, None, format!("⋯ {}", gaps.0), String::new());
    }
    for (index, row) in page.rows.iter().enumerate() {
        let ordinal = window.rows_before.map(|before| before + index as u64);
        let (mut line, json) = line(row, ordinal);
        let open = lines.tree.is_open(&line.node);
        line.fold = Some(open);
        let node = line.node.clone();
        lines.lines.push(line);
        if open {
            for (number, text) in json_lines(json).into_iter().enumerate() {
                lines.push(
                    Node::Line(Box::new(node.clone()), number),
                    2,
                    None,
                    text,
                    String::new(),
                );
            }
        }
    }
    if page.more_after {
        lines.push(Node::Gap(gaps.1), 1, None, format!("⋯ {}", gaps.1), String::new());
    }
}

fn place(ordinal: Option<u64>) -> String {
    ordinal.map_or_else(|| "[…]".to_owned(), |ordinal| format!("[{ordinal}]"))
}

fn row_line(node: Node, ordinal: Option<u64>, value: String, note: String) -> TreeLine {
    TreeLine {
        node,
        depth: 1,
        fold: Some(false),
        name: place(ordinal),
        value,
        note,
    }
}

fn issue_line(row: &IssueRow, ordinal: Option<u64>) -> RowLine<'_> {
    let node = Node::Issue(row.key.clone());
    match &row.published {
        Ok(issue) => {
            let name = issue.key.as_deref().unwrap_or(&issue.id);
            let note = if issue.coerced.is_empty() { "" } else { "≈" };
            let value = format!("{name}  {}", json(Some(&issue.title)));
            (row_line(node, ordinal, value, note.to_owned()), &issue.json)
        }
        Err(trouble) => {
            let note = format!("✗ {}", trouble.reason);
            (row_line(node, ordinal, row.identity.clone(), note), "")
        }
    }
}

fn mapping_line(row: &MappingRow, ordinal: Option<u64>) -> RowLine<'_> {
    let issue = row.external_key.as_deref().unwrap_or(&row.external_id);
    let value = format!("{}  {issue}", row.wp_id);
    let line = row_line(Node::Mapping(row.key.clone()), ordinal, value, String::new());
    (line, &row.json)
}

/// JSON text with a line for each member, the values' own text untouched.
pub fn json_lines(json: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    let mut previous = '\0';
    for c in json.chars() {
        if lines.len() > MAX_ROW_LINES {
            lines.push("…".to_owned());
            break;
        }
        let closes = !in_string && matches!(c, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        let opened = !in_string && matches!(previous, '{' | '[');
        if (opened && !closes && c != ' ') || (closes && !opened) {
            lines.push("  ".repeat(depth));
        }
        let skipped = !in_string && c == ' ' && matches!(previous, ',' | '{' | '[');
        if let Some(line) = lines.last_mut().filter(|_| !skipped) {
            line.push(c);
        }
        if !in_string && c == ',' {
            lines.push("  ".repeat(depth));
        }
        depth += usize::from(!in_string && matches!(c, '{' | '['));
        in_string ^= c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
        previous = if in_string || c == '"' { '"' } else { c };
    }
    lines
}

/// The table that a node belongs to.
pub fn table_of(node: &Node) -> Option<Table> {
    match node {
        Node::Field("issues") | Node::Issue(_) | Node::Gap("issues above" | "issues below") => {
            Some(Table::Issues)
        }
        Node::Field("mappings") | Node::Mapping(_) | Node::Gap("mappings above" | "mappings below") => {
            Some(Table::Mappings)
        }
        Node::Line(row, _) => table_of(row),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_json_into_lines_without_touching_strings() {
        let lines = json_lines(r#"{"a":[],"b":"x, {\"y\":[","c":{"d":null,"e":[1,2]}}"#);
        let expected = [
            "{",
            r#"  "a":[],"#,
            r#"  "b":"x, {\"y\":[","#,
            r#"  "c":{"#,
            r#"    "d":null,"#,
            r#"    "e":["#,
            "      1,",
            "      2",
            "    ]",
            "  }",
            "}",
        ];
        assert_eq!(lines, expected);
    }
}
