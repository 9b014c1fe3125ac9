//! The project and its binding: what is missing, of the wrong type, or from a newer spec-kitty
//! (reference 3.1-3.2, 2.4).

use super::Report;
use super::rebind::bind_again;
use crate::domain::binding::{Binding, DEFAULT_DOCTRINE_MODE, Required, Section};
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::BindingFacts;
use crate::domain::finding::{Finding, Fix, Place, Range};
use crate::domain::inputs::{FileInput, FileState};
use crate::domain::node::{Node, Span, SyntaxErrorKind};
use crate::domain::python::{PyStr, repr::MAX_STR_BYTES};
use crate::domain::routing;

/// The binding with the places of its parts.
pub(super) struct Bound {
    /// The binding as spec-kitty uses it.
    pub facts: BindingFacts,
    /// Where they stand.
    pub spans: BindingSpans,
}

/// Where the parts of a binding stand in config.yaml.
#[derive(Clone, Copy)]
pub(super) struct BindingSpans {
    /// `tracker.provider`.
    pub provider: Span,
    /// `tracker.workspace`.
    pub workspace: Span,
    /// `tracker.doctrine.mode`; the default has what spec-kitty passed over for it, if anything.
    pub doctrine_mode: Result<Span, Option<(&'static str, Span)>>,
}

/// Reads project and config as far as they go.
pub(super) fn read(report: &mut Report<'_>) -> Option<Binding> {
    let project = &report.inputs.project;
    let Some(file) = &report.inputs.config else {
        let detail = format!(
            "No .kittify/ in {} or any folder above it",
            project.start.display()
        );
        report.add(
            Finding::new(FindingName::ProjectNotFound, detail)
                .at(Place::file(&project.start), "the search began here")
                .fix(Fix::text(
                    "Change into the project or pass --project DIR; `catseye demo` has projects to look at",
                )),
        );
        return None;
    };
    let root = root_of(report, file)?;
    Some(Binding::read(root))
}

fn root_of<'a>(report: &mut Report<'_>, file: &'a FileInput) -> Option<&'a Node> {
    let place = |range| Place::File {
        path: file.path.clone(),
        range,
    };
    let finding = match &file.state {
        FileState::Loaded(root) => return Some(root),
        FileState::Missing => Finding::new(
            FindingName::ConfigMissing,
            "The project has no .kittify/config.yaml, so nothing is bound",
        )
        .at(place(None), "would be read from here")
        .fix(bind_again(report, None, "Bind the project")),
        FileState::Unreadable(reason) => Finding::new(
            FindingName::ConfigUnreadable,
            format!("config.yaml cannot be read: {reason}"),
        )
        .at(place(None), "this file")
        .fix(Fix::text("Make it a regular file that your user can read")),
        FileState::Invalid(error) => {
            let range = Range::of(&file.text, error.span);
            let name = match error.kind {
                SyntaxErrorKind::Encoding => FindingName::ConfigUnreadable,
                SyntaxErrorKind::Syntax | SyntaxErrorKind::NotModelled => FindingName::ConfigInvalid,
            };
            let detail = format!("Line {}, column {}: {}", range.line, range.column, error.message);
            Finding::new(name, detail)
                .at(place(Some(range)), error.message.clone())
                .fix(Fix::text(
                    "Mend this place; spec-kitty refuses the whole file for it",
                ))
        }
    };
    report.add(finding);
    None
}

/// The key of the `tracker` mapping, or the finding that there is none.
fn section(report: &mut Report<'_>, binding: &Binding) -> Option<Span> {
    let (span, detail, label) = match binding.tracker {
        Section::Mapping(key) => return Some(key),
        Section::Absent => {
            let end = report.inputs.config.as_ref().map(|file| file.text.end());
            let detail = "config.yaml has no `tracker:`".to_owned();
            (
                end.unwrap_or_default(),
                detail,
                "`tracker:` should be in this file",
            )
        }
        Section::NotMapping { key, found } => (
            key,
            format!("`tracker:` is {found}, not a mapping"),
            "must be a mapping",
        ),
    };
    section_missing(report, span, &detail, label);
    None
}

/// The complete binding, or the findings that say which part is missing.
pub(super) fn bound(report: &mut Report<'_>, binding: &Binding) -> Option<Bound> {
    let tracker = section(report, binding)?;
    let provider = required(report, binding, tracker, &PROVIDER);
    let workspace = required(report, binding, tracker, &WORKSPACE);
    let ((provider, provider_span), (workspace, workspace_span)) = (provider?, workspace?);
    let provider = encodable(report, "tracker.provider", provider, provider_span)?;
    let workspace = encodable(report, "tracker.workspace", workspace, workspace_span)?;
    let mode = match &binding.doctrine_mode {
        Required::Text(mode, span) => encodable(report, "tracker.doctrine.mode", mode, *span)?,
        _ => DEFAULT_DOCTRINE_MODE.to_owned(),
    };
    let mut owners = Vec::with_capacity(binding.doctrine_field_owners.len());
    for ((field, owner), [field_span, owner_span]) in
        binding.doctrine_field_owners.iter().zip(&binding.owner_spans)
    {
        owners.push((
            encodable(report, "tracker.doctrine.field_owners", field, *field_span)?,
            encodable(report, "tracker.doctrine.field_owners", owner, *owner_span)?,
        ));
    }
    let facts = BindingFacts {
        normalized_provider: routing::normalize_provider(&provider),
        provider,
        workspace,
        doctrine_mode: mode,
        doctrine_field_owners: owners,
    };
    let spans = BindingSpans {
        provider: provider_span,
        workspace: workspace_span,
        doctrine_mode: match binding.doctrine_mode {
            Required::Text(_, span) => Ok(span),
            Required::Blank(span) => Err(Some(("blank", span))),
            Required::NotText { found, span } => Err(Some((found, span))),
            Required::Absent => Err(None),
        },
    };
    Some(Bound { facts, spans })
}

fn section_missing(report: &mut Report<'_>, span: Span, detail: &str, label: &str) {
    report.add(
        Finding::new(FindingName::TrackerSectionMissing, detail)
            .at(report.config_place(span), label)
            .fix(bind_again(report, None, "Bind the project")),
    );
}

/// A key that a binding cannot do without.
struct RequiredKey {
    key: &'static str,
    missing: FindingName,
    of: fn(&Binding) -> &Required,
}

const PROVIDER: RequiredKey = RequiredKey {
    key: "provider",
    missing: FindingName::ProviderMissing,
    of: |binding| &binding.provider,
};

const WORKSPACE: RequiredKey = RequiredKey {
    key: "workspace",
    missing: FindingName::WorkspaceMissing,
    of: |binding| &binding.workspace,
};

/// The text of a required key, or the finding that says what stands there instead.
fn required<'b>(
    report: &mut Report<'_>,
    binding: &'b Binding,
    tracker: Span,
    wanted: &RequiredKey,
) -> Option<(&'b PyStr, Span)> {
    let key = wanted.key;
    let value = (wanted.of)(binding);
    let (detail, span, label) = match value {
        Required::Text(text, span) => return Some((text, *span)),
        Required::Blank(span) => (format!("tracker.{key} is blank"), *span, "blank".to_owned()),
        Required::NotText { found, span } => (
            format!("tracker.{key} is {found}; spec-kitty reads only text and drops it"),
            *span,
            format!("{found}, not text"),
        ),
        Required::Absent => {
            let label = format!("`{key}:` should be in this section");
            (format!("tracker.{key} is missing"), tracker, label)
        }
    };
    let place = report.config_place(span);
    let mut finding = Finding::new(wanted.missing, detail).at(place, label);
    if let (Required::NotText { .. }, Some(written)) = (value, report.config_text(span))
        && written.chars().all(is_plain)
        && (key != PROVIDER.key || routing::KNOWN_PROVIDERS.contains(&&*routing::normalize_provider(written)))
    {
        // A tag before the value would still keep it from being text.
        let whole = report.with_tag(span);
        finding = finding.fix(report.edit_config_raw(whole, &format!("\"{written}\""), "Write it in quotes"));
    }
    let fix = if binding.newer.keys.is_empty() {
        bind_again(report, Some(binding), "Bind the project again")
    } else {
        Fix::text(format!(
            "A newer spec-kitty keeps its binding elsewhere; add `{key}:` by hand only to publish the old way"
        ))
    };
    if matches!(value, Required::Absent) && !binding.newer.keys.is_empty() && key == WORKSPACE.key {
        // A newer spec-kitty keeps no workspace in the file (reference 2.4).
        finding.explained_by = Some(FindingName::BoundByNewerSpecKitty);
    }
    report.add(finding.fix(fix));
    None
}

