//! A box with a title, and the lists and texts in it.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::View;
use super::text::{self, Drawn, Run, Runs, clean, cut, draw_lines, put, run, width};
use crate::app::spot::SpotOf;

/// Draws a box; returns the area in it.
pub fn frame(view: View<'_>, title: &str, focused: bool, area: Rect, buf: &mut Buffer) -> Rect {
    text::border(title, focused, view.theme, area, buf)
}

/// The cells of a line in a box.
pub fn cells(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(2))
}

/// Draws lines in a box, scrolled when it has the focus; returns how many do not fit.
pub fn text(
    view: View<'_>,
    title: &str,
    focused: bool,
    lines: &[Drawn],
    area: Rect,
    buf: &mut Buffer,
) -> usize {
    let inner = frame(view, title, focused, area, buf);
    let scroll = if focused { view.model.scroll } else { 0 };
    let overflow = draw_lines(lines, scroll, inner, buf);
    let below = overflow.saturating_sub(scroll);
    if below > 0 && area.width > 24 {
        let hint = if focused {
            format!("{below} more")
        } else {
            format!("{below} more: enter")
        };
        foot(view, &hint, area, buf);
    }
    overflow
}

/// Writes on the lower border of a box.
pub fn foot(view: View<'_>, text: &str, area: Rect, buf: &mut Buffer) {
    let text = cut(clean(text).as_str(), usize::from(area.width.saturating_sub(8)));
    let width = u16::try_from(width(&text) + 2).unwrap_or(0);
    let place = Rect {
        x: area.right().saturating_sub(width + 2),
        y: area.bottom() - 1,
        width,
        height: 1,
    };
    put(&[run(format!(" {text} "), view.theme.dim())], place, buf);
}

/// Draws lines in a box around those under the cursor, which are marked; returns how many do not fit.
pub fn text_at(
    view: View<'_>,
    title: &str,
    lines: &[Drawn],
    cursor: Range<usize>,
    area: Rect,
    buf: &mut Buffer,
) -> usize {
    let inner = frame(view, title, true, area, buf);
    let height = usize::from(inner.height);
    let overflow = lines.len().saturating_sub(height);
    let top = cursor.start.saturating_sub(height / 2).min(overflow);
    draw_lines(lines, top, inner, buf);
    for (y, index) in (inner.top()..inner.bottom()).zip(top..) {
        if cursor.contains(&index) {
            buf.set_style(
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                view.theme.selected(),
            );
        }
    }
    overflow
}

/// Draws a list's lines around the cursor, the cursor's line reversed.
pub fn list(view: View<'_>, lines: &[Runs], cursor: usize, area: Rect, buf: &mut Buffer) {
    list_of(
        view,
        lines.len(),
        cursor,
        |index| lines[index].clone(),
        (area, buf),
    );
}

/// [`list`] of lines that are made only where they are seen; returns the number of the first one.
pub fn list_of(
    view: View<'_>,
    count: usize,
    cursor: usize,
    line: impl Fn(usize) -> Runs,
    (area, buf): (Rect, &mut Buffer),
) -> usize {
    let top = top_of(count, cursor, area);
    let seen = u16::try_from(count - top).unwrap_or(u16::MAX).min(area.height);
    let lines = Rect { height: seen, ..area };
    view.spot(lines, SpotOf::List { first: top, cursor });
    for (y, index) in (area.top()..area.bottom()).zip(top..count) {
        let row = Rect { y, height: 1, ..area };
        put(&line(index), row, buf);
        if index == cursor {
            buf.set_style(row, view.theme.selected());
        }
    }
    top
}

/// The number of a list's first line that is seen, its cursor in the middle where it can be.
pub fn top_of(count: usize, cursor: usize, area: Rect) -> usize {
    let height = usize::from(area.height);
    cursor
        .saturating_sub(height / 2)
        .min(count.saturating_sub(height))
}

/// Where a long list is looked at.
pub struct Seen {
    /// The number of the first line that is seen, and of all; `None` while they are not known.
    pub at: Option<(u64, u64)>,
    /// Lines that are seen at once.
    pub height: u16,
}

/// Draws where the list is on the right border: `⋯` while nobody knows, nothing when all of it is seen.
pub fn scroll_bar(view: View<'_>, seen: &Seen, list: Rect, buf: &mut Buffer) {
    let x = list.right();
    if list.height == 0 || x >= buf.area.right() {
        return;
    }
    let cell = |y: u16| Rect {
        x,
        y,
        width: 1,
        height: 1,
    };
    let Some((first, all)) = seen.at else {
        put(&[run("⋯", view.theme.dim())], cell(list.y), buf);
        return;
    };
    let (track, height) = (u64::from(list.height), u64::from(seen.height));
    if all <= height {
        return;
    }
    let scaled = |value: u64, of: u64, to: u64| {
        let scaled = u128::from(value) * u128::from(to) / u128::from(of.max(1));
        u64::try_from(scaled).unwrap_or(to)
    };
    let thumb = scaled(height, all, track).max(1);
    let top = scaled(first, all - height, track - thumb).min(track - thumb);
    for y in top..top + thumb {
        let y = list.y + u16::try_from(y).unwrap_or(0);
        put(&[run("█", view.theme.key())], cell(y), buf);
    }
}

/// `name   value` lines, the value wrapped under itself.
pub fn fact(view: View<'_>, name: &str, name_cells: usize, value: Run, cells: usize) -> Vec<Drawn> {
    let name = run(name, view.theme.key());
    let filled = name_cells.saturating_sub(text::runs_width(std::slice::from_ref(&name)));
    let runs = [name, text::plain(" ".repeat(filled + 1)), value];
    text::wrap(&runs, cells, name_cells + 1)
}
