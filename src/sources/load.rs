//! The one way from the outside to [`Inputs`]: discovery, files, store, audit. Inspector and commands both come here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::environment::Surroundings;
use super::files::{self, FileRead};
use super::project::{self, Discovery, Note};
use super::stamp::{self, Stamp};
use super::store::{self, Audit, AuditError, AuditRequest, Body, StoreError};
use super::{toml, yaml};
use crate::domain::anchors::RowAnchors;
use crate::domain::evaluate::{Prepared, prepare};
use crate::domain::evaluation::StoreState;
use crate::domain::inputs::{FileInput, FileState, Inputs, ProjectInput, StoreInput};
use crate::domain::journal::Attempt;
use crate::domain::node::{Node, SyntaxError};
use crate::domain::position::SourceText;
use crate::domain::row_facts::RowsRead;
use crate::domain::scrub;
use crate::domain::what_if::{self, Applied, Change, WhatIfError};
use crate::platform::spool_folder;

/// The largest config.yaml that is read: deep nesting makes YAML readers slow.
const MAX_CONFIG: u64 = 256 << 10;
/// The largest credentials file that is read. Python prints a list in it with at most four times as many bytes (`1e15,`), so
/// that no value of it reaches [`MAX_STR_BYTES`](crate::domain::python::repr::MAX_STR_BYTES), where it would be cut off.
const MAX_CREDENTIALS: u64 = 200 << 10;

/// Earlier publishes, as whoever keeps the journal read them.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// The journal's file.
    pub path: PathBuf,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// How far to look at the store's rows.
pub enum Rows<'a> {
    /// Not at all: the first frame needs none.
    Skip,
    /// Every row, in one pass.
    Audit {
        /// Whether to keep the body for sending or printing.
        keep_body: bool,
        /// Set to stop the pass.
        cancel: &'a AtomicBool,
        /// Told how far the pass has come.
        progress: &'a mut dyn FnMut(RowsRead),
    },
}

/// What was loaded.
pub struct Loaded {
    /// For [`crate::domain::evaluate::evaluate`].
    pub inputs: Inputs,
    /// The body, when it was asked for and can be built.
    pub body: Option<Body>,
    /// Sparse places in the tables, when the rows were checked.
    pub anchors: RowAnchors,
}

/// What was loaded with changes made in memory.
pub struct Supposed {
    /// All that follows from the changed files.
    pub loaded: Loaded,
    /// The changes, for showing.
    pub applied: Vec<Applied>,
}

/// Reads everything. Trouble of any kind is a state of the inputs and becomes a finding.
pub fn load(surroundings: &Surroundings, journal: Journal, rows: Rows<'_>) -> Loaded {
    finish(surroundings, read_files(surroundings, journal), rows)
}

/// [`load`] with some inputs changed in memory before the store is looked for.
pub fn load_what_if(
    surroundings: &Surroundings,
    journal: Journal,
    changes: &[Change],
    rows: Rows<'_>,
) -> Result<Supposed, WhatIfError> {
    let mut inputs = read_files(surroundings, journal);
    let applied = what_if::apply(&mut inputs, changes)?;
    Ok(Supposed {
        loaded: finish(surroundings, inputs, rows),
        applied,
    })
}

/// Adds the store to the files.
fn finish(surroundings: &Surroundings, mut inputs: Inputs, rows: Rows<'_>) -> Loaded {
    let (mut body, mut anchors) = (None, RowAnchors::default());
    let checks_rows = matches!(rows, Rows::Audit { .. });
    let read = catch_unwind(AssertUnwindSafe(|| {
        let read = read_store(surroundings, &inputs, rows);
        let holds_nothing = read
            .as_ref()
            .is_some_and(|read| matches!(read.store.state, StoreState::Missing | StoreState::Empty));
        let stores = if checks_rows || holds_nothing {
            store::stores(&surroundings.home.join("trackers"))
        } else {
            Vec::new()
        };
        (read, stores)
    }));
    match read {
        Ok((read, stores)) => {
            inputs.stores = stores;
            if let Some(read) = read {
                inputs.store = Some(read.store);
                inputs.spool_trouble = read.spool_trouble;
                (body, anchors) = (read.body, read.anchors);
            }
        }
        Err(panic) => inputs
            .broken
            .push(format!("reading the store: {}", panic_text(&*panic))),
    }
    Loaded {
        inputs,
        body,
        anchors,
    }
}

/// What came of reading a store.
struct StoreRead {
    store: StoreInput,
    body: Option<Body>,
    anchors: RowAnchors,
    /// The folder where the body found no room, and why.
    spool_trouble: Option<(PathBuf, String)>,
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned())
}

fn read_files(surroundings: &Surroundings, journal: Journal) -> Inputs {
    let start = surroundings.project.as_ref().unwrap_or(&surroundings.cwd);
    let specify_repo_root = surroundings
        .specify_repo_root
        .as_deref()
        .filter(|_| surroundings.project.is_none());
    let discovery = project::locate(start, specify_repo_root, start, Some(&surroundings.user_home));
    let config = discovery.root.as_ref().map(|root| {
        let path = root.join(".kittify").join("config.yaml");
        let is_whole = |bytes: &[u8]| !bytes.is_empty() && yaml::parse(bytes).is_ok();
        let read = files::read_whole(&path, MAX_CONFIG, is_whole);
        file_input(path, read, yaml::parse)
    });
    let path = surroundings.home.join("credentials");
    let credentials = if let Some(reason) = surroundings.no_home {
        let state = FileState::Unreadable(reason.to_owned());
        FileInput {
            path,
            state,
            text: Arc::default(),
            mode: None,
        }
    } else {
        let is_whole = |bytes: &[u8]| !bytes.is_empty() && toml::parse(bytes).is_ok();
        let read = files::read_whole(&path, MAX_CREDENTIALS, is_whole);
        file_input(path, read, toml::parse)
    };
    scrub::watch_file(&credentials);
    Inputs {
        environment: surroundings.environment.clone(),
        project: project_input(start, discovery, config.as_ref()),
        config,
        credentials,
        store: None,
        stores: Vec::new(),
        journal: journal.attempts,
        journal_path: journal.path,
        journal_trouble: None,
        spool_trouble: None,
        broken: Vec::new(),
    }
}

