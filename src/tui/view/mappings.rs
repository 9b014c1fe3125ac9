//! Section 3: the mappings of work packages, joined to their issues.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Cell, Column, Table};
use super::text::{Drawn, or_null, plain};
use super::{View, pane};
use crate::app::effect;
use crate::domain::window::MappingRow;

const COLUMNS: &[Column] = &[("WP", 16), ("SYSTEM", 12), ("ISSUE", 24), ("TITLE", 0)];
/// Names in the detail.
const NAME_CELLS: usize = 12;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let table = Table {
        name: "Mappings",
        window: &view.model.mappings,
        total: view.model.rows_of(effect::Table::Mappings),
        columns: COLUMNS,
        row: list_line,
        title: |row| &row.mapping.wp_id,
        detail,
    };
    table::draw(view, &table, area, buf)
}

fn list_line(view: View<'_>, row: &MappingRow) -> Vec<Cell> {
    let mapping = &row.mapping;
    let issue = mapping.issue_name();
    let title = match &row.issue {
        Some(issue) => Cell::plain(issue.title.as_deref().unwrap_or(&issue.identity)),
        None => Cell::styled("! no such issue", view.theme.warn()),
    };
    vec![
        Cell::plain(&mapping.wp_id),
        Cell::plain(&mapping.system),
        Cell::plain(issue),
        title,
    ]
}

fn detail(view: View<'_>, row: &MappingRow, cells: usize) -> Vec<Drawn> {
    let mapping = &row.mapping;
    let mut lines = Vec::new();
    let mut fact = |name: &str, value: &str| {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    };
    fact("work package", &mapping.wp_id);
    fact("system", &mapping.system);
    fact("workspace", &mapping.workspace);
    fact("id", &mapping.external_id);
    fact("key", or_null(mapping.external_key.as_deref()));
    fact("url", or_null(mapping.external_url.as_deref()));
    fact("created", &mapping.created_at);
    fact("updated", &mapping.updated_at);
    fact("stored", &format!("tracker_mappings row {}", row.rowid));
    match &row.issue {
        Some(issue) => {
            fact("issue", &format!("{} (matched by {})", issue.identity, issue.by));
            fact(
                "title",
                issue.title.as_deref().unwrap_or("✗ that row cannot be published"),
            );
        }
        None => fact("issue", "none in the store has this id, key or url"),
    }
    lines
}
