//! Text on its way to the screen: made safe, measured in cells, cut and wrapped by us.
//!
//! [`run`] is the only door: a [`Run`] holds [`Safe`] text, only runs become a [`Drawn`] line, and only those are drawn.
//! `tests/architecture.rs` holds that nothing else in the views names ratatui's own texts. ratatui's own wrapping is
//! never used, because it panics on some texts.

mod lines;

use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use crate::domain::figures::{bytes, grouped};
use crate::domain::row_facts::RowsRead;
use crate::domain::safe::Safe;

pub use lines::{Drawn, border, draw_in_ascii, draw_lines, line, put, styled, wrap};

/// Most bytes of one text that are looked at for drawing.
const MAX_BYTES: usize = 16 << 10;

/// Most bytes of a text of many lines that are shown.
const MAX_TEXT: usize = 64 << 10;
/// Most of its lines.
const MAX_LINES: usize = 2000;

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

/// Makes the lines of a long text drawable: the first of them as they are, then how much there is besides.
pub fn long(text: &str) -> Vec<Run> {
    let end = text.floor_char_boundary(MAX_TEXT);
    let mut runs: Vec<Run> = text[..end]
        .split('\n')
        .take(MAX_LINES)
        .map(|line| plain(line.strip_suffix('\r').unwrap_or(line)))
        .collect();
    let all_lines = runs.len() < MAX_LINES || !text[..end].ends_with('\n');
    if end < text.len() || !all_lines {
        let more = format!("… cut here: {} in all; y copies them", bytes(text.len() as u64));
        runs.push(plain(more));
    }
    runs
}

/// Makes any text drawable, in the terminal's own style.
pub fn plain(text: impl AsRef<str>) -> Run {
    run(text, Style::new())
}

/// Safe text, cut when it is huge.
pub fn clean(text: &str) -> Safe {
    let end = text.floor_char_boundary(MAX_BYTES);
    if end == text.len() {
        return Safe::line(text);
    }
    Safe::line(&format!("{} … {} bytes more", &text[..end], text.len() - end))
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

/// A text as the body has it where there is none.
pub fn or_null(text: Option<&str>) -> &str {
    text.unwrap_or("null")
}

/// How far a pass over all rows has come.
pub fn so_far(rows: RowsRead) -> String {
    let count = grouped(rows.issues + rows.mappings);
    match rows.percent {
        Some(percent) => format!("{percent} %, {count} rows so far"),
        None => format!("{count} rows so far"),
    }
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
            .map(Drawn::text)
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
        assert_eq!(line(&[plain("ab"), plain("支払")], 4).text(), "ab…");
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
