//! `check --set` and `--unset`: the verdict with some inputs changed in memory, beside the real one.

use std::io;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::check::{self, Options};
use super::check_json::{FixJson, fix};
use super::evidence::Printer;
use super::output::{Out, exit, refuse, told};
use super::session::Session;
use crate::domain::evaluate::evaluate;
use crate::domain::evaluation::Evaluation;
use crate::domain::finding::Fix;
use crate::domain::what_if::{Applied, Change, Difference, difference, make_real};
use crate::sources::load::{Rows, load_what_if};

/// A hypothesis with the real picture.
pub struct Hypothesis<'a> {
    real: &'a Evaluation,
    difference: Difference,
    applied: Vec<Applied>,
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
    old: Option<&'a str>,
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
    let never = AtomicBool::new(false);
    let rows = Rows::Audit {
        keep_body: false,
        cancel: &never,
        progress: &mut |_| {},
    };
    let supposed = Change::all(set, unset).and_then(|changes| {
        let what_if = load_what_if(&session.surroundings, session.history(), &changes, rows)?;
        Ok((changes, what_if))
    });
    let (changes, what_if) = match supposed {
        Ok(supposed) => supposed,
        Err(error) => return refuse(exit::USAGE, &error),
    };
    let picture = session.picture(false);
    let inputs = &what_if.loaded.inputs;
    let evaluation = evaluate(inputs);
    let hypothesis = Hypothesis {
        real: &picture.evaluation,
        difference: difference(&picture.evaluation, &evaluation),
        fixes: make_real(&picture.inputs, inputs, &evaluation, &changes),
        applied: what_if.applied,
    };
    check::print_beside(session, inputs, &evaluation, Some(&hypothesis), options)
}

impl Hypothesis<'_> {
    /// Prints what is changed, real and hypothetical beside each other, and how to make it real.
    pub fn print(&self, out: &mut Out<'_>, printer: &Printer<'_>) -> io::Result<()> {
        let paint = printer.paint;
        out.line([paint.bold("what-if: in memory only, nothing is written; real -> what-if")])?;
        let none = || "none".to_owned();
        for change in &self.applied {
            let old = change.old.clone().unwrap_or_else(none);
            let new = change.new.clone().unwrap_or_else(none);
            out.line([told!("  {}  {old} -> {new}", change.target)])?;
        }
        out.blank()?;
        for fact in &self.difference.facts {
            let (name, real, supposed) = (fact.name, &fact.real, &fact.hypothetical);
            if fact.same() {
                out.line([told!("  {name:<9} {real} "), paint.dim("(the same)")])?;
            } else {
                out.line([told!("  {name:<9} {real} -> {supposed}")])?;
            }
        }
        for (name, findings) in [("gone", &self.difference.gone), ("new", &self.difference.new)] {
            let names: Vec<_> = findings.iter().map(|finding| finding.as_str()).collect();
            if !names.is_empty() {
                out.line([told!("  {name:<9} {}", names.join(", "))])?;
            }
        }
        out.blank()?;
        out.line([paint.bold("what-if: what check would print")])
    }

    /// How to make it real; the last line is the first step.
    pub fn print_next(&self, out: &mut Out<'_>, printer: &Printer<'_>) -> io::Result<()> {
        if self.fixes.len() > 1 {
            for (number, fix) in (1..).zip(&self.fixes) {
                out.line([told!("make it real, step {number}: {}", printer.fix_line(fix))])?;
            }
        }
        match self.fixes.first() {
            Some(fix) => out.line([told!("next: make it real: {}", printer.fix_line(fix))]),
            None => Ok(()),
        }
    }
}

impl<'a> WhatIf<'a> {
    /// The object of a hypothesis.
    pub fn new(hypothesis: &'a Hypothesis<'a>) -> Self {
        let real = hypothesis.real;
        let route = real.route();
        let plan = real.plan.as_ref();
        let body = plan.and_then(|plan| plan.body);
        let change = |change: &'a Applied| ChangeJson {
            path: change.target.to_string(),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
        };
        Self {
            changes: hypothesis.applied.iter().map(change).collect(),
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
