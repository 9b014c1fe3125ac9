//! Values as keys of mappings, sets and ordered maps: what is hashable, what is equal, how it prints
//! (reference 6, 10; research/parsers.md section 4, C5, C6 and C11).

use std::collections::HashSet;
use std::sync::Arc;

use super::compose::Content;
use super::construct::{Constructor, collection_tag};
use super::fault::Fault;
use super::resolve::Implicit;
use super::scalar::Key;
use crate::domain::node::{Entry, Node, Scalar, ScalarKind, Value};
use crate::domain::python::{PyStr, repr};

impl Constructor<'_> {
    /// A mapping's key. Lists become tuples there, mappings ruamel.yaml's hashable `CommentedKeyMap`.
    pub fn key(&mut self, id: usize) -> Result<(Arc<Node>, Key), Fault> {
        let document = self.document;
        match &document.nodes[id].content {
            Content::Scalar(..) if self.implicit(id)? == Some(Implicit::Value) => self.value_key(id),
            Content::Scalar(..) => self.scalar_key(id),
            Content::Sequence(items) => self.tuple_key(id, items),
            Content::Mapping(pairs) => self.map_key(id, pairs),
        }
    }

    /// As a key, `=` is text. ruamel.yaml changes the node, so an alias of it would change too.
    fn value_key(&mut self, id: usize) -> Result<(Arc<Node>, Key), Fault> {
        let composed = &self.document.nodes[id];
        if composed.anchored {
            return Err(Fault::not_modelled(self.range(id), "an anchor on the key `=`"));
        }
        let text = self.text(composed)?;
        let node = self.finish(id, Value::Text(text.clone()));
        Ok((node, Key::Text(text)))
    }

    fn scalar_key(&mut self, id: usize) -> Result<(Arc<Node>, Key), Fault> {
        let (_, key) = self.scalar(id)?;
        Ok((self.node(id)?, key))
    }

    fn tuple_key(&mut self, id: usize, items: &[usize]) -> Result<(Arc<Node>, Key), Fault> {
        if collection_tag(&self.document.nodes[id]) == Some("omap") {
            return Err(Fault::not_modelled(self.range(id), "an ordered map as a key"));
        }
        self.check_deep(id)?;
        self.node(id)?;
        let mut parts = Vec::with_capacity(items.len());
        let mut keys = Vec::with_capacity(items.len());
        for &item in items {
            let (part, key) = self.hashable(item)?;
            parts.push(repr::repr_of(&part));
            keys.push(key);
        }
        let open = if items.len() == 1 { ",)" } else { ")" };
        let shown = join("(", &parts, open);
        Ok((self.container(id, shown, !items.is_empty())?, Key::Tuple(keys)))
    }

    fn map_key(&mut self, id: usize, pairs: &[(usize, usize)]) -> Result<(Arc<Node>, Key), Fault> {
        if collection_tag(&self.document.nodes[id]) == Some("set") {
            return Err(self.unhashable(id));
        }
        self.check_deep(id)?;
        for &(key, _) in pairs {
            if self.implicit(key)? == Some(Implicit::Merge) {
                let range = self.range(id);
                return Err(Fault::not_modelled(range, "a key that is a mapping with a merge"));
            }
        }
        let node = self.node(id)?;
        let entries = node.entries().unwrap_or_default();
        let keys = self.table_keys.get(&id).cloned().unwrap_or_default();
        let mut parts = Vec::with_capacity(pairs.len());
        let mut hashed = Vec::with_capacity(pairs.len());
        for ((entry, key), &(_, value)) in entries.iter().zip(keys.iter()).zip(pairs) {
            let (value, value_key) = self.hashable(value)?;
            parts.push(join(
                "(",
                &[repr::repr_of(&entry.key), repr::repr_of(&value)],
                ")",
            ));
            hashed.push((key.clone(), value_key));
        }
        let shown = if parts.is_empty() {
            "ordereddict()".into()
        } else {
            join("ordereddict([", &parts, "])")
        };
        Ok((self.container(id, shown, !pairs.is_empty())?, Key::Map(hashed)))
    }

    /// `!!set`: its keys, for printing; merges and `=` have no meaning here.
    pub fn set(&mut self, pairs: &[(usize, usize)]) -> Result<Value, Fault> {
        let document = self.document;
        let mut seen = HashSet::with_capacity(pairs.len());
        let mut parts = Vec::with_capacity(pairs.len());
        for &(id, value) in pairs {
            let (key, hashed) = match &document.nodes[id].content {
                Content::Scalar(..) => self.scalar_key(id)?,
                Content::Sequence(items) => self.tuple_key(id, items)?,
                Content::Mapping(_) => return Err(self.unhashable(id)),
            };
            self.node(value)?;
            if !seen.insert(hashed) {
                return Err(Fault::syntax(self.range(id), "found duplicate key in a set"));
            }
            parts.push(repr::repr_of(&key));
        }
        let shown = join("set(odict_keys([", &parts, "]))");
        self.count(&shown, pairs.first().map_or(0, |&(id, _)| id))?;
        Ok(container(shown, !pairs.is_empty()))
    }

    /// `!!omap`: a `dict` made of a list of mappings with one key each.
    pub fn ordered_map(&mut self, items: &[usize]) -> Result<Value, Fault> {
        let document = self.document;
        let mut seen = HashSet::with_capacity(items.len());
        let mut entries = Vec::with_capacity(items.len());
        for &item in items {
            let pair = match &document.nodes[item].content {
                Content::Mapping(pairs) if pairs.len() == 1 => pairs.first(),
                _ => None,
            };
            let Some(&(id, value)) = pair else {
                return Err(Fault::syntax(
                    self.range(item),
                    "expected a mapping with one key in an ordered map",
                ));
            };
            let (key, hashed) = self.hashable(id)?;
            if !seen.insert(hashed) {
                return Err(Fault::syntax(
                    self.range(id),
                    "found duplicate key in an ordered map",
                ));
            }
            let value = self.node(value)?;
            entries.push(Entry { key, value });
        }
        Ok(Value::Table(entries))
    }

    /// A value that Python can hash as it is: any scalar.
    fn hashable(&mut self, id: usize) -> Result<(Arc<Node>, Key), Fault> {
        match self.document.nodes[id].content {
            Content::Scalar(..) => self.scalar_key(id),
            _ => Err(self.unhashable(id)),
        }
    }

    fn unhashable(&self, id: usize) -> Fault {
        Fault::syntax(self.range(id), "found unhashable key")
    }

    fn check_deep(&self, id: usize) -> Result<(), Fault> {
        if self.deep {
            return Ok(());
        }
        Err(Fault::not_modelled(
            self.range(id),
            "a collection as a key below a root that is no plain mapping",
        ))
    }

    /// The key's own node: the collection itself may be used elsewhere as a value.
    fn container(&mut self, id: usize, shown: PyStr, truthy: bool) -> Result<Arc<Node>, Fault> {
        self.count(&shown, id)?;
        let span = self.node(id)?.span;
        Ok(Arc::new(Node {
            value: container(shown, truthy),
            span,
        }))
    }

    /// Bounds what aliases can make of printed keys.
    fn count(&mut self, shown: &PyStr, id: usize) -> Result<(), Fault> {
        self.shown += shown.byte_len();
        if self.shown > repr::MAX_STR_BYTES {
            return Err(Fault::not_modelled(
                self.range(id),
                "collections as keys that print very long",
            ));
        }
        Ok(())
    }
}

fn container(shown: PyStr, truthy: bool) -> Value {
    Value::Scalar(Scalar::new(ScalarKind::Container, shown, truthy))
}

fn join(open: &str, parts: &[PyStr], close: &str) -> PyStr {
    let mut joined = PyStr::from(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            joined.push_str(", ");
        }
        joined.push_py(part);
    }
    joined.push_str(close);
    joined
}
