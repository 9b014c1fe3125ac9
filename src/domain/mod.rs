//! What spec-kitty would publish and why: pure rules over parsed inputs.
//!
//! No files, clock, environment, threads, SQL or terminal here; `tests/architecture.rs` holds that.

pub mod body;
pub mod catalogue;
pub mod endpoint;
pub mod evaluation;
pub mod finding;
pub mod issue;
pub mod journal;
pub mod json;
pub mod node;
pub mod position;
pub mod proxy;
pub mod publish;
pub mod python;
pub mod row_facts;
pub mod safe;
pub mod scope;
pub mod secret;
pub mod window;
