//! The other stores in the same folder, for telling where issues went when the scope changed (reference B4, B5).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::open::open_patiently;
use super::walk::stored;
use super::{Store, StoreError, convert};
use crate::domain::row_facts::{MAX_SIBLING_COUNT, SiblingStore};

/// Most files that are looked into.
const MAX_FILES: usize = 64;
/// Rows of each table whose workspaces are listed.
const WORKSPACE_ROWS: u64 = 50;

/// What the other databases of a folder hold; those that cannot be read at once are left out.
pub fn siblings(trackers: &Path, except: &Path) -> Vec<SiblingStore> {
    let except = fs::canonicalize(except).ok();
    let Ok(entries) = fs::read_dir(trackers) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .filter(|path| except.is_none() || fs::canonicalize(path).ok() != except)
        .collect();
    paths.sort();
    paths.truncate(MAX_FILES);
    paths.into_iter().filter_map(|path| sibling(path).ok()).collect()
}

fn sibling(path: PathBuf) -> Result<SiblingStore, StoreError> {
    let store = open_patiently(&path, Duration::ZERO)?;
    let systems = store.systems()?;
    let workspaces = store.workspaces()?;
    Ok(SiblingStore {
        path,
        systems,
        workspaces,
    })
}

impl Store {
    /// The systems of the first issues, most frequent first.
    fn systems(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let query = format!("SELECT system FROM tracker_issues LIMIT {MAX_SIBLING_COUNT}");
        let counts = self.read(|snapshot| {
            if snapshot.tables.issues {
                count_values(&snapshot.connection, &query)
            } else {
                Ok(BTreeMap::new())
            }
        })?;
        let mut systems: Vec<_> = counts.into_iter().collect();
        systems.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(systems)
    }

    /// Workspaces of the first mappings and issues. spec-kitty never reads the column of issues, so it may be missing.
    fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let from = |table| format!("SELECT workspace FROM {table} LIMIT {WORKSPACE_ROWS}");
        self.read(|snapshot| {
            let mut workspaces = BTreeMap::new();
            for (exists, table) in [
                (snapshot.tables.mappings, super::schema::MAPPINGS),
                (snapshot.tables.issues, super::schema::ISSUES),
            ] {
                if exists {
                    workspaces.extend(count_values(&snapshot.connection, &from(table)).unwrap_or_default());
                }
            }
            Ok(workspaces.into_keys().collect())
        })
    }
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
