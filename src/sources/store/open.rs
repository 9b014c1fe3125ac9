//! Opening a store that may be live, left over or hostile, without a trace (research/reliability.md 1.2, 1.3, 1.5).

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::deadline::Deadline;
use super::files::{Files, Header, Lease, uri};
use super::{Access, PATIENCE, Store, StoreError};
use crate::domain::store_listing::NO_COPY;
use crate::sources::files::open_regular;
use crate::sources::stamp::sidecar;

/// Opens a store for reading. Nothing beside it is created or changed, whatever state it is in.
pub fn open(path: &Path) -> Result<Store, StoreError> {
    open_patiently(path, PATIENCE)
}

/// Opens a store, waiting no longer than `patience` for a writer in any of its reads.
pub(super) fn open_patiently(path: &Path, patience: Duration) -> Result<Store, StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match open_once(path, patience) {
            Err(StoreError::Moved) if attempts < MAX_ATTEMPTS => {}
            result => return result,
        }
    }
}

/// Opens a store to ask for its version only ([`Store::version`]): without waiting for anybody, and only where SQLite's
/// locks are all that it takes. Elsewhere `stat` tells of every commit.
pub fn open_to_watch(path: &Path) -> Option<Store> {
    let path = dunce::canonicalize(path).ok()?;
    let files = Files::look(&path).ok().filter(|files| files.database.bytes > 1)?;
    match access(&path, &files).ok()? {
        Plan::Locks => connect(path, files, Plan::Locks, Duration::ZERO).ok(),
        Plan::Shared | Plan::Immutable | Plan::Copy => None,
    }
}

/// How often a store that changes under the hands is opened anew.
const MAX_ATTEMPTS: u32 = 5;
/// Larger stores are not copied.
const MAX_COPY_BYTES: u64 = 64 << 20;
const NEEDS_RECOVERY: &str = "a writer left it to be recovered, and it is too large for a private copy; \
    the next spec-kitty command on this binding recovers it, catseye does not write";

fn open_once(path: &Path, patience: Duration) -> Result<Store, StoreError> {
    let path = dunce::canonicalize(path).map_err(|error| io_trouble(&error))?;
    let files = Files::look(&path).map_err(|error| io_trouble(&error))?;
    // SQLite takes a single byte for an empty database, too: an old way round a bug of some file systems.
    if files.database.bytes <= 1 {
        return Err(StoreError::Empty);
    }
    match access(&path, &files)? {
        Plan::Shared => match connect(path.clone(), files, Plan::Shared, patience) {
            Err(StoreError::Unreadable(_)) => connect(path, files, Plan::Copy, patience),
            result => result,
        },
        Plan::Locks => match connect(path.clone(), files, Plan::Locks, patience) {
            Err(StoreError::HotJournal) => connect(path, files, Plan::Copy, patience),
            result => result,
        },
        plan => connect(path, files, plan, patience),
    }
}

/// The ways to read, before one is tried.
#[derive(Clone, Copy)]
enum Plan {
    Locks,
    Shared,
    Immutable,
    Copy,
}

fn access(path: &Path, files: &Files) -> Result<Plan, StoreError> {
    let (_lease, header) = Lease::take(path, files.database.id).map_err(|error| io_trouble(&error))?;
    match header {
        Header::Foreign => Err(StoreError::Invalid("file is not a database".to_owned())),
        // SQLite reads a log that lies beside a rollback database, too.
        Header::Rollback if files.wal_bytes() == 0 => Ok(Plan::Locks),
        _ if files.wal.is_some() && files.shm.is_some() => Ok(Plan::Shared),
        _ if files.journal_bytes() > 0 => Err(StoreError::HotJournal),
        _ if files.wal_bytes() == 0 => Ok(Plan::Immutable),
        _ => Ok(Plan::Copy),
    }
}

