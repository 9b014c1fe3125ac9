//! A private folder with a project and a home in it, laid out as spec-kitty does.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::platform::{private, private_temporary};

/// The folder, which only its owner may enter; deleted with everything in it when it is dropped.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    /// Makes one without binding, credentials and store; its name begins so.
    pub fn new(prefix: &str) -> io::Result<Self> {
        let folder = private_temporary(tempfile::Builder::new().prefix(prefix)).tempdir()?;
        let sandbox = Self { folder };
        fs::create_dir(sandbox.project())?;
        fs::create_dir_all(sandbox.home().join("trackers"))?;
        Ok(sandbox)
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The project's root.
    pub fn project(&self) -> PathBuf {
        self.folder().join("project")
    }

    /// `$HOME`.
    pub fn user_home(&self) -> PathBuf {
        self.folder().join("home")
    }

    /// The spec-kitty home.
    pub fn home(&self) -> PathBuf {
        self.user_home().join(".spec-kitty")
    }

    /// Writes the project's config.yaml.
    pub fn write_config(&self, bytes: &[u8]) -> io::Result<()> {
        let folder = self.project().join(".kittify");
        fs::create_dir(&folder)?;
        write(&folder.join("config.yaml"), bytes)
    }

    /// Writes the credentials.
    pub fn write_credentials(&self, bytes: &[u8]) -> io::Result<()> {
        write(&self.home().join("credentials"), bytes)
    }
}

/// Writes a new file that only its owner may read.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)
}
