//! Notices that an input changed, by `stat` alone: no lock, no open file, nothing that a writer could wait for.
//!
//! Polling and not notifications: editors replace files by renaming, folders come and go, and a handful of `stat` calls
//! costs nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::domain::inputs::Inputs;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A store under steady change is read again at least this often.
const AT_LEAST_EVERY: Duration = Duration::from_secs(2);

/// Inode, size and time of change (seconds, nanoseconds).
type Stat = (u64, u64, i64, i64);

/// What the inputs look like: the stat of each path, `None` where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look(Vec<(PathBuf, Option<Stat>)>);

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

    /// The same paths, looked at now.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::at(self.0.iter().map(|(path, _)| path.clone()))
    }

    /// The paths of these inputs. One that was looked at before they were read keeps what it looked like then; a new
    /// one counts as seen.
    #[must_use]
    pub fn of(&self, inputs: &Inputs) -> Self {
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
        let mut look = Self::at(paths);
        for (path, stat) in &mut look.0 {
            if let Some((_, before)) = self.0.iter().find(|(known, _)| known == path) {
                *stat = *before;
            }
        }
        look
    }
}

/// Waits for a change to come to rest; one for each thread that watches.
#[derive(Debug, Default)]
pub struct Rest {
    last: Look,
    reported: Look,
    changing_since: Option<Instant>,
}

impl Rest {
    /// Looks once: whether the inputs differ from what was read and have come to rest, or have not for long.
    pub fn has_changed(&mut self, seen: &Look) -> bool {
        let now = seen.again();
        let at_rest = now == self.last;
        self.last = now.clone();
        if now == *seen || now == self.reported {
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
