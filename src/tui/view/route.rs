//! Section 1: the findings, the evidence of the one under the cursor, and how the route is derived.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::evidence;
use super::text::{Drawn, Runs, draw_lines, line, plain, run, styled, width, wrap};
use super::{View, pane};
use crate::app::snapshot::{SceneFacts, Snapshot};
use crate::domain::catalogue;
use crate::domain::evaluation::{Routing, TraceStep};
use crate::domain::finding::{Finding, Fix, Severity};
use crate::domain::generation::NewerFacts;

const LIST_CELLS: u16 = 42;
/// A pane of fewer lines shows evidence without the lines around it, so that the fix is seen.
const LOW: u16 = 24;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let model = view.model;
    let rows = model.findings().len().max(1);
    let split = view.split(area, LIST_CELLS, rows + hint(view, pane::cells(area)).len());
    if let Some(area) = split.list {
        let only_notes = model.findings().iter().all(is_note);
        let title = match model.findings().len() {
            0 => "Findings".to_owned(),
            count => format!("Findings {} of {count}", model.cursor() + 1),
        };
        let title = if only_notes && !model.findings().is_empty() {
            format!("{title} · ✓ only notes")
        } else {
            title
        };
        let inner = pane::frame(view, &title, split.list_focused(view), area, buf);
        let lines = list(view);
        pane::list(view, &lines, model.cursor(), inner, buf);
        scene(view, lines.len(), inner, buf);
    }
    let Some(area) = split.detail else {
        return 0;
    };
    let cells = pane::cells(area);
    let low = area.height < LOW;
    let title = model.finding().map_or("Route", |finding| finding.name.as_str());
    pane::text(view, title, model.detail, &detail(view, cells, low), area, buf)
}

/// The scene's story at the foot of the list, where there is room.
fn scene(view: View<'_>, rows: usize, area: Rect, buf: &mut Buffer) {
    let Some(scene) = view.model.scene() else {
        return;
    };
    let cells = usize::from(area.width);
    let hint = hint(view, cells);
    let mut lines = Vec::new();
    if mended(view, scene).is_none() {
        lines = wrap(&[run(&scene.story, view.theme.dim())], cells, 0);
        lines.push(Drawn::default());
    }
    lines.extend(hint.clone());
    let room = usize::from(area.height).saturating_sub(rows);
    if lines.len() >= room {
        lines = hint;
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    if lines.len() <= room {
        let foot = Rect {
            y: area.bottom() - height,
            height,
            ..area
        };
        draw_lines(&lines, 0, foot, buf);
    }
}

/// What to press in a scene.
fn hint(view: View<'_>, cells: usize) -> Vec<Drawn> {
    view.model.scene().map_or_else(Vec::new, |scene| {
        let press = mended(view, scene).unwrap_or(&scene.press);
        wrap(&[run("Try: ", view.theme.key()), plain(press)], cells, 5)
    })
}

/// What to press once the scene is mended.
fn mended<'a>(view: View<'_>, scene: &'a SceneFacts) -> Option<&'a str> {
    let evaluation = view.model.evaluation()?;
    let stands = |finding: &Finding| {
        finding.severity().needs_consent()
            || matches!(finding.severity(), Severity::Blocker | Severity::SendBlocker)
    };
    let is_mended = evaluation.route().is_some() && !evaluation.findings.iter().any(stands);
    scene.mended.as_deref().filter(|_| is_mended)
}

fn list(view: View<'_>) -> Vec<Runs> {
    if view.model.findings().is_empty() {
        let text = match &view.model.snapshot {
            None => plain("…"),
            Some(_) => run("✓ nothing stands against this publish", view.theme.good()),
        };
        return vec![vec![text]];
    }
    let line = |finding: &Finding| {
        let (glyph, style) = view.theme.severity(finding.severity());
        let indent = if finding.explained_by.is_some() {
            " └"
        } else {
            " "
        };
        let count = if finding.count > 1 {
            format!(" ×{}", finding.count)
        } else {
            String::new()
        };
        vec![
            plain(indent),
            run(format!("{glyph} "), style),
            plain(finding.name.as_str()),
            run(count, view.theme.dim()),
        ]
    };
    view.model.findings().iter().map(line).collect()
}

/// The finding under the cursor, then the derivation; a note comes behind it.
fn detail(view: View<'_>, cells: usize, low: bool) -> Vec<Drawn> {
    let Some(snapshot) = &view.model.snapshot else {
        return vec![line(&[plain("…")], usize::MAX)];
    };
    let mut route = Vec::new();
    if let Some(facts) = &snapshot.evaluation.newer {
        newer(view, facts, cells, &mut route);
        route.push(Drawn::default());
    }
    if let Some(routing) = &snapshot.evaluation.routing {
        derivation(view, snapshot, routing, cells, &mut route);
    }
    let Some(finding) = view.model.finding() else {
        return route;
    };
    let mut lines = Vec::new();
    headline(view, finding, cells, &mut lines);
    evidence::blocks(view, snapshot, finding, (cells, low), &mut lines);
    relations(view, finding, cells, &mut lines);
    fixes(view, snapshot, finding, cells, &mut lines);
    let (mut first, second) = if is_note(finding) {
        (route, lines)
    } else {
        (lines, route)
    };
    if !first.is_empty() {
        first.push(Drawn::default());
    }
    first.extend(second);
    explanation(view, finding, cells, &mut first);
    first
}

/// What a newer spec-kitty left, and what each version would answer.
fn newer(view: View<'_>, facts: &NewerFacts, cells: usize, lines: &mut Vec<Drawn>) {
    const LABEL: usize = 17;
    lines.push(styled("Bound by a newer spec-kitty", view.theme.strong()));
    for (label, text) in facts.lines() {
        let label = run(format!("{label:<LABEL$}"), view.theme.key());
        lines.extend(wrap(&[label, plain(text)], cells, LABEL));
    }
}

/// What `catseye explain` says of the finding.
fn explanation(view: View<'_>, finding: &Finding, cells: usize, lines: &mut Vec<Drawn>) {
    let entry = catalogue::entry(finding.name);
    lines.push(Drawn::default());
    lines.push(styled("What it means", view.theme.strong()));
    lines.extend(wrap(&[plain(entry.meaning)], cells, 0));
    lines.push(styled("How to mend it", view.theme.strong()));
    lines.extend(wrap(&[plain(entry.remedy)], cells, 0));
}

fn is_note(finding: &Finding) -> bool {
    finding.severity() == Severity::Note
}

fn headline(view: View<'_>, finding: &Finding, cells: usize, lines: &mut Vec<Drawn>) {
    let (glyph, style) = view.theme.severity(finding.severity());
    let severity = run(format!("{glyph} {}: ", finding.severity().name()), style);
    lines.extend(wrap(
        &[severity, run(finding.title(), view.theme.strong())],
        cells,
        2,
    ));
    lines.extend(wrap(&[plain(&finding.detail)], cells, 0));
}

/// What explains this finding, and what it explains.
fn relations(view: View<'_>, finding: &Finding, cells: usize, lines: &mut Vec<Drawn>) {
    let mut note = |text: String| lines.extend(wrap(&[run(text, view.theme.dim())], cells, 4));
    if let Some(root) = finding.explained_by {
        note(format!("  = explained by {}: mend that first", root.as_str()));
    }
    let explained = view
        .model
        .findings()
        .iter()
        .filter(|other| other.explained_by == Some(finding.name));
    let names: Vec<_> = explained.map(|other| other.name.as_str()).collect();
    if !names.is_empty() {
        note(format!("  = explains {}", names.join(", ")));
    }
}

fn fixes(view: View<'_>, snapshot: &Snapshot, finding: &Finding, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    for (number, fix) in (1..).zip(&finding.fixes) {
        let head = run(format!("fix {number}  "), theme.good());
        lines.extend(wrap(&[head, plain(&fix.text)], cells, 7));
        for text in instruction(snapshot, fix, cells.saturating_sub(9)) {
            lines.extend(wrap(&[plain("       "), run(text, theme.key())], cells, 9));
        }
    }
}

