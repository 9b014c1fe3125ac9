//! What an audit pass notices about rows that can be published: values that change, text that hides, rows of other
//! projects, workspaces and systems (design section 4, warnings and notes).

use std::collections::HashMap;

use super::convert::shown;
use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use super::schema::{ISSUES, MAPPINGS};
use crate::domain::hidden::first_hidden;
use crate::domain::issue::{Issue, Reference};
use crate::domain::mapping::{self, Mapping};
use crate::domain::row::{Coercion, Rule};
use crate::domain::row_facts::{Group, MAX_DISTINCT, RowFacts, Sighting, Sightings};

/// What has been noticed in rows that were read one after the other.
#[derive(Default)]
pub(super) struct Hazards {
    key_prefixes: Groups,
    workspaces: Groups,
    other_keys: u64,
    coerced: Sightings,
    hidden: Sightings,
    foreign_mappings: Sightings,
}

/// Rows grouped by a value, in the order of their first rows.
#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    places: HashMap<Vec<u8>, usize>,
    /// The place of the last row's value: most often the next one has the same.
    last: usize,
}

impl Groups {
    /// Counts a row under its value.
    fn count(&mut self, value: &[u8], first: impl FnOnce() -> Sighting) {
        let is_last = |group: &Group| group.value.as_bytes() == value;
        if !self.groups.get(self.last).is_some_and(is_last) {
            self.last = match self.places.get(value) {
                Some(&place) => place,
                None => self.open(value, first()),
            };
        }
        self.groups[self.last].count += 1;
    }

    fn open(&mut self, value: &[u8], first: Sighting) -> usize {
        let place = self.groups.len();
        self.places.insert(value.to_owned(), place);
        let value = String::from_utf8_lossy(value).into_owned();
        self.groups.push(Group {
            value,
            count: 0,
            first,
        });
        place
    }

    /// Takes in the groups of later rows; returns how many rows found no place.
    fn append(&mut self, later: Self) -> u64 {
        let mut left_out = 0;
        for group in later.groups {
            let place = match self.places.get(group.value.as_bytes()) {
                Some(&place) => place,
                None if self.groups.len() < MAX_DISTINCT => self.open(group.value.as_bytes(), group.first),
                None => {
                    left_out += group.count;
                    continue;
                }
            };
            self.groups[place].count += group.count;
        }
        left_out
    }

    /// Most frequent first, equal ones by value.
    fn sorted(mut self) -> Vec<Group> {
        let by_count = |a: &Group, b: &Group| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value));
        self.groups.sort_by(by_count);
        self.groups
    }
}

impl Hazards {
    /// Looks at an issue that can be published.
    pub(super) fn issue(&mut self, row: &StoredIssue, issue: &Issue) {
        let Reference { workspace, key, .. } = &issue.reference;
        self.names(row, workspace.as_bytes(), key.as_deref().map(str::as_bytes));
        let sighting = |json_path: &str, what: String| seen(row, json_path, what);
        if issue.coerced.iter().any(changes_meaning) {
            self.coercions(row, issue, &sighting);
        }
        for (path, text) in texts(issue) {
            let rest = row.cut.and_then(|cut| cut.rest(path));
            let hidden = rest.map_or_else(|| first_hidden(text).map(|(_, c)| c), |rest| rest.hidden);
            if let Some(c) = hidden {
                self.hidden.add(|| sighting(path, names(c)));
            }
        }
    }

    /// Counts an issue's workspace and the prefix of its key.
    pub(super) fn names(&mut self, row: &StoredIssue, workspace: &[u8], key: Option<&[u8]>) {
        match key.and_then(prefix) {
            Some(prefix) => self.key_prefixes.count(prefix, || {
                let key = String::from_utf8_lossy(key.unwrap_or_default());
                seen(row, "ref.key", format!("key {key}"))
            }),
            None => self.other_keys += 1,
        }
        self.workspaces.count(workspace, || {
            let workspace = String::from_utf8_lossy(workspace);
            seen(row, "ref.workspace", format!("workspace {workspace}"))
        });
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

    /// Takes in what was noticed in later rows.
    pub(super) fn append(&mut self, later: Self) {
        self.other_keys += later.other_keys + self.key_prefixes.append(later.key_prefixes);
        self.workspaces.append(later.workspaces);
        self.coerced.append(later.coerced);
        self.hidden.append(later.hidden);
        self.foreign_mappings.append(later.foreign_mappings);
    }

    /// Puts what was noticed into the facts.
    pub(super) fn finish(self, facts: &mut RowFacts) {
        facts.key_prefixes = self.key_prefixes.sorted();
        facts.other_keys = self.other_keys;
        facts.workspaces = self.workspaces.sorted();
        facts.coerced = self.coerced;
        facts.hidden = self.hidden;
        facts.foreign_mappings = self.foreign_mappings;
    }
}

/// A place in an issue row.
fn seen(row: &StoredIssue, json_path: &str, what: String) -> Sighting {
    Sighting {
        table: ISSUES,
        rowid: row.rowid(),
        identity: shown(row.identity()),
        json_path: json_path.to_owned(),
        what,
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
fn prefix(key: &[u8]) -> Option<&[u8]> {
    let digits = key.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let prefix = key[..key.len() - digits].strip_suffix(b"-")?;
    (digits > 0 && !prefix.is_empty()).then_some(prefix)
}
