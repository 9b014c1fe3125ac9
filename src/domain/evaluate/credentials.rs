//! The credentials file, the provider's table in it, and why the derivation ended in null (reference 1.A).

use super::Report;
use super::values::project_of_issues;
use crate::domain::catalogue::FindingName;
use crate::domain::credentials::{Absence, ProviderTable, Step, provider_table};
use crate::domain::evaluation::BindingFacts;
use crate::domain::finding::{Finding, Fix, Place, Range};
use crate::domain::fixes::{KeyChange, edit, insert_key, yaml_scalar};
use crate::domain::inputs::{FileInput, FileState};
use crate::domain::node::{Node, Span, SyntaxErrorKind};
use crate::domain::routing::{self, NullCause};
use crate::domain::shell;

/// The parsed credentials: an absent file reads as an empty one, an unusable one is a blocker.
pub(super) enum Credentials<'a> {
    /// Parsed, or absent.
    Usable(Option<&'a Node>),
    /// A blocker has been reported.
    Unusable,
}

/// Reads the file's state and reports what blocks.
pub(super) fn read<'a>(report: &mut Report<'a>) -> Credentials<'a> {
    let file = &report.inputs.credentials;
    match &file.state {
        FileState::Missing => Credentials::Usable(None),
        FileState::Loaded(root) => Credentials::Usable(Some(root)),
        FileState::Unreadable(reason) => {
            let finding = Finding::new(
                FindingName::CredentialsUnreadable,
                format!("The credentials file cannot be read: {reason}"),
            );
            let place = Place::file(&file.path);
            report.add(finding.at(place, "this file").fix(readable(&file.path, reason)));
            Credentials::Unusable
        }
        FileState::Invalid(error) => {
            let range = Range::of(&file.text, error.span);
            let (name, fix) = match error.kind {
                SyntaxErrorKind::Encoding => (FindingName::CredentialsUnreadable, "Save the file as UTF-8"),
                _ => (FindingName::CredentialsInvalid, "Mend this line, or bind again"),
            };
            let detail = format!("Line {}, column {}: {}", range.line, range.column, error.message);
            let place = Place::File {
                path: file.path.clone(),
                range: Some(range),
            };
            report.add(
                Finding::new(name, detail)
                    .at(place, error.message.clone())
                    .fix(Fix::text(fix)),
            );
            Credentials::Unusable
        }
    }
}

/// How to make a file readable, by the system's reason why it is not.
fn readable(path: &std::path::Path, reason: &str) -> Fix {
    if reason.contains("ermission denied") {
        let command = format!("chmod u+r {}", shell::quote_path(path));
        return Fix::command("Let your user read it", command);
    }
    Fix::text("Put a regular file of UTF-8 text in its place, or move it away and bind again")
}

/// The provider's table, or why there is none.
pub(super) fn table<'a>(
    credentials: &Credentials<'a>,
    binding: &BindingFacts,
) -> Option<Result<ProviderTable<'a>, Absence>> {
    match credentials {
        Credentials::Usable(Some(root)) => Some(provider_table(root, &binding.provider.as_str().into())),
        Credentials::Usable(None) | Credentials::Unusable => None,
    }
}

/// What the null-route findings look at.
pub(super) struct NullRoute<'a, 'b> {
    /// The binding.
    pub binding: &'b BindingFacts,
    /// Where `tracker.provider` stands.
    pub provider_span: Span,
    /// The lookup's result; `None` when the file is missing.
    pub table: Option<&'b Result<ProviderTable<'a>, Absence>>,
}

/// Reports the cause why both routing fields are null, from the step that decided.
pub(super) fn null_cause(report: &mut Report<'_>, null: &NullRoute<'_, '_>, cause: NullCause) {
    let finding = match cause {
        NullCause::NotInMap => not_in_map(report, null),
        NullCause::NoTable => no_table(report, null),
        NullCause::KeyMissing(key) => key_missing(report, null, key),
        NullCause::KeyBlank(key) => key_blank(report, null, key),
    };
    report.add(finding);
}

fn not_in_map(report: &Report<'_>, null: &NullRoute<'_, '_>) -> Finding {
    let provider = &null.binding.normalized_provider;
    let place = report.config_place(null.provider_span);
    let label = "not in RESOURCE_ROUTING_MAP";
    if routing::KNOWN_PROVIDERS.contains(&provider.as_str()) {
        let detail =
            format!("spec-kitty has no routing for {provider}: only jira and linear snapshots are routed");
        return Finding::new(FindingName::ProviderNotRoutable, detail)
            .at(place, label)
            .fix(Fix::text(
                "Nothing to mend: this is how spec-kitty publishes this provider. Accept it to publish",
            ));
    }
    let detail =
        format!("spec-kitty has no provider {provider:?}; it publishes the name as it is, without a route");
    let finding = Finding::new(FindingName::ProviderUnknown, detail).at(place, label);
    match routing::did_you_mean(provider) {
        Some(meant) => finding.fix(report.edit_config(
            null.provider_span,
            meant,
            &format!("Did you mean {meant}? Write it in config.yaml"),
        )),
        None => finding.fix(Fix::text(
            "Write one of jira, linear, azure_devops, github, gitlab, beads, fp",
        )),
    }
}

