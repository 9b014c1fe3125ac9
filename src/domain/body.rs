//! stand-in
/// h
#[derive(Clone, Debug)]
pub struct Head {
    /// p
    pub provider: String,
    /// p
    pub workspace: String,
    /// p
    pub route: Option<(String, String)>,
    /// p
    pub doctrine_mode: String,
    /// p
    pub doctrine_field_owners: Vec<(String, String)>,
    /// p
    pub project_uuid: Option<String>,
    /// p
    pub project_slug: Option<String>,
}
