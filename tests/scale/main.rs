//! Large stores: the fast path beside the readable one, bounded memory, bounded locks, work that fits the screen.
//! Times are for `tests/scale/bench.py`.
// It fills disks and limits memory.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod body;
mod recipe;
mod rewriting;
