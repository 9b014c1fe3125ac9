//! Where values come from, held against the body itself, in every world that has one.

use catseye::domain::finding::Place;
use catseye::domain::provenance::{fed_by_file, fed_by_line};
use catseye::sources::load::{Journal, Rows, load};
use serde_json::Value;

use super::table::CASES;
use super::world::{World, holds};

/// The published body of a world.
fn body(world: &World) -> Option<Value> {
    let rows = Rows::Audit {
        keep_body: true,
        cancel: &std::sync::atomic::AtomicBool::new(false),
        progress: &mut |_| {},
    };
    let body = load(&world.surroundings(), Journal::default(), rows).body?;
    Some(serde_json::from_reader(body.reader()).unwrap())
}

#[test]
fn origins_tell_the_published_value_and_both_directions_agree() {
    let mut compared = 0;
    for case in CASES {
        let world = (case.make)();
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let origins = &evaluation.origins;
        if let Some(body) = body(&world) {
            let beside = [
                "issues",
                "mappings",
                "scope",
                "idempotency_key",
                "endpoint",
                "authorization",
            ];
            for origin in origins.iter().filter(|origin| !beside.contains(&&*origin.field)) {
                let value: Value = serde_json::from_str(&origin.value).unwrap();
                // A field's own name may hold a dot.
                let (outer, member) = origin.field.split_once('.').unwrap_or((&origin.field, ""));
                let published = if member.is_empty() {
                    &body[outer]
                } else {
                    &body[outer][member]
                };
                assert_eq!(*published, value, "{} in {}", origin.field, case.root);
                compared += 1;
            }
            let fields = body.as_object().unwrap().keys();
            for field in fields {
                let known = origins
                    .iter()
                    .any(|origin| origin.field == *field || origin.field.starts_with(&format!("{field}.")));
                assert!(known, "{field} has no origin in {}", case.root);
            }
        }
        for origin in origins {
            for place in origin.steps.iter().filter_map(|step| step.place.as_ref()) {
                let Place::File { path, range } = place else {
                    continue;
                };
                assert!(fed_by_file(origins, path).contains(&&*origin.field));
                if let Some(range) = range {
                    assert!(fed_by_line(origins, path, range.line).contains(&&*origin.field));
                }
            }
            assert!(!format!("{origin:?}").contains("s3cret"), "{origin:?}");
        }
    }
    assert!(compared > 300, "{compared} values compared");
}
