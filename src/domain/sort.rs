//! Sorting a long table without holding it: the first rows are kept, the others only counted.

use std::collections::BinaryHeap;

use super::filter::Field;
use super::window::RowKey;

/// By which field, and which way. Rows without a value come last either way; equal ones stay in publish order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The field.
    pub field: Field,
    /// The greatest first.
    pub descending: bool,
}

/// Most rows that are kept in order.
pub const KEPT: usize = 10_000;

/// Values count up to so many bytes.
const MAX_VALUE: usize = 64;
/// Most bytes that the kept rows' identities may take: with huge ones fewer rows are kept.
const MAX_BYTES: usize = 8 << 20;

/// Collects the first rows in some order.
#[derive(Debug)]
pub struct First {
    sort: Sort,
    heap: BinaryHeap<Ranked>,
    /// Bytes of the kept rows' identities.
    bytes: usize,
    /// The first row that was let go: what comes behind it is not kept either.
    limit: Option<Place>,
    offered: u64,
}

/// A kept row; the greatest is the first to go.
#[derive(Debug, PartialEq, Eq)]
struct Ranked {
    place: Place,
    key: RowKey,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    missing: bool,
    value: Vec<u8>,
    number: u64,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place.cmp(&other.place)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl First {
    /// Nothing yet.
    pub fn new(sort: Sort) -> Self {
        Self {
            sort,
            heap: BinaryHeap::new(),
            bytes: 0,
            limit: None,
            offered: 0,
        }
    }

    /// Takes in the next row in publish order.
    pub fn offer(&mut self, value: Option<&str>, key: impl FnOnce() -> RowKey) {
        let place = Place {
            missing: value.is_none(),
            value: sort_value(value.unwrap_or_default(), self.sort.descending),
            number: self.offered,
        };
        self.offered += 1;
        if self.limit.as_ref().is_some_and(|limit| *limit < place) {
            return;
        }
        let key = key();
        self.bytes += key.bytes();
        self.heap.push(Ranked { place, key });
        while self.heap.len() > KEPT || self.bytes > MAX_BYTES {
            let Some(last) = self.heap.pop() else { break };
            self.bytes -= last.key.bytes();
            self.limit = Some(last.place);
        }
    }

    /// The first rows in order.
    pub fn finish(self) -> Vec<RowKey> {
        let rows = self.heap.into_sorted_vec();
        rows.into_iter().map(|ranked| ranked.key).collect()
    }
}

/// Bytes that compare as people expect: case does not matter, and `ACME-9` comes before `ACME-10`.
fn sort_value(text: &str, descending: bool) -> Vec<u8> {
    let text = text[..text.floor_char_boundary(MAX_VALUE * 2)].to_lowercase();
    let bytes = text.as_bytes();
    let mut value = Vec::new();
    let mut at = 0;
    while at < bytes.len() && value.len() < MAX_VALUE {
        if !bytes[at].is_ascii_digit() {
            value.push(bytes[at]);
            at += 1;
            continue;
        }
        let digits = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = &bytes[at..at + digits];
        let zeros = number.iter().take_while(|byte| **byte == b'0').count();
        let number = &number[zeros.min(digits - 1)..];
        // A longer number is a greater one; the `0` keeps numbers where digits stand among other characters.
        value.push(b'0');
        value.push(u8::try_from(number.len()).unwrap_or(u8::MAX));
        value.extend_from_slice(number);
        at += digits;
    }
    value.truncate(MAX_VALUE);
    if descending {
        for byte in &mut value {
            *byte = !*byte;
        }
        value.push(u8::MAX);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(values: &[Option<&str>], descending: bool) -> Vec<i64> {
        let mut first = First::new(Sort {
            field: Field::Key,
            descending,
        });
        for (number, value) in (0..).zip(values) {
            first.offer(*value, || RowKey::Integer(number));
        }
        let number = |key: RowKey| match key {
            RowKey::Integer(number) => number,
            other => panic!("{other:?}"),
        };
        first.finish().into_iter().map(number).collect()
    }

    #[test]
    fn numbers_in_keys_count_as_numbers_and_rows_without_a_value_come_last() {
        let values = [
            Some("ACME-10"),
            None,
            Some("acme-9"),
            Some("ACME-09"),
            Some("B"),
            Some(""),
        ];
        assert_eq!(sorted(&values, false), [5, 2, 3, 0, 4, 1]);
        assert_eq!(sorted(&values, true), [4, 0, 2, 3, 5, 1]);
        assert_eq!(sorted(&[Some("a"), Some("ab"), Some("aB")], true), [1, 2, 0]);
    }

    #[test]
    fn no_more_than_the_first_rows_are_kept() {
        let sort = Sort {
            field: Field::Key,
            descending: true,
        };
        let mut first = First::new(sort);
        for number in 0..50_000 {
            first.offer(Some(&number.to_string()), || RowKey::Integer(number));
            assert!(first.heap.len() <= KEPT);
        }
        let kept = first.finish();
        assert_eq!((kept.len(), &kept[0]), (KEPT, &RowKey::Integer(49_999)));
        assert_eq!(kept[KEPT - 1], RowKey::Integer(40_000));
    }
}
