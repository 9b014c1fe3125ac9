//! From composed nodes to the values that Python gets: collections, duplicate keys, merges, sets and ordered maps
//! (reference 5-11; research/parsers.md section 4, C5-C7 and C11).

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use granit_parser::ScalarStyle;

use super::compose::{Composed, Content, Document};
use super::fault::Fault;
use super::resolve::Implicit;
use super::scalar::{CORE, Key, Type, Written};
use super::text::Source;
use crate::domain::node::{Entry, Node, Scalar, Span, Value};
use crate::domain::python::PyStr;

/// Most entries that merges may copy: aliases can make a small file merge without end.
const MAX_MERGED_ENTRIES: usize = 1 << 20;

/// Constructs every node, each once; aliases share their node.
pub(super) fn construct(document: &Document, source: &Source) -> Result<Node, Fault> {
    let Some(root) = document.root else {
        return Ok(null_node());
    };
    let mut constructor = Constructor {
        document,
        source,
        done: vec![None; document.nodes.len()],
        table_keys: HashMap::new(),
        merged: 0,
        shown: 0,
        deep: document.is_plain_mapping(root),
    };
    constructor.node(root).map(|node| (*node).clone())
}

/// The value of an empty file.
fn null_node() -> Node {
    Node {
        value: Value::Scalar(Scalar::none()),
        span: Span::default(),
    }
}

pub(super) struct Constructor<'a> {
    pub document: &'a Document,
    source: &'a Source,
    done: Vec<Option<Arc<Node>>>,
    /// The keys of the tables built so far, in the order of their entries.
    pub table_keys: HashMap<usize, Arc<[Key]>>,
    /// Entries copied by merges so far.
    merged: usize,
    /// Bytes built for printing sets and collections used as keys.
    pub shown: usize,
    /// Whether everything is constructed depth first. Below another root ruamel.yaml can merge from a mapping that
    /// it has not filled yet.
    pub deep: bool,
}

impl Document {
    /// A mapping without a tag of its own.
    fn is_plain_mapping(&self, id: usize) -> bool {
        let node = &self.nodes[id];
        matches!(node.content, Content::Mapping(_)) && matches!(collection_tag(node), None | Some("map"))
    }
}

/// The name of a collection's `!!` tag; `None` without a tag, `Some("")` for any other tag.
pub(super) fn collection_tag(node: &Composed) -> Option<&str> {
    let tag = node.tag.as_ref().filter(|tag| tag.uri != "!")?;
    let name = tag.uri.strip_prefix(CORE).unwrap_or_default();
    // `!!str` with a handle is an unknown tag to the round-trip constructor.
    Some(if name == "str" && tag.has_handle { "" } else { name })
}

