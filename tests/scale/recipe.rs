//! Stores of any size in spec-kitty's own layout (reference 28, 52): the same recipe makes the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Issues of the bound system.
    pub issues: u64,
    /// Of these, every so many-th cannot be published; 0 for none.
    pub bad_every: u64,
    /// Whether the store uses write-ahead logging.
    pub wal: bool,
}

/// A project with its home, made by a recipe.
#[derive(Debug)]
pub struct Made {
    /// The project's folder.
    pub project: PathBuf,
    /// The folder that `HOME` is set to.
    pub user_home: PathBuf,
    /// The store.
    pub store: PathBuf,
}

const CONFIG: &str = "project:\n  uuid: 550e8400-e29b-41d4-a716-446655440000\n  slug: acme-payments\ntracker:\n  \
    provider: jira\n  workspace: acme.atlassian.net\n  doctrine:\n    mode: external_authoritative\n";
const CREDENTIALS: &str = "[tracker.providers.jira]\nbase_url = \"https://acme.atlassian.net\"\nemail = \"a@b.com\"\n\
    api_token = \"s3cret-0123456789\"\nproject_key = \"ACME\"\n";
/// The scope of that binding (reference 20).
const STORE: &str = "999b79dc914a988b.db";
const SCHEMA: &str = "
    CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
        issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT);
    CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
    CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
        external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id));
    INSERT INTO tracker_checkpoints VALUES ('jira:acme.atlassian.net', NULL, '2026-11-20T09:30:00+00:00');";
const SITE: &str = "https://acme.atlassian.net";

