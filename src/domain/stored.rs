//! A column's value as SQLite holds it and as Python's `sqlite3` hands it on (reference 22).

use std::borrow::Cow;
use std::str;

use super::python::number::float_str;
use super::python::repr::repr_bytes;
use super::row::{Path, RowError, RowErrorKind};

/// A value of one of SQLite's five storage classes.
#[derive(Clone, Copy, PartialEq)]
pub enum StoredValue<'a> {
    /// NULL, `None` in Python.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT: the bytes, which SQLite does not check.
    Text(&'a [u8]),
    /// BLOB.
    Blob(&'a [u8]),
}

impl<'a> StoredValue<'a> {
    /// `str(row[column])`. Fails where `sqlite3` itself does: TEXT that is not UTF-8.
    pub fn python_str(self, column: &'static str) -> Result<Cow<'a, str>, RowError> {
        Ok(match self {
            Self::Null => Cow::Borrowed("None"),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Real(value) => Cow::Owned(float_str(value)),
            Self::Text(bytes) => Cow::Borrowed(decode(bytes, column)?),
            Self::Blob(bytes) => Cow::Owned(repr_bytes(bytes)),
        })
    }

    /// `str(row[column])`, or `None` for NULL.
    pub fn python_str_or_none(self, column: &'static str) -> Result<Option<Cow<'a, str>>, RowError> {
        match self {
            Self::Null => Ok(None),
            _ => self.python_str(column).map(Some),
        }
    }

    /// The text, when the value is TEXT.
    pub fn text(self, column: &'static str) -> Result<Option<&'a str>, RowError> {
        match self {
            Self::Text(bytes) => decode(bytes, column).map(Some),
            _ => Ok(None),
        }
    }
}

fn decode<'a>(bytes: &'a [u8], column: &'static str) -> Result<&'a str, RowError> {
    str::from_utf8(bytes).map_err(|_| undecodable(bytes, column))
}

/// `sqlite3.OperationalError` as `sqlite3` words it: the text up to a NUL, non-ASCII bytes replaced, all of it cut to
/// the 198 bytes that fit its buffer.
fn undecodable(bytes: &[u8], column: &'static str) -> RowError {
    const BUFFER: usize = 198;
    let c_string = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    let shown = c_string.iter().take(BUFFER).map(|&byte| match byte {
        0..0x80 => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    });
    let prefix = format!("Could not decode to UTF-8 column '{column}' with text '");
    let words: String = prefix.chars().chain(shown).chain(['\'']).take(BUFFER).collect();
    let path = if column == "payload" {
        Path::ROOT
    } else {
        Path::field(column)
    };
    RowError::new(
        RowErrorKind::Undecodable,
        format!("OperationalError: {words}"),
        path,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_python_str_gives() {
        let cases = [
            (StoredValue::Null, "None"),
            (StoredValue::Integer(-5), "-5"),
            (StoredValue::Real(1.0), "1.0"),
            (StoredValue::Real(f64::INFINITY), "inf"),
            (StoredValue::Text("é".as_bytes()), "é"),
            (StoredValue::Blob(b"\xff\0"), "b'\\xff\\x00'"),
        ];
        for (value, text) in cases {
            assert_eq!(value.python_str("cursor").unwrap(), text);
        }
        assert_eq!(StoredValue::Null.python_str_or_none("cursor").unwrap(), None);
    }

    #[test]
    fn refuses_text_that_sqlite3_cannot_decode() {
        let error = |bytes| {
            StoredValue::Text(bytes)
                .python_str("payload")
                .unwrap_err()
                .message
        };
        let words = "OperationalError: Could not decode to UTF-8 column 'payload' with text ";
        assert_eq!(error(b"ab\xffcd"), format!("{words}'ab\u{fffd}cd'"));
        assert_eq!(error(b"a\0b\xff"), format!("{words}'a'"));
        let long = [b"x".repeat(300), b"\xff".to_vec()].concat();
        assert_eq!(error(&long), format!("{words}'{}", "x".repeat(144)));
    }
}
