//! What the rows say about themselves: other projects, workspaces and systems, changed values, hidden text, mappings
//! without an issue (reference 33-35, B2, B11-B13).

use super::Report;
use super::store::{PULL, delete_rows, host_of, rowid_in};
use crate::domain::catalogue::FindingName;
use crate::domain::credentials::ProviderTable;
use crate::domain::evaluation::{BindingFacts, Route};
use crate::domain::finding::{Evidence, Finding, Fix, MAX_EVIDENCE, Place};
use crate::domain::inputs::StoreInput;
use crate::domain::row_facts::{Group, MAX_DISTINCT, RowFacts, Sighting, Sightings};

/// All findings of rows that can be published.
pub(super) fn check(
    report: &mut Report<'_>,
    binding: &BindingFacts,
    route: Option<&Route>,
    store: &StoreInput,
    rows: &RowFacts,
) {
    if let Some(route) = route {
        another_project(report, binding, route, store, rows);
    }
    other_workspace(report, binding, store, rows);
    coerced(report, store, &rows.coerced);
    hidden(report, store, &rows.hidden);
    foreign_mappings(report, binding, store, &rows.foreign_mappings);
    if let Some(joins) = &rows.joins {
        unmatched_mappings(report, store, &joins.unmatched_mappings);
        unmapped_issues(report, store, rows, joins.unmapped_issues);
    }
}

/// Issues of other jira projects beside some of the routed one (reference B2, B12).
fn another_project(
    report: &mut Report<'_>,
    binding: &BindingFacts,
    route: &Route,
    store: &StoreInput,
    rows: &RowFacts,
) {
    let id = &route.resource_id;
    let (mine, others): (Vec<&Group>, Vec<&Group>) =
        rows.key_prefixes.iter().partition(|group| group.value == *id);
    if route.resource_type != "jira_project" || mine.is_empty() || others.is_empty() {
        return;
    }
    let count: u64 = others.iter().map(|group| group.count).sum();
    let named = list(others.iter().map(|group| group.value.as_str()));
    let detail = format!(
        "{count} of {} issues belong to {named}, but go out under the route {id}",
        rows.issues
    );
    let prefixes: Vec<String> = others
        .iter()
        .map(|group| {
            let prefix = format!("{}-", group.value);
            format!(
                "substr(json_extract(payload, '$.ref.key'), 1, {}) = {}",
                prefix.chars().count(),
                sql_text(&prefix)
            )
        })
        .collect();
    let mut finding = Finding::new(FindingName::IssuesOfAnotherProject, detail);
    finding.count = count;
    finding.evidence = evidence_of(store, others.iter().map(|group| &group.first));
    report.add(finding.fix(delete_rows(
        store,
        "tracker_issues",
        &of_system(binding, &prefixes.join(" OR ")),
        "Delete them from the store; a pull of their own project brings them back",
    )));
}

/// Issues that name neither the binding's workspace nor what the provider's connector writes (reference B11).
fn other_workspace(report: &mut Report<'_>, binding: &BindingFacts, store: &StoreInput, rows: &RowFacts) {
    let expected = {
        let table = report.inputs.provider_table(&binding.provider);
        let written = connector_workspace(&binding.normalized_provider, table);
        [Some(binding.workspace.clone()), written].map(|workspace| workspace.as_deref().map(host_of))
    };
    let is_expected = |group: &&Group| {
        expected
            .iter()
            .flatten()
            .any(|known| *known == host_of(&group.value))
    };
    let (_, others): (Vec<&Group>, Vec<&Group>) = rows.workspaces.iter().partition(is_expected);
    if others.is_empty() || rows.workspaces.len() >= MAX_DISTINCT {
        return;
    }
    let count: u64 = others.iter().map(|group| group.count).sum();
    let named = list(others.iter().map(|group| group.value.as_str()));
    let detail = format!(
        "{count} of {} issues name the workspace {named}, the binding names {}",
        rows.issues, binding.workspace
    );
    let values: Vec<String> = others.iter().map(|group| sql_text(&group.value)).collect();
    let condition = format!(
        "json_extract(payload, '$.ref.workspace') IN ({})",
        values.join(", ")
    );
    let mut finding = Finding::new(FindingName::IssuesOtherWorkspace, detail);
    finding.count = count;
    finding.evidence = evidence_of(store, others.iter().map(|group| &group.first));
    report.add(finding.fix(delete_rows(
        store,
        "tracker_issues",
        &of_system(binding, &condition),
        "Delete them from the store; a pull brings back those that belong here",
    )));
}

