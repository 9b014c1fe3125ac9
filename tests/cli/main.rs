//! The commands of the built binary: exit codes, what goes where, and what never gets out.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod diagnose;
mod docs;
mod exit_codes;
mod first_minute;
mod help;
mod manual;
mod prove;
mod publish;
mod read;
mod report;
mod schema;
mod scripts;
mod world;
