//! catseye: see the route before you publish.

pub mod domain;
pub mod sinks;
pub mod sources;
