//! One walk along a whole table for what a filter or an order needs: counts, sparse places, the first rows in order.

use super::StoreError;
use super::kind::{Kind, RowsOf};
use super::walk::{Anchor, Direction, Step, Texts};
use super::window::{Lens, fetch};
use crate::domain::anchors::{Anchor as Place, Anchors};
use crate::domain::filter::{Fields, Filter, first_value};
use crate::domain::sort::First;
use crate::domain::window::{Arrange, Keyed, RowKey};

/// What a whole walk found.
#[derive(Clone, Debug)]
pub struct Sifted {
    /// How many rows match.
    pub found: u64,
    /// How they are gone to.
    pub order: Order,
}

/// How the rows are gone to.
#[derive(Clone, Debug)]
pub enum Order {
    /// In publish order, by sparse places.
    Publish(Anchors),
    /// In another order: the first rows.
    Kept(Vec<RowKey>),
}

/// How far a walk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub read: u64,
    /// Rows that match.
    pub found: u64,
}

/// Every so many rows that are read the place of one is kept.
const ANCHOR_ROWS: u64 = 1_024;
/// Progress is told this often, in rows.
const TELL_EVERY: u64 = 2_000;
/// Rows that are joined at a time.
const BATCH: usize = 1_000;

struct Sieve<'a> {
    arrange: &'a Arrange,
    progress: Progress,
    anchors: Anchors,
    first: Option<First>,
}

impl Sieve<'_> {
    fn read(&mut self, key: impl FnOnce() -> RowKey, tell: &mut dyn FnMut(Progress)) {
        if self.first.is_none() && self.progress.read.is_multiple_of(ANCHOR_ROWS) {
            self.anchors.push(Place {
                ordinal: self.progress.found,
                key: key(),
                offset: None,
            });
        }
        self.progress.read += 1;
        if self.progress.read.is_multiple_of(TELL_EVERY) {
            tell(self.progress);
        }
    }

    fn look(&mut self, row: &dyn Fields, key: impl FnOnce() -> RowKey) {
        if self
            .arrange
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.matches(row))
        {
            return;
        }
        self.progress.found += 1;
        if let (Some(first), Some(sort)) = (&mut self.first, self.arrange.sort) {
            first.offer(first_value(row, sort.field).as_deref(), key);
        }
    }
}

impl<K: Kind> RowsOf<'_, K> {
    /// Reads all rows for what a filter or an order needs.
    pub fn sift(&self, arrange: &Arrange, progress: &mut dyn FnMut(Progress)) -> Result<Sifted, StoreError> {
        let mut sieve = Sieve {
            arrange,
            progress: Progress::default(),
            anchors: Anchors::default(),
            first: arrange.sort.map(First::new),
        };
        if arrange.filter.as_ref().is_some_and(Filter::needs_join) {
            self.sift_joined(&mut sieve, progress)?;
        } else {
            let start = (Direction::Forward, Anchor::Edge);
            self.each(start, Texts::Whole, &mut |row| {
                sieve.read(|| row.key(), progress);
                row.look(&mut |fields| sieve.look(fields, || row.key()));
                Step::Next
            })?;
        }
        Ok(Sifted {
            found: sieve.progress.found,
            order: match sieve.first {
                Some(first) => Order::Kept(first.finish()),
                None => Order::Publish(sieve.anchors),
            },
        })
    }

    /// The same batch by batch, each joined before the filter decides.
    fn sift_joined(
        &self,
        sieve: &mut Sieve<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        let mut anchor = Anchor::Edge;
        loop {
            let batch = fetch(self, &Lens::default(), (Direction::Forward, anchor), BATCH)?;
            for row in &batch.rows {
                sieve.read(|| row.key().clone(), progress);
                sieve.look(row, || row.key().clone());
            }
            match batch.rows.last() {
                Some(last) if batch.more => anchor = Anchor::Past(last.key().clone()),
                _ => return Ok(()),
            }
        }
    }
}
