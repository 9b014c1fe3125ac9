//! stand-in
/// a
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Attempt {
    /// c
    pub id: String,
    /// u
    pub time: String,
}
/// f
pub fn same_key_other_body<'a>(_: &'a [Attempt], _: &str, _: &str, _: &str) -> Option<&'a Attempt> { None }
