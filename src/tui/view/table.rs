//! A table of rows from a window: a heading, the rows around the cursor, and what there is when there are none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Run, Runs, draw_lines, grouped, plain, run, wrap};
use super::{View, pane};
use crate::app::window::{Keyed, Window};
use crate::domain::evaluation::StoreState;

/// A column's heading and how many cells it takes; the last column takes what is left.
pub type Column = (&'static str, usize);

/// What a table shows.
pub struct Table<'a, T> {
    /// Its title.
    pub name: &'static str,
    /// The rows at hand.
    pub window: &'a Window<T>,
    /// All rows, when they are counted.
    pub total: Option<u64>,
    /// The columns.
    pub columns: &'a [Column],
}

/// Draws a window's rows in a box; `row` makes the cells of a row.
pub fn draw<T: Keyed>(
    view: View<'_>,
    table: &Table<'_, T>,
    row: impl Fn(&T) -> Runs,
    area: Rect,
    buf: &mut Buffer,
) {
    let Table {
        name,
        window,
        total,
        columns,
    } = *table;
    let inner = pane::frame(view, &title(name, window, total), !view.model.detail, area, buf);
    if let Some(nothing) = nothing(view, window) {
        let lines = wrap(&[nothing], usize::from(inner.width), 0);
        draw_lines(&lines, 0, inner, buf);
        return;
    }
    let heading = columns
        .iter()
        .map(|(name, cells)| column(view, name, *cells))
        .collect::<Runs>();
    let heading_line = super::text::line(&heading, usize::from(inner.width));
    buf.set_line(inner.x, inner.y, &heading_line, inner.width);
    let below = Rect {
        y: inner.y + 1,
        height: inner.height.saturating_sub(1),
        ..inner
    };
    let lines: Vec<Runs> = window.rows().iter().map(row).collect();
    pane::list(view, &lines, window.cursor, below, buf);
}

fn column(view: View<'_>, name: &str, cells: usize) -> Run {
    run(super::text::fit(name, cells), view.theme.dim())
}

fn title<T: Keyed>(name: &str, window: &Window<T>, total: Option<u64>) -> String {
    let total = total.map_or_else(|| "…".to_owned(), grouped);
    match window.ordinal() {
        Some(ordinal) if !window.rows().is_empty() => format!("{name} {} of {total}", grouped(ordinal + 1)),
        _ => format!("{name} {total}"),
    }
}

/// What to say when there are no rows to show.
fn nothing<T: Keyed>(view: View<'_>, window: &Window<T>) -> Option<Run> {
    if let Some(trouble) = &window.trouble {
        return Some(run(format!("✗ {trouble}"), view.theme.bad()));
    }
    let store = view
        .model
        .snapshot
        .as_ref()
        .map(|snapshot| &snapshot.evaluation.store);
    let state = store.and_then(|store| store.state);
    match (&window.page, state) {
        (_, Some(StoreState::Ok)) if window.rows().is_empty() && window.page.is_some() => {
            Some(plain("none in this store"))
        }
        (_, Some(StoreState::Ok)) => window.page.is_none().then(|| plain("reading …")),
        (_, Some(state)) => {
            let path = store.and_then(|store| store.path.as_ref());
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            Some(plain(format!("the store is {}: {path}", state.name())))
        }
        (_, None) => Some(plain("no store: the binding is not complete")),
    }
}
