//! A scene's store, in spec-kitty's own schema and payload layout (reference 28, 52).

use std::path::Path;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PulledAs, SceneError};
use crate::domain::ascii_json::ascii_json;
use crate::domain::scope;

const ISSUES: &str = include_str!("../../assets/scenes/issues.json");

/// spec-kitty's DDL (store.py:280-319).
const SCHEMA: &str = "
    CREATE TABLE tracker_issues (
        identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL, issue_id TEXT NOT NULL,
        payload TEXT NOT NULL, updated_at TEXT NOT NULL);
    CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
    CREATE TABLE tracker_mappings (
        wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL, external_id TEXT NOT NULL,
        external_key TEXT, external_url TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id));";

const PULLED_AT: &str = "2026-11-20T09:30:00+00:00";

/// An issue of `issues.json`; where it lives is the scene's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SceneIssue {
    title: String,
    body: Option<String>,
    status: String,
    issue_type: String,
    priority: Value,
    assignees: Vec<String>,
    labels: Vec<String>,
    updated_at: String,
    /// What stands in the store instead, in scenes with odd rows.
    #[serde(default)]
    odd: Odd,
}

/// Values that spec-kitty changes, or that hide something.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Odd {
    title: Option<String>,
    status: Option<String>,
    priority: Option<Value>,
    labels: Option<Vec<String>>,
}

impl SceneIssue {
    fn made_odd(mut self) -> Self {
        let odd = std::mem::take(&mut self.odd);
        self.title = odd.title.unwrap_or(self.title);
        self.status = odd.status.unwrap_or(self.status);
        self.priority = odd.priority.unwrap_or(self.priority);
        self.labels = odd.labels.unwrap_or(self.labels);
        self
    }
}

/// A stored payload, its keys in the order in which spec-kitty writes them.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "ref")]
    reference: Reference<'a>,
    title: &'a str,
    body: Option<&'a str>,
    status: &'a str,
    issue_type: &'a str,
    priority: &'a Value,
    assignees: &'a [String],
    labels: &'a [String],
    parent: (),
    links: [(); 0],
    custom_fields: serde_json::Map<String, Value>,
    created_at: &'a str,
    updated_at: &'a str,
    raw: serde_json::Map<String, Value>,
}

#[derive(Serialize)]
struct Reference<'a> {
    system: &'a str,
    workspace: &'a str,
    id: &'a str,
    key: &'a str,
    url: String,
}

/// Makes the store that the scene's issues were pulled into; odd rows have values that change on their way out, and
/// a mapping without an issue.
pub(super) fn make(trackers: &Path, pulled_as: &PulledAs, odd_rows: bool) -> Result<(), SceneError> {
    let PulledAs {
        provider,
        workspace,
        server,
        user,
    } = pulled_as;
    let texts = [provider, workspace, server, user].map(|text| text.as_str().into());
    let [provider_text, workspace_text, server_text, user_text] = &texts;
    let scope = scope::scope(provider_text, workspace_text, server_text, user_text, &"".into())
        .map_err(|error| SceneError::Bundle(error.to_string()))?;
    let mut issues: Vec<SceneIssue> =
        serde_json::from_str(ISSUES).map_err(|error| SceneError::Bundle(error.to_string()))?;
    if odd_rows {
        issues = issues.into_iter().map(SceneIssue::made_odd).collect();
    }
    let mut connection = Connection::open(trackers.join(format!("{}.db", scope.name)))?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let place = Place::new(pulled_as);
    for (index, issue) in issues.iter().enumerate() {
        insert_issue(&transaction, &place, index, issue)?;
    }
    let last = if odd_rows { ABSENT } else { 10 };
    insert_mappings(&transaction, &place, workspace, last)?;
    transaction.execute(
        "INSERT INTO tracker_checkpoints VALUES (?1, ?2, ?3)",
        params![
            format!("{provider}:{workspace}"),
            "cur_19",
            "2026-11-19T08:15:00.000+0000"
        ],
    )?;
    transaction.commit()?;
    Ok(())
}

/// How the provider's connector names its issues.
struct Place {
    system: String,
    /// jira: the site's URL; else as the workspace is bound here (reference B11).
    workspace: String,
    prefix: &'static str,
    browse: &'static str,
}

/// The place of an issue that is not there.
const ABSENT: usize = 998;

impl Place {
    fn new(pulled_as: &PulledAs) -> Self {
        let (prefix, browse) = match pulled_as.provider.as_str() {
            "jira" => ("ACME-", "https://acme.atlassian.net/browse"),
            "github" => ("#", "https://github.com/acme/payments/issues"),
            _ => ("ENG-", "https://linear.app/acme/issue"),
        };
        Self {
            system: pulled_as.provider.clone(),
            workspace: if pulled_as.provider == "jira" {
                pulled_as.server.clone()
            } else {
                pulled_as.workspace.clone()
            },
            prefix,
            browse,
        }
    }

    fn id(index: usize) -> String {
        (10_001 + index).to_string()
    }

    fn key(&self, index: usize) -> String {
        format!("{}{}", self.prefix, index + 1)
    }
}

fn insert_issue(
    connection: &Connection,
    place: &Place,
    index: usize,
    issue: &SceneIssue,
) -> Result<(), SceneError> {
    let (id, key) = (Place::id(index), place.key(index));
    let payload = Payload {
        reference: Reference {
            system: &place.system,
            workspace: &place.workspace,
            id: &id,
            key: &key,
            url: format!("{}/{}", place.browse, key.trim_start_matches('#')),
        },
        title: &issue.title,
        body: issue.body.as_deref(),
        status: &issue.status,
        issue_type: &issue.issue_type,
        priority: &issue.priority,
        assignees: &issue.assignees,
        labels: &issue.labels,
        parent: (),
        links: [],
        custom_fields: serde_json::Map::new(),
        created_at: "2026-10-01T08:00:00+00:00",
        updated_at: &issue.updated_at,
        raw: serde_json::Map::new(),
    };
    let payload = ascii_json(&payload, false).map_err(|error| SceneError::Bundle(error.to_string()))?;
    connection.execute(
        "INSERT INTO tracker_issues VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            format!("{}:{}:{id}", place.system, place.workspace),
            place.system,
            place.workspace,
            id,
            payload,
            PULLED_AT
        ],
    )?;
    Ok(())
}

/// Work packages mapped by id and by key.
fn insert_mappings(
    connection: &Connection,
    place: &Place,
    workspace: &str,
    last: usize,
) -> rusqlite::Result<()> {
    let mappings = [
        ("WP01", Place::id(0), Some(place.key(0))),
        ("WP02", Place::id(1), Some(place.key(1))),
        ("WP03", place.key(4), None),
        ("WP04", Place::id(8), None),
        ("WP05", Place::id(last), Some(place.key(last))),
    ];
    for (wp_id, external_id, external_key) in mappings {
        connection.execute(
            "INSERT INTO tracker_mappings VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?6)",
            params![
                wp_id,
                place.system,
                workspace,
                external_id,
                external_key,
                PULLED_AT
            ],
        )?;
    }
    Ok(())
}
