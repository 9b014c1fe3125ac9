//! Where each value of the payload comes from, and what each place feeds: `catseye why`, the keys `t` and `T`.
//!
//! The origins are made by the steps that decide (`evaluate`, the row readers); both directions read the one list, so
//! that they cannot disagree.

use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::finding::Place;
use super::window::{IssueRow, MappingRow, RowTrouble};

/// A payload field with the steps that made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Its path, as `external_resource_id` or `issues[3].status`.
    pub field: String,
    /// The published value as JSON; words for what is not in the body.
    pub value: String,
    /// From the input to the value.
    pub steps: Vec<OriginStep>,
}

/// One step: an input, the rule that was applied, what came out.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginStep {
    /// The rule, with its paragraph of the contract or the reference.
    pub rule: String,
    /// What went in; empty for a constant.
    pub input: String,
    /// What came out.
    pub output: String,
    /// Where the input stands.
    pub place: Option<Place>,
}

impl Origin {
    /// The place that decides: the last one that a step names.
    pub fn place(&self) -> Option<&Place> {
        self.steps.iter().rev().find_map(|step| step.place.as_ref())
    }

    /// Whether a line of a file takes part.
    fn uses_line(&self, file: &Path, wanted: usize) -> bool {
        self.steps.iter().any(|step| {
            matches!(&step.place, Some(Place::File { path, range: Some(range) })
                if path == file && range.line == wanted)
        })
    }

    /// Whether a file takes part, as a whole or by a line or row of it.
    fn uses_file(&self, file: &Path) -> bool {
        self.steps.iter().any(|step| {
            matches!(&step.place, Some(Place::File { path, .. } | Place::Row { path, .. }) if path == file)
        })
    }

    /// Whether a flag or variable takes part: `--server-url`, `$SAAS_API_URL`.
    fn uses_name(&self, name: &str) -> bool {
        self.steps.iter().any(|step| match &step.place {
            Some(Place::Variable(variable)) => name.strip_prefix('$') == Some(&**variable),
            Some(Place::Flag(flag)) => *flag == name,
            _ => false,
        })
    }
}

/// The fields that a line of a file feeds.
pub fn fed_by_line<'o>(origins: &'o [Origin], file: &Path, line: usize) -> Vec<&'o str> {
    let feeds = origins.iter().filter(|origin| origin.uses_line(file, line));
    feeds.map(|origin| origin.field.as_str()).collect()
}

/// The fields that a file feeds.
pub fn fed_by_file<'o>(origins: &'o [Origin], file: &Path) -> Vec<&'o str> {
    let feeds = origins.iter().filter(|origin| origin.uses_file(file));
    feeds.map(|origin| origin.field.as_str()).collect()
}

/// The fields that a flag or variable feeds.
pub fn fed_by_name<'o>(origins: &'o [Origin], name: &str) -> Vec<&'o str> {
    let feeds = origins.iter().filter(|origin| origin.uses_name(name));
    feeds.map(|origin| origin.field.as_str()).collect()
}

/// Why a row's field has no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOrigin {
    /// No such field.
    #[error("there is no {0}; its fields are {1}")]
    NoField(String, String),
    /// The row cannot be published.
    #[error("the row cannot be published: {0}")]
    Refused(String),
}

/// Where a field of an issue comes from; `path` is empty for the whole issue.
pub fn of_issue(row: &IssueRow, store: &Path, field: &str, path: &str) -> Result<Origin, NoOrigin> {
    let facts = row.published.as_ref().map_err(refused)?;
    let value = leaf(&facts.json, path)?;
    let place = |json_path: &str| Place::row(store, "tracker_issues", row.rowid, json_path);
    let touches = |coerced: &str| {
        coerced == path || path.is_empty() || is_within(path, coerced) || is_within(coerced, path)
    };
    let mut steps: Vec<OriginStep> = facts
        .coerced
        .iter()
        .filter(|coerced| touches(&coerced.path))
        .map(|coerced| OriginStep {
            rule: coerced.rule.to_owned(),
            input: coerced.shown_stored().to_owned(),
            output: coerced.published.clone(),
            place: Some(place(&coerced.path)),
        })
        .collect();
    if steps.is_empty() {
        steps.push(OriginStep {
            rule: "payload column, published as it is stored [29-38]".to_owned(),
            input: value.clone(),
            output: value.clone(),
            place: Some(place(path)),
        });
    }
    Ok(Origin {
        field: field.to_owned(),
        value,
        steps,
    })
}

/// Where a column of a mapping comes from; `path` is empty for the whole mapping.
pub fn of_mapping(row: &MappingRow, store: &Path, field: &str, path: &str) -> Result<Origin, NoOrigin> {
    let value = leaf(&row.json, path)?;
    let step = OriginStep {
        rule: "column, published as str() [25]".to_owned(),
        input: value.clone(),
        output: value.clone(),
        place: Some(Place::row(store, "tracker_mappings", row.rowid, path)),
    };
    Ok(Origin {
        field: field.to_owned(),
        value,
        steps: vec![step],
    })
}

fn refused(trouble: &RowTrouble) -> NoOrigin {
    NoOrigin::Refused(trouble.reason.clone())
}

/// Whether a path lies within another: `labels[1]` and `ref.id` within `labels` and `ref`.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The value at a path of a row's JSON, byte for byte as it is published.
fn leaf(json: &str, path: &str) -> Result<String, NoOrigin> {
    if path.is_empty() {
        return Ok(json.to_owned());
    }
    let mut value = json;
    for part in path.split('.') {
        let (name, indices) = part
            .split_once('[')
            .map_or((part, ""), |(name, rest)| (name, rest));
        let Members(members) = serde_json::from_str(value).unwrap_or_default();
        let mut found = members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.get());
        for index in indices.split('[').filter(|index| !index.is_empty()) {
            let index = index.trim_end_matches(']').parse::<usize>().ok();
            found = found.and_then(|found| {
                let items: Vec<&RawValue> = serde_json::from_str(found).ok()?;
                items.get(index?).map(|item| item.get())
            });
        }
        value = found.ok_or_else(|| {
            let known: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
            NoOrigin::NoField(path.to_owned(), known.join(", "))
        })?;
    }
    Ok(value.to_owned())
}

/// An object's members in their order, each as it is written.
#[derive(Default)]
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_leaves_by_their_path() {
        let json = r#"{"ref":{"system":"s","id":"7"},"labels":["a",["b"]],"title":null}"#;
        for (path, value) in [
            ("ref", Ok(r#"{"system":"s","id":"7"}"#)),
            ("ref.id", Ok("\"7\"")),
            ("labels[0]", Ok("\"a\"")),
            ("title", Ok("null")),
            ("labels", Ok(r#"["a",["b"]]"#)),
            ("labels[1][0]", Ok("\"b\"")),
            ("labels[9]", Err(())),
            ("nope", Err(())),
        ] {
            assert_eq!(
                leaf(json, path).map_err(|_| ()),
                value.map(str::to_owned),
                "{path}"
            );
        }
        assert!(is_within("labels[1]", "labels") && !is_within("labels2", "labels"));
    }
}
