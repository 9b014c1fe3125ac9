//! The store: its state, its rows, and whether the issues live elsewhere (reference 21-28, B1-B5).

use std::path::Path;

use super::{Prepared, Report, elsewhere, hazards};
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::{BindingFacts, Route, StoreState};
use crate::domain::finding::{Evidence, Finding, Fix, MAX_EVIDENCE, Place};
use crate::domain::fixes::KeyChange;
use crate::domain::inputs::StoreInput;
use crate::domain::row_facts::{Group, InvalidRow, MAX_DISTINCT, RowFacts};
use crate::domain::shell;
use crate::domain::store_listing::{BESIDE_IT, NO_COPY};

pub(super) const PULL: &str = "spec-kitty tracker sync pull";

const MAKE_ROOM: &str =
    "Free space there, or set TMPDIR (on Windows TMP) to a folder with room, then try again";

/// How to make a store readable, by the reason why it is not.
fn readable(path: &Path, reason: &str) -> Fix {
    if reason.starts_with(NO_COPY) {
        return Fix::text(MAKE_ROOM);
    }
    let sidecars = ["-wal", "-shm", "-journal"];
    if let Some(suffix) = sidecars.iter().find(|suffix| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        reason.contains(&format!("{BESIDE_IT} {name}{suffix}: "))
    }) {
        let mut sidecar = path.as_os_str().to_owned();
        sidecar.push(suffix);
        let sidecar = shell::quote_path(Path::new(&sidecar));
        return Fix::command(
            "Move it away, it is no file of SQLite's",
            format!("mv {sidecar} {sidecar}.broken"),
        );
    }
    if reason.contains("ermission denied") {
        let mut command = format!("chmod u+rw {}", shell::quote_path(path));
        if let Some(folder) = path.parent() {
            command = format!("chmod u+rwx {} && {command}", shell::quote_path(folder));
        }
        return Fix::command("Let your user read it", command);
    }
    let no_file = ["it is a directory", "not a regular file", "symbolic links"];
    if no_file.iter().any(|other| reason.contains(other)) {
        return move_away(path);
    }
    Fix::command(
        "Let spec-kitty open it once, then reload",
        "spec-kitty tracker status",
    )
}

fn move_away(path: &Path) -> Fix {
    let file = shell::quote_path(path);
    Fix::command(
        "Move it away and pull again",
        format!("mv {file} {file}.broken && {PULL}"),
    )
}

/// Findings about the store's state.
pub(super) fn state(report: &mut Report<'_>, store: &StoreInput, prepared: &Prepared) {
    let trouble = store.trouble.as_deref().unwrap_or_default();
    let (name, detail, fix) = match store.state {
        StoreState::Unreadable => (
            FindingName::StoreUnreadable,
            format!("The store cannot be read: {trouble}"),
            readable(&store.path, trouble),
        ),
        StoreState::Invalid => (
            FindingName::StoreInvalid,
            format!("The file is not a usable tracker store: {trouble}"),
            move_away(&store.path),
        ),
        StoreState::Busy => (
            FindingName::StoreBusy,
            format!("The store could not be read in one state: {trouble}"),
            Fix::text("Wait until the other spec-kitty command has ended, then reload"),
        ),
        StoreState::Missing | StoreState::Empty | StoreState::Ok => {
            // Whether it is empty for good is told once the rows are checked.
            if elsewhere::check(report, store, prepared) || store.state != StoreState::Missing {
                return;
            }
            let name = file_name(&store.path);
            (
                FindingName::StoreMissing,
                format!("{name} does not exist; spec-kitty would create it empty and publish 0 issues"),
                Fix::command("Pull the issues first", PULL),
            )
        }
    };
    let label = if name == FindingName::StoreMissing {
        "would be created here"
    } else {
        "this store"
    };
    let place = Place::file(&store.path);
    report.add(Finding::new(name, detail).at(place, label).fix(fix));
}

/// Whether the body could be kept.
pub(super) fn spool(report: &mut Report<'_>) {
    let Some((folder, trouble)) = &report.inputs.spool_trouble else {
        return;
    };
    let detail = format!("The body could not be kept until it is whole: {trouble}");
    let finding = Finding::new(FindingName::SpoolUnwritable, detail)
        .at(Place::file(folder), "would be kept here, without a name");
    report.add(finding.fix(Fix::text(MAKE_ROOM)));
}

