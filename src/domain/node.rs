//! A value of `config.yaml` or `credentials` as Python sees it, with the bytes that hold it.
//!
//! Both loaders (`sources::yaml`, `sources::toml`) make this one tree, so that binding, routing and findings read
//! one kind of value and can point at any of it.

use std::sync::Arc;

use super::python::{PyStr, repr};

/// A half-open range of byte offsets in a file as it lies on disk (BOM and carriage returns counted).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What Python reads.
    pub value: Value,
    /// The bytes of the value itself: quotes included, tag and anchor not. For a table of TOML its header.
    pub span: Span,
}

/// The kinds of value that matter to spec-kitty.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An instance of `str`.
    Text(PyStr),
    /// Anything that is neither text nor a list nor a table.
    Scalar(Scalar),
    /// A list (also an array of tables).
    List(Vec<Arc<Node>>),
    /// A `dict`, in Python's iteration order, merge keys applied.
    Table(Vec<Entry>),
}

/// One key of a table. Keys are nodes too: YAML allows `1:` and `null:`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Arc<Node>,
    /// Its value; shared where YAML aliases or merges it.
    pub value: Arc<Node>,
}

/// A value that is not text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// What it is, for telling people.
    pub kind: ScalarKind,
    /// `str(value)`.
    pub str: PyStr,
    /// `repr(value)`.
    pub repr: PyStr,
    /// `bool(value)`.
    pub truthy: bool,
}

/// The types behind [`Scalar`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// `None`.
    Null,
    /// `bool`, also ruamel's anchored `ScalarBoolean`.
    Boolean,
    /// `int`.
    Integer,
    /// `float`.
    Float,
    /// `date`, `time` or `datetime`.
    Timestamp,
    /// `bytes`.
    Binary,
    /// A YAML scalar with a tag: text to the eye, but not a `str`.
    Tagged,
    /// A set, an ordered map or another rare container.
    Container,
}

impl Scalar {
    /// A value whose `str` and `repr` are the same.
    pub fn new(kind: ScalarKind, shown: impl Into<PyStr>, truthy: bool) -> Self {
        let shown = shown.into();
        Self {
            kind,
            str: shown.clone(),
            repr: shown,
            truthy,
        }
    }

    /// `None`.
    pub fn none() -> Self {
        Self::new(ScalarKind::Null, "None", false)
    }

    /// `True` or `False`.
    pub fn boolean(value: bool) -> Self {
        Self::new(ScalarKind::Boolean, if value { "True" } else { "False" }, value)
    }
}

impl ScalarKind {
    /// What to call it when telling a person: "workspace is a number".
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer | Self::Float => "a number",
            Self::Timestamp => "a date or time",
            Self::Binary => "binary data",
            Self::Tagged => "a tagged value",
            Self::Container => "a set or ordered map",
        }
    }
}

impl Node {
    /// A table.
    pub fn table(entries: Vec<Entry>, span: Span) -> Self {
        Self {
            value: Value::Table(entries),
            span,
        }
    }

    /// A table's entry whose key is exactly this text; `None` for other kinds of value.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?
            .iter()
            .find(|entry| matches!(&entry.key.value, Value::Text(text) if *text == key))
    }

    /// The entries, when this is a table.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text, when this is an instance of `str`.
    pub fn text(&self) -> Option<&PyStr> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the value is Python's `None`.
    pub fn is_null(&self) -> bool {
        matches!(
            &self.value,
            Value::Scalar(Scalar {
                kind: ScalarKind::Null,
                ..
            })
        )
    }

    /// `bool(value)`.
    pub fn truthy(&self) -> bool {
        match &self.value {
            Value::Text(text) => !text.is_empty(),
            Value::Scalar(scalar) => scalar.truthy,
            Value::List(items) => !items.is_empty(),
            Value::Table(entries) => !entries.is_empty(),
        }
    }

    /// `str(value)`, cut off at [`repr::MAX_STR_BYTES`] (aliases can make it explode).
    pub fn str(&self) -> PyStr {
        repr::str_of(self)
    }

    /// What the value is, for telling a person: "a number", "text", "a list".
    pub fn kind_name(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "text",
            Value::Scalar(scalar) => scalar.kind.name(),
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Why a file could not be read as YAML or TOML. Holds no text of the file: credentials pass through here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of trouble it is.
    pub kind: SyntaxErrorKind,
    /// What is wrong, without any text of the file.
    pub message: String,
    /// Where: the offending bytes, or an empty range at the place.
    pub span: Span,
}

/// The classes of [`SyntaxError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Not UTF-8, or a character that the format does not allow.
    Encoding,
    /// Breaks the grammar, or a rule of the reader such as duplicate keys.
    Syntax,
    /// spec-kitty's reader may accept it, but catseye does not model what it would read.
    NotModelled,
}
