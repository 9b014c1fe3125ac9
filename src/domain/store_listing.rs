//! What the stores of `trackers/` hold, each looked at for a moment (reference B4-B6).

use std::path::PathBuf;

use super::evaluation::StoreState;

/// How the reason begins why a store cannot be read, when it is the file of that name beside it.
pub const BESIDE_IT: &str = "beside it";
/// How the reason begins when it is the private copy that cannot be made.
pub const NO_COPY: &str = "no private copy could be made";

/// One database of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreListing {
    /// Its file.
    pub path: PathBuf,
    /// Whether it can be read; the rest is empty when it cannot.
    pub state: StoreState,
    /// Why it cannot, in words.
    pub trouble: Option<String>,
    /// The systems of its issues, most frequent first, counted up to [`MAX_COUNTED`] issues in all.
    pub systems: Vec<(String, u64)>,
    /// Some of the workspaces that its issues and mappings name.
    pub workspaces: Vec<String>,
    /// Its mappings, counted up to [`MAX_COUNTED`].
    pub mappings: u64,
    /// Its checkpoints, at most [`MAX_CHECKPOINTS`].
    pub checkpoints: Vec<CheckpointRow>,
    /// The newest `updated_at` among the issues written last.
    pub newest_update: Option<String>,
}

/// A row of `tracker_checkpoints`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// Its rowid.
    pub rowid: i64,
    /// `checkpoint_key`: `{provider}:{workspace}` as the pull spelled them (reference 26).
    pub key: String,
    /// `cursor` as it is stored; `None` for NULL.
    pub cursor: Option<String>,
    /// `updated_since` as it is stored; `None` for NULL.
    pub updated_since: Option<String>,
}

/// Counting stops here.
pub const MAX_COUNTED: u64 = 10_000;
/// Most checkpoints that are listed.
pub const MAX_CHECKPOINTS: usize = 50;

impl StoreListing {
    /// The scope that its file is named by.
    pub fn scope(&self) -> Option<&str> {
        self.path.file_stem()?.to_str()
    }

    /// Its issues of a system.
    pub fn issues_of(&self, system: &str) -> u64 {
        let found = self.systems.iter().find(|(name, _)| name == system);
        found.map_or(0, |(_, count)| *count)
    }

    /// Whether all its checkpoints are listed.
    pub fn knows_checkpoints(&self) -> bool {
        self.state == StoreState::Ok && self.checkpoints.len() < MAX_CHECKPOINTS
    }
}

/// A count for people: `10,000 or more` where counting stopped.
pub fn counted(count: u64) -> String {
    if count < MAX_COUNTED {
        count.to_string()
    } else {
        format!("{MAX_COUNTED} or more")
    }
}
