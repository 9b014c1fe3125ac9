//! What spec-kitty would publish and why: pure rules over parsed inputs.
//!
//! No files, clock, environment, threads, SQL or terminal here; `tests/architecture.rs` holds that.

pub mod binding;
pub mod body;
pub mod issue;
pub mod json;
pub mod node;
pub mod python;
