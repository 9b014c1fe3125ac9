//! The lines of the body's tree, made one by one where they are looked at.

use super::effect::Table;
use super::model::Model;
use super::tree::{Node, Tree, TreeLine, json_lines, table_of};
use super::window::Window;
use crate::domain::evaluation::Evaluation;
use crate::domain::window::{IssueRow, MappingRow};

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
            let count =
                |count: Option<u64>| count.map_or_else(|| "[…]".to_owned(), |count| format!("[{count}]"));
            lines.fold("issues", count(evaluation.store.issues));
            if model.tree.is_open(&Node::Field("issues")) {
                rows(&mut lines, Rows::Issues(&model.body_issues));
            }
            lines.fold("mappings", count(evaluation.store.mappings));
            if model.tree.is_open(&Node::Field("mappings")) {
                rows(&mut lines, Rows::Mappings(&model.body_mappings));
            }
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
        let field = table_of(cursor).map(|table| match table {
            Table::Issues => Node::Field("issues"),
            Table::Mappings => Node::Field("mappings"),
        });
        self.position(cursor)
            .or_else(|| self.position(&field?))
            .unwrap_or(0)
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
            if matches!(part, Part::Line(line) if matches!(line.node, Node::Gap(_))) {
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

/// The rows of a list.
#[derive(Clone, Copy)]
enum Rows<'a> {
    Issues(&'a Window<IssueRow>),
    Mappings(&'a Window<MappingRow>),
}

impl<'a> Rows<'a> {
    fn count(self) -> usize {
        match self {
            Self::Issues(window) => window.rows().len(),
            Self::Mappings(window) => window.rows().len(),
        }
    }

    fn position(self, node: &Node) -> Option<usize> {
        match (self, node) {
            (Self::Issues(window), Node::Issue(key)) => window.rows().iter().position(|row| row.key == *key),
            (Self::Mappings(window), Node::Mapping(key)) => {
                window.rows().iter().position(|row| row.key == *key)
            }
            _ => None,
        }
    }

    fn line(self, index: usize) -> TreeLine {
        match self {
            Self::Issues(window) => {
                let ordinal = window.rows_before.map(|before| before + index as u64);
                issue_line(&window.rows()[index], ordinal)
            }
            Self::Mappings(window) => {
                let ordinal = window.rows_before.map(|before| before + index as u64);
                mapping_line(&window.rows()[index], ordinal)
            }
        }
    }

    fn json(self, index: usize) -> &'a str {
        match self {
            Self::Issues(window) => window.rows()[index]
                .published
                .as_ref()
                .map_or("", |issue| &issue.json),
            Self::Mappings(window) => &window.rows()[index].json,
        }
    }
}

/// Rows at hand, some of them unfolded.
struct RowsPart<'a> {
    rows: Rows<'a>,
    /// The unfolded rows by their number, with the lines of their JSON.
    open: Vec<(usize, Vec<String>)>,
}

impl RowsPart<'_> {
    fn len(&self) -> usize {
        self.rows.count() + self.open.iter().map(|(_, lines)| lines.len()).sum::<usize>()
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
        let (row, line) = self.place(index);
        let mut shown = self.rows.line(row);
        let open = self.open.iter().find(|(open, _)| *open == row);
        shown.fold = Some(open.is_some());
        let (Some(number), Some((_, lines))) = (line, open) else {
            return shown;
        };
        TreeLine {
            node: Node::Line(Box::new(shown.node), number),
            depth: 2,
            fold: None,
            name: lines.get(number).cloned().unwrap_or_default(),
            value: String::new(),
            note: String::new(),
        }
    }

    fn position(&self, node: &Node) -> Option<usize> {
        let (row, line) = match node {
            Node::Line(row, line) => (row.as_ref(), Some(*line)),
            node => (node, None),
        };
        let row = self.rows.position(row)?;
        let above = self.open.iter().filter(|(open, _)| *open < row);
        let at = row + above.map(|(_, lines)| lines.len()).sum::<usize>();
        let Some(line) = line else { return Some(at) };
        let (_, lines) = self.open.iter().find(|(open, _)| *open == row)?;
        (line < lines.len()).then_some(at + 1 + line)
    }
}

fn rows<'a>(lines: &mut Lines<'a>, rows: Rows<'a>) {
    let (above, below) = match rows {
        Rows::Issues(_) => ("issues above", "issues below"),
        Rows::Mappings(_) => ("mappings above", "mappings below"),
    };
    let (page, trouble, before) = match rows {
        Rows::Issues(window) => {
            let more = window
                .page
                .as_ref()
                .map(|page| (page.more_before, page.more_after));
            (more, &window.trouble, window.rows_before)
        }
        Rows::Mappings(window) => {
            let more = window
                .page
                .as_ref()
                .map(|page| (page.more_before, page.more_after));
            (more, &window.trouble, window.rows_before)
        }
    };
    let Some((more_before, more_after)) = page else {
        let waiting = trouble.clone().unwrap_or_else(|| "⋯ reading".to_owned());
        lines.push(Node::Gap(below), 1, None, waiting, String::new());
        return;
    };
    if more_before {
        let count = before.map_or_else(String::new, |count| format!("{count} "));
        lines.push(
            Node::Gap(above),
            1,
            None,
            format!("⋯ {count}{above}"),
            String::new(),
        );
    }
    let mut open: Vec<_> = lines
        .tree
        .open
        .iter()
        .filter_map(|node| rows.position(node))
        .map(|row| (row, json_lines(rows.json(row))))
        .collect();
    open.sort_by_key(|(row, _)| *row);
    lines.parts.push(Part::Rows(RowsPart { rows, open }));
    if more_after {
        lines.push(Node::Gap(below), 1, None, format!("⋯ {below}"), String::new());
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

fn issue_line(row: &IssueRow, ordinal: Option<u64>) -> TreeLine {
    let node = Node::Issue(row.key.clone());
    match &row.published {
        Ok(issue) => {
            let name = issue.key.as_deref().unwrap_or(&issue.id);
            let note = if issue.coerced.is_empty() { "" } else { "≈" };
            let value = format!("{name}  {}", json(Some(&issue.title)));
            row_line(node, ordinal, value, note.to_owned())
        }
        Err(trouble) => {
            let note = format!("✗ {}", trouble.reason);
            row_line(node, ordinal, row.identity.clone(), note)
        }
    }
}

fn mapping_line(row: &MappingRow, ordinal: Option<u64>) -> TreeLine {
    let issue = row.external_key.as_deref().unwrap_or(&row.external_id);
    let value = format!("{}  {issue}", row.wp_id);
    row_line(Node::Mapping(row.key.clone()), ordinal, value, String::new())
}
