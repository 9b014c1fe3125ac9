//! Notices that an input changed, by `stat` alone: no lock, no open file, nothing that a writer could wait for.
//!
//! Polling and not notifications: editors replace files by renaming, folders come and go, and a handful of `stat` calls
//! costs nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Shared, Worker, lock};
use crate::domain::inputs::Inputs;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A store under steady change is read again at least this often.
const AT_LEAST_EVERY: Duration = Duration::from_secs(2);

/// Inode, size and time of change (seconds, nanoseconds).
type Stat = (u64, u64, i64, i64);

/// What the inputs look like: the stat of each path, `None` where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look(Vec<(PathBuf, Option<Stat>)>);

impl Look {
    fn at(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let stat = |path: &PathBuf| {
            let file = fs::metadata(path).ok()?;
            Some((file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
        };
        Self(
            paths
                .into_iter()
                .map(|path| (path.clone(), stat(&path)))
                .collect(),
        )
    }

    fn again(&self) -> Self {
        Self::at(self.0.iter().map(|(path, _)| path.clone()))
    }
}

impl Shared {
    /// Remembers what the inputs looked like when they were about to be read.
    pub(super) fn remember_look(&self) {
        let mut seen = lock(&self.seen);
        *seen = seen.again();
    }

    /// Looks at these inputs from now on. A path that is new counts as seen.
    pub(super) fn watch(&self, inputs: &Inputs) {
        let mut paths = vec![inputs.credentials.path.clone(), inputs.journal_path.clone()];
        match &inputs.config {
            Some(config) => paths.push(config.path.clone()),
            None => paths.push(inputs.project.start.join(".kittify")),
        }
        if let Some(store) = &inputs.store {
            paths.extend(["", "-wal", "-journal"].map(|suffix| {
                let mut name = store.path.clone().into_os_string();
                name.push(suffix);
                PathBuf::from(name)
            }));
        }
        let mut seen = lock(&self.seen);
        let known = std::mem::take(&mut seen.0);
        *seen = Look::at(paths);
        for (path, stat) in &mut seen.0 {
            if let Some((_, before)) = known.iter().find(|(known, _)| known == path) {
                *stat = *before;
            }
        }
    }
}

/// Compares looks; one for each thread that watches.
pub struct Watcher {
    worker: Worker,
    last: Look,
    reported: Look,
    changing_since: Option<Instant>,
}

impl Watcher {
    /// A watcher that has reported nothing.
    pub fn new(worker: Worker) -> Self {
        Self {
            worker,
            last: Look::default(),
            reported: Look::default(),
            changing_since: None,
        }
    }

    /// Looks once: whether the inputs differ from what was read and have come to rest, or have not for long.
    pub fn has_changed(&mut self) -> bool {
        let seen = lock(&self.worker.0.seen).clone();
        let now = seen.again();
        let at_rest = now == self.last;
        self.last = now.clone();
        if now == seen || now == self.reported {
            self.changing_since = None;
            return false;
        }
        let since = *self.changing_since.get_or_insert_with(Instant::now);
        let report = at_rest || since.elapsed() >= AT_LEAST_EVERY;
        if report {
            self.reported = now;
            self.changing_since = None;
        }
        report
    }
}
