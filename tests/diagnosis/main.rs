//! Every finding at its byte, and nothing else: worlds with one cause, healthy worlds, worlds with several causes.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod combos;
mod healthy;
mod mend;
mod origins;
mod table;
mod world;

use std::collections::BTreeSet;

use catseye::domain::catalogue::CATALOGUE;
use catseye::domain::evaluation::Evaluation;
use catseye::domain::finding::Severity;

use table::CASES;
use world::{holds, pointed_at};

/// The findings that cannot be made on disk here, with the test that has them.
const ELSEWHERE: &[(&str, &str)] = &[(
    "store-busy",
    "tests/store: a store that keeps changing or stays locked",
)];

/// The findings above notes, those that are explained in brackets.
fn names(evaluation: &Evaluation) -> Vec<String> {
    let above = evaluation
        .findings
        .iter()
        .filter(|finding| finding.severity() != Severity::Note);
    above
        .map(|finding| match finding.explained_by {
            Some(_) => format!("({})", finding.name.as_str()),
            None => finding.name.as_str().to_owned(),
        })
        .collect()
}

#[test]
fn every_cause_is_named_at_its_byte_and_has_no_false_companion() {
    let mut wrong = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let world = (case.make)();
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let found = evaluation
            .findings
            .iter()
            .find(|finding| finding.name.as_str() == case.root);
        let at = found.map(|finding| pointed_at(&inputs, &finding.evidence[0].place));
        let others: BTreeSet<String> = names(&evaluation)
            .into_iter()
            .filter(|name| *name != case.root)
            .collect();
        let expected: BTreeSet<String> = case.others.iter().map(|name| (*name).to_owned()).collect();
        let is_root = found.is_some_and(|finding| finding.explained_by.is_none());
        if !is_root || at.as_deref() != Some(case.at) || others != expected {
            wrong.push(format!("{number} {}: at {at:?}, with {others:?}", case.root));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_finding_of_the_catalogue_has_a_world() {
    let known = CASES
        .iter()
        .map(|case| case.root)
        .chain(ELSEWHERE.iter().map(|(name, _)| *name));
    let known: BTreeSet<&str> = known.collect();
    let all: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.text).collect();
    assert_eq!(known, all);
}
