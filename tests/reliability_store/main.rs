//! The figures of `assets/reliability.md` about store, credentials, wire and journal, in their quick size.
//! `CATSEYE_RELIABILITY=full` makes them the full size, `/8` an eighth of it, `CATSEYE_SEED` another run; each prints
//! what it did, for `tests/reliability/full.py`, which takes the times as well.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step fails the test"
)]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases, and tests that are read from top to bottom"
)]

mod cuts;
#[path = "../support/dice.rs"]
mod dice;
mod disk;
mod fuzz;
mod kills;
mod mutants;
mod place;
mod presses;
#[path = "../support/project.rs"]
#[expect(dead_code, reason = "the tests of the commands use the rest")]
mod project;
#[path = "../support/pty.rs"]
#[expect(dead_code, reason = "the tests of the terminal use the rest")]
mod pty;
mod snapshots;
mod stale_keys;
mod states;
#[path = "../support/store.rs"]
#[expect(dead_code, reason = "the tests of the store use the rest")]
mod store_support;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of the wire use the rest")]
mod support;
mod torn;
mod untouched;
mod watched;
mod wire;
mod writers;
mod yaml_truth;
