//! Section 3: the mappings of work packages, joined to their issues.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Cell, Column, Table};
use super::text::{Drawn, plain, run};
use super::{View, pane};
use crate::domain::window::MappingRow;

const LIST_CELLS: u16 = 66;
const COLUMNS: &[Column] = &[("WP", 16), ("SYSTEM", 12), ("ISSUE", 24), ("TITLE", 0)];
/// Names in the detail.
const NAME_CELLS: usize = 12;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let window = &view.model.mappings;
    let split = view.split(area, LIST_CELLS, table::list_rows(window));
    if let Some(area) = split.list {
        let snapshot = view.model.snapshot.as_ref();
        let total = snapshot.and_then(|snapshot| snapshot.evaluation.store.mappings);
        let table = Table {
            name: "Mappings",
            window,
            total,
            columns: COLUMNS,
            focused: split.list_focused(view),
        };
        table::draw(view, &table, |row| list_line(view, row), area, buf);
    }
    let (Some(area), Some(row)) = (split.detail, window.current()) else {
        return split.detail.map_or(0, |area| {
            pane::text(view, "Mapping", view.model.detail, &[], area, buf)
        });
    };
    let cells = usize::from(area.width.saturating_sub(2));
    pane::text(
        view,
        &row.wp_id,
        view.model.detail,
        &detail(view, row, cells),
        area,
        buf,
    )
}

fn list_line(view: View<'_>, row: &MappingRow) -> Vec<Cell> {
    let issue = row.external_key.as_deref().unwrap_or(&row.external_id);
    let title = match &row.issue {
        Some(issue) => Cell::plain(issue.title.as_deref().unwrap_or(&issue.identity)),
        None => Cell::styled("! no such issue", view.theme.warn()),
    };
    vec![
        Cell::plain(&row.wp_id),
        Cell::plain(&row.system),
        Cell::plain(issue),
        title,
    ]
}

fn detail(view: View<'_>, row: &MappingRow, cells: usize) -> Vec<Drawn> {
    let theme = view.theme;
    let mut lines = Vec::new();
    let mut fact = |name: &str, value: &str| {
        lines.extend(pane::fact(
            run(name, theme.key()),
            NAME_CELLS,
            plain(value),
            cells,
        ));
    };
    let or_null = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    fact("work package", &row.wp_id);
    fact("system", &row.system);
    fact("workspace", &row.workspace);
    fact("id", &row.external_id);
    fact("key", &or_null(&row.external_key));
    fact("url", &or_null(&row.external_url));
    fact("created", &row.created_at);
    fact("updated", &row.updated_at);
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
