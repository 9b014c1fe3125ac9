//! spec-kitty's SQLite store, strictly read-only: opening, windows of rows, search, the audit pass (reference 3.5).
//!
//! Every read is a short transaction of its own, so that no writer ever waits long; nothing is created, changed or
//! repaired next to the store.

mod audit;
mod convert;
mod crew;
mod deadline;
mod desk;
mod files;
mod find;
mod hazards;
mod issue_walk;
mod join;
mod kind;
mod listing;
mod long;
mod mapping_walk;
mod matching;
mod open;
mod places;
mod portion;
mod rows;
mod schema;
mod shape;
mod sift;
mod spool;
mod walk;
mod window;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};

use crate::domain::evaluation::StoreState;
use crate::platform::{private_temporary, spool_folder};
use deadline::Deadline;
use files::{Files, Lease};
use schema::Tables;

pub use audit::{Audit, AuditError, AuditRequest, audit, audit_nothing};
pub use find::Find;
pub use kind::{Issues, Kind, Mappings, RowsOf};
pub use listing::stores;
pub use open::{copy_to, open, open_to_watch};
pub use shape::{shape, sqlite_version};
pub use sift::{Order, Progress, Sifted};
pub use spool::{Body, BodyReader};
pub use walk::{Direction, Texts};
pub use window::Lens;

/// Why a store could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no file.
    #[error("no such file")]
    Missing,
    /// A file of zero bytes, or a database without any of the three tables.
    #[error("the database holds none of the tracker tables")]
    Empty,
    /// A writer kept the lock.
    #[error("database is locked")]
    Busy,
    /// The file behind the connection is no longer the store: open it anew.
    #[error("the store was replaced or changed while it was read")]
    Moved,
    /// The caller asked to stop.
    #[error("stopped")]
    Cancelled,
    /// A single question to the database took so long that it was stopped for the sake of a writer.
    #[error(
        "a query ran for {} seconds and was stopped: this store is not laid out as spec-kitty lays it out",
        deadline::MOST.as_secs()
    )]
    TooSlow,
    /// A writer stopped in the middle of a transaction, which must be rolled back before anybody reads.
    #[error(
        "a writer stopped in the middle of a transaction; the next spec-kitty command on this binding rolls it back"
    )]
    HotJournal,
    /// It cannot be opened or read.
    #[error("{0}")]
    Unreadable(String),
    /// It is not a tracker database that can be read as spec-kitty reads it.
    #[error("{0}")]
    Invalid(String),
}

impl StoreError {
    /// The state that it puts the store in.
    pub fn state(&self) -> StoreState {
        match self {
            Self::Missing => StoreState::Missing,
            Self::Empty => StoreState::Empty,
            Self::Busy | Self::Moved | Self::Cancelled => StoreState::Busy,
            Self::HotJournal | Self::TooSlow | Self::Unreadable(_) => StoreState::Unreadable,
            Self::Invalid(_) => StoreState::Invalid,
        }
    }
}

/// Only SQLite's own message is kept: never the SQL or a path.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use ffi::ErrorCode as Code;
        let (failure, message) = match error {
            rusqlite::Error::SqliteFailure(failure, message) => (failure, message),
            rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
            other => return Self::Unreadable(other.to_string()),
        };
        let message = message.unwrap_or_else(|| ffi::code_to_str(failure.extended_code).to_owned());
        match failure.code {
            Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed => Self::Busy,
            // Nobody but the deadline interrupts.
            Code::OperationInterrupted => Self::TooSlow,
            Code::TooBig => Self::Unreadable("a value is larger than 64 MiB".to_owned()),
            Code::NotADatabase | Code::DatabaseCorrupt | Code::Unknown => Self::Invalid(message),
            _ => Self::Unreadable(message),
        }
    }
}

/// A connection to a readable store.
#[derive(Debug)]
pub struct Store {
    /// Declared first: it must be closed before the lease ends and the private copy goes.
    connection: Connection,
    _lease: Lease,
    deadline: Deadline,
    access: Access,
    /// The real path: symbolic links resolved, as SQLite does to name the sidecars.
    path: PathBuf,
    opened: Files,
    /// The tables, and the data version they were checked at.
    checked: RefCell<Option<(i64, Tables)>>,
    joins: RefCell<Option<join::Joins>>,
    /// How long reads wait for a writer, in all.
    patience: Duration,
}

/// How the file is read without writing beside it (research/reliability.md 1.2).
#[derive(Debug)]
enum Access {
    /// A rollback database, by SQLite's own locks.
    Locks,
    /// Write-ahead logging whose `-wal` and `-shm` both exist.
    SharedMemory,
    /// Write-ahead logging with nothing in the log: the file alone, watched by `stat`.
    Immutable,
    /// A log without its index, or a journal that must be rolled back: a private copy, recovered there.
    Copy {
        /// Removed when the store is dropped.
        _folder: tempfile::TempDir,
    },
}

