//! `catseye issues` and `catseye mappings`: rows in publish order as text or NDJSON, a window at a time.

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::value::RawValue;

use super::output::{exit, say, say_findings, write_text};
use super::session::Session;
use crate::domain::ascii_json::ascii_json;
use crate::domain::safe::Safe;
use crate::domain::window::{IssueRow, Keyed, MappingRow, Page, PageFrom};
use crate::sources::load::Rows;
use crate::sources::store::{self, Opened, Store, StoreError};

/// Rows fetched at once.
const WINDOW: usize = 500;

/// Which rows to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Issues of the binding's provider.
    Issues,
    /// All mappings.
    Mappings,
}

/// An issue as NDJSON.
#[derive(Serialize)]
struct IssueJson<'a> {
    identity: &'a str,
    rowid: i64,
    published: Option<&'a RawValue>,
    coerced: Vec<CoercedJson<'a>>,
    error: Option<&'a str>,
    mappings: &'a [String],
}

#[derive(Serialize)]
struct CoercedJson<'a> {
    path: &'a str,
    /// Null also where the key is missing.
    stored: &'a RawValue,
    published: &'a RawValue,
    rule: &'static str,
}

/// A mapping as NDJSON.
#[derive(Serialize)]
struct MappingJson<'a> {
    wp_id: &'a str,
    rowid: i64,
    published: &'a RawValue,
    issue: Option<&'a str>,
    matched_by: Option<&'static str>,
}

/// Prints the rows; returns the exit code: 2 when no body can be built or a row is bad.
pub fn run(session: &Session, table: Table, json: bool) -> io::Result<u8> {
    let picture = session.load(Rows::Skip);
    let Some(binding) = picture
        .evaluation
        .binding
        .as_ref()
        .filter(|_| picture.evaluation.plan.is_some())
    else {
        say_findings(picture.blockers());
        return Ok(exit::NO_BODY);
    };
    let Some(path) = &picture.evaluation.store.path else {
        return Ok(exit::NO_BODY);
    };
    let store = match store::open(path) {
        Opened::Ready(store) => store,
        // Missing or empty: there are no rows. Any other state has already left the evaluation without a plan.
        Opened::NotUsable { .. } => return Ok(0),
    };
    let mut bad = 0;
    write_text(|out| {
        let printed = match table {
            Table::Issues => print_issues(out, &store, &binding.normalized_provider, json, &mut bad),
            Table::Mappings => print_mappings(out, &store, &binding.normalized_provider, json),
        };
        printed.or_else(|error| match error {
            PrintError::Io(error) => Err(error),
            PrintError::Store(error) => {
                say(&format!("reading {}: {error}", path.display()));
                bad += 1;
                Ok(())
            }
        })
    })?;
    if bad > 0 {
        return Ok(exit::NO_BODY);
    }
    if table == Table::Mappings {
        // An issue that cannot be published stands against the body, mappings and all.
        let picture = session.picture(false);
        if picture.evaluation.plan.is_none() {
            say_findings(picture.blockers());
            return Ok(exit::NO_BODY);
        }
    }
    Ok(0)
}

/// Printing rows reads on the way.
enum PrintError {
    Io(io::Error),
    Store(StoreError),
}

impl From<io::Error> for PrintError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<serde_json::Error> for PrintError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

fn print_issues(
    out: &mut dyn Write,
    store: &Store,
    system: &str,
    json: bool,
    bad: &mut u64,
) -> Result<(), PrintError> {
    let never = AtomicBool::new(false);
    each_window(
        |from| store.issues(system, from, WINDOW, &never),
        |row| {
            *bad += u64::from(row.published.is_err());
            if json {
                writeln!(out, "{}", issue_json(row)?)?;
            } else {
                print_issue(out, row)?;
            }
            Ok(())
        },
    )
}

fn print_mappings(out: &mut dyn Write, store: &Store, system: &str, json: bool) -> Result<(), PrintError> {
    let never = AtomicBool::new(false);
    each_window(
        |from| store.mappings(system, from, WINDOW, &never),
        |row| {
            if json {
                writeln!(out, "{}", mapping_json(row)?)?;
            } else {
                print_mapping(out, row)?;
            }
            Ok(())
        },
    )
}

