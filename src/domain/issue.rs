//! One stored issue row to one published issue, with every coercion and refusal of reference 3.6.
//!
//! The order of the steps is spec-kitty's: it decides which error a row with several faults raises (reference 37).
//! This is the readable path; it reads the whole payload, `raw` included, into a tree.

pub mod cut;
mod read;
pub mod template;

use serde::Serialize;

use super::json::{Json, JsonValue, loads};
use super::python::number::{MAX_INT_DIGITS, decimal_value, is_digit, too_many_digits};
use super::python::{PyStr, repr::repr_text};
use super::row::{Coercion, Path, RowError, Rule};
use super::stored::StoredValue;
use super::window::CoercedValue;
use read::{Reader, Sent};

/// The statuses that exist; any other is published as the first.
pub const STATUSES: [&str; 6] = ["todo", "in_progress", "in_review", "blocked", "done", "canceled"];

/// The issue types that exist; any other is published as the first.
pub const ISSUE_TYPES: [&str; 6] = ["task", "epic", "story", "bug", "chore", "subtask"];

/// An issue as it is published. The fields stand in the order of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// `ref`.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// `title`.
    pub title: String,
    /// `body`.
    pub body: Option<String>,
    /// `status`, one of [`STATUSES`].
    pub status: &'static str,
    /// `issue_type`, one of [`ISSUE_TYPES`].
    pub issue_type: &'static str,
    /// `priority`, 0 to 4.
    pub priority: Option<u8>,
    /// `assignees`.
    pub assignees: Vec<String>,
    /// `labels`.
    pub labels: Vec<String>,
    /// `updated_at`, normalised.
    pub updated_at: Option<String>,
    /// What was changed on the way, in the order of the fields.
    #[serde(skip)]
    pub coerced: Vec<Coercion>,
}

/// What an issue is called where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// `system`.
    pub system: String,
    /// `workspace`.
    pub workspace: String,
    /// `id`.
    pub id: String,
    /// `key`.
    pub key: Option<String>,
    /// `url`.
    pub url: Option<String>,
}

/// What spec-kitty publishes for a row with this `payload`, or why it cannot.
pub fn publish(payload: StoredValue<'_>) -> Result<Issue, RowError> {
    publish_text(&payload.python_str("payload")?)
}

/// [`publish`] for a payload that is already text.
pub fn publish_text(payload: &str) -> Result<Issue, RowError> {
    let payload = loads(payload)?;
    check_object(&payload, Path::ROOT)?;
    check_links(&payload)?;
    check_parent(&payload)?;
    let priority = Priority::of(payload.get("priority"))?;
    let reference = reference_of(&payload)?;

    let mut reader = Reader::new(&payload);
    let system = reader.str(reference.get("system"), Path::field("ref").then("system"));
    let workspace = reader.str(reference.get("workspace"), Path::field("ref").then("workspace"));
    let id = reader.str(reference.get("id"), Path::field("ref").then("id"));
    let key = reader.optional(reference.get("key"), Path::field("ref").then("key"));
    let url = reader.optional(reference.get("url"), Path::field("ref").then("url"));
    let title = reader.title();
    let body = reader.optional(payload.get("body"), Path::field("body"));
    let status = reader.one_of("status", &STATUSES, Rule::UnknownStatus);
    let issue_type = reader.one_of("issue_type", &ISSUE_TYPES, Rule::UnknownIssueType);
    reader.note_priority(&priority);
    let assignees = reader.texts("assignees")?;
    let labels = reader.texts("labels")?;
    let updated_at = reader.date("updated_at");
    title.check_not_blank("CanonicalIssue.title")?;
    let priority = priority.in_range(payload.get("priority"))?;

    Ok(Issue {
        reference: Reference {
            system: system.encode()?,
            workspace: workspace.encode()?,
            id: id.encode()?,
            key: key.map(Sent::encode).transpose()?,
            url: url.map(Sent::encode).transpose()?,
        },
        title: title.encode()?,
        body: body.map(Sent::encode).transpose()?,
        status,
        issue_type,
        priority,
        assignees: assignees
            .into_iter()
            .map(Sent::encode)
            .collect::<Result<_, _>>()?,
        labels: labels.into_iter().map(Sent::encode).collect::<Result<_, _>>()?,
        updated_at,
        coerced: reader.coerced,
    })
}

