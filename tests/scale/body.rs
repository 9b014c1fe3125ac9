//! The body of a store of many ranges: row for row what the readable path makes, whoever wrote which part.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use catseye::domain::body::{Head, write_issue, write_mapping};
use catseye::domain::stored::StoredValue;
use catseye::domain::{issue, mapping};
use catseye::sources::store::{Audit, AuditRequest, audit, open};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

use crate::recipe::{self, Made, Recipe};

/// More than four ranges of rows, so that all threads have some.
const ISSUES: u64 = 9_000;

fn made(folder: &TempDir, bad_every: u64, wal: bool) -> Made {
    let recipe = Recipe {
        issues: ISSUES,
        bad_every,
        wal,
    };
    recipe::make(folder.path(), recipe)
}

fn audited(store: &Path) -> Audit {
    let request = AuditRequest {
        system: "jira",
        checkpoint_key: "jira:acme.atlassian.net",
        head: Some(Head {
            provider: "jira",
            workspace: "acme.atlassian.net",
            route: None,
            doctrine_mode: "m",
            doctrine_field_owners: &[],
            project_uuid: None,
            project_slug: None,
        }),
        keep_body: true,
    };
    let Ok(store) = open(store) else {
        panic!("the store cannot be opened");
    };
    audit(&store, &request, &AtomicBool::new(false), &mut |_| {}).unwrap()
}

fn body(audit: &Audit) -> String {
    let mut text = String::new();
    audit
        .body
        .as_ref()
        .unwrap()
        .reader()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The rows of a query, each made by `row`, with commas between.
fn rows(store: &Path, query: &str, row: impl Fn(&[StoredValue<'_>]) -> Vec<u8>) -> String {
    let connection = Connection::open(store).unwrap();
    let mut statement = connection.prepare(query).unwrap();
    let columns = statement.column_count();
    let mut found = statement.query([]).unwrap();
    let mut texts = Vec::new();
    while let Some(next) = found.next().unwrap() {
        let values: Vec<StoredValue<'_>> = (0..columns)
            .map(|column| match next.get_ref(column).unwrap() {
                ValueRef::Text(bytes) => StoredValue::Text(bytes),
                _ => StoredValue::Null,
            })
            .collect();
        texts.push(String::from_utf8(row(&values)).unwrap());
    }
    texts.join(",")
}

fn expected(store: &Path) -> String {
    let issues = rows(
        store,
        "SELECT payload FROM tracker_issues WHERE system = 'jira' ORDER BY identity",
        |row| {
            let mut out = Vec::new();
            write_issue(&issue::publish(row[0]).unwrap(), &mut out).unwrap();
            out
        },
    );
    let mappings = rows(
        store,
        "SELECT wp_id, system, workspace, external_id, external_key, external_url, created_at, updated_at \
         FROM tracker_mappings ORDER BY wp_id, system",
        |row| {
            let mut out = Vec::new();
            let columns: [StoredValue<'_>; 8] = row.try_into().unwrap();
            write_mapping(&mapping::publish(columns).unwrap(), &mut out).unwrap();
            out
        },
    );
    format!(
        "\"issues\":[{issues}],\"mappings\":[{mappings}],\"checkpoint\":\
         {{\"cursor\":null,\"updated_since\":\"2026-11-20T09:30:00+00:00\"}}}}"
    )
}

#[test]
fn many_hands_write_the_body_that_one_would() {
    for wal in [false, true] {
        let folder = TempDir::new().unwrap();
        let made = made(&folder, 0, wal);
        // Rows of others lie between ranges, at both ends, and fill a range of their own.
        let connection = Connection::open(&made.store).unwrap();
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
                 INSERT INTO tracker_issues SELECT 'a:' || i, 'linear', 'w', i, 'not JSON', NULL FROM n;
                 WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
                 INSERT INTO tracker_issues SELECT 'z:' || i, 'JIRA', 'w', i, 'not JSON', NULL FROM n;",
            )
            .unwrap();
        drop(connection);
        let audit = audited(&made.store);
        let body = body(&audit);
        let from = body.find("\"issues\":").unwrap();
        assert!(body[from..] == expected(&made.store));
        assert_eq!(
            (audit.facts.issues, audit.facts.mappings),
            (ISSUES, ISSUES.div_ceil(50))
        );
        assert_eq!(audit.facts.invalid_rows, 0);
        let joins = audit.facts.joins.unwrap();
        assert_eq!(joins.unmatched_mappings.count, 0);
        assert_eq!(joins.unmapped_issues, ISSUES - ISSUES.div_ceil(50));
        assert_eq!(audit.facts.coerced.count, 9);
        assert_eq!(audit.facts.key_prefixes[0].count, ISSUES);
        for anchor in audit.anchors.issues.all() {
            let at = usize::try_from(anchor.offset.unwrap()).unwrap();
            assert!(body[at..].starts_with("{\"ref\":"), "{anchor:?}");
            let before = body[from..at].matches("{\"ref\":").count();
            assert_eq!(before as u64, anchor.ordinal);
        }
    }
}

#[test]
fn every_bad_row_counts_and_the_first_in_publish_order_are_named() {
    let folder = TempDir::new().unwrap();
    let made = made(&folder, 100, false);
    let audit = audited(&made.store);
    assert!(audit.body.is_none() && audit.facts.body.is_none());
    assert_eq!((audit.facts.issues, audit.facts.invalid_rows), (ISSUES, 90));
    let mut bad: Vec<String> = (1..=ISSUES / 100)
        .map(|number| format!("jira:https://acme.atlassian.net:{}", 10_000 + number * 100))
        .collect();
    bad.sort();
    let named: Vec<&str> = audit
        .facts
        .invalid
        .iter()
        .map(|row| row.identity.as_str())
        .collect();
    assert_eq!(named, bad[..20]);
}

#[test]
fn a_body_that_finds_no_room_is_named_and_nothing_comes_out() {
    let folder = TempDir::new().unwrap();
    let recipe = Recipe {
        issues: 20_000,
        bad_every: 0,
        wal: false,
    };
    let made = recipe::make(folder.path(), recipe);
    let nowhere = folder.path().join("nowhere");
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catseye"));
        command.args(words).current_dir(&made.project).env_clear();
        command.env("HOME", &made.user_home).env("TMPDIR", &nowhere);
        command.output().unwrap()
    };
    let payload = run(&["payload"]);
    let talk = String::from_utf8(payload.stderr).unwrap();
    assert_eq!(
        (payload.status.code(), payload.stdout.len()),
        (Some(2), 0),
        "{talk}"
    );
    assert!(
        talk.contains("spool-unwritable") && talk.contains("TMPDIR"),
        "{talk}"
    );
    // Without a body to keep nothing is missing.
    assert_eq!(run(&["check"]).status.code(), Some(0));
}

/// Peak resident memory of a process in bytes.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

#[test]
fn memory_does_not_grow_with_the_store() {
    let folder = TempDir::new().unwrap();
    let recipe = Recipe {
        issues: 40_000,
        bad_every: 0,
        wal: false,
    };
    let made = recipe::make(folder.path(), recipe);
    let mut child = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .arg("payload")
        .current_dir(&made.project)
        .env_clear()
        .env("HOME", &made.user_home)
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // The first byte comes when all rows have been checked; then the pipe is full and the process waits.
    let mut first = [0; 1];
    stdout.read_exact(&mut first).unwrap();
    let peak = peak(child.id());
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.len() > 16 << 20, "{} bytes", rest.len());
    assert!(peak <= 64 << 20, "{} MiB", peak >> 20);
}