impl Constructor<'_> {
    /// The node's value, built on first use.
    pub fn node(&mut self, id: usize) -> Result<Arc<Node>, Fault> {
        if let Some(node) = &self.done[id] {
            return Ok(Arc::clone(node));
        }
        let document = self.document;
        let composed = &document.nodes[id];
        let value = match &composed.content {
            Content::Scalar(..) => self.scalar(id)?.0,
            Content::Sequence(items) => self.sequence(composed, items)?,
            Content::Mapping(pairs) => self.mapping(id, pairs)?,
        };
        Ok(self.finish(id, value))
    }

    /// Keeps the node's value for its aliases.
    pub fn finish(&mut self, id: usize, value: Value) -> Arc<Node> {
        let node = Arc::new(Node {
            value,
            span: self.source.span(&self.document.nodes[id].range),
        });
        self.done[id] = Some(Arc::clone(&node));
        node
    }

    /// A scalar's value, and what it equals as a key.
    pub fn scalar(&self, id: usize) -> Result<(Value, Key), Fault> {
        let composed = &self.document.nodes[id];
        let text = self.text(composed)?;
        written(id, composed, &text)
            .construct(self.document.version)
            .map_err(|(kind, message)| Fault {
                kind,
                message: message.to_owned(),
                range: composed.range.clone(),
            })
    }

    /// A scalar's text, masks undone.
    pub fn text(&self, composed: &Composed) -> Result<PyStr, Fault> {
        match &composed.content {
            Content::Scalar(text, style) => {
                self.source
                    .unmask(text, &composed.range, *style == ScalarStyle::DoubleQuoted)
            }
            _ => Ok(PyStr::new()),
        }
    }

    /// What a plain key or value without a tag resolves to; `None` for anything else.
    pub fn implicit(&self, id: usize) -> Result<Option<Implicit>, Fault> {
        let composed = &self.document.nodes[id];
        if !matches!(composed.content, Content::Scalar(..)) {
            return Ok(None);
        }
        let text = self.text(composed)?;
        Ok(match written(id, composed, &text).kind(self.document.version) {
            Type::Implicit(implicit) => Some(implicit),
            Type::Explicit(tag) if tag.uri.strip_prefix(CORE) == Some("merge") => Some(Implicit::Merge),
            Type::Explicit(tag) if tag.uri.strip_prefix(CORE) == Some("value") => Some(Implicit::Value),
            Type::Explicit(_) => None,
        })
    }

    fn sequence(&mut self, composed: &Composed, items: &[usize]) -> Result<Value, Fault> {
        match collection_tag(composed) {
            Some("omap") => self.ordered_map(items),
            Some("pairs") => Err(Fault::not_modelled(composed.range.clone(), "a list of pairs")),
            Some("map" | "set") => Err(Fault::syntax(
                composed.range.clone(),
                "a sequence tagged as a mapping",
            )),
            Some(name) if is_scalar_tag(name) => Err(mistagged(&composed.range)),
            _ => items
                .iter()
                .map(|&item| self.node(item))
                .collect::<Result<_, _>>()
                .map(Value::List),
        }
    }

    fn mapping(&mut self, id: usize, pairs: &[(usize, usize)]) -> Result<Value, Fault> {
        let composed = &self.document.nodes[id];
        match collection_tag(composed) {
            Some("set") => self.set(pairs),
            Some("seq" | "omap" | "pairs") => Err(Fault::syntax(
                composed.range.clone(),
                "a mapping tagged as a sequence",
            )),
            Some(name) if is_scalar_tag(name) => Err(mistagged(&composed.range)),
            _ => self.table(id, pairs),
        }
    }

    /// A mapping: own keys in their order, then what `<<` adds.
    fn table(&mut self, id: usize, pairs: &[(usize, usize)]) -> Result<Value, Fault> {
        let mut table = Table::default();
        let mut sources = Vec::new();
        for &(key, value) in pairs {
            if self.implicit(key)? == Some(Implicit::Merge) {
                if !sources.is_empty() {
                    return Err(Fault::syntax(self.range(key), "found duplicate merge key \"<<\""));
                }
                sources = self.merge_sources(key, value)?;
                continue;
            }
            let (key_node, hashed) = self.key(key)?;
            let entry = Entry {
                key: key_node,
                value: self.node(value)?,
            };
            if !table.add(hashed, entry) {
                return Err(Fault::syntax(self.range(key), "found duplicate key"));
            }
        }
        for source in sources {
            self.merge(source, &mut table)?;
        }
        self.table_keys.insert(id, table.keys.into());
        Ok(Value::Table(table.entries))
    }

    /// The mappings named by the value of a merge key.
    fn merge_sources(&mut self, key: usize, value: usize) -> Result<Vec<usize>, Fault> {
        if !self.deep {
            return Err(Fault::not_modelled(
                self.range(key),
                "a merge below a root that is no plain mapping",
            ));
        }
        let nodes = &self.document.nodes;
        let sources = match &nodes[value].content {
            Content::Sequence(items) => items.clone(),
            Content::Mapping(_) | Content::Scalar(..) => vec![value],
        };
        let is_mapping = |&id: &usize| {
            matches!(nodes[id].content, Content::Mapping(_)) && collection_tag(&nodes[id]) != Some("set")
        };
        if !sources.iter().all(is_mapping) {
            return Err(Fault::syntax(
                self.range(value),
                "expected a mapping or list of mappings for merging",
            ));
        }
        self.node(value)?;
        Ok(sources)
    }

    /// Adds the entries of one merge source whose keys are not there yet.
    fn merge(&mut self, source: usize, table: &mut Table) -> Result<(), Fault> {
        let node = self.node(source)?;
        let keys = self.table_keys.get(&source).cloned().unwrap_or_default();
        self.merged += keys.len();
        if self.merged > MAX_MERGED_ENTRIES {
            return Err(Fault::not_modelled(
                self.range(source),
                "merges of very many keys",
            ));
        }
        for (key, entry) in keys.iter().zip(node.entries().unwrap_or_default()) {
            table.add(key.clone(), entry.clone());
        }
        Ok(())
    }

    pub fn range(&self, id: usize) -> Range<usize> {
        self.document.nodes[id].range.clone()
    }
}

fn written<'a>(id: usize, composed: &'a Composed, text: &'a PyStr) -> Written<'a> {
    let style = match composed.content {
        Content::Scalar(_, style) => style,
        _ => ScalarStyle::Plain,
    };
    Written {
        id,
        text,
        style,
        tag: composed.tag.as_ref(),
        anchored: composed.anchored,
    }
}

/// The scalar constructors refuse collections.
fn is_scalar_tag(name: &str) -> bool {
    matches!(
        name,
        "str" | "null" | "bool" | "int" | "float" | "binary" | "timestamp"
    )
}

fn mistagged(range: &Range<usize>) -> Fault {
    Fault::syntax(range.clone(), "a collection tagged as a scalar")
}

/// A `dict` in the making.
#[derive(Default)]
struct Table {
    seen: HashSet<Key>,
    keys: Vec<Key>,
    entries: Vec<Entry>,
}

impl Table {
    /// Adds an entry unless its key is there already.
    fn add(&mut self, key: Key, entry: Entry) -> bool {
        let is_new = self.seen.insert(key.clone());
        if is_new {
            self.keys.push(key);
            self.entries.push(entry);
        }
        is_new
    }
}
