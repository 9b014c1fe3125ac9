//! The database file and its sidecars as the file system shows them, before and beside SQLite.
//!
//! POSIX drops all locks that a process holds on a file when any descriptor of that file is closed, SQLite's own
//! among them. So the header is read here, once, while this process has no connection to the file ([`Lease`]);
//! afterwards these paths are only ever `stat`ed.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::store_listing::BESIDE_IT;
use crate::platform::{FileId, Status, status, uri_path};
use crate::sources::files::open_regular;
use crate::sources::stamp::{Stamp, sidecar};

/// A database and its sidecars at one instant; `None` stands for a sidecar that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) database: Stamp,
    pub(super) wal: Option<Stamp>,
    pub(super) shm: Option<Stamp>,
    pub(super) journal: Option<Stamp>,
}

impl Files {
    /// Looks at a database and its sidecars without opening any of them.
    pub(super) fn look(database: &Path) -> io::Result<Self> {
        Ok(Self {
            database: Stamp::of(&regular(database)?),
            wal: optional(&sidecar(database, "-wal"))?,
            shm: optional(&sidecar(database, "-shm"))?,
            journal: optional(&sidecar(database, "-journal"))?,
        })
    }

    /// Bytes that a writer has left in the write-ahead log.
    pub(super) fn wal_bytes(&self) -> u64 {
        self.wal.map_or(0, |wal| wal.bytes)
    }

    /// Bytes in the rollback journal.
    pub(super) fn journal_bytes(&self) -> u64 {
        self.journal.map_or(0, |journal| journal.bytes)
    }
}

/// Opening a FIFO would wait for its other end, for ever: only regular files are let through.
fn regular(path: &Path) -> io::Result<Status> {
    let status = status(path)?;
    if status.metadata.is_file() {
        return Ok(status);
    }
    let what = if status.metadata.is_dir() {
        "a directory"
    } else {
        "not a regular file"
    };
    Err(io::Error::other(format!("it is {what}")))
}

fn optional(path: &Path) -> io::Result<Option<Stamp>> {
    match regular(path) {
        Ok(status) => Ok(Some(Stamp::of_sidecar(&status))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Err(io::Error::other(format!("{BESIDE_IT} {name}: {error}")))
        }
    }
}

/// A `file:` URI for an absolute path; every byte that could mean something in a URI is escaped.
pub(super) fn uri(path: &Path, query: &str) -> String {
    let mut uri = String::from("file:");
    for byte in uri_path(path) {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(byte)),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                let digit = |value: u8| char::from(HEX[usize::from(value)]);
                uri.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    uri.push('?');
    uri.push_str(query);
    uri
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// Not SQLite's.
    Foreign,
    /// A rollback journal protects it.
    Rollback,
    /// Write-ahead logging is on.
    Wal,
}

impl Header {
    fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = [0; 20];
        match open_regular(path)?.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Self::Foreign),
            Err(error) => return Err(error),
        }
        Ok(match bytes {
            _ if !bytes.starts_with(b"SQLite format 3\0") => Self::Foreign,
            [.., 2, _] | [.., 2] => Self::Wal,
            _ => Self::Rollback,
        })
    }
}

/// The databases that this process has connections to, with their headers as read before the first one.
static CONNECTED: Mutex<BTreeMap<FileId, (Header, usize)>> = Mutex::new(BTreeMap::new());

fn connected() -> MutexGuard<'static, BTreeMap<FileId, (Header, usize)>> {
    CONNECTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to connect to a database: taken before the connection is made and dropped after it is closed.
#[derive(Debug)]
pub(super) struct Lease(FileId);

impl Lease {
    /// Reads the header, unless this process is connected to the file already: then what it was counts.
    pub(super) fn take(path: &Path, id: FileId) -> io::Result<(Self, Header)> {
        let mut connected = connected();
        let (header, connections) = match connected.get(&id) {
            Some(&(header, connections)) => (header, connections),
            None => (Header::read(path)?, 0),
        };
        connected.insert(id, (header, connections + 1));
        Ok((Self(id), header))
    }

    /// Runs `work`, which opens and closes the file, if no connection but this lease's own to come can suffer.
    pub(super) fn alone<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let connected = connected();
        let alone = connected
            .get(&self.0)
            .is_some_and(|&(_, connections)| connections == 1);
        alone.then(work)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut connected = connected();
        if let Some((_, connections)) = connected.get_mut(&self.0) {
            *connections -= 1;
            if *connections == 0 {
                connected.remove(&self.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_uri_would_read() {
        assert_eq!(
            uri(Path::new("/t/q?mode=rwc&x#%é.db"), "mode=ro"),
            "file:/t/q%3Fmode%3Drwc%26x%23%25%C3%A9.db?mode=ro"
        );
    }
}
