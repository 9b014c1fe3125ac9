//! A project with home, store and state of its own, and the built binary run in it.

use std::net::TcpListener;
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Stdio};

use catseye::domain::evaluate::evaluate;
use catseye::domain::evaluation::Evaluation;
use catseye::domain::inputs::Inputs;
use catseye::domain::journal::Attempt;
use catseye::sources::load::{Journal, Loaded, Rows, load};

use crate::project::{CONFIG, CREDENTIALS, Project};
pub use crate::project::{code, err};
use crate::store_support::{SCHEMA, payload};

pub const TOKEN: &str = "token-0123456789";

/// A routed jira project.
pub struct Place(Project);

impl Deref for Place {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
}

impl Place {
    /// With a store of so many issues, one mapping and a checkpoint.
    pub fn new(issues: usize) -> Self {
        let place = Self(Project::new(CONFIG, CREDENTIALS));
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

    /// Publishes to a server that never answers, so that the attempt stays open, and empties the table.
    pub fn leave_an_open_attempt(&self, url: &str) {
        let publish = ["publish", "--yes", "--server-url", url];
        let output = self.command(&publish).output().unwrap();
        assert_eq!(code(&output), 6);
        self.connect()
            .execute_batch("DELETE FROM tracker_issues")
            .unwrap();
    }

    /// Loads without the rows.
    pub fn look(&self) -> Inputs {
        load(
            &self.surroundings(None, Some(TOKEN)),
            Journal::default(),
            Rows::Skip,
        )
        .inputs
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
        let loaded = load(&self.surroundings(server_url, Some(TOKEN)), journal, rows);
        let evaluation = evaluate(&loaded.inputs);
        (loaded, evaluation)
    }

    /// The built binary with a token, its output kept.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// A program that runs it, its path and arguments at the end.
    pub fn command_under(&self, program: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.0.command_under(program, arguments);
        command
            .env("SAAS_AUTH_TOKEN", TOKEN)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Publishes, by another program; nobody may connect.
    pub fn is_held_back(&self, under: &[&str], fault: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arguments = ["publish", "--yes", "--server-url", &url];
        let mut command = match under {
            [] => self.command(&arguments),
            under => self.command_under(under, &arguments),
        };
        let output = command.output().unwrap();
        assert_eq!(code(&output), 3, "{fault}: {output:?}");
        assert!(
            err(&output).contains("journal-unwritable"),
            "{fault}: {}",
            err(&output)
        );
        assert!(listener.accept().is_err(), "{fault}: somebody connected");
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
}

/// Makes a named pipe.
pub fn pipe(path: impl AsRef<Path>) {
    let made = Command::new("mkfifo").arg(path.as_ref()).status();
    assert!(made.unwrap().success());
}
