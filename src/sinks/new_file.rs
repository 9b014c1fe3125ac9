//! New files for their owner alone: mode 0600, and nothing is ever overwritten.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::platform::private;

/// Writes a file with a name of its own into a folder.
pub fn write_in(folder: &Path, text: &str) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new()
        .prefix("catseye-")
        .suffix(".txt")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

/// Writes a file that does not exist yet.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text.as_bytes())
}
