//! Every finding at its byte, and nothing else: worlds with one cause, healthy worlds, worlds with several causes.
// Its worlds have modes, links, and paths as they are written there.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod combos;
mod healthy;
mod mend;
mod newer;
mod origins;
mod table;
mod world;

use std::collections::BTreeSet;

use catseye::domain::catalogue::CATALOGUE;
use catseye::domain::evaluation::Evaluation;
use catseye::domain::finding::Severity;

use mend::{Shell, carry_out};
use table::CASES;
use world::{CONFIG, World, holds, pointed_at};

/// The findings that cannot be made on disk here, with the test that has them.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "store-busy",
        "tests/store: a store that keeps changing or stays locked",
    ),
    ("spool-unwritable", "tests/scale: a body that finds no room"),
];

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

/// Every place of every finding above notes, and what is said of it: the bytes are the value or key that is meant.
#[test]
fn each_place_is_what_its_label_speaks_of() {
    let mut told = String::new();
    for case in CASES {
        let world = (case.make)();
        let (inputs, evaluation) = world.look();
        let found = evaluation
            .findings
            .iter()
            .find(|finding| finding.name.as_str() == case.root);
        told += &format!("{}\n", case.root);
        for evidence in &found.unwrap().evidence {
            let bytes = pointed_at(&inputs, &evidence.place);
            told += &format!("  {}  {}\n", bytes.escape_debug(), evidence.label.escape_debug());
        }
    }
    insta::assert_snapshot!("places", told);
}

/// One finding of several places has a fix for each.
#[test]
fn every_place_of_a_finding_has_its_fix() {
    let mut world = World::healthy();
    let config = CONFIG.replace("slug: demo", "slug: \"de\u{200b}mo\"");
    world.config(&format!(
        "{config}  doctrine:\n    field_owners:\n      \"a\u{200b}\": local\n      b: \"c\u{200b}\"\n"
    ));
    world.row(&world.connect(), "2", &payload_with_hidden_title(&world));
    let hidden = |world: &World| {
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        evaluation
            .findings
            .into_iter()
            .find(|finding| finding.name.as_str() == "hidden-characters")
    };
    let finding = hidden(&world).unwrap();
    assert_eq!(finding.count, 4);
    for fix in finding.fixes.iter().filter(|fix| fix.edit.is_some()) {
        carry_out(&mut world, fix, &Shell::default()).unwrap();
    }
    let rest = hidden(&world).unwrap();
    assert_eq!((rest.count, rest.fixes.len()), (1, 1));
    assert!(pointed_at(&world.look().0, &rest.evidence[0].place).ends_with(":title"));
}

fn payload_with_hidden_title(world: &World) -> String {
    let query = "SELECT payload FROM tracker_issues WHERE rowid = 2";
    let payload: String = world.connect().query_row(query, [], |row| row.get(0)).unwrap();
    payload.replace("Issue 2", "Issue\u{200b} 2")
}
