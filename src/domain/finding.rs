//! Findings: one thing worth telling each, with its evidence and its fixes (design section 4).

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::catalogue::{self, FindingName};
use super::inputs::Environment;
use super::node::Span;
use super::position::SourceText;

/// How much a finding weighs, worst first. A null route stands before what only hinders sending: it is the question
/// that people come with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No body can be built.
    Blocker,
    /// A reason why both routing fields are null; publishing needs consent.
    NullRoute,
    /// The body is fine, but cannot be sent from here.
    SendBlocker,
    /// Publishing needs this accepted.
    Consent,
    /// What would be sent is probably not what was meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// Its name in JSON and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocker => "blocker",
            Self::SendBlocker => "send-blocker",
            Self::NullRoute => "null-route",
            Self::Consent => "consent",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Whether `publish` needs the finding accepted by name.
    pub fn needs_consent(self) -> bool {
        matches!(self, Self::NullRoute | Self::Consent)
    }
}

/// One thing worth telling. There is at most one finding per name; `count` says how often it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its stable name.
    pub name: FindingName,
    /// What is the case here, in one or two sentences. May hold text from outside: show it through
    /// [`super::safe::Safe`].
    pub detail: String,
    /// How many places or rows it holds for.
    pub count: u64,
    /// The finding that causes this one.
    pub explained_by: Option<FindingName>,
    /// Where it shows: the deciding place first, at most [`MAX_EVIDENCE`].
    pub evidence: Vec<Evidence>,
    /// What to do, best first.
    pub fixes: Vec<Fix>,
}

/// Most evidences that one finding carries.
pub const MAX_EVIDENCE: usize = 20;

impl Finding {
    /// A finding with no evidence or fix yet.
    pub fn new(name: FindingName, detail: impl Into<String>) -> Self {
        Self {
            name,
            detail: detail.into(),
            count: 1,
            explained_by: None,
            evidence: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds evidence.
    #[must_use]
    pub fn at(mut self, place: Place, label: impl Into<String>) -> Self {
        let label = label.into();
        self.evidence.push(Evidence { place, label });
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Its severity.
    pub fn severity(&self) -> Severity {
        self.name.severity()
    }

    /// Its title: what is wrong, in a few words.
    pub fn title(&self) -> &'static str {
        catalogue::entry(self.name).title
    }
}

/// One place that takes part in a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What is there, in a few words.
    pub label: String,
}

/// A place that evidence points at.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A file or folder; the range is absent when the file is.
    File {
        /// Its path.
        path: PathBuf,
        /// The bytes meant.
        range: Option<Range>,
    },
    /// A row of the store.
    Row {
        /// The database file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// The row's rowid.
        rowid: i64,
        /// Where in the row's JSON, as `ref.id` or `labels[2]`; empty for the whole row.
        json_path: String,
    },
    /// An environment variable.
    Variable(Cow<'static, str>),
    /// A command-line flag.
    Flag(&'static str),
}

/// The folders that paths are shown relative to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bases {
    /// The project's root: files below it show without it.
    pub project: Option<PathBuf>,
    /// The user's home folder: shows as `~`.
    pub home: Option<PathBuf>,
    /// Whether it is a scene's: shows as `scene:~`, so that nobody looks for it in their own.
    pub in_scene: bool,
}

impl Bases {
    /// Those of a project in an environment.
    pub fn new(project: Option<&Path>, environment: &Environment) -> Self {
        Self {
            project: project.map(Path::to_owned),
            home: environment.home.clone(),
            in_scene: environment.in_scene,
        }
    }

    /// A path for people, as short as it can be told.
    pub fn shorten(&self, path: &Path) -> String {
        let below = |base: &Option<PathBuf>| {
            let rest = path.strip_prefix(base.as_ref()?).ok()?;
            (!rest.as_os_str().is_empty()).then(|| rest.to_owned())
        };
        // With the root folder as home every path would begin with `~`.
        let home =
            || below(&self.home).filter(|_| self.home.as_ref().is_some_and(|home| home.parent().is_some()));
        let tilde = Path::new(if self.in_scene { "scene:~" } else { "~" });
        let short = below(&self.project).or_else(|| Some(tilde.join(home()?)));
        short.as_deref().unwrap_or(path).display().to_string()
    }
}

impl Place {
    /// A whole file or folder.
    pub fn file(path: &Path) -> Self {
        Self::File {
            path: path.to_owned(),
            range: None,
        }
    }

    /// A row, or a place in its JSON.
    pub fn row(path: &Path, table: &'static str, rowid: i64, json_path: &str) -> Self {
        Self::Row {
            path: path.to_owned(),
            table,
            rowid,
            json_path: json_path.to_owned(),
        }
    }

    /// Whether both are in one file: its lines need not be shown twice.
    pub fn same_file(&self, other: &Self) -> bool {
        matches!((self, other), (Self::File { path, .. }, Self::File { path: other, .. }) if path == other)
    }

    /// The place for people: `.kittify/config.yaml:7:13`, `tracker_issues row 19 .ref.id`, `$SAAS_API_URL`.
    pub fn shown(&self, bases: &Bases) -> String {
        match self {
            Self::File { path, range: None } => bases.shorten(path),
            Self::File {
                path,
                range: Some(range),
            } => {
                format!("{}:{}:{}", bases.shorten(path), range.line, range.column)
            }
            Self::Row {
                path,
                table,
                rowid,
                json_path,
            } => {
                let file = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                let at = if json_path.is_empty() {
                    String::new()
                } else {
                    format!(" at {json_path}")
                };
                format!("{file} {table} row {rowid}{at}")
            }
            Self::Variable(name) => format!("${name}"),
            Self::Flag(name) => (*name).to_owned(),
        }
    }
}

/// Bytes of a file with the line and column where they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Byte offset of the start.
    pub start: usize,
    /// Byte offset behind the end.
    pub end: usize,
}

impl Range {
    /// A span of a text.
    pub fn of(text: &SourceText, span: Span) -> Self {
        let position = text.start_of(span);
        Self {
            line: position.line,
            column: position.column,
            start: span.start,
            end: span.end,
        }
    }
}

/// One way to mend a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What to do, as a sentence.
    pub text: String,
    /// The exact shell command, where one does it.
    pub command: Option<String>,
    /// The exact edit, where one does it.
    pub edit: Option<Edit>,
}

impl Fix {
    /// Advice without a command.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            command: None,
            edit: None,
        }
    }

    /// A command that does it.
    pub fn command(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            command: Some(command.into()),
            edit: None,
        }
    }

    /// What a copy of the fix holds: its command, else the new text of its edit, else its words.
    pub fn to_copy(&self) -> String {
        let edit = self.edit.as_ref().map(|edit| edit.new.clone());
        self.command.clone().or(edit).unwrap_or_else(|| self.text.clone())
    }

    /// An edit that does it, where the place allows one.
    pub fn edit(text: impl Into<String>, edit: Option<Edit>) -> Self {
        Self {
            text: text.into(),
            command: None,
            edit,
        }
    }
}

/// Replaces the first `old` on one line of a file by `new`; an empty `old` inserts `new` as a line before that line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The text to replace.
    pub old: String,
    /// What to write instead.
    pub new: String,
}
