//! A table of rows from a window: a heading, the rows around the cursor, and what there is when there are none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pane::Seen;
use super::text::{Drawn, Run, Runs, clean, cut, draw_lines, grouped, plain, put, run, width, wrap};
use super::{View, pane};
use crate::app::search::hits_shown;
use crate::app::window::{Found, Window};
use crate::domain::evaluation::StoreState;
use crate::domain::sort::{KEPT, Sort};
use crate::domain::window::Keyed;

/// A column's heading and how many cells it takes at most; the last column takes what is left.
pub type Column = (&'static str, usize);

/// What a row shows in a column.
pub struct Cell {
    /// The text.
    pub text: String,
    /// Its style.
    pub style: Style,
    /// A glyph behind it that is never cut.
    pub mark: &'static str,
}

impl Cell {
    /// Text in the terminal's own style.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::styled(text, Style::new())
    }

    /// Text in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
            mark: "",
        }
    }

    fn cells(&self) -> usize {
        width(clean(&self.text).as_str()) + width(self.mark)
    }

    fn runs(&self, view: View<'_>, cells: usize) -> Runs {
        let text = cut(clean(&self.text).as_str(), cells.saturating_sub(width(self.mark)));
        let filled = cells.saturating_sub(width(&text) + width(self.mark));
        vec![
            run(text, self.style),
            run(self.mark, view.theme.warn()),
            plain(" ".repeat(filled + 1)),
        ]
    }
}

/// Cells of the table beside its detail.
const LIST_CELLS: u16 = 66;
/// Cells that are left for the last column, where other columns can be cut for it.
const LAST_CELLS: usize = 12;
/// What cutting leaves of a column.
const LEAST_CELLS: usize = 4;

/// A section with a table and the detail of the row under the cursor.
pub struct Table<'a, T> {
    /// What its rows are called.
    pub name: &'static str,
    /// The rows at hand.
    pub window: &'a Window<T>,
    /// All rows, when they are counted.
    pub total: Option<u64>,
    /// The columns.
    pub columns: &'a [Column],
    /// The cells of a row.
    pub row: fn(View<'_>, &T) -> Vec<Cell>,
    /// What the detail of a row is called.
    pub title: fn(&T) -> &str,
    /// The lines of the detail, wrapped for so many cells.
    pub detail: fn(View<'_>, &T, usize) -> Vec<Drawn>,
}

/// Draws the section; returns how many lines of the detail do not fit.
pub fn draw<T: Keyed>(view: View<'_>, table: &Table<'_, T>, area: Rect, buf: &mut Buffer) -> usize {
    // The heading takes a line too.
    let rows = table.window.rows().len();
    let split = view.split(area, LIST_CELLS, if rows == 0 { 0 } else { rows + 1 });
    if let Some(area) = split.list {
        draw_rows(view, table, split.list_focused(view), area, buf);
    }
    let (Some(area), Some(row)) = (split.detail, table.window.current()) else {
        return 0;
    };
    let lines = (table.detail)(view, row, pane::cells(area));
    pane::text(view, (table.title)(row), view.model.detail, &lines, area, buf)
}

/// How wide the columns but the last are, so that they fit what is seen.
fn widths<'a>(columns: &[Column], rows: impl Iterator<Item = &'a Vec<Cell>>, room: usize) -> Vec<usize> {
    let fitted = &columns[..columns.len().saturating_sub(1)];
    let mut widths: Vec<usize> = fitted.iter().map(|(name, _)| width(name)).collect();
    for row in rows {
        for ((cells, (_, most)), cell) in widths.iter_mut().zip(fitted).zip(row) {
            *cells = cell.cells().min(*most).max(*cells);
        }
    }
    while widths.iter().map(|cells| cells + 1).sum::<usize>() + LAST_CELLS > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > LEAST_CELLS => *widest -= 1,
            _ => break,
        }
    }
    widths
}

