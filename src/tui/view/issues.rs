//! Section 2: the issues as they are published, and the one under the cursor in full.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Cell, Column, Table};
use super::text::{Drawn, bytes, long, or_null, plain, run, styled, wrap};
use super::{View, pane};
use crate::app::effect;
use crate::domain::window::{IssueFacts, IssueRow};

const COLUMNS: &[Column] = &[("KEY", 24), ("STATUS", 18), ("WP", 16), ("TITLE", 0)];
/// Names in the detail.
const NAME_CELLS: usize = 10;
/// Most bytes of a text whose lines are counted.
const MAX_COUNTED: usize = 64 << 10;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let table = Table {
        name: "Issues",
        window: &view.model.issues,
        total: view.model.rows_of(effect::Table::Issues),
        columns: COLUMNS,
        row: list_line,
        title: |row| &row.identity,
        detail,
    };
    table::draw(view, &table, area, buf)
}

fn list_line(view: View<'_>, row: &IssueRow) -> Vec<Cell> {
    let wp = Cell::plain(match row.wp_ids.as_slice() {
        [] => "–".to_owned(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first}+{}", rest.len()),
    });
    match &row.published {
        Ok(IssueFacts { issue, .. }) => {
            let mark = if issue.coerced.is_empty() { "" } else { " ≈" };
            let status = Cell {
                mark,
                ..Cell::plain(issue.status)
            };
            vec![Cell::plain(issue.name()), status, wp, Cell::plain(&issue.title)]
        }
        Err(trouble) => vec![
            Cell::plain(&row.identity),
            Cell::styled("✗", view.theme.bad()),
            wp,
            Cell::styled(&trouble.reason, view.theme.bad()),
        ],
    }
}

fn detail(view: View<'_>, row: &IssueRow, cells: usize) -> Vec<Drawn> {
    let mut lines = Vec::new();
    match &row.published {
        Ok(known) => facts(view, row, known, cells, &mut lines),
        Err(trouble) => {
            let place = if trouble.json_path.is_empty() {
                "the row"
            } else {
                &trouble.json_path
            };
            let text = format!("✗ cannot be published: {place}: {}", trouble.reason);
            lines.extend(wrap(&[run(text, view.theme.bad())], cells, 2));
            let row = format!("tracker_issues row {}", row.rowid);
            lines.extend(wrap(&[run(row, view.theme.dim())], cells, 0));
        }
    }
    lines
}

fn facts(view: View<'_>, row: &IssueRow, known: &IssueFacts, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    let IssueFacts { issue, coerced, .. } = known;
    let reference = &issue.reference;
    let mut fact = |name: &str, value: &str| {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    };
    fact("title", &issue.title);
    fact("key", or_null(reference.key.as_deref()));
    fact("id", &reference.id);
    fact("status", issue.status);
    fact("type", issue.issue_type);
    fact(
        "priority",
        &issue
            .priority
            .map_or_else(|| "null".to_owned(), |priority| priority.to_string()),
    );
    fact("assignees", &issue.assignees.join(", "));
    fact("labels", &issue.labels.join(", "));
    fact("updated", or_null(issue.updated_at.as_deref()));
    fact("workspace", &reference.workspace);
    fact("url", or_null(reference.url.as_deref()));
    fact(
        "mapped to",
        &if row.wp_ids.is_empty() {
            "–".to_owned()
        } else {
            row.wp_ids.join(", ")
        },
    );
    fact("stored", &format!("tracker_issues row {}", row.rowid));
    fact("sent", &bytes(known.bytes()));
    for value in coerced {
        let change = format!(
            "≈ {} is {}, stored {}",
            value.path,
            value.published,
            value.shown_stored()
        );
        lines.extend(wrap(&[run(change, theme.warn())], cells, 2));
        lines.extend(wrap(&[run(format!("  {}", value.rule), theme.dim())], cells, 2));
    }
    texts(view, known, cells, lines);
}

/// The body, and what of long texts is not here.
fn texts(view: View<'_>, known: &IssueFacts, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    for text in &known.long {
        let told = format!(
            "{} of {} are sent that are not shown here",
            bytes(text.missing),
            text.path
        );
        lines.extend(wrap(&[run(told, theme.dim())], cells, 2));
    }
    if let Some(body) = &known.issue.body {
        // A long text is not counted for each frame.
        let size = match body.len() {
            0..MAX_COUNTED => match body.lines().count() {
                1 => "1 line".to_owned(),
                lines => format!("{lines} lines"),
            },
            size => bytes(size as u64),
        };
        let beginning = if known.long.iter().any(|text| text.path == "body") {
            "its first "
        } else {
            ""
        };
        lines.push(styled(format!("── body, {beginning}{size} ──"), theme.dim()));
        for line in long(body) {
            lines.extend(wrap(&[line], cells, 0));
        }
    }
}
