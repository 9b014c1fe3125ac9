//! Which issue a mapping belongs to: by id, then key, then URL (reference B11).
//!
//! `map add` takes what the user types as `--external-id`, often the key, and its workspace is the binding's, which a
//! connector's issues seldom carry: so neither identity nor workspace can join the two.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;

use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use super::walk::{Anchor, Direction, Step};
use super::{Store, StoreError};
use crate::domain::issue::{self, Issue};
use crate::domain::row::RowError;
use crate::domain::row_facts::{JoinFacts, Sighting, Sightings};
use crate::domain::window::{IssueMatch, IssueRow, MappingRow, RowKey};

/// Numbers of mappings by a name of theirs, as bytes. Every issue is looked up three times: the hash must be cheap.
type Places = HashMap<Vec<u8>, Vec<usize>, foldhash::fast::RandomState>;

/// Mappings by what they may be joined on. Numbers are places in the list that it was made from.
#[derive(Debug, Default)]
pub(super) struct Index {
    wp_ids: Vec<String>,
    ids: Places,
    keys: Places,
    urls: Places,
}

/// What a mapping may be joined on, as it is published.
struct Names<'a> {
    wp_id: Cow<'a, str>,
    id: Cow<'a, str>,
    key: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// The names of a stored mapping, if it is one of this system.
    fn of(row: &StoredMapping<'a>, system: &str) -> Result<Option<Self>, RowError> {
        let [wp_id, of_system, _, id, key, url, ..] = row.columns;
        if of_system.python_str("system")? != system {
            return Ok(None);
        }
        Ok(Some(Self {
            wp_id: wp_id.python_str("wp_id")?,
            id: id.python_str("external_id")?,
            key: key.python_str_or_none("external_key")?,
            url: url.python_str_or_none("external_url")?,
        }))
    }

    fn shown(row: &'a MappingRow) -> Self {
        Self {
            wp_id: Cow::Borrowed(&row.wp_id),
            id: Cow::Borrowed(&row.external_id),
            key: row.external_key.as_deref().map(Cow::Borrowed),
            url: row.external_url.as_deref().map(Cow::Borrowed),
        }
    }
}

/// How a mapping was joined, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Id,
    Key,
    Url,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Key => "key",
            Self::Url => "url",
        }
    }
}

impl Index {
    fn add(&mut self, names: &Names) {
        let place = self.wp_ids.len();
        self.wp_ids.push(names.wp_id.to_string());
        let enter = |map: &mut Places, text: &str| {
            if !text.is_empty() {
                map.entry(text.as_bytes().to_vec()).or_default().push(place);
            }
        };
        enter(&mut self.ids, &names.id);
        // `--external-id ACME-1` is a key.
        enter(&mut self.keys, &names.id);
        if let Some(key) = names.key.as_ref().filter(|key| **key != names.id) {
            enter(&mut self.keys, key);
        }
        enter(&mut self.urls, names.url.as_deref().unwrap_or_default());
    }

    /// The mappings that an issue of these names matches; one may come up under several names.
    fn matching<'a>(
        &'a self,
        id: &'a [u8],
        key: Option<&'a [u8]>,
        url: Option<&'a [u8]>,
    ) -> impl Iterator<Item = (usize, By)> + 'a {
        let under = |map: &'a Places, name: Option<&[u8]>, by| {
            let places = name.and_then(|name| map.get(name)).map_or(&[][..], Vec::as_slice);
            places.iter().map(move |&place| (place, by))
        };
        under(&self.ids, Some(id), By::Id)
            .chain(under(&self.keys, key, By::Key))
            .chain(under(&self.urls, url, By::Url))
    }
}

/// All mappings of a system, to find those that no issue matches.
#[derive(Debug, Default)]
pub(super) struct Mappings {
    index: Index,
    rowids: Vec<i64>,
}

/// Which of some [`Mappings`] have met their issue.
#[derive(Debug)]
pub(super) struct Matched {
    matched: Vec<bool>,
    unmapped: u64,
}

impl Mappings {
    /// Takes a mapping in; `None` when there are too many. One that cannot be published counts as matched.
    pub(super) fn learn(mut self, row: &StoredMapping, system: &str) -> Option<Self> {
        if let Ok(Some(names)) = Names::of(row, system) {
            self.index.add(&names);
            self.rowids.push(row.rowid);
        }
        (self.rowids.len() < MAX_INDEXED).then_some(self)
    }

    /// None has met its issue yet.
    pub(super) fn unmatched(&self) -> Matched {
        Matched {
            matched: vec![false; self.rowids.len()],
            unmapped: 0,
        }
    }

