//! The recorded behaviour of spec-kitty 3.0.0 on 103 credentials files: routing, token and store for provider `jira`
//! and workspace `w`.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catseye::domain::credentials::{Absence, Step, provider_table, scope_inputs};
use catseye::domain::node::{Span, SyntaxErrorKind};
use catseye::domain::python::PyStr;
use catseye::domain::scope::scope;
use catseye::sources::toml;
use serde_json::{Value, json};

/// What spec-kitty makes of one file, in the shape of the recording.
fn observed(bytes: &[u8]) -> Value {
    let root = match toml::parse(bytes) {
        Ok(root) => root,
        Err(error) => {
            assert_ne!(error.kind, SyntaxErrorKind::NotModelled, "{error:?}");
            assert!(error.span.end <= bytes.len(), "{error:?}");
            return json!("error");
        }
    };
    let (provider, workspace) = (PyStr::from("jira"), PyStr::from("w"));
    let table = provider_table(&root, &provider).ok();
    let id = table
        .and_then(|table| table.get("project_key"))
        .filter(|entry| !entry.value.is_null())
        .map(|entry| entry.value.str().strip())
        .filter(|id| !id.is_empty());
    let parts = scope_inputs(table);
    let scope = scope(
        &provider,
        &workspace,
        &parts.server.value,
        &parts.user.value,
        &parts.team.value,
    );
    let token = table.and_then(|table| table.token());
    json!({
        "routing_jira": [id.as_ref().map(|_| "jira_project"), id.as_ref().map(PyStr::to_display)],
        "token": token.as_ref().map_or("", |token| token.secret.expose()),
        "db_for_jira_w": format!("{}.db", scope.unwrap().name),
    })
}

#[test]
fn reads_every_recorded_file_as_spec_kitty_does() {
    let vectors = include_str!("vectors/credentials.jsonl");
    let mut count = 0;
    for (number, line) in vectors.lines().enumerate() {
        let mut expected: Value = serde_json::from_str(line).unwrap();
        let bytes = STANDARD.decode(expected["in_b64"].as_str().unwrap()).unwrap();
        if expected.get("err").is_some() {
            expected = json!("error");
        } else {
            expected.as_object_mut().unwrap().remove("in_b64");
        }
        assert_eq!(
            observed(&bytes),
            expected,
            "line {}: {}",
            number + 1,
            bytes.escape_ascii()
        );
        count += 1;
    }
    assert_eq!(count, 103);
}

fn absence(text: &str) -> Absence {
    let root = toml::parse(text.as_bytes()).unwrap();
    provider_table(&root, &"jira".into()).unwrap_err()
}

/// The span of `part` in `text`.
fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span {
        start,
        end: start + part.len(),
    }
}

#[test]
fn says_why_there_is_no_provider_table() {
    let text = "[tokens]\naccess = 'x'\n";
    let tokens = Some(span(text, "[tokens]"));
    assert_eq!(absence(text), Absence::NoTracker { tokens });
    assert_eq!(absence("# empty\n"), Absence::NoTracker { tokens: None });

    let text = "[tracker]\nx = 1\n";
    let tracker = span(text, "[tracker]");
    assert_eq!(absence(text), Absence::NoProviders { tracker });

    for (text, step, key, found) in [
        ("tracker = 1.5", Step::Tracker, "tracker", "a number"),
        ("tracker.providers = ''", Step::Providers, "providers", "text"),
        ("[[tracker.providers.jira]]", Step::Provider, "jira", "a list"),
    ] {
        let expected = Absence::WrongShape {
            step,
            found,
            key: span(text, key),
        };
        assert_eq!(absence(text), expected, "{text}");
    }
}

#[test]
fn names_the_tables_beside_a_missing_one_and_those_that_only_differ_in_spelling() {
    let text = "[tracker.providers.Jira]\n[tracker.providers.linear]\n[tracker.providers.\" JIRA\"]\n";
    let Absence::NoProvider { siblings, providers } = absence(text) else {
        panic!("{:?}", absence(text));
    };
    assert_eq!(providers, span(text, "providers"));
    let seen: Vec<_> = siblings
        .iter()
        .map(|sibling| (&text[sibling.span.start..sibling.span.end], sibling.near_miss))
        .collect();
    assert_eq!(seen, [("Jira", true), ("linear", false), ("\" JIRA\"", true)]);

    let root = toml::parse(b"[tracker.providers.azure_devops]").unwrap();
    let Err(Absence::NoProvider { siblings, .. }) = provider_table(&root, &"azure".into()) else {
        panic!("azure is not the name of the table");
    };
    assert!(siblings[0].near_miss);
}

#[test]
fn tells_which_key_gave_the_token_and_never_prints_it() {
    let text =
        "[tracker.providers.jira]\naccess_token = 0\ntoken = ' hunter2 '\nserver_url = ''\nbase_url = 'U'\n";
    let root = toml::parse(text.as_bytes()).unwrap();
    let table = provider_table(&root, &"jira".into()).unwrap();
    let token = table.token().unwrap();
    assert_eq!((token.key, token.secret.expose()), ("token", "hunter2"));
    assert_eq!(token.value_span, span(text, "' hunter2 '"));
    assert!(!format!("{token:?} {table:?}").contains("hunter2"));

    let parts = scope_inputs(Some(table));
    let server = parts.server.source.unwrap();
    assert_eq!((server.key, server.value_span), ("base_url", span(text, "'U'")));
    assert_eq!(parts.server.value, "U");
    assert_eq!(parts.user.source, None);
}
