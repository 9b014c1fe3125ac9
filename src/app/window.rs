//! A window of a table: some pages of rows around a cursor, extended at its edges and cut at the far side, so that
//! a table of any length costs the same. The cursor stays on its row, not on its number.

use super::effect::{Effect, Generation};
use crate::domain::window::{Arrange, Keyed, Page, PageFrom, RowKey};

/// Most rows that a window holds.
pub const MAX_ROWS: usize = 1024;
/// Most bytes that the JSON of its rows may take: of rows with long texts it holds fewer.
const MAX_BYTES: usize = 8 << 20;

/// The whole table being read for a filter or an order.
#[derive(Debug)]
pub struct Sifting {
    /// The request.
    pub generation: Generation,
    /// Rows read so far.
    pub read: u64,
    /// Rows that match so far.
    pub found: u64,
    /// What comes into force with its end, when it could not before.
    pub then: Option<Arrange>,
}

/// How many rows a filter or an order has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Rows that match.
    pub rows: u64,
    /// How many rows were read when the count was stopped; `None` when all were.
    pub stopped_at: Option<u64>,
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
    /// What the rows are picked and ordered by.
    pub arrange: Arrange,
    /// The whole table being read for that.
    pub sifting: Option<Sifting>,
    /// What came of it.
    pub found: Option<Found>,
    /// How many rows the walk to the awaited page has passed.
    pub passed: Option<u64>,
    /// The rows at hand are to be read again for their numbers.
    pub renumber: bool,
    /// No further rows are looked for until the cursor moves.
    stopped: bool,
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
            arrange: Arrange::default(),
            sifting: None,
            found: None,
            passed: None,
            renumber: false,
            stopped: false,
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

    /// How many rows the list has: of the table's, those that the filter matches.
    pub fn total(&self, all: Option<u64>) -> Option<u64> {
        match (&self.arrange.filter, self.found) {
            (None, _) => all,
            (
                Some(_),
                Some(Found {
                    rows,
                    stopped_at: None,
                }),
            ) => Some(rows),
            (Some(_), _) => None,
        }
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Whether this answer is awaited.
    pub fn awaits(&self, generation: Generation) -> bool {
        self.awaited
            .as_ref()
            .is_some_and(|(awaited, _)| *awaited == generation)
    }

    /// Whether this reading of the whole table is under way.
    pub fn sifts(&self, generation: Generation) -> bool {
        self.sifting
            .as_ref()
            .is_some_and(|sifting| sifting.generation == generation)
    }

    /// Moves the cursor along the rows at hand.
    pub fn move_by(&mut self, delta: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(delta).min(last);
        self.stopped = false;
    }

    /// Puts the cursor on a row, if it is at hand.
    pub fn select(&mut self, key: &RowKey) -> bool {
        let found = self.rows().iter().position(|row| row.key() == key);
        self.cursor = found.unwrap_or(self.cursor);
        found.is_some()
    }

    /// Puts the cursor on the row with this number, if it is at hand.
    pub fn select_number(&mut self, number: u64) -> bool {
        let place = self.rows_before.and_then(|before| number.checked_sub(before));
        let place = place.and_then(|place| usize::try_from(place).ok());
        let found = place.filter(|place| *place < self.rows().len());
        self.cursor = found.unwrap_or(self.cursor);
        found.is_some()
    }

    /// Which page should be fetched so that `margin` rows on both sides of the cursor are at hand.
    pub fn wanted(&mut self, margin: usize) -> Option<PageFrom> {
        if self.is_waiting() || self.trouble.is_some() || self.stopped {
            return None;
        }
        if self.page.is_some() && std::mem::take(&mut self.renumber) {
            return Some(self.refresh());
        }
        let Some(page) = &self.page else {
            return Some(self.at_aim());
        };
        if page.more_after && self.cursor + margin >= page.rows.len() {
            return Some(page.next().unwrap_or(PageFrom::Start));
        }
        let first = page.first_seen.as_ref().or(page.rows.first().map(Keyed::key));
        if page.more_before && self.cursor < margin {
            // Without a row to start from all rows behind some place have gone.
            return Some(first.map_or(PageFrom::End, |key| PageFrom::Before(key.clone())));
        }
        None
    }

    /// Notes that a page was asked for; answers to earlier requests no longer count.
    pub fn await_page(&mut self, generation: Generation, from: PageFrom) {
        self.awaited = Some((generation, from));
        self.trouble = None;
        self.passed = None;
        self.stopped = false;
    }

    /// Where to read again after the store may have changed: the same rows, the cursor on the same row.
    pub fn refresh(&mut self) -> PageFrom {
        self.aim_at_current();
        match self.rows().first() {
            Some(first) => PageFrom::At(first.key().clone()),
            None => self.at_aim(),
        }
    }

    /// Has the cursor stay on its row; without one on the row that it was to go to.
    fn aim_at_current(&mut self) {
        self.aim = self.current().map(|row| row.key().clone()).or(self.aim.take());
    }

    /// Where to read for the row that the cursor is to go to.
    fn at_aim(&self) -> PageFrom {
        self.aim.clone().map_or(PageFrom::Start, PageFrom::At)
    }

    /// Where to read so that the cursor can go to a row that may not be at hand.
    pub fn jump(&mut self, key: RowKey) -> PageFrom {
        self.aim = Some(key.clone());
        PageFrom::At(key)
    }

    /// Lets the rows go, for others around the same one.
    pub fn reopen(&mut self, arrange: Arrange) -> PageFrom {
        self.aim_at_current();
        self.arrange = arrange;
        (self.page, self.cursor, self.rows_before) = (None, 0, None);
        self.at_aim()
    }

    /// Stops looking for rows; has the work stopped that is no longer needed.
    pub fn stop(&mut self) -> Vec<Effect> {
        let mut stopped = Vec::new();
        if let Some(sifting) = self.sifting.take() {
            let generation = sifting.generation;
            stopped.push(Effect::Stop { generation });
            if sifting.then.is_none() {
                self.found = Some(Found {
                    rows: sifting.found,
                    stopped_at: Some(sifting.read),
                });
            }
        }
        let looks_far = self.passed.is_some() || self.arrange.filter.is_some();
        if let Some((generation, _)) = self.awaited.take_if(|_| looks_far) {
            stopped.push(Effect::Stop { generation });
            self.stopped = true;
        }
        self.passed = None;
        stopped
    }

    /// Takes an answer; stale ones are dropped.
    pub fn receive(&mut self, generation: Generation, result: Result<Page<T>, String>) {
        let Some((_, from)) = self.awaited.take_if(|(awaited, _)| *awaited == generation) else {
            return;
        };
        self.passed = None;
        match result {
            Ok(page) => self.merge(&from, page),
            Err(reason) => self.trouble = Some(reason),
        }
    }

    fn merge(&mut self, from: &PageFrom, new: Page<T>) {
        let count = new.rows.len();
        match (from, &mut self.page) {
            (PageFrom::After(_), Some(page)) => {
                let known = new
                    .rows_before
                    .map(|before| before.saturating_sub(page.rows.len() as u64));
                self.rows_before = self.rows_before.or(known.filter(|_| count > 0));
                page.rows.extend(new.rows);
                page.more_after = new.more_after;
                page.last_seen = new.last_seen;
                self.trim_front();
            }
            (PageFrom::Before(_), Some(page)) => {
                let counted = self.rows_before.map(|before| before.saturating_sub(count as u64));
                self.rows_before = new.rows_before.filter(|_| count > 0).or(counted);
                page.rows.splice(0..0, new.rows);
                page.more_before = new.more_before;
                page.first_seen = new.first_seen;
                self.cursor = (self.cursor + count).min(page.rows.len().saturating_sub(1));
                self.trim_back();
            }
            _ => self.replace(from, new),
        }
        let at_start = self.page.as_ref().is_some_and(|page| !page.more_before);
        if at_start {
            self.rows_before = Some(0);
        }
    }

    /// Lets rows before the cursor go when there are too many.
    fn trim_front(&mut self) {
        let Some(page) = &mut self.page else { return };
        let (mut bytes, mut excess) = (page.rows.iter().map(Keyed::bytes).sum::<usize>(), 0);
        while excess < self.cursor && (page.rows.len() - excess > MAX_ROWS || bytes > MAX_BYTES) {
            bytes -= page.rows[excess].bytes();
            excess += 1;
        }
        if excess > 0 {
            page.rows.drain(..excess);
            page.more_before = true;
            page.first_seen = page.rows.first().map(|row| row.key().clone());
            self.cursor -= excess;
            self.rows_before = self.rows_before.map(|before| before + excess as u64);
        }
    }

    /// Lets rows behind the cursor go when there are too many.
    fn trim_back(&mut self) {
        let Some(page) = &mut self.page else { return };
        let mut bytes: usize = page.rows.iter().map(Keyed::bytes).sum();
        let mut keep = page.rows.len();
        while keep > self.cursor + 1 && (keep > MAX_ROWS || bytes > MAX_BYTES) {
            keep -= 1;
            bytes -= page.rows[keep].bytes();
        }
        if keep < page.rows.len() {
            page.rows.truncate(keep);
            page.more_after = true;
            page.last_seen = page.rows.last().map(|row| row.key().clone());
        }
    }

    fn replace(&mut self, from: &PageFrom, new: Page<T>) {
        let last = new.rows.len().saturating_sub(1);
        let aim = self.aim.take();
        let target = match from {
            PageFrom::At(at) => match aim {
                Some(aim) => match new.rows.iter().position(|row| *row.key() == aim) {
                    Some(found) => found,
                    None if aim == *at => 0,
                    // The page did not get as far as the row.
                    None if new.more_after => {
                        (self.page, self.aim) = (None, Some(aim));
                        return;
                    }
                    // A row that went away leaves the cursor where it was.
                    None => self.cursor,
                },
                None => 0,
            },
            PageFrom::End => last,
            PageFrom::Row(number) if new.rows_before != Some(*number) => last,
            _ => 0,
        };
        self.rows_before = new.rows_before;
        self.cursor = target.min(last);
        self.page = Some(new);
    }
}
