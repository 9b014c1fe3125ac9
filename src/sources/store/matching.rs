//! Names that mappings and issues have in common, and which of them meet (reference B11).

use std::borrow::Cow;
use std::collections::HashMap;

use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use crate::domain::row::RowError;
use crate::domain::row_facts::{JoinFacts, Sighting, Sightings};
use crate::domain::window::MappingRow;

/// Most mappings that are indexed at a time, and most matches that are kept.
pub(super) const MAX_INDEXED: usize = 100_000;

/// Numbers of mappings by a name of theirs, as bytes. Every issue is looked up three times: the hash must be cheap.
type Places = HashMap<Vec<u8>, Vec<usize>, foldhash::fast::RandomState>;

/// Mappings by what they may be joined on. Numbers are places in the list that it was made from.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) wp_ids: Vec<String>,
    ids: Places,
    keys: Places,
    urls: Places,
}

/// What a mapping may be joined on, as it is published.
pub(super) struct Names<'a> {
    wp_id: Cow<'a, str>,
    id: Cow<'a, str>,
    key: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// The names of a stored mapping, if it is one of this system.
    pub(super) fn of(row: &StoredMapping<'a>, system: &str) -> Result<Option<Self>, RowError> {
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

    pub(super) fn shown(row: &'a MappingRow) -> Self {
        let mapping = &row.mapping;
        Self {
            wp_id: Cow::Borrowed(&mapping.wp_id),
            id: Cow::Borrowed(&mapping.external_id),
            key: mapping.external_key.as_deref().map(Cow::Borrowed),
            url: mapping.external_url.as_deref().map(Cow::Borrowed),
        }
    }
}

/// How a mapping was joined, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Id,
    Key,
    Url,
}

impl By {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Key => "key",
            Self::Url => "url",
        }
    }
}

impl Index {
    pub(super) fn add(&mut self, names: &Names) {
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
    pub(super) fn matching<'a>(
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

/// A name's bytes.
pub(super) fn bytes(name: Option<&String>) -> Option<&[u8]> {
    name.map(String::as_bytes)
}