fn no_table(report: &Report<'_>, null: &NullRoute<'_, '_>) -> Finding {
    let file = &report.inputs.credentials;
    let bind = || report.bind(null.binding, None, &routing_key(null.binding));
    match null.table {
        None => {
            let detail = "The credentials file does not exist, so the provider has no credentials";
            let place = Place::file(&file.path);
            Finding::new(FindingName::CredentialsFileMissing, detail)
                .at(place, "would be read from here")
                .fix(bind())
        }
        Some(Err(absence)) => absent(report, null, absence),
        // The derivation says NoTable only when the lookup failed.
        Some(Ok(_)) => Finding::new(
            FindingName::InternalError,
            "the lookup found a table that the route did not",
        ),
    }
}

fn absent(report: &Report<'_>, null: &NullRoute<'_, '_>, absence: &Absence) -> Finding {
    use FindingName as Name;
    let file = &report.inputs.credentials;
    let provider = &null.binding.provider;
    let here = |span: Span| report.credentials_place(span);
    let should_be = format!("[tracker.providers.{provider}] should be here");
    let finding = match absence {
        Absence::NoTracker { tokens: Some(tokens) } => Finding::new(
            Name::CredentialsOverwrittenByLogin,
            "A login or token refresh rewrote the file: [tokens] is there, [tracker] is gone",
        )
        .at(here(*tokens), "written by a login or a token refresh")
        .at(here(file.text.end()), should_be),
        Absence::NoTracker { tokens: None } => {
            let (name, detail) = if holds_nothing(file) {
                (
                    Name::CredentialsEmpty,
                    "The credentials file holds nothing but blanks or comments",
                )
            } else {
                (
                    Name::CredentialsTableMissing,
                    "The credentials file has no [tracker] at all",
                )
            };
            Finding::new(name, detail).at(here(file.text.end()), should_be)
        }
        Absence::WrongShape { step, found, key } => {
            let step = match step {
                Step::Tracker => "tracker".to_owned(),
                Step::Providers => "tracker.providers".to_owned(),
                Step::Provider => format!("tracker.providers.{provider}"),
            };
            Finding::new(
                Name::CredentialsTableMissing,
                format!("{step} is {found}, not a table"),
            )
            .at(
                here(*key),
                format!("must be the table [tracker.providers.{provider}]"),
            )
            .fix(Fix::text(format!("Write it as [tracker.providers.{provider}]")))
        }
        Absence::NoProviders { tracker } => {
            Finding::new(Name::CredentialsTableMissing, "[tracker] has no providers table")
                .at(here(*tracker), should_be)
        }
        Absence::NoProvider { providers, siblings } => {
            if let Some(near) = siblings.iter().find(|sibling| sibling.near_miss) {
                return spelling_mismatch(report, null, &near.name.to_display(), near.span);
            }
            let detail = format!("There is no table [tracker.providers.{provider}]");
            Finding::new(Name::ProviderCredentialsMissing, detail).at(here(*providers), should_be)
        }
    };
    finding.fix(report.bind(null.binding, None, &routing_key(null.binding)))
}

fn spelling_mismatch(report: &Report<'_>, null: &NullRoute<'_, '_>, written: &str, span: Span) -> Finding {
    let provider = &null.binding.provider;
    let detail = format!(
        "config.yaml says {provider}, the credentials say {written}: the map ignores case, the lookup does not"
    );
    let finding = Finding::new(FindingName::ProviderSpellingMismatch, detail)
        .at(
            report.config_place(null.provider_span),
            format!("looks up [tracker.providers.{provider}]"),
        )
        .at(report.credentials_place(span), "spelled differently here");
    finding.fix(report.edit_config(
        null.provider_span,
        written,
        &format!("Write the provider in config.yaml as {written}"),
    ))
}

