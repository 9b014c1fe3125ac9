//! Values that are published as they are, but probably not meant so: the routing key, the workspace, the doctrine
//! mode, the project's identity, characters that nobody sees (reference B7-B10, B15, B16).

use super::store::{PULL, host_of};
use super::{Prepared, Report};
use crate::domain::catalogue::FindingName;
use crate::domain::credentials::ProviderTable;
use crate::domain::evaluation::{BindingFacts, Route};
use crate::domain::finding::{Finding, Fix};
use crate::domain::fixes::{DOCTRINE_MODES, KeyChange, SPLIT_OWNERSHIP, edit, toml_text, yaml_scalar};
use crate::domain::hidden::{first_hidden, without_hidden};
use crate::domain::node::{Entry, Span, Value};
use crate::domain::routing;

/// All findings about single values.
pub(super) fn check(report: &mut Report<'_>, prepared: &Prepared) {
    let (Some(binding), Some(spans)) = (&prepared.binding, &prepared.spans) else {
        return;
    };
    let route = prepared.route();
    if let Some(route) = route {
        routing_key(report, binding, route);
    }
    workspace_host(report, binding, spans.workspace);
    if let Ok(span) = spans.doctrine_mode {
        doctrine_mode(report, &binding.doctrine_mode, span);
    }
    project_identity(report, prepared);
    let texts = [
        (
            "tracker.provider",
            Some(&binding.normalized_provider),
            Some(spans.provider),
        ),
        (
            "tracker.workspace",
            Some(&binding.workspace),
            Some(spans.workspace),
        ),
        (
            "tracker.doctrine.mode",
            Some(&binding.doctrine_mode),
            spans.doctrine_mode.ok(),
        ),
        (
            "project.uuid",
            prepared.project_uuid.as_ref(),
            prepared.identity_spans[0],
        ),
        (
            "project.slug",
            prepared.project_slug.as_ref(),
            prepared.identity_spans[1],
        ),
    ];
    for ((field, owner), [field_span, owner_span]) in
        binding.doctrine_field_owners.iter().zip(&prepared.owner_spans)
    {
        let name = format!("tracker.doctrine.field_owners.{field}");
        hidden_in_config(report, &format!("the key {name}"), field, *field_span);
        hidden_in_config(report, &name, owner, *owner_span);
    }
    for (name, text, span) in texts {
        if let (Some(text), Some(span)) = (text, span) {
            hidden_in_config(report, name, text, span);
        }
    }
}

/// The entry that the route's id was read from.
fn routing_entry<'r>(
    report: &'r Report<'_>,
    binding: &BindingFacts,
) -> Option<(ProviderTable<'r>, &'r Entry)> {
    let key = routing::map_entry(&binding.normalized_provider)?.credential_key;
    let table = report.inputs.provider_table(&binding.provider)?;
    Some((table, table.get(key)?))
}

/// Whether the routing key is text, without blanks around it, and looks like one (reference B7-B9).
fn routing_key(report: &mut Report<'_>, binding: &BindingFacts, route: &Route) {
    let Some((table, entry)) = routing_entry(report, binding) else {
        return;
    };
    let id = route.resource_id.as_str();
    let span = entry.value.span;
    let key = entry.key.str().to_display();
    let place = report.credentials_place(span);
    let likely = likely_key(report, route);
    let better = |report: &Report<'_>, text: &str| match &likely {
        Some(likely) => report.credentials_value(span, likely, &format!("{text}: the issues say {likely}")),
        None => report.bind(binding, Some(table), &[(&key, KeyChange::Ask)]),
    };
    let finding = match &entry.value.value {
        Value::Text(text) if text.as_str().is_some_and(|text| text != id) => {
            let finding = Finding::new(
                FindingName::RoutingKeyTrimmed,
                format!("{key} has blanks around {id}; the route goes without them"),
            );
            finding
                .at(place, "blanks at an end")
                .fix(report.credentials_value(span, id, "Write it without the blanks"))
        }
        Value::Text(_) => {
            let Some((what, mended)) = unusual(route) else {
                return;
            };
            let finding = Finding::new(FindingName::RoutingKeyUnusual, format!("{key} is {id:?}, {what}"));
            let fix = match (&likely, mended) {
                (None, Some(mended)) => {
                    report.credentials_value(span, &mended, "Write it as the tracker shows it")
                }
                _ => better(report, "Write the key"),
            };
            finding.at(place, what).fix(fix)
        }
        _ => {
            let found = entry.value.kind_name();
            let finding = Finding::new(
                FindingName::RoutingKeyNotText,
                format!("{key} is {found}; it is published as the text {id:?}"),
            );
            finding
                .at(place, format!("{found}, not text"))
                .fix(better(report, "Write the key in quotes"))
        }
    };
    report.add(finding);
}

/// The project of the stored issues, when it is not the route's.
fn likely_key(report: &Report<'_>, route: &Route) -> Option<String> {
    let project = project_of_issues(report).filter(|_| route.resource_type == "jira_project");
    project.filter(|project| *project != route.resource_id)
}

/// The jira project that all stored issues belong to.
pub(super) fn project_of_issues(report: &Report<'_>) -> Option<String> {
    let rows = report.inputs.store.as_ref()?.rows.as_ref()?;
    match rows.key_prefixes.as_slice() {
        [only] if looks_like_jira_key(&only.value) => Some(only.value.clone()),
        _ => None,
    }
}

