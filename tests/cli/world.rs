//! A project with home and store to run commands on.

use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Output};

use rusqlite::params;

use super::project::{CONFIG, CREDENTIALS, Project};
pub use super::project::{code, err, out};
use super::store_support::SCHEMA;

/// Secrets that must never come out.
pub const CANARIES: [&str; 2] = ["canary-jira-0123456789", "canary-saas-0123456789"];

pub struct World(Project);

impl Deref for World {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
}

impl World {
    /// A routed jira project with two issues and a mapping.
    pub fn new() -> Self {
        let credentials = format!("{CREDENTIALS}api_token = \"{}\"\n", CANARIES[0]);
        let world = Self(Project::new(CONFIG, &credentials));
        std::fs::create_dir(world.path("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_catseye"), world.path("bin/catseye")).unwrap();
        let store = world.connect();
        store.execute_batch(SCHEMA).unwrap();
        store
            .execute_batch(
                "INSERT INTO tracker_checkpoints VALUES ('jira:acme.example', NULL, NULL);
                 INSERT INTO tracker_mappings VALUES ('WP01', 'jira', 'acme.example', '1', NULL, NULL, 'c', 'u');",
            )
            .unwrap();
        drop(store);
        world.issue("a", &payload("1", "ACME-1", "One"));
        world.issue("b", &payload("2", "ACME-2", "esc \\u001b[31m and \\u202e bidi"));
        world
    }

    pub fn issue(&self, identity: &str, payload: &str) {
        self.connect()
            .execute(
                "INSERT OR REPLACE INTO tracker_issues VALUES (?1, 'jira', 'w', 'i', ?2, 'u')",
                params![identity, payload],
            )
            .unwrap();
    }

    /// The built binary with a token.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command(arguments);
        command.env("SAAS_AUTH_TOKEN", CANARIES[1]);
        command
    }

    /// Another program with a token, and with `catseye` on PATH.
    pub fn program(&self, program: &str) -> Command {
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = self.0.program(program);
        command.env("SAAS_AUTH_TOKEN", CANARIES[1]).env("PATH", path);
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
        let before = (self.traces("project"), self.traces("home"));
        let output = command.output().unwrap();
        assert_eq!(
            before,
            (self.traces("project"), self.traces("home")),
            "{command:?}"
        );
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
}

/// A stored payload; `title` stands in it as it is, escapes included.
pub fn payload(id: &str, key: &str, title: &str) -> String {
    format!(
        "{{\"ref\":{{\"system\":\"jira\",\"workspace\":\"acme.example\",\"id\":\"{id}\",\"key\":\"{key}\",\"url\":null}},\
         \"title\":\"{title}\",\"status\":\"todo\"}}"
    )
}
