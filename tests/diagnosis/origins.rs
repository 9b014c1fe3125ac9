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

/// The checkpoint is told as a whole, and with what is stored where that changes on its way out.
#[test]
fn a_checkpoint_that_changes_is_told_with_what_is_stored() {
    let world = World::healthy();
    let update = "UPDATE tracker_checkpoints SET cursor = '100', updated_since = '2026-03-10'";
    world.connect().execute_batch(update).unwrap();
    let (_, evaluation) = world.look();
    let origin = |field: &str| {
        let found = evaluation.origins.iter().find(|origin| origin.field == field);
        found.unwrap().clone()
    };
    let whole = origin("checkpoint");
    assert_eq!(
        whole.value,
        r#"{"cursor":"100","updated_since":"2026-03-10T00:00:00"}"#
    );
    assert_eq!(whole.steps.len(), 3);
    let since = origin("checkpoint.updated_since");
    let step = since.steps.last().unwrap();
    assert_eq!(
        (step.input.as_str(), step.output.as_str()),
        ("\"2026-03-10\"", "\"2026-03-10T00:00:00\"")
    );
    // Fields of an object stand as they are published.
    world.config(&format!(
        "{}  doctrine:\n    field_owners:\n      z: local\n      a: local\n",
        super::world::CONFIG
    ));
    let (_, evaluation) = world.look();
    let owners = evaluation
        .origins
        .iter()
        .find(|origin| origin.field == "doctrine_field_owners");
    assert_eq!(owners.unwrap().value, r#"{"z":"local","a":"local"}"#);
}

/// What is known of a project that is not bound, and of the stores beside it.
#[test]
fn a_project_that_is_not_bound_has_its_name_and_its_stores_their_inputs() {
    let world = World::healthy();
    world.replace("project/.kittify/config.yaml", "  workspace: acme.example\n", "");
    let (inputs, evaluation) = world.look();
    holds(&inputs, &evaluation);
    assert_eq!(evaluation.project_slug.as_deref(), Some("demo"));
    let texts = evaluation.stores[0].texts.as_ref().unwrap();
    assert_eq!(
        (texts.workspace.as_str(), texts.user.as_str()),
        ("acme.example", "a@b.example")
    );
    assert!(evaluation.stores[0].differs.is_empty());
}
