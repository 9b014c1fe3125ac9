//! The publish under way, and what came of it: verdict, time, answer with headers and body.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::journal::outcome as glyph;
use super::text::{Drawn, bytes, grouped, long, plain, run, styled, wrap};
use super::{View, pane};
use crate::app::action::Action;
use crate::app::foretold::foretold;
use crate::app::publish::{Done, Sending};
use crate::domain::publish::{Answer, Outcome, Report};

const NAME_CELLS: usize = 12;

/// The request is under way.
pub fn draw_sending(view: View<'_>, sending: &Sending, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let elapsed = view.model.now.saturating_sub(sending.started);
    let sent = format!(
        "{} of {} bytes",
        grouped(sending.sent),
        grouped(sending.plan.body.bytes)
    );
    let doing = if sending.stopping {
        "stopping"
    } else {
        sending.phase.doing()
    };
    let text = format!(
        "{doing} · {sent} · {}.{} s",
        elapsed.as_secs(),
        elapsed.subsec_millis() / 100
    );
    let mut lines = wrap(&[run(text, view.theme.strong())], cells, 0);
    lines.extend(wrap(&[plain(format!("POST {}", sending.plan.url))], cells, 5));
    let note = "esc stops waiting: when body bytes have left by then, the outcome is unknown";
    lines.extend(wrap(&[run(note, view.theme.dim())], cells, 0));
    pane::text(view, "Sending", true, &lines, area, buf)
}

/// It ended.
pub fn draw(view: View<'_>, done: &Done, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let report = &done.report;
    let (sign, style) = glyph(view, report.outcome);
    let head = format!("{sign} {}", report.outcome.name().to_uppercase());
    let mut lines = wrap(
        &[run(head, style), plain(format!(": {}", meaning(report)))],
        cells,
        2,
    );
    for (name, value) in facts(view, done) {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    }
    if let Some(answer) = &report.answer {
        answer_lines(view, answer, cells, &mut lines);
    }
    pane::text(view, "Outcome", true, &lines, area, buf)
}

/// What came of it, by name.
fn facts<'a>(view: View<'_>, done: &'a Done) -> Vec<(&'a str, String)> {
    let report = &done.report;
    let foretold = foretold(done, view.model.findings());
    let mut facts: Vec<(&str, String)> = Vec::new();
    let mut fact = |name, value| facts.push((name, value));
    if !foretold.is_empty() {
        let names: Vec<_> = foretold.iter().map(|name| name.as_str()).collect();
        let text = format!("{}: {}", names.join(", "), foretold_as(report));
        fact("foretold by", text);
    }
    if report.outcome == Outcome::Delivered {
        let keys = view.keys;
        let (changes, journal) = (keys.key_name(Action::Changes), keys.key_name(Action::ShowJournal));
        fact(
            "next",
            format!("{changes} tells what changes from here on; {journal} has this attempt"),
        );
    }
    if let Some(answer) = &report.answer {
        fact("status", format!("{} {}", answer.status, answer.reason));
    }
    if let Some(failure) = &report.failure {
        fact("broke while", failure.phase.doing().to_owned());
        fact("why", failure.message.clone());
        fact("next", failure.next.to_owned());
    }
    if let Some(advice) = report.answer.as_ref().and_then(Answer::advice) {
        fact("next", advice);
    }
    let first_byte = report
        .first_byte
        .map(|time| format!(", first byte after {} ms", time.as_millis()));
    fact(
        "time",
        format!(
            "{} ms{}",
            report.elapsed.as_millis(),
            first_byte.unwrap_or_default()
        ),
    );
    fact(
        "sent",
        format!("{} of {}", bytes(report.bytes_sent), bytes(report.body_bytes)),
    );
    fact("request", format!("POST {}", done.plan.url));
    fact("key", done.plan.idempotency_key.clone());
    for (name, note) in &done.notes {
        fact(name, note.clone());
    }
    facts
}

/// How the findings behind an outcome are meant.
fn foretold_as(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Delivered => "sent all the same",
        Outcome::Refused => "that may be why",
        Outcome::NotSent | Outcome::Unknown => "that is the way it took",
    }
}

/// What an outcome means here.
fn meaning(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Delivered => "the server took the snapshot; nothing local changed",
        Outcome::Refused => "the server answered, but not with success; nothing local changed",
        Outcome::NotSent => "no byte of the body left this machine",
        Outcome::Unknown => "bytes left and no complete answer came: the server may have the snapshot",
    }
}

fn answer_lines(view: View<'_>, answer: &Answer, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    lines.push(styled(
        format!("── {} headers ──", answer.headers.len()),
        theme.dim(),
    ));
    for (name, value) in &answer.headers {
        lines.extend(wrap(
            &[run(format!("{name}: "), theme.key()), plain(value)],
            cells,
            2,
        ));
    }
    let more = if answer.truncated { ", cut" } else { "" };
    let size = bytes(answer.body.len() as u64);
    lines.push(styled(format!("── body, {size}{more} ──"), theme.dim()));
    if let Some(note) = &answer.body_note {
        lines.extend(wrap(&[run(format!("! {note}"), theme.warn())], cells, 2));
    }
    let text = String::from_utf8_lossy(&answer.body);
    for line in long(&text) {
        lines.extend(wrap(&[line], cells, 0));
    }
}
