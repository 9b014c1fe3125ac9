//! Python's `str()` and `repr()` of text, bytes and containers (reference 15, 22).

use std::fmt::Write as _;

use super::PyStr;
use super::unicode14::{NON_PRINTABLE, contains};
use crate::domain::node::{Node, Value};

/// Longest `str()` of a container that is built, in bytes; YAML aliases can make a few lines print as gigabytes. One that
/// is as long may have been cut off.
pub const MAX_STR_BYTES: usize = 1 << 20;

/// `str(node)`; of a container at most about [`MAX_STR_BYTES`].
pub fn str_of(node: &Node) -> PyStr {
    match &node.value {
        Value::Text(text) => text.clone(),
        Value::Scalar(scalar) => scalar.str.clone(),
        Value::List(_) | Value::Table(_) => repr_of(node),
    }
}

/// `repr(node)`, at most about [`MAX_STR_BYTES`].
pub fn repr_of(node: &Node) -> PyStr {
    let mut out = PyStr::new();
    let mut steps = vec![Step::Value(node)];
    while let Some(step) = steps.pop() {
        if out.byte_len() >= MAX_STR_BYTES {
            break;
        }
        match step {
            Step::Punctuation(text) => out.push_str(text),
            Step::Value(node) => match &node.value {
                Value::Text(text) => write_repr(text, &mut out),
                Value::Scalar(scalar) => out.push_py(&scalar.repr),
                Value::List(items) => {
                    out.push_str("[");
                    steps.push(Step::Punctuation("]"));
                    for (index, item) in items.iter().enumerate().rev() {
                        steps.push(Step::Value(item));
                        steps.extend((index > 0).then_some(Step::Punctuation(", ")));
                    }
                }
                Value::Table(entries) => {
                    out.push_str("{");
                    steps.push(Step::Punctuation("}"));
                    for (index, entry) in entries.iter().enumerate().rev() {
                        steps.push(Step::Value(&entry.value));
                        steps.push(Step::Punctuation(": "));
                        steps.push(Step::Value(&entry.key));
                        steps.extend((index > 0).then_some(Step::Punctuation(", ")));
                    }
                }
            },
        }
    }
    out
}

/// What is still to be written, last first: nesting costs no stack.
enum Step<'a> {
    Value(&'a Node),
    Punctuation(&'static str),
}

/// `repr(text)` for a `str`: quote choice, escapes, and `str.isprintable` as CPython 3.11 (Unicode 14) has it.
pub fn repr_text(text: &PyStr) -> PyStr {
    let mut out = PyStr::new();
    write_repr(text, &mut out);
    out
}

/// Appends `repr(text)`.
pub fn write_repr(text: &PyStr, out: &mut PyStr) {
    let quote = quote_for(text.code_points());
    out.push_str(quote);
    for code_point in text.code_points() {
        match char::from_u32(code_point) {
            Some('\\') => out.push_str("\\\\"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some(c) if quote.starts_with(c) => {
                out.push_str("\\");
                out.push_str(quote);
            }
            _ if !contains(&NON_PRINTABLE, code_point) => out.push(code_point),
            _ => out.push_str(&match code_point {
                0..=0xFF => format!("\\x{code_point:02x}"),
                0x100..=0xFFFF => format!("\\u{code_point:04x}"),
                _ => format!("\\U{code_point:08x}"),
            }),
        }
    }
    out.push_str(quote);
}

/// `repr(bytes)`, which is also `str(bytes)`: `b'\xff\x00'`.
pub fn repr_bytes(bytes: &[u8]) -> String {
    let quote = quote_for(bytes.iter().map(|&byte| u32::from(byte)));
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if quote.as_bytes() == [byte] => {
                out.push('\\');
                out.push_str(quote);
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push_str(quote);
    out
}

/// Single quotes, unless the text holds some and no double ones.
fn quote_for(mut code_points: impl Iterator<Item = u32> + Clone) -> &'static str {
    let mut doubles = code_points.clone();
    if code_points.any(|c| c == u32::from(b'\'')) && !doubles.any(|c| c == u32::from(b'"')) {
        "\""
    } else {
        "'"
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::node::{Entry, Scalar, ScalarKind, Span};

    fn node(value: Value) -> Arc<Node> {
        let span = Span::default();
        Arc::new(Node { value, span })
    }

    fn integer(text: &str) -> Arc<Node> {
        node(Value::Scalar(Scalar {
            kind: ScalarKind::Integer,
            str: text.into(),
            repr: text.into(),
            truthy: text != "0",
        }))
    }

    #[test]
    fn chooses_quotes_and_escapes_as_python_does() {
        let cases = [
            ("", "''"),
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("\"", "'\"'"),
            ("'\"", "'\\'\"'"),
            ("\\\t\n\r\0\u{1b}\u{7f}", "'\\\\\\t\\n\\r\\x00\\x1b\\x7f'"),
            ("é\u{a0}\u{ad}", "'é\\xa0\\xad'"),
            ("\u{200b}\u{2028}日本", "'\\u200b\\u2028日本'"),
            ("😀\u{e0001}\u{10ffff}", "'😀\\U000e0001\\U0010ffff'"),
        ];
        for (text, repr) in cases {
            assert_eq!(repr_text(&text.into()), repr);
        }
        let surrogate: PyStr = [0xD800].into_iter().collect();
        assert_eq!(repr_text(&surrogate), "'\\ud800'");
    }

    #[test]
    fn writes_bytes() {
        assert_eq!(repr_bytes(b"\xff\0\t'a\\"), "b\"\\xff\\x00\\t'a\\\\\"");
        assert_eq!(repr_bytes(b""), "b''");
    }

    #[test]
    fn writes_containers() {
        let list = node(Value::List(vec![integer("1"), node(Value::Text("b".into()))]));
        let table = node(Value::Table(vec![
            Entry {
                key: node(Value::Text("a".into())),
                value: list,
            },
            Entry {
                key: integer("2"),
                value: node(Value::List(vec![])),
            },
        ]));
        assert_eq!(str_of(&table), "{'a': [1, 'b'], 2: []}");
        assert_eq!(str_of(&node(Value::Text("it's".into()))), "it's");
    }

    #[test]
    fn stops_where_aliases_explode() {
        let mut bomb = integer("1");
        for _ in 0..64 {
            bomb = node(Value::List(vec![Arc::clone(&bomb), bomb]));
        }
        let shown = str_of(&bomb).byte_len();
        assert!((MAX_STR_BYTES..MAX_STR_BYTES + 100).contains(&shown));
    }
}
