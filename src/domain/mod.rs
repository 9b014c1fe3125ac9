//! What spec-kitty would publish and why: pure rules over parsed inputs.
//!
//! No files, clock, environment, threads, SQL or terminal here; `tests/architecture.rs` holds that.

pub mod body;
pub mod catalogue;
pub mod checkpoint;
pub mod endpoint;
pub mod evaluation;
pub mod finding;
pub mod issue;
pub mod json;
pub mod mapping;
pub mod node;
pub mod position;
pub mod python;
pub mod row;
pub mod row_facts;
pub mod safe;
pub mod scope;
pub mod stored;
pub mod window;
