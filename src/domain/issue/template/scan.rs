//! The two hands of the fast path: one in the payload, one in the output. Strings are read sixteen bytes at a time.
//!
//! Each step says `None` at the first byte that it does not know to be harmless; what was written until then is void.

use std::ops::Range;

use wide::i8x16;

/// Reads a payload and writes what is published.
pub(super) struct Scan<'a> {
    input: &'a [u8],
    at: usize,
    out: &'a mut [u8],
    end: usize,
}

/// A string that was written.
pub(super) struct Text {
    /// Its bytes in the output, without quotes.
    pub(super) range: Range<usize>,
    /// Whether it holds a backslash there.
    pub(super) escaped: bool,
}

/// So many bytes of a string are looked at together.
const WORD: usize = 16;
/// Deeper nesting is left to the slow path.
const MAX_DEPTH: u32 = 64;
/// Longer numbers too: Python limits the digits of an integer.
const MAX_NUMBER: usize = 400;

impl<'a> Scan<'a> {
    /// Room that the output needs beyond the input's length.
    pub(super) const SLACK: usize = WORD;

    /// `out` must have room for the input and [`Self::SLACK`] behind `start`.
    pub(super) fn new(input: &'a [u8], out: &'a mut [u8], start: usize) -> Self {
        Self {
            input,
            at: 0,
            out,
            end: start,
        }
    }

    /// Where the output ends.
    pub(super) fn written(&self) -> usize {
        self.end
    }

    /// Some bytes of the output.
    pub(super) fn out(&self, range: &Range<usize>) -> &[u8] {
        &self.out[range.clone()]
    }

    /// Some bytes of the input.
    pub(super) fn input(&self, range: &Range<usize>) -> &[u8] {
        &self.input[range.clone()]
    }

    /// Whether all has been read.
    pub(super) fn at_end(&self) -> bool {
        self.at == self.input.len()
    }

    /// The next byte.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    /// Steps over these bytes, which must come next.
    #[inline]
    pub(super) fn skip<const N: usize>(&mut self, bytes: &[u8; N]) -> Option<()> {
        // Of a length that the compiler knows, these are compared as words.
        let next = self.input.get(self.at..)?.first_chunk::<N>()?;
        (next == bytes).then_some(())?;
        self.at += N;
        Some(())
    }

    /// Copies these bytes, which must come next.
    #[inline]
    pub(super) fn copy<const N: usize>(&mut self, bytes: &[u8; N]) -> Option<()> {
        self.skip(bytes)?;
        self.write(bytes);
        Some(())
    }

