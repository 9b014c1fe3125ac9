//! The what-if overlay: the inputs above, real and hypothetical beside each other below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::text::{Drawn, Runs, cut, fit, line, plain, run, styled, wrap};
use super::{View, pane};
use crate::app::what_if::{Hypothesis, InputLine, WhatIf};
use crate::domain::catalogue::FindingName;
use crate::domain::finding::Fix;
use crate::domain::what_if::Beside;

/// Cells of an input's name.
const INPUT_CELLS: usize = 26;
/// Cells of a fact's name.
const FACT_CELLS: usize = 9;

/// Draws the overlay; returns how many lines of the lower part do not fit.
pub fn draw(view: View<'_>, what_if: &WhatIf, area: Rect, buf: &mut Buffer) -> usize {
    let Some(hypothesis) = &what_if.hypothesis else {
        let lines = [line(&[plain("reading …")], usize::MAX)];
        return pane::text(view, "What if", true, &lines, area, buf);
    };
    let wanted = u16::try_from(what_if.lines() + 2).unwrap_or(u16::MAX);
    let rows = wanted.min((area.height * 3 / 8).max(3));
    let [above, below] = Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area);
    let inner = pane::frame(view, "What if: change an input in memory", false, above, buf);
    let mut inputs: Vec<Runs> = hypothesis
        .inputs
        .iter()
        .map(|input| input_line(view, input))
        .collect();
    inputs.push(vec![run(
        " credentials.…  another credential: KEY=VALUE",
        view.theme.dim(),
    )]);
    pane::list(view, &inputs, what_if.cursor, inner, buf);
    let cells = pane::cells(below);
    let title = match (&what_if.awaited, what_if.changes.len()) {
        (Some(_), _) => "working …",
        (None, 0) => "Nothing is changed: this is what is real",
        (None, _) => "Real and what-if: nothing is written, nothing of this can be sent",
    };
    let lines = outcome(view, hypothesis, cells);
    pane::text(view, title, true, &lines, below, buf)
}

fn input_line(view: View<'_>, input: &InputLine) -> Runs {
    let theme = view.theme;
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let name = fit(&input.target.to_string(), INPUT_CELLS);
    match &input.real {
        Some(real) => vec![
            run("~", theme.warn()),
            run(format!("{name} "), theme.strong()),
            run(value(real), theme.dim()),
            plain(" → "),
            run(value(&input.value), theme.warn()),
        ],
        None => vec![
            plain(format!(" {name} ")),
            match &input.value {
                Some(value) => plain(value),
                None => run("none", theme.dim()),
            },
        ],
    }
}

fn outcome(view: View<'_>, hypothesis: &Hypothesis, cells: usize) -> Vec<Drawn> {
    let theme = view.theme;
    let column = cells.saturating_sub(FACT_CELLS + 4) / 2;
    let heading = format!("{:FACT_CELLS$} {}  what-if", "", fit("real", column));
    let mut lines = vec![line(&[run(heading, theme.dim())], cells)];
    for fact in &hypothesis.difference.facts {
        lines.push(line(&beside(view, fact, column), cells));
    }
    for (name, findings, style) in [
        ("gone", &hypothesis.difference.gone, theme.good()),
        ("new", &hypothesis.difference.new, theme.warn()),
    ] {
        if !findings.is_empty() {
            let names: Vec<_> = findings.iter().copied().map(FindingName::as_str).collect();
            let name = run(format!("{name:FACT_CELLS$} "), theme.key());
            lines.extend(wrap(&[name, run(names.join(", "), style)], cells, FACT_CELLS + 1));
        }
    }
    if !hypothesis.fixes.is_empty() {
        lines.push(styled("To make it real (y copies)", theme.strong()));
    }
    for fix in &hypothesis.fixes {
        let step = step(view, fix).map(|step| run(format!(": {step}"), theme.key()));
        let fix: Runs = std::iter::once(plain(&fix.text)).chain(step).collect();
        lines.extend(wrap(&fix, cells, 2));
    }
    lines
}

fn beside(view: View<'_>, fact: &Beside, column: usize) -> Runs {
    let theme = view.theme;
    let name = run(format!("{:FACT_CELLS$} ", fact.name), theme.key());
    if fact.same() {
        return vec![
            name,
            plain(fit(&fact.real, column)),
            run("  the same", theme.dim()),
        ];
    }
    vec![
        name,
        run(fit(&fact.real, column), theme.dim()),
        plain("  "),
        run(cut(&fact.hypothetical, column), theme.warn()),
    ]
}

/// A fix's edit or command, a file's path as short as it can be told.
fn step(view: View<'_>, fix: &Fix) -> Option<String> {
    let Some(edit) = &fix.edit else {
        return fix.command.as_ref().map(|command| format!("$ {command}"));
    };
    let bases = view
        .model
        .snapshot
        .as_ref()
        .map(|snapshot| snapshot.bases.clone());
    let place = format!("{}:{}", bases.unwrap_or_default().shorten(&edit.file), edit.line);
    let new = edit.new.lines().collect::<Vec<_>>().join(" ⏎ ");
    Some(match (edit.old.as_str(), new.as_str()) {
        ("", new) => format!("{place}  insert {new}"),
        (old, "") => format!("{place}  delete {old}"),
        (old, new) => format!("{place}  {old} → {new}"),
    })
}
