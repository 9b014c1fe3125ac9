//! Stops a transaction that runs for too long: a writer may be waiting for its lock (research/reliability.md 1.5).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How long one read transaction may take in all; a writer of spec-kitty waits for 5 seconds.
pub(super) const MOST: Duration = Duration::from_secs(2);
/// Steps of SQLite's machine between two looks at the clock. Few: a row of a hostile store may cost much in one step.
const LOOK_EVERY: i32 = 20;
/// No transaction is under way.
const NEVER: u64 = u64::MAX;

/// The moment at which the transaction under way is stopped.
#[derive(Debug)]
pub(super) struct Deadline {
    since: Instant,
    at: Arc<AtomicU64>,
}

impl Deadline {
    /// Has a connection look at this deadline while it runs statements.
    pub(super) fn of(connection: &mut Connection) -> rusqlite::Result<Self> {
        let deadline = Self {
            since: Instant::now(),
            at: Arc::new(AtomicU64::new(NEVER)),
        };
        let (since, at) = (deadline.since, Arc::clone(&deadline.at));
        connection.progress_handler(
            LOOK_EVERY,
            Some(move || millis(since.elapsed()) >= at.load(Ordering::Relaxed)),
        )?;
        Ok(deadline)
    }

    /// Begins anew: from now on.
    pub(super) fn begin(&self) {
        self.at
            .store(millis(self.since.elapsed() + MOST), Ordering::Relaxed);
    }

    /// No transaction is under way.
    pub(super) fn end(&self) {
        self.at.store(NEVER, Ordering::Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(NEVER - 1)
}
