//! Where spec-kitty finds the project: `locate_project_root` (reference 3.1 paragraph 2, 1.C), told step by step.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::files::{self, FileRead};
use crate::domain::inputs::PROJECT_VARIABLE;
use crate::domain::python::text;
use crate::platform::{is_link_loop, is_missing};

/// The directory that makes a directory a project.
const MARKER: &str = ".kittify";
/// A `.git` file holds one path.
const MAX_GIT_FILE: u64 = 64 * 1024;

/// The outcome of the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The project, if there is one.
    pub root: Option<PathBuf>,
    /// What was looked at, in order. The last one decided.
    pub steps: Vec<Step>,
    /// What may surprise about the outcome.
    pub notes: Vec<Note>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The file or directory.
    pub path: PathBuf,
    /// What was found.
    pub finding: Finding,
}

/// What was found, and so decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// [`PROJECT_VARIABLE`] names a project: taken.
    EnvironmentProject,
    /// [`PROJECT_VARIABLE`] names no project: silently ignored.
    EnvironmentIgnored,
    /// `.git` is a file of a worktree, and the main repository is a project: that is taken.
    WorktreeOf(PathBuf),
    /// `.git` is a file of a worktree, but there is no project at the main repository (also bare ones).
    WorktreeWithoutProject(PathBuf),
    /// `.git` is a file that leads to no worktree: a submodule or a separate git directory.
    NotAWorktree,
    /// `.git` is a file that cannot be read.
    GitFileUnreadable,
    /// `.kittify` is a directory: taken.
    Project,
    /// `.kittify` is not there.
    NoMarker,
    /// `.kittify` is something else than a directory.
    MarkerNotADirectory,
    /// `.kittify` is a link that leads nowhere.
    MarkerBrokenLink,
    /// The system refuses to tell; here spec-kitty ends with a traceback.
    Fails(io::ErrorKind),
}

/// What may surprise about an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The worktree has a `.kittify` of its own, which is not the one that is read (reference C2).
    WorktreeConfigIgnored {
        /// The `.kittify` that is ignored.
        ignored: PathBuf,
    },
    /// The worktree's git directory is a relative path, which spec-kitty resolves against the working directory: the
    /// same command finds another project elsewhere in the worktree (reference C3).
    RelativeGitdir {
        /// The `.git` file.
        git_file: PathBuf,
        /// The path in it.
        gitdir: PathBuf,
        /// The project that it leads to from the working directory.
        from_here: Option<PathBuf>,
        /// The project that it leads to from the top of the worktree, as git means it.
        from_worktree: Option<PathBuf>,
    },
    /// The project is the home directory, which qualifies by spec-kitty's global `~/.kittify` (reference C6).
    HomeIsProject,
}

/// What was decided, for people.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.finding {
            Finding::EnvironmentProject => write!(f, "{PROJECT_VARIABLE} names a project, taken"),
            Finding::EnvironmentIgnored => write!(f, "{PROJECT_VARIABLE} names no project, ignored"),
            Finding::WorktreeOf(main) => {
                write!(f, "a worktree of the project {}, which is taken", main.display())
            }
            Finding::WorktreeWithoutProject(main) => {
                write!(f, "a worktree of {}, which is no project", main.display())
            }
            Finding::NotAWorktree => f.write_str("a .git file that leads to no worktree"),
            Finding::GitFileUnreadable => f.write_str("a .git file that cannot be read"),
            Finding::Project => f.write_str("holds .kittify/, taken"),
            Finding::NoMarker => f.write_str("no .kittify/"),
            Finding::MarkerNotADirectory => f.write_str(".kittify is no folder, skipped"),
            Finding::MarkerBrokenLink => f.write_str(".kittify is a link that leads nowhere, skipped"),
            Finding::Fails(kind) => write!(f, "cannot be looked at ({kind}); spec-kitty ends here"),
        }
    }
}

