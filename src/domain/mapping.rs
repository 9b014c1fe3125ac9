//! One stored mapping row as it is published (reference 25).

use serde::Serialize;

use super::row::RowError;
use super::stored::StoredValue;

/// The columns of `tracker_mappings` in the order that spec-kitty selects and publishes them.
pub const COLUMNS: [&str; 8] = [
    "wp_id",
    "system",
    "workspace",
    "external_id",
    "external_key",
    "external_url",
    "created_at",
    "updated_at",
];

/// A mapping as it is published. The fields stand in the order of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// `wp_id`.
    pub wp_id: String,
    /// `system`.
    pub system: String,
    /// `workspace`.
    pub workspace: String,
    /// `external_id`.
    pub external_id: String,
    /// `external_key`.
    pub external_key: Option<String>,
    /// `external_url`.
    pub external_url: Option<String>,
    /// `created_at`.
    pub created_at: String,
    /// `updated_at`.
    pub updated_at: String,
}

impl Mapping {
    /// What people call its issue: the key, or the id where there is none.
    pub fn issue_name(&self) -> &str {
        self.external_key.as_ref().unwrap_or(&self.external_id)
    }
}

/// What spec-kitty publishes for a row of these [`COLUMNS`]; fails only where a text is not UTF-8.
pub fn publish(row: [StoredValue<'_>; 8]) -> Result<Mapping, RowError> {
    let text = |index: usize| row[index].python_str(COLUMNS[index]).map(String::from);
    let text_or_null = |index: usize| {
        let text = row[index].python_str_or_none(COLUMNS[index]);
        text.map(|text| text.map(String::from))
    };
    Ok(Mapping {
        wp_id: text(0)?,
        system: text(1)?,
        workspace: text(2)?,
        external_id: text(3)?,
        external_key: text_or_null(4)?,
        external_url: text_or_null(5)?,
        created_at: text(6)?,
        updated_at: text(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_every_column_into_text() {
        let mut row = [StoredValue::Text(b"WP01"); 8];
        row[1] = StoredValue::Blob(b"\xff\0");
        row[3] = StoredValue::Integer(5);
        row[4] = StoredValue::Null;
        row[5] = StoredValue::Text(b"");
        row[6] = StoredValue::Null;
        let mapping = publish(row).unwrap();
        assert_eq!(mapping.system, "b'\\xff\\x00'");
        assert_eq!(mapping.external_id, "5");
        assert_eq!(mapping.external_key, None);
        assert_eq!(mapping.external_url.as_deref(), Some(""));
        assert_eq!(mapping.created_at, "None");
        row[2] = StoredValue::Text(b"\xff");
        assert_eq!(publish(row).unwrap_err().path.to_string(), "workspace");
    }
}
