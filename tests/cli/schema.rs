//! The JSON of every command against its schema in `assets/schema/`, which is shown to be no looser than it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use serde_json::Value;

use super::publish::OK;
use super::support::fault_server::Server;
use super::world::{World, code, err, payload};

/// The commands that have a schema.
const NAMES: [&str; 6] = ["check", "watch", "issues", "mappings", "diff", "journal"];

/// What may be missing: it says what kind of place an evidence is, or stands only in a hypothesis.
const OPTIONAL: [&str; 3] = [
    "check /findings/*/evidence/*/flag",
    "check /findings/*/evidence/*/variable",
    "check /what_if",
];
/// What may be anything: a value as it was stored, and as it is published.
const FREE: [&str; 2] = ["issues /coerced/*/published", "issues /coerced/*/stored"];

/// Objects that came out, by schema.
type Samples = BTreeMap<&'static str, Vec<Value>>;

fn schema(name: &str) -> Value {
    let path = format!("{}/assets/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The schema without room for keys that it does not name.
fn closed(mut schema: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        if map.contains_key("properties") {
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        for (key, value) in map.iter_mut() {
            // Conditions name what they are about alone.
            if key != "if" && key != "else" {
                *value = closed(value.take());
            }
        }
    } else if let Value::Array(items) = &mut schema {
        for value in items {
            *value = closed(value.take());
        }
    }
    schema
}

fn add(samples: &mut Samples, name: &'static str, output: &Output) {
    assert!(output.stdout.is_ascii(), "{output:?}");
    let values = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    samples
        .entry(name)
        .or_default()
        .extend(values.map(Result::unwrap));
}

/// What every scene prints.
fn scenes(samples: &mut Samples) {
    let world = World::new();
    for scene in catseye::scene::names() {
        for (name, arguments) in [
            ("check", &["check", "--json"][..]),
            ("check", &["check", "--json", "--set", "binding.workspace=other"]),
            ("check", &["check", "--json", "--unset", "binding.workspace"]),
            ("issues", &["issues", "--json"]),
            ("mappings", &["mappings", "--json"]),
            ("journal", &["journal", "--json"]),
        ] {
            let output = world.run(&[arguments, &["--scene", scene]].concat());
            add(samples, name, &output);
        }
    }
}

/// Rows of every kind.
fn odd_rows(samples: &mut Samples) {
    let world = World::new();
    world.issue("c", &payload("3", "ACME-3", "x").replace("todo", "In Review"));
    world.issue(
        "d",
        &payload("4", "ACME-4", "y").replace("\"url\":null", "\"url\":\"https://acme.example/4\",\"x\":[1]"),
    );
    world.issue("e", "[]");
    world.issue("f", &payload("6", "ACME-6", "\\ud800"));
    let full = payload("7", "ACME-7", "all").replace(
        "\"status\"",
        "\"body\":\"b\",\"priority\":\"2\",\"labels\":[\"l\"],\"assignees\":[\"a\"],\"updated_at\":\"2026-03-10\",\"status\"",
    );
    world.issue("g", &full);
    let store = world.connect();
    store
        .execute_batch(
            "INSERT INTO tracker_mappings VALUES ('WP02', 'jira', 'w', '2', 'ACME-2', 'https://u', 'c', 'u');
             INSERT INTO tracker_mappings VALUES ('WP03', 'linear', 'w', '3', NULL, NULL, 'c', 'u');
             UPDATE tracker_checkpoints SET cursor = 'c', updated_since = '2026-03-10';",
        )
        .unwrap();
    drop(store);
    add(samples, "issues", &world.run(&["issues", "--json"]));
    add(samples, "mappings", &world.run(&["mappings", "--json"]));
}

/// Inputs that are broken in every part, and what needs flags and variables.
fn broken_inputs(samples: &mut Samples) {
    let world = World::new();
    add(
        samples,
        "check",
        &world.run(&["check", "--json", "--set", "server_url=https://server.example"]),
    );
    let jira = "tracker:\n  provider: jira\n  workspace: acme.example\n";
    for (file, text) in [
        ("project/.kittify/config.yaml", ""),
        ("project/.kittify/config.yaml", "tracker: [\n"),
        ("project/.kittify/config.yaml", "tracker:\n  provider: 12\n"),
        (
            "project/.kittify/config.yaml",
            "tracker:\n  provider: jira\n  binding_ref: r\n  project_slug: s\n  display_label: d\n  provider_context: {a: b}\n  \
             egress: refused\n  ownership: {mode: m, field_owners: {f: o}}\n  doctrine: {mode: split, field_owners: {f: o}}\n",
        ),
        ("project/.kittify/config.yaml", jira),
        (
            "home/.spec-kitty/credentials",
            "[tracker.providers.Jira]\nproject_key = 'A'\n",
        ),
        ("home/.spec-kitty/credentials", "[tracker\n"),
        (
            "home/.spec-kitty/credentials",
            "[tracker.providers.jira]\nproject_key = 'ACME'\nbase_url = 'https://acme.example'\ntoken = 't-0123456789'\n",
        ),
        ("home/.spec-kitty/trackers/0123456789abcdef.db", "no database"),
    ] {
        world.write(file, text);
        let mut command = world.command(&["check", "--json", "--server-url", "http://server.example"]);
        add(samples, "check", &world.finish(&mut command));
        let mut command = world.command(&["check", "--json", "--server-url", "nonsense"]);
        command
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "0")
            .env("SPEC_KITTY_HOME", "/x");
        add(samples, "check", &world.finish(&mut command));
    }
    std::fs::remove_dir_all(world.path("project")).unwrap();
    std::fs::create_dir_all(world.path("project")).unwrap();
    add(samples, "check", &world.run(&["check", "--json"]));
}

/// Publishes with every kind of end, and what differs afterwards.
fn publishes(samples: &mut Samples) {
    let world = World::new();
    for answer in [OK, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", ""] {
        let server = Server::answering([answer]);
        world.run(&[
            "publish",
            "--yes",
            "--allow",
            "idempotency-key-reused",
            "--server-url",
            &server.url(),
        ]);
        server.finish();
    }
    world.run(&["publish", "--yes", "--server-url", "http://127.0.0.1:9"]);
    add(samples, "journal", &world.run(&["journal", "--json"]));
    add(samples, "diff", &world.run(&["diff", "--json"]));
    world.issue("a", &payload("1", "ACME-1", "Another"));
    world.issue("c", &payload("3", "ACME-3", "New"));
    let store = world.connect();
    store
        .execute_batch(
            "DELETE FROM tracker_issues WHERE identity = 'b'; UPDATE tracker_checkpoints SET cursor = 'x';
             UPDATE tracker_mappings SET external_id = '9';",
        )
        .unwrap();
    drop(store);
    let diff = world.run(&["diff", "--json"]);
    assert_eq!(code(&diff), 1, "{}", err(&diff));
    add(samples, "diff", &diff);
    let check = world.run(&["check", "--json", "--server-url", "http://127.0.0.1:9"]);
    add(samples, "check", &check);
    std::fs::remove_dir_all(world.path("state/catseye/snapshots")).unwrap();
    add(samples, "diff", &world.run(&["diff", "--json"]));
    // As if it had ended before it knew.
    let journal = world.path("state/catseye/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.lines().next().unwrap().to_owned() + "\n").unwrap();
    add(samples, "journal", &world.run(&["journal", "--json"]));
}

fn watched(samples: &mut Samples) {
    let world = World::new();
    let mut command = world.command(&["check", "--watch", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    world.write(
        "project/.kittify/config.yaml",
        "tracker:\n  provider: Jira\n  workspace: acme.example\n",
    );
    let second = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let line = |text: String| serde_json::from_str(&text).unwrap();
    samples
        .entry("watch")
        .or_default()
        .extend([first, second].map(line));
}

fn samples() -> Samples {
    let mut samples = Samples::new();
    scenes(&mut samples);
    odd_rows(&mut samples);
    broken_inputs(&mut samples);
    publishes(&mut samples);
    watched(&mut samples);
    samples
}

/// A pointer with `*` for each index.
fn shape(pointer: &str) -> String {
    let part = |part: &str| {
        let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_index { "*" } else { part }.to_owned()
    };
    pointer.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every place of a value, from the root on.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inner = |name: &str, value: &Value| {
        let place = format!("{at}/{name}");
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| inner(key, value)),
        Value::Array(items) => (0..)
            .zip(items)
            .for_each(|(index, value): (usize, _)| inner(&index.to_string(), value)),
        _ => {}
    }
}

/// Every place that a schema names.
fn named(root: &Value, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return named(root, target, at, found);
    }
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        named(root, one, at, found);
    }
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{at}/{key}");
        found.insert(place.clone());
        named(root, inner, &place, found);
    }
    if schema["items"].is_object() {
        named(root, &schema["items"], &format!("{at}/*"), found);
    }
}

