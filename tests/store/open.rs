//! Opening: every state a store can be in, and that nothing beside it is ever created or changed.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;
use std::sync::atomic::AtomicBool;

use catseye::domain::evaluation::StoreState;
use catseye::domain::window::PageFrom;
use catseye::sources::store::{Store, StoreError, open, stores};

use crate::support::{SCHEMA, World, Writer, issue, mapping, payload};

static GO: AtomicBool = AtomicBool::new(false);

fn ready(path: &Path) -> Store {
    open(path).unwrap()
}

/// The state of a store that cannot be used, and why; proves that the look left no trace.
fn refused(world: &World) -> (StoreState, String) {
    let before = world.traces();
    let opened = open(&world.path());
    assert_eq!(before, world.traces());
    let error = opened.unwrap_err();
    (error.state(), error.to_string())
}

fn identities(store: &Store) -> Vec<String> {
    let page = store.issues("jira", PageFrom::Start, 1_000, &GO).unwrap();
    page.rows.into_iter().map(|row| row.identity).collect()
}

/// Opens, reads and closes; proves that this left no trace.
fn read(world: &World) -> Vec<String> {
    let before = world.traces();
    let read = identities(&ready(&world.path()));
    assert_eq!(before, world.traces());
    read
}

fn one_issue(world: &World) {
    issue(&world.connect(), "a", "jira", payload("1", "A-1", "T"));
}

/// A store in WAL mode with one issue checkpointed and one only in the log; the connection keeps the log alive.
fn wal() -> (World, rusqlite::Connection) {
    let world = World::new();
    let store = world.connect();
    store
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
        .unwrap();
    issue(&store, "a", "jira", payload("1", "A-1", "T"));
    store.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    issue(&store, "b", "jira", payload("2", "A-2", "T"));
    (world, store)
}

#[test]
fn reads_a_rollback_store() {
    let world = World::new();
    one_issue(&world);
    assert_eq!(read(&world), ["a"]);
}