fn key_missing(report: &Report<'_>, null: &NullRoute<'_, '_>, key: &'static str) -> Finding {
    let Some(Ok(table)) = null.table else {
        return Finding::new(
            FindingName::InternalError,
            "a routing key is missing from no table",
        );
    };
    let provider = &null.binding.provider;
    let detail = format!("[tracker.providers.{provider}] has no {key}, which {provider} is routed by");
    let mut finding = Finding::new(FindingName::RoutingKeyMissing, detail).at(
        report.credentials_place(table.span()),
        format!("{key} should be in here"),
    );
    let near = table
        .entries()
        .iter()
        .find(|entry| is_near_miss(&entry.key.str().to_display(), key));
    // What is misspelled is not said again to `bind`.
    let misspelled = near.map(|near| near.key.str().to_display());
    if let (Some(near), Some(name)) = (near, &misspelled) {
        let rename = edit(&report.inputs.credentials, near.key.span, key);
        finding = finding
            .at(
                report.credentials_place(near.key.span),
                format!("{name} is not read; the key is {key}"),
            )
            .fix(Fix::edit(format!("Rename the key to {key}"), rename));
    }
    let likely = likely_key(report, key);
    if let (Some(project), None) = (&likely, near) {
        let edit = insert_key(&report.inputs.credentials, table.span(), key, project);
        finding = finding.fix(Fix::edit(
            format!("Write the key; the issues say {project}"),
            edit,
        ));
    }
    let change = likely.as_deref().map_or(KeyChange::Ask, KeyChange::Set);
    let dropped = misspelled.as_deref().map(|name| (name, KeyChange::Drop));
    let changes: Vec<_> = dropped.into_iter().chain([(key, change)]).collect();
    finding.fix(report.bind(null.binding, Some(*table), &changes))
}

/// What the stored issues say that the routing key is.
fn likely_key(report: &Report<'_>, key: &str) -> Option<String> {
    project_of_issues(report).filter(|_| key == "project_key")
}

/// Names that people write for `project_key` and `team_id` (reference A2).
fn is_near_miss(name: &str, key: &str) -> bool {
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match key {
        "project_key" => matches!(letters.as_str(), "projectkey" | "project" | "key"),
        _ => matches!(letters.as_str(), "teamid" | "team" | "teamkey"),
    }
}

fn key_blank(report: &Report<'_>, null: &NullRoute<'_, '_>, key: &'static str) -> Finding {
    let table = null.table.and_then(|table| table.as_ref().ok()).copied();
    let span = table
        .and_then(|table| table.get(key))
        .map(|entry| entry.value.span)
        .unwrap_or_default();
    let mut finding = Finding::new(
        FindingName::RoutingKeyBlank,
        format!("{key} is empty or only blanks, which counts as missing"),
    )
    .at(report.credentials_place(span), "blank");
    let likely = likely_key(report, key);
    if let Some(project) = &likely {
        let text = format!("Write the key; the issues say {project}");
        finding = finding.fix(report.credentials_value(span, project, &text));
    }
    let change = likely.as_deref().map_or(KeyChange::Ask, KeyChange::Set);
    finding.fix(report.bind(null.binding, table, &[(key, change)]))
}

/// The routing key that the provider needs, value unknown.
fn routing_key(binding: &BindingFacts) -> Vec<(&'static str, KeyChange<'static>)> {
    let entry = routing::map_entry(&binding.normalized_provider);
    entry
        .map(|entry| (entry.credential_key, KeyChange::Ask))
        .into_iter()
        .collect()
}

/// Whether the file parses to an empty table.
fn holds_nothing(file: &FileInput) -> bool {
    file.root()
        .is_none_or(|root| root.entries().is_none_or(<[_]>::is_empty))
}

impl Report<'_> {
    /// The fix that replaces a value on its line of config.yaml.
    pub(super) fn edit_config(&self, span: Span, new: &str, text: &str) -> Fix {
        self.edit_config_raw(span, &yaml_scalar(new), text)
    }

    /// The text of a span of config.yaml.
    pub(super) fn config_text(&self, span: Span) -> Option<&str> {
        self.inputs.config.as_ref()?.text.text_of(span)
    }

    /// A value of config.yaml with the tag before it on its line, as in `!!str 5`.
    pub(super) fn with_tag(&self, span: Span) -> Span {
        let bytes = self
            .inputs
            .config
            .as_ref()
            .map_or(&[][..], |file| file.text.bytes());
        let before = bytes.get(..span.start).unwrap_or_default().trim_ascii_end();
        let word = before
            .iter()
            .rev()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .count();
        let start = before.len() - word;
        let same_line = !bytes[start..span.start].contains(&b'\n');
        if same_line && bytes.get(start) == Some(&b'!') {
            Span { start, ..span }
        } else {
            span
        }
    }

    /// The fix that replaces a span of config.yaml by exactly this text.
    pub(super) fn edit_config_raw(&self, span: Span, new: &str, text: &str) -> Fix {
        let edit = self.inputs.config.as_ref().and_then(|file| edit(file, span, new));
        Fix::edit(text, edit)
    }
}
