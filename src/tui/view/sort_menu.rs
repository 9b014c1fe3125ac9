//! The orders of a table, each with what it costs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::order;
use super::text::{Runs, fit, grouped, plain, run};
use super::{View, pane};
use crate::app::arrange::SortMenu;
use crate::domain::sort::{KEPT, Sort};

/// Names of fields with their arrow.
const NAME_CELLS: usize = 16;

/// Draws the menu.
pub fn draw(view: View<'_>, menu: &SortMenu, area: Rect, buf: &mut Buffer) -> usize {
    let inner = pane::frame(view, "Sort by", true, area, buf);
    let total = view.model.rows_of(menu.table);
    let cost = match total {
        Some(total) if total > KEPT as u64 => format!(
            "reads all {} rows, keeps the first {}",
            grouped(total),
            grouped(KEPT as u64)
        ),
        Some(total) => format!("reads all {} rows", grouped(total)),
        None => format!("reads all rows, keeps the first {}", grouped(KEPT as u64)),
    };
    let line = |name: String, cost: &str| vec![plain(fit(&name, NAME_CELLS)), run(cost, view.theme.dim())];
    let mut lines: Vec<Runs> = vec![line(
        "publish order".to_owned(),
        "as the rows are sent; costs nothing",
    )];
    let descending = menu.descending;
    let orders = menu
        .fields()
        .iter()
        .map(|&field| order(Sort { field, descending }));
    lines.extend(orders.map(|order| line(order, &cost)));
    pane::list(view, &lines, menu.cursor, inner, buf);
    0
}
