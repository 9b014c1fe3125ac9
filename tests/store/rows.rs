//! Windows of rows: order, edges, joins and search.

use std::sync::atomic::AtomicBool;

use catseye::domain::window::{IssueRow, Page, PageFrom, RowKey};
use catseye::sources::store::{Issues, Store, StoreError, open};
use rusqlite::types::{Null, Value};

use crate::support::{World, issue, payload};

pub static GO: AtomicBool = AtomicBool::new(false);

pub fn ready(world: &World) -> Store {
    open(&world.path()).unwrap()
}

pub fn page(store: &Store, from: PageFrom, limit: usize) -> Page<IssueRow> {
    store.issues("jira", from, limit, &GO).unwrap()
}

fn identities(page: &Page<IssueRow>) -> Vec<&str> {
    page.rows.iter().map(|row| row.identity.as_str()).collect()
}

/// One of every kind of identity, inserted out of order, among rows of other systems.
fn odd_keys() -> World {
    let world = World::new();
    let store = world.connect();
    let keys = ["é", "b", "", "a", "\u{10000}", "10", "2", "B", "\u{ffff}"];
    for key in keys {
        issue(&store, key, "jira", payload("1", "A-1", key));
    }
    issue(&store, vec![0_u8, 255], "jira", payload("1", "A-1", "blob"));
    issue(&store, Null, "jira", payload("1", "A-1", "first null"));
    issue(&store, Null, "linear", "{}");
    issue(&store, Null, "jira", payload("1", "A-1", "second null"));
    issue(&store, 5, "jira", payload("1", "A-1", "number, stored as text"));
    for (key, system) in [
        ("a1", Value::from("Jira".to_owned())),
        ("a2", Value::from(b"jira".to_vec())),
        ("a3", Value::from("jira ".to_owned())),
    ] {
        issue(&store, key, system, "{}");
    }
    world
}

#[test]
fn rows_come_in_publish_order() {
    let world = odd_keys();
    let before = world.traces();
    let expected = [
        "NULL",
        "NULL",
        "",
        "10",
        "2",
        "5",
        "B",
        "a",
        "b",
        "é",
        "\u{ffff}",
        "\u{10000}",
        "b'\\x00\\xff'",
    ];
    let all = page(&ready(&world), PageFrom::Start, 100);
    assert_eq!(identities(&all), expected);
    assert_eq!((all.more_before, all.more_after), (false, false));
    assert_eq!(before, world.traces());
}

/// Every window, in every size and from every row, is a part of the full walk.
#[test]
fn windows_of_odd_keys_are_slices_of_the_walk() {
    let world = odd_keys();
    let store = ready(&world);
    let all = page(&store, PageFrom::Start, 100).rows;
    for limit in [1, 2, 5, 20] {
        for (at, row) in all.iter().enumerate() {
            let check = |from: PageFrom, start: usize, end: usize| {
                let window = page(&store, from, limit);
                assert_eq!(window.rows, all[start..end]);
                assert_eq!(
                    (window.more_before, window.more_after),
                    (start > 0, end < all.len())
                );
            };
            let cut = |end: usize| end.min(all.len());
            check(PageFrom::At(row.key.clone()), at, cut(at + limit));
            check(PageFrom::After(row.key.clone()), at + 1, cut(at + 1 + limit));
            check(PageFrom::Before(row.key.clone()), at.saturating_sub(limit), at);
            assert_eq!(
                store
                    .rows_of::<Issues>("jira", &GO)
                    .row(&row.key)
                    .unwrap()
                    .as_ref(),
                Some(row)
            );
        }
        assert_eq!(
            page(&store, PageFrom::End, limit).rows,
            all[all.len().saturating_sub(limit)..]
        );
    }
    let gone = RowKey::Text(b"a9".to_vec());
    assert_eq!(store.rows_of::<Issues>("jira", &GO).row(&gone).unwrap(), None);
    assert_eq!(page(&store, PageFrom::At(gone), 1).rows[0].identity, "b");
}

pub fn many() -> World {
    let world = World::new();
    let store = world.connect();
    store.execute_batch("BEGIN").unwrap();
    for number in 0..5_000 {
        let system = if number % 3 == 0 { "linear" } else { "jira" };
        let (id, key) = (number.to_string(), format!("A-{number}"));
        issue(
            &store,
            format!("{system}:w:{number}"),
            system,
            payload(&id, &key, "T"),
        );
    }
    store.execute_batch("COMMIT").unwrap();
    world
}

#[test]
fn windows_forward_and_backward_tile_a_large_store() {
    let world = many();
    let store = ready(&world);
    let all = page(&store, PageFrom::Start, 10_000).rows;
    assert_eq!(all.len(), 3_333);
    let mut forward = Vec::new();
    let mut from = PageFrom::Start;
    loop {
        let window = page(&store, from, 700);
        from = PageFrom::After(window.rows.last().unwrap().key.clone());
        forward.extend(window.rows);
        if !window.more_after {
            break;
        }
    }
    assert!(forward == all);
    let mut backward = Vec::new();
    let mut from = PageFrom::End;
    loop {
        let mut window = page(&store, from, 700);
        from = PageFrom::Before(window.rows[0].key.clone());
        window.rows.append(&mut backward);
        backward = window.rows;
        if !window.more_before {
            break;
        }
    }
    assert!(backward == all);
}

