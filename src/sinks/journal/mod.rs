//! The journal on disk: an attempt is there, synced, before its connection is opened (design section 5).
//!
//! `journal.jsonl` is appended to and never rewritten; at 10 MiB it becomes `journal.1.jsonl`. `journal.lock` is held
//! while an attempt is under way, so that one process publishes at a time. Reading creates nothing.

mod snapshots;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::mask_key;
use crate::domain::journal::{self, Attempt, AttemptRecord, Event, LineTooLong, MAX_LINE, ResultRecord};
use crate::platform::{private, private_folders, sync_folder};

use snapshots::Snapshots;

const CURRENT: &str = "journal.jsonl";
const PREVIOUS: &str = "journal.1.jsonl";
const LOCK: &str = "journal.lock";

/// The size at which the journal is rotated.
pub const ROTATE_AT: u64 = 10 << 20;

/// The most that is read of one file, whoever wrote it.
const MAX_READ: u64 = 4 * ROTATE_AT;

/// Why the journal could not be written or read. Nothing may be sent without a written attempt.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file of the journal cannot be made, written, synced or read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another catseye is publishing.
    #[error("another catseye is publishing right now")]
    Busy,
    /// The attempt's id cannot name a file, or exists already.
    #[error("the attempt's id cannot be used")]
    Id,
    /// The record is too long.
    #[error(transparent)]
    TooLong(#[from] LineTooLong),
    /// The body that was to be kept is not the one that was announced.
    #[error("the body is not the one that the plan was made for")]
    OtherBody,
}

/// Adds the file's name to an error.
trait At<T> {
    fn at(self, path: &Path) -> Result<T, JournalError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, JournalError> {
        self.map_err(|error| JournalError::Io {
            path: path.to_owned(),
            error,
        })
    }
}

/// What the journal holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The attempts, newest last.
    pub attempts: Vec<Attempt>,
    /// Lines that are torn or changed, as file name and line number from 1.
    pub damaged: Vec<(&'static str, usize)>,
}

/// The journal of one folder.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
    keep_snapshots: bool,
}

/// An attempt under way. Dropped without a result it stays unknown.
#[derive(Debug)]
pub struct Pending {
    journal: Journal,
    id: String,
    _lock: Lock,
}