/// A workspace as a bare lower-case host: `https://Acme.atlassian.net/` and `acme.atlassian.net` are one.
pub(super) fn host_of(workspace: &str) -> String {
    let lowered = workspace.trim().to_lowercase();
    let bare = lowered
        .split_once("://")
        .map_or(lowered.as_str(), |(_, rest)| rest);
    bare.trim_end_matches('/').to_owned()
}

pub(super) fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Findings about rows that cannot be published: every one counted, the first listed.
pub(super) fn rows(report: &mut Report<'_>, store: &StoreInput, rows: &RowFacts) {
    let (unencodable, invalid): (Vec<&InvalidRow>, Vec<&InvalidRow>) =
        rows.invalid.iter().partition(|row| row.unencodable);
    // Rows beyond those that are listed count where the listed ones are.
    let unlisted = rows.invalid_rows.saturating_sub(rows.invalid.len() as u64);
    let rests = if invalid.is_empty() {
        [0, unlisted]
    } else {
        [unlisted, 0]
    };
    for ((name, bad), rest) in [
        (FindingName::IssueRowInvalid, invalid),
        (FindingName::PayloadNotEncodable, unencodable),
    ]
    .into_iter()
    .zip(rests)
    {
        let Some(first) = bad.first() else { continue };
        let count = bad.len() as u64 + rest;
        let rows = if count == 1 { "row:" } else { "rows, the first:" };
        let detail = format!(
            "{count} {rows} {} in {}: {}",
            first.identity, first.table, first.reason
        );
        let mut finding = Finding::new(name, detail);
        finding.count = count;
        finding.evidence = bad
            .iter()
            .take(MAX_EVIDENCE)
            .map(|row| row_evidence(store, row))
            .collect();
        let same_table = bad.iter().filter(|row| row.table == first.table);
        let listed = same_table.map(|row| row.rowid);
        report.add(
            finding
                .fix(Fix::command("Pull the issues again", PULL))
                .fix(delete_rows(
                    store,
                    first.table,
                    &rowid_in(listed),
                    "Or delete those that are listed; a later pull brings them back",
                )),
        );
    }
}

fn row_evidence(store: &StoreInput, row: &InvalidRow) -> Evidence {
    Evidence {
        place: Place::row(&store.path, row.table, row.rowid, &row.json_path),
        label: format!("{}: {}", row.identity, row.reason),
    }
}

/// Deletes rows of one table by a condition.
pub(super) fn delete_rows(store: &StoreInput, table: &str, condition: &str, text: &str) -> Fix {
    let file = shell::quote_path(&store.path);
    let statement = shell::quote(&format!("DELETE FROM {table} WHERE {condition}"));
    Fix::command(text, format!("sqlite3 {file} {statement}"))
}

/// A condition on the rows that are listed.
pub(super) fn rowid_in(rowids: impl Iterator<Item = i64>) -> String {
    let rowids: Vec<String> = rowids.map(|rowid| rowid.to_string()).collect();
    format!("rowid IN ({})", rowids.join(", "))
}

/// Whether all stored issues belong to another jira project than the route names (reference B1, B2).
pub(super) fn routing_id_disagrees(
    report: &mut Report<'_>,
    prepared: &Prepared,
    binding: &BindingFacts,
    route: &Route,
    (store, rows): (&StoreInput, &RowFacts),
) {
    let id = route.resource_id.as_str();
    let shaped_like_key = id.starts_with(|c: char| c.is_ascii_uppercase())
        && id
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let some_issue_has_it = rows.key_prefixes.iter().any(|group| group.value == id);
    // With more prefixes than are counted apart nobody knows that the key is not among the others.
    let all_counted = rows.key_prefixes.len() < MAX_DISTINCT;
    if route.resource_type != "jira_project" || !shaped_like_key || some_issue_has_it || !all_counted {
        return;
    }
    let Some(Group {
        value: prefix,
        count,
        first,
    }) = rows.key_prefixes.first()
    else {
        return;
    };
    let detail = format!(
        "project_key is {id}, but none of {} issues has a key like {id}-1; {count} belong to {prefix}",
        rows.issues
    );
    let mut finding = Finding::new(FindingName::RoutingIdDisagreesWithIssues, detail);
    if let Some(place) = prepared.routing_place.clone() {
        finding = finding.at(place, format!("routes to {id}"));
    }
    finding
        .evidence
        .extend(hazards::evidence_of(store, std::iter::once(first)));
    let table = report.inputs.provider_table(&binding.provider);
    let bind = report.bind(binding, table, &[("project_key", KeyChange::Set(prefix))]);
    report.add(finding.fix(bind));
}
