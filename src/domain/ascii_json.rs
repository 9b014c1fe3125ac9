//! JSON text that is plain ASCII: exact, and safe to print anywhere.

/// JSON whose control, format and non-ASCII characters are all `\u` escapes, so that it is exact and safe to print.
pub fn ascii_json(value: &impl serde::Serialize, pretty: bool) -> serde_json::Result<String> {
    let json = if pretty {
        serde_json::to_string_pretty(value)?
    } else {
        serde_json::to_string(value)?
    };
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii_graphic() || matches!(c, ' ' | '\n') {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii += &format!("\\u{unit:04x}");
            }
        }
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_everything_that_is_not_plain_ascii() {
        let json = ascii_json(&["é\u{202e}\u{1f600}\u{1b}\u{7f}\n"], false).unwrap();
        assert_eq!(json, r#"["\u00e9\u202e\ud83d\ude00\u001b\u007f\n"]"#);
    }
}