/// A fix's command and edit, as lines; a short edit is one.
fn instruction(snapshot: &Snapshot, fix: &Fix, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = fix.command.iter().map(|command| format!("$ {command}")).collect();
    if let Some(edit) = &fix.edit {
        let mut parts = vec![format!("{}:{}", snapshot.bases.shorten(&edit.file), edit.line)];
        if !edit.old.is_empty() {
            parts.push(format!("- {}", edit.old));
        }
        parts.extend(edit.new.lines().map(|line| format!("+ {line}")));
        let short = parts.join("   ");
        if parts.len() <= 3 && width(&short) <= cells {
            parts = vec![short];
        }
        lines.extend(parts);
    }
    lines
}

fn derivation(view: View<'_>, snapshot: &Snapshot, routing: &Routing, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    lines.push(styled("How the route is derived", theme.strong()));
    for step in &routing.trace {
        trace_step(view, snapshot, step, cells, lines);
    }
    let result = match &routing.route {
        Some(route) => vec![
            run("✓ ", theme.good()),
            plain(format!(
                "external_resource_type {}, external_resource_id {}",
                route.resource_type, route.resource_id
            )),
        ],
        None => vec![run(
            "✗ external_resource_type null, external_resource_id null",
            theme.bad(),
        )],
    };
    lines.extend(wrap(&result, cells, 2));
}

fn trace_step(view: View<'_>, snapshot: &Snapshot, step: &TraceStep, cells: usize, lines: &mut Vec<Drawn>) {
    let theme = view.theme;
    let mut runs = vec![
        run("  ↓ ", theme.place()),
        run(step.step, theme.key()),
        plain(format!("  {} → ", step.input)),
    ];
    runs.push(match &step.output {
        Some(output) => plain(output),
        None => run("✗ null", theme.bad()),
    });
    if let Some(place) = &step.source {
        runs.push(run(format!("  {}", place.shown(&snapshot.bases)), theme.place()));
    }
    lines.extend(wrap(&runs, cells, 6));
}
