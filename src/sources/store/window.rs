//! Windows of rows: from any place, through a filter or along kept places, each a short walk of its own.

use super::StoreError;
use super::kind::{Kind, RowsOf, Shown, Stored};
use super::places::{number_of, row_at, total};
use super::walk::{Anchor, Direction, Step, Texts};
use crate::domain::anchors::Anchors;
use crate::domain::filter::Filter;
use crate::domain::window::{Keyed, Page, PageFrom, RowKey};

/// What a table is looked at through. The default shows all rows, with no place known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lens<'a> {
    /// Only rows that it matches.
    pub filter: Option<&'a Filter>,
    /// Known places of the rows that are seen.
    pub anchors: Option<&'a Anchors>,
    /// How many rows are seen, when that is known.
    pub total: Option<u64>,
    /// How much of long texts the rows are to have.
    pub texts: Texts,
}

impl Lens<'_> {
    pub(super) fn shows<Row>(&self, row: &dyn Stored<Row>) -> bool {
        let mut shown = true;
        if let Some(filter) = self.filter {
            row.look(&mut |fields| shown = filter.matches_before_join(fields));
        }
        shown
    }
}

/// Rows in the order of the walk, and whether there are more.
pub(super) struct Fetched<T> {
    pub(super) rows: Vec<T>,
    pub(super) more: bool,
    /// The last row that was looked at through a filter.
    pub(super) last_seen: Option<RowKey>,
    looked: u64,
    bytes: u64,
}

/// Most rows that one page looks at through a filter: what it found is shown before the next one looks further.
const MAX_LOOKED: u64 = 8_000;
/// Most bytes that the JSON of a page's rows takes, unless the first alone takes more.
const MAX_PAGE_BYTES: u64 = 4 << 20;

impl<T> Fetched<T> {
    fn is_full(&self, limit: usize) -> bool {
        self.rows.len() >= limit
            || self.bytes >= MAX_PAGE_BYTES && !self.rows.is_empty()
            || self.looked >= MAX_LOOKED
    }
}

/// Walks until there are enough rows, or enough were looked at.
pub(super) fn fetch<K: Kind>(
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    start: (Direction, Anchor),
    limit: usize,
) -> Result<Fetched<K::Row>, StoreError> {
    let mut fetched = Fetched {
        rows: Vec::new(),
        more: false,
        last_seen: None,
        looked: 0,
        bytes: 0,
    };
    let mut last: Option<RowKey> = None;
    let texts = match lens.filter {
        // A filter looks at whole texts.
        Some(_) => Texts::Whole,
        None if limit == 0 => Texts::Unread,
        None => lens.texts,
    };
    rows.each(start, texts, &mut |row| {
        let key = row.key();
        // Rows that share an identity stay together: the key alone could not lead between them.
        if fetched.is_full(limit) && last.as_ref().is_none_or(|last| *last != key) {
            fetched.more = true;
            return Step::Stop;
        }
        last = Some(key.clone());
        fetched.looked += u64::from(lens.filter.is_some());
        if lens.shows(row) {
            let row = row.row(key);
            fetched.bytes += row.json_bytes();
            fetched.rows.push(row);
        }
        Step::Next
    })?;
    if lens.filter.is_some() {
        fetched.last_seen = last;
    }
    K::join(rows, &mut fetched.rows)?;
    if let Some(filter) = lens.filter.filter(|filter| filter.needs_join()) {
        fetched.rows.retain(|row| filter.matches(row));
    }
    Ok(fetched)
}

