//! What the stores of a folder hold, for telling which is which (reference B4-B6). Each is looked at for a moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::open::open_patiently;
use super::schema::{ISSUES, MAPPINGS, Tables};
use super::walk::stored;
use super::{StoreError, convert};
use crate::domain::evaluation::StoreState;
use crate::domain::store_listing::{CheckpointRow, MAX_CHECKPOINTS, MAX_COUNTED, StoreListing};

/// Most files that are looked into.
const MAX_FILES: usize = 64;
/// Rows of each table whose workspaces are listed.
const WORKSPACE_ROWS: u64 = 50;
/// Rows that the newest update is looked for in: behind a long payload each costs a walk over its pages.
const NEWEST_ROWS: u64 = 1_000;
/// Most different workspaces of a store.
const MAX_WORKSPACES: usize = 8;

/// The databases of a folder by name. One that cannot be read at once is listed with the reason.
pub fn stores(trackers: &Path) -> Vec<StoreListing> {
    let Ok(entries) = fs::read_dir(trackers) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .collect();
    paths.sort();
    paths.truncate(MAX_FILES);
    paths.into_iter().map(listing).collect()
}

fn listing(path: PathBuf) -> StoreListing {
    let mut listing = StoreListing {
        path,
        state: StoreState::Ok,
        trouble: None,
        systems: Vec::new(),
        workspaces: Vec::new(),
        mappings: 0,
        checkpoints: Vec::new(),
        newest_update: None,
    };
    if let Err(error) = look(&mut listing) {
        listing.state = error.state();
        listing.trouble = Some(error.to_string());
    }
    listing
}

/// Every question in a short transaction of its own.
fn look(listing: &mut StoreListing) -> Result<(), StoreError> {
    let store = open_patiently(&listing.path, Duration::ZERO)?;
    listing.systems = store.read(|snapshot| systems(&snapshot.connection, snapshot.tables))?;
    listing.workspaces = store.read(|snapshot| Ok(workspaces(&snapshot.connection, snapshot.tables)))?;
    listing.mappings = store.read(|snapshot| mappings(&snapshot.connection, snapshot.tables))?;
    listing.checkpoints = store.read(|snapshot| checkpoints(&snapshot.connection, snapshot.tables))?;
    listing.newest_update =
        store.read(|snapshot| Ok(newest_update(&snapshot.connection, snapshot.tables)))?;
    Ok(())
}

fn systems(connection: &Connection, tables: Tables) -> Result<Vec<(String, u64)>, StoreError> {
    if !tables.issues {
        return Ok(Vec::new());
    }
    let query = format!("SELECT system FROM {ISSUES} LIMIT {MAX_COUNTED}");
    let mut systems: Vec<_> = count_values(connection, &query)?.into_iter().collect();
    systems.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(systems)
}

/// Workspaces of the first issues and mappings. spec-kitty never reads the column of issues, so it may be missing.
fn workspaces(connection: &Connection, tables: Tables) -> Vec<String> {
    let mut workspaces = BTreeMap::new();
    for (exists, table) in [(tables.issues, ISSUES), (tables.mappings, MAPPINGS)] {
        if exists {
            let query = format!("SELECT workspace FROM {table} LIMIT {WORKSPACE_ROWS}");
            workspaces.extend(count_values(connection, &query).unwrap_or_default());
        }
    }
    workspaces.into_keys().take(MAX_WORKSPACES).collect()
}

fn mappings(connection: &Connection, tables: Tables) -> Result<u64, StoreError> {
    if !tables.mappings {
        return Ok(0);
    }
    let query = format!("SELECT count(*) FROM (SELECT 1 FROM {MAPPINGS} LIMIT {MAX_COUNTED})");
    let count: i64 = connection.query_row(&query, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn checkpoints(connection: &Connection, tables: Tables) -> Result<Vec<CheckpointRow>, StoreError> {
    if !tables.checkpoints {
        return Ok(Vec::new());
    }
    let query = format!(
        "SELECT rowid, checkpoint_key, cursor, updated_since FROM tracker_checkpoints ORDER BY rowid LIMIT {MAX_CHECKPOINTS}"
    );
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([])?;
    let mut checkpoints = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |column| -> Result<Option<String>, StoreError> {
            let value = row.get_ref(column)?;
            Ok((value != ValueRef::Null).then(|| convert::shown(stored(value))))
        };
        checkpoints.push(CheckpointRow {
            rowid: row.get(0)?,
            key: convert::shown(stored(row.get_ref(1)?)),
            cursor: text(2)?,
            updated_since: text(3)?,
        });
    }
    Ok(checkpoints)
}

/// Of the rows written last; a column that is missing or no text has no newest.
fn newest_update(connection: &Connection, tables: Tables) -> Option<String> {
    let last = format!("SELECT updated_at FROM {ISSUES} ORDER BY rowid DESC LIMIT {NEWEST_ROWS}");
    let query = format!("SELECT max(updated_at) FROM ({last}) WHERE typeof(updated_at) = 'text'");
    let newest = || connection.query_row(&query, [], |row| row.get(0)).optional().ok();
    tables.issues.then(newest)??
}

fn count_values(connection: &Connection, query: &str) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        *counts.entry(convert::shown(stored(row.get_ref(0)?))).or_default() += 1;
    }
    Ok(counts)
}