/// Walks all rows by windows from the first to the last.
fn each_window<T: Keyed>(
    mut fetch: impl FnMut(PageFrom) -> Result<Page<T>, StoreError>,
    mut print: impl FnMut(&T) -> Result<(), PrintError>,
) -> Result<(), PrintError> {
    let mut from = PageFrom::Start;
    loop {
        let page = fetch(from).map_err(PrintError::Store)?;
        page.rows.iter().try_for_each(&mut print)?;
        let Some(next) = page.next() else {
            return Ok(());
        };
        from = next;
    }
}

fn raw(json: &str) -> serde_json::Result<&RawValue> {
    serde_json::from_str(json)
}

fn issue_json(row: &IssueRow) -> serde_json::Result<String> {
    let facts = row.published.as_ref().ok();
    let coerced = facts.map(|facts| facts.coerced.as_slice()).unwrap_or_default();
    let issue = IssueJson {
        identity: &row.identity,
        rowid: row.rowid,
        published: facts.map(|facts| raw(&facts.json)).transpose()?,
        coerced: coerced
            .iter()
            .map(|value| {
                Ok(CoercedJson {
                    path: &value.path,
                    stored: raw(if value.stored.is_empty() {
                        "null"
                    } else {
                        &value.stored
                    })?,
                    published: raw(&value.published)?,
                    rule: value.rule,
                })
            })
            .collect::<serde_json::Result<_>>()?,
        error: row
            .published
            .as_ref()
            .err()
            .map(|trouble| trouble.reason.as_str()),
        mappings: &row.wp_ids,
    };
    ascii_json(&issue, false)
}

fn mapping_json(row: &MappingRow) -> serde_json::Result<String> {
    let mapping = MappingJson {
        wp_id: &row.wp_id,
        rowid: row.rowid,
        published: raw(&row.json)?,
        issue: row.issue.as_ref().map(|issue| issue.identity.as_str()),
        matched_by: row.issue.as_ref().map(|issue| issue.by),
    };
    ascii_json(&mapping, false)
}

fn print_issue(out: &mut dyn Write, row: &IssueRow) -> io::Result<()> {
    match &row.published {
        Ok(facts) => {
            let name = Safe::line(facts.key.as_deref().unwrap_or(&facts.id));
            let mapped = if row.wp_ids.is_empty() {
                "-".to_owned()
            } else {
                row.wp_ids.join(",")
            };
            writeln!(
                out,
                "{:<16} {:<12} {:<8} {:<10} {}",
                name.as_str(),
                facts.status,
                facts.issue_type,
                Safe::line(&mapped).as_str(),
                Safe::line(&facts.title)
            )?;
            for value in &facts.coerced {
                let (stored, published) = (Safe::line(&value.stored), Safe::line(&value.published));
                writeln!(
                    out,
                    "  {} stored {stored} is published as {published}: {}",
                    Safe::line(&value.path),
                    value.rule
                )?;
            }
            Ok(())
        }
        Err(trouble) => {
            let at = if trouble.json_path.is_empty() {
                String::new()
            } else {
                format!(" at {}", trouble.json_path)
            };
            let line = format!("{} (row {}){at}: {}", row.identity, row.rowid, trouble.reason);
            writeln!(out, "cannot be published: {}", Safe::line(&line))
        }
    }
}

fn print_mapping(out: &mut dyn Write, row: &MappingRow) -> io::Result<()> {
    let external = row.external_key.as_deref().unwrap_or(&row.external_id);
    let issue = match &row.issue {
        Some(issue) => format!(
            "{} (by {})",
            issue.title.as_deref().unwrap_or(&issue.identity),
            issue.by
        ),
        None => "no such issue in the snapshot".to_owned(),
    };
    writeln!(
        out,
        "{:<12} {:<10} {:<16} {}",
        Safe::line(&row.wp_id).as_str(),
        Safe::line(&row.system).as_str(),
        Safe::line(external).as_str(),
        Safe::line(&issue)
    )
}
