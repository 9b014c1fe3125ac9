//! Which issue a mapping belongs to: by id, then key, then URL (reference B11).
//!
//! `map add` takes what the user types as `--external-id`, often the key, and its workspace is the binding's, which a
//! connector's issues seldom carry: so neither identity nor workspace can join the two.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;

use super::issue_walk::StoredIssue;
use super::matching::{By, Index, MAX_INDEXED, Names, bytes};
use super::walk::{Anchor, Direction, Step, Texts};
use super::{Store, StoreError};
use crate::domain::issue::{self, Issue, template};
use crate::domain::stored::StoredValue;
use crate::domain::window::{IssueMatch, IssueRow, MappingRow, RowKey};

/// What is known of joins as of one state of the store.
#[derive(Debug)]
pub(super) struct Joins {
    version: i64,
    system: String,
    /// All mappings, when they are few enough to be kept.
    index: Option<Index>,
    /// Mappings by rowid that were looked up, with the issue found.
    matches: HashMap<i64, Option<IssueMatch>>,
}

impl Store {
    /// Fills in which work packages the issues are mapped to.
    pub(super) fn join_issues(
        &self,
        system: &str,
        rows: &mut [IssueRow],
        cancel: &AtomicBool,
    ) -> Result<(), StoreError> {
        self.freshen_joins(system)?;
        let known = self
            .joins
            .borrow_mut()
            .as_mut()
            .and_then(|joins| joins.index.take());
        if let Some(index) = known {
            fill_in(&index, rows);
            self.keep_index(index);
            return Ok(());
        }
        let mut index = Index::default();
        let mut slices = 0;
        self.each_mapping(Direction::Forward, Anchor::Edge, cancel, |row| {
            if let Ok(Some(names)) = Names::of(row, system) {
                index.add(&names);
            }
            if index.wp_ids.len() == MAX_INDEXED {
                fill_in(&index, rows);
                index = Index::default();
                slices += 1;
            }
            Step::Next
        })?;
        fill_in(&index, rows);
        if slices == 0 {
            self.keep_index(index);
        }
        Ok(())
    }

    /// Fills in which issue each mapping belongs to.
    pub(super) fn join_mappings(
        &self,
        system: &str,
        rows: &mut [MappingRow],
        cancel: &AtomicBool,
    ) -> Result<(), StoreError> {
        self.freshen_joins(system)?;
        let mut matches = match self.joins.borrow_mut().as_mut() {
            Some(joins) => std::mem::take(&mut joins.matches),
            None => HashMap::new(),
        };
        let unknown: Vec<&MappingRow> = rows
            .iter()
            .filter(|row| row.mapping.system == system && !matches.contains_key(&row.rowid))
            .collect();
        if !unknown.is_empty() {
            let found = self.find_issues(system, &unknown, cancel)?;
            matches.extend(unknown.iter().map(|row| row.rowid).zip(found));
        }
        for row in rows {
            row.issue = matches.get(&row.rowid).cloned().flatten();
        }
        if let Some(joins) = self
            .joins
            .borrow_mut()
            .as_mut()
            .filter(|_| matches.len() < MAX_INDEXED)
        {
            joins.matches = matches;
        }
        Ok(())
    }

    /// Forgets joins of another system or an older state.
    fn freshen_joins(&self, system: &str) -> Result<(), StoreError> {
        let version = self.read(|snapshot| Ok(snapshot.version))?;
        let mut joins = self.joins.borrow_mut();
        if joins
            .as_ref()
            .is_none_or(|joins| joins.version != version || joins.system != system)
        {
            *joins = Some(Joins {
                version,
                system: system.to_owned(),
                index: None,
                matches: HashMap::new(),
            });
        }
        Ok(())
    }

    fn keep_index(&self, index: Index) {
        if let Some(joins) = self.joins.borrow_mut().as_mut() {
            joins.index = Some(index);
        }
    }

    /// The issue of each mapping: most are named by id, and an identity ends with that; the others need all issues.
    fn find_issues(
        &self,
        system: &str,
        mappings: &[&MappingRow],
        cancel: &AtomicBool,
    ) -> Result<Vec<Option<IssueMatch>>, StoreError> {
        let mut search = Search::new(mappings);
        for prefix in self.identity_prefixes(system, cancel)? {
            for mapping in mappings {
                let identity = format!("{prefix}{}", mapping.mapping.external_id);
                let at = Anchor::At(RowKey::Text(identity.clone().into_bytes()));
                self.each_issue(
                    system,
                    (Direction::Forward, at),
                    Texts::Beginnings,
                    cancel,
                    |row| {
                        if row.key() == RowKey::Text(identity.clone().into_bytes()) {
                            search.try_on(row);
                        }
                        Step::Stop
                    },
                )?;
            }
        }
        if !search.over() {
            self.each_issue(
                system,
                (Direction::Forward, Anchor::Edge),
                Texts::Beginnings,
                cancel,
                |row| {
                    search.try_on(row);
                    if search.over() { Step::Stop } else { Step::Next }
                },
            )?;
        }
        Ok(search.into_matches())
    }

