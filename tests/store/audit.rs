//! The audit pass: its body is the rows put together, and comes from one state of the store.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use catseye::domain::body::Head;
use catseye::domain::evaluation::BodyFacts;
use catseye::domain::window::{IssueRow, PageFrom};
use catseye::sources::store::{
    Audit, AuditError, AuditRequest, Issues, Lens, Store, StoreError, Texts, audit, open,
};
use rusqlite::types::Null;

use crate::support::{World, issue, mapping, payload};

static GO: AtomicBool = AtomicBool::new(false);

const REQUEST: AuditRequest<'static> = AuditRequest {
    system: "jira",
    checkpoint_key: "jira:acme",
    head: Some(Head {
        provider: "jira",
        workspace: "acme",
        route: Some(("jira_project", "ACME")),
        doctrine_mode: "external_authoritative",
        doctrine_field_owners: &[],
        project_uuid: None,
        project_slug: Some("demo"),
    }),
    keep_body: true,
};

const HEAD: &str = "{\"provider\":\"jira\",\"workspace\":\"acme\",\"external_resource_type\":\"jira_project\",\
    \"external_resource_id\":\"ACME\",\"doctrine_mode\":\"external_authoritative\",\"doctrine_field_owners\":{},\
    \"project_uuid\":null,\"project_slug\":\"demo\",\"issues\":[";

fn ready(world: &World) -> Store {
    open(&world.path()).unwrap()
}

/// All issues, page after page.
fn all_issues(store: &Store) -> Vec<IssueRow> {
    let mut rows = Vec::new();
    let mut from = PageFrom::Start;
    loop {
        let page = store.issues("jira", from, 1_000, &GO).unwrap();
        let next = page.next();
        rows.extend(page.rows);
        match next {
            Some(next) => from = next,
            None => return rows,
        }
    }
}

fn body(audit: &Audit) -> String {
    let body = audit.body.as_ref().unwrap();
    let mut text = String::new();
    body.reader().read_to_string(&mut text).unwrap();
    let facts = BodyFacts {
        bytes: text.len() as u64,
        blake3: *blake3::hash(text.as_bytes()).as_bytes(),
    };
    assert_eq!(audit.facts.body, Some(facts));
    assert_eq!((body.bytes, body.blake3), (facts.bytes, facts.blake3));
    text
}

fn filled(issues: u32) -> World {
    let world = World::new();
    let store = world.connect();
    store.execute_batch("BEGIN").unwrap();
    issue(&store, Null, "jira", payload("n", "Ä-B-7", "ohne Kennung"));
    issue(&store, vec![1_u8], "jira", payload("b", "no number", "blob"));
    for number in 0..issues {
        let (id, key) = (number.to_string(), format!("ACME-{number}"));
        issue(
            &store,
            format!("jira:w:{number}"),
            "jira",
            payload(&id, &key, "Größe \"1\""),
        );
        issue(&store, format!("linear:w:{number}"), "linear", "not JSON");
    }
    mapping(&store, "WP2", "jira", "1", Some(""), None);
    mapping(&store, "WP10", "linear", "2", None, None);
    store
        .execute_batch(
            "INSERT INTO tracker_checkpoints VALUES ('jira:acme', '100', '2026-03-10T12:00:00Z'); COMMIT",
        )
        .unwrap();
    world
}

#[test]
fn the_body_is_the_rows_put_together() {
    let world = filled(5_000);
    let before = world.traces();
    let store = ready(&world);
    let mut told = 0;
    let audit = audit(&store, &REQUEST, &GO, &mut |rows| {
        told = rows.issues + rows.mappings;
    })
    .unwrap();
    let issues = all_issues(&store);
    let mappings = store.mappings("jira", PageFrom::Start, 100, &GO).unwrap().rows;
    drop(store);
    assert_eq!(before, world.traces());

    assert_eq!(
        (audit.facts.issues, audit.facts.mappings, told),
        (5_002, 2, 5_004)
    );
    assert_eq!((audit.facts.invalid_rows, audit.facts.invalid.len()), (0, 0));
    let prefixes: Vec<_> = audit
        .facts
        .key_prefixes
        .iter()
        .map(|group| (group.value.as_str(), group.count))
        .collect();
    assert_eq!(prefixes, [("ACME", 5_000), ("Ä-B", 1)]);
    assert_eq!(audit.facts.other_keys, 1);
    let issues: Vec<String> = issues
        .into_iter()
        .map(|row| row.published.unwrap().json)
        .collect();
    let mappings: Vec<String> = mappings.into_iter().map(|row| row.json).collect();
    let checkpoint = "{\"cursor\":\"100\",\"updated_since\":\"2026-03-10T12:00:00+00:00\"}";
    let rows = (issues.join(","), mappings.join(","));
    let expected = format!(
        "{HEAD}{}],\"mappings\":[{}],\"checkpoint\":{checkpoint}}}",
        rows.0, rows.1
    );
    let body = body(&audit);
    let same = body
        .bytes()
        .zip(expected.bytes())
        .take_while(|(ours, theirs)| ours == theirs)
        .count();
    assert!(
        body == expected,
        "{} and {} bytes differ at {same}: {:.300}\n{:.300}",
        body.len(),
        expected.len(),
        &body[same.saturating_sub(100)..],
        &expected[same.saturating_sub(100)..],
    );
    assert_eq!(audit.checkpoint.unwrap().cursor.as_deref(), Some("100"));
}

