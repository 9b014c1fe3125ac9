//! What can be told of a stored row besides its published form: why it cannot be published, and what was changed.

use std::fmt;

use super::json::{Json, JsonError};
use super::node::Span;

/// A place in a row: `ref.system`, `labels[2]`, `links[0].target.id`, the name of a column, or nothing for all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path {
    /// The outermost name; with `tail`, a dotted path.
    pub head: &'static str,
    /// The item of the list that `head` is.
    pub index: Option<usize>,
    /// What follows behind a dot, or nothing.
    pub tail: &'static str,
}

impl Path {
    /// The whole row.
    pub const ROOT: Self = Self::field("");

    /// A field of the payload or a column.
    pub const fn field(head: &'static str) -> Self {
        Self {
            head,
            index: None,
            tail: "",
        }
    }

    /// An item of the list in this field.
    pub const fn item(head: &'static str, index: usize) -> Self {
        Self {
            head,
            index: Some(index),
            tail: "",
        }
    }

    /// A field of the object at this place, which must not be one itself.
    #[must_use]
    pub const fn then(self, tail: &'static str) -> Self {
        Self { tail, ..self }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.head)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if !self.tail.is_empty() {
            write!(f, ".{}", self.tail)?;
        }
        Ok(())
    }
}

/// Why spec-kitty cannot publish a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// At which step.
    pub kind: RowErrorKind,
    /// Python's exception: class and words.
    pub message: String,
    /// The culprit in the row.
    pub path: Path,
    /// The culprit's bytes in the payload text; `None` where it is missing or the row is not JSON text.
    pub span: Option<Span>,
}

/// The steps that a row can fail at. All rows pass one before any enters the next: with several bad rows Python
/// raises the least kind, and of that the first in publish order. (Issues pass the first two before mappings.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowErrorKind {
    /// SQLite's text is not UTF-8: fetching raises.
    Undecodable,
    /// The payload is not JSON, or not an issue.
    Refused,
    /// A sent field holds a lone surrogate: encoding the body raises. Python's words then also name a position in the
    /// whole body, which a row alone cannot know; [`RowError::message`] leaves it out.
    NotEncodable,
}

impl RowError {
    /// An error without a span.
    pub fn new(kind: RowErrorKind, message: String, path: Path) -> Self {
        Self {
            kind,
            message,
            path,
            span: None,
        }
    }

    /// Python raises `message` because of this value.
    pub fn refused(message: impl Into<String>, path: Path, culprit: Option<&Json>) -> Self {
        let span = culprit.map(|json| json.span);
        Self {
            span,
            ..Self::new(RowErrorKind::Refused, message.into(), path)
        }
    }
}

impl From<JsonError> for RowError {
    fn from(error: JsonError) -> Self {
        let (start, end) = (error.at(), error.at());
        let span = Some(Span { start, end });
        Self {
            span,
            ..Self::new(RowErrorKind::Refused, error.to_string(), Path::ROOT)
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RowError {}

/// A value that is published otherwise than it is stored, without a word from spec-kitty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coercion {
    /// Where.
    pub path: Path,
    /// The stored value's bytes in the payload text; `None` where the key is missing.
    pub stored: Option<Span>,
    /// What was done to it.
    pub rule: Rule,
}

/// The ways in which spec-kitty changes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// An empty or missing title.
    Untitled,
    /// A status outside the six.
    UnknownStatus,
    /// An issue type outside the six.
    UnknownIssueType,
    /// A priority that is text or a boolean, read as a number.
    PriorityConverted,
    /// A priority that cannot be read as a number.
    PriorityDropped,
    /// A value that is not text, made text.
    Str,
    /// Text where a list belongs.
    Characters,
    /// An object where a list belongs.
    Keys,
    /// A date that is written differently.
    DateNormalised,
    /// A date that cannot be read.
    DateDropped,
}

impl Rule {
    /// The rule in words, with its paragraph of the reference.
    pub fn words(self) -> &'static str {
        match self {
            Self::Untitled => "a missing or empty title is published as \"Untitled\" [31]",
            Self::UnknownStatus => {
                "a status other than todo, in_progress, in_review, blocked, done or canceled is published as todo [33]"
            }
            Self::UnknownIssueType => {
                "an issue type other than epic, story, task, bug, chore or subtask is published as task [33]"
            }
            Self::PriorityConverted => "digits and booleans are published as a number [34]",
            Self::PriorityDropped => {
                "a priority that is neither an integer nor digits is published as null [34]"
            }
            Self::Str => "a value that is not text is published as Python prints it [30-35]",
            Self::Characters => "text where a list belongs is published as a list of its characters [35]",
            Self::Keys => "an object where a list belongs is published as a list of its keys [35]",
            Self::DateNormalised => "a date is published as Python's isoformat() writes it [38-40]",
            Self::DateDropped => {
                "a date that Python's fromisoformat() cannot read is published as null [38-40]"
            }
        }
    }
}
