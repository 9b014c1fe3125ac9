//! Payloads too long to hold: the walk passes them by, and here they are read piece by piece, each piece in a short
//! transaction of its own. What cannot be cut is read whole by whoever wants the row.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use rusqlite::MAIN_DB;

use super::audit::{AuditError, Halt, OneState};
use super::rows::go_on;
use super::schema::ISSUES;
use super::{Store, StoreError};
use crate::domain::issue::cut::{Cutter, Field, Recoder};
use crate::domain::issue::{Issue, publish_text};
use crate::domain::window::LongText;

/// A payload with more bytes is long.
pub(super) const LONG: i32 = 4 << 20;
/// Bytes that are kept of a long text.
const KEPT: usize = 1 << 20;
/// Bytes that one transaction reads.
const PIECE: u64 = 4 << 20;

/// A row with a long payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LongRow {
    pub(super) rowid: i64,
    /// Of the payload.
    pub(super) bytes: u64,
}

/// A long payload, cut: a payload that can be published, and what its texts go on with.
#[derive(Debug, Default)]
pub(super) struct Cut {
    pub(super) text: String,
    /// In the order of the body.
    pub(super) rests: Vec<Rest>,
}

/// What a text goes on with in the body.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) field: Field,
    stored: Range<u64>,
    /// How long it is in the body.
    pub(super) bytes: u64,
    /// The first hidden character of the whole text.
    pub(super) hidden: Option<char>,
}

impl Cut {
    /// What the text at this path goes on with.
    pub(super) fn rest(&self, path: &str) -> Option<&Rest> {
        self.rests.iter().find(|rest| rest.field.path() == path)
    }

    /// Where its texts end in the written issue.
    pub(super) fn ends_in(&self, issue: &Issue) -> impl Iterator<Item = usize> {
        self.rests.iter().map(|rest| rest.field.end_in(issue))
    }

    /// The texts of which only the beginning is here.
    pub(super) fn long_texts(&self) -> Vec<LongText> {
        let long = |rest: &Rest| LongText {
            path: rest.field.path(),
            missing: rest.bytes,
        };
        self.rests.iter().map(long).collect()
    }
}

/// Cuts a row's payload; `None` when only the whole of it tells what is published.
pub(super) fn cut(
    store: &Store,
    state: &mut OneState<'_>,
    row: LongRow,
    cancel: &AtomicBool,
) -> Result<Option<Cut>, Halt> {
    let mut cutter = Cutter::keeping(KEPT);
    let mut whole = true;
    let read = pieces(store, state, row.rowid, 0..row.bytes, cancel, &mut |piece| {
        whole = cutter.push(piece);
        Ok(whole)
    });
    match read {
        // A column that cannot be read in pieces, or changed under the hands.
        Err(Halt::Failed(AuditError::Store(StoreError::Invalid(_)))) => return Ok(None),
        read => read?,
    }
    let cut = cutter.finish().filter(|_| whole);
    let Some((text, found)) = cut else { return Ok(None) };
    let Ok(issue) = publish_text(&text) else {
        return Ok(None);
    };
    let mut rests = Vec::new();
    for rest in found {
        let mut recoder = Recoder::behind(match rest.field {
            Field::Title => &issue.title,
            Field::Body => issue.body.as_deref().unwrap_or_default(),
            Field::Unsent => "",
        });
        let mut can_be_sent = true;
        let part = rest.stored.clone();
        pieces(store, state, row.rowid, part, cancel, &mut |piece| {
            can_be_sent = recoder.push(piece).is_some();
            Ok(can_be_sent)
        })?;
        let Some((bytes, hidden)) = recoder.finish().filter(|_| can_be_sent) else {
            return Ok(None);
        };
        if rest.field != Field::Unsent {
            rests.push(Rest {
                field: rest.field,
                stored: rest.stored,
                bytes,
                hidden,
            });
        }
    }
    Ok(Some(Cut { text, rests }))
}

/// Reads a rest again, as it stands in the body.
pub(super) fn published(
    store: &Store,
    state: &mut OneState<'_>,
    row: LongRow,
    rest: &Rest,
    cancel: &AtomicBool,
    take: &mut dyn FnMut(&str) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let mut recoder = Recoder::default();
    let part = rest.stored.clone();
    pieces(store, state, row.rowid, part, cancel, &mut |piece| {
        // It could be sent when it was cut, and has not changed since.
        let json = recoder.push(piece).ok_or(Halt::Changed)?;
        take(&json).map(|()| true)
    })
}

/// Reads a part of a payload; `take` says whether to go on.
fn pieces(
    store: &Store,
    state: &mut OneState<'_>,
    rowid: i64,
    part: Range<u64>,
    cancel: &AtomicBool,
    take: &mut dyn FnMut(&[u8]) -> Result<bool, Halt>,
) -> Result<(), Halt> {
    let mut buffer = Vec::new();
    let mut at = part.start;
    while at < part.end {
        go_on(cancel)?;
        buffer.resize(fitting(PIECE.min(part.end - at)), 0);
        state.read(store, |snapshot| {
            let blob = snapshot
                .connection
                .blob_open(MAIN_DB, ISSUES, "payload", rowid, true)?;
            Ok(blob.read_at_exact(&mut buffer, fitting(at))?)
        })?;
        if !take(&buffer)? {
            return Ok(());
        }
        at += buffer.len() as u64;
    }
    Ok(())
}

/// No payload is longer than memory can address: SQLite's own limit is 2 GiB.
fn fitting(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
