//! The figures of `assets/reliability.md` about text, secrets, the terminal and odd sizes, in their quick size.
//! `CATSEYE_RELIABILITY=full` makes them the full size, `/8` an eighth of it, `CATSEYE_SEED` another run; each prints
//! what it did, for `full.py` beside this file.
// There are signals in it, a terminal's modes, and shells.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step fails the test"
)]

mod corpus;
#[path = "../support/dice.rs"]
#[expect(dead_code, reason = "the figures of the store use the rest")]
mod dice;
mod escape;
mod fuzz_text;
mod hosts;
#[path = "../support/project.rs"]
#[expect(dead_code, reason = "the tests of the commands use the rest")]
mod project;
#[path = "../support/pty.rs"]
mod pty;
mod secrets;
mod shell;
mod stage;
#[path = "../support/store.rs"]
#[expect(dead_code, reason = "the tests of the store use the rest")]
mod store_support;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of the wire use the rest")]
mod support;
mod terminal;
