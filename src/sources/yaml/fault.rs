//! Trouble found while reading, placed in the text as parsed; [`super::text::Source`] places it on disk.

use std::ops::Range;

use crate::domain::node::SyntaxErrorKind;

/// A [`crate::domain::node::SyntaxError`] before its place is known on disk. Its message never quotes the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub kind: SyntaxErrorKind,
    pub message: String,
    pub range: Range<usize>,
}

impl Fault {
    /// ruamel.yaml rejects this too.
    pub fn syntax(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            kind: SyntaxErrorKind::Syntax,
            message: message.into(),
            range,
        }
    }

    /// ruamel.yaml may accept this, in a way that is not reproduced here.
    pub fn not_modelled(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            kind: SyntaxErrorKind::NotModelled,
            message: message.into(),
            range,
        }
    }
}