impl<K: Kind> RowsOf<'_, K> {
    /// One row, if it still exists.
    pub fn row(&self, key: &RowKey) -> Result<Option<K::Row>, StoreError> {
        let at = PageFrom::At(key.clone());
        let page = self.window(&Lens::default(), at, 1, &mut |_| {})?;
        Ok(page.rows.into_iter().find(|row| row.key() == key))
    }

    /// A window of the rows that a lens shows: walks from where it starts, then asks what lies on its other side.
    /// `passed` hears how many rows a far walk has passed.
    pub fn window(
        &self,
        lens: &Lens<'_>,
        from: PageFrom,
        limit: usize,
        passed: &mut dyn FnMut(u64),
    ) -> Result<Page<K::Row>, StoreError> {
        let (from, number) = resolve(self, lens, from, passed)?;
        let (direction, anchor) = match from {
            PageFrom::After(key) => (Direction::Forward, Anchor::Past(key)),
            PageFrom::At(key) => (Direction::Forward, Anchor::At(key)),
            PageFrom::Before(key) => (Direction::Backward, Anchor::Past(key)),
            PageFrom::End => (Direction::Backward, Anchor::Edge),
            PageFrom::Start | PageFrom::Row(_) | PageFrom::Percent(_) => (Direction::Forward, Anchor::Edge),
        };
        let mut fetched = fetch(self, lens, (direction, anchor.clone()), limit)?;
        // Any row there may be one that the filter matches: whoever wants to know looks there.
        let all = Lens {
            filter: None,
            ..*lens
        };
        let behind = match (&anchor, fetched.rows.first()) {
            (Anchor::Edge, _) => None,
            (Anchor::At(key), _) if lens.filter.is_some() => Some(Anchor::Past(key.clone())),
            (Anchor::Past(key), _) if lens.filter.is_some() => Some(Anchor::At(key.clone())),
            (_, Some(first)) => Some(Anchor::Past(first.key().clone())),
            (Anchor::Past(key), None) => Some(Anchor::At(key.clone())),
            (Anchor::At(key), None) => Some(Anchor::Past(key.clone())),
        };
        let more_behind = match behind {
            Some(behind) => fetch(self, &all, (direction.reversed(), behind), 0)?.more,
            None => false,
        };
        let started_at = match (anchor, lens.filter) {
            (Anchor::At(key) | Anchor::Past(key), Some(_)) => Some(key),
            _ => None,
        };
        if direction == Direction::Backward {
            fetched.rows.reverse();
        }
        let (more_before, more_after, first_seen, last_seen) = match direction {
            Direction::Forward => (more_behind, fetched.more, started_at, fetched.last_seen),
            Direction::Backward => (fetched.more, more_behind, fetched.last_seen, started_at),
        };
        let rows_before = match (number, fetched.rows.first(), lens.anchors) {
            _ if !more_before => Some(0),
            (Some(number), _, _) => Some(number),
            (None, Some(first), Some(anchors)) => number_of(self, lens, anchors, first.key())?,
            _ => None,
        };
        Ok(Page {
            rows: fetched.rows,
            more_before,
            more_after,
            first_seen,
            last_seen,
            rows_before,
        })
    }

    /// A window along places that were kept in another order; rows that have gone are left out, and of long texts only
    /// the beginnings are there.
    pub fn kept(&self, keys: &[RowKey], from: &PageFrom, limit: usize) -> Result<Page<K::Row>, StoreError> {
        let rank = |key: &RowKey| keys.iter().position(|kept| kept == key);
        let last = keys.len().saturating_sub(1);
        let (start, end) = match from {
            PageFrom::Start => (0, limit),
            PageFrom::End => (keys.len().saturating_sub(limit), keys.len()),
            PageFrom::After(key) => rank(key).map_or((0, limit), |at| (at + 1, at + 1 + limit)),
            PageFrom::At(key) => rank(key).map_or((0, limit), |at| (at, at + limit)),
            PageFrom::Before(key) => rank(key).map_or((0, limit), |at| (at.saturating_sub(limit), at)),
            PageFrom::Row(number) => {
                let at = usize::try_from(*number).unwrap_or(usize::MAX).min(last);
                (at, at + limit)
            }
            PageFrom::Percent(percent) => {
                let at = usize::try_from(part(keys.len() as u64, *percent)).unwrap_or_default();
                (at, at + limit)
            }
        };
        let end = end.min(keys.len());
        let start = start.min(end);
        let mut rows: Vec<K::Row> = Vec::new();
        for key in &keys[start..end] {
            let at = (Direction::Forward, Anchor::At(key.clone()));
            let mut found = false;
            self.each(at, Texts::Beginnings, &mut |row| {
                if row.key() != *key || found {
                    return Step::Stop;
                }
                found = true;
                rows.push(row.row(key.clone()));
                Step::Next
            })?;
        }
        K::join(self, &mut rows)?;
        Ok(Page {
            first_seen: keys.get(start).cloned(),
            last_seen: end.checked_sub(1).and_then(|last| keys.get(last).cloned()),
            rows,
            more_before: start > 0,
            more_after: end < keys.len(),
            rows_before: Some(start as u64),
        })
    }
}

/// A row number as a place in the table, with the number that the place has.
fn resolve<K: Kind>(
    rows: &RowsOf<'_, K>,
    lens: &Lens<'_>,
    from: PageFrom,
    passed: &mut dyn FnMut(u64),
) -> Result<(PageFrom, Option<u64>), StoreError> {
    let number = match from {
        PageFrom::Row(number) => number,
        PageFrom::Percent(percent) => {
            let total = match lens.total {
                Some(total) => total,
                None => total(rows, lens, passed)?,
            };
            part(total, percent)
        }
        other => return Ok((other, None)),
    };
    let known = Lens {
        total: lens.total.filter(|total| number < *total),
        ..*lens
    };
    let key = row_at(rows, &known, number, passed)?;
    Ok(key.map_or((PageFrom::End, None), |key| (PageFrom::At(key), Some(number))))
}

/// The number of the row at this part of the table.
fn part(total: u64, percent: u8) -> u64 {
    let last = u128::from(total.saturating_sub(1));
    u64::try_from(last * u128::from(percent.min(100)) / 100).unwrap_or_default()
}
