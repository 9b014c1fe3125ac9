//! `credentials` as Python's tomllib (TOML 1.0) reads it, with byte spans (research/parsers.md section 6).

use crate::domain::node::{Node, SyntaxError, SyntaxErrorKind};

/// Reads the file's bytes. An empty or blank file is an empty table.
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let _ = bytes;
    Err(SyntaxError {
        kind: SyntaxErrorKind::NotModelled,
        message: String::new(),
        span: Default::default(),
    })
}
