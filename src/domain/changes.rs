//! What changed from one body to another: fields of the head, issues, mappings (finding `nothing-changed`, reference
//! B3).

use std::collections::{HashMap, VecDeque};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The differences of two bodies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Fields outside of issues and mappings.
    pub head: Vec<FieldChange>,
    /// Issues, in the order of the new body; those that went at the end.
    pub issues: Vec<RowChange>,
    /// Mappings, in the same order.
    pub mappings: Vec<RowChange>,
}

/// A row that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// What people call it: an issue's key or id, a mapping's work package.
    pub name: String,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Some of its fields are others.
    Changed(Vec<FieldChange>),
}

/// A field with its values as compact JSON; empty where it was not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its path.
    pub path: String,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
}

/// A body that is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("not a snapshot: {0}")]
pub struct NotABody(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    issues: Vec<&'a RawValue>,
    #[serde(borrow)]
    mappings: Vec<&'a RawValue>,
    provider: Value,
    workspace: Value,
    external_resource_type: Value,
    external_resource_id: Value,
    doctrine_mode: Value,
    doctrine_field_owners: Value,
    project_uuid: Value,
    project_slug: Value,
    checkpoint: Value,
}

impl Body<'_> {
    fn head(&self) -> [(&'static str, &Value); 9] {
        [
            ("provider", &self.provider),
            ("workspace", &self.workspace),
            ("external_resource_type", &self.external_resource_type),
            ("external_resource_id", &self.external_resource_id),
            ("doctrine_mode", &self.doctrine_mode),
            ("doctrine_field_owners", &self.doctrine_field_owners),
            ("project_uuid", &self.project_uuid),
            ("project_slug", &self.project_slug),
            ("checkpoint", &self.checkpoint),
        ]
    }
}

impl Changes {
    /// Compares two bodies. Issues are the same when system, workspace and id are; mappings when work package and
    /// system are; several that are the same are taken in their order.
    pub fn between(old: &[u8], new: &[u8]) -> Result<Self, NotABody> {
        let (old, new): (Body<'_>, Body<'_>) = (serde_json::from_slice(old)?, serde_json::from_slice(new)?);
        let mut head = Vec::new();
        for ((name, old), (_, new)) in old.head().into_iter().zip(new.head()) {
            fields(name, old, new, &mut head);
        }
        Ok(Self {
            head,
            issues: rows(&old.issues, &new.issues, issue_identity, issue_name)?,
            mappings: rows(&old.mappings, &new.mappings, mapping_identity, mapping_name)?,
        })
    }

    /// How many rows came, went and changed.
    pub fn counts(rows: &[RowChange]) -> (usize, usize, usize) {
        let count = |is: fn(&ChangeKind) -> bool| rows.iter().filter(|row| is(&row.kind)).count();
        (
            count(|kind| matches!(kind, ChangeKind::Added)),
            count(|kind| matches!(kind, ChangeKind::Removed)),
            count(|kind| matches!(kind, ChangeKind::Changed(_))),
        )
    }
}

type Identity = Vec<String>;

fn rows(
    old: &[&RawValue],
    new: &[&RawValue],
    identity: fn(&Value) -> Identity,
    name: fn(&Value) -> String,
) -> Result<Vec<RowChange>, serde_json::Error> {
    let mut known: HashMap<Identity, VecDeque<&RawValue>> = HashMap::new();
    for row in old {
        known
            .entry(identity(&serde_json::from_str(row.get())?))
            .or_default()
            .push_back(row);
    }
    let mut changes = Vec::new();
    for row in new {
        let now: Value = serde_json::from_str(row.get())?;
        let before = known.get_mut(&identity(&now)).and_then(VecDeque::pop_front);
        let kind = match before {
            Some(before) if before.get() == row.get() => continue,
            Some(before) => {
                let mut changed = Vec::new();
                fields("", &serde_json::from_str(before.get())?, &now, &mut changed);
                ChangeKind::Changed(changed)
            }
            None => ChangeKind::Added,
        };
        changes.push(RowChange {
            name: name(&now),
            kind,
        });
    }
    // In the order of the old body.
    for row in old {
        let before: Value = serde_json::from_str(row.get())?;
        if known
            .get_mut(&identity(&before))
            .is_some_and(|left| left.front().is_some_and(|left| std::ptr::eq(*left, *row)))
        {
            known.entry(identity(&before)).or_default().pop_front();
            changes.push(RowChange {
                name: name(&before),
                kind: ChangeKind::Removed,
            });
        }
    }
    Ok(changes)
}