    /// What stayed alone.
    pub(super) fn facts(&self, matched: &Matched) -> JoinFacts {
        let mut unmatched = Sightings::default();
        for (place, _) in matched
            .matched
            .iter()
            .enumerate()
            .filter(|(_, matched)| !**matched)
        {
            unmatched.add(|| Sighting {
                table: super::schema::MAPPINGS,
                rowid: self.rowids[place],
                identity: self.index.wp_ids[place].clone(),
                json_path: "external_id".to_owned(),
                what: "no issue has its id, key or URL".to_owned(),
            });
        }
        JoinFacts {
            unmatched_mappings: unmatched,
            unmapped_issues: matched.unmapped,
        }
    }
}

impl Matched {
    /// Marks the mappings that match an issue.
    pub(super) fn issue(&mut self, mappings: &Mappings, id: &[u8], key: Option<&[u8]>, url: Option<&[u8]>) {
        let is_mapped = self.mark(mappings, id, key, url);
        self.unmapped += u64::from(!is_mapped);
    }

    /// Marks those of an issue that cannot be published: it is there all the same, so its mapping is not without one.
    /// What its JSON does not tell is in the identity, `{system}:{workspace}:{id}`.
    pub(super) fn refused(&mut self, mappings: &Mappings, row: &StoredIssue) {
        let payload = row.payload.python_str("payload").unwrap_or_default();
        let payload: serde_json::Value = serde_json::from_str(&payload).unwrap_or_default();
        let named = |name: &str| payload["ref"][name].as_str().map(str::as_bytes);
        let identity = super::convert::shown(row.identity());
        let of_identity = identity.rsplit(':').next().unwrap_or_default();
        let id = named("id").unwrap_or(of_identity.as_bytes());
        self.mark(mappings, id, named("key"), named("url"));
    }

    fn mark(&mut self, mappings: &Mappings, id: &[u8], key: Option<&[u8]>, url: Option<&[u8]>) -> bool {
        let mut is_mapped = false;
        for (place, _) in mappings.index.matching(id, key, url) {
            self.matched[place] = true;
            is_mapped = true;
        }
        is_mapped
    }

    /// Adds what others have met.
    pub(super) fn add(&mut self, others: &Self) {
        for (matched, also) in self.matched.iter_mut().zip(&others.matched) {
            *matched |= also;
        }
        self.unmapped += others.unmapped;
    }
}

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

/// Most mappings that are indexed at a time, and most matches that are kept.
const MAX_INDEXED: usize = 100_000;

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
            .filter(|row| row.system == system && !matches.contains_key(&row.rowid))
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
                let identity = format!("{prefix}{}", mapping.external_id);
                let at = Anchor::At(RowKey::Text(identity.clone().into_bytes()));
                self.each_issue(system, Direction::Forward, at, cancel, |row| {
                    if row.key() == RowKey::Text(identity.clone().into_bytes()) {
                        search.try_on(row);
                    }
                    Step::Stop
                })?;
            }
        }
        if !search.over() {
            self.each_issue(system, Direction::Forward, Anchor::Edge, cancel, |row| {
                search.try_on(row);
                if search.over() { Step::Stop } else { Step::Next }
            })?;
        }
        Ok(search.into_matches())
    }

    /// What the system's identities start with, `system:workspace:` each: found by leaps over the index.
    fn identity_prefixes(&self, system: &str, cancel: &AtomicBool) -> Result<BTreeSet<String>, StoreError> {
        let mut prefixes = BTreeSet::new();
        let mut anchor = Anchor::At(RowKey::Text(Vec::new()));
        while prefixes.len() < MAX_PREFIXES {
            let mut prefix = None;
            self.each_issue(system, Direction::Forward, anchor, cancel, |row| {
                if let Ok(issue) = issue::publish(row.payload) {
                    prefix = Some(format!(
                        "{}:{}:",
                        issue.reference.system, issue.reference.workspace
                    ));
                }
                Step::Stop
            })?;
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

/// A name's bytes.
pub(super) fn bytes(name: Option<&String>) -> Option<&[u8]> {
    name.map(String::as_bytes)
}

fn fill_in(index: &Index, rows: &mut [IssueRow]) {
    for row in rows {
        let Ok(facts) = &row.published else { continue };
        let places: BTreeSet<usize> = index
            .matching(
                facts.id.as_bytes(),
                bytes(facts.key.as_ref()),
                bytes(facts.url.as_ref()),
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
        }
    }

    /// Nothing better can be found.
    fn over(&self) -> bool {
        self.by_id == self.best.len()
    }

    fn try_on(&mut self, row: &StoredIssue) {
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
                title: Some(title.clone()),
                by: by.name(),
            };
            self.best[place] = Some((by, found));
        }
    }

    fn into_matches(self) -> Vec<Option<IssueMatch>> {
        self.best
            .into_iter()
            .map(|found| found.map(|(_, found)| found))
            .collect()
    }
}
