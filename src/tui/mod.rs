//! The inspector on a terminal: input, keys, drawing, and the worker that does what the core asks for.

pub mod input;
pub mod keymap;
pub mod theme;
pub mod view;
