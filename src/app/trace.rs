//! `t`: from a payload value to the place that it comes from. `T`: from a place to what it feeds.

use super::effect::{Effect, List, Table};
use super::model::{Model, Section, Toast};
use super::navigate;
use super::outline::Outline;
use super::snapshot::SourceValue;
use super::tree::{FIELDS, Node};
use crate::domain::finding::Place;
use crate::domain::provenance::{Origin, fed_by_file};
use crate::domain::window::RowKey;

/// Goes to where the value under the cursor comes from.
pub(super) fn to_origin(model: &mut Model) -> Vec<Effect> {
    match model.section {
        Section::Payload => from_payload(model),
        Section::Route => {
            to_field_origin(model, "external_resource_id");
            Vec::new()
        }
        Section::Checkpoint => {
            to_field_origin(model, "checkpoint.cursor");
            Vec::new()
        }
        Section::Issues | Section::Mappings => {
            model.toast = Some(Toast::plain(
                "the row comes from the store as the detail says; T shows it in the payload",
            ));
            Vec::new()
        }
        Section::Sources | Section::Journal => {
            model.toast = Some(Toast::plain("this is a source itself; T shows what it feeds"));
            Vec::new()
        }
    }
}

fn from_payload(model: &mut Model) -> Vec<Effect> {
    let outline = Outline::of(model);
    match outline.line(outline.cursor()).map(|line| line.node) {
        Some(Node::Row(table, key) | Node::Line(table, key, _)) => to_row(model, table, key),
        Some(Node::Field(name)) => {
            to_field_origin(model, name);
            Vec::new()
        }
        Some(Node::Member(field, member)) => {
            to_field_origin(model, &format!("{field}.{member}"));
            Vec::new()
        }
        Some(Node::Above(_) | Node::Below(_)) | None => Vec::new(),
    }
}

/// Shows a row in its table; what it comes from is the row itself, with what was changed in its detail.
fn to_row(model: &mut Model, table: Table, key: RowKey) -> Vec<Effect> {
    let section = match table {
        Table::Issues => Section::Issues,
        Table::Mappings => Section::Mappings,
    };
    navigate::show(model, section);
    model.detail = true;
    navigate::found(model, List::of(table), key)
}

/// Shows the source and line that decide a field.
fn to_field_origin(model: &mut Model, field: &str) {
    let origin = model.snapshot.as_ref().and_then(|snapshot| {
        let origins = &snapshot.evaluation.origins;
        let exactly = origins.iter().find(|origin| origin.field == field);
        let within = format!("{field}.");
        exactly
            .or_else(|| origins.iter().find(|origin| origin.field.starts_with(&within)))
            .cloned()
    });
    let Some(origin) = origin else {
        model.toast = Some(Toast::plain(format!("{field} is not derived here")));
        return;
    };
    let Some(place) = origin.place() else {
        let rule = origin.steps.last().map_or("", |step| step.rule.as_str());
        model.toast = Some(Toast::plain(format!("{field}: {rule}")));
        return;
    };
    let listed = if show_place(model, place) {
        ""
    } else {
        ": not a source that is listed"
    };
    model.toast = Some(Toast::plain(words(&origin) + listed));
}

fn words(origin: &Origin) -> String {
    let rule = origin.steps.last().map_or("", |step| step.rule.as_str());
    format!("{} is {}: {rule}", origin.field, origin.value)
}

/// Shows a place in section 6; `false` when no source is there.
fn show_place(model: &mut Model, place: &Place) -> bool {
    let (path, line) = match place {
        Place::File { path, range } => (Some(path), range.map(|range| range.line)),
        Place::Row { path, .. } => (Some(path), None),
        Place::Variable(_) | Place::Flag(_) => (None, None),
    };
    let source = model.sources().iter().position(|source| match path {
        Some(path) => source.path.as_ref() == Some(path),
        None => source.role == "environment",
    });
    let Some(index) = source else { return false };
    let value = model.sources()[index]
        .values
        .iter()
        .position(|value| line.is_some() && value.line == line);
    navigate::show(model, Section::Sources);
    model.cursors[Section::Sources as usize] = index;
    model.detail = true;
    model.source_line = value.unwrap_or(0);
    true
}

/// Goes to what the source or row under the cursor feeds.
pub(super) fn to_fed(model: &mut Model) -> Vec<Effect> {
    match model.section {
        Section::Issues | Section::Mappings => {
            let list = navigate::list_of(model);
            match model.current_key(list) {
                Some(key) => navigate::to_body_row(model, list.table(), key),
                None => Vec::new(),
            }
        }
        Section::Sources => {
            source_fed(model);
            Vec::new()
        }
        Section::Checkpoint => {
            to_payload_field(model, "checkpoint", "this row");
            Vec::new()
        }
        Section::Route | Section::Payload | Section::Journal => {
            model.toast = Some(Toast::plain("T starts at a source, an issue or a mapping"));
            Vec::new()
        }
    }
}

fn source_fed(model: &mut Model) {
    let fed = model.snapshot.as_ref().and_then(|snapshot| {
        let source = model.source()?;
        // A line tells its own; what has no line of its own is told by its source.
        let told = |value: &&SourceValue| value.line.is_some() || source.path.is_none();
        if let Some(value) = model.source_value().filter(told) {
            return Some((value.feeds.clone(), value.name.clone()));
        }
        let path = source.path.as_ref()?;
        let fed = fed_by_file(&snapshot.evaluation.origins, path);
        Some((
            fed.into_iter().map(str::to_owned).collect(),
            source.role.to_owned(),
        ))
    });
    let Some((fields, name)) = fed.filter(|(fields, _)| !fields.is_empty()) else {
        let name = model.source_value().map_or("this", |value| value.name.as_str());
        model.toast = Some(Toast::plain(format!("{name} feeds no field of the payload")));
        return;
    };
    if let Some(field) = fields.iter().find(|field| is_payload_field(field)) {
        to_payload_field(model, field, &name);
    }
    model.toast = Some(Toast::plain(format!("{name} feeds {}", fields.join(", "))));
}

/// Whether a field is in the body and not beside it.
fn is_payload_field(field: &str) -> bool {
    !matches!(field, "scope" | "idempotency_key" | "endpoint" | "authorization")
}

/// Puts the tree's cursor on a field or a member of one.
fn to_payload_field(model: &mut Model, field: &str, name: &str) {
    let (outer, member) = field
        .split_once('.')
        .map_or((field, None), |(outer, member)| (outer, Some(member)));
    navigate::show(model, Section::Payload);
    let known = FIELDS.into_iter().find(|known| *known == outer);
    let Some(known) = known else {
        model.toast = Some(Toast::plain(format!("{name} feeds {field}")));
        return;
    };
    model.tree.cursor = match member {
        Some(member) => {
            model.tree.open.insert(Node::Field(known));
            Node::Member(known, member.to_owned())
        }
        None => Node::Field(known),
    };
}
