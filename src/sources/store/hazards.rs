//! What an audit pass notices about rows that can be published: values that change, text that hides, rows of other
//! projects, workspaces and systems (design section 4, warnings and notes).

use std::collections::HashMap;

use super::convert::shown;
use super::issue_walk::StoredIssue;
use super::join::Matching;
use super::mapping_walk::StoredMapping;
use super::schema::{ISSUES, MAPPINGS};
use crate::domain::hidden::first_hidden;
use crate::domain::issue::{Issue, Reference};
use crate::domain::mapping::{self, Mapping};
use crate::domain::row::{Coercion, Rule};
use crate::domain::row_facts::{Group, MAX_DISTINCT, RowFacts, Sighting, Sightings};

/// What has been noticed so far.
pub(super) struct Hazards {
    key_prefixes: Groups,
    workspaces: Groups,
    other_keys: u64,
    coerced: Sightings,
    hidden: Sightings,
    foreign_mappings: Sightings,
    /// Which mappings match; `None` when there are too many to compare.
    matching: Option<Matching>,
}

/// Rows grouped by a value.
#[derive(Default)]
struct Groups(HashMap<String, (u64, Sighting)>);

impl Groups {
    /// Counts a row under its value; `false` when the value found no place.
    fn count(&mut self, value: &str, first: impl FnOnce() -> Sighting) -> bool {
        if let Some((count, _)) = self.0.get_mut(value) {
            *count += 1;
        } else if self.0.len() < MAX_DISTINCT {
            self.0.insert(value.to_owned(), (1, first()));
        } else {
            return false;
        }
        true
    }

    /// Most frequent first, equal ones by value.
    fn sorted(self) -> Vec<Group> {
        let group = |(value, (count, first))| Group { value, count, first };
        let mut groups: Vec<Group> = self.0.into_iter().map(group).collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        groups
    }
}

impl Hazards {
    /// Nothing noticed yet.
    pub(super) fn new(matching: Option<Matching>) -> Self {
        Self {
            key_prefixes: Groups::default(),
            workspaces: Groups::default(),
            other_keys: 0,
            coerced: Sightings::default(),
            hidden: Sightings::default(),
            foreign_mappings: Sightings::default(),
            matching,
        }
    }

    /// Looks at an issue that can be published.
    pub(super) fn issue(&mut self, row: &StoredIssue, issue: &Issue) {
        let sighting = |json_path: &str, what: String| Sighting {
            table: ISSUES,
            rowid: row.rowid,
            identity: shown(row.identity),
            json_path: json_path.to_owned(),
            what,
        };
        let Reference {
            workspace,
            id,
            key,
            url,
            ..
        } = &issue.reference;
        let prefix = key.as_deref().and_then(prefix);
        let counted = prefix.is_some_and(|prefix| {
            self.key_prefixes.count(prefix, || {
                sighting("ref.key", format!("key {}", key.as_deref().unwrap_or_default()))
            })
        });
        self.other_keys += u64::from(!counted);
        self.workspaces.count(workspace, || {
            sighting("ref.workspace", format!("workspace {workspace}"))
        });
        if issue.coerced.iter().any(changes_meaning) {
            self.coercions(row, issue, &sighting);
        }
        for (path, text) in texts(issue) {
            if let Some((_, c)) = first_hidden(text) {
                self.hidden.add(|| sighting(path, names(c)));
            }
        }
        if let Some(matching) = &mut self.matching {
            matching.issue(id, key.as_deref(), url.as_deref());
        }
    }

    /// Takes note of an issue that cannot be published: it is there all the same, so its mapping is not without one.
    /// What its JSON does not tell is in the identity, `{system}:{workspace}:{id}`.
    pub(super) fn refused_issue(&mut self, row: &StoredIssue) {
        let Some(matching) = &mut self.matching else {
            return;
        };
        let payload = row.payload.python_str("payload").unwrap_or_default();
        let payload: serde_json::Value = serde_json::from_str(&payload).unwrap_or_default();
        let named = |name: &str| payload["ref"][name].as_str();
        let identity = shown(row.identity);
        let of_identity = identity.rsplit(':').next().unwrap_or_default();
        matching.seen(named("id").unwrap_or(of_identity), named("key"), named("url"));
    }

