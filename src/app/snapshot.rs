//! What one load shows: the evaluation with the lines of text around its evidence, the sources, the journal.
//!
//! The loader masks every secret before it gets here.

use std::path::{Path, PathBuf};

use crate::domain::evaluation::Evaluation;
use crate::domain::finding::Bases;
use crate::domain::journal::Attempt;

/// One load of everything.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Route, plan head and findings.
    pub evaluation: Evaluation,
    /// Marks of the inputs' content, to notice a change after the plan was frozen.
    pub inputs: Vec<InputMark>,
    /// Lines of text around the places that the evaluation names.
    pub excerpts: Vec<SourceExcerpt>,
    /// Every file that takes part, or could.
    pub sources: Vec<SourceFile>,
    /// The journal's attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// Whether the rows' facts are in the evaluation.
    pub rows_checked: bool,
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
    /// What to press.
    pub press: String,
    /// Its project: any editor can mend it.
    pub project: PathBuf,
}

impl Snapshot {
    /// The excerpt that holds a line.
    pub fn excerpt(&self, path: &Path, line: usize) -> Option<&SourceExcerpt> {
        self.excerpts.iter().find(|excerpt| {
            let behind = excerpt.first_line + excerpt.lines.len();
            excerpt.path == path && (excerpt.first_line..behind).contains(&line)
        })
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

/// Some lines of a file, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceExcerpt {
    /// The file.
    pub path: PathBuf,
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// The lines, without their line breaks.
    pub lines: Vec<String>,
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
}
