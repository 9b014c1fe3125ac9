//! `check --set` and `--unset`: the verdict with some inputs changed in memory, beside the real one.

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::check::{self, Options};
use super::check_json::{FixJson, fix};
use super::evidence::Printer;
use super::output::{exit, say};
use super::session::Session;
use crate::domain::evaluate::evaluate;
use crate::domain::evaluation::Evaluation;
use crate::domain::finding::Fix;
use crate::domain::inputs::Inputs;
use crate::domain::safe::Safe;
use crate::domain::what_if::{self, Change, WhatIfError};
use crate::sources::load::{Rows, load_what_if};

/// A hypothesis with the real picture.
pub struct Hypothesis<'a> {
    real: &'a Evaluation,
    inputs: &'a Inputs,
    hypothetical: &'a Evaluation,
    changes: &'a [Change],
    fixes: Vec<Fix>,
}

/// The `what_if` part of `check --json`.
#[derive(Serialize)]
pub struct WhatIf<'a> {
    changes: Vec<ChangeJson<'a>>,
    real: Real<'a>,
    make_real: Vec<FixJson<'a>>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    path: String,
    old: Option<String>,
    new: Option<&'a str>,
}

#[derive(Serialize)]
struct Real<'a> {
    verdict: &'static str,
    external_resource_type: Option<&'static str>,
    external_resource_id: Option<&'a str>,
    scope: Option<&'a str>,
    idempotency_key: Option<&'a str>,
    body_bytes: Option<u64>,
    body_blake3: Option<String>,
    findings: Vec<&'static str>,
}

/// Judges the hypothesis; returns its exit code.
pub fn run(session: &Session, set: &[String], unset: &[String], options: Options) -> io::Result<u8> {
    let set = set.iter().map(|text| Change::set(text));
    let changes: Result<Vec<Change>, WhatIfError> =
        set.chain(unset.iter().map(|path| Change::unset(path))).collect();
    let changes = match changes {
        Ok(changes) => changes,
        Err(error) => {
            say(&error.to_string());
            return Ok(exit::USAGE);
        }
    };
    let picture = session.picture(false);
    let never = AtomicBool::new(false);
    let rows = Rows::Audit {
        keep_body: false,
        cancel: &never,
        progress: &mut |_| {},
    };
    let loaded = match load_what_if(&session.surroundings, session.history(), &changes, rows) {
        Ok(loaded) => loaded,
        Err(error) => {
            say(&error.to_string());
            return Ok(exit::USAGE);
        }
    };
    let evaluation = evaluate(&loaded.inputs);
    let hypothesis = Hypothesis {
        real: &picture.evaluation,
        inputs: &picture.inputs,
        fixes: what_if::make_real(&picture.inputs, &loaded.inputs, &evaluation, &changes),
        hypothetical: &evaluation,
        changes: &changes,
    };
    let bases = session.bases(&evaluation);
    check::run_beside(&loaded.inputs, &evaluation, Some(&hypothesis), &bases, options)
}

impl Hypothesis<'_> {
    /// Prints what is changed, real and hypothetical beside each other, and how to make it real.
    pub fn print(&self, out: &mut dyn Write, printer: &Printer<'_>) -> io::Result<()> {
        for change in self.changes {
            let new = match &change.value {
                None => "taken away",
                Some(_) => change.shown().unwrap_or("(not shown)"),
            };
            let line = format!("what if {} is {new}: nothing is written", change.target);
            writeln!(out, "{}", printer.paint.bold(Safe::line(&line).as_str()))?;
        }
        for row in what_if::beside(self.real, self.hypothetical) {
            let (real, hypothetical) = (Safe::line(&row.real), Safe::line(&row.hypothetical));
            if row.real == row.hypothetical {
                writeln!(out, "  {:<9} {real}", row.name)?;
            } else {
                writeln!(out, "  {:<9} {real} -> {hypothetical}", row.name)?;
            }
        }
        for fix in &self.fixes {
            let head = printer.paint.good("make it real:");
            writeln!(out, "  {head} {}", printer.fix_line(fix))?;
        }
        writeln!(out)
    }
}

impl<'a> WhatIf<'a> {
    /// The object of a hypothesis.
    pub fn new(hypothesis: &'a Hypothesis<'a>) -> Self {
        let real = hypothesis.real;
        let route = real.routing.as_ref().and_then(|routing| routing.route.as_ref());
        let plan = real.plan.as_ref();
        let body = plan.and_then(|plan| plan.body);
        let change = |change: &'a Change| ChangeJson {
            path: change.target.to_string(),
            old: what_if::current(hypothesis.inputs, &change.target),
            new: change.shown(),
        };
        Self {
            changes: hypothesis.changes.iter().map(change).collect(),
            real: Real {
                verdict: real.verdict.name(),
                external_resource_type: route.map(|route| route.resource_type),
                external_resource_id: route.map(|route| route.resource_id.as_str()),
                scope: real.store.scope.as_ref().map(|scope| scope.name.as_str()),
                idempotency_key: plan.and_then(|plan| plan.idempotency_key.as_deref()),
                body_bytes: body.map(|body| body.bytes),
                body_blake3: body.map(|body| body.blake3_hex()),
                findings: real
                    .findings
                    .iter()
                    .map(|finding| finding.name.as_str())
                    .collect(),
            },
            make_real: hypothesis.fixes.iter().map(fix).collect(),
        }
    }
}