    /// What the system's identities start with, `system:workspace:` each: found by leaps over the index.
    fn identity_prefixes(&self, system: &str, cancel: &AtomicBool) -> Result<BTreeSet<String>, StoreError> {
        let mut prefixes = BTreeSet::new();
        let mut anchor = Anchor::At(RowKey::Text(Vec::new()));
        while prefixes.len() < MAX_PREFIXES {
            let mut prefix = None;
            self.each_issue(
                system,
                (Direction::Forward, anchor),
                Texts::Beginnings,
                cancel,
                |row| {
                    if let Ok(issue) = issue::publish(row.payload) {
                        prefix = Some(format!(
                            "{}:{}:",
                            issue.reference.system, issue.reference.workspace
                        ));
                    }
                    Step::Stop
                },
            )?;
            let Some(prefix) = prefix.filter(|prefix| !prefixes.contains(prefix)) else {
                break;
            };
            // The next byte after the last colon leads past all identities that start so.
            let mut beyond = prefix.clone().into_bytes();
            beyond.pop();
            beyond.push(b':' + 1);
            anchor = Anchor::At(RowKey::Text(beyond));
            prefixes.insert(prefix);
        }
        Ok(prefixes)
    }
}

/// Most workspaces that mappings are looked up in by identity.
const MAX_PREFIXES: usize = 16;

fn fill_in(index: &Index, rows: &mut [IssueRow]) {
    for row in rows {
        let Ok(facts) = &row.published else { continue };
        let reference = &facts.issue.reference;
        let places: BTreeSet<usize> = index
            .matching(
                reference.id.as_bytes(),
                bytes(reference.key.as_ref()),
                bytes(reference.url.as_ref()),
            )
            .map(|(place, _)| place)
            .collect();
        row.wp_ids
            .extend(places.into_iter().map(|place| index.wp_ids[place].clone()));
    }
}

/// Looks for the issues of some mappings.
struct Search {
    index: Index,
    best: Vec<Option<(By, IssueMatch)>>,
    by_id: usize,
    scratch: Vec<u8>,
}

impl Search {
    fn new(mappings: &[&MappingRow]) -> Self {
        let mut index = Index::default();
        for mapping in mappings {
            index.add(&Names::shown(mapping));
        }
        Self {
            index,
            best: vec![None; mappings.len()],
            by_id: 0,
            scratch: Vec::new(),
        }
    }

    /// Nothing better can be found.
    fn over(&self) -> bool {
        self.by_id == self.best.len()
    }

    fn try_on(&mut self, row: &StoredIssue) {
        if !self.may_match(row) {
            return;
        }
        let Ok(issue) = issue::publish(row.payload) else {
            return;
        };
        let Issue { reference, title, .. } = issue;
        let matching = self.index.matching(
            reference.id.as_bytes(),
            bytes(reference.key.as_ref()),
            bytes(reference.url.as_ref()),
        );
        for (place, by) in matching {
            if self.best[place].as_ref().is_some_and(|(known, _)| *known <= by) {
                continue;
            }
            self.by_id += usize::from(by == By::Id);
            let found = IssueMatch {
                identity: super::convert::shown(row.identity()),
                title: Some(match row.cut.and_then(|cut| cut.rest("title")) {
                    Some(rest) => format!("{title}… {} bytes more", rest.bytes),
                    None => title.clone(),
                }),
                by: by.name(),
            };
            self.best[place] = Some((by, found));
        }
    }

    /// Whether an issue is worth a closer look: nearly all of them are told apart by the fast path.
    fn may_match(&mut self, row: &StoredIssue) -> bool {
        let StoredValue::Text(payload) = row.payload else {
            return true;
        };
        self.scratch.clear();
        template::rewrite(payload, &mut self.scratch).is_none_or(|names| {
            let out = &self.scratch;
            let mut matching = self.index.matching(names.id(out), names.key(out), names.url(out));
            matching.next().is_some()
        })
    }

    fn into_matches(self) -> Vec<Option<IssueMatch>> {
        self.best
            .into_iter()
            .map(|found| found.map(|(_, found)| found))
            .collect()
    }
}
