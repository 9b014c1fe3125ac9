//! Everything that [`super::evaluate::evaluate`] looks at: parsed files, environment, facts of the store's rows.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::credentials::{self, ProviderTable};
use super::evaluation::StoreState;
use super::journal::Attempt;
use super::node::{Node, SyntaxError};
use super::position::SourceText;
use super::proxy::ProxyEnvironment;
use super::row_facts::RowFacts;
use super::secret::Secret;
use super::store_listing::StoreListing;

/// One reading of the outside.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Flags and variables.
    pub environment: Environment,
    /// The project's root, or the folders that were searched.
    pub project: ProjectInput,
    /// `.kittify/config.yaml`; `None` without a project.
    pub config: Option<FileInput>,
    /// The credentials file.
    pub credentials: FileInput,
    /// The store; `None` while the binding gives no scope.
    pub store: Option<StoreInput>,
    /// All stores of the folder, this one too; before the rows are checked only when this one holds nothing.
    pub stores: Vec<StoreListing>,
    /// Earlier publishes from this machine, oldest first.
    pub journal: Vec<Attempt>,
    /// The journal's file, for evidence.
    pub journal_path: PathBuf,
    /// Why an attempt could not be written down; looked at only when a publish is planned.
    pub journal_trouble: Option<String>,
    /// The folder in which the body could not be kept, and why.
    pub spool_trouble: Option<(PathBuf, String)>,
    /// Text of steps that broke (they become `internal-error`).
    pub broken: Vec<String>,
}

impl Inputs {
    /// The provider's table, when the credentials have it.
    pub fn provider_table(&self, provider: &str) -> Option<ProviderTable<'_>> {
        credentials::provider_table(self.credentials.root()?, &provider.into()).ok()
    }
}

/// Names a project, before any search.
pub const PROJECT_VARIABLE: &str = "SPECIFY_REPO_ROOT";
/// Switches spec-kitty's `tracker` commands on.
pub const SYNC_VARIABLE: &str = "SPEC_KITTY_ENABLE_SAAS_SYNC";
/// The server that is published to.
pub const SERVER_VARIABLE: &str = "SAAS_API_URL";
/// The bearer token. Programs that catseye starts are not given it.
pub const TOKEN_VARIABLE: &str = "SAAS_AUTH_TOKEN";
/// The home of spec-kitty 3.2.3 and newer.
pub const NEWER_HOME_VARIABLE: &str = "SPEC_KITTY_HOME";

/// Flags and environment variables that decide about the request.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// [`SYNC_VARIABLE`].
    pub saas_sync_flag: Option<String>,
    /// `--server-url`, else [`SERVER_VARIABLE`] when not empty.
    pub server_url: Option<Given<String>>,
    /// `--auth-token`, else [`TOKEN_VARIABLE`] when not empty.
    pub auth_token: Option<Given<Secret>>,
    /// Proxy variables.
    pub proxies: ProxyEnvironment,
    /// The user's home folder, for showing paths short.
    pub home: Option<PathBuf>,
    /// Whether that is a scene's, and not the one that a shell beside this knows as `~`.
    pub in_scene: bool,
    /// [`NEWER_HOME_VARIABLE`], which only 3.2.3 and newer read for this (reference A14).
    pub spec_kitty_home: Option<String>,
    /// The folder of encrypted sessions, `~/.spec-kitty/auth`, when it is there: 3.1.2 or newer logged in.
    pub session_folder: Option<PathBuf>,
}

/// A value with the place it was given at.
#[derive(Clone, Debug)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Whether a flag or a variable gave it.
    pub by: GivenBy,
}

/// Who gave a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenBy {
    /// The command line, by this flag.
    Flag(&'static str),
    /// The environment, by this variable.
    Variable(&'static str),
}

/// Where the project is.
#[derive(Clone, Debug)]
pub struct ProjectInput {
    /// Where the search began.
    pub start: PathBuf,
    /// The root that spec-kitty would use.
    pub root: Option<PathBuf>,
    /// What was looked at and decided on the way, for Sources and evidence.
    pub steps: Vec<String>,
    /// Whether the root is the user's home folder (reference C6).
    pub is_home: bool,
    /// A worktree's own config.yaml that says something else than the one that is read (reference C2).
    pub ignored_config: Option<PathBuf>,
}

/// A file and what reading it gave.
#[derive(Clone, Debug)]
pub struct FileInput {
    /// Its path.
    pub path: PathBuf,
    /// What reading it gave.
    pub state: FileState,
    /// The content, for positions and evidence; empty when it could not be read.
    pub text: Arc<SourceText>,
    /// Its permission bits, when it was read.
    pub mode: Option<u32>,
}

/// What reading a file gave.
#[derive(Clone)]
pub enum FileState {
    /// No such file.
    Missing,
    /// It could not be read; why, in words.
    Unreadable(String),
    /// It could not be parsed.
    Invalid(SyntaxError),
    /// It was parsed.
    Loaded(Arc<Node>),
}

/// Tells nothing of what was parsed: the credentials are held by this type, too.
impl fmt::Debug for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Unreadable(reason) => f.debug_tuple("Unreadable").field(reason).finish(),
            Self::Invalid(error) => f.debug_tuple("Invalid").field(error).finish(),
            Self::Loaded(_) => f.write_str("Loaded(..)"),
        }
    }
}

impl FileInput {
    /// The parsed root.
    pub fn root(&self) -> Option<&Arc<Node>> {
        match &self.state {
            FileState::Loaded(root) => Some(root),
            _ => None,
        }
    }
}

/// The store that the scope names.
#[derive(Clone, Debug)]
pub struct StoreInput {
    /// The file `trackers/<scope>.db`.
    pub path: PathBuf,
    /// Its state.
    pub state: StoreState,
    /// Changes when the file or its log does: sizes and times of both.
    pub mark: String,
    /// What is wrong, in words, where the state is not ok.
    pub trouble: Option<String>,
    /// The checkpoint row of this binding, when there is one.
    pub checkpoint: Option<Checkpoint>,
    /// What the audit pass found; `None` while it is under way.
    pub rows: Option<RowFacts>,
}
