//! What each letter of the copy menu copies.

use super::action::Action;
use super::effect::{CopyContent, Table};
use super::model::{Model, Section};
use super::outline::Outline;
use super::publish::Publish;
use super::tree::{Node, TreeLine};
use super::value::{self, Value};
use crate::domain::evaluation::Evaluation;
use crate::domain::finding::{Bases, Finding, Fix};
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
    let evaluation = model.evaluation().ok_or("nothing is read yet")?;
    let text = |name, text: Option<String>, reason| match text {
        Some(text) => Ok(CopyContent::Text {
            name,
            text: SafeText::of(&text),
        }),
        None => Err(reason),
    };
    if holds_beginning(model, action) {
        return Err(value::ONLY_BEGINNING);
    }
    let here = Cursor::of(model);
    match action {
        Action::CopyValue => text("value", here.value, "no value here"),
        Action::CopyPath => text("path", here.path, "no path here"),
        Action::CopyRow => text("row", here.row, "no row here"),
        // JSON has escapes of its own for what hides.
        Action::CopyJson => text(
            "JSON",
            here.json.map(|json| escape_hidden(&json).into_owned()),
            "no JSON here",
        ),
        Action::CopyPayload | Action::CopyCurl if evaluation.plan.is_none() => Err("no body can be built"),
        Action::Report => Ok(CopyContent::Report),
        Action::CopyPayload => Ok(CopyContent::Payload),
        Action::CopyCurl => Ok(CopyContent::Curl),
        Action::CopyRoutingKey => text("routing key", routing_key(evaluation), "no route was derived"),
        Action::CopyIdempotencyKey => text(
            "idempotency key",
            idempotency_key(model),
            "the rows are not checked yet",
        ),
        _ => Err("not in the copy menu"),
    }
}

/// Whether of what an action copies only the beginning is at hand.
fn holds_beginning(model: &Model, action: Action) -> bool {
    let long = value::under_cursor(model).map_or(&[][..], |value| value.long);
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

fn idempotency_key(model: &Model) -> Option<String> {
    match model.publish.plan() {
        Some(plan) => Some(plan.idempotency_key.clone()),
        None => model.evaluation()?.plan.as_ref()?.idempotency_key.clone(),
    }
}

/// What is under the cursor.
#[derive(Default)]
struct Cursor {
    value: Option<String>,
    path: Option<String>,
    row: Option<String>,
    json: Option<String>,
}

impl Cursor {
    fn of(model: &Model) -> Self {
        match (&model.publish, model.section) {
            (Publish::Done(done), _) => {
                let answer = done.report.answer.as_ref();
                Self {
                    value: answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()),
                    row: answer.map(|answer| format!("{} {}", answer.status, answer.reason)),
                    ..Self::default()
                }
            }
            (Publish::Confirming(_) | Publish::Sending(_), _) => Self::default(),
            (_, Section::Route) => model.finding().map_or_else(|| Self::route(model), Self::finding),
            (_, Section::Issues) => model.issues.current().map(Self::issue).unwrap_or_default(),
            (_, Section::Mappings) => model.mappings.current().map(Self::mapping).unwrap_or_default(),
            (_, Section::Checkpoint) => Self::checkpoint(model),
            (_, Section::Payload) => Self::tree(model),
            (_, Section::Sources | Section::Journal) => Self::list(model),
        }
    }

    fn route(model: &Model) -> Self {
        let route = model.evaluation().and_then(Evaluation::route);
        Self {
            value: route.map(|route| route.resource_id.clone()),
            path: Some("external_resource_id".to_owned()),
            ..Self::default()
        }
    }

    fn finding(finding: &Finding) -> Self {
        let fix = finding.fixes.first();
        Self {
            value: fix.map(Fix::to_copy),
            path: finding
                .evidence
                .first()
                .map(|evidence| evidence.place.shown(&Bases::default())),
            row: Some(format!("{}: {}", finding.name.as_str(), finding.detail)),
            json: None,
        }
    }

    fn issue(row: &IssueRow) -> Self {
        let issue = row.published.as_ref().ok();
        let columns = |issue: &IssueFacts| {
            let key = issue.key.as_deref().unwrap_or("");
            [&row.identity, key, &issue.status, &issue.issue_type, &issue.title].join("\t")
        };
        Self {
            value: issue.map(|issue| issue.key.clone().unwrap_or_else(|| issue.id.clone())),
            path: Some(row.identity.clone()),
            row: Some(issue.map_or_else(|| row.identity.clone(), columns)),
            json: issue.map(|issue| issue.json.clone()),
        }
    }

    fn mapping(row: &MappingRow) -> Self {
        let mapping = &row.mapping;
        let key = mapping.external_key.as_deref().unwrap_or("");
        Self {
            value: Some(mapping.wp_id.clone()),
            path: Some(format!("{} {}", mapping.wp_id, mapping.system)),
            row: Some([&mapping.wp_id, &mapping.system, &mapping.external_id, key].join("\t")),
            json: Some(row.json.clone()),
        }
    }

    fn checkpoint(model: &Model) -> Self {
        let checkpoint = model
            .evaluation()
            .and_then(|evaluation| evaluation.checkpoint.clone());
        let Some(checkpoint) = checkpoint else {
            return Self::default();
        };
        let json =
            serde_json::json!({"cursor": checkpoint.cursor, "updated_since": checkpoint.updated_since});
        Self {
            value: checkpoint.cursor,
            path: Some(checkpoint.key),
            row: None,
            json: Some(json.to_string()),
        }
    }

    fn tree(model: &Model) -> Self {
        let outline = Outline::of(model);
        let Some(TreeLine {
            node, value, name, ..
        }) = outline.line(outline.cursor())
        else {
            return Self::default();
        };
        match node {
            Node::Line(..) => value::under_cursor(model).map(Self::value).unwrap_or_default(),
            Node::Row(Table::Issues, _) => model.body_issues.current().map(Self::issue).unwrap_or_default(),
            Node::Row(Table::Mappings, _) => model
                .body_mappings
                .current()
                .map(Self::mapping)
                .unwrap_or_default(),
            Node::Member(field, key) => Self::field(format!("{field}.{key}"), &value),
            Node::Field(field) => Self::field(field.to_owned(), &value),
            Node::Above(_) | Node::Below(_) => Self::field(name, &value),
        }
    }

    fn value(value: Value<'_>) -> Self {
        Self {
            value: Some(value.text()),
            row: Some(format!("{}: {}", value.path, value.json)),
            path: Some(value.path),
            json: Some(value.json.into_owned()),
        }
    }

    fn field(path: String, json: &str) -> Self {
        let parsed = serde_json::from_str::<serde_json::Value>(json).ok();
        let text = match &parsed {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            other => other.as_ref().map(|_| json.to_owned()),
        };
        Self {
            value: text,
            row: Some(format!("{path}: {json}")),
            path: Some(path),
            json: parsed.map(|_| json.to_owned()),
        }
    }

    fn list(model: &Model) -> Self {
        let row = Some(cursor_line(model, model.cursor())).filter(|row| !row.is_empty());
        let (mut value, mut path) = (None, None);
        if model.section == Section::Sources {
            let of_source = model.source().and_then(|source| source.path.as_ref());
            path = of_source.map(|path| path.display().to_string());
        } else {
            value = model.attempt().map(|attempt| attempt.record.id.clone());
        }
        Self {
            value,
            path,
            row,
            json: None,
        }
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
