//! The commands of the built binary: exit codes, what goes where, and what never gets out.
// Its worlds have programs that are shell scripts.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step fails the test"
)]

mod diagnose;
mod docs;
mod exit_codes;
mod first_minute;
mod help;
mod manual;
#[path = "../support/project.rs"]
#[expect(dead_code, reason = "the tests of reliability use the rest")]
mod project;
mod prove;
mod publish;
mod read;
mod report;
mod schema;
mod scripts;
#[path = "../support/store.rs"]
#[expect(dead_code, reason = "the tests of the store use the rest")]
mod store_support;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of the wire use the rest")]
mod support;
mod world;
