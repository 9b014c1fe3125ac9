//! A project with home, store and state of its own, and the built binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use catseye::domain::evaluate::evaluate;
use catseye::domain::evaluation::Evaluation;
use catseye::domain::inputs::{Environment, Given, GivenBy, Inputs};
use catseye::domain::journal::Attempt;
use catseye::domain::proxy::ProxyEnvironment;
use catseye::domain::secret::Secret;
use catseye::sources::environment::Surroundings;
use catseye::sources::load::{Journal, Loaded, Rows, load};
use rusqlite::Connection;

use crate::store_support::{SCHEMA, payload};

pub const TOKEN: &str = "token-0123456789";

/// A routed jira project.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// With a store of so many issues, one mapping and a checkpoint.
    pub fn new(issues: usize) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        place.write(
            "project/.kittify/config.yaml",
            b"tracker:\n  provider: jira\n  workspace: acme.example\n",
        );
        place.write(
            "home/.spec-kitty/credentials",
            b"[tracker.providers.jira]\nproject_key = \"ACME\"\n",
        );
        fs::create_dir_all(place.store().parent().unwrap()).unwrap();
        let store = place.connect();
        store.execute_batch(SCHEMA).unwrap();
        let rows = store.unchecked_transaction().unwrap();
        for number in 0..issues {
            let key = format!("ACME-{number}");
            let row = payload(&number.to_string(), &key, "A title");
            crate::store_support::issue(&store, format!("{number:06}"), "jira", row);
        }
        rows.execute_batch(
            "INSERT INTO tracker_checkpoints VALUES ('jira:acme.example', 'cursor', NULL);
             INSERT INTO tracker_mappings VALUES ('WP01', 'jira', 'acme.example', '0', NULL, NULL, 'c', 'u');",
        )
        .unwrap();
        rows.commit().unwrap();
        drop(store);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn store(&self) -> PathBuf {
        let texts = ["jira", "acme.example", "", "", ""].map(Into::into);
        let [provider, workspace, server, user, team] = &texts;
        let scope = catseye::domain::scope::scope(provider, workspace, server, user, team);
        self.path(&format!("home/.spec-kitty/trackers/{}.db", scope.unwrap().name))
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.store()).unwrap()
    }

    pub fn surroundings(&self, server_url: Option<&str>) -> Surroundings {
        Surroundings {
            cwd: self.path("project"),
            project: None,
            specify_repo_root: None,
            home: self.path("home/.spec-kitty"),
            user_home: self.path("home"),
            no_home: None,
            state: self.path("state/catseye"),
            environment: Environment {
                saas_sync_flag: Some("1".to_owned()),
                server_url: server_url.map(|url| Given {
                    value: url.to_owned(),
                    by: GivenBy::Variable("SAAS_API_URL"),
                }),
                auth_token: Some(Given {
                    value: Secret::new(TOKEN.to_owned()),
                    by: GivenBy::Variable("SAAS_AUTH_TOKEN"),
                }),
                proxies: ProxyEnvironment::from_variables(std::iter::empty()),
                home: Some(self.path("home")),
                spec_kitty_home: None,
                session_folder: None,
            },
        }
    }

    /// Loads without the rows.
    pub fn look(&self) -> Inputs {
        load(&self.surroundings(None), Journal::default(), Rows::Skip).inputs
    }

    /// Loads with every row checked, after these publishes.
    pub fn audit(&self, server_url: Option<&str>, attempts: Vec<Attempt>) -> (Loaded, Evaluation) {
        let journal = Journal {
            path: self.path("state/catseye/journal.jsonl"),
            attempts,
        };
        let rows = Rows::Audit {
            keep_body: true,
            cancel: &false.into(),
            progress: &mut |_| {},
        };
        let loaded = load(&self.surroundings(server_url), journal, rows);
        let evaluation = evaluate(&loaded.inputs);
        (loaded, evaluation)
    }

    /// The built binary, run in here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catseye"));
        self.dress(command.args(arguments));
        command
    }

    /// A program that runs the built binary, its path and arguments at the end.
    pub fn command_under(&self, program: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(env!("CARGO_BIN_EXE_catseye"));
        self.dress(command.args(arguments));
        command
    }

    fn dress(&self, command: &mut Command) {
        command
            .current_dir(self.path("project"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
            .env("SAAS_AUTH_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// The journal as `catseye journal --json` tells it.
    pub fn journal(&self) -> Vec<serde_json::Value> {
        let output = self.command(&["journal", "--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Names, inodes, modes, times and bytes below a folder.
    pub fn traces(&self, name: &str) -> Traces {
        let mut traces = BTreeMap::new();
        walk(&self.path(name), &mut traces);
        traces
    }
}

pub type Traces = BTreeMap<PathBuf, (u64, u32, (i64, i64), Vec<u8>)>;

fn walk(path: &Path, traces: &mut Traces) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let bytes = if metadata.is_file() {
        fs::read(path).unwrap()
    } else {
        Vec::new()
    };
    let time = (metadata.mtime(), metadata.mtime_nsec());
    traces.insert(path.to_owned(), (metadata.ino(), metadata.mode(), time, bytes));
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), traces);
        }
    }
}

pub fn code(output: &Output) -> i32 {
    output
        .status
        .code()
        .unwrap_or_else(|| panic!("killed: {output:?}"))
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
