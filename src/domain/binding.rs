//! The binding and the project identity as spec-kitty reads them from `config.yaml`
//! (contract rows provider, workspace, doctrine_*, project_*; reference 5, 7, 10, 11 and 2.4).

use super::node::{Node, Span, Value};
use super::python::PyStr;

/// spec-kitty's default for `tracker.doctrine.mode`.
pub const DEFAULT_DOCTRINE_MODE: &str = "external_authoritative";

/// Keys inside `tracker` that only spec-kitty 3.0.1 and newer write (reference 2.4).
const NEWER_KEYS: [&str; 6] = [
    "binding_ref",
    "project_slug",
    "display_label",
    "provider_context",
    "ownership",
    "egress",
];

/// What `config.yaml` says about the tracker and the project.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The `tracker` section, or why there is none.
    pub tracker: Section,
    /// `tracker.provider`.
    pub provider: Required,
    /// `tracker.workspace`.
    pub workspace: Required,
    /// `tracker.doctrine.mode`; the default holds unless it is text.
    pub doctrine_mode: Required,
    /// `tracker.doctrine.field_owners`: `str(key)` and `str(value)`, both not blank, in order.
    pub doctrine_field_owners: Vec<(PyStr, PyStr)>,
    /// Where key and value of each of them stand.
    pub owner_spans: Vec<[Span; 2]>,
    /// `project.uuid` as `str()`, when it is not null.
    pub project_uuid: Option<(PyStr, Span)>,
    /// `project.slug` as `str()`, when it is not null.
    pub project_slug: Option<(PyStr, Span)>,
    /// What a newer spec-kitty left in the file.
    pub newer: Newer,
}

/// A section of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// A mapping, its key here.
    Mapping(Span),
    /// Something else under the key, or null.
    NotMapping {
        /// The key.
        key: Span,
        /// What it is instead.
        found: &'static str,
    },
    /// No such key, or the file is no mapping.
    Absent,
}

/// A value that spec-kitty keeps only when it is text and not blank (reference 7).
#[derive(Clone, Debug, PartialEq)]
pub enum Required {
    /// The text, stripped.
    Text(PyStr, Span),
    /// Text, but blank.
    Blank(Span),
    /// Of another type; dropped without a word.
    NotText {
        /// What it is: "a number".
        found: &'static str,
        /// The value.
        span: Span,
    },
    /// The key is missing.
    Absent,
}

impl Required {
    /// The text, where spec-kitty keeps it.
    pub fn text(&self) -> Option<&PyStr> {
        match self {
            Self::Text(text, _) => Some(text),
            _ => None,
        }
    }
}

/// Traces of spec-kitty 3.0.1 and newer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newer {
    /// The keys inside `tracker` that 2.1.0-3.0.0 do not know, with the place of each key.
    pub keys: Vec<(&'static str, Span)>,
    /// `tracker.egress`, when the key is there: its text (`None` for another type) and the value's place.
    pub egress: Option<(Option<PyStr>, Span)>,
    /// `sync.enabled: false`, the value's place.
    pub sync_disabled: Option<Span>,
}

impl Binding {
    /// Reads the root of `config.yaml`. A root that is no mapping reads as an empty one.
    pub fn read(root: &Node) -> Self {
        let tracker_entry = root.get("tracker");
        let tracker = tracker_entry
            .map(|entry| entry.value.as_ref())
            .filter(|value| value.entries().is_some());
        let section = match tracker_entry {
            None => Section::Absent,
            Some(entry) if entry.value.entries().is_some() => Section::Mapping(entry.key.span),
            Some(entry) => Section::NotMapping {
                key: entry.key.span,
                found: entry.value.kind_name(),
            },
        };
        let doctrine = tracker.and_then(|tracker| value(tracker, "doctrine"));
        let project = value(root, "project");
        let owners = doctrine
            .and_then(|doctrine| value(doctrine, "field_owners"))
            .map(field_owners)
            .unwrap_or_default();
        let (doctrine_field_owners, owner_spans) = owners.into_iter().unzip();
        Self {
            tracker: section,
            provider: required(tracker, "provider"),
            workspace: required(tracker, "workspace"),
            doctrine_mode: required(doctrine, "mode"),
            doctrine_field_owners,
            owner_spans,
            project_uuid: project.and_then(|project| identity(project, "uuid")),
            project_slug: project.and_then(|project| identity(project, "slug")),
            newer: newer(root, tracker),
        }
    }
}

fn value<'a>(table: &'a Node, key: &str) -> Option<&'a Node> {
    table.get(key).map(|entry| entry.value.as_ref())
}

fn required(tracker: Option<&Node>, key: &str) -> Required {
    let Some(node) = tracker.and_then(|tracker| value(tracker, key)) else {
        return Required::Absent;
    };
    match &node.value {
        Value::Text(text) if text.is_blank() => Required::Blank(node.span),
        Value::Text(text) => Required::Text(text.strip(), node.span),
        _ => Required::NotText {
            found: node.kind_name(),
            span: node.span,
        },
    }
}

/// `str(key)` to `str(value)`, unstripped, each kept when neither is blank (reference 10).
fn field_owners(node: &Node) -> Vec<((PyStr, PyStr), [Span; 2])> {
    let mut owners: Vec<((PyStr, PyStr), [Span; 2])> = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        let (field, owner) = (entry.key.str(), entry.value.str());
        if field.is_blank() || owner.is_blank() {
            continue;
        }
        let spans = [entry.key.span, entry.value.span];
        match owners.iter_mut().find(|((known, _), _)| *known == field) {
            Some(((_, known_owner), known_spans)) => (*known_owner, *known_spans) = (owner, spans),
            None => owners.push(((field, owner), spans)),
        }
    }
    owners
}

fn identity(project: &Node, key: &str) -> Option<(PyStr, Span)> {
    value(project, key)
        .filter(|node| !node.is_null())
        .map(|node| (node.str(), node.span))
}

fn newer(root: &Node, tracker: Option<&Node>) -> Newer {
    let sync = value(root, "sync").and_then(|sync| value(sync, "enabled"));
    let Some(tracker) = tracker else {
        return Newer::default();
    };
    let key_of = |name: &'static str| tracker.get(name).map(|entry| (name, entry.key.span));
    Newer {
        keys: NEWER_KEYS.into_iter().filter_map(key_of).collect(),
        egress: value(tracker, "egress").map(|node| (node.text().cloned(), node.span)),
        sync_disabled: sync
            .filter(|node| matches!(&node.value, Value::Scalar(scalar) if scalar.str == "False"))
            .map(|node| node.span),
    }
}