/// Characters that need no escape between double quotes.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':')
}

/// The text for sending, or the finding that it cannot be encoded or is not all here.
pub(super) fn encodable(report: &mut Report<'_>, what: &str, text: &PyStr, span: Span) -> Option<String> {
    if text.byte_len() >= MAX_STR_BYTES {
        report.add(
            Finding::new(
                FindingName::ConfigInvalid,
                format!("{what} is a collection that Python prints with more than 1 MiB; catseye does not"),
            )
            .at(report.config_place(span), "aliases make it this long")
            .fix(Fix::text("Write text here")),
        );
        return None;
    }
    if let Some(text) = text.as_str() {
        return Some(text.to_owned());
    }
    report.add(
        Finding::new(
            FindingName::PayloadNotEncodable,
            format!("{what} holds a lone surrogate"),
        )
        .at(report.config_place(span), "holds a lone surrogate")
        .fix(Fix::text(
            "Write the character itself, or \\U0001F600 with eight digits",
        )),
    );
    None
}

/// What a newer spec-kitty left: consent to publish at all, and its refusals (reference 2.4).
pub(super) fn newer(report: &mut Report<'_>, binding: &Binding) {
    let newer = &binding.newer;
    if !newer.keys.is_empty() {
        let names: Vec<_> = newer.keys.iter().map(|(name, _)| *name).collect();
        let detail = format!(
            "In `tracker`, {} {} written by spec-kitty 3.0.1 or newer",
            names.join(", "),
            if names.len() == 1 { "was" } else { "were" }
        );
        let mut finding = Finding::new(FindingName::BoundByNewerSpecKitty, detail);
        finding.count = newer.keys.len() as u64;
        for (name, span) in &newer.keys {
            finding = finding.at(report.config_place(*span), format!("2.1.0-3.0.0 ignore {name}"));
        }
        report.add(finding.fix(Fix::command(
            "Publish with the newer CLI",
            "spec-kitty tracker sync push",
        )));
    }
    let refused = match &newer.egress {
        Some((Some(text), _)) if *text == "permitted" => None,
        Some((Some(text), span)) if *text == "refused" => Some(("tracker.egress is refused", *span)),
        Some((_, span)) => Some((
            "tracker.egress is neither permitted nor refused, which counts as refused",
            *span,
        )),
        None => None,
    };
    let refused = refused.or_else(|| newer.sync_disabled.map(|span| ("sync.enabled is false", span)));
    if let Some((detail, span)) = refused {
        let place = report.config_place(span);
        let new = if newer.sync_disabled == Some(span) {
            "true"
        } else {
            "permitted"
        };
        let text = "The decision is the project owner's; if it is to publish";
        report.add(
            Finding::new(FindingName::EgressRefused, detail)
                .at(place, "this forbids sending")
                .fix(report.edit_config_raw(span, new, text)),
        );
    }
}
