//! Search along the rows: the next one whose text holds what is looked for.

use std::sync::atomic::AtomicBool;

use super::convert::shown;
use super::issue_walk::StoredIssue;
use super::kind::{Issues, Kind, Mappings, Shown, Stored};
use super::mapping_walk::StoredMapping;
use super::walk::{Anchor, Direction, Step, Texts};
use super::window::Lens;
use super::{Store, StoreError};
use crate::domain::filter::Filter;
use crate::domain::issue;
use crate::domain::stored::StoredValue;
use crate::domain::window::RowKey;

/// What to look for and where.
#[derive(Clone, Debug)]
pub struct Find<'a> {
    /// The text; without an upper-case letter in it case does not matter.
    pub text: &'a str,
    /// Which way.
    pub direction: Direction,
    /// The row to start behind; `None` for the first or last one.
    pub behind: Option<RowKey>,
    /// Only rows that it matches.
    pub filter: Option<&'a Filter>,
}

impl Store {
    /// The nearest issue whose identity, key or title holds the text. `progress` hears how many rows were passed.
    pub fn find_issue(
        &self,
        system: &str,
        find: &Find,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Option<RowKey>, StoreError> {
        let needle = Needle::new(find.text);
        let mut passed = 0;
        let mut anchor = find.anchor();
        loop {
            let mut found = None;
            self.each_issue(system, (find.direction, anchor), Texts::Whole, cancel, |row| {
                if needle.is_in_issue(row) && find.shows(row) {
                    found = Some(row.key());
                    return Step::Stop;
                }
                count(&mut passed, progress)
            })?;
            let Some(key) = found else { return Ok(None) };
            // What the row is mapped to is known only now.
            let joined = find.filter.filter(|filter| filter.needs_join());
            let shown = match joined {
                Some(filter) => {
                    let row = self.issue(system, &key, cancel)?;
                    row.is_some_and(|row| filter.matches(&row))
                }
                None => true,
            };
            if shown {
                return Ok(Some(key));
            }
            anchor = Anchor::Past(key);
        }
    }

    /// The nearest mapping one of whose texts holds the text.
    pub fn find_mapping(
        &self,
        find: &Find,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Option<RowKey>, StoreError> {
        let needle = Needle::new(find.text);
        let mut passed = 0;
        let mut found = None;
        self.each_mapping(find.direction, find.anchor(), cancel, |row| {
            if needle.is_in_mapping(row) && find.shows(row) {
                found = Some(Stored::key(row));
                return Step::Stop;
            }
            count(&mut passed, progress)
        })?;
        Ok(found)
    }

    /// How many issues hold the text, wherever it is; `progress` hears of those so far.
    pub fn count_issues(
        &self,
        system: &str,
        find: &Find,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, StoreError> {
        let needle = Needle::new(find.text);
        let mut hits = Hits::new(progress);
        self.each_issue(
            system,
            (Direction::Forward, Anchor::Edge),
            Texts::Whole,
            cancel,
            |row| hits.count(needle.is_in_issue(row) && find.shows(row)),
        )?;
        Ok(hits.found)
    }

    /// How many mappings hold the text; `progress` hears of those so far.
    pub fn count_mappings(
        &self,
        find: &Find,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, StoreError> {
        let needle = Needle::new(find.text);
        let mut hits = Hits::new(progress);
        self.each_mapping(Direction::Forward, Anchor::Edge, cancel, |row| {
            hits.count(needle.is_in_mapping(row) && find.shows(row))
        })?;
        Ok(hits.found)
    }

    /// The nearest of these issues, which are in an order of their own.
    pub fn find_kept_issue(
        &self,
        system: &str,
        find: &Find,
        keys: &[RowKey],
        cancel: &AtomicBool,
    ) -> Result<Option<RowKey>, StoreError> {
        find_kept::<Issues>(self, system, find, keys, cancel)
    }

    /// The nearest of these mappings, which are in an order of their own.
    pub fn find_kept_mapping(
        &self,
        system: &str,
        find: &Find,
        keys: &[RowKey],
        cancel: &AtomicBool,
    ) -> Result<Option<RowKey>, StoreError> {
        find_kept::<Mappings>(self, system, find, keys, cancel)
    }
}

fn find_kept<K: Kind>(
    store: &Store,
    system: &str,
    find: &Find,
    keys: &[RowKey],
    cancel: &AtomicBool,
) -> Result<Option<RowKey>, StoreError> {
    let needle = Needle::new(find.text);
    let from = find
        .behind
        .as_ref()
        .and_then(|key| keys.iter().position(|kept| kept == key));
    let holds = |key: &RowKey| -> Result<bool, StoreError> {
        let mut holds = false;
        let at = (find.direction, Anchor::At(key.clone()));
        K::each(store, system, at, Texts::Whole, cancel, &mut |row| {
            if row.key() == *key {
                let row = row.row(key.clone());
                holds = row.texts().into_iter().any(|text| needle.is_in(text));
            }
            Step::Stop
        })?;
        Ok(holds)
    };
    let ranks: Box<dyn Iterator<Item = usize>> = match find.direction {
        Direction::Forward => Box::new(from.map_or(0, |from| from + 1)..keys.len()),
        Direction::Backward => Box::new((0..from.unwrap_or(keys.len())).rev()),
    };
    for rank in ranks {
        if holds(&keys[rank])? {
            return Ok(Some(keys[rank].clone()));
        }
    }
    Ok(None)
}

impl Find<'_> {
    fn anchor(&self) -> Anchor {
        self.behind.clone().map_or(Anchor::Edge, Anchor::Past)
    }

    fn shows<Row>(&self, row: &dyn Stored<Row>) -> bool {
        let lens = Lens {
            filter: self.filter,
            ..Lens::plain("")
        };
        lens.shows(row)
    }
}

/// Progress is told this often, in rows.
const TELL_EVERY: u64 = 1_000;

fn count(passed: &mut u64, progress: &mut dyn FnMut(u64)) -> Step {
    *passed += 1;
    if passed.is_multiple_of(TELL_EVERY) {
        progress(*passed);
    }
    Step::Next
}

/// Hits while they are counted.
struct Hits<'a> {
    found: u64,
    passed: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl<'a> Hits<'a> {
    fn new(progress: &'a mut dyn FnMut(u64)) -> Self {
        Self {
            found: 0,
            passed: 0,
            progress,
        }
    }

    fn count(&mut self, hit: bool) -> Step {
        self.found += u64::from(hit);
        let found = self.found;
        count(&mut self.passed, &mut |_| (self.progress)(found))
    }
}

struct Needle {
    text: String,
    any_case: bool,
    /// JSON writes none of its characters in another way, unless as `\u00xx`.
    plain: bool,
}

impl Needle {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            any_case: !text.chars().any(char::is_uppercase),
            plain: !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b" -_.:".contains(&byte)),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        if self.any_case {
            text.to_lowercase().contains(&self.text)
        } else {
            text.contains(&self.text)
        }
    }

    fn is_in_issue(&self, row: &StoredIssue) -> bool {
        self.is_in(&shown(row.identity()))
            || self.may_be_in(row.payload)
                && issue::publish(row.payload).is_ok_and(|issue| {
                    self.is_in(&issue.title) || issue.reference.key.is_some_and(|key| self.is_in(&key))
                })
    }

    /// A look at the bytes, which spares most payloads the parsing.
    fn may_be_in(&self, payload: StoredValue) -> bool {
        match payload {
            StoredValue::Text(bytes) if self.plain => {
                hides_letters(bytes)
                    || bytes
                        .windows(self.text.len())
                        .any(|part| part.eq_ignore_ascii_case(self.text.as_bytes()))
            }
            _ => true,
        }
    }

    /// Everything but the system and the dates.
    fn is_in_mapping(&self, row: &StoredMapping) -> bool {
        let [wp_id, _, workspace, id, key, url, ..] = row.columns;
        [wp_id, workspace, id, key, url]
            .into_iter()
            .any(|value| value != StoredValue::Null && self.is_in(&shown(value)))
    }
}

/// Whether JSON text may spell an ASCII letter otherwise: escaped, or as one that only becomes ASCII in lower case.
fn hides_letters(json: &[u8]) -> bool {
    let escape = |part: &[u8]| match part {
        [b'\\', b'u', code @ ..] => matches!(
            code,
            [b'0', b'0', b'0'..=b'7', _] | [b'0', b'1', b'3', b'0'] | [b'2', b'1', b'2', b'a' | b'A']
        ),
        _ => false,
    };
    !json.is_ascii() || json.windows(6).any(escape)
}
