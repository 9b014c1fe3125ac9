//! Projects with home, store and variables on disk, as spec-kitty leaves them, with something broken.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use catseye::domain::evaluate::evaluate;
use catseye::domain::evaluation::Evaluation;
use catseye::domain::finding::{Finding, Place};
use catseye::domain::inputs::{Environment, Given, GivenBy, Inputs};
use catseye::domain::node::{Node, Span, Value};
use catseye::domain::proxy::ProxyEnvironment;
use catseye::domain::scope::scope;
use catseye::domain::secret::Secret;
use catseye::sinks::journal::Journal;
use catseye::sources::environment::Surroundings;
use catseye::sources::load::{self, Rows, load};
use rusqlite::{Connection, params};

pub const CONFIG: &str = "project:\n  uuid: 550e8400-e29b-41d4-a716-446655440000\n  slug: demo\ntracker:\n  provider: jira\n  workspace: acme.example\n";
pub const CREDENTIALS: &str = "[tracker.providers.jira]\nbase_url = \"https://acme.example\"\nemail = \"a@b.example\"\napi_token = \"s3cret-0123456789\"\nproject_key = \"ACME\"\n";
const SCHEMA: &str = "
    CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
        issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT NOT NULL);
    CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
    CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
        external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id));";

/// What a tracker would give: how a pull is played.
#[derive(Clone)]
pub struct Tracker {
    pub system: &'static str,
    pub issue_workspace: &'static str,
    pub prefix: &'static str,
}

pub const JIRA: Tracker = Tracker {
    system: "jira",
    issue_workspace: "https://acme.example",
    prefix: "ACME-",
};

pub struct World {
    pub folder: tempfile::TempDir,
    pub variables: BTreeMap<String, String>,
    /// Where a command is run and the search begins, below the folder.
    pub start: PathBuf,
    pub tracker: Tracker,
    /// Whether the journal is asked for trouble, as planning does.
    pub plans: bool,
    pub broken: Vec<String>,
}

impl World {
    /// A routed jira project with two issues, a mapping and a checkpoint: nothing to tell above notes.
    pub fn healthy() -> Self {
        let world = Self::empty(JIRA);
        world.write("project/.kittify/config.yaml", CONFIG);
        world.write("home/.spec-kitty/credentials", CREDENTIALS);
        world.pull();
        let store = world.connect();
        store
            .execute_batch(
                "INSERT INTO tracker_mappings VALUES ('WP01', 'jira', 'acme.example', '1', NULL, NULL, 'c', 'u')",
            )
            .unwrap();
        world
    }

