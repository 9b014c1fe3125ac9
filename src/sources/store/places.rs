//! Row numbers: from a number to its row and back, by a short walk from the nearest known place. Rows that are passed
//! are not decoded, unless a filter must see them.

use super::StoreError;
use super::kind::{Kind, RowsOf, Shown};
use super::walk::{Anchor, Direction, Step, Texts};
use super::window::{Lens, fetch};
use crate::domain::anchors::Anchors;
use crate::domain::window::{Keyed, RowKey};

/// Further than this from the nearest known place nobody counts: the places are of an older state.
const MAX_COUNTED: u64 = 50_000;
/// Whoever waits is told this often, in rows.
const TELL_EVERY: u64 = 5_000;

/// How many rows come before this one; `None` where no known place is near.
pub(super) fn number_of<K: Kind>(
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    anchors: &Anchors,
    key: &RowKey,
) -> Result<Option<u64>, StoreError> {
    let Some(anchor) = anchors.before_key(key) else {
        return Ok(None);
    };
    let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
    let (mut passed, mut shown) = (0, 0);
    let mut reached = false;
    each_shown(rows, lens, start, &mut |row, shows| {
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
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    number: u64,
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
    each_shown(rows, lens, (direction, anchor), &mut |row, shows| {
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
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    passed: &mut dyn FnMut(u64),
) -> Result<u64, StoreError> {
    let (mut count, mut shown) = (0, 0);
    let start = (Direction::Forward, Anchor::Edge);
    each_shown(rows, lens, start, &mut |_, shows| {
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
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    (direction, mut anchor): (Direction, Anchor),
    visit: &mut dyn FnMut(&RowKey, bool) -> Step,
) -> Result<(), StoreError> {
    let Some(filter) = lens.filter.filter(|filter| filter.needs_join()) else {
        let texts = lens.filter.map_or(Texts::Unread, |_| Texts::Whole);
        return rows.each((direction, anchor), texts, &mut |row| {
            visit(&row.key(), lens.shows(row))
        });
    };
    loop {
        let batch = fetch(rows, &Lens::default(), (direction, anchor), BATCH)?;
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

impl<K: Kind> RowsOf<'_, K> {
    /// The first byte of a row in the body: the lengths of rows from the nearest known place added up.
    pub fn byte_of(&self, anchors: &Anchors, key: &RowKey) -> Result<Option<u64>, StoreError> {
        let Some((anchor, mut begin)) = anchors
            .before_key(key)
            .and_then(|anchor| Some((anchor, anchor.offset?)))
        else {
            return Ok(None);
        };
        let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
        let (mut reached, mut passed) = (false, 0);
        self.each(start, Texts::Beginnings, &mut |row| {
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

    /// The row whose bytes in the body hold this one; the comma behind a row counts as the row's.
    pub fn at_byte(&self, anchors: &Anchors, offset: u64) -> Result<Option<RowKey>, StoreError> {
        let Some((anchor, mut end)) = anchors
            .at_offset(offset)
            .and_then(|anchor| Some((anchor, anchor.offset?)))
        else {
            return Ok(None);
        };
        let start = (Direction::Forward, Anchor::At(anchor.key.clone()));
        let mut found = None;
        self.each(start, Texts::Beginnings, &mut |row| {
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
}
