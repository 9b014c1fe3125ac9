//! The body as a tree of its eleven fields; issues and mappings are unfolded by window (contract, "Tracker Snapshot
//! Publish Payload").

use std::collections::HashSet;

use super::effect::Table;
use crate::domain::window::RowKey;

/// Most lines of one row's JSON that are shown.
const MAX_ROW_LINES: usize = 400;
/// Most bytes of one of these lines.
const MAX_LINE_BYTES: usize = 16 << 10;

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
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            cursor: Node::Field("provider"),
            open: HashSet::new(),
            aim: None,
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
        // A string of megabytes is one line: enough of it is kept to fill any screen.
        if let Some(line) = lines
            .last_mut()
            .filter(|line| !skipped && line.len() < MAX_LINE_BYTES)
        {
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

/// A step from a value to one in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the member of an object.
    Member(String),
    /// To the item of an array.
    Item(usize),
}

/// The way to the value that a line of a row's JSON begins or ends.
pub fn path_of(json: &str, line: usize) -> Option<Vec<Step>> {
    let lines = json_lines(json);
    let mut path: Vec<Step> = Vec::new();
    // Of each value that is open around a line: how many items it had so far, if it is an array.
    let mut open: Vec<Option<usize>> = Vec::new();
    for text in lines.get(..=line)? {
        let shown = text.trim_start();
        let depth = (text.len() - shown.len()) / 2;
        open.truncate(depth + 1);
        path.truncate(depth);
        if depth > 0 && !shown.starts_with(['}', ']']) {
            path.truncate(depth - 1);
            open.truncate(depth);
            path.push(match open.last_mut()? {
                Some(items) => {
                    *items += 1;
                    Step::Item(*items - 1)
                }
                None => Step::Member(name_of(shown)?),
            });
        }
        match text.chars().last() {
            Some('{') => open.push(None),
            Some('[') => open.push(Some(0)),
            _ => {}
        }
    }
    Some(path)
}

/// The name that a line of an object begins with.
fn name_of(line: &str) -> Option<String> {
    let mut names = serde_json::Deserializer::from_str(line).into_iter::<String>();
    names.next()?.ok()
}

/// The line of a row's JSON that a path in it leads to: `title`, `ref.id`, `labels[0]`.
pub fn line_of(json: &str, path: &str) -> Option<usize> {
    let lines = json_lines(json);
    let mut at = 0;
    for (depth, segment) in path.split('.').enumerate() {
        let (name, index) = match segment.split_once('[') {
            Some((name, index)) => (name, Some(index.strip_suffix(']')?.parse::<usize>().ok()?)),
            None => (segment, None),
        };
        let key = format!("{}\"{name}\":", "  ".repeat(depth + 1));
        at += lines.get(at..)?.iter().position(|line| line.starts_with(&key))?;
        at += index.map_or(0, |index| index + 1);
    }
    (at < lines.len()).then_some(at)
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

    #[test]
    fn finds_the_line_of_a_path() {
        let json = r#"{"ref":{"id":"1","key":null},"id":2,"labels":["a","b"]}"#;
        let line = |path| line_of(json, path).map(|line| json_lines(json)[line].trim().to_owned());
        assert_eq!(line("ref.id").unwrap(), r#""id":"1","#);
        assert_eq!(line("id").unwrap(), r#""id":2,"#);
        assert_eq!(line("labels[1]").unwrap(), r#""b""#);
        assert_eq!(line("nope"), None);
        assert_eq!(line("ref.nope"), None);
    }
}
