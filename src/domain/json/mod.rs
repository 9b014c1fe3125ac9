//! A stored JSON payload as Python holds it after `json.loads` (reference 23), with the bytes of each value.

mod error;
mod parse;

pub use error::JsonError;
pub use parse::{MAX_DEPTH, loads};

use std::borrow::Cow;

use super::node::Span;
use super::python::{PyStr, number::float_str, repr::write_repr};

/// A value and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// What Python holds.
    pub value: JsonValue,
    /// The bytes of the value, quotes and brackets included.
    pub span: Span,
}

/// The kinds of value that `json.loads` makes.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonValue {
    /// `None`.
    Null,
    /// `bool`.
    Bool(bool),
    /// `int` of any size, as `str(int)` writes it.
    Integer(String),
    /// `float`; also `NaN` and the infinities.
    Float(f64),
    /// `str`, possibly with lone surrogates.
    Text(PyStr),
    /// `list`.
    List(Vec<Json>),
    /// `dict`: each key once, where it first stood, with its last value.
    Object(Vec<Member>),
}

/// One key of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key.
    pub key: PyStr,
    /// Its value.
    pub value: Json,
}

impl Json {
    /// `value.get(key)` of a `dict`; `None` also for other kinds of value.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            JsonValue::Object(members) => members
                .iter()
                .find_map(|member| (member.key == *key).then_some(&member.value)),
            _ => None,
        }
    }

    /// Whether this is `None`.
    pub fn is_null(&self) -> bool {
        self.value == JsonValue::Null
    }

    /// The text, when this is a `str`.
    pub fn text(&self) -> Option<&PyStr> {
        match &self.value {
            JsonValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `bool(value)`.
    pub fn truthy(&self) -> bool {
        match &self.value {
            JsonValue::Null => false,
            JsonValue::Bool(value) => *value,
            JsonValue::Integer(digits) => digits != "0",
            JsonValue::Float(value) => *value != 0.0,
            JsonValue::Text(text) => !text.is_empty(),
            JsonValue::List(items) => !items.is_empty(),
            JsonValue::Object(members) => !members.is_empty(),
        }
    }

    /// `type(value).__name__`.
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            JsonValue::Null => "NoneType",
            JsonValue::Bool(_) => "bool",
            JsonValue::Integer(_) => "int",
            JsonValue::Float(_) => "float",
            JsonValue::Text(_) => "str",
            JsonValue::List(_) => "list",
            JsonValue::Object(_) => "dict",
        }
    }

    /// `str(value)`.
    pub fn str(&self) -> Cow<'_, PyStr> {
        match &self.value {
            JsonValue::Text(text) => Cow::Borrowed(text),
            _ => Cow::Owned(self.repr()),
        }
    }

    /// `repr(value)`.
    fn repr(&self) -> PyStr {
        let mut out = PyStr::new();
        let mut steps = vec![Step::Value(self)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Punctuation(text) => out.push_str(text),
                Step::Key(key) => write_repr(key, &mut out),
                Step::Value(json) => json.write_repr(&mut out, &mut steps),
            }
        }
        out
    }

    /// Writes a scalar, or a container's bracket; what follows goes to `steps`, last first.
    fn write_repr<'a>(&'a self, out: &mut PyStr, steps: &mut Vec<Step<'a>>) {
        match &self.value {
            JsonValue::Null => out.push_str("None"),
            JsonValue::Bool(true) => out.push_str("True"),
            JsonValue::Bool(false) => out.push_str("False"),
            JsonValue::Integer(digits) => out.push_str(digits),
            JsonValue::Float(value) => out.push_str(&float_str(*value)),
            JsonValue::Text(text) => write_repr(text, out),
            JsonValue::List(items) => {
                out.push_str("[");
                steps.push(Step::Punctuation("]"));
                for (index, item) in items.iter().enumerate().rev() {
                    steps.push(Step::Value(item));
                    steps.extend((index > 0).then_some(Step::Punctuation(", ")));
                }
            }
            JsonValue::Object(members) => {
                out.push_str("{");
                steps.push(Step::Punctuation("}"));
                for (index, member) in members.iter().enumerate().rev() {
                    steps.push(Step::Value(&member.value));
                    steps.push(Step::Punctuation(": "));
                    steps.push(Step::Key(&member.key));
                    steps.extend((index > 0).then_some(Step::Punctuation(", ")));
                }
            }
        }
    }
}

/// What is still to be written of a container: nesting costs no stack.
enum Step<'a> {
    Value(&'a Json),
    Key(&'a PyStr),
    Punctuation(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn str_of(text: &str) -> PyStr {
        loads(text).unwrap().str().into_owned()
    }

    #[test]
    fn writes_containers_as_python_does() {
        assert_eq!(
            str_of(r#"{"a": [1, 2.0, null, true], "it's": {"x": -0}, "n": NaN}"#),
            "{'a': [1, 2.0, None, True], \"it's\": {'x': 0}, 'n': nan}"
        );
        assert_eq!(str_of(r#"["\ud800", "\ud83d\ude00"]"#), "['\\ud800', '😀']");
    }

    #[test]
    fn keeps_the_place_of_the_first_key_and_the_last_value() {
        assert_eq!(
            str_of(r#"{"a": 1, "b": 2, "a": 3, "b": 4, "c": 5}"#),
            "{'a': 3, 'b': 4, 'c': 5}"
        );
    }

    #[test]
    fn points_at_the_bytes_of_a_value() {
        let text = "{\"é\": [1, \"x\\n\"] }";
        let json = loads(text).unwrap();
        let list = json.get("é").unwrap();
        assert_eq!(&text[list.span.start..list.span.end], "[1, \"x\\n\"]");
        assert_eq!(&text[json.span.start..json.span.end], text);
    }
}
