//! The kept bodies: those of unresolved attempts, to be sent again byte for byte, and of the last delivered publish of
//! each binding, to compare with. 256 MiB in all; the newest are kept first.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use crate::domain::journal::{self, Attempt, AttemptRecord};

use super::{At, JournalError, create_private_folder, found};
use crate::platform::{private, sync_folder};

/// The most that all snapshots take together.
const MAX_BYTES: u64 = 256 << 20;
const EXTENSION: &str = "body";

/// The folder of the snapshots.
pub(super) struct Snapshots {
    folder: PathBuf,
    keep: bool,
}

impl Snapshots {
    pub(super) fn new(journal: &Path, keep: bool) -> Self {
        Self {
            folder: journal.join("snapshots"),
            keep,
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id).with_extension(EXTENSION)
    }

    pub(super) fn open(&self, id: &str) -> Option<File> {
        let fit = !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let path = fit.then(|| self.path(id)).filter(|path| path.is_file())?;
        File::open(path).ok()
    }

    /// Removes what is not worth keeping, or no longer fits beside a new body of so many bytes.
    pub(super) fn make_room(&self, attempts: &[Attempt], new_body: u64) -> Result<(), JournalError> {
        let mut kept = HashSet::new();
        let mut left = MAX_BYTES.saturating_sub(new_body);
        for attempt in journal::worth_keeping(attempts) {
            let path = self.path(&attempt.record.id);
            let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            if self.keep && size <= left {
                left -= size;
                kept.insert(path);
            }
        }
        let entries = found(fs::read_dir(&self.folder)).at(&self.folder)?;
        for entry in entries.into_iter().flatten() {
            let path = entry.at(&self.folder)?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION) && !kept.contains(&path) {
                fs::remove_file(&path).at(&path)?;
            }
        }
        Ok(())
    }

    /// Keeps the body of an attempt, synced, unless it alone is too large. It must be the body of the record.
    pub(super) fn write(&self, record: &AttemptRecord, body: impl Read) -> Result<(), JournalError> {
        if !self.keep || record.body_bytes > MAX_BYTES {
            return Ok(());
        }
        create_private_folder(&self.folder).at(&self.folder)?;
        let path = self.path(&record.id);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let mut file = match private(&mut options).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(JournalError::Id),
            opened => opened.at(&path)?,
        };
        let written = copy(body.take(record.body_bytes + 1), &mut file, record)
            .at(&path)
            .and_then(|is_the_body| is_the_body.then_some(()).ok_or(JournalError::OtherBody))
            .and_then(|()| file.sync_data().at(&path))
            .and_then(|()| sync_folder(&self.folder).at(&self.folder));
        if written.is_err() {
            // Nothing is sent after this error: a leftover is removed at the latest by the next `make_room`.
            let _ = fs::remove_file(&path);
        }
        written
    }
}

/// Copies the body; tells whether what is in the file then has the length and digest of the record.
fn copy(mut body: impl Read, file: &mut File, record: &AttemptRecord) -> io::Result<bool> {
    let bytes = io::copy(&mut body, file)?;
    file.rewind()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(bytes == record.body_bytes && hasher.finalize().to_hex().as_str() == record.body_blake3)
}
