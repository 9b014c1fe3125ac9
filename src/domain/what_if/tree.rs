//! Sets or takes away one value of a tree.

use std::sync::Arc;

use super::super::node::{Entry, Node, Span, Value};
use super::super::python::PyStr;

/// What is to be put where.
pub(super) struct Put<'a> {
    /// The keys that lead there, at least one.
    pub path: &'a [&'a str],
    /// The text; `None` takes the value away.
    pub value: Option<&'a str>,
    /// The end of the file: where a section goes that is not there.
    pub end: Span,
}

/// A step of the path is neither a table nor null.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("has {found} at {path}, which is no table")]
pub(super) struct WrongShape {
    path: String,
    found: &'static str,
}

impl Put<'_> {
    /// The changed tree, and the places of the values that are no longer in it. What was there keeps its place. What is
    /// new stands, as an empty place, before the first key of its table: there it would be written.
    pub fn onto(&self, root: &Node) -> Result<(Node, Vec<Span>), WrongShape> {
        let mut replaced = Vec::new();
        let root = self.step(root, 0, self.end, &mut replaced)?;
        Ok((root, replaced))
    }

    fn step(
        &self,
        node: &Node,
        depth: usize,
        end: Span,
        replaced: &mut Vec<Span>,
    ) -> Result<Node, WrongShape> {
        let entries = match &node.value {
            Value::Table(entries) => entries.as_slice(),
            _ if node.is_null() => &[],
            _ => {
                return Err(WrongShape {
                    path: self.path[..depth].join("."),
                    found: node.kind_name(),
                });
            }
        };
        let mut entries = entries.to_vec();
        let key = self.path[depth];
        let last = depth + 1 == self.path.len();
        let found = entries
            .iter()
            .position(|entry| entry.key.text().is_some_and(|text| *text == *key));
        match (found, self.value) {
            (Some(index), Some(value)) if last => {
                collect(&entries[index].value, replaced);
                let span = entries[index].value.span;
                entries[index].value = Arc::new(text(value, span));
            }
            (Some(index), None) if last => collect(&entries.remove(index).value, replaced),
            (Some(index), _) => {
                let inner = &entries[index];
                let declared = Span {
                    start: inner.value.span.end,
                    end: inner.value.span.end,
                };
                entries[index].value = Arc::new(self.step(&inner.value, depth + 1, declared, replaced)?);
            }
            // Nothing to take away; a section of null stays one.
            (None, None) => return Ok(node.clone()),
            (None, Some(value)) => {
                let place = before_first(&entries).filter(|_| depth > 0).unwrap_or(end);
                let value = if last {
                    text(value, place)
                } else {
                    self.step(&Node::table(Vec::new(), place), depth + 1, place, replaced)?
                };
                let entry = Entry {
                    key: Arc::new(text(key, place)),
                    value: Arc::new(value),
                };
                // A section goes to the end of the file, a key to the beginning of its table.
                entries.insert(if depth == 0 { entries.len() } else { 0 }, entry);
            }
        }
        Ok(Node::table(entries, node.span))
    }
}

fn text(value: &str, span: Span) -> Node {
    Node {
        value: Value::Text(PyStr::from(value)),
        span,
    }
}

fn before_first(entries: &[Entry]) -> Option<Span> {
    let start = entries.iter().map(|entry| entry.key.span.start).min()?;
    Some(Span { start, end: start })
}

/// The places of all values in a node.
fn collect(node: &Node, places: &mut Vec<Span>) {
    match &node.value {
        Value::Table(entries) => entries.iter().for_each(|entry| collect(&entry.value, places)),
        Value::List(items) => items.iter().for_each(|item| collect(item, places)),
        Value::Text(_) | Value::Scalar(_) => places.push(node.span),
    }
}
