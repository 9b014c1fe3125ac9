//! What tells one state of a file from another, by `stat` alone (research/reliability.md 1.4).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::platform::{FileId, Status, status};

/// Identity, size and times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) id: FileId,
    pub(super) bytes: u64,
    pub(super) modified: Option<SystemTime>,
    /// When content or attributes changed, which no program can set back.
    pub(super) changed: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(status: &Status) -> Self {
        Self {
            id: status.id,
            bytes: status.metadata.len(),
            modified: status.metadata.modified().ok(),
            changed: status.changed,
        }
    }

    /// SQLite, when it runs as root, sets the owner of a sidecar that it opens anew: that is no change.
    pub(super) fn of_sidecar(status: &Status) -> Self {
        let stamp = Self::of(status);
        Self {
            changed: stamp.modified,
            ..stamp
        }
    }

    /// Looks at a file, which may be a sidecar by its name; `None` where there is nothing.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let file = status(path).ok()?;
        let name = path.as_os_str().as_encoded_bytes();
        let is_sidecar = SIDECARS.iter().any(|suffix| name.ends_with(suffix.as_bytes()));
        Some(if is_sidecar {
            Self::of_sidecar(&file)
        } else {
            Self::of(&file)
        })
    }
}

/// The path of `name-wal`, `name-shm` or `name-journal`.
pub(super) fn sidecar(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    PathBuf::from(name)
}

/// What may lie beside a database when it is written.
const SIDECARS: [&str; 2] = ["-wal", "-journal"];

/// The paths of a database, its log and its journal.
pub(super) fn with_sidecars(database: &Path) -> impl Iterator<Item = PathBuf> {
    [""].into_iter()
        .chain(SIDECARS)
        .map(|suffix| sidecar(database, suffix))
}
