//! The request body, byte for byte as `json.dumps(..., ensure_ascii=False, separators=(",", ":"))` writes it
//! (contract: the eleven fields in order; reference 41-42). `serde_json` escapes exactly as Python does.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::checkpoint::Checkpoint;
use super::issue::Issue;
use super::mapping::Mapping;

/// The scalar fields, which come before all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The normalised provider.
    pub provider: &'a str,
    /// The workspace.
    pub workspace: &'a str,
    /// `external_resource_type` and `external_resource_id`: null together or not at all.
    pub route: Option<(&'a str, &'a str)>,
    /// `doctrine_mode`.
    pub doctrine_mode: &'a str,
    /// `doctrine_field_owners`; of a repeated field the last owner counts, at the place of the first.
    pub doctrine_field_owners: &'a [(String, String)],
    /// `project_uuid`.
    pub project_uuid: Option<&'a str>,
    /// `project_slug`.
    pub project_slug: Option<&'a str>,
}

/// What stands between the issues and the mappings.
pub const BETWEEN: &str = "],\"mappings\":[";

/// From the opening brace to the bracket before the first issue.
pub fn write_head(head: &Head<'_>, out: &mut impl Write) -> io::Result<()> {
    let fields = HeadFields {
        provider: head.provider,
        workspace: head.workspace,
        external_resource_type: head.route.map(|(kind, _)| kind),
        external_resource_id: head.route.map(|(_, id)| id),
        doctrine_mode: head.doctrine_mode,
        doctrine_field_owners: dict(head.doctrine_field_owners),
        project_uuid: head.project_uuid,
        project_slug: head.project_slug,
    };
    let mut text = serde_json::to_vec(&fields)?;
    text.pop(); // The closing brace comes with the tail.
    out.write_all(&text)?;
    out.write_all(b",\"issues\":[")
}

/// One issue, without a comma.
pub fn write_issue(issue: &Issue, out: &mut impl Write) -> io::Result<()> {
    Ok(serde_json::to_writer(out, issue)?)
}

/// One mapping, without a comma.
pub fn write_mapping(mapping: &Mapping, out: &mut impl Write) -> io::Result<()> {
    Ok(serde_json::to_writer(out, mapping)?)
}

/// From the bracket behind the last mapping to the end.
pub fn write_tail(checkpoint: &Checkpoint, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"],\"checkpoint\":")?;
    serde_json::to_writer(&mut *out, checkpoint)?;
    out.write_all(b"}")
}

#[derive(Serialize)]
struct HeadFields<'a> {
    provider: &'a str,
    workspace: &'a str,
    external_resource_type: Option<&'a str>,
    external_resource_id: Option<&'a str>,
    doctrine_mode: &'a str,
    #[serde(serialize_with = "serialize_dict")]
    doctrine_field_owners: Vec<(&'a str, &'a str)>,
    project_uuid: Option<&'a str>,
    project_slug: Option<&'a str>,
}

fn serialize_dict<S: Serializer>(pairs: &[(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

/// `dict(pairs)`.
fn dict(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut places = HashMap::new();
    let mut items: Vec<(&str, &str)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        match places.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(items.len());
                items.push((key, value));
            }
            Entry::Occupied(place) => items[*place.get()].1 = value,
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head<'static> {
        Head {
            provider: "jira",
            workspace: "acme.atlassian.net",
            route: Some(("jira_project", "ACME")),
            doctrine_mode: "external_authoritative",
            doctrine_field_owners: &[],
            project_uuid: Some("550e8400-e29b-41d4-a716-446655440000"),
            project_slug: Some("demo"),
        }
    }

    #[test]
    fn is_what_httpx_sends() {
        let mut body = Vec::new();
        write_head(&head(), &mut body).unwrap();
        body.extend_from_slice(BETWEEN.as_bytes());
        write_tail(&Checkpoint::default(), &mut body).unwrap();
        let sent = concat!(
            r#"{"provider":"jira","workspace":"acme.atlassian.net","external_resource_type":"jira_project","#,
            r#""external_resource_id":"ACME","doctrine_mode":"external_authoritative","doctrine_field_owners":{},"#,
            r#""project_uuid":"550e8400-e29b-41d4-a716-446655440000","project_slug":"demo","issues":[],"mappings":[],"#,
            r#""checkpoint":{"cursor":null,"updated_since":null}}"#,
        );
        assert_eq!(sent.len(), 342);
        assert_eq!(String::from_utf8(body).unwrap(), sent);
    }

    #[test]
    fn treats_field_owners_as_a_dict() {
        let owners = [("a", "1"), ("b", "2"), ("a", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let head = Head {
            doctrine_field_owners: &owners,
            route: None,
            ..head()
        };
        let mut out = Vec::new();
        write_head(&head, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(r#""external_resource_type":null,"external_resource_id":null,"#));
        assert!(text.contains(r#""doctrine_field_owners":{"a":"3","b":"2"},"#));
    }
}