/// The value without one place, or with something else there.
fn changed(value: &Value, place: &str, instead: Option<Value>) -> Option<Value> {
    let mut value = value.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match (value.pointer_mut(parent).unwrap(), instead) {
        (Value::Object(map), None) => drop(map.remove(name)),
        (Value::Object(map), Some(other)) => drop(map.insert(name.to_owned(), other)),
        (Value::Array(items), Some(other)) => items[name.parse::<usize>().unwrap()] = other,
        _ => return None,
    }
    Some(value)
}

#[test]
fn all_json_keeps_its_schema_and_no_schema_is_looser_than_it_says() {
    let samples = samples();
    assert_eq!(samples.keys().copied().collect::<BTreeSet<_>>(), NAMES.into());
    let (mut loose, mut unseen) = (BTreeSet::new(), BTreeSet::new());
    for (name, samples) in &samples {
        let schema = schema(name);
        jsonschema::meta::validate(&schema).unwrap();
        let open = jsonschema::validator_for(&schema).unwrap();
        let strict = jsonschema::validator_for(&closed(schema.clone())).unwrap();
        let (mut tried, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for sample in samples {
            if let Err(error) = strict.validate(sample) {
                assert_eq!(
                    error.to_string(),
                    "",
                    "{name} at {}: {sample}",
                    error.instance_path()
                );
            }
            let mut all = Vec::new();
            places(sample, "", &mut all);
            for place in all {
                let value = sample.pointer(&place).unwrap();
                let own = format!("{name} {}", shape(&place));
                if !value.is_null() {
                    seen.insert(shape(&place));
                }
                // Whoever validates with the file as it is must notice, too.
                let other = if value.is_boolean() {
                    Value::from("x")
                } else {
                    Value::Bool(true)
                };
                for (how, instead) in [("without", None), ("other", Some(other))] {
                    let is_new = tried.insert((how, own.clone()));
                    let changed = is_new.then(|| changed(sample, &place, instead)).flatten();
                    if changed.is_some_and(|changed| open.is_valid(&changed)) {
                        loose.insert((how, own.clone()));
                    }
                }
            }
        }
        let mut places = BTreeSet::new();
        named(&schema, &schema, "", &mut places);
        unseen.extend(places.difference(&seen).map(|place| format!("{name} {place}")));
    }
    // The keys of this one are the project's own.
    loose.retain(|(how, place)| !(*how == "without" && place.contains("field_owners/")));
    let expected: BTreeSet<_> = OPTIONAL
        .iter()
        .map(|place| ("without", (*place).to_owned()))
        .chain(FREE.iter().map(|place| ("other", (*place).to_owned())))
        .collect();
    assert_eq!(loose, expected);
    assert_eq!(unseen, BTreeSet::new(), "described, but never printed here");
}