#[test]
fn names_may_look_like_uris() {
    let unix_only = ["q?mode=rwc&x.db", "file:x.db"]
        .into_iter()
        .filter(|_| cfg!(unix));
    for name in ["q&mode=rwc.db", "a#b.db", "50%41.db", "ä ö.db"]
        .into_iter()
        .chain(unix_only)
    {
        for mode in ["DELETE", "WAL"] {
            let world = World::named(name);
            let store = world.connect();
            store.execute_batch(SCHEMA).unwrap();
            issue(&store, "a", "jira", payload("1", "A-1", "T"));
            store.pragma_update(None, "journal_mode", mode).unwrap();
            drop(store);
            assert_eq!(read(&world), ["a"]);
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    let world = World::new();
    one_issue(&world);
    let link = world.folder().join("link.db");
    symlink(world.path(), &link).unwrap();
    assert_eq!(identities(&ready(&link)), ["a"]);
}

#[test]
fn a_clean_wal_store_gets_no_sidecars() {
    let (world, store) = wal();
    drop(store);
    assert_eq!(world.traces().len(), 2);
    assert_eq!(read(&world), ["a", "b"]);
    fs::write(world.folder().join("0123456789abcdef.db-wal"), "").unwrap();
    assert_eq!(read(&world), ["a", "b"]);
}

#[test]
fn a_clean_wal_store_that_changes_is_noticed() {
    let (world, store) = wal();
    drop(store);
    let reader = ready(&world.path());
    let mut writer = Writer::start(&world.path());
    writer.run("DELETE FROM tracker_issues WHERE identity = 'a'");
    let moved = reader.issues("jira", PageFrom::Start, 9, &GO).unwrap_err();
    assert_eq!(moved, StoreError::Moved);
    drop(reader);
    assert_eq!(identities(&ready(&world.path())), ["b"]);
}

#[test]
fn uncheckpointed_rows_of_a_live_writer_are_read() {
    let world = World::new();
    one_issue(&world);
    let mut writer = Writer::start(&world.path());
    writer.run("PRAGMA journal_mode = WAL");
    writer.run("INSERT INTO tracker_issues SELECT 'b', system, workspace, issue_id, payload, NULL FROM tracker_issues");
    let store = ready(&world.path());
    assert_eq!(identities(&store), ["a", "b"]);
    writer.run("DELETE FROM tracker_issues WHERE identity = 'a'");
    assert_eq!(identities(&store), ["b"]);
}

#[test]
fn a_log_left_by_a_killed_writer_is_read() {
    let world = World::new();
    one_issue(&world);
    let mut writer = Writer::start(&world.path());
    writer.run("PRAGMA journal_mode = WAL");
    writer.run("UPDATE tracker_issues SET identity = 'b'");
    writer.kill();
    assert_eq!(world.traces().len(), 4);
    assert_eq!(read(&world), ["b"]);
}

#[test]
fn uncheckpointed_rows_of_copied_files_are_read() {
    let (world, _store) = wal();
    // With the index of the log, without it, and with one that is torn.
    assert_eq!(read(&world.copy("")), ["a", "b"]);
    assert_eq!(read(&world.copy("-shm")), ["a", "b"]);
    let torn = world.copy("-shm");
    fs::write(torn.folder().join("0123456789abcdef.db-shm"), [7; 100]).unwrap();
    assert_eq!(read(&torn), ["a", "b"]);
}

#[test]
fn a_log_beside_a_private_copy_is_watched() {
    let (world, _store) = wal();
    let copy = world.copy("-shm");
    let reader = ready(&copy.path());
    Writer::start(&copy.path()).run("DELETE FROM tracker_issues");
    assert_eq!(
        reader.issues("jira", PageFrom::Start, 9, &GO).unwrap_err(),
        StoreError::Moved
    );
}

#[test]
fn a_hot_journal_is_rolled_back_in_a_private_copy() {
    let world = World::new();
    let store = world.connect();
    for number in 0..500 {
        issue(&store, number.to_string(), "jira", payload("1", "A-1", "T"));
    }
    store
        .execute_batch("PRAGMA cache_size = 2; BEGIN; UPDATE tracker_issues SET payload = payload || ' '")
        .unwrap();
    let left = world.copy("");
    assert_eq!(read(&left).len(), 500);
    let row = ready(&left.path())
        .issues("jira", PageFrom::Start, 1, &GO)
        .unwrap()
        .rows
        .remove(0);
    assert!(row.published.is_ok(), "the unfinished transaction is not seen");
}

#[test]
fn a_single_byte_is_an_empty_database() {
    let world = World::new();
    std::fs::write(world.path(), b"x").unwrap();
    assert_eq!(refused(&world).0, StoreState::Empty);
}

#[test]
fn text_may_be_stored_as_utf_16() {
    let world = World::new();
    std::fs::remove_file(world.path()).unwrap();
    let store = rusqlite::Connection::open(world.path()).unwrap();
    store
        .execute_batch(
            "PRAGMA encoding = 'UTF-16le';
             CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, workspace, issue_id, payload, updated_at)",
        )
        .unwrap();
    for key in ["b", "é", "a"] {
        issue(&store, key, "jira", payload("1", "A-1", key));
    }
    drop(store);
    assert_eq!(read(&world), ["a", "b", "é"]);
}

#[test]
fn a_writer_that_keeps_its_lock_is_waited_for_and_named() {
    let world = World::new();
    one_issue(&world);
    let mut writer = Writer::start(&world.path());
    writer.run("BEGIN EXCLUSIVE");
    assert_eq!(open(&world.path()).unwrap_err(), StoreError::Busy);
    writer.run("COMMIT");
    assert_eq!(identities(&ready(&world.path())), ["a"]);
}

#[test]
fn what_is_no_store_is_named() {
    let world = World::named("x.db");
    assert_eq!(refused(&world).0, StoreState::Missing);
    fs::write(world.path(), "").unwrap();
    assert_eq!(refused(&world).0, StoreState::Empty);
    for garbage in [&b"xy"[..], &[b'x'; 5_000], b"SQLite format 3\0", &[0; 4096]] {
        fs::write(world.path(), garbage).unwrap();
        assert_eq!(
            refused(&world),
            (StoreState::Invalid, "file is not a database".to_owned())
        );
    }
    fs::remove_file(world.path()).unwrap();
    fs::create_dir(world.path()).unwrap();
    let (state, trouble) = refused(&world);
    assert_eq!(
        (state, trouble.as_str()),
        (
            StoreState::Unreadable,
            "unable to open database file: it is a directory"
        )
    );
    let behind_a_file = Path::new(file!()).canonicalize().unwrap().join("x.db");
    // Elsewhere a path through a file leads to nothing.
    assert!(!cfg!(unix) || matches!(open(&behind_a_file), Err(StoreError::Unreadable(_))));
}

#[cfg(unix)]
#[test]
fn a_fifo_does_not_hang() {
    let world = World::new();
    one_issue(&world);
    for name in ["fifo.db", "0123456789abcdef.db-journal"] {
        let made = Command::new("mkfifo")
            .arg(world.folder().join(name))
            .status()
            .unwrap();
        assert!(made.success());
        let beside = name.trim_end_matches("-journal");
        let opened = open(&world.folder().join(beside));
        assert!(matches!(opened, Err(StoreError::Unreadable(_))), "{name}");
    }
}

#[test]
fn a_damaged_store_is_invalid() {
    let world = World::new();
    one_issue(&world);
    let mut bytes = fs::read(world.path()).unwrap();
    bytes[100..2_000].fill(0xEE);
    fs::write(world.path(), bytes).unwrap();
    assert_eq!(refused(&world).0, StoreState::Invalid);
}

#[test]
fn schemas_that_spec_kitty_could_not_read_are_invalid_in_its_words() {
    let cases = [
        (
            "CREATE TABLE tracker_issues (identity, payload)",
            "no such column: system",
        ),
        (
            "CREATE TABLE tracker_mappings (wp_id, system)",
            "no such column: workspace",
        ),
        (
            "CREATE TABLE tracker_checkpoints (checkpoint_key)",
            "no such column: cursor",
        ),
        (
            "CREATE TABLE t (x); CREATE INDEX tracker_issues ON t (x)",
            "there is already an index named tracker_issues",
        ),
        (
            "CREATE VIEW tracker_issues AS SELECT 1 AS payload",
            "tracker_issues is a view, not a table",
        ),
        (
            "CREATE VIRTUAL TABLE tracker_issues USING fts5(identity, system, payload)",
            "tracker_issues is a virtual table",
        ),
        (
            "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY COLLATE NOCASE, system, payload)",
            "tracker_issues.identity is not in binary order",
        ),
        (
            "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload) WITHOUT ROWID",
            "tracker_issues has no rowid",
        ),
    ];
    for (sql, words) in cases {
        assert_eq!(
            refused(&World::with(sql)),
            (StoreState::Invalid, words.to_owned()),
            "{sql}"
        );
    }
}

#[test]
fn missing_tables_read_as_empty() {
    assert_eq!(refused(&World::with("CREATE TABLE t (x)")).0, StoreState::Empty);
    let world =
        World::with("CREATE TABLE tracker_checkpoints (checkpoint_key PRIMARY KEY, cursor, updated_since)");
    let store = ready(&world.path());
    assert_eq!(identities(&store), [""; 0]);
    assert_eq!(store.mappings("jira", PageFrom::End, 9, &GO).unwrap().rows, []);
    // They may come into being while the store is open.
    world
        .connect()
        .execute_batch(SCHEMA.split_once(';').unwrap().0)
        .unwrap();
    one_issue(&world);
    assert_eq!(identities(&store), ["a"]);
}

/// Elsewhere an open store cannot be replaced.
#[cfg(unix)]
#[test]
fn a_replaced_store_is_noticed() {
    let world = World::new();
    let store = ready(&world.path());
    let other = World::new();
    fs::rename(other.path(), world.path()).unwrap();
    assert_eq!(
        store.issues("jira", PageFrom::Start, 9, &GO).unwrap_err(),
        StoreError::Moved
    );
}

#[test]
fn stores_are_listed_and_left_alone() {
    let world = World::new();
    one_issue(&world);
    for name in ["b.db", "c.db"] {
        fs::copy(world.path(), world.folder().join(name)).unwrap();
    }
    let other = rusqlite::Connection::open(world.folder().join("b.db")).unwrap();
    issue(&other, "z", "linear", "{}");
    issue(&other, "y", "linear", "{}");
    mapping(&other, "WP01", "linear", "1", None, None);
    other
        .execute_batch("INSERT INTO tracker_checkpoints VALUES ('Linear:w', NULL, NULL)")
        .unwrap();
    drop(other);
    fs::write(world.folder().join("d.db"), "garbage").unwrap();
    fs::write(world.folder().join("e.db"), "").unwrap();
    fs::create_dir(world.folder().join("f.db")).unwrap();
    let before = world.traces();
    let found = stores(world.folder());
    assert_eq!(before, world.traces());
    let mine = world.path().file_name().unwrap().to_owned();
    let others: Vec<_> = found
        .iter()
        .filter(|store| store.path.file_name().unwrap() != mine)
        .collect();
    assert_eq!(others.len() + 1, found.len());
    let states: Vec<_> = others
        .iter()
        .map(|store| {
            (
                store.path.file_stem().unwrap().to_str().unwrap(),
                store.state.name(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("b", "ok"),
            ("c", "ok"),
            ("d", "invalid"),
            ("e", "empty"),
            ("f", "unreadable")
        ]
    );
    assert_eq!(
        others[0].systems,
        [("linear".to_owned(), 2), ("jira".to_owned(), 1)]
    );
    assert_eq!(
        (others[0].workspaces.as_slice(), others[0].mappings),
        (&["w".to_owned()][..], 1)
    );
    let checkpoints: Vec<_> = others[0].checkpoints.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(checkpoints, ["Linear:w"]);
}
