//! How a store is laid out, for `catseye report`: what SQLite tells of the file, and nothing of its rows.

use std::path::Path;

use rusqlite::Connection;

use super::files::{Files, Header, Lease};
use super::schema::{CHECKPOINTS, ISSUES, MAPPINGS};
use super::{Access, Store, StoreError, open};
use crate::domain::report::StoreShape;
use crate::sources::stamp::Stamp;

/// SQLite's version.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Looks at a store; an error is told in SQLite's words.
pub fn shape(path: &Path) -> Result<StoreShape, String> {
    open(path)
        .and_then(|store| store.shape())
        .map_err(|error| error.to_string())
}

impl Store {
    fn shape(&self) -> Result<StoreShape, StoreError> {
        let mut facts = vec![("read by", self.access.words().to_owned())];
        facts.push(("journal mode", self.journal_mode().to_owned()));
        facts.extend(file_facts(&self.opened));
        self.read(|snapshot| {
            let connection: &Connection = &snapshot.connection;
            for pragma in [
                "page_size",
                "page_count",
                "freelist_count",
                "auto_vacuum",
                "user_version",
                "application_id",
                "schema_version",
            ] {
                let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
                facts.push((pragma, number.to_string()));
            }
            let encoding: String = connection.pragma_query_value(None, "encoding", |row| row.get(0))?;
            facts.push(("encoding", encoding));
            let mut tables = Vec::new();
            let mut statements = String::new();
            for table in [ISSUES, MAPPINGS, CHECKPOINTS] {
                tables.push((table, columns(connection, table)?));
                statements.push_str(&statement(connection, table)?);
            }
            let others: i64 = connection.query_row(
                "SELECT count(*) FROM sqlite_schema WHERE name NOT IN (?1, ?2, ?3)",
                [ISSUES, MAPPINGS, CHECKPOINTS],
                |row| row.get(0),
            )?;
            Ok(StoreShape {
                facts: std::mem::take(&mut facts),
                tables,
                others: others.unsigned_abs(),
                schema_digest: blake3::hash(statements.as_bytes()).to_hex().to_string(),
            })
        })
    }

    /// By the header as it was when the store was opened: of a file read alone SQLite would tell another one.
    fn journal_mode(&self) -> &'static str {
        match Lease::take(&self.path, self.opened.database.id) {
            Ok((_, Header::Wal)) => "wal",
            Ok((_, Header::Rollback)) => "rollback",
            Ok((_, Header::Foreign)) | Err(_) => "unknown",
        }
    }
}

impl Access {
    fn words(&self) -> &'static str {
        match self {
            Self::Locks => "SQLite's own locks",
            Self::SharedMemory => "the log's shared memory",
            Self::Immutable => "the file alone",
            Self::Copy { .. } => "a private copy",
        }
    }
}

fn file_facts(files: &Files) -> Vec<(&'static str, String)> {
    let bytes =
        |file: Option<Stamp>| file.map_or_else(|| "none".to_owned(), |file| format!("{} bytes", file.bytes));
    vec![
        ("database", format!("{} bytes", files.database.bytes)),
        ("-wal", bytes(files.wal)),
        ("-shm", bytes(files.shm)),
        ("-journal", bytes(files.journal)),
    ]
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The statement that made a table, its blanks folded: spec-kitty's versions indent it differently.
fn statement(connection: &Connection, table: &str) -> Result<String, StoreError> {
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE name = ?1 AND type = 'table'")?;
    let statements = statement.query_map([table], |row| row.get::<_, Option<String>>(0))?;
    let mut text = String::new();
    for sql in statements {
        let sql = sql?.unwrap_or_default();
        text.extend(sql.split_whitespace().flat_map(|word| [word, " "]));
        text.push('\n');
    }
    Ok(text)
}