#[test]
fn a_store_without_a_primary_key_keeps_equal_identities_together() {
    let world = World::with("CREATE TABLE tracker_issues (identity, system, w, i, payload, u)");
    let store = world.connect();
    for (key, title) in [("b", "3"), ("a", "1"), ("b", "4"), ("a", "2"), ("c", "5")] {
        issue(&store, key, "jira", payload("1", "A-1", title));
    }
    drop(store);
    let store = ready(&world);
    let titles = |from| -> Vec<String> {
        let rows = page(&store, from, 1).rows;
        rows.into_iter()
            .map(|row| row.published.unwrap().issue.title)
            .collect()
    };
    assert_eq!(titles(PageFrom::Start), ["1", "2"]);
    assert_eq!(titles(PageFrom::After(RowKey::Text(b"a".to_vec()))), ["3", "4"]);
    assert_eq!(titles(PageFrom::Before(RowKey::Text(b"c".to_vec()))), ["3", "4"]);
}

#[test]
fn a_bad_row_tells_why_and_hides_no_other() {
    let world = World::new();
    let store = world.connect();
    issue(&store, "a", "jira", b"{}".to_vec());
    issue(&store, "b", "jira", "{\"ref\": 5}");
    issue(&store, "c", "jira", payload("1", "A-1", "T"));
    drop(store);
    let rows = page(&ready(&world), PageFrom::Start, 9).rows;
    let reasons: Vec<_> = rows
        .iter()
        .map(|row| {
            row.published
                .as_ref()
                .err()
                .map(|trouble| trouble.reason.as_str())
        })
        .collect();
    assert_eq!(
        reasons,
        [
            Some("JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
            Some("AttributeError: 'int' object has no attribute 'get'"),
            None
        ]
    );
}

#[test]
fn work_stops_when_asked_to() {
    let world = many();
    let stop = AtomicBool::new(true);
    let stopped = ready(&world).issues("jira", PageFrom::Start, 9, &stop);
    assert_eq!(stopped.unwrap_err(), StoreError::Cancelled);
}

#[test]
fn the_checkpoint_is_what_would_be_published() {
    let world = World::new();
    let store = world.connect();
    store
        .execute_batch("INSERT INTO tracker_checkpoints VALUES ('jira:w', 5, '2026-03-10'), ('bad', CAST(x'ff' AS TEXT), NULL)")
        .unwrap();
    drop(store);
    let store = ready(&world);
    let checkpoint = store.checkpoint("jira:w").unwrap().unwrap();
    assert_eq!(checkpoint.cursor.as_deref(), Some("5"));
    assert_eq!(checkpoint.updated_since.as_deref(), Some("2026-03-10T00:00:00"));
    assert_eq!(store.checkpoint("Jira:w").unwrap().unwrap().cursor, None);
    assert_eq!(store.checkpoint("bad").unwrap().unwrap_err().json_path, "cursor");
}

/// A store whose tables were made without types and keys, as SQLite allows.
fn untyped() -> World {
    let world = World::new();
    std::fs::remove_file(world.path()).unwrap();
    let store = rusqlite::Connection::open(world.path()).unwrap();
    store
        .execute_batch(
            "CREATE TABLE tracker_issues (identity, system, workspace, issue_id, payload, updated_at);
             CREATE TABLE tracker_mappings (wp_id, system, workspace, external_id, external_key, external_url,
                 created_at, updated_at);
             INSERT INTO tracker_mappings (wp_id, system) VALUES ('b', 'x'), (NULL, 'x'), (2, NULL), (2, 'x'), (NULL, NULL);",
        )
        .unwrap();
    let text = |title| payload("1", "A-1", title);
    issue(&store, b"a".as_slice(), "jira", text("blob"));
    issue(&store, "10", "jira", text("text"));
    issue(&store, 10, "jira", text("integer"));
    issue(&store, 9.5, "jira", text("real"));
    issue(&store, rusqlite::types::Null, "jira", text("null"));
    issue(&store, 10.0, "jira", text("as large as the integer"));
    world
}

#[test]
fn tables_without_types_sort_null_numbers_text_blobs() {
    let world = untyped();
    let store = ready(&world);
    let title = |row: &IssueRow| row.published.as_ref().unwrap().issue.title.clone();
    let mut titles = Vec::new();
    let mut from = PageFrom::Start;
    loop {
        let rows = page(&store, from, 1).rows;
        let Some(row) = rows.first() else { break };
        titles.push(title(row));
        from = PageFrom::After(row.key.clone());
        if titles.len() > 9 {
            break;
        }
    }
    assert_eq!(
        titles,
        ["null", "real", "integer", "text", "blob"],
        "equal keys share a place between windows"
    );
    let whole: Vec<String> = page(&store, PageFrom::Start, 9).rows.iter().map(title).collect();
    assert_eq!(
        whole,
        [
            "null",
            "real",
            "integer",
            "as large as the integer",
            "text",
            "blob"
        ]
    );
    let mappings = store.mappings("jira", PageFrom::Start, 9, &GO).unwrap().rows;
    let keys: Vec<_> = mappings
        .iter()
        .map(|row| (row.mapping.wp_id.as_str(), row.mapping.system.as_str()))
        .collect();
    assert_eq!(
        keys,
        [
            ("None", "None"),
            ("None", "x"),
            ("2", "None"),
            ("2", "x"),
            ("b", "x")
        ]
    );
}
