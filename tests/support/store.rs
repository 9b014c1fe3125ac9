//! Stores as spec-kitty makes them, and proof that reading left no trace.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use rusqlite::{Connection, ToSql, params};
use serde_json::json;
use tempfile::TempDir;

/// spec-kitty 3.0.0's own schema (reference 28).
pub const SCHEMA: &str = "
    CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
        issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT);
    CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
    CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
        external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id));";

/// A folder with one store in it.
pub struct World {
    folder: TempDir,
    name: &'static str,
}

impl World {
    /// An empty folder; the store will have this name.
    pub fn named(name: &'static str) -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder, name }
    }

    /// A store with spec-kitty's tables.
    pub fn new() -> Self {
        let world = Self::named("0123456789abcdef.db");
        world.connect().execute_batch(SCHEMA).unwrap();
        world
    }

    /// A store that this SQL made.
    pub fn with(sql: &str) -> Self {
        let world = Self::named("other.db");
        world.connect().execute_batch(sql).unwrap();
        world
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The store's path.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// A connection that may write.
    pub fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Another folder with copies of the files of this one.
    pub fn copy(&self, leave_out: &str) -> Self {
        let copy = Self::named(self.name);
        for entry in fs::read_dir(self.folder()).unwrap() {
            let name = entry.unwrap().file_name();
            if leave_out.is_empty() || !name.to_string_lossy().ends_with(leave_out) {
                fs::copy(self.folder().join(&name), copy.folder().join(&name)).unwrap();
            }
        }
        copy
    }

    /// Names, bytes and times of all files, and the time of the folder itself. Take it while no connection of this process is in use.
    pub fn traces(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let trace = |entry: fs::DirEntry| {
            let metadata = entry.metadata().unwrap();
            let bytes = if metadata.is_file() {
                fs::read(entry.path()).unwrap()
            } else {
                Vec::new()
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, (bytes, metadata.modified().unwrap()))
        };
        let entries = fs::read_dir(self.folder()).unwrap();
        let folder = fs::metadata(self.folder()).unwrap().modified().unwrap();
        let mut traces: BTreeMap<_, _> = entries.map(|entry| trace(entry.unwrap())).collect();
        traces.insert(".".to_owned(), (Vec::new(), folder));
        traces
    }
}

/// Stores an issue row.
pub fn issue(store: &Connection, identity: impl ToSql, system: impl ToSql, payload: impl ToSql) {
    store
        .prepare_cached("INSERT INTO tracker_issues VALUES (?1, ?2, 'w', 'i', ?3, NULL)")
        .unwrap()
        .execute(params![identity, system, payload])
        .unwrap();
}

/// Stores a mapping row.
pub fn mapping(
    store: &Connection,
    wp_id: impl ToSql,
    system: impl ToSql,
    id: &str,
    key: Option<&str>,
    url: Option<&str>,
) {
    store
        .prepare_cached("INSERT INTO tracker_mappings VALUES (?1, ?2, 'w', ?3, ?4, ?5, 'c', 'u')")
        .unwrap()
        .execute(params![wp_id, system, id, key, url])
        .unwrap();
}

/// A payload as spec-kitty stores it.
pub fn payload(id: &str, key: &str, title: &str) -> String {
    json!({
        "ref": {"system": "jira", "workspace": "https://acme.test", "id": id, "key": key, "url": format!("https://acme.test/{key}")},
        "title": title, "body": null, "status": "todo", "issue_type": "task", "priority": 2,
        "assignees": [], "labels": ["a"], "parent": null, "links": [], "custom_fields": {},
        "created_at": null, "updated_at": "2026-03-10T12:00:00+00:00", "raw": null,
    })
    .to_string()
}

/// An example, which cargo builds beside the tests.
pub fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "`cargo test` builds it; for one test alone run `cargo build --examples` first"
    );
    path
}

/// A writer in a process of its own: locks and shared memory are per process.
pub struct Writer {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Writer {
    /// Starts it on a store: the example `store_writer`.
    pub fn start(store: &Path) -> Self {
        let mut process = Command::new(example("store_writer"))
            .arg(store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            commands,
            answers,
        }
    }

    /// Has it run SQL, on one line, and waits until it has.
    pub fn run(&mut self, sql: &str) {
        writeln!(self.commands, "{sql}").unwrap();
        let answer = self
            .answers
            .by_ref()
            .lines()
            .map(Result::unwrap)
            .find(|line| line.starts_with("done"));
        assert_eq!(answer.as_deref(), Some("done"));
    }

    /// Kills it where it stands.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