fn project_input(start: &Path, discovery: Discovery, config: Option<&FileInput>) -> ProjectInput {
    let is_home = discovery
        .notes
        .iter()
        .any(|note| matches!(note, Note::HomeIsProject));
    let ignored_config = discovery.notes.iter().find_map(|note| match note {
        Note::WorktreeConfigIgnored { ignored } => differing(ignored.join("config.yaml"), config),
        Note::RelativeGitdir { .. } | Note::HomeIsProject => None,
    });
    let steps = discovery.steps.iter().map(ToString::to_string);
    let notes = discovery.notes.iter().map(ToString::to_string);
    ProjectInput {
        start: start.to_owned(),
        steps: steps.chain(notes).collect(),
        is_home,
        ignored_config,
        root: discovery.root,
    }
}

/// The path, when its file says something else than the one that is read.
fn differing(path: PathBuf, config: Option<&FileInput>) -> Option<PathBuf> {
    let read = config.map_or(&[][..], |config| config.text.bytes());
    match files::read(&path, MAX_CONFIG) {
        FileRead::Bytes(own) if own.bytes != read => Some(path),
        _ => None,
    }
}

fn file_input(path: PathBuf, read: FileRead, parse: fn(&[u8]) -> Result<Node, SyntaxError>) -> FileInput {
    let mut mode = None;
    let (state, text) = match read.content() {
        Ok(None) => (FileState::Missing, SourceText::default()),
        Err(reason) => (FileState::Unreadable(reason), SourceText::default()),
        Ok(Some(file)) => {
            mode = file.mode;
            let state = match parse(&file.bytes) {
                Ok(root) => FileState::Loaded(Arc::new(root)),
                Err(error) => FileState::Invalid(error),
            };
            (state, SourceText::new(file.bytes))
        }
    };
    FileInput {
        path,
        state,
        text: Arc::new(text),
        mode,
    }
}

/// The store that the files lead to, with the body when it was asked for.
fn read_store(surroundings: &Surroundings, inputs: &Inputs, rows: Rows<'_>) -> Option<StoreRead> {
    let prepared = prepare(inputs);
    let scope = prepared.scope.as_ref()?;
    let folder = surroundings.home.join("trackers");
    let path = folder.join(format!("{}.db", scope.name));
    let mut read = StoreRead {
        store: StoreInput {
            path: path.clone(),
            mark: store_mark(&path),
            state: StoreState::Ok,
            trouble: None,
            checkpoint: None,
            rows: None,
        },
        body: None,
        anchors: RowAnchors::default(),
        spool_trouble: None,
    };
    match read_rows(&prepared, &surroundings.home, &path, rows) {
        Ok((state, audit)) => {
            read.store.state = state;
            if let Some(audit) = audit {
                read.store.checkpoint = audit.checkpoint;
                read.store.rows = Some(audit.facts);
                (read.body, read.anchors) = (audit.body, audit.anchors);
            }
        }
        Err(AuditError::Store(error)) => {
            read.store.state = error.state();
            read.store.trouble = Some(error.to_string());
        }
        Err(AuditError::Spool(error)) => {
            read.spool_trouble = Some((spool_folder(), error.to_string()));
        }
    }
    Some(read)
}

/// Identity, size and times of the database and its log.
fn store_mark(path: &Path) -> String {
    let stamps: Vec<_> = stamp::with_sidecars(path).map(|path| Stamp::at(&path)).collect();
    format!("{stamps:?}")
}

fn read_rows(
    prepared: &Prepared,
    home: &Path,
    path: &Path,
    rows: Rows<'_>,
) -> Result<(StoreState, Option<Audit>), AuditError> {
    for folder in [home, &home.join("trackers")] {
        if folder.exists() && !folder.is_dir() {
            return Err(StoreError::Unreadable(format!("{} is not a folder", folder.display())).into());
        }
    }
    let (state, store) = match store::open(path) {
        Ok(store) => (StoreState::Ok, Some(store)),
        Err(error @ (StoreError::Missing | StoreError::Empty)) => (error.state(), None),
        Err(error) => return Err(error.into()),
    };
    let Rows::Audit {
        keep_body,
        cancel,
        progress,
    } = rows
    else {
        return Ok((state, None));
    };
    let Some(binding) = &prepared.binding else {
        return Ok((state, None));
    };
    let checkpoint_key = prepared.checkpoint_key().unwrap_or_default();
    let request = AuditRequest {
        system: &binding.normalized_provider,
        checkpoint_key: &checkpoint_key,
        head: prepared.head(),
        keep_body,
    };
    let audit = match &store {
        Some(store) => store::audit(store, &request, cancel, progress)?,
        None => store::audit_nothing(&request)?,
    };
    Ok((state, Some(audit)))
}
