//! Stored rows in the shape that tables, detail and NDJSON show.

use super::issue_walk::StoredIssue;
use super::mapping_walk::StoredMapping;
use crate::domain::body;
use crate::domain::issue;
use crate::domain::mapping::{self, Mapping};
use crate::domain::row::RowError;
use crate::domain::stored::StoredValue;
use crate::domain::window::{IssueFacts, IssueRow, MappingRow, RowKey, RowTrouble};

/// An issue for a table, not joined yet.
pub(super) fn issue_row(row: &StoredIssue, key: RowKey) -> IssueRow {
    let mut published = publish(row.payload).map_err(|error| trouble(&error));
    if let (Ok(issue), Some(cut)) = (&mut published, row.cut) {
        issue.long = cut.long_texts();
    }
    IssueRow {
        rowid: row.rowid(),
        key,
        identity: shown(row.identity()),
        published,
        wp_ids: Vec::new(),
    }
}

/// A mapping for a table, not joined yet. One that cannot be published shows readable text and has no JSON.
pub(super) fn mapping_row(row: &StoredMapping) -> MappingRow {
    let (json, mapping) = match mapping::publish(row.columns) {
        Ok(mapping) => (written(|out| body::write_mapping(&mapping, out)), mapping),
        Err(_) => (String::new(), readable(row.columns)),
    };
    MappingRow {
        rowid: row.rowid,
        key: RowKey::Mapping {
            wp_id: mapping.wp_id.clone(),
            system: mapping.system.clone(),
            rowid: row.rowid,
        },
        mapping,
        issue: None,
        json,
    }
}

/// Any value as text, for showing: `str()` of it, NULL by its name, bad UTF-8 replaced.
pub(super) fn shown(value: StoredValue) -> String {
    match value {
        StoredValue::Null => "NULL".to_owned(),
        StoredValue::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => value.python_str("").map(String::from).unwrap_or_default(),
    }
}

/// An error as a row shows it.
pub(super) fn trouble(error: &RowError) -> RowTrouble {
    RowTrouble {
        json_path: error.path.to_string(),
        reason: error.message.clone(),
    }
}

fn publish(payload: StoredValue) -> Result<IssueFacts, RowError> {
    let text = payload.python_str("payload")?;
    let issue = issue::publish_text(&text)?;
    Ok(IssueFacts {
        coerced: issue.coerced_values(&text),
        json: written(|out| body::write_issue(&issue, out)),
        long: Vec::new(),
        issue,
    })
}

/// Writing into memory cannot fail, and JSON is UTF-8.
fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    if write(&mut bytes).is_err() {
        bytes.clear();
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn readable(columns: [StoredValue; 8]) -> Mapping {
    let [
        wp_id,
        system,
        workspace,
        external_id,
        external_key,
        external_url,
        created_at,
        updated_at,
    ] = columns;
    let optional = |value| (value != StoredValue::Null).then(|| shown(value));
    Mapping {
        wp_id: shown(wp_id),
        system: shown(system),
        workspace: shown(workspace),
        external_id: shown(external_id),
        external_key: optional(external_key),
        external_url: optional(external_url),
        created_at: shown(created_at),
        updated_at: shown(updated_at),
    }
}
