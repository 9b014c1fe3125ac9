//! Row numbers: from a number to its row and back, by a short walk from the nearest known place. Rows that are passed
//! are not decoded, unless a filter must see them.

use std::sync::atomic::AtomicBool;

use super::kind::{Issues, Kind, Mappings, Shown};
use super::walk::{Anchor, Direction, Step, Texts};
use super::window::{Lens, fetch};
use super::{Store, StoreError};
use crate::domain::anchors::Anchors;
use crate::domain::window::RowKey;

/// Further than this from the nearest known place nobody counts: the places are of an older state.
const MAX_COUNTED: u64 = 50_000;
/// Whoever waits is told this often, in rows.
const TELL_EVERY: u64 = 5_000;

/// How many rows come before this one; `None` where no known place is near.
pub(super) fn number_of<K: Kind>(
    store: &Store,
    lens: &Lens<'_>,
    anchors: &Anchors,
    key: &RowKey,
    cancel: &AtomicBool,
) -> Result<Option<u64>, StoreError> {
    let Some(anchor) = anchors.before_key(key) else {
        return Ok(None);
    };
    let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
    let (mut passed, mut shown) = (0, 0);
    let mut reached = false;
    each_shown::<K>(store, lens, start, cancel, &mut |row, shows| {
        reached = row.in_order(key).is_ge();
        if reached || passed == MAX_COUNTED {
            return Step::Stop;
        }
        passed += 1;
        shown += u64::from(shows);
        Step::Next
    })?;
    Ok(reached.then_some(anchor.ordinal + shown))
}

/// The row with this number, from the nearest known place or the nearer end.
pub(super) fn row_at<K: Kind>(
    store: &Store,
    lens: &Lens<'_>,
    number: u64,
    cancel: &AtomicBool,
    passed: &mut dyn FnMut(u64),
) -> Result<Option<RowKey>, StoreError> {
    let before = lens.anchors.and_then(|anchors| anchors.before(number));
    let behind = lens.anchors.and_then(|anchors| anchors.behind(number + 1));
    let forward = match before {
        Some(anchor) => (number - anchor.ordinal, Anchor::At(anchor.key.clone())),
        None => (number, Anchor::Edge),
    };
    let backward = match (behind, lens.total) {
        (Some(anchor), _) => Some((anchor.ordinal - 1 - number, Anchor::Past(anchor.key.clone()))),
        (None, Some(total)) => total.checked_sub(number + 1).map(|skip| (skip, Anchor::Edge)),
        (None, None) => None,
    };
    let (direction, (skip, anchor)) = match backward {
        Some(backward) if backward.0 < forward.0 => (Direction::Backward, backward),
        _ => (Direction::Forward, forward),
    };
    let mut left = skip;
    let mut found = None;
    let mut count = 0;
    each_shown::<K>(store, lens, (direction, anchor), cancel, &mut |row, shows| {
        if !shows {
            return tell(&mut count, passed);
        }
        if left == 0 {
            found = Some(row.clone());
            return Step::Stop;
        }
        left -= 1;
        tell(&mut count, passed)
    })?;
    Ok(found)
}

/// How many rows there are, counted one by one.
pub(super) fn total<K: Kind>(
    store: &Store,
    lens: &Lens<'_>,
    cancel: &AtomicBool,
    passed: &mut dyn FnMut(u64),
) -> Result<u64, StoreError> {
    let (mut count, mut shown) = (0, 0);
    let start = (Direction::Forward, Anchor::Edge);
    each_shown::<K>(store, lens, start, cancel, &mut |_, shows| {
        shown += u64::from(shows);
        tell(&mut count, passed)
    })?;
    Ok(shown)
}

/// Rows that are joined at a time.
const BATCH: usize = 1_000;