/// One short read transaction.
struct Snapshot<'store> {
    connection: Transaction<'store>,
    /// Which tables exist in it.
    tables: Tables,
    /// `PRAGMA data_version`: differs when another connection has committed since.
    version: i64,
}

/// How long the binding's own store waits for a writer; spec-kitty waits 5 seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// The pauses between attempts, the last one repeated.
const BACK_OFF_MS: [u64; 5] = [10, 20, 40, 80, 160];
/// A hot journal must be seen this often, [`HOT_PAUSE`] apart: SQLite may take a live writer's for one.
const HOT_ATTEMPTS: u32 = 3;
const HOT_PAUSE: Duration = Duration::from_millis(500);
impl Store {
    /// The file, symbolic links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in a read transaction of its own. `work` must return soon: a writer waits for it.
    fn read<T>(&self, work: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.read_unless(&AtomicBool::new(false), work)
    }

    /// [`Store::read`] that stops waiting for a writer when it is cancelled: what was asked for next would wait behind
    /// it.
    fn read_unless<T>(
        &self,
        cancel: &AtomicBool,
        work: impl FnOnce(&Snapshot) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.still_the_store()?;
        let result = self.begin(cancel).and_then(|snapshot| {
            let result = work(&snapshot);
            snapshot.connection.finish()?;
            result
        });
        self.deadline.end();
        self.still_the_store()?;
        result
    }

    /// `PRAGMA data_version`: differs from an earlier answer when another connection has committed in between. `None`
    /// while a writer is at work, and for a store that is not read by SQLite's locks.
    pub fn version(&self) -> Result<Option<i64>, StoreError> {
        if !matches!(self.access, Access::Locks) {
            return Ok(None);
        }
        match self.read(|snapshot| Ok(snapshot.version)) {
            Ok(version) => Ok(Some(version)),
            Err(StoreError::Busy | StoreError::HotJournal) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn begin(&self, cancel: &AtomicBool) -> Result<Snapshot<'_>, StoreError> {
        let since = Instant::now();
        let mut pauses = BACK_OFF_MS.into_iter().chain(std::iter::repeat(160));
        let mut hot = 0;
        loop {
            rows::go_on(cancel)?;
            match self.try_begin() {
                Err(Attempt::HotJournal) => {
                    hot += 1;
                    if hot == HOT_ATTEMPTS || self.patience.is_zero() {
                        return Err(StoreError::HotJournal);
                    }
                    thread::sleep(HOT_PAUSE);
                }
                Err(Attempt::Failed(StoreError::Busy)) if since.elapsed() < self.patience => {
                    thread::sleep(Duration::from_millis(pauses.next().unwrap_or(160)));
                }
                Err(Attempt::Failed(error)) => return Err(error),
                Ok(snapshot) => return Ok(snapshot),
            }
        }
    }

    fn try_begin(&self) -> Result<Snapshot<'_>, Attempt> {
        self.deadline.begin();
        let connection = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
        // The first statement takes the lock.
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let checked = *self.checked.borrow();
        let tables = match checked {
            Some((at, tables)) if at == version => tables,
            _ => {
                let tables = schema::check(&connection).map_err(Attempt::Failed)?;
                *self.checked.borrow_mut() = Some((version, tables));
                tables
            }
        };
        Ok(Snapshot {
            connection,
            tables,
            version,
        })
    }

    /// Whether the path still leads to what was opened, by `stat` alone.
    fn still_the_store(&self) -> Result<(), StoreError> {
        let now = Files::look(&self.path).map_err(|_| StoreError::Moved)?;
        let then = &self.opened;
        let same = match self.access {
            Access::Locks => now.database.id == then.database.id && now.wal_bytes() == 0,
            Access::SharedMemory => {
                now.database.id == then.database.id && now.wal.is_some() && now.shm.is_some()
            }
            Access::Immutable => {
                now.database == then.database && now.wal_bytes() == 0 && now.journal_bytes() == 0
            }
            Access::Copy { .. } => {
                now.database == then.database && now.wal == then.wal && now.journal == then.journal
            }
        };
        if same { Ok(()) } else { Err(StoreError::Moved) }
    }
}

/// Why a transaction could not begin.
enum Attempt {
    HotJournal,
    Failed(StoreError),
}

impl From<rusqlite::Error> for Attempt {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(failure) if failure.extended_code == ffi::SQLITE_READONLY_ROLLBACK => Self::HotJournal,
            _ => Self::Failed(error.into()),
        }
    }
}

/// A folder of our own for what must not lie beside the store: 0700, gone with its owner.
fn private_folder() -> std::io::Result<tempfile::TempDir> {
    private_temporary(tempfile::Builder::new().prefix("catseye-")).tempdir_in(spool_folder())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform;

    #[test]
    fn nobody_else_may_enter_the_folder_of_a_private_copy() {
        let folder = private_folder().unwrap();
        let mode = platform::mode(&folder.path().metadata().unwrap());
        assert_eq!(mode.unwrap_or(0o700), 0o700);
    }
}
