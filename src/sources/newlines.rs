//! Python's text mode: UTF-8, and universal newlines: `\r\n` and a lone `\r` become `\n` before anything is parsed.
//! And the way back from offsets in that text to bytes on disk (reference 4, 12, 13; research/parsers.md T1).

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::node::{Span, SyntaxError, SyntaxErrorKind};

/// The file as text; the error points at the first bytes that are none.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, SyntaxError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        SyntaxError {
            kind: SyntaxErrorKind::Encoding,
            message: "not UTF-8".to_owned(),
            span: Span {
                start,
                end: error.error_len().map_or(bytes.len(), |length| start + length),
            },
        }
    })
}

/// The text as Python's text mode hands it over, and where carriage returns went.
pub(super) struct TextMode<'a> {
    /// The text with `\n` as its only newline.
    pub(super) text: Cow<'a, str>,
    pub(super) joined: Joined,
}

/// Offsets in the text of each `\n` that was `\r\n` on disk, ascending.
#[derive(Default)]
pub(super) struct Joined(Vec<usize>);

impl Joined {
    /// The offset on disk of one in the text.
    pub(super) fn on_disk(&self, offset: usize) -> usize {
        offset + self.0.partition_point(|&newline| newline < offset)
    }
}

impl<'a> TextMode<'a> {
    pub(super) fn new(disk: &'a str) -> Self {
        if !disk.contains('\r') {
            return Self {
                text: Cow::Borrowed(disk),
                joined: Joined::default(),
            };
        }
        let mut text = String::with_capacity(disk.len());
        let mut joined = Vec::new();
        let mut rest = disk;
        while let Some((line, after)) = rest.split_once('\r') {
            text.push_str(line);
            rest = after;
            if let Some(after) = after.strip_prefix('\n') {
                joined.push(text.len());
                rest = after;
            }
            text.push('\n');
        }
        text.push_str(rest);
        Self {
            text: Cow::Owned(text),
            joined: Joined(joined),
        }
    }

    /// The bytes on disk behind a range of `text`.
    pub(super) fn on_disk(&self, range: &Range<usize>) -> Span {
        Span {
            start: self.joined.on_disk(range.start),
            end: self.joined.on_disk(range.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_offsets_around_joined_newlines_back_to_disk() {
        let disk = "a\r\nb\rc\r\n\r\nd";
        let normal = TextMode::new(disk);
        assert_eq!(normal.text, "a\nb\nc\n\nd");
        for letter in ["a", "b", "c", "d"] {
            let start = normal.text.find(letter).unwrap();
            let span = normal.on_disk(&(start..start + 1));
            assert_eq!(&disk[span.start..span.end], letter);
        }
    }
}
