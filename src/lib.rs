//! catseye: see the route before you publish.

pub mod app;
pub mod domain;
pub mod sinks;
pub mod sources;
pub mod tui;
