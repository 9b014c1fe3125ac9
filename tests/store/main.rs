//! The store as an outside caller reads it: opening in any state, windows, search, the audit (reference 3.5).
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "../support/store.rs"]
mod support;

mod audit;
mod joins;
mod open;
mod rows;
mod windows;
