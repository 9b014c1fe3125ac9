//! Whether the tables are those that spec-kitty reads (reference 27, 28).
//!
//! spec-kitty creates a missing table, so that one reads as empty. Beyond its own statements this refuses, by name,
//! the few shapes whose publish order windows of rows could not follow.

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;

/// Which of the three tables exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts that do not depend on one another"
)]
pub(super) struct Tables {
    pub(super) issues: bool,
    pub(super) mappings: bool,
    pub(super) checkpoints: bool,
    /// Whether a mapping's key holds NULL, as tables without keys allow.
    pub(super) null_keys: bool,
}

pub(super) const ISSUES: &str = "tracker_issues";
pub(super) const MAPPINGS: &str = "tracker_mappings";
pub(super) const CHECKPOINTS: &str = "tracker_checkpoints";

/// spec-kitty's own statements: what fails to compile here fails there, in the same words.
const LIST_ISSUES: &str = "SELECT payload FROM tracker_issues WHERE system = ? ORDER BY identity ASC";
const LIST_MAPPINGS: &str = "SELECT wp_id, system, workspace, external_id, external_key, external_url, created_at, \
    updated_at FROM tracker_mappings ORDER BY wp_id ASC, system ASC";
const GET_CHECKPOINT: &str = "SELECT cursor, updated_since FROM tracker_checkpoints WHERE checkpoint_key = ?";

const HAS_NULL_KEYS: &str = "SELECT 1 FROM tracker_mappings WHERE wp_id IS NULL OR system IS NULL LIMIT 1";

/// Looks at the schema; the caller holds a read transaction.
pub(super) fn check(connection: &Connection) -> Result<Tables, StoreError> {
    let mut tables = Tables {
        issues: is_table(connection, ISSUES)?,
        checkpoints: is_table(connection, CHECKPOINTS)?,
        mappings: is_table(connection, MAPPINGS)?,
        null_keys: false,
    };
    if tables.issues {
        connection.prepare(LIST_ISSUES)?;
        in_binary_order(connection, ISSUES, &["identity"])?;
    }
    if tables.mappings {
        connection.prepare(LIST_MAPPINGS)?;
        in_binary_order(connection, MAPPINGS, &["wp_id", "system"])?;
        none(
            connection,
            "SELECT 1 FROM tracker_mappings WHERE wp_id = -9e999 OR system = -9e999 LIMIT 1",
            "a wp_id or system in tracker_mappings is minus infinity",
        )?;
        tables.null_keys = connection
            .query_row(HAS_NULL_KEYS, [], |_| Ok(()))
            .optional()?
            .is_some();
    }
    if tables.checkpoints {
        connection.prepare(GET_CHECKPOINT)?;
        in_binary_order(connection, CHECKPOINTS, &[])?;
    }
    if tables.issues || tables.mappings || tables.checkpoints {
        Ok(tables)
    } else {
        Err(StoreError::Empty)
    }
}

/// Whether a name stands for a real table; what else may bear it is refused.
fn is_table(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    let found: Option<(String, Option<i64>)> = connection
        .query_row(
            "SELECT type, rootpage FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'",
            [name],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match found {
        None => Ok(false),
        Some((kind, Some(root))) if kind == "table" && root > 0 => Ok(true),
        Some((kind, _)) if kind == "table" => Err(invalid(format!("{name} is a virtual table"))),
        Some((kind, _)) if kind == "index" => Err(invalid(format!("there is already an index named {name}"))),
        Some((kind, _)) => Err(invalid(format!("{name} is a {kind}, not a table"))),
    }
}

/// Windows compare keys as bytes and tell equal ones apart by rowid.
fn in_binary_order(connection: &Connection, table: &str, columns: &[&str]) -> Result<(), StoreError> {
    let rowid = connection.column_metadata(None, table, "rowid");
    if !rowid.is_ok_and(|(kind, _, _, primary_key, _)| primary_key && kind == Some(c"INTEGER")) {
        return Err(invalid(format!("{table} has no rowid")));
    }
    for &column in columns {
        let (_, collation, ..) = connection.column_metadata(None, table, column)?;
        if collation.is_some_and(|name| name != c"BINARY") {
            return Err(invalid(format!("{table}.{column} is not in binary order")));
        }
    }
    Ok(())
}

fn none(connection: &Connection, query: &str, trouble: &str) -> Result<(), StoreError> {
    let found: Option<i64> = connection.query_row(query, [], |row| row.get(0)).optional()?;
    found.map_or(Ok(()), |_| Err(invalid(trouble.to_owned())))
}

fn invalid(words: String) -> StoreError {
    StoreError::Invalid(words)
}
