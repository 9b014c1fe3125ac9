//! A page: a text over the section.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{run, wrap};
use super::{View, pane};
use crate::app::page::{Page, Tone};

/// Draws the page.
pub fn draw(view: View<'_>, page: &Page, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let theme = view.theme;
    let mut lines = Vec::new();
    for (tone, text) in &page.lines {
        let style = match tone {
            Tone::Plain => ratatui::style::Style::new(),
            Tone::Head => theme.strong(),
            Tone::Good => theme.good(),
            Tone::Bad => theme.bad(),
            Tone::Changed => theme.warn(),
            Tone::Dim => theme.dim(),
        };
        lines.extend(wrap(&[run(text, style)], cells, 4));
    }
    pane::text(view, &page.title, true, &lines, area, buf)
}