    /// Folders and variables alone.
    pub fn empty(tracker: Tracker) -> Self {
        let folder = tempfile::Builder::new().prefix("world").tempdir().unwrap();
        let world = Self {
            variables: [
                ("SPEC_KITTY_ENABLE_SAAS_SYNC", "1"),
                ("SAAS_API_URL", "https://h.example"),
                ("SAAS_AUTH_TOKEN", "saas-token-0123456789"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            start: "project".into(),
            tracker,
            plans: false,
            broken: Vec::new(),
            folder,
        };
        fs::create_dir_all(world.path("project")).unwrap();
        fs::create_dir_all(world.path("home/.spec-kitty/trackers")).unwrap();
        world
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn config(&self, text: &str) {
        self.write("project/.kittify/config.yaml", text);
    }

    pub fn credentials(&self, text: &str) {
        self.write("home/.spec-kitty/credentials", text);
    }

    /// Replaces text that must be there.
    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} has no {old:?}");
        self.write(name, text.replacen(old, new, 1));
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    fn given<T>(&self, name: &'static str, make: fn(String) -> T) -> Option<Given<T>> {
        let value = self.variables.get(name).filter(|value| !value.is_empty())?;
        Some(Given {
            value: make(value.clone()),
            by: GivenBy::Variable(name),
        })
    }

    pub fn surroundings(&self) -> Surroundings {
        let home = self.path("home");
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        Surroundings {
            cwd: self.path(&self.start),
            project: None,
            specify_repo_root: None,
            home: home.join(".spec-kitty"),
            user_home: home.clone(),
            no_home: None,
            state: self.path("state/catseye"),
            environment: Environment {
                saas_sync_flag: self.variables.get("SPEC_KITTY_ENABLE_SAAS_SYNC").cloned(),
                server_url: self.given("SAAS_API_URL", |text| text),
                auth_token: self.given("SAAS_AUTH_TOKEN", Secret::new),
                proxies: ProxyEnvironment::from_variables(variables),
                home: Some(home.clone()),
                in_scene: false,
                spec_kitty_home: self.variables.get("SPEC_KITTY_HOME").cloned(),
                session_folder: None,
            },
        }
    }

    pub fn look(&self) -> (Inputs, Evaluation) {
        let journal = Journal::open(self.path("state/catseye"));
        let history = load::Journal {
            path: journal.path(),
            attempts: journal.read().map(|history| history.attempts).unwrap_or_default(),
        };
        let rows = Rows::Audit {
            keep_body: false,
            cancel: &std::sync::atomic::AtomicBool::new(false),
            progress: &mut |_| {},
        };
        let mut inputs = load(&self.surroundings(), history, rows).inputs;
        inputs.broken.extend(self.broken.iter().cloned());
        if self.plans {
            inputs.journal_trouble = journal.trouble().map(|error| error.to_string());
        }
        let evaluation = evaluate(&inputs);
        (inputs, evaluation)
    }

    /// The store that the files lead to now.
    pub fn store_path(&self) -> PathBuf {
        let (_, evaluation) = self.look();
        evaluation.store.path.unwrap_or_else(|| self.healthy_store())
    }

    /// The store of the healthy project.
    pub fn healthy_store(&self) -> PathBuf {
        let texts = ["jira", "acme.example", "https://acme.example", "a@b.example", ""].map(Into::into);
        let [provider, workspace, server, user, team] = &texts;
        let name = scope(provider, workspace, server, user, team).unwrap().name;
        self.path(format!("home/.spec-kitty/trackers/{name}.db"))
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.store_path()).unwrap()
    }

    /// Plays `sync pull`: the tracker's issues and the checkpoint, spelled as config.yaml spells the provider.
    pub fn pull(&self) {
        let (_, evaluation) = self.look();
        let (Some(binding), Some(path)) = (evaluation.binding, evaluation.store.path) else {
            return;
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let store = Connection::open(path).unwrap();
        store
            .execute_batch(&SCHEMA.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
            .unwrap();
        for number in 1..=2 {
            self.issue(&store, number, "todo");
        }
        store
            .execute(
                "INSERT OR REPLACE INTO tracker_checkpoints VALUES (?1, NULL, '2026-03-10T12:00:00+00:00')",
                params![format!("{}:{}", binding.provider, binding.workspace)],
            )
            .unwrap();
    }

    /// An issue as a connector stores it.
    pub fn issue(&self, store: &Connection, number: u32, status: &str) {
        let Tracker {
            system,
            issue_workspace,
            prefix,
        } = &self.tracker;
        let payload = format!(
            r#"{{"ref":{{"system":"{system}","workspace":"{issue_workspace}","id":"{number}","key":"{prefix}{number}","url":null}},"title":"Issue {number}","body":null,"status":"{status}","issue_type":"task","priority":null,"assignees":[],"labels":[],"updated_at":"2026-03-10T12:00:00+00:00"}}"#
        );
        self.row(store, &number.to_string(), &payload);
    }

    pub fn row(&self, store: &Connection, id: &str, payload: &str) {
        let Tracker {
            system,
            issue_workspace,
            ..
        } = &self.tracker;
        store
            .execute(
                "INSERT INTO tracker_issues VALUES (?1, ?2, ?3, ?4, ?5, 'u')
                 ON CONFLICT(identity) DO UPDATE SET payload = excluded.payload",
                params![
                    format!("{system}:{issue_workspace}:{id}"),
                    system,
                    issue_workspace,
                    id,
                    payload
                ],
            )
            .unwrap();
    }
}

/// What a place points at: the bytes of a file, `table#rowid:path`, a variable, or nothing for a whole file.
pub fn pointed_at(inputs: &Inputs, place: &Place) -> String {
    match place {
        Place::File {
            path,
            range: Some(range),
        } => {
            let config = inputs.config.as_ref().filter(|config| config.path == *path);
            let file = config.unwrap_or(&inputs.credentials);
            String::from_utf8_lossy(&file.text.bytes()[range.start..range.end]).into_owned()
        }
        Place::File { range: None, .. } => String::new(),
        Place::Row {
            table,
            rowid,
            json_path,
            ..
        } => format!("{table}#{rowid}:{json_path}"),
        Place::Variable(name) => format!("${name}"),
        Place::Flag(name) => (*name).to_owned(),
    }
}

/// What holds for every finding of every world.
pub fn holds(inputs: &Inputs, evaluation: &Evaluation) {
    use catseye::domain::evaluation::Verdict;
    use catseye::domain::finding::{MAX_EVIDENCE, Severity};
    let findings = &evaluation.findings;
    let has = |severity| findings.iter().any(|finding| finding.severity() == severity);
    let route = evaluation
        .routing
        .as_ref()
        .and_then(|routing| routing.route.as_ref());
    match evaluation.verdict {
        Verdict::Blocked => assert!(evaluation.plan.is_none(), "{findings:#?}"),
        Verdict::Routed => assert!(route.is_some() && !has(Severity::Blocker) && !has(Severity::NullRoute)),
        Verdict::NullRoute => assert!(route.is_none() && !has(Severity::Blocker) && has(Severity::NullRoute)),
    }
    let unreadable = findings.iter().any(|finding| {
        matches!(finding.name.as_str(), "store-busy" | "internal-error")
            || finding.severity() == Severity::Blocker
    });
    assert_eq!(
        evaluation.verdict == Verdict::Blocked,
        unreadable && evaluation.plan.is_none(),
        "{findings:#?}"
    );
    for (index, finding) in findings.iter().enumerate() {
        let words = format!("{finding:#?}");
        assert!(
            !words.contains("s3cret") && !words.contains("saas-token"),
            "{words}"
        );
        assert!(
            !findings[..index]
                .iter()
                .any(|earlier| earlier.name == finding.name),
            "{words}"
        );
        assert!(
            finding.count > 0 && finding.evidence.len() <= MAX_EVIDENCE,
            "{words}"
        );
        if finding.severity() != Severity::Note {
            assert!(
                !finding.evidence.is_empty() && !finding.fixes.is_empty(),
                "{words}"
            );
        }
        if let Some(root) = finding.explained_by {
            assert!(
                findings[..index].iter().any(|earlier| earlier.name == root),
                "{words}"
            );
        }
        for evidence in &finding.evidence {
            position_holds(inputs, &evidence.place);
            row_holds(&evidence.place);
        }
        edits_hold(inputs, finding);
    }
}

/// Line and column agree with the offsets, which lie in the file at the bounds of characters.
fn position_holds(inputs: &Inputs, place: &Place) {
    let Place::File {
        path,
        range: Some(range),
    } = place
    else {
        return;
    };
    let config = inputs.config.as_ref().filter(|config| config.path == *path);
    let file = config.unwrap_or(&inputs.credentials);
    assert_eq!(file.path, *path);
    let bytes = file.text.bytes();
    assert!(range.start <= range.end && range.end <= bytes.len(), "{place:?}");
    let position = file.text.position(range.start);
    assert_eq!((position.line, position.column), (range.line, range.column));
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(
            text.is_char_boundary(range.start) && text.is_char_boundary(range.end),
            "{place:?}"
        );
    }
    // The bytes are a key, a value or a header of the file, or its end, where something is missing.
    if let Some(root) = file.root() {
        let span = Span {
            start: range.start,
            end: range.end,
        };
        assert!(
            span == file.text.end() || is_part(root, span),
            "{place:?}: {:?} is neither a key nor a value",
            String::from_utf8_lossy(&bytes[range.start..range.end])
        );
    }
}

/// Whether a span is that of a key or a value of the tree.
fn is_part(node: &Node, span: Span) -> bool {
    let inner = match &node.value {
        Value::Table(entries) => entries
            .iter()
            .any(|entry| is_part(&entry.key, span) || is_part(&entry.value, span)),
        Value::List(items) => items.iter().any(|item| is_part(item, span)),
        Value::Text(_) | Value::Scalar(_) => false,
    };
    node.span == span || inner
}

/// A row that is pointed at is in the store, and its JSON has the leaf, but for one that is missing there.
fn row_holds(place: &Place) {
    let Place::Row {
        path,
        table,
        rowid,
        json_path,
    } = place
    else {
        return;
    };
    let store = Connection::open(path).unwrap();
    let column = match *table {
        "tracker_issues" => "payload",
        _ => json_path.as_str(),
    };
    let found = store.query_row(
        &format!("SELECT CAST({column} AS TEXT) FROM {table} WHERE rowid = ?1"),
        [rowid],
        |row| row.get::<_, Option<String>>(0),
    );
    assert!(
        matches!(found, Ok(Some(_))),
        "{place:?} points at no row: {found:?}"
    );
    let payload = found.unwrap().unwrap();
    let payload: serde_json::Result<serde_json::Value> = serde_json::from_str(&payload);
    if let (Ok(payload), "tracker_issues", false) = (payload, *table, json_path.is_empty()) {
        let pointer = format!("/{}", json_path.replace(['.', '['], "/").replace(']', ""));
        assert!(
            payload.pointer(&pointer).is_some(),
            "{place:?} is not in {payload}"
        );
    }
}

/// What an edit replaces stands on its line.
fn edits_hold(inputs: &Inputs, finding: &Finding) {
    for edit in finding.fixes.iter().filter_map(|fix| fix.edit.as_ref()) {
        let config = inputs.config.as_ref().filter(|config| config.path == edit.file);
        let file = config.unwrap_or(&inputs.credentials);
        let line = file.text.line_span(edit.line).unwrap_or_default();
        let line = String::from_utf8_lossy(&file.text.bytes()[line.start..line.end]);
        assert!(line.contains(&edit.old), "{edit:?} on {line:?}");
    }
}
