//! `config.yaml` as ruamel.yaml (round-trip, YAML 1.2) reads it, with byte spans (research/parsers.md section 4).

use crate::domain::node::{Node, SyntaxError, SyntaxErrorKind};

/// Reads the file's bytes. An empty file is a null node.
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let _ = bytes;
    Err(SyntaxError {
        kind: SyntaxErrorKind::NotModelled,
        message: String::new(),
        span: Default::default(),
    })
}
