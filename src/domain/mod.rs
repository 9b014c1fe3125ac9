//! What spec-kitty would publish and why: pure rules over parsed inputs.
//!
//! No files, clock, environment, threads, SQL or terminal here; `tests/architecture.rs` holds that.

pub mod ascii_json;
pub mod binding;
pub mod body;
pub mod catalogue;
pub mod changes;
pub mod checkpoint;
pub mod comparison;
pub mod credentials;
pub mod endpoint;
pub mod evaluate;
pub mod evaluation;
pub mod events;
pub mod exchange;
pub mod finding;
pub mod fixes;
pub mod generation;
pub mod hidden;
pub mod inputs;
pub mod issue;
pub mod journal;
pub mod json;
pub mod mapping;
pub mod mask;
pub mod node;
pub mod plan;
pub mod position;
pub mod provenance;
pub mod proxy;
pub mod publish;
pub mod python;
pub mod routing;
pub mod row;
pub mod row_facts;
pub mod safe;
pub mod scope;
pub mod scope_guess;
pub mod secret;
pub mod shell;
pub mod snippet;
pub mod store_listing;
pub mod stored;
pub mod token;
pub mod what_if;
pub mod window;
