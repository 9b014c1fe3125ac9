//! What spec-kitty 3.0.0 with ruamel.yaml 0.19.1 read from `config.yaml`, against catseye.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catseye::domain::binding::{Binding, DEFAULT_DOCTRINE_MODE, Required};
use catseye::domain::json::{Json, JsonValue, loads};
use catseye::domain::node::SyntaxErrorKind;
use catseye::domain::python::PyStr;
use catseye::sources::yaml;

fn vectors() -> Vec<Json> {
    let path = format!("{}/tests/vectors/config.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(path).unwrap();
    lines.lines().map(|line| loads(line).unwrap()).collect()
}

/// The text at a path of keys; `None` for null.
fn text<'a>(vector: &'a Json, path: [&str; 2]) -> Option<&'a PyStr> {
    vector.get(path[0])?.get(path[1])?.text()
}

fn list(json: &Json) -> &[Json] {
    match &json.value {
        JsonValue::List(items) => items,
        _ => panic!("no list"),
    }
}

fn field_owners(vector: &Json) -> Vec<(PyStr, PyStr)> {
    let pairs = vector.get("cfg").and_then(|cfg| cfg.get("doctrine_field_owners"));
    let text = |json: &Json| json.text().unwrap().clone();
    list(pairs.unwrap())
        .iter()
        .map(|pair| (text(&list(pair)[0]), text(&list(pair)[1])))
        .collect()
}

fn required(setting: &Required) -> Option<&PyStr> {
    match setting {
        Required::Text(text, _) => Some(text),
        _ => None,
    }
}

#[test]
fn reads_what_spec_kitty_reads() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 223);
    let mut not_modelled = Vec::new();
    for (index, vector) in vectors.iter().enumerate() {
        let line = index + 1;
        let encoded = vector.get("in_b64").unwrap().text().unwrap();
        let bytes = STANDARD.decode(encoded.as_str().unwrap()).unwrap();
        let parsed = yaml::parse(&bytes);
        if vector.get("err").is_some() {
            let error = parsed.expect_err("must be rejected");
            assert!(error.span.end <= bytes.len(), "line {line}: {error:?}");
            if error.kind == SyntaxErrorKind::NotModelled {
                not_modelled.push(line);
            }
            continue;
        }
        let root = parsed.unwrap_or_else(|error| panic!("line {line}: {error:?}"));
        let binding = Binding::read(&root);
        let provider = text(vector, ["cfg", "provider"]);
        assert_eq!(required(&binding.provider), provider, "line {line}: provider");
        let workspace = text(vector, ["cfg", "workspace"]);
        assert_eq!(required(&binding.workspace), workspace, "line {line}: workspace");
        let default = DEFAULT_DOCTRINE_MODE.into();
        let mode = required(&binding.doctrine_mode).or(Some(&default));
        assert_eq!(mode, text(vector, ["cfg", "doctrine_mode"]), "line {line}: mode");
        let owners = field_owners(vector);
        assert_eq!(binding.doctrine_field_owners, owners, "line {line}: owners");
        let uuid = binding.project_uuid.as_ref().map(|(text, _)| text);
        assert_eq!(uuid, text(vector, ["identity", "uuid"]), "line {line}: uuid");
        let slug = binding.project_slug.as_ref().map(|(text, _)| text);
        assert_eq!(slug, text(vector, ["identity", "slug"]), "line {line}: slug");
    }
    // `?` in a flow mapping, unusual line breaks, 250 and more levels.
    assert_eq!(not_modelled, [75, 154, 164, 215, 216]);
}
