//! Reads the outside: project discovery, the two files, the store. Never writes.

pub mod files;
pub mod project;
pub mod toml;
pub mod yaml;