fn texts(value: &Value, keys: &[&str]) -> Identity {
    keys.iter().map(|key| value[*key].to_string()).collect()
}

fn issue_identity(issue: &Value) -> Identity {
    texts(&issue["ref"], &["system", "workspace", "id"])
}

fn issue_name(issue: &Value) -> String {
    let reference = &issue["ref"];
    let name = reference["key"].as_str().or_else(|| reference["id"].as_str());
    name.unwrap_or_default().to_owned()
}

fn mapping_identity(mapping: &Value) -> Identity {
    texts(mapping, &["wp_id", "system"])
}

fn mapping_name(mapping: &Value) -> String {
    mapping["wp_id"].as_str().unwrap_or_default().to_owned()
}

/// The leaves that differ; lists are compared whole.
fn fields(path: &str, old: &Value, new: &Value, changes: &mut Vec<FieldChange>) {
    if let (Value::Object(old), Value::Object(new)) = (old, new) {
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(gone) {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            fields(
                &path,
                old.get(key).unwrap_or(&Value::Null),
                new.get(key).unwrap_or(&Value::Null),
                changes,
            );
        }
    } else if old != new {
        changes.push(FieldChange {
            path: path.to_owned(),
            old: old.to_string(),
            new: new.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(id: &str, key: &str, status: &str) -> String {
        format!(
            r#"{{"ref":{{"system":"jira","workspace":"w","id":"{id}","key":"{key}","url":null}},"status":"{status}","labels":[]}}"#
        )
    }

    fn body(route: &str, issues: &[String], cursor: &str) -> String {
        let issues = issues.join(",");
        format!(
            r#"{{"provider":"jira","workspace":"w","external_resource_type":"jira_project","external_resource_id":"{route}","doctrine_mode":"m","doctrine_field_owners":{{}},"project_uuid":null,"project_slug":null,"issues":[{issues}],"mappings":[],"checkpoint":{{"cursor":{cursor}}}}}"#
        )
    }

    #[test]
    fn tells_what_came_went_and_changed() {
        let old = body(
            "ACME",
            &[
                issue("1", "A-1", "todo"),
                issue("2", "A-2", "todo"),
                issue("3", "A-3", "done"),
            ],
            "null",
        );
        let new = body(
            "BETA",
            &[
                issue("3", "A-3", "done"),
                issue("1", "A-1", "done"),
                issue("4", "A-4", "todo"),
            ],
            "\"100\"",
        );
        let changes = Changes::between(old.as_bytes(), new.as_bytes()).unwrap();
        let heads: Vec<_> = changes.head.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(heads, ["external_resource_id", "checkpoint.cursor"]);
        let rows: Vec<_> = changes.issues.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(rows, ["A-1", "A-4", "A-2"]);
        assert_eq!(Changes::counts(&changes.issues), (1, 1, 1));
        let ChangeKind::Changed(fields) = &changes.issues[0].kind else {
            panic!();
        };
        assert_eq!(
            (fields[0].path.as_str(), fields[0].old.as_str()),
            ("status", "\"todo\"")
        );
        assert_eq!(
            Changes::between(old.as_bytes(), old.as_bytes()).unwrap(),
            Changes::default()
        );
        assert!(Changes::between(b"[]", old.as_bytes()).is_err());
    }
}