fn connect(path: PathBuf, files: Files, plan: Plan, patience: Duration) -> Result<Store, StoreError> {
    let (lease, _) = Lease::take(&path, files.database.id).map_err(|error| io_trouble(&error))?;
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let by_uri =
        |query| Connection::open_with_flags(uri(&path, query), read_only | OpenFlags::SQLITE_OPEN_URI);
    let (mut connection, access) = match plan {
        Plan::Locks => (Connection::open_with_flags(&path, read_only)?, Access::Locks),
        Plan::Shared => (by_uri("mode=ro&readonly_shm=1")?, Access::SharedMemory),
        Plan::Immutable => (by_uri("mode=ro&immutable=1")?, Access::Immutable),
        Plan::Copy => {
            let folder = lease.alone(|| copy(&path, &files)).ok_or(StoreError::Busy)??;
            let recovering = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(folder.path().join(COPY_NAME), recovering)?;
            (connection, Access::Copy { _folder: folder })
        }
    };
    harden(&connection)?;
    let store = Store {
        deadline: Deadline::of(&mut connection)?,
        connection,
        _lease: lease,
        access,
        path,
        opened: files,
        checked: RefCell::new(None),
        joins: RefCell::new(None),
        patience,
    };
    store.read(|_| Ok(()))?;
    Ok(store)
}

const COPY_NAME: &str = "store.db";

/// Copies a store with its log or journal to another path, as it was at one moment. A store that is missing leaves
/// no copy.
pub fn copy_to(path: &Path, target: &Path) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match copy_once(path, target) {
            Err(StoreError::Missing) => return Ok(()),
            Err(StoreError::Moved) if attempts < MAX_ATTEMPTS => {}
            result => return result,
        }
    }
}

fn copy_once(path: &Path, target: &Path) -> Result<(), StoreError> {
    let path = dunce::canonicalize(path).map_err(|error| io_trouble(&error))?;
    let files = Files::look(&path).map_err(|error| io_trouble(&error))?;
    let (lease, _) = Lease::take(&path, files.database.id).map_err(|error| io_trouble(&error))?;
    lease
        .alone(|| copy_files(&path, &files, target))
        .ok_or(StoreError::Busy)?
}

/// Copies the database with its log or journal into a folder of our own; gives up when they change meanwhile.
fn copy(path: &Path, files: &Files) -> Result<tempfile::TempDir, StoreError> {
    if files.database.bytes + files.wal_bytes() + files.journal_bytes() > MAX_COPY_BYTES {
        return Err(StoreError::Unreadable(NEEDS_RECOVERY.to_owned()));
    }
    let folder = super::private_folder().map_err(|error| no_copy(&error))?;
    copy_files(path, files, &folder.path().join(COPY_NAME))?;
    Ok(folder)
}

fn copy_files(path: &Path, files: &Files, target: &Path) -> Result<(), StoreError> {
    let sidecars = [
        ("-wal", files.wal.is_some()),
        ("-journal", files.journal.is_some()),
    ];
    let present = sidecars
        .iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(suffix, _)| *suffix);
    for suffix in [""].into_iter().chain(present) {
        io::copy(
            &mut open_regular(&sidecar(path, suffix)).map_err(|error| io_trouble(&error))?,
            &mut fs::File::create(sidecar(target, suffix)).map_err(|error| no_copy(&error))?,
        )
        .map_err(|error| no_copy(&error))?;
    }
    let now = Files::look(path).map_err(|_| StoreError::Moved)?;
    if now.database == files.database && now.wal == files.wal && now.journal == files.journal {
        Ok(())
    } else {
        Err(StoreError::Moved)
    }
}

/// SQLite's advice for databases that may have been made to attack, and short waits for locks.
fn harden(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_millis(100))?;
    connection.set_prepared_statement_cache_capacity(32);
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 10),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
    ] {
        connection.set_limit(limit, most)?;
    }
    connection.execute_batch(
        "PRAGMA query_only=1; PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; \
         PRAGMA hard_heap_limit=268435456;",
    )?;
    Ok(())
}

fn no_copy(error: &io::Error) -> StoreError {
    StoreError::Unreadable(format!("{NO_COPY}: {error}"))
}

fn io_trouble(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing,
        _ => StoreError::Unreadable(format!("unable to open database file: {error}")),
    }
}
