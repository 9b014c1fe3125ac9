//! A project to run on, and the inspector without a terminal.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use catseye::app::message::Message;
use catseye::app::model::{Model, Size};
use catseye::app::update::update;
use catseye::domain::inputs::{Environment, Given, GivenBy};
use catseye::domain::mask::Masker;
use catseye::domain::secret::Secret;
use catseye::sinks::clipboard::ClipboardEnvironment;
use catseye::sinks::journal::Journal;
use catseye::sources::environment::Surroundings;
use catseye::tui::look::Look;
use catseye::tui::theme::Theme;
use catseye::tui::worker::{Setup, Worker};
use catseye::tui::{input, keymap, view};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event;
use ratatui::layout::Rect;
use rusqlite::{Connection, params};

/// A project, a home with credentials and store, and a folder for all that is written.
pub struct World {
    pub folder: tempfile::TempDir,
}

/// What a world is made of.
#[derive(Clone)]
pub struct Parts {
    pub config: String,
    pub credentials: String,
    /// Identity and payload.
    pub issues: Vec<(String, String)>,
    /// Id of the work package, external id, key and URL.
    pub mappings: Vec<[String; 4]>,
    pub cursor: String,
}

pub const CONFIG: &str =
    "tracker:\n  provider: jira\n  workspace: acme.example\nproject: {uuid: 550e8400, slug: demo}\n";

impl Default for Parts {
    fn default() -> Self {
        Self {
            config: CONFIG.to_owned(),
            credentials: "[tracker.providers.jira]\nproject_key = \"ACME\"\n".to_owned(),
            issues: vec![("jira:w:1".to_owned(), payload("One", "body", "label"))],
            mappings: Vec::new(),
            cursor: "c".to_owned(),
        }
    }
}

pub fn payload(title: &str, body: &str, other: &str) -> String {
    serde_json::json!({
        "ref": {"system": "jira", "workspace": "acme.example", "id": "1", "key": format!("ACME-1{other}"), "url": other},
        "title": title, "body": body, "status": other, "issue_type": "task", "priority": 2,
        "assignees": [other], "labels": [other, "x"], "parent": null, "links": [], "custom_fields": {},
        "created_at": null, "updated_at": null, "raw": null,
    })
    .to_string()
}

impl World {
    pub fn new(parts: &Parts) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        world.write("project/.kittify/config.yaml", parts.config.as_bytes());
        world.write("home/.spec-kitty/credentials", parts.credentials.as_bytes());
        world.fill_store(parts);
        world
    }

    /// The store of the scope that the inputs lead to; without one there is none.
    fn fill_store(&self, parts: &Parts) {
        let loaded = catseye::sources::load::load(
            &self.surroundings(None),
            catseye::sources::load::Journal::default(),
            catseye::sources::load::Rows::Skip,
        );
        let evaluation = catseye::domain::evaluate::evaluate(&loaded.inputs);
        let (Some(path), Some(binding)) = (evaluation.store.path, evaluation.binding) else {
            return;
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let store = Connection::open(path).unwrap();
        store
            .execute_batch(
                "PRAGMA synchronous = OFF; BEGIN;
                 CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
                     issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT);
                 CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
                 CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
                     external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,
                     updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system));",
            )
            .unwrap();
        let system = &binding.normalized_provider;
        let key = format!("{system}:{}", binding.workspace);
        store
            .execute(
                "INSERT INTO tracker_checkpoints VALUES (?1, ?2, ?2)",
                params![key, parts.cursor],
            )
            .unwrap();
        for (identity, payload) in &parts.issues {
            let row = params![identity, system, payload];
            store
                .execute(
                    "INSERT INTO tracker_issues VALUES (?1, ?2, 'w', 'i', ?3, 'u')",
                    row,
                )
                .unwrap();
        }
        for [wp_id, id, key, url] in &parts.mappings {
            let row = params![wp_id, system, id, key, url];
            store
                .execute(
                    "INSERT INTO tracker_mappings VALUES (?1, ?2, 'w', ?3, ?4, ?5, 'c', 'u')",
                    row,
                )
                .unwrap();
        }
        store.execute_batch("COMMIT").unwrap();
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

    fn surroundings(&self, token: Option<&str>) -> Surroundings {
        let given = |value: &str| Given {
            value: value.to_owned(),
            by: GivenBy::Variable("SAAS_API_URL"),
        };
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
                server_url: Some(given("http://127.0.0.1:9")),
                auth_token: token.map(|token| Given {
                    value: Secret::new(token.to_owned()),
                    by: GivenBy::Variable("SAAS_AUTH_TOKEN"),
                }),
                home: Some(self.path("home")),
                ..Environment::default()
            },
        }
    }

    /// The built binary, with nothing of the real environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catseye"));
        fs::create_dir_all(self.path("tmp")).unwrap();
        command
            .args(arguments)
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("TMPDIR", self.path("tmp"))
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
            .stdin(Stdio::null());
        command
    }

    /// Every file below, with its content.
    pub fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        walk(&self.path(folder), &mut files);
        files
    }
}

