//! What one load shows: the evaluation with the text around its evidence, the sources, the journal.
//!
//! The loader masks every secret before it gets here.

use std::path::PathBuf;

use crate::domain::evaluation::Evaluation;
use crate::domain::events::Seen;
use crate::domain::finding::{Bases, Place};
use crate::domain::journal::Attempt;
use crate::domain::snippet::Snippet;

/// One load of everything.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Route, plan head and findings.
    pub evaluation: Evaluation,
    /// Marks of the inputs' content, to notice a change after the plan was frozen.
    pub inputs: Vec<InputMark>,
    /// The text around the places that findings name.
    pub snippets: Vec<Snippet>,
    /// Every file that takes part, or could.
    pub sources: Vec<SourceFile>,
    /// The journal's attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// The ids of those whose outcome nobody knows.
    pub open_attempts: Vec<String>,
    /// Whether the rows' facts are in the evaluation.
    pub rows_checked: bool,
    /// For telling what changed since.
    pub seen: Seen,
    /// When it was made, as local time for the status line.
    pub as_of: String,
    /// What paths are shown relative to.
    pub bases: Bases,
    /// The scene, when one is shown.
    pub scene: Option<SceneFacts>,
}

/// What is told about a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneFacts {
    /// Its name.
    pub name: String,
    /// What happened in it.
    pub story: String,
    /// Which it is, from 1, and how many there are.
    pub number: (usize, usize),
    /// What to press.
    pub press: String,
    /// What to press once it is mended, where it can be.
    pub mended: Option<String>,
    /// Its project: any editor can mend it.
    pub project: PathBuf,
}

impl Snapshot {
    /// The snippet of a place.
    pub fn snippet(&self, place: &Place) -> Option<&Snippet> {
        let Place::File {
            path,
            range: Some(range),
        } = place
        else {
            return None;
        };
        self.snippets
            .iter()
            .find(|snippet| snippet.range == *range && snippet.path == *path)
    }
}

/// An input's name with a mark that changes when its content does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputMark {
    /// `config.yaml`, `credentials`, `store`, ...
    pub name: String,
    /// A digest, or the store's data version.
    pub mark: String,
}

/// A file or place that values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// `config`, `credentials`, `store`, `environment`, ...
    pub role: &'static str,
    /// Its path; `None` for what is not a file.
    pub path: Option<PathBuf>,
    /// How it is: `ok`, `missing`, `unreadable`, ...
    pub state: String,
    /// Whether that is as it should be.
    pub good: bool,
    /// What it gives.
    pub values: Vec<SourceValue>,
}

/// One value of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceValue {
    /// Its name, as `tracker.provider`.
    pub name: String,
    /// The value, or the mask of a secret.
    pub value: String,
    /// The line it is on, from 1.
    pub line: Option<usize>,
    /// The payload fields that its line feeds.
    pub feeds: Vec<String>,
}
