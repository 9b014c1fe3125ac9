//! Secrets as they are shown: a mask that tells the length class and a keyed fingerprint, and lines of the credentials
//! file with everything but keys, headers and public values masked (design section 2, promise 5).

use super::inputs::FileInput;
use super::node::{Node, Span, Value};
use super::secret::{Secret, is_public};

/// What stands for text that is not shown.
pub const BULLETS: &str = "••••••••";

/// Makes masks. The key makes fingerprints useless to whoever does not have it.
#[derive(Clone)]
pub struct Masker {
    key: [u8; 32],
}

impl Masker {
    /// A masker with this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The mask of a secret: equal secrets have equal masks.
    pub fn mask(&self, secret: &Secret) -> String {
        match secret.length_class() {
            "empty" => "empty".to_owned(),
            class => format!(
                "{BULLETS} {class} characters, fingerprint {}",
                self.fingerprint(secret)
            ),
        }
    }

    /// 8 hex digits that tell secrets apart.
    pub fn fingerprint(&self, secret: &Secret) -> String {
        self.mark(secret.expose().as_bytes())[..8].to_owned()
    }

    /// A keyed digest of some bytes, in hex: for noticing that they changed.
    pub fn mark(&self, bytes: &[u8]) -> String {
        blake3::keyed_hash(&self.key, bytes).to_hex().to_string()
    }
}

/// Bytes of one line of the credentials file for showing. Keys, table headers and public values stay; secret values,
/// comments and whatever else holds text become [`BULLETS`]. Of a file that could not be parsed only punctuation
/// stays.
pub fn masked(file: &FileInput, span: Span) -> String {
    let line = file.text.start_of(span).line;
    let start = file.text.line_span(line).map_or(span.start, |line| line.start);
    let mut parts = Vec::new();
    if let Some(root) = file.root() {
        collect_parts(root, &mut parts);
    }
    let bytes = file.text.bytes().get(start..span.end).unwrap_or_default();
    let mut shown = String::new();
    let mut hiding = false;
    let mut comment = false;
    // From the line's start on: a comment before the span goes on in it.
    for (at, c) in String::from_utf8_lossy(bytes).char_indices() {
        let offset = start + at;
        let part = parts
            .iter()
            .find(|part| (part.span.start..part.span.end).contains(&offset));
        comment |= part.is_none() && c == '#';
        let keep = match part {
            Some(part) => part.open,
            None => !comment && (c.is_whitespace() || "=[]{}.,\"'".contains(c)),
        };
        if offset < span.start {
            continue;
        }
        if keep {
            shown.push(c);
        } else if !hiding {
            shown.push_str(BULLETS);
        }
        hiding = !keep;
    }
    shown
}

/// Bytes that are a key, a header or a value.
struct Part {
    span: Span,
    /// Whether they may be shown.
    open: bool,
}

/// Innermost parts first, so that a key within a header or an inline table is found before it.
fn collect_parts(node: &Node, parts: &mut Vec<Part>) {
    for entry in node.entries().unwrap_or_default() {
        parts.push(Part {
            span: entry.key.span,
            open: true,
        });
        let public = entry
            .key
            .text()
            .and_then(|key| key.as_str())
            .is_some_and(|key| is_public(key, &entry.value.str().to_display()));
        collect_value(&entry.value, public, parts);
    }
}

fn collect_value(node: &Node, public: bool, parts: &mut Vec<Part>) {
    match &node.value {
        Value::Table(_) => collect_parts(node, parts),
        Value::List(items) => items.iter().for_each(|item| collect_value(item, public, parts)),
        Value::Text(_) | Value::Scalar(_) => parts.push(Part {
            span: node.span,
            open: public,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::inputs::FileState;
    use crate::domain::position::SourceText;
    use crate::domain::python::PyStr;

    fn node(value: Value, start: usize, end: usize) -> Arc<Node> {
        Arc::new(Node {
            value,
            span: Span { start, end },
        })
    }

    #[test]
    fn shows_keys_and_public_values_alone() {
        let text = "email = \"a@b\" # not this\ntoken = \"x=[1].y\"\n";
        let entry = |key: &str, start, value: (usize, usize)| super::super::node::Entry {
            key: node(Value::Text(PyStr::from(key)), start, start + key.len()),
            value: node(Value::Text(PyStr::from("v")), value.0, value.1),
        };
        let root = node(
            Value::Table(vec![entry("email", 0, (8, 13)), entry("token", 25, (33, 42))]),
            0,
            text.len(),
        );
        let file = FileInput {
            path: "credentials".into(),
            state: FileState::Loaded(root),
            text: Arc::new(SourceText::new(text.as_bytes().to_vec())),
            mode: None,
        };
        let line = |number| masked(&file, file.text.line_span(number).unwrap());
        assert_eq!(line(1), format!("email = \"a@b\" {BULLETS}"));
        assert_eq!(line(2), format!("token = {BULLETS}"));
        assert_eq!(
            masked(&file, Span { start: 17, end: 24 }),
            BULLETS,
            "within the comment"
        );
        assert_eq!(
            masked(&file, Span { start: 35, end: 38 }),
            BULLETS,
            "within the secret"
        );
    }

    #[test]
    fn tells_secrets_apart_without_telling_them() {
        let masker = Masker::new([7; 32]);
        let mask = |text: &str| masker.mask(&Secret::new(text.to_owned()));
        assert_eq!(mask("abcdefghij"), mask("abcdefghij"));
        assert_ne!(mask("abcdefghij"), mask("abcdefghik"));
        assert!(!mask("abcdefghij").contains("abc"));
        assert_eq!(mask(""), "empty");
    }
}
