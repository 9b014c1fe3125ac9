//! A box with a title, and the lists and texts in it.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget};

use super::View;
use super::text::{self, Run, Runs, clean, cut, draw_lines};

/// Draws a box; returns the area in it.
pub fn frame(view: View<'_>, title: &str, focused: bool, area: Rect, buf: &mut Buffer) -> Rect {
    let title = cut(clean(title).as_str(), usize::from(area.width.saturating_sub(4)));
    let style = if focused {
        view.theme.key()
    } else {
        view.theme.dim()
    };
    let border = if focused {
        BorderType::Double
    } else {
        BorderType::Plain
    };
    let block = Block::bordered()
        .border_type(border)
        .border_style(style)
        .title(Line::styled(format!(" {title} "), view.theme.strong()));
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// Draws lines in a box, scrolled when it has the focus; returns how many do not fit.
pub fn text(
    view: View<'_>,
    title: &str,
    focused: bool,
    lines: &[Line<'_>],
    area: Rect,
    buf: &mut Buffer,
) -> usize {
    let inner = frame(view, title, focused, area, buf);
    let scroll = if focused { view.model.scroll } else { 0 };
    let overflow = draw_lines(lines, scroll, inner, buf);
    let below = overflow.saturating_sub(scroll);
    if below > 0 && area.width > 24 {
        let hint = if focused {
            format!(" {below} more ")
        } else {
            format!(" {below} more: enter ")
        };
        let x = area
            .right()
            .saturating_sub(u16::try_from(hint.len()).unwrap_or(0) + 2);
        buf.set_string(x, area.bottom() - 1, hint, view.theme.dim());
    }
    overflow
}

/// Draws lines in a box around those under the cursor, which are marked; returns how many do not fit.
pub fn text_at(
    view: View<'_>,
    title: &str,
    lines: &[Line<'_>],
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
    let height = usize::from(area.height);
    let last_top = lines.len().saturating_sub(height);
    let top = cursor.saturating_sub(height / 2).min(last_top);
    let visible = lines.iter().enumerate().skip(top);
    for (y, (index, runs)) in (area.top()..area.bottom()).zip(visible) {
        buf.set_line(area.x, y, &text::line(runs, usize::from(area.width)), area.width);
        if index == cursor {
            let row = Rect { y, height: 1, ..area };
            buf.set_style(row, view.theme.selected());
        }
    }
}

/// `name   value` lines, the value wrapped under itself.
pub fn fact(name: Run, name_cells: usize, value: Run, cells: usize) -> Vec<Line<'static>> {
    let filled = name_cells.saturating_sub(text::runs_width(std::slice::from_ref(&name)));
    let runs = [name, text::plain(" ".repeat(filled + 1)), value];
    text::wrap(&runs, cells, name_cells + 1)
}
