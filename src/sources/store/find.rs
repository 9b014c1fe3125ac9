//! Search along the rows: the next one whose text holds what is looked for.

use super::StoreError;
use super::kind::{Kind, RowsOf};
use super::walk::{Anchor, Direction, Step, Texts};
use super::window::Lens;
use crate::domain::filter::Filter;
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

impl<K: Kind> RowsOf<'_, K> {
    /// The nearest row one of whose texts holds the text: identity, key or title of an issue, all but system and dates
    /// of a mapping. `progress` hears how many rows were passed.
    pub fn find(&self, find: &Find, progress: &mut dyn FnMut(u64)) -> Result<Option<RowKey>, StoreError> {
        let needle = Needle::new(find.text);
        let mut passed = 0;
        let mut anchor = find.behind.clone().map_or(Anchor::Edge, Anchor::Past);
        loop {
            let mut found = None;
            self.each((find.direction, anchor), Texts::Whole, &mut |row| {
                if row.holds(&needle) && find.lens().shows(row) {
                    found = Some(row.key());
                    return Step::Stop;
                }
                count(&mut passed, progress)
            })?;
            let Some(key) = found else { return Ok(None) };
            // What the row is joined to is known only now.
            let joined = find.filter.filter(|filter| filter.needs_join());
            let shown = match joined {
                Some(filter) => self.row(&key)?.is_some_and(|row| filter.matches(&row)),
                None => true,
            };
            if shown {
                return Ok(Some(key));
            }
            anchor = Anchor::Past(key);
        }
    }

    /// How many rows hold the text, wherever they are; `progress` hears of those so far.
    pub fn count(&self, find: &Find, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
        let needle = Needle::new(find.text);
        let (mut found, mut passed) = (0, 0);
        let start = (Direction::Forward, Anchor::Edge);
        self.each(start, Texts::Whole, &mut |row| {
            found += u64::from(row.holds(&needle) && find.lens().shows(row));
            count(&mut passed, &mut |_| progress(found))
        })?;
        Ok(found)
    }

    /// The nearest of these rows, which are in an order of their own.
    pub fn find_kept(&self, find: &Find, keys: &[RowKey]) -> Result<Option<RowKey>, StoreError> {
        let needle = Needle::new(find.text);
        let from = find
            .behind
            .as_ref()
            .and_then(|key| keys.iter().position(|kept| kept == key));
        let ranks: Box<dyn Iterator<Item = usize>> = match find.direction {
            Direction::Forward => Box::new(from.map_or(0, |from| from + 1)..keys.len()),
            Direction::Backward => Box::new((0..from.unwrap_or(keys.len())).rev()),
        };
        for rank in ranks {
            let key = &keys[rank];
            let mut holds = false;
            let at = (find.direction, Anchor::At(key.clone()));
            self.each(at, Texts::Whole, &mut |row| {
                holds = row.key() == *key && row.holds(&needle);
                Step::Stop
            })?;
            if holds {
                return Ok(Some(key.clone()));
            }
        }
        Ok(None)
    }
}

impl Find<'_> {
    fn lens(&self) -> Lens<'_> {
        Lens {
            filter: self.filter,
            ..Lens::default()
        }
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

/// A text that is looked for.
pub struct Needle {
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

    pub(super) fn is_in(&self, text: &str) -> bool {
        if self.any_case {
            text.to_lowercase().contains(&self.text)
        } else {
            text.contains(&self.text)
        }
    }

    /// A look at the bytes, which spares most payloads the parsing.
    pub(super) fn may_be_in(&self, payload: StoredValue) -> bool {
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
