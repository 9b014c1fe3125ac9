//! What each letter of the copy menu copies.

use std::borrow::Cow;

use super::action::Action;
use super::effect::{CopyContent, Table};
use super::model::{Model, Section};
use super::outline::Outline;
use super::publish::Publish;
use super::tree::Node;
use super::value;
use crate::domain::evaluation::{CheckpointFacts, Evaluation};
use crate::domain::finding::{Bases, Finding};
use crate::domain::safe::{SafeText, escape_hidden};
use crate::domain::window::{IssueFacts, IssueRow, MappingRow};

/// The menu's actions, in the order shown.
pub const MENU: [Action; 9] = [
    Action::CopyValue,
    Action::CopyPath,
    Action::CopyRow,
    Action::CopyJson,
    Action::CopyPayload,
    Action::CopyCurl,
    Action::CopyRoutingKey,
    Action::CopyIdempotencyKey,
    Action::Report,
];

/// What an action copies; an error is the reason why it cannot.
pub fn content(model: &Model, action: Action) -> Result<CopyContent, &'static str> {
    match found(model, action)? {
        Found::Content(content) => Ok(content),
        Found::Text(name, text) => {
            // JSON has escapes of its own for what hides.
            let text = match action {
                Action::CopyJson => escape_hidden(&text),
                _ => text,
            };
            let text = SafeText::of(&text);
            Ok(CopyContent::Text { name, text })
        }
    }
}

/// Why an action cannot copy here; `None` when it can.
pub(super) fn refusal(model: &Model, action: Action) -> Option<&'static str> {
    found(model, action).err()
}

/// What an action copies, texts lent where they can be: every frame asks whether there is one.
enum Found<'a> {
    Text(&'static str, Cow<'a, str>),
    Content(CopyContent),
}

fn found(model: &Model, action: Action) -> Result<Found<'_>, &'static str> {
    let evaluation = model.evaluation().ok_or("nothing is read yet")?;
    if holds_beginning(model, action) {
        return Err(value::ONLY_BEGINNING);
    }
    let (name, text, reason) = match action {
        Action::CopyValue => ("value", here(model, Part::Value), no_value(model)),
        Action::CopyPath => ("path", here(model, Part::Path), "no path here"),
        Action::CopyRow => ("row", here(model, Part::Row), "no row here"),
        Action::CopyJson => ("JSON", here(model, Part::Json), "no JSON here"),
        Action::CopyRoutingKey => {
            let key = routing_key(evaluation).map(Cow::Owned);
            ("routing key", key, "no route was derived")
        }
        Action::CopyIdempotencyKey => {
            let key = idempotency_key(model).map(Cow::Borrowed);
            ("idempotency key", key, "the rows are not checked yet")
        }
        Action::CopyPayload | Action::CopyCurl if evaluation.plan.is_none() => {
            return Err("no body can be built");
        }
        Action::Report => return Ok(Found::Content(CopyContent::Report)),
        Action::CopyPayload => return Ok(Found::Content(CopyContent::Payload)),
        Action::CopyCurl => return Ok(Found::Content(CopyContent::Curl)),
        _ => return Err("not in the copy menu"),
    };
    text.map(|text| Found::Text(name, text)).ok_or(reason)
}

/// Why there is no value to copy: that of a finding is its fix.
fn no_value(model: &Model) -> &'static str {
    if model.section == Section::Route && model.finding().is_some() {
        "this finding has no fix to copy"
    } else {
        "no value here"
    }
}

/// Whether of what an action copies only the beginning is at hand.
fn holds_beginning(model: &Model, action: Action) -> bool {
    // What a publish says lies over the section.
    let value = value::under_cursor(model).filter(|_| matches!(model.publish, Publish::Idle));
    let long = value.map_or(&[][..], |value| value.long);
    let in_row = model.section == Section::Payload && matches!(model.tree.cursor, Node::Line(..));
    match action {
        Action::CopyJson => !long.is_empty(),
        Action::CopyRow if !in_row => long.iter().any(|text| text.path == "title"),
        Action::CopyRow | Action::CopyValue => in_row && !long.is_empty(),
        _ => false,
    }
}

/// Provider, workspace, type and id, joined as in the idempotency key's preimage (reference 43).
fn routing_key(evaluation: &Evaluation) -> Option<String> {
    let binding = evaluation.binding.as_ref()?;
    evaluation.routing.as_ref()?;
    let (kind, id) = evaluation.route().map_or(("null", "null"), |route| {
        (route.resource_type, &route.resource_id)
    });
    Some(format!(
        "{}|{}|{kind}|{id}",
        binding.normalized_provider, binding.workspace
    ))
}

fn idempotency_key(model: &Model) -> Option<&str> {
    match model.publish.plan() {
        Some(plan) => Some(&plan.idempotency_key),
        None => model.evaluation()?.plan.as_ref()?.idempotency_key.as_deref(),
    }
}

/// What of the thing under the cursor is copied.
#[derive(Clone, Copy)]
enum Part {
    Value,
    Path,
    Row,
    Json,
}

/// The part of what is under the cursor.
fn here(model: &Model, part: Part) -> Option<Cow<'_, str>> {
    match (&model.publish, model.section) {
        (Publish::Done(done), _) => {
            let answer = done.report.answer.as_ref()?;
            match part {
                Part::Value => Some(String::from_utf8_lossy(&answer.body)),
                Part::Row => Some(format!("{} {}", answer.status, answer.reason).into()),
                Part::Path | Part::Json => None,
            }
        }
        (Publish::Confirming(_) | Publish::Sending(_), _) => None,
        (_, Section::Route) => match model.finding() {
            Some(finding) => of_finding(finding, part),
            None => of_route(model, part),
        },
        (_, Section::Issues) => of_issue(model.issues.current()?, part),
        (_, Section::Mappings) => Some(of_mapping(model.mappings.current()?, part)),
        (_, Section::Checkpoint) => of_checkpoint(model.evaluation()?.checkpoint.as_ref()?, part),
        (_, Section::Payload) => in_body(model, part),
        (_, Section::Sources | Section::Journal) => in_list(model, part),
    }
}