impl Issue {
    /// What people call it: its key, or its id where it has none.
    pub fn name(&self) -> &str {
        let Reference { key, id, .. } = &self.reference;
        key.as_ref().unwrap_or(id)
    }

    /// [`Self::coerced`] spelled out; `payload` is the text that this was made from.
    pub fn coerced_values(&self, payload: &str) -> Vec<CoercedValue> {
        let published = serde_json::to_value(self).unwrap_or_default();
        let spelled_out = |coercion: &Coercion| {
            let Path { head, index, tail } = coercion.path;
            let mut value = &published[head];
            if let Some(index) = index {
                value = &value[index];
            }
            if !tail.is_empty() {
                value = &value[tail];
            }
            let stored = coercion.stored.and_then(|span| payload.get(span.start..span.end));
            CoercedValue {
                path: coercion.path.to_string(),
                stored: stored.unwrap_or_default().to_owned(),
                published: value.to_string(),
                rule: coercion.rule.words(),
            }
        };
        self.coerced.iter().map(spelled_out).collect()
    }
}

/// `payload.get` works on a `dict` alone.
fn check_object(json: &Json, path: Path) -> Result<(), RowError> {
    if matches!(json.value, JsonValue::Object(_)) {
        return Ok(());
    }
    let message = format!(
        "AttributeError: '{}' object has no attribute 'get'",
        json.type_name()
    );
    Err(RowError::refused(message, path, Some(json)))
}

/// Links are not sent, but each target that is an object must be a full reference.
fn check_links(payload: &Json) -> Result<(), RowError> {
    let Some(JsonValue::List(links)) = payload.get("links").map(|links| &links.value) else {
        return Ok(());
    };
    for (index, link) in links.iter().enumerate() {
        if let Some(target) = link.get("target")
            && matches!(target.value, JsonValue::Object(_))
        {
            let path = Path::item("links", index);
            check_reference(target, path, ["target.system", "target.workspace", "target.id"])?;
        }
    }
    Ok(())
}

/// Neither is the parent.
fn check_parent(payload: &Json) -> Result<(), RowError> {
    match payload.get("parent") {
        Some(parent) if matches!(parent.value, JsonValue::Object(_)) => {
            check_reference(parent, Path::field("parent"), ["system", "workspace", "id"])
        }
        _ => Ok(()),
    }
}

fn reference_of(payload: &Json) -> Result<&Json, RowError> {
    let path = Path::field("ref");
    let Some(reference) = payload.get("ref") else {
        return Err(RowError::refused("KeyError: 'ref'", path, None));
    };
    check_object(reference, path)?;
    check_reference(reference, path, ["system", "workspace", "id"])?;
    Ok(reference)
}

