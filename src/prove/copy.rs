//! A private copy of what publish reads: config.yaml, the credentials, the store.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::inputs::{FileInput, FileState, Inputs};
use crate::sources::store;

/// The copy; deleted when it is dropped.
pub(super) struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// Copies; what is missing stays missing.
    pub(super) fn copy(inputs: &Inputs) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("catseye-prove-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let world = Self { folder };
        fs::create_dir_all(world.project())?;
        fs::create_dir_all(world.home().join(".spec-kitty/trackers"))?;
        if let Some(config) = &inputs.config {
            fs::create_dir_all(world.project().join(".kittify"))?;
            write(config, &world.project().join(".kittify/config.yaml"))?;
        }
        write(&inputs.credentials, &world.home().join(".spec-kitty/credentials"))?;
        if let Some(store) = &inputs.store {
            let name = store.path.file_name().unwrap_or_default();
            let target = world.home().join(".spec-kitty/trackers").join(name);
            store::copy_to(&store.path, &target).map_err(|error| io::Error::other(error.to_string()))?;
        }
        Ok(world)
    }

    /// The project's root.
    pub(super) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// `$HOME`.
    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }
}

fn write(file: &FileInput, target: &Path) -> io::Result<()> {
    if matches!(file.state, FileState::Missing | FileState::Unreadable(_)) {
        return Ok(());
    }
    let mut copy = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(target)?;
    copy.write_all(file.text.bytes())
}
