//! R4: sixty odd stores, each with what is told about it; and what another user may not read.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicBool;

use catseye::domain::window::PageFrom;
use catseye::sources::store::open;

use crate::dice::figure;
use crate::place::pipe;
use crate::store_support::{SCHEMA, World, Writer, issue, payload};

static GO: AtomicBool = AtomicBool::new(false);
const NAME: &str = "0123456789abcdef.db";

/// What is told of a store: a state with a part of its words, or how many rows the first window has.
enum Told {
    Rows(usize),
    State(&'static str, &'static str),
    /// It opens; reading its rows is refused in these words.
    Trouble(&'static str),
}
use Told::{Rows, State, Trouble};

fn told(world: &World) -> String {
    match open(&world.path()) {
        Err(error) => format!("{}: {error}", error.state().name()),
        Ok(store) => match store.issues("jira", PageFrom::Start, 100, &GO) {
            Ok(page) => format!("{} rows", page.rows.len()),
            Err(error) => format!("trouble: {error}"),
        },
    }
}

fn check(name: &str, world: &World, expected: &Told) {
    let before = world.traces();
    let told = told(world);
    assert_eq!(before, world.traces(), "{name}: something was changed");
    let fits = match expected {
        Rows(rows) => told == format!("{rows} rows"),
        State(state, words) => told.starts_with(&format!("{state}: ")) && told.contains(words),
        Trouble(words) => told.starts_with("trouble: ") && told.contains(words),
    };
    assert!(fits, "{name}: {told}");
}

/// Stores that SQL makes.
const BY_SQL: &[(&str, &str, Told)] = &[
    (
        "no tables",
        "CREATE TABLE t (x)",
        State("empty", "none of the tracker tables"),
    ),
    (
        "no issues table",
        "CREATE TABLE tracker_checkpoints (checkpoint_key PRIMARY KEY, cursor, updated_since)",
        Rows(0),
    ),
    (
        "no types",
        "CREATE TABLE tracker_issues (identity, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}')",
        Rows(1),
    ),
    (
        "NULL identities",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (NULL, 'jira', '{}'), (NULL, 'jira', '{}')",
        Rows(2),
    ),
    (
        "number identity",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (7, 'jira', '{}'), (7.5, 'jira', '{}')",
        Rows(2),
    ),
    (
        "blob identity",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (x'00ff', 'jira', '{}')",
        Rows(1),
    ),
    (
        "blob payload",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', x'7b7d')",
        Rows(1),
    ),
    (
        "NULL payload",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', NULL)",
        Rows(1),
    ),
    (
        "number payload",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', 12)",
        Rows(1),
    ),
    (
        "infinite payload",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', 9e999)",
        Rows(1),
    ),
    (
        "text that is no UTF-8",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (CAST(x'ff61' AS TEXT), 'jira', CAST(x'7bff' AS TEXT))",
        Rows(1),
    ),
    (
        "NUL in text",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (CAST(x'610062' AS TEXT), 'jira', '{}')",
        Rows(1),
    ),
    (
        "empty identity",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('', 'jira', '')",
        Rows(1),
    ),
    (
        "long identity",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES (hex(zeroblob(500000)), 'jira', '{}')",
        Rows(1),
    ),
    (
        "same identity twice",
        "CREATE TABLE tracker_issues (identity, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}'), ('a', 'jira', '{}')",
        Rows(2),
    ),
    (
        "other systems only",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'linear', '{}'), ('b', 'Jira', '{}'), ('c', NULL, '{}')",
        Rows(0),
    ),
    (
        "deeply nested payload",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', replace(hex(zeroblob(50000)), '0', '['))",
        Rows(1),
    ),
    (
        "payload of 2 MB",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', hex(zeroblob(1000000)))",
        Rows(1),
    ),
    (
        "payload of 70 MB",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', zeroblob(70000000))",
        Trouble("larger than 64 MiB"),
    ),
    (
        "more columns",
        "CREATE TABLE tracker_issues (identity PRIMARY KEY, a, system, b, payload, c); INSERT INTO tracker_issues VALUES ('a', 1, 'jira', 2, '{}', 3)",
        Rows(1),
    ),
    (
        "column names in capitals",
        "CREATE TABLE TRACKER_ISSUES (IDENTITY TEXT PRIMARY KEY, System, PAYLOAD); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}')",
        Rows(1),
    ),
    (
        "a column called rowid",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload, rowid TEXT)",
        State("invalid", "tracker_issues has no rowid"),
    ),
    (
        "without rowid",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload) WITHOUT ROWID",
        State("invalid", "tracker_issues has no rowid"),
    ),
    (
        "collation without case",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY COLLATE NOCASE, system, payload)",
        State("invalid", "not in binary order"),
    ),
    (
        "unknown collation",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY COLLATE klingon, system, payload)' WHERE type = 'table'",
        State("invalid", "no such collation sequence: klingon"),
    ),
    (
        "missing column",
        "CREATE TABLE tracker_issues (identity, payload)",
        State("invalid", "no such column: system"),
    ),
    (
        "missing mapping column",
        "CREATE TABLE tracker_mappings (wp_id, system)",
        State("invalid", "no such column: workspace"),
    ),
    (
        "missing checkpoint column",
        "CREATE TABLE tracker_checkpoints (checkpoint_key)",
        State("invalid", "no such column: cursor"),
    ),
    (
        "minus infinity in a mapping",
        "CREATE TABLE tracker_mappings (wp_id, system, workspace, external_id, external_key, external_url, created_at, updated_at); INSERT INTO tracker_mappings VALUES (-9e999, 's', 'w', 'i', NULL, NULL, 'c', 'u')",
        State("invalid", "minus infinity"),
    ),
    (
        "view",
        "CREATE VIEW tracker_issues AS SELECT 1 AS payload",
        State("invalid", "tracker_issues is a view, not a table"),
    ),
    (
        "endless view",
        "CREATE VIEW tracker_issues AS WITH RECURSIVE n (payload) AS (SELECT 1 UNION ALL SELECT payload + 1 FROM n) SELECT payload AS identity, 'jira' AS system, payload FROM n",
        State("invalid", "tracker_issues is a view"),
    ),
    (
        "view of mappings",
        "CREATE VIEW tracker_mappings AS SELECT 1 AS wp_id",
        State("invalid", "tracker_mappings is a view"),
    ),
    (
        "index of that name",
        "CREATE TABLE t (x); CREATE INDEX tracker_issues ON t (x)",
        State("invalid", "an index named tracker_issues"),
    ),
    (
        "virtual table",
        "CREATE VIRTUAL TABLE tracker_issues USING fts5(identity, system, payload)",
        State("invalid", "tracker_issues is a virtual table"),
    ),
    (
        "virtual table of no module",
        "CREATE TABLE tracker_checkpoints (checkpoint_key, cursor, updated_since); CREATE TABLE x (y); PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE x USING nonesuch()', rootpage = 0 WHERE name = 'x'",
        Rows(0),
    ),
    (
        "triggers",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}'); CREATE TRIGGER t AFTER INSERT ON tracker_issues BEGIN DELETE FROM tracker_issues; END",
        Rows(1),
    ),
    (
        "generated payload",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload AS ('{}')); INSERT INTO tracker_issues VALUES ('a', 'jira')",
        Rows(1),
    ),
    (
        "generated payload beyond the limit",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload AS (hex(zeroblob(length(identity) * 70000000)))); INSERT INTO tracker_issues VALUES ('a', 'jira')",
        Trouble("larger than 64 MiB"),
    ),
    (
        "generated from an unsafe function",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}'); PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload AS (load_extension(identity)))' WHERE type = 'table'",
        State("invalid", "unsafe use of load_extension()"),
    ),
    (
        "a schema that no SQL is",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE TABLE tracker_issues (((' WHERE type = 'table'",
        State("invalid", "malformed database schema"),
    ),
    (
        "a future version of SQLite",
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); PRAGMA user_version = 2000000000; PRAGMA application_id = 7",
        Rows(0),
    ),
    (
        "pages of 512 bytes",
        "PRAGMA page_size = 512; CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}')",
        Rows(1),
    ),
    (
        "pages of 64 KiB",
        "PRAGMA page_size = 65536; CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', '{}')",
        Rows(1),
    ),
    (
        "two bytes a character",
        "PRAGMA encoding = 'UTF-16be'; CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('é', 'jira', '{}')",
        Rows(1),
    ),
    (
        "freed pages",
        "PRAGMA auto_vacuum = 1; CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system, payload); INSERT INTO tracker_issues VALUES ('a', 'jira', hex(zeroblob(100000))); DELETE FROM tracker_issues",
        Rows(0),
    ),
    (
        "a question without an end",
        "CREATE TABLE tracker_mappings (wp_id AS (hex(zeroblob(400000 + length(payload)))), system TEXT, workspace, external_id, external_key, external_url, created_at, updated_at, payload); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO tracker_mappings (system, payload) SELECT 's', i FROM n",
        State("unreadable", "a query ran for 2 seconds and was stopped"),
    ),
];

#[test]
fn each_store_that_sql_makes_is_named() {
    for (name, sql, expected) in BY_SQL {
        check(name, &World::with(sql), expected);
    }
    figure("R4", format_args!("{} stores made by SQL", BY_SQL.len()));
}

#[test]
fn each_store_that_files_make_is_named() {
    let filled = || {
        let world = World::new();
        issue(&world.connect(), "a", "jira", payload("1", "A-1", "T"));
        world
    };
    let bytes = fs::read(filled().path()).unwrap();
    let with = |file: &[u8]| {
        let world = World::named(NAME);
        fs::write(world.path(), file).unwrap();
        world
    };
    let header = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        with(&bytes)
    };
    let mut cases: Vec<(&str, World, Told)> = vec![
        ("missing", World::named(NAME), State("missing", "no such file")),
        ("zero bytes", with(b""), State("empty", "")),
        ("one byte", with(b"x"), State("empty", "")),
        (
            "text",
            with(b"tracker_issues"),
            State("invalid", "not a database"),
        ),
        (
            "a header alone",
            with(b"SQLite format 3\0"),
            State("invalid", "not a database"),
        ),
        ("half a page", with(&bytes[..700]), State("invalid", "")),
        (
            "first page alone",
            with(&bytes[..4096]),
            State("invalid", "malformed"),
        ),
        (
            "encrypted",
            with(&[0xA5; 8192]),
            State("invalid", "not a database"),
        ),
        (
            "an impossible page size",
            header(16, 3),
            State("invalid", "not a database"),
        ),
        ("a future file format", header(18, 9), Rows(1)),
        (
            "a future read format",
            header(19, 9),
            State("invalid", "not a database"),
        ),
        ("an unknown encoding", header(59, 9), Rows(1)),
        ("a journal of zeros", filled(), Rows(1)),
        ("an empty log beside it", filled(), Rows(1)),
        (
            "a directory",
            World::named(NAME),
            State("unreadable", "it is a directory"),
        ),
        (
            "a pipe",
            World::named(NAME),
            State("unreadable", "not a regular file"),
        ),
        (
            "a pipe as log",
            filled(),
            State("unreadable", "not a regular file"),
        ),
        (
            "a directory as journal",
            filled(),
            State("unreadable", "it is a directory"),
        ),
        (
            "a loop of links",
            World::named(NAME),
            State("unreadable", "symbolic links"),
        ),
        (
            "a dangling link",
            World::named(NAME),
            State("missing", "no such file"),
        ),
        ("write-ahead, closed", filled(), Rows(1)),
        ("a log that is no log", filled(), Rows(1)),
    ];
    for (name, world, _) in &mut cases {
        let beside = |suffix: &str| format!("{}{suffix}", world.path().display());
        match *name {
            "a journal of zeros" => fs::write(beside("-journal"), [0; 600]).unwrap(),
            "an empty log beside it" => fs::write(beside("-wal"), "").unwrap(),
            "a log that is no log" => fs::write(beside("-wal"), [7; 5_000]).unwrap(),
            "a directory" => fs::create_dir(world.path()).unwrap(),
            "a directory as journal" => fs::create_dir(beside("-journal")).unwrap(),
            "a pipe" => pipe(beside("")),
            "a pipe as log" => pipe(beside("-wal")),
            "a loop of links" => symlink(NAME, world.path()).unwrap(),
            "a dangling link" => symlink("nothing", world.path()).unwrap(),
            "write-ahead, closed" => world
                .connect()
                .pragma_update(None, "journal_mode", "WAL")
                .unwrap(),
            _ => {}
        }
    }
    for (name, world, expected) in &cases {
        // A directory or a pipe cannot be read for its traces.
        if name.contains("loop") || name.contains("dangling") || name.contains("pipe") {
            let told = told(world);
            let State(state, words) = expected else {
                panic!("{name}")
            };
            assert!(told.starts_with(state) && told.contains(words), "{name}: {told}");
        } else {
            check(name, world, expected);
        }
    }
    figure("R4", format_args!("{} stores made of files", cases.len()));
}

