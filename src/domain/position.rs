//! Byte offsets of a file as lines and columns, and the lines themselves for showing evidence.

use std::fmt;

use super::node::Span;

/// A place for people: both numbers count from 1, the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The bytes of a source file with an index of its lines. Lines end at `\n`, `\r\n` or a lone `\r`, as Python's
/// text mode reads them.
///
/// Never prints its content: the credentials file is held by this type too.
#[derive(Clone)]
pub struct SourceText {
    bytes: Vec<u8>,
    line_starts: Vec<usize>,
}

impl SourceText {
    /// Indexes the lines.
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut line_starts = vec![0];
        for (offset, &byte) in bytes.iter().enumerate() {
            let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(offset + 1) != Some(&b'\n'));
            if ends_line {
                line_starts.push(offset + 1);
            }
        }
        Self { bytes, line_starts }
    }

    /// The whole content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many lines there are; a file that ends with a line break has an empty last line.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Line and column of a byte offset; offsets behind the end count as the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let column = String::from_utf8_lossy(&self.bytes[start..offset])
            .chars()
            .count()
            + 1;
        Position { line, column }
    }

    /// Where a span starts.
    pub fn start_of(&self, span: Span) -> Position {
        self.position(span.start)
    }

    /// The byte range of a line (counted from 1) without its line break; `None` when there is no such line.
    pub fn line_span(&self, line: usize) -> Option<Span> {
        let start = *self.line_starts.get(line.checked_sub(1)?)?;
        let mut end = self.line_starts.get(line).copied().unwrap_or(self.bytes.len());
        while end > start && matches!(self.bytes[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        Some(Span { start, end })
    }

    /// The text of a span, when all of it is there and UTF-8.
    pub fn text_of(&self, span: Span) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(span.start..span.end)?).ok()
    }

    /// The text with other characters in these places, lines and columns as they were.
    #[must_use]
    pub fn blotted(&self, places: &[Span]) -> Self {
        const BLOTS: [&str; 4] = ["x", "·", "•", "🟡"];
        let mut bytes = self.bytes.clone();
        for place in places {
            let Some(text) = bytes.get(place.start..place.end) else {
                continue;
            };
            let text = String::from_utf8_lossy(text).into_owned();
            let blot = |c: char| match c {
                '\n' | '\r' => c.to_string(),
                c => BLOTS[c.len_utf8() - 1].to_owned(),
            };
            let blots: String = text.chars().map(blot).collect();
            // Only of a file that is not UTF-8 the lengths differ, and such a file is never parsed.
            if blots.len() == place.end - place.start {
                bytes[place.start..place.end].copy_from_slice(blots.as_bytes());
            }
        }
        Self::new(bytes)
    }

    /// The end of the file, as an empty span.
    pub fn end(&self) -> Span {
        Span {
            start: self.bytes.len(),
            end: self.bytes.len(),
        }
    }
}

/// An empty text: it has one empty line.
impl Default for SourceText {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SourceText({} bytes, {} lines)",
            self.bytes.len(),
            self.line_starts.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &SourceText, number: usize) -> &str {
        text.text_of(text.line_span(number).unwrap()).unwrap()
    }

    #[test]
    fn counts_lines_by_python_s_line_breaks_and_columns_by_characters() {
        let text = SourceText::new("a\r\né: x\rb\n".as_bytes().to_vec());
        assert_eq!(text.position(6), Position { line: 2, column: 3 });
        assert_eq!(line(&text, 2), "é: x");
        assert_eq!(line(&text, 3), "b");
        assert_eq!(text.position(999), Position { line: 4, column: 1 });
        assert_eq!(SourceText::default().position(0), Position { line: 1, column: 1 });
    }

    #[test]
    fn blots_text_out_and_leaves_lines_and_columns() {
        let text = SourceText::new("k = \"aé支\n🚀\" # c\n".as_bytes().to_vec());
        let blotted = text.blotted(&[Span { start: 4, end: 17 }]);
        assert_eq!(line(&blotted, 1), "k = xx·•");
        assert_eq!(line(&blotted, 2), "🟡x # c");
        assert_eq!(blotted.position(18), text.position(18));
    }
}