/// The surprise, for people.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorktreeConfigIgnored { ignored } => {
                write!(
                    f,
                    "{} is ignored: spec-kitty reads the main repository's",
                    ignored.display()
                )
            }
            Self::RelativeGitdir {
                git_file,
                from_here,
                from_worktree,
                ..
            } => {
                let shown = |root: &Option<PathBuf>| {
                    root.as_ref()
                        .map_or_else(|| "none".to_owned(), |root| root.display().to_string())
                };
                write!(
                    f,
                    "{} holds a relative path, read from the current directory: project {} here, {} at the top \
                     of the worktree",
                    git_file.display(),
                    shown(from_here),
                    shown(from_worktree)
                )
            }
            Self::HomeIsProject => f.write_str("the home folder counts as a project because of ~/.kittify"),
        }
    }
}

/// Finds the project as spec-kitty 3.0.0 does for a command that runs in `cwd` and begins its search at `start`.
///
/// `specify_repo_root` is the environment variable of that name. `home` is only compared with the outcome.
pub fn locate(start: &Path, specify_repo_root: Option<&OsStr>, cwd: &Path, home: Option<&Path>) -> Discovery {
    let mut search = Search {
        cwd,
        discovery: Discovery::default(),
    };
    let root = search.run(start, specify_repo_root).unwrap_or(None);
    let mut discovery = search.discovery;
    let is_home = |root: &Path| {
        let home = home.and_then(|home| dunce::canonicalize(home).ok());
        home.is_some() && home == dunce::canonicalize(root).ok()
    };
    if root.as_deref().is_some_and(is_home) {
        discovery.notes.push(Note::HomeIsProject);
    }
    discovery.root = root;
    discovery
}

/// spec-kitty goes no further; the last step says why.
struct Stop;

/// What `Path.is_file` and `Path.is_dir` can tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Absent,
    File,
    Directory,
    Other,
}

struct Search<'a> {
    cwd: &'a Path,
    discovery: Discovery,
}

impl Search<'_> {
    fn run(&mut self, start: &Path, variable: Option<&OsStr>) -> Result<Option<PathBuf>, Stop> {
        if let Some(value) = variable.filter(|value| !value.is_empty())
            && let Some(root) = self.environment(value)?
        {
            return Ok(Some(root));
        }
        let start = dunce::canonicalize(start).map_err(|error| self.fails(start, &error))?;
        for candidate in start.ancestors() {
            if let Some(main) = self.git_file(candidate)? {
                return Ok(Some(main));
            }
            if self.marker(candidate)? {
                return Ok(Some(candidate.to_owned()));
            }
        }
        Ok(None)
    }

    fn environment(&mut self, value: &OsStr) -> Result<Option<PathBuf>, Stop> {
        let named = self.cwd.join(value);
        let root = resolve(&named).map_err(|error| self.fails(&named, &error))?;
        let is_project = self.kind(&root.join(MARKER))? == Kind::Directory;
        let finding = if is_project {
            Finding::EnvironmentProject
        } else {
            Finding::EnvironmentIgnored
        };
        self.step(&root, finding);
        Ok(is_project.then_some(root))
    }

    /// The main repository's project, if `candidate` is a worktree and there is one.
    fn git_file(&mut self, candidate: &Path) -> Result<Option<PathBuf>, Stop> {
        let git_file = candidate.join(".git");
        if self.kind(&git_file)? != Kind::File {
            return Ok(None);
        }
        let FileRead::Bytes(file) = files::read(&git_file, MAX_GIT_FILE) else {
            self.step(&git_file, Finding::GitFileUnreadable);
            return Ok(None);
        };
        let Some(pointer) = Pointer::read(&file.bytes) else {
            self.step(&git_file, Finding::NotAWorktree);
            return Ok(None);
        };
        let from_here = pointer.project_from(self.cwd);
        if pointer.gitdir.is_relative() {
            self.discovery.notes.push(Note::RelativeGitdir {
                git_file: git_file.clone(),
                from_here: from_here.clone(),
                from_worktree: pointer.project_from(candidate),
                gitdir: pointer.gitdir,
            });
        }
        let Some(main) = from_here else {
            let nowhere = self.cwd.join(pointer.main);
            self.step(&git_file, Finding::WorktreeWithoutProject(nowhere));
            return Ok(None);
        };
        self.step(&git_file, Finding::WorktreeOf(main.clone()));
        let own = candidate.join(MARKER);
        if matches!(kind_of(&own), Ok(Kind::Directory)) && main != candidate {
            self.discovery
                .notes
                .push(Note::WorktreeConfigIgnored { ignored: own });
        }
        Ok(Some(main))
    }

    /// Whether `candidate` has the marker of a project.
    fn marker(&mut self, candidate: &Path) -> Result<bool, Stop> {
        let marker = candidate.join(MARKER);
        let finding = match self.kind(&marker)? {
            Kind::Directory => Finding::Project,
            Kind::File | Kind::Other => Finding::MarkerNotADirectory,
            Kind::Absent if marker.is_symlink() => Finding::MarkerBrokenLink,
            Kind::Absent => Finding::NoMarker,
        };
        let taken = finding == Finding::Project;
        self.step(&marker, finding);
        Ok(taken)
    }

    fn kind(&mut self, path: &Path) -> Result<Kind, Stop> {
        kind_of(path).map_err(|error| self.fails(path, &error))
    }

    fn fails(&mut self, path: &Path, error: &io::Error) -> Stop {
        self.step(path, Finding::Fails(error.kind()));
        Stop
    }

    fn step(&mut self, path: &Path, finding: Finding) {
        let path = path.to_owned();
        self.discovery.steps.push(Step { path, finding });
    }
}

