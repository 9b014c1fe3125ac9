//! The inspector's core: a model, messages that change it, and effects that it asks for.
//!
//! `update(&mut Model, Message) -> Vec<Effect>` is the only way a model changes. No terminal, no files, no clock: time
//! comes in through messages. Secrets and the body never enter the model, only masks, lengths and digests.

pub mod action;
pub mod arrange;
pub mod assemble;
mod browse;
pub mod copy;
mod edit;
pub mod effect;
pub mod foretold;
pub mod go_to;
pub mod leave;
mod loaded;
pub mod message;
pub mod model;
pub mod navigate;
pub mod outline;
pub mod page;
mod pages;
pub mod palette;
pub mod publish;
pub mod refusal;
pub mod row_lines;
mod rows;
pub mod search;
pub mod snapshot;
pub mod spot;
mod trace;
pub mod tree;
pub mod update;
pub mod value;
pub mod what_if;
pub mod window;
