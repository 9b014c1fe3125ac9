//! R1: config, credentials and issue payloads with anything in them never break a reader, and errors repeat nothing of
//! the file. A case that ever failed stays in [`REGRESSIONS`].

use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use catseye::domain::node::{Node, SyntaxError};
use catseye::domain::stored::StoredValue;
use catseye::domain::{body, issue};
use catseye::sources::{toml, yaml};
use proptest::prelude::*;

use super::corpus::random;
use super::dice::{Dice, figure, how_many};

/// Inputs that once broke something here; none has yet.
const REGRESSIONS: &[&[u8]] = &[];

type Parse = fn(&[u8]) -> Result<Node, SyntaxError>;

/// The recorded inputs of the real parsers as seeds.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    let lines = std::fs::read_to_string(path).unwrap();
    let seed = |line: &str| {
        let encoded = line.split("\"in_b64\": \"").nth(1)?.split('"').next()?;
        BASE64_STANDARD.decode(encoded).ok()
    };
    lines.lines().filter_map(seed).collect()
}

/// Bytes hit, pieces moved, structure nested.
fn mutate(dice: &mut Dice, seeds: &[Vec<u8>], pieces: &[&str]) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => bytes.truncate(at),
            2 => {
                let piece = dice.pick(pieces).as_bytes().to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let end = (at + dice.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let other = dice.pick(seeds).clone();
                let from = dice.below(other.len() + 1);
                bytes.splice(at..at, other[from..].iter().copied());
            }
            5 => {
                let open = dice.pick(&["[", "{", "- ", "a: ", "a.", "\"\"\"", "? ", "[[", "&a ", "*a "]);
                bytes.splice(at..at, open.repeat(1 + dice.below(200)).into_bytes());
            }
            6 => {
                let text = random(dice, 12).into_bytes();
                bytes.splice(at..at, text);
            }
            _ => {
                let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let (first, second) = (dice.below(lines.len() + 1), dice.below(lines.len() + 1));
                let mut order = lines.clone();
                if let (Some(line), true) = (lines.get(first), second <= order.len()) {
                    order.insert(second, line);
                }
                bytes = order.concat();
            }
        }
    }
    bytes
}

/// Parses so many mutants; returns how many were read and the longest time that one took.
fn storm(name: &str, parse: Parse, pieces: &[&str], count: usize) -> (usize, Duration) {
    let mut dice = Dice::of(name);
    let seeds = seeds(name);
    assert!(seeds.len() >= 40);
    let (mut accepted, mut longest) = (0, Duration::ZERO);
    for _ in 0..count {
        let bytes = mutate(&mut dice, &seeds, pieces);
        let since = Instant::now();
        let parsed = catch_unwind(|| parse(&bytes));
        longest = longest.max(since.elapsed());
        assert!(
            parsed.is_ok(),
            "{name} panics on {}",
            BASE64_STANDARD.encode(&bytes)
        );
        match parsed {
            Ok(Err(error)) => {
                let span = error.span;
                assert!(span.start <= span.end && span.end <= bytes.len(), "{bytes:?}");
            }
            _ => accepted += 1,
        }
    }
    for bytes in REGRESSIONS {
        let _ = parse(bytes);
    }
    (accepted, longest)
}

#[test]
fn r1_mutated_configs_never_panic() {
    let pieces = [
        "tracker:",
        "\n  ",
        ": ",
        "- ",
        "|\n",
        ">-\n",
        "!!binary ",
        "<<: *a",
        "---\n",
        "%YAML 1.1\n",
        "'",
        "\"",
        "#",
        "\t",
        "1e9",
        "0o7",
        "2026-02-30",
        "~",
        "\u{feff}",
        "\u{85}",
    ];
    let count = how_many(100_000, 2_000_000);
    let (accepted, longest) = storm("config.jsonl", yaml::parse, &pieces, count);
    figure(
        "R1 config",
        format!(
            "0 panics in {count} mutants, {accepted} read; slowest {} ms",
            longest.as_millis()
        ),
    );
}

#[test]
fn r1_mutated_credentials_never_panic_nor_tell() {
    let pieces = [
        "[tracker",
        "]]",
        " = ",
        "'''",
        "\"\"\"",
        "\\u0000",
        "\\UFFFFFFFF",
        "0x",
        "1979-05-27",
        "inf",
        "{",
        "}",
        ",",
        ".",
        "#",
        "\r",
        "\u{feff}",
        "\u{e9}",
    ];
    let count = how_many(100_000, 2_000_000);
    let (accepted, longest) = storm("credentials.jsonl", toml::parse, &pieces, count);
    // An error has a place and a class, never what stands there.
    let mut dice = Dice::of("tell");
    let seeds = seeds("credentials.jsonl");
    for _ in 0..count / 10 {
        let mut bytes = mutate(&mut dice, &seeds, &pieces);
        let at = dice.below(bytes.len() + 1);
        bytes.splice(at..at, *b"SECRETSECRET");
        if let Err(error) = toml::parse(&bytes) {
            assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
        }
        if let Err(error) = yaml::parse(&bytes) {
            assert!(!format!("{error:?}").contains("SECRETSECRET"), "{error:?}");
        }
    }
    figure(
        "R1 credentials",
        format!(
            "0 panics in {count} mutants, {accepted} read; slowest {} ms",
            longest.as_millis()
        ),
    );
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        any::<String>(),
        "[a-zA-Z -]{0,12}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+Z]{0,16}"
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        text.prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map("[a-z_]{1,10}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

const KEYS: [&str; 14] = [
    "ref",
    "title",
    "body",
    "status",
    "issue_type",
    "priority",
    "assignees",
    "labels",
    "parent",
    "links",
    "custom_fields",
    "created_at",
    "updated_at",
    "raw",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(u32::try_from(how_many(4_000, 200_000)).unwrap()))]

    #[test]
    fn r1_any_payload_is_published_or_refused(
        fields in prop::collection::vec((prop::sample::select(&KEYS[..]), json()), 0..14),
        reference in prop::collection::vec((prop::sample::select(&["system", "workspace", "id", "key", "url"][..]), json()), 0..6),
        hit in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        damage in any::<bool>(),
    ) {
        let mut value: serde_json::Map<String, serde_json::Value> =
            fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let reference: serde_json::Map<String, serde_json::Value> =
            reference.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        if reference.len() > 1 {
            value.insert("ref".to_owned(), reference.into());
        }
        let mut bytes = serde_json::to_vec(&value).unwrap();
        if damage {
            let at = hit.index(bytes.len());
            bytes[at] = byte;
        }
        for stored in [StoredValue::Text(&bytes), StoredValue::Blob(&bytes)] {
            if let Ok(issue) = issue::publish(stored) {
                let mut out = Vec::new();
                if body::write_issue(&issue, &mut out).is_ok() {
                    prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&out).is_ok());
                }
            }
        }
    }
}
