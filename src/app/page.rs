//! A text that lies over the section until it is closed: events, changes since the last publish, a hypothesis.

use super::effect::Generation;
use crate::domain::safe::SafeText;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A heading.
    Head,
    /// Something came, or is well.
    Good,
    /// Something went, or is not well.
    Bad,
    /// Something is another now.
    Changed,
    /// Beside the point.
    Dim,
}

/// A line of a page; may hold text from outside.
pub type PageLine = (Tone, String);

/// The text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<PageLine>,
    /// The request that will fill it.
    pub awaited: Option<Generation>,
    /// The value that the copy key takes, or why there is none.
    pub copy: Result<SafeText, &'static str>,
}

impl Page {
    /// A page that is there.
    pub fn new(title: impl Into<String>, lines: Vec<PageLine>) -> Self {
        Self {
            title: title.into(),
            lines,
            awaited: None,
            copy: Err("this page has nothing to copy"),
        }
    }

    /// A page that is being made.
    pub fn awaited(title: impl Into<String>, generation: Generation) -> Self {
        Self {
            awaited: Some(generation),
            ..Self::new(title, vec![(Tone::Dim, "working …".to_owned())])
        }
    }
}