fn walk(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if let Ok(bytes) = fs::read(&path) {
            files.push((path, bytes));
        }
    }
}

/// The inspector, driven by keys on a virtual clock.
pub struct Inspector {
    pub model: Model,
    worker: Worker,
    /// What was to be written to the terminal besides frames.
    pub written: Vec<u8>,
}

impl Inspector {
    pub fn new(world: &World, token: Option<&str>) -> Self {
        Self::with(world, token, || "12:00:00".to_owned())
    }

    /// With a clock, which is called off the main thread.
    pub fn with(world: &World, token: Option<&str>, time_of_day: fn() -> String) -> Self {
        let surroundings = world.surroundings(token);
        let setup = Setup {
            journal: Journal::open(&surroundings.state),
            surroundings,
            timeout: Duration::from_secs(5),
            held: None,
            copies: true,
            payload_command: "catseye payload".to_owned(),
            clipboard: ClipboardEnvironment {
                terminal: true,
                folder: world.folder.path().to_owned(),
                ..ClipboardEnvironment::default()
            },
            masker: Masker::new([7; 32]),
            scene: None,
            time_of_day,
        };
        let mut inspector = Self {
            model: Model::new(Size {
                width: 80,
                height: 24,
            }),
            worker: Worker::new(setup),
            written: Vec::new(),
        };
        inspector.settle(Message::Started);
        inspector
    }

    pub fn settle(&mut self, message: Message) {
        let mut messages = VecDeque::from([message]);
        while let Some(message) = messages.pop_front() {
            if let Message::Copied {
                terminal_bytes: Some(bytes),
                ..
            } = &message
            {
                self.written.extend_from_slice(bytes);
            }
            for effect in update(&mut self.model, message) {
                self.worker
                    .perform(effect, &mut |answer| messages.push_back(answer));
            }
        }
    }

    pub fn press(&mut self, keys: &str) {
        for key in keymap::parse_keys(keys).unwrap() {
            self.event(&Event::Key(key.event()));
        }
    }

    pub fn event(&mut self, event: &Event) {
        self.draw();
        let later = self.model.now + Duration::from_secs(1);
        self.settle(Message::Tick(later));
        if let Some(message) = input::message(event.clone(), self.model.context(), &keymap::Keymap::default())
        {
            self.settle(message);
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.settle(Message::Resized(Size { width, height }));
    }

    pub fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.width, self.model.size.height);
        let mut buffer = Buffer::empty(area);
        let drawn = view::draw(
            &self.model,
            &Look::new(Theme {
                colour: true,
                ..Theme::default()
            }),
            area,
            &mut buffer,
        );
        let now = self.model.now;
        self.settle(drawn.message(now));
        buffer
    }
}

/// The bytes that a whole frame makes on a terminal.
pub fn bytes_of(buffer: &Buffer) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut backend = CrosstermBackend::new(&mut bytes);
    let width = usize::from(buffer.area.width.max(1));
    let cells = buffer.content.iter().enumerate().map(|(at, cell)| {
        let place = |value: usize| u16::try_from(value).unwrap();
        (place(at % width), place(at / width), cell)
    });
    backend.draw(cells).unwrap();
    Backend::flush(&mut backend).unwrap();
    bytes
}