fn draw_rows<T: Keyed>(view: View<'_>, table: &Table<'_, T>, focused: bool, area: Rect, buf: &mut Buffer) {
    let Table {
        window,
        total,
        columns,
        row,
        ..
    } = *table;
    let mut title = title(table.name, window, total);
    if let Some(hits) = hits_shown(view.model) {
        title += &format!(" · {hits}");
    }
    let inner = pane::frame(view, &title, focused, area, buf);
    if let Some(nothing) = nothing(view, window) {
        let lines = wrap(&[nothing], usize::from(inner.width), 0);
        draw_lines(&lines, 0, inner, buf);
        return;
    }
    let below = Rect {
        y: inner.y + 1,
        height: inner.height.saturating_sub(1),
        ..inner
    };
    let rows = window.rows();
    let top = pane::top_of(rows.len(), window.cursor, below);
    let seen: Vec<Vec<Cell>> = rows[top..]
        .iter()
        .take(usize::from(below.height))
        .map(|seen| row(view, seen))
        .collect();
    let widths = widths(columns, seen.iter(), usize::from(inner.width));
    let line = |cells: &[Cell]| {
        let fitted = cells.iter().zip(&widths);
        let mut runs: Runs = fitted.flat_map(|(cell, width)| cell.runs(view, *width)).collect();
        runs.extend(cells.last().map(|cell| run(&cell.text, cell.style)));
        runs
    };
    let heading: Vec<Cell> = columns
        .iter()
        .map(|(name, _)| Cell::styled(*name, view.theme.dim()))
        .collect();
    put(&line(&heading), inner, buf);
    pane::list_of(
        view,
        rows.len(),
        window.cursor,
        |index| seen.get(index - top).map(|cells| line(cells)).unwrap_or_default(),
        (below, &mut *buf),
    );
    let all = window.total(total).map(|all| kept(window, all));
    let first = window.rows_before.map(|before| before + top as u64);
    let seen = Seen {
        at: first.zip(all),
        height: below.height,
    };
    pane::scroll_bar(view, &seen, below, buf);
}

/// In an order of its own only the first rows are at hand.
fn kept<T: Keyed>(window: &Window<T>, all: u64) -> u64 {
    match window.arrange.sort {
        Some(_) => all.min(KEPT as u64),
        None => all,
    }
}

/// `Issues 3 of 37 · status:todo · by updated ↓`
fn title<T: Keyed>(name: &str, window: &Window<T>, total: Option<u64>) -> String {
    let count = match (&window.arrange.filter, &window.sifting, window.found) {
        (Some(_), Some(sifting), _) if sifting.then.is_none() => {
            let read = percent(sifting.read, total);
            format!("{} so far, {read} read", grouped(sifting.found))
        }
        (Some(_), _, Some(Found { rows, stopped_at })) => match stopped_at {
            Some(at) => format!("{} so far, stopped at {}", grouped(rows), percent(at, total)),
            None => grouped(rows),
        },
        (Some(_), ..) => "…".to_owned(),
        (None, ..) => total.map_or_else(|| "…".to_owned(), grouped),
    };
    let first = window
        .arrange
        .sort
        .and(window.total(total))
        .filter(|all| *all > KEPT as u64);
    let count = match first {
        Some(_) => format!("the first {} of {count}", grouped(KEPT as u64)),
        None => count,
    };
    let mut title = match window.ordinal() {
        Some(ordinal) if !window.rows().is_empty() => format!("{name} {} of {count}", grouped(ordinal + 1)),
        _ if !window.rows().is_empty() => format!("{name} … of {count}"),
        _ => format!("{name} {count}"),
    };
    if let Some(filter) = &window.arrange.filter {
        title += &format!(" · {}", filter.text());
    }
    if let Some(sort) = window.arrange.sort {
        title += &format!(" · by {}", order(sort));
    }
    title
}

/// `updated ↓`
pub fn order(sort: Sort) -> String {
    let arrow = if sort.descending { "↓" } else { "↑" };
    format!("{} {arrow}", sort.field.name())
}

/// How much of the table was read.
pub fn percent(read: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if total > 0 => format!("{} %", (read.min(total) * 100).div_euclid(total)),
        _ => format!("{} rows", grouped(read)),
    }
}

/// What to say when there are no rows to show.
fn nothing<T: Keyed>(view: View<'_>, window: &Window<T>) -> Option<Run> {
    if let Some(trouble) = &window.trouble {
        return Some(run(format!("✗ {trouble}"), view.theme.bad()));
    }
    let store = view.model.evaluation().map(|evaluation| &evaluation.store);
    let state = store.and_then(|store| store.state);
    match (&window.page, state) {
        (_, Some(StoreState::Ok)) if window.rows().is_empty() && window.page.is_some() => {
            Some(none_here(window))
        }
        (_, Some(StoreState::Ok)) => window.page.is_none().then(|| plain("reading …")),
        (_, Some(state)) => {
            let path = store.and_then(|store| store.path.as_ref());
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            Some(plain(format!(
                "the store is {}: {path} (section 1 says why, and what to do)",
                state.name()
            )))
        }
        (_, None) => Some(plain("no store: the binding is not complete")),
    }
}

fn none_here<T: Keyed>(window: &Window<T>) -> Run {
    let looks_on = window
        .page
        .as_ref()
        .is_some_and(|page| page.more_before || page.more_after);
    match &window.arrange.filter {
        Some(_) if looks_on && window.is_waiting() => plain("no match so far …   esc stops"),
        Some(_) if looks_on => plain("no match so far; j looks on, esc takes the filter back"),
        Some(_) => plain("no row matches; esc takes the filter back"),
        None => plain("none in this store"),
    }
}
