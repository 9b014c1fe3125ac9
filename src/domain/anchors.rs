//! Sparse places in a long table, so that any row number is a short walk away and nobody counts from the start.

use super::window::RowKey;

/// A row whose place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// How many rows of the table are published before it.
    pub ordinal: u64,
    /// The row.
    pub key: RowKey,
    /// Where its first byte stands in the body; `None` when there is no body, because a row is invalid.
    pub offset: Option<u64>,
}

/// Known places of one table in publish order, at most [`MAX_ANCHORS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    places: Vec<Anchor>,
    /// Every so many anchors that are offered one is kept.
    stride: usize,
    /// Anchors offered since the last one that was kept.
    skipped: usize,
}

/// The known places of both tables, as of one audit pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowAnchors {
    /// Of the issues of the system that is published.
    pub issues: Anchors,
    /// Of all mappings.
    pub mappings: Anchors,
}

/// Most places that are kept: behind that every second one is let go.
pub const MAX_ANCHORS: usize = 4_096;

impl Anchors {
    /// Takes in a place behind all others.
    pub fn push(&mut self, anchor: Anchor) {
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        self.places.push(anchor);
        if self.places.len() > MAX_ANCHORS {
            let mut odd = false;
            self.places.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride = self.stride.max(1) * 2;
        }
    }

    /// The last known place at or before a row number.
    pub fn before(&self, ordinal: u64) -> Option<&Anchor> {
        let behind = self.places.partition_point(|anchor| anchor.ordinal <= ordinal);
        self.places.get(behind.checked_sub(1)?)
    }

    /// The first known place at or behind a row number.
    pub fn behind(&self, ordinal: u64) -> Option<&Anchor> {
        let from = self.places.partition_point(|anchor| anchor.ordinal < ordinal);
        self.places.get(from)
    }

    /// The last known place at or before a row.
    pub fn before_key(&self, key: &RowKey) -> Option<&Anchor> {
        let behind = self
            .places
            .partition_point(|anchor| anchor.key.in_order(key).is_le());
        self.places.get(behind.checked_sub(1)?)
    }

    /// The last known place at or before a byte of the body.
    pub fn at_offset(&self, offset: u64) -> Option<&Anchor> {
        let behind = self
            .places
            .partition_point(|anchor| anchor.offset.is_some_and(|start| start <= offset));
        self.places.get(behind.checked_sub(1)?)
    }

    /// All known places in publish order.
    pub fn all(&self) -> &[Anchor] {
        &self.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thins_out_and_still_leads_near_every_row() {
        let mut anchors = Anchors::default();
        for ordinal in (0..1_000_000).step_by(10) {
            let key = RowKey::Integer(ordinal);
            let ordinal = ordinal.unsigned_abs();
            anchors.push(Anchor {
                ordinal,
                key,
                offset: Some(ordinal * 7),
            });
        }
        assert!(anchors.all().len() <= MAX_ANCHORS);
        let widest = anchors
            .all()
            .windows(2)
            .map(|pair| pair[1].ordinal - pair[0].ordinal);
        assert!(widest.max().unwrap() <= 10 * 64);
        let before = anchors.before(500_003).unwrap();
        assert!(before.ordinal <= 500_003 && 500_003 - before.ordinal < 640);
        let behind = anchors.behind(500_003).unwrap();
        assert!(behind.ordinal >= 500_003 && behind.ordinal - 500_003 < 640);
        let holding = anchors.at_offset(3_500_000).unwrap().ordinal;
        assert!(holding * 7 <= 3_500_000 && 3_500_000 - holding * 7 < 640 * 7);
        assert_eq!(anchors.before(0).unwrap().ordinal, 0);
        assert_eq!(Anchors::default().before(5), None);
    }
}
