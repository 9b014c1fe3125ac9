//! Evidence as rustc shows it: the place, the lines around it, carets under what is meant, and what is there.

use super::View;
use super::text::{Drawn, clean, line, plain, run, styled, width, wrap};
use crate::app::snapshot::Snapshot;
use crate::domain::finding::{Evidence, Finding, Place};

/// Places that are shown; the rest is counted.
const MAX_BLOCKS: usize = 5;
/// Places that are shown where there is little room and the fix is to be seen, too: a cause and what it clashes with.
const FEW_BLOCKS: usize = 2;

/// The blocks of a finding's evidence for so many cells, without the lines around it where there is little room.
pub fn blocks(
    view: View<'_>,
    snapshot: &Snapshot,
    finding: &Finding,
    (cells, low): (usize, bool),
    lines: &mut Vec<Drawn>,
) {
    let most = match finding.evidence.len() {
        _ if !low || view.model.detail => MAX_BLOCKS,
        ..=3 => FEW_BLOCKS,
        // The same thing many times.
        _ => 1,
    };
    let mut before = None;
    for evidence in finding.evidence.iter().take(most) {
        block(view, snapshot, evidence, before, (cells, low), lines);
        before = Some(&evidence.place);
    }
    let shown = finding.evidence.len().min(most);
    // Fewer places than the count, but more than one, are the first of so many.
    let all = match finding.evidence.len() {
        1 => 1,
        places => places.max(usize::try_from(finding.count).unwrap_or(usize::MAX)),
    };
    let more = all.saturating_sub(shown);
    if more > 0 && shown > 0 {
        lines.push(styled(format!("  … and {more} more"), view.theme.dim()));
    }
}

fn block(
    view: View<'_>,
    snapshot: &Snapshot,
    evidence: &Evidence,
    before: Option<&Place>,
    (cells, low): (usize, bool),
    lines: &mut Vec<Drawn>,
) {
    let theme = view.theme;
    let first = before.is_none();
    let arrow = if first { "  --> " } else { "  ::: " };
    let place = evidence.place.shown(&snapshot.bases);
    lines.extend(wrap(&[run(arrow, theme.place()), plain(place)], cells, 6));
    let Some(snippet) = snapshot.snippet(&evidence.place) else {
        lines.extend(wrap(
            &[run("   | ", theme.place()), plain(&evidence.label)],
            cells,
            5,
        ));
        return;
    };
    let gutter = snippet.range.line.to_string().len().max(2);
    let bar = |number: Option<usize>| {
        let number = number.map_or(String::new(), |number| number.to_string());
        run(format!("{number:>gutter$} | "), theme.place())
    };
    let room = cells.saturating_sub(gutter + 3);
    let lines_before = if low || before.is_some_and(|before| before.same_file(&evidence.place)) {
        &[]
    } else {
        snippet.lines_before.as_slice()
    };
    for (number, text) in lines_before {
        lines.push(line(&[bar(Some(*number)), run(text, theme.dim())], cells));
    }
    let marked = snippet.laid_out(room, |text| clean(text).into_string());
    lines.push(line(&[bar(Some(snippet.range.line)), plain(&marked.text)], cells));
    let style = if first { theme.bad() } else { theme.warn() };
    let caret = if first { "^" } else { "-" };
    let carets = format!("{}{}", " ".repeat(marked.before), caret.repeat(marked.cells));
    if marked.before + marked.cells + 1 + width(clean(&evidence.label).as_str()) <= room {
        let label = run(format!(" {}", evidence.label), style);
        lines.push(line(&[bar(None), run(carets, style), label], cells));
    } else {
        lines.push(line(&[bar(None), run(carets, style)], cells));
        lines.extend(wrap(&[bar(None), run(&evidence.label, style)], cells, gutter + 3));
    }
}
