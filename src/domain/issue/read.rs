//! The fields of an issue as Python's `str()` and friends make them, noting what changes (reference 30-38).

use std::borrow::Cow;

use super::Priority;
use crate::domain::json::{Json, JsonValue};
use crate::domain::node::Span;
use crate::domain::python::{PyStr, isoformat::normalise};
use crate::domain::row::{Coercion, Path, RowError, RowErrorKind, Rule};

/// Reads the fields of one payload.
pub(super) struct Reader<'a> {
    payload: &'a Json,
    /// What was changed so far.
    pub(super) coerced: Vec<Coercion>,
}

/// A text on its way into the body.
pub(super) struct Sent<'a> {
    text: Cow<'a, PyStr>,
    path: Path,
    span: Option<Span>,
}

impl Sent<'_> {
    /// The text in UTF-8, which has no place for a lone surrogate.
    pub(super) fn encode(self) -> Result<String, RowError> {
        let Self { text, path, span } = self;
        text.encodable().map(str::to_owned).map_err(|error| RowError {
            span,
            ..RowError::new(RowErrorKind::NotEncodable, error.message(), path)
        })
    }

    /// Raises as the models of spec-kitty-tracker do when nothing would be left after `strip()`.
    pub(super) fn check_not_blank(&self, name: &str) -> Result<(), RowError> {
        if !self.text.is_blank() {
            return Ok(());
        }
        let message = format!("ValueError: {name} must not be empty");
        Err(RowError {
            span: self.span,
            ..RowError::refused(message, self.path, None)
        })
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(payload: &'a Json) -> Self {
        Self {
            payload,
            coerced: Vec::new(),
        }
    }

    fn note(&mut self, path: Path, stored: Option<&Json>, rule: Rule) {
        let stored = stored.map(|json| json.span);
        self.coerced.push(Coercion { path, stored, rule });
    }

    /// `str(value)`; empty when the value is missing.
    pub(super) fn str(&mut self, value: Option<&'a Json>, path: Path) -> Sent<'a> {
        let Some(value) = value else {
            return Sent {
                text: Cow::Owned(PyStr::new()),
                path,
                span: None,
            };
        };
        if value.text().is_none() {
            self.note(path, Some(value), Rule::Str);
        }
        Sent {
            text: value.str(),
            path,
            span: Some(value.span),
        }
    }

    /// `str(value)`, or `None` when the value is missing or null.
    pub(super) fn optional(&mut self, value: Option<&'a Json>, path: Path) -> Option<Sent<'a>> {
        let value = value.filter(|value| !value.is_null())?;
        Some(self.str(Some(value), path))
    }

    /// `str(title or "Untitled")`.
    pub(super) fn title(&mut self) -> Sent<'a> {
        let path = Path::field("title");
        let stored = self.payload.get("title");
        if stored.is_some_and(Json::truthy) {
            return self.str(stored, path);
        }
        self.note(path, stored, Rule::Untitled);
        let span = stored.map(|json| json.span);
        Sent {
            text: Cow::Owned("Untitled".into()),
            path,
            span,
        }
    }

    /// One of the known words, exactly; otherwise the first of them.
    pub(super) fn one_of(
        &mut self,
        field: &'static str,
        known: &[&'static str],
        otherwise: Rule,
    ) -> &'static str {
        let stored = self.payload.get(field);
        let text = stored.and_then(Json::text);
        if let Some(word) = known.iter().find(|&word| text.is_some_and(|text| text == word)) {
            return word;
        }
        self.note(Path::field(field), stored, otherwise);
        known.first().copied().unwrap_or_default()
    }

    /// Notes what becomes of a priority that is not an integer.
    pub(super) fn note_priority(&mut self, priority: &Priority) {
        let stored = self.payload.get("priority");
        let rule = match (stored.map(|json| &json.value), priority) {
            (None | Some(JsonValue::Null | JsonValue::Integer(_)), _) => return,
            (Some(JsonValue::Text(text)), Priority::Absent) if text.is_blank() => return,
            (_, Priority::Absent) => Rule::PriorityDropped,
            _ => Rule::PriorityConverted,
        };
        self.note(Path::field("priority"), stored, rule);
    }

    /// `[str(item) for item in payload.get(field, [])]`: text yields its characters, an object its keys.
    pub(super) fn texts(&mut self, field: &'static str) -> Result<Vec<Sent<'a>>, RowError> {
        let path = Path::field(field);
        let Some(stored) = self.payload.get(field) else {
            return Ok(Vec::new());
        };
        let span = Some(stored.span);
        let (rule, texts): (_, Vec<_>) = match &stored.value {
            JsonValue::List(items) => {
                let items = items.iter().enumerate();
                return Ok(items
                    .map(|(index, item)| self.str(Some(item), Path::item(field, index)))
                    .collect());
            }
            JsonValue::Text(text) => {
                let character = |code_point| Cow::Owned([code_point].into_iter().collect());
                (Rule::Characters, text.code_points().map(character).collect())
            }
            JsonValue::Object(members) => (
                Rule::Keys,
                members.iter().map(|member| Cow::Borrowed(&member.key)).collect(),
            ),
            _ => {
                let message = format!("TypeError: '{}' object is not iterable", stored.type_name());
                return Err(RowError::refused(message, path, Some(stored)));
            }
        };
        if !texts.is_empty() {
            self.note(path, Some(stored), rule);
        }
        Ok(texts.into_iter().map(|text| Sent { text, path, span }).collect())
    }

    /// The date in Python's own writing; `None` for anything that it cannot read.
    pub(super) fn date(&mut self, field: &'static str) -> Option<String> {
        let stored = self.payload.get(field).filter(|stored| !stored.is_null())?;
        let text = stored.text();
        let normal = text.and_then(normalise);
        let rule = match (text, &normal) {
            (Some(text), Some(normal)) if *text == normal.as_str() => return Some(normal.clone()),
            (Some(text), None) if text.is_blank() => return None,
            (_, Some(_)) => Rule::DateNormalised,
            (_, None) => Rule::DateDropped,
        };
        self.note(Path::field(field), Some(stored), rule);
        normal
    }
}
