//! What spec-kitty 3.0.0 on CPython 3.11 computed for stored rows, against catseye.
#![cfg(test)]

use base64::prelude::{BASE64_STANDARD, Engine as _};
use catseye::domain::body::{self, BETWEEN, Head, write_head, write_issue, write_mapping, write_tail};
use catseye::domain::checkpoint::Checkpoint;
use catseye::domain::json::{Json, loads};
use catseye::domain::python::{PyStr, isoformat::normalise};
use catseye::domain::stored::StoredValue;
use catseye::domain::{issue, mapping};
use proptest::prelude::*;
use serde_json::json;

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
        let expected = vector.get("out").unwrap().text().map(PyStr::to_display);
        assert_eq!(normalise(text), expected, "{text:?}");
    }
}

#[test]
fn publishes_what_spec_kitty_publishes() {
    let vectors = vectors("issues.jsonl");
    assert_eq!(vectors.len(), 160);
    for vector in vectors {
        let bytes = decode(&vector, "payload_b64").unwrap();
        let payload = match field(&vector, "sqlite_type").unwrap() {
            "text" => StoredValue::Text(&bytes),
            "blob" => StoredValue::Blob(&bytes),
            other => panic!("no such type here: {other}"),
        };
        let shown = String::from_utf8_lossy(&bytes);
        match issue::publish(payload) {
            Ok(issue) => {
                let mut array = b"[".to_vec();
                body::write_issue(&issue, &mut array).unwrap();
                array.push(b']');
                let expected =
                    decode(&vector, "issues_bytes_b64").unwrap_or_else(|| panic!("no error: {shown}"));
                assert_eq!(String::from_utf8(array), String::from_utf8(expected), "{shown}");
            }
            Err(error) => {
                let expected = field(&vector, "err").unwrap_or_else(|| panic!("{error}: {shown}"));
                let (_, words) = expected.split_once(' ').unwrap();
                assert_eq!(error.message, words.replace(" in position 357", ""), "{shown}");
            }
        }
    }
}

fn field<'a>(vector: &'a Json, name: &str) -> Option<&'a str> {
    vector.get(name)?.text()?.as_str()
}

fn decode(vector: &Json, name: &str) -> Option<Vec<u8>> {
    Some(BASE64_STANDARD.decode(field(vector, name)?).unwrap())
}

proptest! {
    #[test]
    fn any_payload_is_published_or_refused(bytes: Vec<u8>) {
        let _ = issue::publish(StoredValue::Text(&bytes));
        let _ = issue::publish(StoredValue::Blob(&bytes));
    }

    #[test]
    fn anything_like_json_is_published_or_refused(text in "[\\[\\]{}:,\" \\\\unE0-9.eftrals+-]{0,60}") {
        let read = loads(&text);
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) {
            prop_assert!(read.is_ok() || read.is_err_and(|error| error.to_string().starts_with("ValueError")), "{json}");
        }
        let _ = issue::publish_text(&text);
    }

    #[test]
    fn any_date_is_normalised_once(text in "[0-9]{4}-?(W[0-5][0-9]|[01][0-9]-?[0-3][0-9])([T ][0-9:.,]{0,15}[Z+-]?[0-9:]{0,8})?") {
        if let Some(normal) = normalise(&text.as_str().into()) {
            prop_assert_eq!(normalise(&normal.as_str().into()), Some(normal));
        }
    }

    #[test]
    fn the_body_reads_back(
        texts: [String; 8],
        owners: Vec<(String, String)>,
        labels: Vec<String>,
        cursor: Option<String>,
        issues in 0_usize..4,
        mappings in 0_usize..4,
    ) {
        let [provider, workspace, mode, slug, title, id, wp_id, url] = &texts;
        let head = Head {
            provider,
            workspace,
            route: Some(("jira_project", slug)),
            doctrine_mode: mode,
            doctrine_field_owners: &owners,
            project_uuid: None,
            project_slug: Some(slug),
        };
        let stored = json!({
            "ref": {"system": "jira", "workspace": "w", "id": format!("1{id}"), "url": url},
            "title": format!("T{title}"), "labels": labels,
        });
        let issue = issue::publish_text(&stored.to_string()).unwrap();
        let mut columns = [StoredValue::Text(b""); mapping::COLUMNS.len()];
        columns[0] = StoredValue::Text(wp_id.as_bytes());
        let mapping = mapping::publish(columns).unwrap();
        let checkpoint = Checkpoint { cursor: cursor.clone(), updated_since: None };

        let mut body = Vec::new();
        write_head(&head, &mut body).unwrap();
        for number in 0..issues {
            body.extend_from_slice(if number > 0 { b"," } else { b"" });
            write_issue(&issue, &mut body).unwrap();
        }
        body.extend_from_slice(BETWEEN.as_bytes());
        for number in 0..mappings {
            body.extend_from_slice(if number > 0 { b"," } else { b"" });
            write_mapping(&mapping, &mut body).unwrap();
        }
        write_tail(&checkpoint, &mut body).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();

        prop_assert_eq!(&body["workspace"], workspace);
        prop_assert_eq!(&body["external_resource_id"], slug);
        let owners: serde_json::Map<_, _> = owners.into_iter().map(|(field, owner)| (field, json!(owner))).collect();
        prop_assert_eq!(&body["doctrine_field_owners"], &json!(owners));
        prop_assert_eq!(body["issues"].as_array().unwrap().len(), issues);
        for issue in body["issues"].as_array().unwrap() {
            prop_assert_eq!(&issue["ref"]["id"], &format!("1{id}"));
            prop_assert_eq!(&issue["ref"]["url"], url);
            prop_assert_eq!(&issue["title"], &format!("T{title}"));
            prop_assert_eq!(&issue["labels"], &json!(labels));
        }
        prop_assert_eq!(body["mappings"].as_array().unwrap().len(), mappings);
        for mapping in body["mappings"].as_array().unwrap() {
            prop_assert_eq!(&mapping["wp_id"], wp_id);
        }
        prop_assert_eq!(&body["checkpoint"]["cursor"], &json!(cursor));
    }
}
