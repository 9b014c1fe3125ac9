//! `credentials` as Python's tomllib (TOML 1.0) reads it, with byte spans (reference 13-15; research/parsers.md
//! section 6). The `toml` crate parses TOML 1.1; the rest is the difference to tomllib.

mod dialect;
mod newlines;
mod scalar;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::domain::node::{Entry, Node, Scalar, Span, SyntaxError, SyntaxErrorKind, Value};
use crate::domain::python::text;
use newlines::TextMode;
use scalar::Refusal;

/// How deep tables and lists may nest. The crate stops brackets and dotted keys at 80 each, together they go deeper.
const MAX_DEPTH: usize = 160;
const TOO_DEEP: &str = "nested deeper than catseye reads";

/// Reads the file's bytes. An empty or blank file is an empty table.
///
/// Every key has the span of its bytes. A table's span is its header line's brackets, a table that only follows from
/// a longer header or a dotted key has the span of its key there.
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let disk = std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let end = error.error_len().map_or(bytes.len(), |length| start + length);
        refused(SyntaxErrorKind::Encoding, "not UTF-8", Span { start, end })
    })?;
    let source = TextMode::new(disk);
    let whole = Span {
        start: 0,
        end: bytes.len(),
    };
    if text::strip(&source.text).is_empty() {
        return Ok(Node {
            value: Value::Table(Vec::new()),
            span: whole,
        });
    }
    if source.text.starts_with('\u{feff}') {
        let message = "the file starts with a byte order mark, which tomllib does not skip";
        return Err(refused(
            SyntaxErrorKind::Syntax,
            message,
            source.on_disk(&(0..'\u{feff}'.len_utf8())),
        ));
    }
    let table = DeTable::parse(&source.text).map_err(|error| {
        let (kind, message) = class_of(error.message());
        refused(kind, message, source.on_disk(&error.span().unwrap_or_default()))
    })?;
    if let Some(newer) = dialect::newer_than_1_0(&source.text) {
        return Err(refused(
            SyntaxErrorKind::Syntax,
            newer.message,
            source.on_disk(&newer.at),
        ));
    }
    let (entries, _) = Converter { source: &source }.table(table.get_ref(), 0)?;
    Ok(Node {
        value: Value::Table(entries),
        span: whole,
    })
}

fn refused(kind: SyntaxErrorKind, message: &str, span: Span) -> SyntaxError {
    SyntaxError {
        kind,
        message: message.to_owned(),
        span,
    }
}

/// Our words for the crate's message, which must not be passed on: it may quote the file.
fn class_of(message: &str) -> (SyntaxErrorKind, &'static str) {
    const CLASSES: [(&str, &str); 8] = [
        ("duplicate key", "a key or table is declared twice"),
        ("cannot extend", "a key continues a value that is not a table"),
        ("escape", dialect::BAD_ESCAPE),
        ("unicode", "an escape does not name a Unicode character"),
        (
            "must be quoted",
            "a value that is neither quoted nor a number, boolean or date",
        ),
        (
            "invalid basic string",
            "a string is not closed or has a control character",
        ),
        ("unclosed", "a bracket is not closed"),
        ("missing value", "a key has no value"),
    ];
    if message.contains("recurs") {
        return (SyntaxErrorKind::NotModelled, TOO_DEEP);
    }
    let class = CLASSES.iter().find(|(sign, _)| message.contains(sign));
    (
        SyntaxErrorKind::Syntax,
        class.map_or("not valid TOML", |(_, ours)| ours),
    )
}

/// Turns the crate's tree into ours. Each part comes with the offset where the file first mentions it: Python's
/// dicts keep that order, but the crate moves a table's key to the end when its header comes after a sub-table's.
struct Converter<'a> {
    source: &'a TextMode<'a>,
}

impl Converter<'_> {
    fn table(&self, table: &DeTable<'_>, depth: usize) -> Result<(Vec<Entry>, usize), SyntaxError> {
        let mut entries = table
            .iter()
            .map(|(key, value)| self.entry(key, value, depth))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|(_, first)| *first);
        let first = entries.first().map_or(usize::MAX, |(_, first)| *first);
        Ok((entries.into_iter().map(|(entry, _)| entry).collect(), first))
    }

    fn entry(
        &self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        depth: usize,
    ) -> Result<(Entry, usize), SyntaxError> {
        let (value, first) = self.node(value, depth + 1)?;
        let span = key.span();
        let first = first.min(span.start);
        let key = Node {
            value: Value::Text(key.get_ref().as_ref().into()),
            span: self.source.on_disk(&span),
        };
        let entry = Entry {
            key: Arc::new(key),
            value: Arc::new(value),
        };
        Ok((entry, first))
    }

    fn node(&self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<(Node, usize), SyntaxError> {
        let at = value.span();
        if depth > MAX_DEPTH {
            return Err(self.refused(&at, (SyntaxErrorKind::NotModelled, TOO_DEEP)));
        }
        let mut first = usize::MAX;
        let converted = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.as_ref().into()),
            DeValue::Boolean(value) => Value::Scalar(scalar::boolean(*value)),
            DeValue::Integer(value) => self.scalar(scalar::integer(value), &at)?,
            DeValue::Float(value) => self.scalar(scalar::float(value), &at)?,
            DeValue::Datetime(value) => self.scalar(scalar::timestamp(value), &at)?,
            DeValue::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter() {
                    let (node, mentioned) = self.node(item, depth + 1)?;
                    first = first.min(mentioned);
                    list.push(Arc::new(node));
                }
                Value::List(list)
            }
            DeValue::Table(table) => {
                let (entries, mentioned) = self.table(table, depth)?;
                first = mentioned;
                Value::Table(entries)
            }
        };
        let node = Node {
            value: converted,
            span: self.source.on_disk(&at),
        };
        Ok((node, first))
    }

    fn scalar(&self, read: Result<Scalar, Refusal>, at: &Range<usize>) -> Result<Value, SyntaxError> {
        read.map(Value::Scalar).map_err(|why| self.refused(at, why))
    }

    fn refused(&self, at: &Range<usize>, (kind, message): Refusal) -> SyntaxError {
        refused(kind, message, self.source.on_disk(at))
    }
}
