//! Section 7: what was published from this machine, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text::{Drawn, Runs, bytes, draw_lines, or_null, plain, run, wrap};
use super::{View, pane};
use crate::domain::journal::Attempt;
use crate::domain::publish::Outcome;

const LIST_CELLS: u16 = 50;
const NAME_CELLS: usize = 16;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let attempts = view.model.attempts();
    let split = view.split(area, LIST_CELLS, attempts.len());
    if let Some(area) = split.list {
        let inner = pane::frame(view, "Journal", split.list_focused(view), area, buf);
        if attempts.is_empty() {
            let nothing = plain("Nothing was published from this machine yet; p shows what would be sent.");
            draw_lines(&wrap(&[nothing], usize::from(inner.width), 0), 0, inner, buf);
        }
        let lines: Vec<Runs> = attempts.iter().map(|attempt| list_line(view, attempt)).collect();
        pane::list(view, &lines, view.model.cursor(), inner, buf);
    }
    let Some(area) = split.detail else {
        return 0;
    };
    let cells = pane::cells(area);
    let attempt = attempts.get(view.model.cursor());
    let lines = attempt
        .map(|attempt| detail(view, attempt, cells))
        .unwrap_or_default();
    pane::text(view, "Attempt", view.model.detail, &lines, area, buf)
}

/// An outcome's glyph and style.
pub fn outcome(view: View<'_>, outcome: Outcome) -> (&'static str, Style) {
    match outcome {
        Outcome::Delivered => ("✓", view.theme.good()),
        Outcome::Refused => ("✗", view.theme.bad()),
        Outcome::NotSent => ("–", view.theme.warn()),
        Outcome::Unknown => ("?", view.theme.bad()),
    }
}

fn list_line(view: View<'_>, attempt: &Attempt) -> Runs {
    let (glyph, style) = outcome(view, attempt.outcome());
    let result = attempt.result.as_ref();
    let status = result
        .and_then(|result| result.status)
        .map_or(String::new(), |status| status.to_string());
    vec![
        run(format!(" {glyph} {:<10}", attempt.outcome().name()), style),
        plain(format!("{status:<4} {}", attempt.record.time)),
    ]
}

fn detail(view: View<'_>, attempt: &Attempt, cells: usize) -> Vec<Drawn> {
    let (glyph, style) = outcome(view, attempt.outcome());
    let record = &attempt.record;
    let mut lines = wrap(
        &[run(format!("{glyph} {}", attempt.outcome().name()), style)],
        cells,
        0,
    );
    let mut fact = |name: &str, value: String| {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    };
    for (name, value) in came_of(attempt) {
        fact(name, value);
    }
    fact("when", record.time.clone());
    fact("endpoint", record.endpoint.clone());
    fact("binding", format!("{} · {}", record.provider, record.workspace));
    fact(
        "route",
        format!(
            "{} / {}",
            or_null(record.resource_type.as_deref()),
            or_null(record.resource_id.as_deref())
        ),
    );
    fact("idempotency key", record.idempotency_key.clone());
    fact(
        "body",
        format!(
            "{}, {} issues, {} mappings",
            bytes(record.body_bytes),
            record.issues,
            record.mappings
        ),
    );
    fact("blake3", record.body_blake3.clone());
    fact("project", record.project_root.clone());
    fact("attempt", record.id.clone());
    lines
}

/// What became of it, and what can be done when nobody knows.
fn came_of(attempt: &Attempt) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(result) = &attempt.result {
        let status = result
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        facts.push(("status", status));
        facts.push(("time", format!("{} ms", result.elapsed_ms)));
        facts.push(("body sent", bytes(result.bytes_sent)));
        facts.extend(result.note.clone().map(|note| ("note", note)));
    } else {
        let note = "catseye ended before it knew: the server may have it";
        facts.push(("note", note.to_owned()));
    }
    if attempt.outcome() == Outcome::Unknown {
        let again = "R in the list freezes the same key and bytes, P then sends them";
        facts.push(("again", again.to_owned()));
    }
    facts
}