/// Held while an attempt is under way.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Closing alone would not free it while a child that is just being started still has it open.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Journal {
    /// The journal in a folder that need not exist. Touches nothing.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            keep_snapshots: true,
        }
    }

    /// The same with the setting `keep_snapshots`; without snapshots the kept ones go at the next publish.
    #[must_use]
    pub fn keep_snapshots(self, keep_snapshots: bool) -> Self {
        Self {
            keep_snapshots,
            ..self
        }
    }

    /// The journal's file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    /// Reads all attempts. A journal that does not exist is an empty one.
    pub fn read(&self) -> Result<History, JournalError> {
        let mut history = History::default();
        for name in [PREVIOUS, CURRENT] {
            let path = self.folder.join(name);
            if let Some(file) = found(regular(&path).and_then(File::open)).at(&path)? {
                let mut bytes = Vec::new();
                file.take(MAX_READ).read_to_end(&mut bytes).at(&path)?;
                history.add(name, &bytes);
            }
        }
        Ok(history)
    }

    /// Why an attempt could not be written down, as far as that can be told without leaving anything: the files that
    /// are there are opened, and an unnamed file is made where new ones would go.
    pub fn trouble(&self) -> Option<JournalError> {
        self.read().err().or_else(|| self.try_files().err())
    }

    fn try_files(&self) -> Result<(), JournalError> {
        for name in [CURRENT, LOCK] {
            let path = self.folder.join(name);
            let opened = regular(&path).and_then(|path| OpenOptions::new().append(true).open(path));
            found(opened).at(&path)?;
        }
        // `exists` follows links; a broken one has no say in where the folder would be made.
        let existing = self.folder.ancestors().find(|folder| folder.exists());
        let folder = existing.unwrap_or(&self.folder);
        tempfile::tempfile_in(folder).map(drop).at(folder)
    }

    /// Writes down what is about to be sent, the body first, and syncs it to disk. Only then may a connection be opened.
    pub fn begin(&self, record: &AttemptRecord, body: impl Read) -> Result<Pending, JournalError> {
        if !record.has_valid_id() {
            return Err(JournalError::Id);
        }
        let line = journal::encode(&Event::Attempt(record.clone()))?;
        create_private_folder(&self.folder).at(&self.folder)?;
        mask_key::make(&self.folder);
        let lock = self.lock()?;
        self.rotate()?;
        let attempts = self.read()?.attempts;
        let snapshots = Snapshots::new(&self.folder, self.keep_snapshots);
        snapshots.make_room(&attempts, record.body_bytes)?;
        snapshots.write(record, body)?;
        self.append(&line)?;
        Ok(Pending {
            journal: self.clone(),
            id: record.id.clone(),
            _lock: lock,
        })
    }

    /// The kept body of an attempt, when there is one.
    pub fn snapshot(&self, id: &str) -> Option<File> {
        Snapshots::new(&self.folder, true).open(id)
    }

    fn lock(&self) -> Result<Lock, JournalError> {
        let path = self.folder.join(LOCK);
        regular_or_new(&path)?;
        let file = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&path)
            .at(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy),
            Err(TryLockError::Error(error)) => Err(error).at(&path),
        }
    }

    fn rotate(&self) -> Result<(), JournalError> {
        let path = self.folder.join(CURRENT);
        let metadata = found(fs::metadata(&path)).at(&path)?;
        if metadata.is_some_and(|metadata| metadata.len() >= ROTATE_AT) {
            fs::rename(&path, self.folder.join(PREVIOUS)).at(&path)?;
            sync_folder(&self.folder).at(&self.folder)?;
        }
        Ok(())
    }

    /// Appends a line in one write and syncs it; a torn last line is closed first.
    fn append(&self, line: &str) -> Result<(), JournalError> {
        let path = self.folder.join(CURRENT);
        let is_new = regular_or_new(&path)?;
        let mut file = private(OpenOptions::new().read(true).append(true).create(true))
            .open(&path)
            .at(&path)?;
        let lines = if ends_in_midst_of_a_line(&mut file).at(&path)? {
            format!("\n{line}")
        } else {
            line.to_owned()
        };
        file.write_all(lines.as_bytes()).at(&path)?;
        file.sync_data().at(&path)?;
        if is_new {
            sync_folder(&self.folder).at(&self.folder)?;
        }
        Ok(())
    }
}

impl Pending {
    /// Writes down what became of the attempt, whatever id the record holds, and lets go of bodies that are no longer
    /// worth keeping.
    pub fn complete(self, result: &ResultRecord) -> Result<(), JournalError> {
        let result = ResultRecord {
            id: self.id,
            ..result.clone()
        };
        self.journal.append(&journal::encode(&Event::Result(result))?)?;
        let attempts = self.journal.read()?.attempts;
        Snapshots::new(&self.journal.folder, self.journal.keep_snapshots).make_room(&attempts, 0)
    }
}

impl History {
    /// Adds the lines of one file. A result whose attempt is gone with an older file is dropped.
    fn add(&mut self, name: &'static str, bytes: &[u8]) {
        for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let whole = if line.len() < MAX_LINE {
                journal::decode(line)
            } else {
                None
            };
            match whole {
                Some(Event::Attempt(record)) => self.attempts.push(Attempt { record, result: None }),
                Some(Event::Result(result)) => {
                    let mut newest_first = self.attempts.iter_mut().rev();
                    if let Some(attempt) = newest_first.find(|attempt| attempt.record.id == result.id) {
                        attempt.result = Some(result);
                    }
                }
                None if line.is_empty() => {}
                None => self.damaged.push((name, at + 1)),
            }
        }
    }
}

/// What was found; `None` when nothing is there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// The path, when a regular file is there: opening a pipe would wait for its other end.
fn regular(path: &Path) -> io::Result<&Path> {
    if fs::metadata(path)?.is_file() {
        Ok(path)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// Whether there is nothing yet; anything but a regular file is an error.
fn regular_or_new(path: &Path) -> Result<bool, JournalError> {
    // A dangling link is made by opening it.
    Ok(found(regular(path)).at(path)?.is_none())
}

/// Makes a folder that only its owner may enter, and makes its name durable.
fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    private_folders(DirBuilder::new().recursive(true)).create(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

fn ends_in_midst_of_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}
