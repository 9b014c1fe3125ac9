//! `catseye issues` and `catseye mappings`: rows in publish order as text or NDJSON, a window at a time.

use std::io;
use std::iter;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::value::RawValue;

use super::output::{self, Out, exit, refuse, say, told};
use super::session::Session;
use crate::domain::evaluation::StoreState;
use crate::domain::issue::Issue;
use crate::domain::window::{IssueRow, Keyed, MappingRow, Page, PageFrom};
use crate::sources::load::Rows;
use crate::sources::store::{self, Store, StoreError};

/// Rows fetched at once.
pub(super) const WINDOW: usize = 500;

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
        return picture.refuse();
    };
    let Some(path) = &picture.evaluation.store.path else {
        return Ok(exit::TROUBLE);
    };
    match picture.evaluation.store.state {
        Some(StoreState::Missing | StoreState::Empty) => {
            if !json {
                say(&format!(
                    "no rows: {} is missing or empty; `catseye check` says why",
                    path.display()
                ));
            }
            return Ok(0);
        }
        // The plan stands without a body, but that no row was read does not mean that there is none.
        Some(StoreState::Busy) => return picture.refuse(),
        _ => {}
    }
    let store = match store::open(path) {
        Ok(store) => store,
        Err(error) => return refuse(exit::TROUBLE, &format!("reading {}: {error}", path.display())),
    };
    let mut bad = 0;
    output::print(|out| {
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
        // The rows have been printed; which finding decides is said as every command says it.
        return session.picture(false).refuse();
    }
    if table == Table::Mappings {
        // An issue that cannot be published stands against the body, mappings and all.
        let picture = session.picture(false);
        if picture.evaluation.plan.is_none() {
            return picture.refuse();
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
    out: &mut Out<'_>,
    store: &Store,
    system: &str,
    json: bool,
    bad: &mut u64,
) -> Result<(), PrintError> {
    for row in rows(|from| store.issues(system, from, WINDOW, &AtomicBool::new(false))) {
        let row = row.map_err(PrintError::Store)?;
        *bad += u64::from(row.published.is_err());
        if json {
            out.json(&issue_json(&row)?, false)?;
        } else {
            print_issue(out, &row)?;
        }
    }
    Ok(())
}

fn print_mappings(out: &mut Out<'_>, store: &Store, system: &str, json: bool) -> Result<(), PrintError> {
    for row in rows(|from| store.mappings(system, from, WINDOW, &AtomicBool::new(false))) {
        let row = row.map_err(PrintError::Store)?;
        if json {
            out.json(&mapping_json(&row)?, false)?;
        } else {
            print_mapping(out, &row)?;
        }
    }
    Ok(())
}

/// All rows from the first to the last, fetched a window at a time; the last one may be an error.
pub(super) fn rows<T: Keyed>(
    fetch: impl Fn(PageFrom) -> Result<Page<T>, StoreError>,
) -> impl Iterator<Item = Result<T, StoreError>> {
    let mut from = Some(PageFrom::Start);
    let windows = iter::from_fn(move || {
        let page = fetch(from.take()?);
        from = page.as_ref().ok().and_then(Page::next);
        Some(page)
    });
    windows.flat_map(|page| {
        let (rows, error) = match page {
            Ok(page) => (page.rows, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        rows.into_iter().map(Ok).chain(error)
    })
}

fn raw(json: &str) -> serde_json::Result<&RawValue> {
    serde_json::from_str(json)
}

fn issue_json(row: &IssueRow) -> serde_json::Result<IssueJson<'_>> {
    let facts = row.published.as_ref().ok();
    let coerced = facts.map(|facts| facts.coerced.as_slice()).unwrap_or_default();
    Ok(IssueJson {
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
    })
}

fn mapping_json(row: &MappingRow) -> serde_json::Result<MappingJson<'_>> {
    Ok(MappingJson {
        wp_id: &row.mapping.wp_id,
        rowid: row.rowid,
        published: raw(&row.json)?,
        issue: row.issue.as_ref().map(|issue| issue.identity.as_str()),
        matched_by: row.issue.as_ref().map(|issue| issue.by),
    })
}

fn print_issue(out: &mut Out<'_>, row: &IssueRow) -> io::Result<()> {
    match &row.published {
        Ok(facts) => {
            let Issue {
                status,
                issue_type,
                title,
                ..
            } = &facts.issue;
            let mapped = if row.wp_ids.is_empty() {
                "-".to_owned()
            } else {
                row.wp_ids.join(",")
            };
            out.line([told!(
                "{:<16} {status:<12} {issue_type:<8} {mapped:<10} {title}",
                facts.issue.name()
            )])?;
            for value in &facts.coerced {
                out.line([told!(
                    "  {} stored {} is published as {}: {}",
                    value.path,
                    value.shown_stored(),
                    value.published,
                    value.rule
                )])?;
            }
            Ok(())
        }
        Err(trouble) => {
            let at = if trouble.json_path.is_empty() {
                String::new()
            } else {
                format!(" at {}", trouble.json_path)
            };
            out.line([told!(
                "cannot be published: {} (row {}){at}: {}",
                row.identity,
                row.rowid,
                trouble.reason
            )])
        }
    }
}

fn print_mapping(out: &mut Out<'_>, row: &MappingRow) -> io::Result<()> {
    let mapping = &row.mapping;
    let external = mapping.issue_name();
    let issue = match &row.issue {
        Some(issue) => format!(
            "{} (by {})",
            issue.title.as_deref().unwrap_or(&issue.identity),
            issue.by
        ),
        None => "no such issue in the snapshot".to_owned(),
    };
    out.line([told!(
        "{:<12} {:<10} {external:<16} {issue}",
        mapping.wp_id,
        mapping.system
    )])
}