#[test]
fn an_empty_store_has_a_body() {
    let world = World::new();
    let store = ready(&world);
    let kept = audit(&store, &REQUEST, &GO, &mut |_| {}).unwrap();
    let tail = "],\"mappings\":[],\"checkpoint\":{\"cursor\":null,\"updated_since\":null}}";
    assert_eq!(body(&kept), format!("{HEAD}{tail}"));
    let measured = AuditRequest {
        keep_body: false,
        ..REQUEST
    };
    let measured = audit(&store, &measured, &GO, &mut |_| {}).unwrap();
    assert!(measured.body.is_none());
    assert_eq!(measured.facts, kept.facts);
    let checked = AuditRequest {
        head: None,
        ..REQUEST
    };
    let checked = audit(&store, &checked, &GO, &mut |_| {}).unwrap();
    assert_eq!((checked.facts.body, checked.body.is_none()), (None, true));
}

#[test]
fn every_invalid_row_counts() {
    let world = filled(10);
    let store = world.connect();
    for number in 0..25 {
        issue(&store, format!("x{number:02}"), "jira", "{\"title\":\"T\"}");
    }
    issue(
        &store,
        "",
        "jira",
        payload("1", "A-1", "x").replace("\"x\"", "\"\\ud800\""),
    );
    store
        .execute_batch(
            "INSERT INTO tracker_mappings SELECT CAST(x'ff' AS TEXT), system, workspace, '9', NULL, NULL, '', '' \
             FROM tracker_mappings LIMIT 1; \
             UPDATE tracker_checkpoints SET cursor = CAST(x'ff' AS TEXT)",
        )
        .unwrap();
    drop(store);
    let audit = audit(&ready(&world), &REQUEST, &GO, &mut |_| {}).unwrap();
    assert_eq!(audit.facts.invalid_rows, 28);
    assert_eq!(
        (audit.facts.body, audit.checkpoint, audit.body.is_none()),
        (None, None, true)
    );
    let invalid = &audit.facts.invalid;
    assert_eq!(invalid.len(), 20);
    assert_eq!((invalid[0].identity.as_str(), invalid[0].unencodable), ("", true));
    assert_eq!(invalid[0].json_path, "title");
    assert_eq!(
        (invalid[1].identity.as_str(), invalid[1].unencodable),
        ("x00", false)
    );
    assert_eq!(
        (invalid[1].table, invalid[1].reason.as_str()),
        ("tracker_issues", "KeyError: 'ref'")
    );
}

#[test]
fn a_change_starts_the_pass_over() {
    let world = filled(5_000);
    let store = ready(&world);
    let mut calls = 0;
    let audit = audit(&store, &REQUEST, &GO, &mut |_| {
        calls += 1;
        if calls == 2 {
            world
                .connect()
                .execute("DELETE FROM tracker_issues WHERE identity IS NULL", [])
                .unwrap();
        }
    })
    .unwrap();
    assert_eq!(audit.facts.issues, 5_001);
    assert!(body(&audit).starts_with(&format!(
        "{HEAD}{{\"ref\":{{\"system\":\"jira\",\"workspace\":\"https://acme.test\",\"id\":\"0\""
    )));
}

#[test]
fn a_store_that_keeps_changing_is_busy() {
    let world = filled(5_000);
    let store = ready(&world);
    let mut nonce = 0;
    let outcome = audit(&store, &REQUEST, &GO, &mut |_| {
        nonce += 1;
        world
            .connect()
            .execute("UPDATE tracker_checkpoints SET cursor = ?1", [nonce])
            .unwrap();
    });
    assert!(matches!(outcome, Err(AuditError::Store(StoreError::Busy))));
}

#[test]
fn a_pass_can_be_stopped() {
    let world = filled(5_000);
    let stop = AtomicBool::new(false);
    let outcome = audit(&ready(&world), &REQUEST, &stop, &mut |_| {
        stop.store(true, Ordering::Relaxed);
    });
    assert!(matches!(outcome, Err(AuditError::Store(StoreError::Cancelled))));
}

