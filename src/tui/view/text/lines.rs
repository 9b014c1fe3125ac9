//! Lines that are ready to draw, and the only places that draw them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{Run, clean, cut, run, width};
use crate::domain::ascii::ascii;
use crate::tui::theme::Theme;

/// A line ready to draw. It is made of [`Run`]s alone, so nothing in it is raw.
#[derive(Clone, Debug, Default)]
pub struct Drawn(Line<'static>);

impl Drawn {
    /// What it shows.
    #[cfg(test)]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A line of one text in one style.
pub fn styled(text: impl AsRef<str>, style: Style) -> Drawn {
    line(&[run(text, style)], usize::MAX)
}

/// A line as it is drawn, cut to `cells`.
pub fn line(runs: &[Run], cells: usize) -> Drawn {
    let mut left = cells;
    let mut spans = Vec::new();
    for run in runs {
        let text = cut(run.text.as_str(), left);
        left -= width(&text).min(left);
        let cut_here = text.len() < run.text.as_str().len();
        spans.push(Span::styled(text, run.style));
        if cut_here {
            break;
        }
    }
    Drawn(Line::from(spans))
}

/// A line wrapped at blanks; what has none and is longer than a line is broken between words. Lines behind the first
/// are indented.
pub fn wrap(runs: &[Run], cells: usize, indent: usize) -> Vec<Drawn> {
    let cells = cells.max(1);
    let indent = if indent + 8 > cells { 0 } else { indent };
    let mut wrapper = Wrapper {
        cells,
        indent,
        lines: Vec::new(),
        spans: Vec::new(),
        used: 0,
    };
    for run in runs {
        let text = run.text.as_str();
        let mut from = 0;
        for (at, word) in text.split_word_bound_indices() {
            if word.trim().is_empty() {
                wrapper.push_all(&text[from..at], run.style);
                wrapper.push(word, run.style);
                from = at + word.len();
            }
        }
        wrapper.push_all(&text[from..], run.style);
    }
    wrapper.finish()
}

struct Wrapper {
    cells: usize,
    indent: usize,
    lines: Vec<Drawn>,
    spans: Vec<Span<'static>>,
    used: usize,
}

impl Wrapper {
    /// Text without blanks: kept together where a line has room for it.
    fn push_all(&mut self, text: &str, style: Style) {
        let wide = width(text);
        if self.used + wide > self.cells && self.used > self.indent && self.indent + wide <= self.cells {
            self.break_line();
        }
        for word in text.split_word_bounds() {
            self.push(word, style);
        }
    }

    fn push(&mut self, word: &str, style: Style) {
        let wide = width(word);
        if self.used + wide > self.cells && self.used > self.indent {
            self.break_line();
            if word.trim().is_empty() {
                return;
            }
        }
        if self.used + wide <= self.cells {
            self.append(word, style, wide);
            return;
        }
        for cluster in word.graphemes(true) {
            let wide = cluster.width();
            if self.used + wide > self.cells && self.used > self.indent {
                self.break_line();
            }
            self.append(cluster, style, wide);
        }
    }

    fn append(&mut self, text: &str, style: Style, wide: usize) {
        self.used += wide;
        match self.spans.last_mut() {
            Some(span) if span.style == style => span.content.to_mut().push_str(text),
            _ => self.spans.push(Span::styled(text.to_owned(), style)),
        }
    }

    fn break_line(&mut self) {
        self.lines
            .push(Drawn(Line::from(std::mem::take(&mut self.spans))));
        self.used = self.indent;
        if self.indent > 0 {
            self.spans.push(Span::raw(" ".repeat(self.indent)));
        }
    }

    fn finish(mut self) -> Vec<Drawn> {
        self.lines.push(Drawn(Line::from(self.spans)));
        self.lines
    }
}

/// Draws lines from `scroll` on; returns how many lines do not fit.
pub fn draw_lines(lines: &[Drawn], scroll: usize, area: Rect, buf: &mut Buffer) -> usize {
    let height = usize::from(area.height);
    let overflow = lines.len().saturating_sub(height);
    let shown = lines.iter().skip(scroll.min(overflow));
    for (y, line) in (area.top()..area.bottom()).zip(shown) {
        buf.set_line(area.x, y, &line.0, area.width);
    }
    overflow
}

/// Draws runs on the first line of an area, cut to it.
pub fn put(runs: &[Run], area: Rect, buf: &mut Buffer) {
    let drawn = line(runs, usize::from(area.width));
    buf.set_line(area.x, area.y, &drawn.0, area.width);
}

/// Draws a box with a title; returns the area in it.
pub fn border(title: &str, focused: bool, theme: Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let title = cut(clean(title).as_str(), usize::from(area.width.saturating_sub(4)));
    let (kind, style) = if focused {
        (BorderType::Double, theme.key())
    } else {
        (BorderType::Plain, theme.dim())
    };
    let block = Block::bordered()
        .border_type(kind)
        .border_style(style)
        .title(Line::styled(format!(" {title} "), theme.strong()));
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// Puts ASCII in the place of the glyphs that are drawn.
pub fn draw_in_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        let symbol = ascii(cell.symbol()).into_owned();
        cell.set_symbol(&symbol);
    }
}