    /// Copies the next byte.
    pub(super) fn copy_byte(&mut self) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        self.write(&[byte]);
        Some(())
    }

    #[inline]
    fn write<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.put(bytes);
        self.end += N;
    }

    /// Writes behind the end without moving it; the output has room for every word that begins within it.
    #[inline]
    fn put<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some(place) = self.out.get_mut(self.end..).and_then(<[u8]>::first_chunk_mut) {
            *place = *bytes;
        }
    }

    /// Copies a string, its escapes as the published body writes them.
    pub(super) fn text(&mut self) -> Option<Text> {
        self.copy(b"\"")?;
        let start = self.end;
        let mut escaped = false;
        loop {
            match self.copy_run()? {
                b'"' => break,
                b'\\' => {
                    escaped |= self.escape()?;
                    // Whole words are written in escapes.
                    while self.peek()? == b'\\' {
                        escaped |= self.escape()?;
                    }
                }
                _ => return None,
            }
        }
        let range = start..self.end;
        self.copy(b"\"")?;
        Some(Text { range, escaped })
    }

    /// A string, or `null`.
    #[expect(clippy::option_option, reason = "outside: not for this path; inside: null")]
    pub(super) fn text_or_null(&mut self) -> Option<Option<Text>> {
        if self.peek()? == b'n' {
            self.copy(b"null").map(|()| None)
        } else {
            self.text().map(Some)
        }
    }

    /// The next bytes, where there are enough for a word.
    #[inline]
    fn word(&self) -> Option<[u8; WORD]> {
        self.input.get(self.at..)?.first_chunk().copied()
    }

    /// Copies up to the next byte that is not plain, which it returns.
    #[inline]
    fn copy_run(&mut self) -> Option<u8> {
        while let Some(word) = self.word() {
            self.put(&word);
            let plain = plain_bytes(word);
            self.at += plain;
            self.end += plain;
            if plain < WORD {
                return self.peek();
            }
        }
        while let Some(byte) = self.peek() {
            if !is_plain(byte) {
                return Some(byte);
            }
            self.copy_byte()?;
        }
        None
    }

    /// Writes what an escape stands for; true when that is an escape again.
    #[inline]
    fn escape(&mut self) -> Option<bool> {
        let kind = *self.input.get(self.at + 1)?;
        match kind {
            b'u' => self.unicode_escape(),
            b'"' | b'\\' | b'n' | b'r' | b't' => {
                self.write(&[b'\\', kind]);
                self.at += 2;
                Some(true)
            }
            b'/' => {
                self.write(b"/");
                self.at += 2;
                Some(false)
            }
            _ => None,
        }
    }

    fn unicode_escape(&mut self) -> Option<bool> {
        let unit = self.unit(self.at)?;
        self.at += 6;
        let c = if (0xD800..0xDC00).contains(&unit) {
            let low = self.unit(self.at).filter(|low| (0xDC00..0xE000).contains(low))?;
            self.at += 6;
            char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?
        } else {
            char::from_u32(unit)?
        };
        // Most writing is in blocks without a character that hides.
        let suspect = matches!(unit >> 8, 0x00 | 0x03 | 0x06 | 0x18 | 0x20 | 0xDB | 0xFE | 0xFF);
        if suspect {
            if matches!(c, '"' | '\\') {
                self.write(&[b'\\', c as u8]);
                return Some(true);
            }
            if may_hide(c) {
                return None;
            }
        }
        let mut utf8 = [0; 4];
        let bytes = c.encode_utf8(&mut utf8).len();
        self.put(&utf8);
        self.end += bytes;
        Some(false)
    }

    /// The number in `\uXXXX`.
    fn unit(&self, at: usize) -> Option<u32> {
        let &[b'\\', b'u', ref digits @ ..] = self.input.get(at..at + 6)? else {
            return None;
        };
        let mut value = 0;
        let mut all = 0;
        for &digit in digits {
            let digit = HEX[usize::from(digit)];
            all |= digit;
            value = value << 4 | u32::from(digit);
        }
        (all < 16).then_some(value)
    }

    /// Steps over a string; returns its bytes in the input, without quotes.
    pub(super) fn skip_text(&mut self) -> Option<Range<usize>> {
        self.skip(b"\"")?;
        let start = self.at;
        loop {
            match self.skip_run()? {
                b'"' => break,
                b'\\' => {
                    while self.peek()? == b'\\' {
                        self.skip_escape()?;
                    }
                }
                _ => return None,
            }
        }
        let range = start..self.at;
        self.at += 1;
        Some(range)
    }

    #[inline]
    fn skip_escape(&mut self) -> Option<()> {
        match self.input.get(self.at + 1)? {
            b'u' => {
                self.unit(self.at)?;
                self.at += 6;
            }
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            _ => return None,
        }
        Some(())
    }

    #[inline]
    fn skip_run(&mut self) -> Option<u8> {
        while let Some(word) = self.word() {
            let plain = plain_bytes(word);
            self.at += plain;
            if plain < WORD {
                return self.peek();
            }
        }
        while let Some(byte) = self.peek() {
            if !is_plain(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Steps over any JSON value without white space.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0;
        // A bit for each open bracket, the innermost lowest: set for an object.
        let mut objects = 0_u64;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_text()?;
                }
                b'{' | b'[' if depth == MAX_DEPTH => return None,
                b'{' => {
                    self.at += 1;
                    (depth, objects) = (depth + 1, objects << 1 | 1);
                    if self.peek()? != b'}' {
                        self.skip_name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    (depth, objects) = (depth + 1, objects << 1);
                    if self.peek()? != b']' {
                        continue;
                    }
                }
                b't' => self.skip(b"true")?,
                b'f' => self.skip(b"false")?,
                b'n' => self.skip(b"null")?,
                _ => self.skip_number()?,
            }
            // Behind a value: close what ends with it.
            while depth > 0 && self.peek()? == if objects & 1 == 1 { b'}' } else { b']' } {
                self.at += 1;
                (depth, objects) = (depth - 1, objects >> 1);
            }
            if depth == 0 {
                return Some(());
            }
            self.skip(b",")?;
            if objects & 1 == 1 {
                self.skip_name()?;
            }
        }
    }

    fn skip_name(&mut self) -> Option<()> {
        self.skip_text()?;
        self.skip(b":")
    }

    fn skip_number(&mut self) -> Option<()> {
        let start = self.at;
        self.at += usize::from(self.peek()? == b'-');
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.skip_digits()?;
        }
        (self.at - start <= MAX_NUMBER).then_some(())
    }

    fn skip_digits(&mut self) -> Option<()> {
        let rest = self.input.get(self.at..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        (digits > 0).then_some(())
    }
}

/// Whether a byte stands in a string for itself and is seen.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

/// How many bytes are plain before the first that is not.
#[inline]
fn plain_bytes(word: [u8; WORD]) -> usize {
    // As signed numbers, bytes outside ASCII are below the controls.
    let word = i8x16::from(word.map(u8::cast_signed));
    let unseen = word.simd_lt(i8x16::splat(0x20)) | word.simd_eq(i8x16::splat(0x7F));
    let quote = word.simd_eq(i8x16::splat(b'"'.cast_signed()));
    let backslash = word.simd_eq(i8x16::splat(b'\\'.cast_signed()));
    let stops = (unseen | quote | backslash).to_bitmask();
    (stops.trailing_zeros() as usize).min(WORD)
}

/// Whether [`crate::domain::hidden`] has to look at a character: all that it could name, and a few more.
fn may_hide(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

const NO_DIGIT: u8 = 0xFF;

/// Hexadecimal digits by their byte.
const HEX: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};
