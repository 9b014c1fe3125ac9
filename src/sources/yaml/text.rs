//! The file's bytes as the text that ruamel.yaml gets, and the way back to offsets on disk (reference 4, 12).
//!
//! Python opens the file as UTF-8 with universal newlines and ruamel.yaml then checks every character. Two things
//! that the YAML parser would read in another way are masked by characters of the same length: a byte-order mark
//! inside the file, which ruamel.yaml takes for content, and `\ud800`-like escapes, which Python keeps as lone
//! surrogates.

use std::ops::Range;

use super::fault::Fault;
use crate::domain::node::{Span, SyntaxError, SyntaxErrorKind};
use crate::domain::python::PyStr;
use crate::sources::newlines::{self, Joined, TextMode};

const BOM: &str = "\u{feff}";

/// First characters of the private blocks, 2048 wide, that may stand in for surrogates.
const SURROGATE_MASKS: [u32; 3] = [0xE000, 0xE800, 0xF000];

/// The text to parse.
pub(super) struct Source {
    /// What the parser reads.
    pub text: String,
    /// Where carriage returns were dropped.
    joined: Joined,
    /// Bytes of the byte-order mark at the start of the file.
    bom: usize,
    /// Stands in `text` for a byte-order mark inside the file.
    bom_mask: Option<char>,
    /// First character of the block that stands for surrogates, and the offsets of the masked escapes.
    surrogates: Option<(u32, Vec<usize>)>,
}

impl Source {
    /// Decodes, checks and masks the file.
    pub fn read(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let decoded = newlines::decode(bytes)?;
        let content = decoded.strip_prefix(BOM).unwrap_or(decoded);
        let bom = decoded.len() - content.len();
        if let Some((offset, c)) = content.char_indices().find(|&(_, c)| !is_printable(c)) {
            let start = bom + offset;
            return Err(SyntaxError {
                kind: SyntaxErrorKind::Encoding,
                message: "special characters are not allowed".to_owned(),
                span: Span {
                    start,
                    end: start + c.len_utf8(),
                },
            });
        }
        let TextMode { text, joined } = TextMode::new(content);
        let mut source = Self {
            text: text.into_owned(),
            joined,
            bom,
            bom_mask: None,
            surrogates: None,
        };
        source
            .mask_boms()
            .and_then(|()| source.mask_surrogates())
            .map_err(|fault| source.locate(fault))?;
        Ok(source)
    }

    /// Where a range of the text lies on disk.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let on_disk = |offset: usize| self.bom + self.joined.on_disk(offset);
        let start = on_disk(range.start);
        Span {
            start,
            end: on_disk(range.end).max(start),
        }
    }

    /// Places a fault on disk.
    pub fn locate(&self, fault: Fault) -> SyntaxError {
        SyntaxError {
            kind: fault.kind,
            message: fault.message,
            span: self.span(&fault.range),
        }
    }

    /// The Python text of a scalar whose source is `range`, masks undone.
    pub fn unmask(&self, text: &str, range: &Range<usize>, escapes: bool) -> Result<PyStr, Fault> {
        let masked = self.surrogates.as_ref().filter(|(_, offsets)| {
            let next = offsets.partition_point(|&offset| offset < range.start);
            offsets.get(next).is_some_and(|&offset| offset < range.end)
        });
        if masked.is_some() && !escapes {
            return Err(Fault::not_modelled(
                range.clone(),
                "text that looks like a surrogate escape outside double quotes",
            ));
        }
        if self.bom_mask.is_none() && masked.is_none() {
            return Ok(text.into());
        }
        let surrogate_at = |code_point: u32| {
            let (first, _) = masked?;
            let index = code_point.checked_sub(*first).filter(|&index| index < 0x800)?;
            Some(0xD800 + index)
        };
        Ok(text
            .chars()
            .map(|c| match self.bom_mask {
                Some(mask) if mask == c => 0xFEFF,
                _ => surrogate_at(c as u32).unwrap_or(c as u32),
            })
            .collect())
    }

    fn mask_boms(&mut self) -> Result<(), Fault> {
        let Some(at) = self.text.find(BOM) else {
            return Ok(());
        };
        let mask = ('\u{f8f0}'..='\u{f8ff}')
            .find(|&mask| !self.text.contains(mask) && !self.escapes_into(mask as u32..mask as u32 + 1));
        let mask = mask.ok_or_else(|| {
            Fault::not_modelled(
                at..at + BOM.len(),
                "a byte-order mark among many private characters",
            )
        })?;
        self.text = self.text.replace(BOM, mask.encode_utf8(&mut [0; 4]));
        self.bom_mask = Some(mask);
        Ok(())
    }

    fn mask_surrogates(&mut self) -> Result<(), Fault> {
        let offsets: Vec<usize> = escapes(&self.text)
            .filter(|(_, code_point)| (0xD800..0xE000).contains(code_point))
            .map(|(offset, _)| offset)
            .collect();
        let Some(&at) = offsets.first() else {
            return Ok(());
        };
        let first = SURROGATE_MASKS.into_iter().find(|&first| {
            let block = first..first + 0x800;
            !self.text.chars().any(|c| block.contains(&(c as u32))) && !self.escapes_into(block)
        });
        let first = first.ok_or_else(|| {
            Fault::not_modelled(
                at..at + 1,
                "a lone surrogate among characters of every private block",
            )
        })?;
        for &offset in &offsets {
            let digits = hex_digits(&self.text, offset);
            let code_point = u32::from_str_radix(&self.text[digits.clone()], 16).unwrap_or_default();
            let width = digits.len();
            let masked = format!("{:0width$x}", code_point - 0xD800 + first);
            self.text.replace_range(digits, &masked);
        }
        self.surrogates = Some((first, offsets));
        Ok(())
    }

    /// Whether an escape of the text stands for a character of the block.
    fn escapes_into(&self, block: Range<u32>) -> bool {
        escapes(&self.text).any(|(_, code_point)| block.contains(&code_point))
    }
}

