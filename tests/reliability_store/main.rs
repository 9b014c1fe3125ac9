//! What store, credentials, wire and journal promise, as figures: counts, bytes, requests and locks in their quick size
//! on every run, larger with `CATSEYE_FULL=1`, which `full.py` beside this file sets and takes the times of.
//!
//! Every random test says its seed; `CATSEYE_SEED` sets another one. The figures' names are those of
//! `assets/reliability.md`.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step fails the test"
)]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases, and tests that are read from top to bottom"
)]

mod cuts;
mod dice;
mod disk;
mod fuzz;
mod kills;
mod mutants;
mod place;
mod presses;
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
