//! A project with home and store to run commands on.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use rusqlite::{Connection, params};

/// Secrets that must never come out.
pub const CANARIES: [&str; 2] = ["canary-jira-0123456789", "canary-saas-0123456789"];

pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    /// A routed jira project with two issues and a mapping.
    pub fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        world.write(
            "project/.kittify/config.yaml",
            "tracker:\n  provider: jira\n  workspace: acme.example\nproject: {uuid: 550e8400, slug: demo}\n",
        );
        world.write(
            "home/.spec-kitty/credentials",
            &format!(
                "[tracker.providers.jira]\nproject_key = \"ACME\"\napi_token = \"{}\"\n",
                CANARIES[0]
            ),
        );
        std::fs::create_dir(world.path("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_catseye"), world.path("bin/catseye")).unwrap();
        // sha256("jira|acme.example|local|anonymous|no-team"), as `paths` tells.
        let store = world.store_path();
        std::fs::create_dir_all(store.parent().unwrap()).unwrap();
        let store = Connection::open(store).unwrap();
        store
            .execute_batch(
                "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
                     issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT NOT NULL);
                 CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
                 CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
                     external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,
                     updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system));
                 INSERT INTO tracker_checkpoints VALUES ('jira:acme.example', NULL, NULL);
                 INSERT INTO tracker_mappings VALUES ('WP01', 'jira', 'acme.example', '1', NULL, NULL, 'c', 'u');",
            )
            .unwrap();
        drop(store);
        world.issue("a", &payload("1", "ACME-1", "One"));
        world.issue("b", &payload("2", "ACME-2", "esc \\u001b[31m and \\u202e bidi"));
        world
    }

    pub fn store_path(&self) -> PathBuf {
        let scope = catseye::domain::scope::scope(
            &"jira".into(),
            &"acme.example".into(),
            &"".into(),
            &"".into(),
            &"".into(),
        );
        self.path("home/.spec-kitty/trackers")
            .join(format!("{}.db", scope.unwrap().name))
    }

    pub fn issue(&self, identity: &str, payload: &str) {
        Connection::open(self.store_path())
            .unwrap()
            .execute(
                "INSERT OR REPLACE INTO tracker_issues VALUES (?1, 'jira', 'w', 'i', ?2, 'u')",
                params![identity, payload],
            )
            .unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        // As spec-kitty leaves the credentials, whatever the umask is.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catseye"));
        command
            .args(arguments)
            .current_dir(self.path("project"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
            .env("SAAS_AUTH_TOKEN", CANARIES[1])
            .stdin(Stdio::null());
        command
    }

    /// Another program, in the project, with `catseye` on PATH and what [`Self::command`] gives it.
    pub fn program(&self, program: &str) -> Command {
        let plain = self.command(&[]);
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = Command::new(program);
        command
            .current_dir(self.path("project"))
            .env_clear()
            .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("PATH", path)
            .stdin(Stdio::null());
        command
    }

    /// A line for the shell, run in a folder as [`Self::program`] is.
    pub fn shell(&self, line: &str, folder: &Path) -> Command {
        let mut shell = self.program("bash");
        shell
            .args(["-c", &format!("set -o pipefail; {line}")])
            .current_dir(folder);
        shell
    }

    /// Runs a command; nothing of project and home may change, no secret and no escape may come out.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.finish(&mut self.command(arguments))
    }

    pub fn finish(&self, command: &mut Command) -> Output {
        let before = (self.tree("project"), self.tree("home"));
        let output = command.output().unwrap();
        assert_eq!(before, (self.tree("project"), self.tree("home")), "{command:?}");
        for bytes in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                !CANARIES.iter().any(|canary| text.contains(canary)),
                "{command:?}: {text}"
            );
            assert!(!text.contains('\u{1b}'), "{command:?}: {text:?}");
        }
        output
    }

    fn tree(&self, name: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut tree = BTreeMap::new();
        walk(&self.path(name), &mut tree);
        tree
    }
}

fn walk(folder: &Path, tree: &mut BTreeMap<PathBuf, (Vec<u8>, SystemTime)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let changed = path.metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            tree.insert(path.clone(), (Vec::new(), changed));
            walk(&path, tree);
        } else {
            tree.insert(path.clone(), (std::fs::read(&path).unwrap(), changed));
        }
    }
}

/// A stored payload; `title` stands in it as it is, escapes included.
pub fn payload(id: &str, key: &str, title: &str) -> String {
    format!(
        "{{\"ref\":{{\"system\":\"jira\",\"workspace\":\"acme.example\",\"id\":\"{id}\",\"key\":\"{key}\",\"url\":null}},\
         \"title\":\"{title}\",\"status\":\"todo\"}}"
    )
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
