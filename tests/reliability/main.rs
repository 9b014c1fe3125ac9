//! The figures of `assets/reliability.md` about text, secrets, the terminal and odd sizes, in their quick size.
//! `CATSEYE_RELIABILITY=full` makes them the full size, `CATSEYE_SEED` another run; each prints what it did.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod corpus;
mod escape;
mod fuzz_text;
mod hosts;
mod secrets;
mod shell;
mod stage;
mod terminal;
