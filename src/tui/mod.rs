//! The inspector on a terminal: input, keys, drawing, and the worker that does what the core asks for.

mod contexts;
mod editor;
pub mod frame;
pub mod input;
mod key;
pub mod keymap;
pub mod look;
mod remap;
pub mod runtime;
pub mod settings;
pub mod svg;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod worker;
