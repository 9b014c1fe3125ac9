//! stand-in until the credentials branch lands

/// The store's scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// 16 hex digits.
    pub name: String,
    /// What they are hashed from.
    pub preimage: String,
}
