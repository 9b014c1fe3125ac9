//! `config.yaml` as ruamel.yaml (round-trip, YAML 1.2) reads it, with byte spans (reference 3.2; research/parsers.md
//! sections 4, 5 and 8).
//!
//! The parser (`granit_parser`) gives events; everything that makes them ruamel.yaml's values is here. Where
//! ruamel.yaml does something that is not reproduced, the answer is [`SyntaxErrorKind::NotModelled`], never another
//! value.
//!
//! [`SyntaxErrorKind::NotModelled`]: crate::domain::node::SyntaxErrorKind::NotModelled

mod comments;
mod compose;
mod construct;
mod fault;
mod keys;
mod layout;
mod resolve;
mod scalar;
mod text;
mod timestamp;

use crate::domain::node::{Node, SyntaxError};

/// Reads the file's bytes. An empty file is a null node.
///
/// # Errors
/// Whatever ruamel.yaml rejects anywhere in the file, and what is not modelled.
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let source = text::Source::read(bytes)?;
    compose::compose(&source.text)
        .and_then(|document| construct::construct(&document, &source))
        .map_err(|fault| source.locate(fault))
}