/// What the `.git` file of a worktree says.
struct Pointer {
    /// Its text behind `gitdir:`.
    gitdir: PathBuf,
    /// Three levels up, where the main repository is; may be relative, even empty.
    main: PathBuf,
}

impl Pointer {
    /// Reads the file's content; `None` unless it ends in `<something>.git/worktrees/<name>`, by text alone.
    fn read(content: &[u8]) -> Option<Self> {
        let content = String::from_utf8_lossy(content).replace("\r\n", "\n");
        let content = content.replace('\r', "\n");
        let gitdir = PathBuf::from(text::strip(text::strip(&content).strip_prefix("gitdir:")?));
        // Python's `Path` drops every `.`, Rust's components keep a leading one.
        let parts: Vec<_> = gitdir
            .components()
            .filter(|part| *part != Component::CurDir)
            .map(Component::as_os_str)
            .collect();
        let [main @ .., git, worktrees, _name] = parts.as_slice() else {
            return None;
        };
        if *worktrees != "worktrees" || !git.as_encoded_bytes().ends_with(b".git") {
            return None;
        }
        let main = main.iter().collect();
        Some(Self { gitdir, main })
    }

    /// The main repository as seen from a directory, if it is a project. A relative path comes back resolved.
    fn project_from(&self, directory: &Path) -> Option<PathBuf> {
        let main = directory.join(&self.main);
        if !matches!(kind_of(&main.join(MARKER)), Ok(Kind::Directory)) {
            return None;
        }
        if self.main.is_absolute() {
            return Some(main);
        }
        Some(dunce::canonicalize(&main).unwrap_or(main))
    }
}

fn kind_of(path: &Path) -> io::Result<Kind> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(Kind::Directory),
        Ok(metadata) if metadata.is_file() => Ok(Kind::File),
        Ok(_) => Ok(Kind::Other),
        Err(error) if is_missing(&error) => Ok(Kind::Absent),
        Err(error) => Err(error),
    }
}

/// `Path.resolve()`: links are followed as far as the path exists, the rest is taken by its text.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => {
                let next = resolved.join(name);
                resolved = match dunce::canonicalize(&next) {
                    Ok(real) => real,
                    Err(error) if is_link_loop(&error) => return Err(error),
                    Err(_) => next,
                };
            }
            Component::Prefix(_) | Component::RootDir => resolved.push(part),
            Component::CurDir => {}
        }
    }
    Ok(resolved)
}
