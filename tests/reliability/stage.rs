//! A project to run on, and the inspector without a terminal.

use std::collections::VecDeque;
use std::fs;
use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use catseye::app::message::Message;
use catseye::app::model::{Model, Size};
use catseye::app::update::update;
use catseye::domain::mask::Masker;
use catseye::sinks::clipboard::ClipboardEnvironment;
use catseye::sinks::journal::Journal;
use catseye::tui::look::Look;
use catseye::tui::theme::Theme;
use catseye::tui::worker::{Setup, Worker};
use catseye::tui::{input, keymap, view};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event;
use ratatui::layout::Rect;
use rusqlite::{Connection, params};

pub use super::project::CONFIG;
use super::project::{CREDENTIALS, Project};
use super::store_support::{SCHEMA, issue, mapping};

const SERVER: &str = "http://127.0.0.1:9";

/// A project, a home with credentials and store, and a folder for all that is written.
pub struct World(Project);

impl Deref for World {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
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

impl Default for Parts {
    fn default() -> Self {
        Self {
            config: CONFIG.to_owned(),
            credentials: CREDENTIALS.to_owned(),
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
        let world = Self(Project::new(&parts.config, &parts.credentials));
        world.fill_store(parts);
        world
    }

    /// The store of the scope that the inputs lead to; without one there is none.
    fn fill_store(&self, parts: &Parts) {
        let loaded = catseye::sources::load::load(
            &self.surroundings(Some(SERVER), None),
            catseye::sources::load::Journal::default(),
            catseye::sources::load::Rows::Skip,
        );
        let evaluation = catseye::domain::evaluate::evaluate(&loaded.inputs);
        let (Some(path), Some(binding)) = (evaluation.store.path, evaluation.binding) else {
            return;
        };
        let store = Connection::open(path).unwrap();
        // What is hostile may be so twice.
        let schema = SCHEMA.replace(", UNIQUE (system, workspace, external_id)", "");
        store
            .execute_batch(&format!("PRAGMA synchronous = OFF; BEGIN; {schema}"))
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
            issue(&store, identity, system, payload);
        }
        for [wp_id, id, key, url] in &parts.mappings {
            mapping(&store, wp_id, system, id, Some(key), Some(url));
        }
        store.execute_batch("COMMIT").unwrap();
    }

    /// The built binary, with a folder for temporary files.
    pub fn command(&self, arguments: &[&str]) -> Command {
        fs::create_dir_all(self.path("tmp")).unwrap();
        let mut command = self.0.command(arguments);
        command.env("TMPDIR", self.path("tmp"));
        command
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
        let surroundings = world.surroundings(Some(SERVER), token);
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
                osc52: Some(sequence),
                ..
            } = &message
            {
                self.written.extend_from_slice(sequence.bytes());
            }
            for effect in update(&mut self.model, message) {
                self.worker
                    .perform(&effect, &mut |answer| messages.push_back(answer));
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
