//! What TOML 1.1 allows and tomllib (TOML 1.0) refuses, found in the text because the parsed tree no longer shows it
//! (research/parsers.md T4, T6). Times without seconds are left to [`super::scalar`].

use std::ops::Range;

/// What tomllib would refuse.
pub(super) struct Refused {
    pub(super) message: &'static str,
    pub(super) at: Range<usize>,
}

pub(super) const BAD_ESCAPE: &str =
    "a string has a backslash escape that TOML 1.0 does not know; write \\\\ for a backslash";
const INLINE_NEWLINE: &str = "an inline table goes over more than one line";
const INLINE_COMMA: &str = "an inline table ends with a comma";

/// The first thing in `text`, which must be valid TOML 1.1, that TOML 1.0 does not have.
pub(super) fn newer_than_1_0(text: &str) -> Option<Refused> {
    Scanner {
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        comma: None,
    }
    .run()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The `{` and `[` that are open here.
    open: Vec<u8>,
    /// Where the last token of an inline table stands if it was a comma.
    comma: Option<usize>,
}

impl Scanner<'_> {
    fn run(mut self) -> Option<Refused> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let in_inline_table = self.open.last() == Some(&b'{');
            let comma = self.comma;
            if !matches!(byte, b' ' | b'\t') {
                self.comma = None;
            }
            match byte {
                b'\n' if in_inline_table => return Some(self.refused(INLINE_NEWLINE, self.at, 1)),
                b'}' => {
                    if let Some(comma) = comma {
                        return Some(self.refused(INLINE_COMMA, comma, 1));
                    }
                    self.open.pop();
                }
                b']' => {
                    self.open.pop();
                }
                b'{' | b'[' => self.open.push(byte),
                b',' if in_inline_table => self.comma = Some(self.at),
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                b'"' | b'\'' => {
                    if let Some(refused) = self.skip_string(byte) {
                        return Some(refused);
                    }
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    fn refused(&self, message: &'static str, start: usize, length: usize) -> Refused {
        Refused {
            message,
            at: start..(start + length).min(self.bytes.len()),
        }
    }

    /// Goes to the newline that ends the comment.
    fn skip_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }

    /// Goes behind the string that starts here, unless it holds an escape of TOML 1.1.
    fn skip_string(&mut self, quote: u8) -> Option<Refused> {
        let fence = [quote; 3];
        let multiline = self.bytes[self.at..].starts_with(&fence);
        let fence = if multiline { &fence[..] } else { &fence[..1] };
        self.at += fence.len();
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'\\' && quote == b'"' {
                if matches!(self.bytes.get(self.at + 1), Some(b'e' | b'x')) {
                    return Some(self.refused(BAD_ESCAPE, self.at, 2));
                }
                self.at += 2;
            } else if self.bytes[self.at..].starts_with(fence) {
                self.at += fence.len();
                // Up to two quotes more belong to the text of a multi-line string.
                let extra = self.bytes[self.at..].iter().take_while(|&&b| b == quote);
                self.at += if multiline { extra.count() } else { 0 };
                return None;
            } else {
                self.at += 1;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        newer_than_1_0(text).map(|refused| &text[refused.at])
    }

    #[test]
    fn finds_the_escapes_of_1_1_in_values_and_keys_only_where_they_are_escapes() {
        assert_eq!(found("a = \"\\e\""), Some("\\e"));
        assert_eq!(found("[\"\\x61\"]"), Some("\\x"));
        assert_eq!(found("a = \"\"\"\n\\\\x\\x41\"\"\""), Some("\\x"));
        assert_eq!(
            found("a = '\\x41' # \\x41 \"\nb = '''\\e''''\nc = \"\\\\x41\""),
            None
        );
    }

    #[test]
    fn finds_newlines_and_trailing_commas_of_inline_tables() {
        assert_eq!(found("a = {b = 1\n}"), Some("\n"));
        assert_eq!(found("a = {b = 1 , }"), Some(","));
        assert_eq!(found("a = {b = [\n1,\n], c = '''\n'''}\nd = [\n{},\n]"), None);
    }
}