/// What is unusual about a routing id, with the spelling that was probably meant (reference B8, B9).
fn unusual(route: &Route) -> Option<(&'static str, Option<String>)> {
    let id = route.resource_id.as_str();
    if first_hidden(id).is_some() {
        let visible = without_hidden(id);
        return Some((
            "with characters that cannot be seen",
            (!visible.is_empty()).then_some(visible),
        ));
    }
    match route.resource_type {
        "jira_project" if !looks_like_jira_key(id) => {
            let upper = id.to_uppercase();
            Some((
                "not shaped like a Jira project key",
                looks_like_jira_key(&upper).then_some(upper),
            ))
        }
        "linear_team" if looks_like_team_key(id) => {
            Some(("shaped like a team key and not like a team's id", None))
        }
        _ => None,
    }
}

/// `^[A-Z][A-Z0-9_]+$`.
fn looks_like_jira_key(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    id.len() > 1 && id.starts_with(|c: char| c.is_ascii_uppercase()) && id.bytes().all(allowed)
}

/// `ENG`: what Linear puts before an issue's number.
fn looks_like_team_key(id: &str) -> bool {
    const LONGEST: usize = 7;
    id.len() <= LONGEST
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether the workspace is the host that jira issues are pulled from (reference B10).
fn workspace_host(report: &mut Report<'_>, binding: &BindingFacts, span: Span) {
    if binding.normalized_provider != "jira" {
        return;
    }
    let Some(table) = report.inputs.provider_table(&binding.provider) else {
        return;
    };
    let Some((base_url, entry)) = table
        .get("base_url")
        .and_then(|entry| Some((entry.value.text()?.as_str()?.to_owned(), entry)))
    else {
        return;
    };
    let host = host_of(&base_url);
    let shown = host.rsplit_once('@').map_or(host.as_str(), |(_, host)| host);
    // Characters that nobody sees are a finding of their own.
    if shown.is_empty() || shown == host_of(&without_hidden(&binding.workspace)) {
        return;
    }
    let bound = BindingFacts {
        workspace: shown.to_owned(),
        ..binding.clone()
    };
    let mut bind = report.bind(&bound, Some(table), &[]);
    bind.command = bind.command.map(|command| format!("{command} && {PULL}"));
    let detail = format!(
        "The workspace is {}, but the issues are pulled from {shown}",
        binding.workspace
    );
    let finding = Finding::new(FindingName::WorkspaceHostMismatch, detail)
        .at(report.config_place(span), "part of the routing key")
        .at(
            report.credentials_place(entry.value.span),
            format!("pulls from {shown}"),
        );
    report.add(finding.fix(Fix {
        text: format!("{}. The workspace also names the store, so pull again", bind.text),
        ..bind
    }));
}

fn doctrine_mode(report: &mut Report<'_>, mode: &str, span: Span) {
    if DOCTRINE_MODES.contains(&mode) {
        return;
    }
    let plain = mode.to_lowercase().replace(['-', ' '], "_");
    let meant = DOCTRINE_MODES.into_iter().find(|known| *known == plain);
    let written = meant.unwrap_or(SPLIT_OWNERSHIP);
    let finding = Finding::new(
        FindingName::DoctrineModeUnknown,
        format!(
            "tracker.doctrine.mode is {mode:?}; the engine takes it for split_ownership with shared fields"
        ),
    )
    .at(
        report.config_place(span),
        format!("not {}", DOCTRINE_MODES.join(", ")),
    );
    report.add(finding.fix(report.edit_config(span, written, &format!("Write {written}"))));
}

/// Whether the server can tell the project by uuid and slug (reference B16).
fn project_identity(report: &mut Report<'_>, prepared: &Prepared) {
    let published = [
        ("project.uuid", &prepared.project_uuid),
        ("project.slug", &prepared.project_slug),
    ];
    // A value that cannot be encoded is there.
    let missing: Vec<&str> = published
        .into_iter()
        .zip(prepared.identity_spans)
        .filter(|((_, value), span)| span.is_none() || value.as_deref() == Some(""))
        .map(|((name, _), _)| name)
        .collect();
    let Some(file) = report.inputs.config.as_ref().filter(|_| !missing.is_empty()) else {
        return;
    };
    let section = file.root().and_then(|root| root.get("project"));
    let span = section.map_or_else(|| file.text.end(), |entry| entry.key.span);
    let detail = format!("{} would be published as null or empty", missing.join(" and "));
    let label = match section {
        Some(_) => {
            let keys = missing.iter().filter_map(|name| name.strip_prefix("project."));
            let keys: Vec<String> = keys.map(|key| format!("`{key}:`")).collect();
            format!("{} should have a value in here", keys.join(" and "))
        }
        None => "`project:` should be in this file".to_owned(),
    };
    let finding =
        Finding::new(FindingName::ProjectIdentityMissing, detail).at(report.config_place(span), label);
    report.add(finding.fix(Fix::text(
        "Write `project:` with `uuid:` and `slug:` as the server knows the project",
    )));
}

fn hidden_in_config(report: &mut Report<'_>, name: &str, text: &str, span: Span) {
    let Some((_, c)) = first_hidden(text) else { return };
    let finding = Finding::new(
        FindingName::HiddenCharacters,
        format!("{name} holds U+{:04X}, which cannot be seen", c as u32),
    )
    .at(report.config_place(span), format!("holds U+{:04X}", c as u32));
    let fix = report.edit_config_raw(span, &yaml_scalar(&without_hidden(text)), "Write it without them");
    report.add(finding.fix(fix));
}

impl Report<'_> {
    /// The fix that replaces a value of the credentials, which must be one that may be shown.
    pub(super) fn credentials_value(&self, span: Span, new: &str, text: &str) -> Fix {
        Fix::edit(text, edit(&self.inputs.credentials, span, &toml_text(new)))
    }
}