/// Walks along all rows and tells of each whether the lens shows it. Where that takes a join the rows come in batches:
/// a join reads the store too, which no walk allows in its midst.
fn each_shown<K: Kind>(
    store: &Store,
    lens: &Lens<'_>,
    (direction, mut anchor): (Direction, Anchor),
    cancel: &AtomicBool,
    visit: &mut dyn FnMut(&RowKey, bool) -> Step,
) -> Result<(), StoreError> {
    let Some(filter) = lens.filter.filter(|filter| filter.needs_join()) else {
        return K::each(
            store,
            lens.system,
            (direction, anchor),
            lens.texts_read(),
            cancel,
            &mut |row| visit(&row.key(), lens.shows(row)),
        );
    };
    let plain = Lens::plain(lens.system);
    loop {
        let batch = fetch::<K>(store, &plain, (direction, anchor), BATCH, cancel)?;
        for row in &batch.rows {
            if visit(row.key(), filter.matches(row)) == Step::Stop {
                return Ok(());
            }
        }
        match batch.rows.last() {
            Some(last) if batch.more => anchor = Anchor::Past(last.key().clone()),
            _ => return Ok(()),
        }
    }
}

fn tell(count: &mut u64, passed: &mut dyn FnMut(u64)) -> Step {
    *count += 1;
    if count.is_multiple_of(TELL_EVERY) {
        passed(*count);
    }
    Step::Next
}

impl Store {
    /// The issue whose bytes in the body hold this one.
    pub fn issue_at_byte(
        &self,
        system: &str,
        anchors: &Anchors,
        offset: u64,
        cancel: &AtomicBool,
    ) -> Result<Option<RowKey>, StoreError> {
        at_byte::<Issues>(self, system, anchors, offset, cancel)
    }

    /// The mapping whose bytes in the body hold this one.
    pub fn mapping_at_byte(
        &self,
        system: &str,
        anchors: &Anchors,
        offset: u64,
        cancel: &AtomicBool,
    ) -> Result<Option<RowKey>, StoreError> {
        at_byte::<Mappings>(self, system, anchors, offset, cancel)
    }

    /// The first byte of an issue in the body.
    pub fn byte_of_issue(
        &self,
        system: &str,
        anchors: &Anchors,
        key: &RowKey,
        cancel: &AtomicBool,
    ) -> Result<Option<u64>, StoreError> {
        byte_of::<Issues>(self, system, anchors, key, cancel)
    }

    /// The first byte of a mapping in the body.
    pub fn byte_of_mapping(
        &self,
        system: &str,
        anchors: &Anchors,
        key: &RowKey,
        cancel: &AtomicBool,
    ) -> Result<Option<u64>, StoreError> {
        byte_of::<Mappings>(self, system, anchors, key, cancel)
    }
}

fn byte_of<K: Kind>(
    store: &Store,
    system: &str,
    anchors: &Anchors,
    key: &RowKey,
    cancel: &AtomicBool,
) -> Result<Option<u64>, StoreError> {
    let Some((anchor, mut begin)) = anchors
        .before_key(key)
        .and_then(|anchor| Some((anchor, anchor.offset?)))
    else {
        return Ok(None);
    };
    let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
    let (mut reached, mut passed) = (false, 0);
    K::each(store, system, start, Texts::Beginnings, cancel, &mut |row| {
        let at = row.key();
        reached = at == *key;
        passed += 1;
        if reached || passed > MAX_COUNTED {
            return Step::Stop;
        }
        begin += row.row(at).json_bytes() + 1;
        Step::Next
    })?;
    Ok(reached.then_some(begin))
}

/// Adds up the lengths of rows from the nearest known place; the comma behind a row counts as the row's.
fn at_byte<K: Kind>(
    store: &Store,
    system: &str,
    anchors: &Anchors,
    offset: u64,
    cancel: &AtomicBool,
) -> Result<Option<RowKey>, StoreError> {
    let Some((anchor, mut end)) = anchors
        .at_offset(offset)
        .and_then(|anchor| Some((anchor, anchor.offset?)))
    else {
        return Ok(None);
    };
    let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
    let mut found = None;
    K::each(store, system, start, Texts::Beginnings, cancel, &mut |row| {
        let row = row.row(row.key());
        end += row.json_bytes() + 1;
        if offset < end {
            found = Some(row.key().clone());
            return Step::Stop;
        }
        Step::Next
    })?;
    Ok(found)
}
