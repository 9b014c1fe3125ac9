//! Help for the integration tests.

pub mod fault_server;
pub mod tls;