#[test]
fn each_state_of_a_live_writer_is_named() {
    let filled = || {
        let world = World::named(NAME);
        let store = world.connect();
        store.execute_batch(SCHEMA).unwrap();
        for number in 0..40 {
            let title = "T".repeat(900);
            issue(&store, number.to_string(), "jira", payload("1", "A-1", &title));
        }
        world
    };
    let change = "UPDATE tracker_issues SET payload = payload || ' '";
    // Nothing may be read while the writer holds it; afterwards everything.
    let world = filled();
    let mut writer = Writer::start(&world.path());
    writer.run("BEGIN EXCLUSIVE");
    assert_eq!(told(&world), "busy: database is locked");
    writer.run("COMMIT");
    assert_eq!(told(&world), "40 rows");
    // A reader beside a writer that has not spilled anything yet.
    writer.run("BEGIN IMMEDIATE");
    writer.run("UPDATE tracker_issues SET system = 'jira' WHERE identity = '1'");
    assert_eq!(told(&world), "40 rows");
    drop(writer);
    // Killed in the middle.
    for killed_in in ["DELETE", "TRUNCATE", "PERSIST", "WAL"] {
        let world = filled();
        let mut writer = Writer::start(&world.path());
        writer.run(&format!("PRAGMA journal_mode = {killed_in}"));
        writer.run("UPDATE tracker_issues SET system = 'jira'");
        writer.run("PRAGMA cache_size = 2");
        writer.run("BEGIN");
        writer.run(change);
        writer.kill();
        check(killed_in, &world, &Rows(40));
    }
    // Replaced and vanished under the hands.
    let world = filled();
    let Ok(store) = open(&world.path()) else {
        panic!("it is a store");
    };
    fs::rename(filled().path(), world.path()).unwrap();
    let moved = "the store was replaced or changed while it was read";
    let error = store.issues("jira", PageFrom::Start, 9, &GO).unwrap_err();
    assert_eq!(error.to_string(), moved);
    fs::remove_file(world.path()).unwrap();
    let error = store.issues("jira", PageFrom::Start, 9, &GO).unwrap_err();
    assert_eq!(error.to_string(), moved);
    figure("R4", "10 states of a live writer");
}
