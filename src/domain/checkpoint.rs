//! The stored checkpoint as it is published (reference 26).

use serde::Serialize;

use super::python::isoformat::normalise;
use super::row::RowError;
use super::stored::StoredValue;

/// A checkpoint as it is published; without a row both are null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// `cursor`.
    pub cursor: Option<String>,
    /// `updated_since`, normalised; null where Python cannot read it.
    pub updated_since: Option<String>,
}

/// What spec-kitty publishes for a row of `tracker_checkpoints`; fails only where a text is not UTF-8.
pub fn publish(cursor: StoredValue<'_>, updated_since: StoredValue<'_>) -> Result<Checkpoint, RowError> {
    let cursor = cursor.python_str_or_none("cursor")?.map(String::from);
    let updated_since = updated_since.text("updated_since")?;
    Ok(Checkpoint {
        cursor,
        updated_since: updated_since.and_then(|text| normalise(&text.into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_cursor_and_normalises_the_date() {
        let date = StoredValue::Text(b"2026-03-10");
        let checkpoint = publish(StoredValue::Real(1.0), date).unwrap();
        assert_eq!(checkpoint.cursor.as_deref(), Some("1.0"));
        assert_eq!(checkpoint.updated_since.as_deref(), Some("2026-03-10T00:00:00"));
        let checkpoint = publish(StoredValue::Text(b""), StoredValue::Integer(20_260_310)).unwrap();
        assert_eq!(checkpoint.cursor.as_deref(), Some(""));
        assert_eq!(checkpoint.updated_since, None);
        assert_eq!(
            publish(StoredValue::Null, StoredValue::Blob(b"2026-03-10")).unwrap(),
            Checkpoint::default()
        );
    }
}