fn of_route(model: &Model, part: Part) -> Option<Cow<'_, str>> {
    match part {
        Part::Value => {
            let route = model.evaluation()?.route()?;
            Some(route.resource_id.as_str().into())
        }
        Part::Path => Some("external_resource_id".into()),
        Part::Row | Part::Json => None,
    }
}

fn of_finding(finding: &Finding, part: Part) -> Option<Cow<'_, str>> {
    match part {
        Part::Value => Some(finding.fixes.first()?.to_copy().into()),
        Part::Path => Some(finding.evidence.first()?.place.shown(&Bases::default()).into()),
        Part::Row => Some(format!("{}: {}", finding.name.as_str(), finding.detail).into()),
        Part::Json => None,
    }
}

fn of_issue(row: &IssueRow, part: Part) -> Option<Cow<'_, str>> {
    let facts = row.published.as_ref().ok();
    match (part, facts) {
        (Part::Value, _) => facts.map(|facts| facts.issue.name().into()),
        (Part::Row, Some(IssueFacts { issue, .. })) => {
            let key = issue.reference.key.as_deref().unwrap_or("");
            let columns = [&row.identity, key, issue.status, issue.issue_type, &issue.title];
            Some(columns.join("\t").into())
        }
        (Part::Path, _) | (Part::Row, None) => Some(row.identity.as_str().into()),
        (Part::Json, _) => facts.map(|facts| facts.json.as_str().into()),
    }
}

fn of_mapping(row: &MappingRow, part: Part) -> Cow<'_, str> {
    match part {
        Part::Value => row.mapping.wp_id.as_str().into(),
        Part::Path => format!("{} {}", row.mapping.wp_id, row.mapping.system).into(),
        Part::Row => {
            let key = row.mapping.external_key.as_deref().unwrap_or("");
            [
                &row.mapping.wp_id,
                &row.mapping.system,
                &row.mapping.external_id,
                key,
            ]
            .join("\t")
            .into()
        }
        Part::Json => row.json.as_str().into(),
    }
}

fn of_checkpoint(checkpoint: &CheckpointFacts, part: Part) -> Option<Cow<'_, str>> {
    match part {
        Part::Value => checkpoint.cursor.as_deref().map(Cow::Borrowed),
        Part::Path => Some(checkpoint.key.as_str().into()),
        Part::Row => None,
        Part::Json => {
            let (cursor, since) = (&checkpoint.cursor, &checkpoint.updated_since);
            let json = serde_json::json!({"cursor": cursor, "updated_since": since});
            Some(json.to_string().into())
        }
    }
}

fn in_body(model: &Model, part: Part) -> Option<Cow<'_, str>> {
    let outline = Outline::of(model);
    let line = outline.line(outline.cursor())?;
    match (&line.node, value::under_cursor(model)) {
        (Node::Row(Table::Issues, _), _) => of_issue(model.body_issues.current()?, part),
        (Node::Row(Table::Mappings, _), _) => Some(of_mapping(model.body_mappings.current()?, part)),
        (_, Some(value)) => Some(match part {
            Part::Value => value.text().into(),
            Part::Path => value.path.into(),
            Part::Row => format!("{}: {}", value.path, value.json).into(),
            Part::Json => value.json,
        }),
        // An object or a list, or rows that are not at hand.
        (_, None) => match part {
            Part::Value | Part::Json => None,
            Part::Path => Some(line.name.into()),
            Part::Row => Some(format!("{}: {}", line.name, line.value).into()),
        },
    }
}

fn in_list(model: &Model, part: Part) -> Option<Cow<'_, str>> {
    match (part, model.section) {
        (Part::Row, _) => Some(cursor_line(model, model.cursor()))
            .filter(|row| !row.is_empty())
            .map(Cow::Owned),
        (Part::Path, Section::Sources) => {
            let path = model.source()?.path.as_ref()?;
            Some(path.display().to_string().into())
        }
        (Part::Value, Section::Journal) => Some(model.attempt()?.record.id.as_str().into()),
        _ => None,
    }
}

/// A list's line as plain text: what is searched and copied.
pub(super) fn cursor_line(model: &Model, index: usize) -> String {
    let line = match model.section {
        Section::Route => model.findings().get(index).map(|finding| {
            let texts = [finding.name.as_str(), finding.title(), &finding.detail];
            texts.join(" ")
        }),
        Section::Sources => model.sources().get(index).map(|source| {
            let path = source.path.as_ref().map(|path| path.display().to_string());
            let values = source
                .values
                .iter()
                .map(|value| format!("\n{} {}", value.name, value.value));
            let values: String = values.collect();
            format!(
                "{} {} {}{values}",
                source.role,
                path.unwrap_or_default(),
                source.state
            )
        }),
        Section::Journal => model.attempts().get(index).map(|attempt| {
            let record = &attempt.record;
            let texts = [
                &record.time,
                attempt.outcome().name(),
                &record.endpoint,
                &record.idempotency_key,
            ];
            texts.join(" ")
        }),
        _ => None,
    };
    line.unwrap_or_default()
}