/// What a provider's connector writes as `ref.workspace`, where that is not the binding's workspace (reference B11).
fn connector_workspace(normalized_provider: &str, table: Option<ProviderTable<'_>>) -> Option<String> {
    let value = |key: &str| Some(table?.get(key)?.value.str().to_display());
    match normalized_provider {
        "jira" => value("base_url"),
        "github" => Some(format!("{}/{}", value("owner")?, value("repo")?)),
        "gitlab" => value("project_id"),
        "azure_devops" => Some(format!("{}/{}", value("organization")?, value("project")?)),
        _ => None,
    }
}

fn coerced(report: &mut Report<'_>, store: &StoreInput, coerced: &Sightings) {
    let Some(first) = coerced.first.first() else {
        return;
    };
    let detail = format!(
        "{} published otherwise than stored, the first: {} of {}",
        counted(coerced.count, "value"),
        first.json_path,
        first.identity
    );
    let finding = sighted(FindingName::ValueCoerced, detail, store, coerced);
    report.add(finding.fix(Fix::command(
        "Correct the values in the tracker, then pull: connectors write spec-kitty's own words",
        PULL,
    )));
}

fn hidden(report: &mut Report<'_>, store: &StoreInput, hidden: &Sightings) {
    let Some(first) = hidden.first.first() else { return };
    let detail = format!(
        "{} in the store with characters that cannot be seen, the first: {} of {}",
        counted(hidden.count, "text"),
        first.json_path,
        first.identity
    );
    let finding = sighted(FindingName::HiddenCharacters, detail, store, hidden);
    report.add(finding.fix(Fix::command(
        "Take the characters out in the tracker, then pull",
        PULL,
    )));
}

fn foreign_mappings(
    report: &mut Report<'_>,
    binding: &BindingFacts,
    store: &StoreInput,
    foreign: &Sightings,
) {
    let Some(first) = foreign.first.first() else {
        return;
    };
    let system = &binding.normalized_provider;
    let detail = format!(
        "{} of another system than {system}: {}",
        counted(foreign.count, "mapping"),
        first.what
    );
    let finding = sighted(FindingName::MappingForeignSystem, detail, store, foreign);
    report.add(finding.fix(delete_rows(
        store,
        "tracker_mappings",
        &format!("system IS NOT {}", sql_text(system)),
        "Delete them, unless another project of this store publishes them",
    )));
}

fn unmatched_mappings(report: &mut Report<'_>, store: &StoreInput, unmatched: &Sightings) {
    let Some(first) = unmatched.first.first() else {
        return;
    };
    let detail = format!(
        "{} without an issue of its id, key or URL: {}",
        counted(unmatched.count, "mapping"),
        first.identity
    );
    let finding = sighted(FindingName::MappingUnmatched, detail, store, unmatched);
    report.add(
        finding
            .fix(Fix::command("Pull, in case the issues are not here yet", PULL))
            .fix(delete_rows(
                store,
                "tracker_mappings",
                &rowid_in(unmatched.first.iter().map(|row| row.rowid)),
                "Or delete the mappings that are listed, then map the work packages again",
            )),
    );
}

/// Only where somebody maps at all.
fn unmapped_issues(report: &mut Report<'_>, store: &StoreInput, rows: &RowFacts, unmapped: u64) {
    if unmapped == 0 || rows.mappings == 0 {
        return;
    }
    let detail = format!("{unmapped} of {} issues have no work package", rows.issues);
    let place = Place::file(&store.path);
    let mut finding = Finding::new(FindingName::IssueUnmapped, detail).at(place, "no mapping names them");
    finding.count = unmapped;
    report.add(finding);
}

/// A finding about places in the store.
fn sighted(name: FindingName, detail: String, store: &StoreInput, sightings: &Sightings) -> Finding {
    let mut finding = Finding::new(name, detail);
    finding.count = sightings.count;
    finding.evidence = evidence_of(store, sightings.first.iter());
    finding
}

pub(super) fn evidence_of<'s>(
    store: &StoreInput,
    sightings: impl Iterator<Item = &'s Sighting>,
) -> Vec<Evidence> {
    let evidence = |sighting: &Sighting| Evidence {
        place: Place::row(&store.path, sighting.table, sighting.rowid, &sighting.json_path),
        label: format!("{}: {}", sighting.identity, sighting.what),
    };
    sightings.take(MAX_EVIDENCE).map(evidence).collect()
}

/// `1 value`, `3 values`.
fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Some names, and how many more.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const NAMED: usize = 3;
    let names: Vec<&str> = names.collect();
    let named = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A condition on the payload of this provider's issues; rows that are not JSON stay out of it.
fn of_system(binding: &BindingFacts, condition: &str) -> String {
    let system = sql_text(&binding.normalized_provider);
    format!("system = {system} AND CASE WHEN json_valid(payload) THEN {condition} END")
}

/// A text as SQL.
fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
