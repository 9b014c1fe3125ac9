//! `credentials` as Python's tomllib (TOML 1.0) reads it, with byte spans (reference 13-15; research/parsers.md
//! section 6). The `toml` crate parses TOML 1.1; the rest is the difference to tomllib.

mod dialect;
mod scalar;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::domain::node::{Entry, Node, Scalar, Span, SyntaxError, SyntaxErrorKind, Value};
use crate::domain::python::text;
use crate::sources::newlines::{self, TextMode};
use scalar::Refusal;

/// How deep tables and lists may nest. The crate stops brackets and dotted keys at 80 each, together they go deeper.
const MAX_DEPTH: usize = 160;
const TOO_DEEP: &str = "nested deeper than catseye reads";

/// Reads the file's bytes. An empty or blank file is an empty table.
///
/// Every key has the span of its bytes. A table's span is its header line's brackets, a table that only follows from
/// a longer header or a dotted key has the span of its key there.
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let source = TextMode::new(newlines::decode(bytes)?);
    let whole = Span {
        start: 0,
        end: bytes.len(),
    };
    if text::strip(&source.text).is_empty() {
        return Ok(Node::table(Vec::new(), whole));
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
    let mut headers = Vec::new();
    for value in table.get_ref().values() {
        collect_headers(value, &source.text, &mut headers);
    }
    headers.sort_by_key(|header| header.start);
    let converter = Converter {
        source: &source,
        headers,
    };
    let (entries, _) = converter.table(table.get_ref(), 0, None)?;
    Ok(Node::table(entries, whole))
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
    const CLASSES: [(&str, &str); 7] = [
        ("duplicate key", "a key or table is declared twice"),
        ("cannot extend", "a key continues a value that is not a table"),
        ("escape", dialect::BAD_ESCAPE),
        ("unicode", "an escape does not name a Unicode character"),
        (
            "must be quoted",
            "a value is missing, or is neither quoted nor a number, boolean or date",
        ),
        ("string", "a string is not closed or has a control character"),
        ("unclosed", "a bracket is not closed"),
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

/// Where the `[a]` and `[[a]]` of this value and the tables in it lie. There are none in inline tables, which may nest
/// very deep.
fn collect_headers(value: &Spanned<DeValue<'_>>, text: &str, headers: &mut Vec<Range<usize>>) {
    let at = value.span();
    match value.get_ref() {
        DeValue::Array(items) => items.iter().for_each(|item| collect_headers(item, text, headers)),
        DeValue::Table(table) if !text[at.start..].starts_with('{') => {
            if is_header(text, &at) {
                headers.push(at);
            }
            table
                .values()
                .for_each(|value| collect_headers(value, text, headers));
        }
        _ => {}
    }
}

/// Whether a table with this span has a header of its own.
fn is_header(text: &str, table: &Range<usize>) -> bool {
    text[table.start..].starts_with('[')
}

/// Turns the crate's tree into ours. Each part comes with the offset where the file first mentions it: Python's
/// dicts keep that order, but the crate moves a table's key to the end when its header comes after a sub-table's.
struct Converter<'a> {
    source: &'a TextMode<'a>,
    /// In the order of the file.
    headers: Vec<Range<usize>>,
}

impl Converter<'_> {
    fn table(
        &self,
        table: &DeTable<'_>,
        depth: usize,
        header: Option<usize>,
    ) -> Result<(Vec<Entry>, usize), SyntaxError> {
        let mut entries = table
            .iter()
            .map(|(key, value)| self.entry(key, value, depth, header))
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
        header: Option<usize>,
    ) -> Result<(Entry, usize), SyntaxError> {
        let span = key.span();
        self.check_section(&span, header)?;
        let (value, first) = self.node(value, depth + 1, header)?;
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

    fn node(
        &self,
        value: &Spanned<DeValue<'_>>,
        depth: usize,
        header: Option<usize>,
    ) -> Result<(Node, usize), SyntaxError> {
        let at = value.span();
        if depth > MAX_DEPTH {
            return Err(self.refused(&at, (SyntaxErrorKind::NotModelled, TOO_DEEP)));
        }
        let written = self.source.text.get(at.clone()).unwrap_or_default();
        let mut first = usize::MAX;
        let converted = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.as_ref().into()),
            DeValue::Boolean(value) => Value::Scalar(Scalar::boolean(*value)),
            DeValue::Integer(value) => self.scalar(scalar::integer(value, written), &at)?,
            DeValue::Float(value) => self.scalar(scalar::float(value, written), &at)?,
            DeValue::Datetime(value) => self.scalar(scalar::timestamp(value), &at)?,
            DeValue::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    let (node, mentioned) = self.node(item, depth + 1, header)?;
                    first = first.min(mentioned);
                    list.push(Arc::new(node));
                }
                Value::List(list)
            }
            DeValue::Table(table) => {
                let own = is_header(&self.source.text, &at).then_some(at.start);
                let (entries, mentioned) = self.table(table, depth, own.or(header))?;
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

    /// The crate lets a dotted key under `[a]` reach into an earlier `[[a.b]]`, tomllib does not. `header` is the one
    /// of the table that the key went to.
    fn check_section(&self, key: &Range<usize>, header: Option<usize>) -> Result<(), SyntaxError> {
        let above = self.headers.partition_point(|header| header.start <= key.start);
        match self.headers[..above].last() {
            Some(above) if above.end <= key.start && Some(above.start) != header => {
                let message = "a dotted key continues a list of tables";
                Err(self.refused(key, (SyntaxErrorKind::Syntax, message)))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&self, read: Result<Scalar, Refusal>, at: &Range<usize>) -> Result<Value, SyntaxError> {
        read.map(Value::Scalar).map_err(|why| self.refused(at, why))
    }

    fn refused(&self, at: &Range<usize>, (kind, message): Refusal) -> SyntaxError {
        refused(kind, message, self.source.on_disk(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(disk: &str, span: Span) -> &str {
        &disk[span.start..span.end]
    }

    #[test]
    fn points_at_headers_keys_and_values_as_they_lie_on_disk() {
        let disk = "[tokens]\r\naccess = 'é'\r\n[tracker.providers.jira] # x\r\nopts.\"b c\" = \"\"\"1\r\n2\"\"\"\r\n";
        let root = parse(disk.as_bytes()).unwrap();
        let tracker = root.get("tracker").unwrap();
        assert_eq!(at(disk, tracker.key.span), "tracker");
        assert_eq!(at(disk, tracker.value.span), "tracker");
        let jira = tracker.value.get("providers").unwrap().value.get("jira").unwrap();
        assert_eq!(at(disk, jira.key.span), "jira");
        assert_eq!(at(disk, jira.value.span), "[tracker.providers.jira]");
        let inner = jira.value.get("opts").unwrap().value.get("b c").unwrap();
        assert_eq!(at(disk, inner.key.span), "\"b c\"");
        assert_eq!(at(disk, inner.value.span), "\"\"\"1\r\n2\"\"\"");
        assert_eq!(inner.value.str(), "1\n2");
        assert_eq!(
            at(
                disk,
                root.get("tokens")
                    .unwrap()
                    .value
                    .get("access")
                    .unwrap()
                    .value
                    .span
            ),
            "'é'"
        );
    }

    #[test]
    fn keeps_the_order_of_first_mention_when_a_table_is_declared_after_its_sub_table() {
        let root = parse(b"[a.z.x]\n[b]\n[a.y]\n[a.z]\n[a]\nk = 1\n").unwrap();
        let keys = |node: &Node| -> Vec<String> {
            let entries = node.entries().unwrap();
            entries.iter().map(|entry| entry.key.str().to_display()).collect()
        };
        assert_eq!(keys(&root), ["a", "b"]);
        assert_eq!(keys(&root.get("a").unwrap().value), ["z", "y", "k"]);
    }

    #[test]
    fn refuses_dotted_keys_into_a_list_of_tables() {
        for text in [
            "[[a.b]]\n[a]\nb.c = 1\n",
            "[[a.b]]\n[[x]]\n[a]\nb.c.d = 1\n",
            "[[a.b.c]]\n[a.b]\nc.d.e = {}\n",
            "[[a.b]]\nc.d = 1\n[a]\nb.c.e = 1\n",
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind, SyntaxErrorKind::Syntax, "{text}");
        }
        for text in [
            "[[a.b]]\nc.d = 1\n[a.b.e]\nf.g = 1\n[[a.b]]\nc.d = 1\n[a]\nh.i = 1\n",
            "[[a]]\n[[a.b]]\nc.d = 1\n[[a.b]]\n[a.b.c]\n",
            "a = [[{b.c = 1}]]\n[x]\ny = [{b.c = 1}]\n",
        ] {
            assert!(parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn never_repeats_the_file_in_an_error() {
        for text in [
            "t = \"hunter2\nx",
            "hunter2",
            "t = hunter2",
            "t = 'hunter2",
            "t = \"hunter2\\q\"",
            "t = \"hunter2\\e\"",
            "t = {hunter2 = 1,}",
            "hunter2 = 1\nhunter2 = 2",
            "hunter2 = 1\n[hunter2.a]",
            "t = 1_0hunter2",
            "t = 2026-02-30",
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
        }
    }

    #[test]
    fn refuses_what_nests_too_deep_for_us_as_not_modelled() {
        let key = ["a"; 78].join(".");
        let text = format!("{}a = 1{}", format!("{key} = {{").repeat(70), "}".repeat(70));
        for text in [text, format!("a = {}", "[".repeat(10_000))] {
            assert_eq!(
                parse(text.as_bytes()).unwrap_err().kind,
                SyntaxErrorKind::NotModelled
            );
        }
    }
}
