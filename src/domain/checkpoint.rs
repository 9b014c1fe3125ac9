//! stand-in
use super::python::PyStr;
/// c
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Checkpoint {
    /// c
    pub cursor: Option<PyStr>,
    /// u
    pub updated_since: Option<String>,
}
