//! Text on its way to the screen: made safe, measured in cells, cut and wrapped by us.
//!
//! [`run`] is the only door: whatever is drawn went through [`Safe`]. ratatui's own wrapping is never used, because
//! it panics on some texts.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::row_facts::RowsRead;
use crate::domain::safe::Safe;

/// Most bytes of one text that are looked at for drawing.
const MAX_BYTES: usize = 16 << 10;

/// Safe text in one style.
#[derive(Clone, Debug, Default)]
pub struct Run {
    text: Safe,
    style: Style,
}

/// A line before it is wrapped or cut.
pub type Runs = Vec<Run>;

/// Makes any text drawable.
pub fn run(text: impl AsRef<str>, style: Style) -> Run {
    Run {
        text: clean(text.as_ref()),
        style,
    }
}

/// Makes any text drawable, in the terminal's own style.
pub fn plain(text: impl AsRef<str>) -> Run {
    run(text, Style::new())
}

/// Safe text, cut when it is huge; emoji that terminals disagree about are shown by their first character.
pub fn clean(text: &str) -> Safe {
    let end = text.floor_char_boundary(MAX_BYTES);
    let head = collapse_emoji(&text[..end]);
    if end == text.len() {
        return Safe::line(&head);
    }
    Safe::line(&format!("{head} … {} bytes more", text.len() - end))
}

/// Emoji sequences with joiners, variation selectors or skin tones differ in width between terminals.
fn collapse_emoji(text: &str) -> Cow<'_, str> {
    let extends = |c: char| matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}');
    if !text.chars().any(extends) {
        return Cow::Borrowed(text);
    }
    let is_emoji = |cluster: &str| {
        cluster
            .chars()
            .all(|c| extends(c) || matches!(c as u32, 0x2190..=0x2BFF | 0x1F000..=0x1FAFF))
    };
    let shown = text.graphemes(true).map(|cluster| match cluster.chars().next() {
        Some(first) if is_emoji(cluster) && !extends(first) => &cluster[..first.len_utf8()],
        _ => cluster,
    });
    Cow::Owned(shown.collect())
}

/// The cells that a text takes.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The cells that a line takes.
pub fn runs_width(runs: &[Run]) -> usize {
    runs.iter().map(|run| width(run.text.as_str())).sum()
}

/// A text in exactly `cells` cells: cut with `…`, or filled with blanks.
pub fn fit(text: &str, cells: usize) -> String {
    let safe = clean(text);
    let mut fitted = cut(safe.as_str(), cells);
    let missing = cells.saturating_sub(width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// A safe text in at most `cells` cells.
pub fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = cluster.width();
        if used + wide + 1 > cells {
            break;
        }
        used += wide;
        kept.push_str(cluster);
    }
    if cells > 0 {
        kept.push('…');
    }
    kept
}

/// A line as it is drawn, cut to `cells`.
pub fn line(runs: &[Run], cells: usize) -> Line<'static> {
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
    Line::from(spans)
}

/// How far a pass over all rows has come.
pub fn so_far(rows: RowsRead) -> String {
    let count = grouped(rows.issues + rows.mappings);
    match rows.percent {
        Some(percent) => format!("{percent} %, {count} rows so far"),
        None => format!("{count} rows so far"),
    }
}

/// A line wrapped at blanks; what has none and is longer than a line is broken between words. Lines behind the first
/// are indented.
pub fn wrap(runs: &[Run], cells: usize, indent: usize) -> Vec<Line<'static>> {
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
    lines: Vec<Line<'static>>,
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
        self.lines.push(Line::from(std::mem::take(&mut self.spans)));
        self.used = self.indent;
        if self.indent > 0 {
            self.spans.push(Span::raw(" ".repeat(self.indent)));
        }
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.lines.push(Line::from(self.spans));
        self.lines
    }
}

/// Draws lines from `scroll` on; returns how many lines do not fit.
pub fn draw_lines(lines: &[Line<'_>], scroll: usize, area: Rect, buf: &mut Buffer) -> usize {
    let height = usize::from(area.height);
    let overflow = lines.len().saturating_sub(height);
    let shown = lines.iter().skip(scroll.min(overflow));
    for (y, line) in (area.top()..area.bottom()).zip(shown) {
        buf.set_line(area.x, y, line, area.width);
    }
    overflow
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{} bytes", grouped(count)),
        10_000..10_000_000 => format!("{} kB", grouped(count / 1000)),
        _ => format!("{} MB", grouped(count / 1_000_000)),
    }
}

/// A number with its thousands apart.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in few cells, for tabs.
pub fn compact(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1000),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, cells: usize, indent: usize) -> Vec<String> {
        wrap(&[plain(text)], cells, indent)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn wraps_at_blanks_and_breaks_what_is_longer() {
        assert_eq!(wrapped("one two three", 8, 0), ["one two ", "three"]);
        assert_eq!(wrapped("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("支払いの", 3, 0), ["支", "払", "い", "の"]);
    }

    #[test]
    fn never_takes_more_cells_than_there_are() {
        assert_eq!(fit("支払い", 4), "支… ");
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(line(&[plain("ab"), plain("支払")], 4).to_string(), "ab…");
    }

    #[test]
    fn shows_one_emoji_for_a_sequence_but_hides_nothing_else() {
        assert_eq!(clean("👩\u{200D}🚀!").as_str(), "👩!");
        assert_eq!(clean("a\u{200D}b").as_str(), "a⟨U+200D⟩b");
    }

    #[test]
    fn writes_counts_for_people() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(
            (compact(9999), compact(2_400_112)),
            ("9999".to_owned(), "2.4M".to_owned())
        );
    }
}
