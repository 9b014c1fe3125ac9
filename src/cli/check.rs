//! `catseye check`: the verdict, the findings, and the next step as the last line.

use std::io;

use super::check_json::Check;
use super::evidence::Printer;
use super::output::{self, Out, Paint, exit, told};
use super::session::Session;
use super::what_if::{Hypothesis, WhatIf};
use crate::domain::evaluation::{Evaluation, Verdict};
use crate::domain::finding::{Bases, Finding, Severity};
use crate::domain::inputs::Inputs;

/// How `check` prints and judges.
#[derive(Clone, Copy)]
pub struct Options {
    /// JSON instead of text.
    pub json: bool,
    /// Exit with 3 when something stands against sending.
    pub strict: bool,
    /// Colours for text.
    pub paint: Paint,
}

/// Prints the evaluation; returns the exit code.
pub fn run(session: &Session, options: Options) -> io::Result<u8> {
    let picture = session.picture(false);
    print_beside(session, &picture.inputs, &picture.evaluation, None, options)
}

/// The same for any evaluation; a hypothesis with what it is beside.
pub(super) fn print_beside(
    session: &Session,
    inputs: &Inputs,
    evaluation: &Evaluation,
    what_if: Option<&Hypothesis<'_>>,
    options: Options,
) -> io::Result<u8> {
    if options.json {
        let what_if = what_if.map(WhatIf::new);
        output::print(|out| out.json(&Check::new(evaluation, what_if), true))?;
    } else {
        let printer = Printer {
            inputs,
            bases: &session.bases(evaluation),
            paint: options.paint,
        };
        output::print(|out| {
            if let Some(what_if) = what_if {
                what_if.print(out, &printer)?;
            }
            print(out, evaluation, &printer)?;
            match what_if {
                Some(what_if) => what_if.print_next(out, &printer),
                None => next(out, evaluation, &printer),
            }
        })?;
    }
    Ok(exit_code(evaluation, options.strict))
}

fn exit_code(evaluation: &Evaluation, strict: bool) -> u8 {
    let stands = |finding: &Finding| finding.severity() != Severity::Note;
    match evaluation.verdict {
        Verdict::Routed if strict && evaluation.findings.iter().any(stands) => exit::HELD_BACK,
        Verdict::Routed => 0,
        Verdict::NullRoute => 1,
        Verdict::Blocked => exit::TROUBLE,
    }
}

fn print(out: &mut Out<'_>, evaluation: &Evaluation, printer: &Printer<'_>) -> io::Result<()> {
    summary(out, evaluation, printer.bases, printer.paint)?;
    if let Some(newer) = &evaluation.newer {
        out.blank()?;
        out.line([printer.paint.bold("bound by a newer spec-kitty")])?;
        for (label, text) in newer.lines() {
            out.line([told!("  {label:<16} {text}")])?;
        }
    }
    for finding in &evaluation.findings {
        let explained = evaluation
            .findings
            .iter()
            .filter(|other| other.explained_by == Some(finding.name));
        let names: Vec<_> = explained.map(|other| other.name.as_str()).collect();
        out.blank()?;
        printer.finding(out, finding, &names)?;
    }
    out.blank()
}

/// The next step: the first fix.
fn next(out: &mut Out<'_>, evaluation: &Evaluation, printer: &Printer<'_>) -> io::Result<()> {
    let fix = evaluation
        .findings
        .iter()
        .find_map(|finding| finding.fixes.first());
    match fix {
        Some(fix) => out.line([told!("next: {}", printer.fix_line(fix))]),
        None => out.line([told!("next: catseye publish --yes")]),
    }
}

fn summary(out: &mut Out<'_>, evaluation: &Evaluation, bases: &Bases, paint: Paint) -> io::Result<()> {
    let route = evaluation.route();
    let verdict = match (evaluation.verdict, route) {
        (Verdict::Routed, Some(route)) => paint.good(&format!(
            "routed  {} / {}",
            route.resource_type, route.resource_id
        )),
        (Verdict::Blocked, _) => paint.severity(Severity::Blocker, "blocked  no body can be built"),
        _ => paint.severity(
            Severity::NullRoute,
            "null route  external_resource_type and external_resource_id are null",
        ),
    };
    out.line([verdict])?;
    let mut row = |name: &str, value: String| out.line([told!("  {name:<11} {value}")]);
    if let Some(root) = &evaluation.project_root {
        let home_only = Bases {
            project: None,
            ..bases.clone()
        };
        row("project", home_only.shorten(root))?;
    }
    if let Some(binding) = &evaluation.binding {
        let provider = if binding.provider == binding.normalized_provider {
            binding.provider.clone()
        } else {
            format!("{} (sent as {})", binding.provider, binding.normalized_provider)
        };
        row("binding", format!("{provider}, workspace {}", binding.workspace))?;
    }
    if let (Some(path), Some(state)) = (&evaluation.store.path, evaluation.store.state) {
        let counts = match (evaluation.store.issues, evaluation.store.mappings) {
            (Some(issues), Some(mappings)) => format!(", {issues} issues, {mappings} mappings"),
            _ => String::new(),
        };
        row(
            "store",
            format!("{} ({}{counts})", bases.shorten(path), state.name()),
        )?;
    }
    if let Some(plan) = &evaluation.plan {
        if let Some(endpoint) = &plan.endpoint {
            row("endpoint", endpoint.url.clone())?;
        }
        if let Some(body) = plan.body {
            row("body", format!("{} bytes", body.bytes))?;
        }
        if let Some(key) = &plan.idempotency_key {
            row("key", key.clone())?;
        }
        row("token", evaluation.credentials.token_source.name().to_owned())?;
    }
    Ok(())
}