/// The characters that YAML calls printable (the range of surrogates cannot occur in a `char`).
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// The offsets and code points of what would be `\uXXXX` and `\UXXXXXXXX` escapes between double quotes.
fn escapes(text: &str) -> impl Iterator<Item = (usize, u32)> {
    let bytes = text.as_bytes();
    let mut offset = 0;
    std::iter::from_fn(move || {
        while let Some(found) = bytes.get(offset..)?.iter().position(|&byte| byte == b'\\') {
            let at = offset + found;
            offset = at + 2;
            if matches!(bytes.get(at + 1), Some(b'u' | b'U')) {
                let digits = text.get(hex_digits(text, at)).unwrap_or_default();
                if digits.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && let Ok(code_point) = u32::from_str_radix(digits, 16)
                {
                    return Some((at, code_point));
                }
            }
        }
        None
    })
}

/// Where the digits of the escape at `offset` lie.
fn hex_digits(text: &str, offset: usize) -> Range<usize> {
    let width = if text.as_bytes().get(offset + 1) == Some(&b'U') {
        8
    } else {
        4
    };
    offset + 2..offset + 2 + width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_offsets_back_over_carriage_returns_and_the_mark() {
        let disk = "\u{feff}a: b\r\nc: d\re\r\n".as_bytes();
        let source = Source::read(disk).unwrap();
        assert_eq!(source.text, "a: b\nc: d\ne\n");
        let at = source.text.find('d').unwrap();
        let span = source.span(&(at..at + 1));
        assert_eq!(&disk[span.start..span.end], b"d");
        let at = source.text.find('e').unwrap();
        let span = source.span(&(at..at + 1));
        assert_eq!(&disk[span.start..span.end], b"e");
    }

    #[test]
    fn says_where_bytes_are_not_utf8_or_not_printable() {
        let error = Source::read(b"a: \xe9\n").err().unwrap();
        assert_eq!(error.kind, SyntaxErrorKind::Encoding);
        assert_eq!(error.span, Span { start: 3, end: 4 });
        let error = Source::read(b"\xef\xbb\xbfa: \x07").err().unwrap();
        assert_eq!(error.span, Span { start: 6, end: 7 });
    }

    #[test]
    fn masks_surrogate_escapes_with_the_same_length_and_undoes_them() {
        let source = Source::read(br#"a: "\ud800\uDFFF\\ud800\U0000dc00""#).unwrap();
        assert_eq!(source.text, r#"a: "\ue000\ue7ff\\ud800\U0000e400""#);
        let whole = 0..source.text.len();
        let text = source.unmask("\u{e000}x\u{e7ff}", &whole, true).unwrap();
        assert_eq!(text.code_points().collect::<Vec<_>>(), [0xD800, 0x78, 0xDFFF]);
    }
}
