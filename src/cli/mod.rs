//! The commands: one a file. Nothing here needs a terminal, and nothing here knows the inspector.

pub mod args;
pub mod check;
mod check_json;
pub mod diff;
pub mod evidence;
mod examples;
pub mod explain;
pub mod journal;
pub mod manual;
mod newer_json;
pub mod output;
pub mod paths;
pub mod payload;
pub mod prove;
pub mod publish;
pub mod report;
pub mod rows;
pub mod session;
pub mod watch;
pub mod what_if;
pub mod why;
