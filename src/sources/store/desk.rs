//! Which thread reads which rows: ranges of identities are taken one after the other and handed over in that order.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::audit::Halt;
use super::issue_walk::Mark;
use super::walk::{Anchor, Direction};
use crate::domain::window::RowKey;

/// How many ranges beyond the one that is handed over may be taken.
const AHEAD: u64 = 6;
/// Rows between two identities.
pub(super) struct Range {
    pub(super) number: u64,
    pub(super) start: Mark,
    /// The last identity, itself included.
    pub(super) until: Option<RowKey>,
}

/// Where ranges are taken, and where their turn is waited for.
pub(super) struct Desk {
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    /// Where the next range starts.
    from: Mark,
    scout: Scout,
    /// Where the next ranges end, as far as they are known.
    ends: VecDeque<RowKey>,
    next: u64,
    /// The range that is handed over.
    turn: u64,
    stopped: bool,
    /// Buffers to be used again.
    buffers: Vec<Vec<u8>>,
}

/// Who looks for the ends of ranges. One thread does it for all before it reads rows: the index is read so much
/// faster than rows are that the others need not wait, and from then on it is known how many ranges there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scout {
    /// Whoever takes a range.
    Nobody,
    /// One thread, which is not through yet.
    AtWork,
    /// One thread, and all ends are known.
    Done,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                from: Mark::new(Anchor::Edge, Direction::Forward),
                scout: Scout::Nobody,
                ends: VecDeque::new(),
                next: 0,
                turn: 0,
                stopped: false,
                buffers: Vec::new(),
            }),
            moved: Condvar::new(),
        }
    }
}

impl Desk {
    /// The range that is handed over.
    pub(super) fn turn(&self) -> u64 {
        self.lock().turn
    }

    /// One thread will look for the ends of ranges.
    pub(super) fn expect_scout(&self) {
        self.lock().scout = Scout::AtWork;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, mut condition: impl FnMut(&State) -> bool) -> MutexGuard<'_, State> {
        let waiting = |state: &mut State| !state.stopped && condition(state);
        let guard = self.moved.wait_while(self.lock(), waiting);
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the ends of all ranges.
    pub(super) fn scout(
        &self,
        mut end_of_range: impl FnMut(&Mark) -> Result<Option<RowKey>, Halt>,
    ) -> Result<(), Halt> {
        let mut from = self.lock().from.clone();
        loop {
            let end = end_of_range(&from)?;
            let mut state = self.lock();
            if let Some(end) = &end {
                state.ends.push_back(end.clone());
            } else {
                state.scout = Scout::Done;
            }
            let stopped = state.stopped;
            drop(state);
            self.moved.notify_all();
            match end {
                Some(end) if !stopped => from = Mark::Past(end),
                _ => return Ok(()),
            }
        }
    }

    /// How many per cent of the ranges have been handed over.
    pub(super) fn percent(&self) -> Option<u8> {
        let state = self.lock();
        let rest = state.ends.len() as u64 + u64::from(!matches!(state.from, Mark::Done));
        let percent = (state.turn * 100).checked_div(state.next + rest)?;
        u8::try_from(percent).ok().filter(|_| state.scout == Scout::Done)
    }

    /// Takes the next range, waiting as long as it would be too far ahead of the one that is handed over, or as its
    /// end is looked for.
    pub(super) fn claim(
        &self,
        end_of_range: impl FnOnce(&Mark) -> Result<Option<RowKey>, Halt>,
    ) -> Result<Option<Range>, Halt> {
        let mut state = self.wait_while(|state| {
            let unknown = state.scout == Scout::AtWork && state.ends.is_empty();
            unknown || state.next - state.turn > AHEAD
        });
        if state.stopped || matches!(state.from, Mark::Done) {
            return Ok(None);
        }
        // The rows without an identity come first and go with the first range.
        let until = match state.ends.pop_front() {
            None if state.scout == Scout::Nobody => end_of_range(&state.from)?,
            known => known,
        };
        let beyond = until.clone().map_or(Mark::Done, Mark::Past);
        let start = std::mem::replace(&mut state.from, beyond);
        let number = state.next;
        state.next += 1;
        Ok(Some(Range { number, start, until }))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self.lock().from, Mark::Done)
    }

    /// Waits for a range's turn; false when everybody shall stop.
    pub(super) fn wait_for(&self, range: u64) -> bool {
        !self.wait_while(|state| state.turn != range).stopped
    }

    pub(super) fn advance(&self, turn: u64) {
        self.lock().turn = turn;
        self.moved.notify_all();
    }

    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.moved.notify_all();
    }

    pub(super) fn buffer(&self) -> Vec<u8> {
        self.lock().buffers.pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, buffer: Vec<u8>) {
        self.lock().buffers.push(buffer);
    }
}

/// Lets everybody go when one of them panics: nobody would deliver what the others wait for.
pub(super) struct StopOnPanic<'a>(pub(super) &'a Desk);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
