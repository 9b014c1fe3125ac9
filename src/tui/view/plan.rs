//! The plan: the frozen request, what it would change, and what must be accepted before `P` sends it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Drawn, bytes, grouped, plain, run, so_far, wrap};
use super::{View, pane};
use crate::app::publish::{Confirming, Obstacle, PlanFacts};
use crate::domain::finding::Finding;
use crate::domain::row_facts::RowsRead;

const NAME_CELLS: usize = 16;

/// The plan is being built.
pub fn draw_planning(view: View<'_>, rows: Option<RowsRead>, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let done = rows.map_or(String::new(), |rows| format!(": {}", so_far(rows)));
    let lines = wrap(
        &[plain(format!("building the body{done}. Nothing is sent yet"))],
        cells,
        0,
    );
    pane::text(view, "Plan", true, &lines, area, buf)
}

/// The plan waits for consent and `P`.
pub fn draw(view: View<'_>, confirming: &Confirming, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let mut lines = verdict(view, confirming, cells);
    findings(view, confirming, cells, &mut lines);
    lines.push(Drawn::default());
    facts(view, &confirming.plan, cells, &mut lines);
    let title = format!("Plan, frozen {}, nothing sent yet", confirming.plan.frozen_at);
    pane::text(view, &title, true, &lines, area, buf)
}

/// What `P` would do now, in one line.
fn verdict(view: View<'_>, confirming: &Confirming, cells: usize) -> Vec<Drawn> {
    let theme = view.theme;
    let body = grouped(confirming.plan.body.bytes);
    let (text, style) = match confirming.obstacle() {
        Some(Obstacle::Stale(inputs)) => {
            let changed = inputs.join(", ");
            let text = format!("✗ STALE: {changed} changed since this was frozen; p builds it again");
            (text, theme.bad())
        }
        Some(Obstacle::Blocked(finding)) => (format!("⊘ cannot be sent: {}", finding.title()), theme.bad()),
        Some(Obstacle::Held(reason)) => (format!("⊘ {reason}"), theme.bad()),
        Some(Obstacle::Unaccepted(names)) => {
            let missing = names.len();
            let text = format!("! {missing} to accept with a, then P sends these {body} bytes");
            (text, theme.warn())
        }
        None => {
            let text = format!("✓ P sends exactly these {body} bytes, once");
            (text, theme.good())
        }
    };
    wrap(&[run(text, style)], cells, 2)
}

fn findings(view: View<'_>, confirming: &Confirming, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    for (index, finding) in confirming.plan.findings.iter().enumerate() {
        let selected = index == confirming.cursor;
        let style = if selected {
            theme.selected()
        } else {
            theme.strong()
        };
        let runs = [
            plain(if selected { "▸ " } else { "  " }),
            plain(tick(confirming, finding)),
            run(finding.name.as_str(), style),
            plain(format!("  {}", finding.title())),
        ];
        lines.extend(wrap(&runs, cells, 6));
        if selected {
            lines.extend(wrap(
                &[plain("      "), run(&finding.detail, theme.dim())],
                cells,
                6,
            ));
        }
    }
}

fn tick(confirming: &Confirming, finding: &Finding) -> &'static str {
    if !finding.severity().needs_consent() {
        " ⊘  "
    } else if confirming.accepted.contains(&finding.name) {
        "[x] "
    } else {
        "[ ] "
    }
}

fn facts(view: View<'_>, plan: &PlanFacts, cells: usize, lines: &mut Vec<Drawn>) {
    let mut fact = |name: &str, value: String| {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    };
    fact("request", format!("POST {}", plan.url));
    fact("origin", plan.way.clone());
    if let Some(attempt) = &plan.resends {
        fact("again", format!("the key and bytes of attempt {attempt}"));
    }
    fact(
        "route",
        match &plan.route {
            Some(route) => format!("{} / {}", route.resource_type, route.resource_id),
            None => "null / null".to_owned(),
        },
    );
    fact("auth", plan.auth.clone());
    fact("idempotency key", plan.idempotency_key.clone());
    fact("  = sha256 of", plan.idempotency_preimage.clone());
    let counts = format!(
        "{} issues, {} mappings",
        grouped(plan.issues),
        grouped(plan.mappings)
    );
    fact("body", format!("{}, {counts}", bytes(plan.body.bytes)));
    fact("blake3", plan.body.blake3_hex());
    fact("network", "no redirects, no retries".to_owned());
    for (index, line) in plan.since_last.iter().enumerate() {
        fact(if index == 0 { "since last" } else { "" }, line.clone());
    }
    for (index, (name, value)) in plan.headers.iter().enumerate() {
        fact(
            if index == 0 { "headers" } else { "" },
            format!("{name}: {value}"),
        );
    }
}