/// Makes a project, its credentials and its store in an empty folder.
pub fn make(folder: &Path, recipe: Recipe) -> Made {
    let made = Made {
        project: folder.join("project"),
        user_home: folder.join("home"),
        store: folder.join("home/.spec-kitty/trackers").join(STORE),
    };
    fs::create_dir_all(made.project.join(".kittify")).unwrap();
    fs::create_dir_all(made.store.parent().unwrap()).unwrap();
    fs::write(made.project.join(".kittify/config.yaml"), CONFIG).unwrap();
    let credentials = made.user_home.join(".spec-kitty/credentials");
    fs::write(&credentials, CREDENTIALS).unwrap();
    #[cfg(unix)]
    private(&credentials);
    fill(&made.store, recipe);
    made
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Makes the store alone.
pub fn fill(store: &Path, recipe: Recipe) {
    let connection = Connection::open(store).unwrap();
    if recipe.wal {
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    }
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN")
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let mut insert = connection
        .prepare("INSERT INTO tracker_issues VALUES (?, 'jira', ?, ?, ?, ?)")
        .unwrap();
    let mut payload = String::new();
    for number in 0..recipe.issues {
        let id = (10_001 + number).to_string();
        payload.clear();
        let bad = recipe.bad_every > 0 && number % recipe.bad_every == recipe.bad_every - 1;
        write_payload(&mut payload, number, &id, bad);
        let identity = format!("jira:{SITE}:{id}");
        insert
            .execute(params![identity, SITE, id, payload, date(number)])
            .unwrap();
    }
    drop(insert);
    let mut map = connection
        .prepare("INSERT INTO tracker_mappings VALUES (?, 'jira', 'acme.atlassian.net', ?, ?, ?, ?, ?)")
        .unwrap();
    for work_package in 0..recipe.issues.div_ceil(50) {
        let number = work_package * 50;
        let (id, key) = ((10_001 + number).to_string(), format!("ACME-{}", number + 1));
        let url = format!("{SITE}/browse/{key}");
        let at = date(number);
        map.execute(params![format!("WP{work_package:05}"), id, key, url, at, at])
            .unwrap();
    }
    drop(map);
    connection.execute_batch("COMMIT").unwrap();
}

/// Numbers that look random and depend on the row alone (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

const WORDS: &[&str] = &[
    "payment", "retry", "ledger", "merchant", "refund", "batch", "timeout", "webhook", "currency", "export",
    "invoice", "login", "search", "filter", "report", "cache", "queue", "the", "a", "when", "after", "with",
    "fails", "slow", "should", "shows", "of", "for", "and", "twice",
];
/// What makes escapes: quotes, backslashes, breaks, accents, other scripts, emoji.
const ODD: &[&str] = &[
    "\"quoted\"",
    "C:\\temp",
    "line\nbreak",
    "tab\there",
    "Größe",
    "naïve",
    "São Paulo",
    "Überweisung",
    "東京",
    "取引",
    "платёж",
    "🚀",
    "✅ done",
    "caf\u{e9}",
    "– dash",
    "“typographic”",
    "5 €",
];

fn sentence(dice: &mut Dice, words: u64, out: &mut String) {
    for word in 0..words {
        if word > 0 {
            out.push(' ');
        }
        let from = if dice.roll(7) == 0 { ODD } else { WORDS };
        out.push_str(dice.pick(from));
    }
}

fn date(number: u64) -> String {
    let (day, hour, minute) = (number / 1_440 % 28 + 1, number / 60 % 24, number % 60);
    format!(
        "2026-{:02}-{day:02}T{hour:02}:{minute:02}:07+00:00",
        number / 40_320 % 12 + 1
    )
}

/// One issue as spec-kitty's own writer stores it: compact, ASCII, keys in this order.
pub fn write_payload(out: &mut String, number: u64, id: &str, bad: bool) {
    let dice = &mut Dice(number);
    let key = format!("ACME-{}", number + 1);
    let mut title = String::new();
    let words = 3 + dice.roll(7);
    sentence(dice, words, &mut title);
    let mut body = String::new();
    let words = if number % 500 == 499 {
        1_200
    } else {
        8 + dice.roll(24)
    };
    sentence(dice, words, &mut body);
    // One row in a thousand holds what spec-kitty silently changes.
    let status = if number % 1_000 == 137 {
        "In Review"
    } else {
        dice.pick(&["todo", "in_progress", "in_review", "blocked", "done", "canceled"])
    };
    let kind = dice.pick(&["epic", "story", "task", "bug", "chore", "subtask"]);
    out.push_str("{\"ref\":");
    reference(out, id, &key);
    out.push_str(",\"title\":");
    ascii(out, &title);
    out.push_str(",\"body\":");
    if number.is_multiple_of(11) {
        out.push_str("null");
    } else {
        ascii(out, &body);
    }
    let priority = if bad { 7 } else { dice.roll(5) };
    write!(
        out,
        r#","status":"{status}","issue_type":"{kind}","priority":{priority},"assignees":["#
    )
    .unwrap();
    let assignee = dice.pick(&["dana@acme.example", "li@acme.example", "José Núñez"]);
    ascii(out, assignee);
    write!(out, r#"],"labels":["{}","backend"],"parent":"#, dice.pick(WORDS)).unwrap();
    if number.is_multiple_of(5) {
        reference(out, "10001", "ACME-1");
    } else {
        out.push_str("null");
    }
    write_unsent(out, number, (id, &title), dice);
}

/// What spec-kitty stores and does not publish, and `updated_at` among it.
fn write_unsent(out: &mut String, number: u64, (id, title): (&str, &str), dice: &mut Dice) {
    out.push_str(",\"links\":[");
    if number.is_multiple_of(7) {
        out.push_str(r#"{"type":"blocks","target":"#);
        reference(out, "10002", "ACME-2");
        out.push('}');
    }
    let (created, updated) = (date(number / 2), date(number));
    write!(
        out,
        r#"],"custom_fields":{{"points":{},"sprint":"S{}"}},"created_at":"{created}","updated_at":"{updated}","raw":"#,
        dice.roll(13),
        number % 40
    )
    .unwrap();
    write!(
        out,
        r#"{{"id":"{id}","self":"{SITE}/rest/api/3/issue/{id}","fields":{{"votes":1.5,"summary":"#
    )
    .unwrap();
    ascii(out, title);
    out.push_str(r#","watches":[{"name":"w","on":true},null]}}}"#);
}

fn reference(out: &mut String, id: &str, key: &str) {
    write!(
        out,
        r#"{{"system":"jira","workspace":"{SITE}","id":"{id}","key":"{key}","url":"{SITE}/browse/{key}"}}"#
    )
    .unwrap();
}

/// `json.dumps` of a text with `ensure_ascii`.
pub fn ascii(out: &mut String, text: &str) {
    out.push('"');
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\t') => out.push_str("\\t"),
            Some(c @ ' '..='~') => out.push(c),
            _ => write!(out, "\\u{unit:04x}").unwrap(),
        }
    }
    out.push('"');
}
