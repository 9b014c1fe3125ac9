//! A plan beside the last delivered publish of its binding: `diff`, the inspector's `d`, the plan's own line.

use super::changes::{ChangeKind, Changes, FieldChange, RowChange};
use super::journal::AttemptRecord;
use super::plan::Plan;

/// The comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The attempt that was delivered.
    pub attempt: String,
    /// When it began.
    pub time: String,
    /// Whether the idempotency key is the same.
    pub same_key: bool,
    /// What differs in the body.
    pub body: BodyComparison,
}

/// What differs in the body.
#[derive(Clone, Debug, PartialEq)]
pub enum BodyComparison {
    /// Not a byte.
    Same,
    /// These rows and fields.
    Changed(Changes),
    /// It is another one; why it cannot be told from what.
    Unknown(String),
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A statement about the whole.
    Head,
    /// Something to think about.
    Warning,
    /// A row that came.
    Added,
    /// A row that went.
    Removed,
    /// A row or field that is another now.
    Changed,
    /// Beside the point.
    Note,
}

impl Comparison {
    /// A plan beside a delivered attempt, whose bodies differ like this.
    pub fn by_digest(record: &AttemptRecord, plan: &Plan, body: BodyComparison) -> Self {
        Self {
            attempt: record.id.clone(),
            time: record.time.clone(),
            same_key: record.idempotency_key == plan.idempotency_key,
            body,
        }
    }

    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.body == BodyComparison::Same
    }

    /// The comparison in lines, at most so many rows of each kind.
    pub fn lines(&self, most: usize) -> Vec<(Mark, String)> {
        let since = format!("attempt {} of {}", self.attempt, self.time);
        let changes = match &self.body {
            BodyComparison::Same => {
                return vec![(
                    Mark::Head,
                    format!("nothing changed since {since}: the same body"),
                )];
            }
            BodyComparison::Unknown(why) => {
                let head = format!("the body is another than that of {since}; {why}");
                return vec![(Mark::Head, head)]
                    .into_iter()
                    .chain(self.key_warning())
                    .collect();
            }
            BodyComparison::Changed(changes) => changes,
        };
        let mut lines = vec![(Mark::Head, format!("since {since}: {}", summary(changes)))];
        lines.extend(self.key_warning());
        lines.extend(
            changes
                .head
                .iter()
                .map(|field| (Mark::Changed, field_line("", field))),
        );
        for (table, rows) in [("issues", &changes.issues), ("mappings", &changes.mappings)] {
            for row in rows.iter().take(most) {
                row_lines(table, row, &mut lines);
            }
            if rows.len() > most {
                lines.push((Mark::Note, format!("... and {} more {table}", rows.len() - most)));
            }
        }
        lines
    }

    /// The same key for another body: a server may take it for the same publish (reference B3).
    fn key_warning(&self) -> Option<(Mark, String)> {
        self.same_key.then(|| {
            let text = "the idempotency key is the same although the body is not: the server may ignore it";
            (Mark::Warning, text.to_owned())
        })
    }
}

/// `2 issues changed, 1 added; 1 field of the head`.
pub fn summary(changes: &Changes) -> String {
    let mut parts = Vec::new();
    for (table, rows) in [("issue", &changes.issues), ("mapping", &changes.mappings)] {
        let (added, removed, changed) = Changes::counts(rows);
        for (count, word) in [(changed, "changed"), (added, "added"), (removed, "removed")] {
            if count > 0 {
                let plural = if count == 1 { "" } else { "s" };
                parts.push(format!("{count} {table}{plural} {word}"));
            }
        }
    }
    let head: Vec<&str> = changes.head.iter().map(|field| field.path.as_str()).collect();
    if !head.is_empty() {
        parts.push(format!("{} changed", head.join(", ")));
    }
    if parts.is_empty() {
        // The order of the rows, or the writing of a value.
        parts.push("the same rows and values, written otherwise".to_owned());
    }
    parts.join(", ")
}

fn row_lines(table: &str, row: &RowChange, lines: &mut Vec<(Mark, String)>) {
    match &row.kind {
        ChangeKind::Added => lines.push((Mark::Added, format!("{table} {}", row.name))),
        ChangeKind::Removed => lines.push((Mark::Removed, format!("{table} {}", row.name))),
        ChangeKind::Changed(fields) => {
            let prefix = format!("{table} {} ", row.name);
            lines.extend(
                fields
                    .iter()
                    .map(|field| (Mark::Changed, field_line(&prefix, field))),
            );
        }
    }
}

fn field_line(prefix: &str, field: &FieldChange) -> String {
    format!(
        "{prefix}{}: {} -> {}",
        field.path,
        short(&field.old),
        short(&field.new)
    )
}

/// A value for a line; all of it is in the JSON.
fn short(value: &str) -> String {
    const SHOWN: usize = 80;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &value[..end], value.len()),
        None => value.to_owned(),
    }
}
