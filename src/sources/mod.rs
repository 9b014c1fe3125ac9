//! Reads the outside: project discovery, the two files, the store. Never writes.

pub mod environment;
pub mod files;
pub mod load;
pub mod machine;
mod newlines;
pub mod project;
pub mod settings;
mod stamp;
pub mod store;
pub mod toml;
pub mod watch;
pub mod yaml;