    fn coercions(&mut self, row: &StoredIssue, issue: &Issue, sighting: &dyn Fn(&str, String) -> Sighting) {
        let Ok(payload) = row.payload.python_str("payload") else {
            return;
        };
        let changed = issue.coerced.iter().zip(issue.coerced_values(&payload));
        for (_, value) in changed.filter(|(coercion, _)| changes_meaning(coercion)) {
            self.coerced.add(|| {
                let (stored, published) = (short(&value.stored), short(&value.published));
                sighting(
                    &value.path,
                    format!("{stored} goes out as {published}: {}", value.rule),
                )
            });
        }
    }

    /// Looks at a mapping that can be published.
    pub(super) fn mapping(&mut self, row: &StoredMapping, system: &str, mapping: &Mapping) {
        let sighting = |json_path: &str, what: String| Sighting {
            table: MAPPINGS,
            rowid: row.rowid,
            identity: format!("{} {}", mapping.wp_id, mapping.system),
            json_path: json_path.to_owned(),
            what,
        };
        if mapping.system != system {
            self.foreign_mappings.add(|| {
                sighting(
                    "system",
                    format!("{} belongs to {}", mapping.wp_id, mapping.system),
                )
            });
        }
        let columns = [
            Some(&mapping.wp_id),
            Some(&mapping.system),
            Some(&mapping.workspace),
            Some(&mapping.external_id),
            mapping.external_key.as_ref(),
            mapping.external_url.as_ref(),
        ];
        for (column, text) in mapping::COLUMNS.into_iter().zip(columns) {
            if let Some((_, c)) = text.and_then(|text| first_hidden(text)) {
                self.hidden.add(|| sighting(column, names(c)));
            }
        }
    }

    /// Puts what was noticed into the facts.
    pub(super) fn finish(self, facts: &mut RowFacts) {
        facts.key_prefixes = self.key_prefixes.sorted();
        facts.other_keys = self.other_keys;
        facts.workspaces = self.workspaces.sorted();
        facts.coerced = self.coerced;
        facts.hidden = self.hidden;
        facts.foreign_mappings = self.foreign_mappings;
        facts.joins = self.matching.map(Matching::facts);
    }
}

/// A date in another writing is the same moment, and a default for what is missing changes nothing that is stored.
fn changes_meaning(coercion: &Coercion) -> bool {
    coercion.rule != Rule::DateNormalised && coercion.stored.is_some()
}

/// The sent texts of an issue with their paths; of lists the list.
fn texts(issue: &Issue) -> impl Iterator<Item = (&'static str, &str)> {
    let Reference {
        system,
        workspace,
        id,
        key,
        url,
    } = &issue.reference;
    let single = [
        ("ref.system", Some(system)),
        ("ref.workspace", Some(workspace)),
        ("ref.id", Some(id)),
        ("ref.key", key.as_ref()),
        ("ref.url", url.as_ref()),
        ("title", Some(&issue.title)),
        ("body", issue.body.as_ref()),
    ];
    let lists = [("assignees", &issue.assignees), ("labels", &issue.labels)];
    let single = single
        .into_iter()
        .filter_map(|(path, text)| Some((path, text?.as_str())));
    single.chain(
        lists
            .into_iter()
            .flat_map(|(path, texts)| texts.iter().map(move |text| (path, text.as_str()))),
    )
}

/// A character that cannot be seen, by its number.
fn names(c: char) -> String {
    format!("holds U+{:04X}", c as u32)
}

/// A value for a line of words.
fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `ACME` of `ACME-12`.
fn prefix(key: &str) -> Option<&str> {
    let (prefix, number) = key.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !prefix.is_empty()).then_some(prefix)
}
