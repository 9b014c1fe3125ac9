//! R2: `config.yaml` as ruamel.yaml reads it: never accepted where it rejects, never another value, and refused where it
//! accepts in one case of a hundred at most. `yaml_truth.py` beside this file makes the files and asks ruamel.yaml.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catseye::domain::binding::{Binding, DEFAULT_DOCTRINE_MODE, Required};
use catseye::domain::python::PyStr;
use catseye::sources::yaml;
use serde_json::Value;

use crate::dice::figure;

/// What decides about the payload, as spec-kitty's loader has it.
fn ours(bytes: &[u8]) -> Option<Value> {
    let binding = Binding::read(&yaml::parse(bytes).ok()?);
    // A lone surrogate is no text in JSON: then the code points stand for it.
    let text = |text: &PyStr| match text.as_str() {
        Some(text) => Value::from(text),
        None => text.code_points().collect::<Vec<u32>>().into(),
    };
    let required = |setting: &Required| match setting {
        Required::Text(value, _) => text(value),
        _ => Value::Null,
    };
    let optional =
        |setting: &Option<(PyStr, _)>| setting.as_ref().map_or(Value::Null, |(value, _)| text(value));
    let owners = binding.doctrine_field_owners.iter();
    let owners: Vec<Value> = owners
        .map(|(field, owner)| vec![text(field), text(owner)].into())
        .collect();
    let mode = required(&binding.doctrine_mode);
    Some(serde_json::json!({
        "provider": required(&binding.provider),
        "workspace": required(&binding.workspace),
        "doctrine_mode": if mode.is_null() { DEFAULT_DOCTRINE_MODE.into() } else { mode },
        "doctrine_field_owners": owners,
        "uuid": optional(&binding.project_uuid),
        "slug": optional(&binding.project_slug),
    }))
}

#[test]
fn config_is_read_as_ruamel_reads_it() {
    let path = std::env::var_os("CATSEYE_YAML_TRUTH").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reliability_store/yaml_truth.jsonl"),
        PathBuf::from,
    );
    let file = std::fs::File::open(&path).unwrap();
    let (mut files, mut accepted, mut refused) = (0_usize, 0_usize, Vec::new());
    for line in BufReader::new(file).lines() {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes = STANDARD.decode(case["in"].as_str().unwrap()).unwrap();
        files += 1;
        let shown = || String::from_utf8_lossy(&bytes).into_owned();
        match (&case["read"], ours(&bytes)) {
            (Value::Null, None) => {}
            (Value::Null, Some(ours)) => panic!("file {files}: accepted as {ours}:\n{}", shown()),
            (_, None) => refused.push(files),
            (theirs, Some(ours)) => {
                assert_eq!(theirs, &ours, "file {files}:\n{}", shown());
                accepted += 1;
            }
        }
    }
    assert!(files >= 2_000);
    assert!(
        refused.len() * 100 <= files,
        "{} of {files} refused: {refused:?}",
        refused.len()
    );
    figure(
        "R2",
        format_args!(
            "{files} files: {accepted} with the same values, {} rejected by both, {} refused by name; 0 wrong",
            files - accepted - refused.len(),
            refused.len()
        ),
    );
}