/// Texts of megabytes, with what is hard to cut in them, between other rows.
fn with_long_texts() -> World {
    let world = World::new();
    let store = world.connect();
    let reference = r#""ref":{"system":"jira","workspace":"w","id":"1","key":"A-1","url":null}"#;
    let long = |unit: &str| unit.repeat((9 << 19) / unit.len());
    let rows = [
        ("a", payload("0", "A-0", "short")),
        (
            "b",
            format!(r#"{{{reference},"title":"t","body":"{}"}}"#, long("b")),
        ),
        (
            "c",
            format!(
                r#"{{"body":"x{}","title":"{}",{reference}}}"#,
                long(r"\ud83d\ude00"),
                long("支")
            ),
        ),
        (
            "d",
            format!(
                r#"{{{reference},"title":"t","body":null,"raw":{{"body":"{}"}}}}"#,
                long("r")
            ),
        ),
        (
            "e",
            format!(r#"{{{reference},"title":"{}\u202e","body":"b"}}"#, long("é\\n")),
        ),
        // What is made of a list tells only the whole of it.
        (
            "f",
            format!(r#"{{{reference},"title":["{}"],"body":"b"}}"#, long("l")),
        ),
        ("g", payload("9", "A-9", "short again")),
    ];
    for (identity, payload) in &rows {
        issue(&store, identity, "jira", payload);
    }
    issue(&store, "ax", "linear", long("not JSON"));
    world
}

#[test]
fn long_texts_are_published_as_they_are() {
    let world = with_long_texts();
    let before = world.traces();
    let store = ready(&world);
    let audit = audit(&store, &REQUEST, &GO, &mut |_| {}).unwrap();
    let issues = all_issues(&store);
    assert_eq!(audit.facts.issues, 7);
    assert!(
        issues
            .iter()
            .all(|row| row.published.as_ref().unwrap().long.is_empty())
    );
    let expected: Vec<&str> = issues
        .iter()
        .map(|row| row.published.as_ref().unwrap().json.as_str())
        .collect();
    let tail = "],\"mappings\":[],\"checkpoint\":{\"cursor\":null,\"updated_since\":null}}";
    assert!(body(&audit) == format!("{HEAD}{}{tail}", expected.join(",")));
    let hidden: Vec<_> = audit
        .facts
        .hidden
        .first
        .iter()
        .map(|seen| (&*seen.identity, &*seen.json_path))
        .collect();
    assert_eq!(hidden, [("e", "title")]);

    has_their_beginnings(&store, &issues);
    drop(store);
    assert_eq!(before, world.traces());
}

#[test]
fn a_long_text_under_a_name_that_comes_again_must_be_json_too() {
    let world = World::new();
    let reference = r#""ref":{"system":"jira","workspace":"w","id":"1"}"#;
    for (identity, end) in [("a", ""), ("b", r"\x")] {
        let long = "t".repeat(5 << 20);
        let payload = format!(r#"{{{reference},"title":"{long}{end}","title":"t"}}"#);
        issue(&world.connect(), identity, "jira", &payload);
    }
    let audit = audit(&ready(&world), &REQUEST, &GO, &mut |_| {}).unwrap();
    let [invalid] = audit.facts.invalid.as_slice() else {
        panic!("{:?}", audit.facts.invalid);
    };
    assert_eq!(invalid.identity, "b");
    assert!(
        invalid.reason.starts_with(r"JSONDecodeError: Invalid \escape"),
        "{}",
        invalid.reason
    );
}

/// The inspector's windows hold no more than the beginnings, and tell how much more there is.
fn has_their_beginnings(store: &Store, issues: &[IssueRow]) {
    let lens = Lens {
        texts: Texts::Beginnings,
        ..Lens::default()
    };
    let there = (PageFrom::Start, issues.iter().collect::<Vec<_>>());
    let back = (PageFrom::End, issues.iter().rev().take(3).collect());
    for (mut from, rows) in [there, back] {
        let forward = from == PageFrom::Start;
        for row in rows {
            let page = store
                .rows_of::<Issues>("jira", &GO)
                .window(&lens, from, 1, &mut |_| {})
                .unwrap();
            assert_eq!(page.rows.len(), 1);
            let shown = &page.rows[0];
            let (beginning, facts) = (shown.published.as_ref().unwrap(), row.published.as_ref().unwrap());
            assert_eq!(shown.identity, row.identity);
            assert_eq!(beginning.bytes(), facts.json.len() as u64);
            assert!(facts.issue.title.starts_with(&beginning.issue.title));
            let cut: Vec<&str> = beginning.long.iter().map(|text| text.path).collect();
            let expected: &[&str] = match row.identity.as_str() {
                "b" => &["body"],
                "c" => &["title", "body"],
                "e" => &["title"],
                _ => &[],
            };
            assert_eq!(cut, expected, "{}", row.identity);
            let key = row.key.clone();
            from = if forward {
                PageFrom::After(key)
            } else {
                PageFrom::Before(key)
            };
        }
    }
}