/// `ExternalRef`: none of the three may be blank, and what is falsy counts as empty.
fn check_reference(reference: &Json, path: Path, tails: [&'static str; 3]) -> Result<(), RowError> {
    for (field, tail) in ["system", "workspace", "id"].into_iter().zip(tails) {
        let value = reference.get(field);
        let filled = value.is_some_and(|value| value.truthy() && !value.text().is_some_and(PyStr::is_blank));
        if !filled {
            let message = format!("ValueError: ExternalRef.{field} must not be empty");
            return Err(RowError::refused(message, path.then(tail), value));
        }
    }
    Ok(())
}

/// A priority before its range is checked.
enum Priority {
    Absent,
    Level(u8),
    OutOfRange,
}

impl Priority {
    /// `int(v) if isinstance(v, int) or str(v).isdigit() else None`.
    fn of(stored: Option<&Json>) -> Result<Self, RowError> {
        let Some(stored) = stored else {
            return Ok(Self::Absent);
        };
        Ok(match &stored.value {
            JsonValue::Bool(value) => Self::Level(u8::from(*value)),
            JsonValue::Integer(digits) => digits.parse().map_or(Self::OutOfRange, Self::level),
            JsonValue::Text(text) if !text.is_empty() && text.code_points().all(is_digit) => {
                let value = int(text).map_err(|words| {
                    RowError::refused(
                        format!("ValueError: {words}"),
                        Path::field("priority"),
                        Some(stored),
                    )
                })?;
                Self::level(value)
            }
            _ => Self::Absent,
        })
    }

    fn level(value: u8) -> Self {
        if value <= 4 {
            Self::Level(value)
        } else {
            Self::OutOfRange
        }
    }

    fn in_range(self, stored: Option<&Json>) -> Result<Option<u8>, RowError> {
        match self {
            Self::Absent => Ok(None),
            Self::Level(value) => Ok(Some(value)),
            Self::OutOfRange => {
                let message = "ValueError: CanonicalIssue.priority must be in range 0..4";
                Err(RowError::refused(message, Path::field("priority"), stored))
            }
        }
    }
}

/// `int(text)` of a text for which `isdigit` holds, at most 255; or the words of its `ValueError`.
fn int(text: &PyStr) -> Result<u8, String> {
    /// `%.200R`: so much of the text's `repr` is shown.
    const SHOWN: usize = 200;
    let leading = text.code_points().map_while(decimal_value);
    let digits = leading.clone().count();
    if digits > MAX_INT_DIGITS {
        return Err(too_many_digits(digits));
    }
    if digits < text.code_points().count() {
        let shown: PyStr = repr_text(text).code_points().take(SHOWN).collect();
        return Err(format!(
            "invalid literal for int() with base 10: {}",
            shown.to_display()
        ));
    }
    Ok(leading.fold(0_u8, |value, digit| {
        value.saturating_mul(10).saturating_add(digit)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REF: &str = r#""ref":{"system":"jira","workspace":"w","id":"1"}"#;

    fn error(payload: &str) -> RowError {
        publish_text(payload).unwrap_err()
    }

    #[test]
    fn raises_the_error_that_comes_first_in_spec_kitty() {
        let mut fields = vec![
            (
                r#""links":[{},{"target":{"system":" "}}]"#,
                "links[1].target.system",
            ),
            (r#""parent":{"system":"s","workspace":0}"#, "parent.workspace"),
            (r#""priority":"²""#, "priority"),
            (r#""ref":{"system":"s","workspace":"w","id":false}"#, "ref.id"),
            (r#""assignees":null"#, "assignees"),
            (r#""labels":1"#, "labels"),
            (r#""title":"\u001f""#, "title"),
        ];
        while let Some(&(_, path)) = fields.first() {
            let texts: Vec<_> = fields.iter().rev().map(|(text, _)| *text).collect();
            let mut payload = texts.join(",");
            if !payload.contains("\"ref\"") {
                payload = format!("{payload},{REF}");
            }
            assert_eq!(error(&format!("{{{payload}}}")).path.to_string(), path);
            fields.remove(0);
        }
        let error = error(&format!(r#"{{{REF},"priority":7,"title":"\ud800"}}"#));
        assert_eq!(
            error.message,
            "ValueError: CanonicalIssue.priority must be in range 0..4"
        );
    }

    #[test]
    fn points_at_the_culprit() {
        let payload = format!(r#"{{{REF},"labels":["a", "\ud83d"]}}"#);
        let error = error(&payload);
        let span = error.span.unwrap();
        assert_eq!(error.path, Path::item("labels", 1));
        assert_eq!(&payload[span.start..span.end], r#""\ud83d""#);
        assert_eq!(error.kind, super::super::row::RowErrorKind::NotEncodable);
    }

    #[test]
    fn cuts_the_words_about_a_long_priority_as_python_does() {
        let words = int(&"²".repeat(300).as_str().into()).unwrap_err();
        assert_eq!(words.chars().filter(|&c| c == '²').count(), 199);
        assert_eq!(
            int(&"9".repeat(4301).as_str().into()).unwrap_err(),
            too_many_digits(4301)
        );
    }

    #[test]
    fn lists_what_was_changed() {
        let payload = r#"{"ref":{"system":"jira","workspace":"w","id":7},"title":0,"status":"In Review",
            "priority":"3","assignees":"ab","labels":["x",null],"updated_at":"2026-03-10"}"#;
        let issue = publish_text(payload).unwrap();
        let changed: Vec<_> = issue
            .coerced_values(payload)
            .into_iter()
            .map(|value| [value.path, value.stored, value.published])
            .collect();
        assert_eq!(
            changed,
            [
                ["ref.id", "7", "\"7\""],
                ["title", "0", "\"Untitled\""],
                ["status", "\"In Review\"", "\"todo\""],
                ["issue_type", "", "\"task\""],
                ["priority", "\"3\"", "3"],
                ["assignees", "\"ab\"", "[\"a\",\"b\"]"],
                ["labels[1]", "null", "\"None\""],
                ["updated_at", "\"2026-03-10\"", "\"2026-03-10T00:00:00\""],
            ]
        );
    }
}
