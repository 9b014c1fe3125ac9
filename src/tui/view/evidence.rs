//! Evidence as rustc shows it: the place, the lines around it, carets under what is meant, and what is there.

use std::path::Path;

use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;

use super::View;
use super::text::{clean, line, plain, run, width, wrap};
use crate::app::snapshot::Snapshot;
use crate::domain::finding::{Evidence, Finding, Place, Range};

/// Places that are shown; the rest is counted.
const MAX_BLOCKS: usize = 5;
/// Lines shown before the one that is meant.
const LINES_BEFORE: usize = 2;

/// The blocks of a finding's evidence.
pub fn blocks(
    view: View<'_>,
    snapshot: &Snapshot,
    finding: &Finding,
    cells: usize,
    lines: &mut Vec<Line<'static>>,
) {
    for (index, evidence) in finding.evidence.iter().take(MAX_BLOCKS).enumerate() {
        block(view, snapshot, evidence, index == 0, cells, lines);
    }
    let shown = finding.evidence.len().min(MAX_BLOCKS);
    // Fewer places than the count, but more than one, are the first of so many.
    let all = match finding.evidence.len() {
        1 => 1,
        places => places.max(usize::try_from(finding.count).unwrap_or(usize::MAX)),
    };
    let more = all.saturating_sub(shown);
    if more > 0 && shown > 0 {
        lines.push(Line::styled(format!("  … and {more} more"), view.theme.dim()));
    }
}

fn block(
    view: View<'_>,
    snapshot: &Snapshot,
    evidence: &Evidence,
    first: bool,
    cells: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = view.theme;
    let arrow = if first { "  --> " } else { "  ::: " };
    let place = evidence.place.shown(&snapshot.bases);
    lines.extend(wrap(&[run(arrow, theme.place()), plain(place)], cells, 6));
    let source = match &evidence.place {
        Place::File {
            path,
            range: Some(range),
        } => source_lines(snapshot, path, range.line).map(|source| (source, range)),
        _ => None,
    };
    let Some((source, range)) = source else {
        lines.extend(wrap(
            &[run("   | ", theme.place()), plain(&evidence.label)],
            cells,
            5,
        ));
        return;
    };
    let gutter = range.line.to_string().len().max(2);
    let bar = |number: Option<usize>| {
        let number = number.map_or(String::new(), |number| number.to_string());
        run(format!("{number:>gutter$} | "), theme.place())
    };
    let room = cells.saturating_sub(gutter + 3);
    for (number, text) in source {
        if number != range.line {
            lines.push(line(&[bar(Some(number)), run(text, theme.dim())], cells));
            continue;
        }
        let marked = Marked::new(text, *range, room);
        lines.push(line(&[bar(Some(number)), plain(&marked.text)], cells));
        let style = if first { theme.bad() } else { theme.warn() };
        let caret = if first { "^" } else { "-" };
        let carets = format!("{}{}", " ".repeat(marked.before), caret.repeat(marked.cells));
        let beside = marked.before + marked.cells + 1 + evidence.label.len() <= room;
        if beside {
            let label = run(format!(" {}", evidence.label), style);
            lines.push(line(&[bar(None), run(carets, style), label], cells));
        } else {
            lines.push(line(&[bar(None), run(carets, style)], cells));
            lines.extend(wrap(&[bar(None), run(&evidence.label, style)], cells, gutter + 3));
        }
    }
}

/// The line that is meant with a little before it.
fn source_lines<'a>(snapshot: &'a Snapshot, path: &Path, line: usize) -> Option<Vec<(usize, &'a str)>> {
    let excerpt = snapshot.excerpt(path, line)?;
    let numbered = (excerpt.first_line..).zip(excerpt.lines.iter().map(String::as_str));
    let near = numbered.filter(|(number, _)| (line.saturating_sub(LINES_BEFORE)..=line).contains(number));
    Some(near.collect())
}

/// A line that fits, and the cells that the carets take.
struct Marked {
    text: String,
    before: usize,
    cells: usize,
}

impl Marked {
    /// Cuts a line on the left so far that the marked part is seen.
    fn new(text: &str, range: Range, room: usize) -> Self {
        let start = text
            .char_indices()
            .nth(range.column.saturating_sub(1))
            .map_or(text.len(), |(at, _)| at);
        let end = text.floor_char_boundary(
            start
                .saturating_add(range.end.saturating_sub(range.start))
                .min(text.len()),
        );
        let prefix = clean(&text[..start]).into_string();
        let marked = clean(&text[start..end.max(start)]).into_string();
        let rest = clean(&text[end.max(start)..]).into_string();
        let kept = tail(&prefix, room / 2);
        let before = width(&kept);
        let cells = width(&marked).max(1).min(room.saturating_sub(before).max(1));
        Self {
            text: format!("{kept}{marked}{rest}"),
            before,
            cells,
        }
    }
}

/// The last part of a text, with `…` when something was cut.
fn tail(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += width(cluster);
        if used > cells {
            break;
        }
        from = at;
    }
    format!("…{}", &text[from..])
}
