//! A window of a table: some pages of rows around a cursor, extended at its edges and cut at the far side, so that
//! a table of any length costs the same. The cursor stays on its row, not on its number.

use super::effect::Generation;
use crate::domain::window::{IssueRow, MappingRow, Page, PageFrom, RowKey};

/// Most rows that a window holds.
pub const MAX_ROWS: usize = 1024;

/// Rows that have a place in publish order.
pub trait Keyed {
    /// That place.
    fn key(&self) -> &RowKey;
}

impl Keyed for IssueRow {
    fn key(&self) -> &RowKey {
        &self.key
    }
}

impl Keyed for MappingRow {
    fn key(&self) -> &RowKey {
        &self.key
    }
}

/// The rows at hand, with a cursor.
#[derive(Debug)]
pub struct Window<T> {
    /// The rows; `None` until the first page is there.
    pub page: Option<Page<T>>,
    /// The number of the row under the cursor within the page.
    pub cursor: usize,
    /// How many rows of the table come before the page, when that is known.
    pub rows_before: Option<u64>,
    /// Why the last page did not come.
    pub trouble: Option<String>,
    awaited: Option<(Generation, PageFrom)>,
    aim: Option<RowKey>,
}

impl<T> Default for Window<T> {
    fn default() -> Self {
        Self {
            page: None,
            cursor: 0,
            rows_before: None,
            trouble: None,
            awaited: None,
            aim: None,
        }
    }
}

impl<T: Keyed> Window<T> {
    /// The rows at hand.
    pub fn rows(&self) -> &[T] {
        self.page.as_ref().map_or(&[], |page| &page.rows)
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.rows().get(self.cursor)
    }

    /// The number of the row under the cursor in the whole table, from 0, when that is known.
    pub fn ordinal(&self) -> Option<u64> {
        Some(self.rows_before? + self.cursor as u64)
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Moves the cursor within the rows at hand.
    pub fn move_by(&mut self, delta: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(delta).min(last);
    }

    /// Puts the cursor on a row, if it is at hand.
    pub fn select(&mut self, key: &RowKey) -> bool {
        let found = self.rows().iter().position(|row| row.key() == key);
        self.cursor = found.unwrap_or(self.cursor);
        found.is_some()
    }

    /// Which page should be fetched so that `margin` rows on both sides of the cursor are at hand.
    pub fn wanted(&self, margin: usize) -> Option<PageFrom> {
        if self.is_waiting() || self.trouble.is_some() {
            return None;
        }
        let Some(page) = &self.page else {
            return Some(PageFrom::Start);
        };
        if page.more_after && self.cursor + margin >= page.rows.len() {
            return page.rows.last().map(|row| PageFrom::After(row.key().clone()));
        }
        if page.more_before && self.cursor < margin {
            return page.rows.first().map(|row| PageFrom::Before(row.key().clone()));
        }
        None
    }

    /// Notes that a page was asked for; answers to earlier requests no longer count.
    pub fn await_page(&mut self, generation: Generation, from: PageFrom) {
        self.awaited = Some((generation, from));
        self.trouble = None;
    }

    /// Where to read again after the store may have changed: the same rows, the cursor on the same row.
    pub fn refresh(&mut self) -> PageFrom {
        self.aim = self.current().map(|row| row.key().clone());
        let first = self.rows().first();
        first.map_or(PageFrom::Start, |row| PageFrom::At(row.key().clone()))
    }

    /// Where to read so that the cursor can go to a row that may not be at hand.
    pub fn jump(&mut self, key: RowKey) -> PageFrom {
        self.aim = Some(key.clone());
        PageFrom::At(key)
    }

    /// Takes an answer; stale ones are dropped.
    pub fn receive(&mut self, generation: Generation, result: Result<Page<T>, String>, total: Option<u64>) {
        let Some((_, from)) = self.awaited.take_if(|(awaited, _)| *awaited == generation) else {
            return;
        };
        match result {
            Ok(page) => self.merge(&from, page, total),
            Err(reason) => self.trouble = Some(reason),
        }
    }

    fn merge(&mut self, from: &PageFrom, new: Page<T>, total: Option<u64>) {
        let count = new.rows.len();
        match (from, &mut self.page) {
            (PageFrom::After(_), Some(page)) => {
                page.rows.extend(new.rows);
                page.more_after = new.more_after;
                let excess = page.rows.len().saturating_sub(MAX_ROWS).min(self.cursor);
                page.rows.drain(..excess);
                page.more_before |= excess > 0;
                self.cursor -= excess;
                self.rows_before = self.rows_before.map(|before| before + excess as u64);
            }
            (PageFrom::Before(_), Some(page)) => {
                page.rows.splice(0..0, new.rows);
                page.more_before = new.more_before;
                self.cursor += count;
                self.rows_before = self.rows_before.map(|before| before.saturating_sub(count as u64));
                let keep = MAX_ROWS.max(self.cursor + 1);
                page.more_after |= page.rows.len() > keep;
                page.rows.truncate(keep);
            }
            _ => self.replace(from, new, total),
        }
        let at_start = self.page.as_ref().is_some_and(|page| !page.more_before);
        if at_start {
            self.rows_before = Some(0);
        }
    }

    fn replace(&mut self, from: &PageFrom, new: Page<T>, total: Option<u64>) {
        let count = new.rows.len();
        self.rows_before = match from {
            PageFrom::End => total.and_then(|total| total.checked_sub(count as u64)),
            _ => None,
        };
        let aim = self.aim.take();
        let target = match from {
            PageFrom::At(_) => Some(aim.map_or(0, |aim| {
                let found = new.rows.iter().position(|row| *row.key() == aim);
                found.unwrap_or(self.cursor)
            })),
            PageFrom::End => count.checked_sub(1),
            _ => None,
        };
        self.cursor = target.unwrap_or(0).min(count.saturating_sub(1));
        self.page = Some(new);
    }
}
