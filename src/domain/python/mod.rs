//! Python's text rules, as spec-kitty's interpreter (CPython 3.11) applies them to what it publishes.

pub mod isoformat;
pub mod number;
pub mod repr;
pub mod text;
mod unicode14;

pub use text::PyStr;
