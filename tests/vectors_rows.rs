//! What spec-kitty 3.0.0 on CPython 3.11 computed for stored rows, against catseye.

use catseye::domain::json::{Json, loads};
use catseye::domain::python::isoformat::normalise;

/// The recorded lines. Some hold lone surrogates, which `serde_json` refuses.
fn vectors(name: &str) -> Vec<Json> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(path).unwrap();
    lines.lines().map(|line| loads(line).unwrap()).collect()
}

#[test]
fn normalises_dates() {
    let vectors = vectors("fromisoformat.jsonl");
    assert_eq!(vectors.len(), 114);
    for vector in vectors {
        let text = vector.get("in").unwrap().text().unwrap();
        let expected = vector.get("out").unwrap().text().map(|text| text.to_display());
        assert_eq!(normalise(text), expected, "{text:?}");
    }
}
