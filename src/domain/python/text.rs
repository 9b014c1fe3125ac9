//! A Python `str` and its rules: `strip`, `lower`, blankness, lone surrogates (reference 3.3 paragraphs 17-18).

use std::fmt::{self, Write as _};

/// A Python `str`. Unlike a Rust `String` it can hold lone surrogates, which JSON `\ud800` and YAML `"\ud800"`
/// produce; they survive `str()` and `strip()` and only break when the text is encoded as UTF-8 (reference 36).
///
/// Kept as WTF-8: UTF-8 that also allows the three-byte forms of U+D800..=U+DFFF, pairs left unjoined as Python does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PyStr {
    wtf8: Vec<u8>,
    surrogates: bool,
}

impl PyStr {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one code point; a surrogate is kept as it is.
    pub fn push(&mut self, code_point: u32) {
        if let Some(c) = char::from_u32(code_point) {
            let mut utf8 = [0; 4];
            self.wtf8.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        } else {
            let [_, _, high, low] = code_point.to_be_bytes();
            self.wtf8.extend_from_slice(&[
                0xED,
                0x80 | ((high & 0x0F) << 2) | (low >> 6),
                0x80 | (low & 0x3F),
            ]);
            self.surrogates = true;
        }
    }

    /// Appends ordinary text.
    pub fn push_str(&mut self, text: &str) {
        self.wtf8.extend_from_slice(text.as_bytes());
    }

    /// Appends another Python text.
    pub fn push_py(&mut self, other: &Self) {
        self.wtf8.extend_from_slice(&other.wtf8);
        self.surrogates |= other.surrogates;
    }

    /// The text as UTF-8, or `None` when it holds a lone surrogate and so cannot be encoded.
    pub fn as_str(&self) -> Option<&str> {
        if self.surrogates {
            None
        } else {
            std::str::from_utf8(&self.wtf8).ok()
        }
    }

    /// `text.encode("utf-8")`: the text, or where Python stops.
    pub fn encodable(&self) -> Result<&str, Unencodable> {
        self.as_str().ok_or_else(|| Unencodable::first_in(self))
    }

    /// The text for showing to people: lone surrogates become `\udXXX`.
    pub fn to_display(&self) -> String {
        let mut shown = String::with_capacity(self.wtf8.len());
        for code_point in self.code_points() {
            match char::from_u32(code_point) {
                Some(c) => shown.push(c),
                None => drop(write!(shown, "\\u{code_point:04x}")),
            }
        }
        shown
    }

    /// The code points, surrogates included.
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints { rest: &self.wtf8 }
    }

    /// `len(text) == 0`.
    pub fn is_empty(&self) -> bool {
        self.wtf8.is_empty()
    }

    /// The length in bytes of the generalised UTF-8 form.
    pub fn byte_len(&self) -> usize {
        self.wtf8.len()
    }

    /// `text.strip()`.
    #[must_use]
    pub fn strip(&self) -> Self {
        let mut kept: &[u8] = &[];
        let mut code_points = self.code_points();
        // From the first that is no space on; its end moves to behind the last.
        let mut from = self.wtf8.as_slice();
        while let Some(code_point) = code_points.next() {
            if !is_space(code_point) {
                kept = &from[..from.len() - code_points.rest.len()];
            } else if kept.is_empty() {
                from = code_points.rest;
            }
        }
        Self {
            wtf8: kept.to_vec(),
            surrogates: self.surrogates,
        }
    }

    /// `not text.strip()`.
    pub fn is_blank(&self) -> bool {
        self.code_points().all(is_space)
    }

    /// `text.lower()`, with Rust's Unicode tables (reference 18: they agree apart from the Unicode version).
    #[must_use]
    pub fn lower(&self) -> Self {
        if let Some(text) = self.as_str() {
            return text.to_lowercase().into();
        }
        let mut lowered = Self::new();
        for code_point in self.code_points() {
            match char::from_u32(code_point) {
                Some(c) => c.to_lowercase().for_each(|l| lowered.push(l as u32)),
                None => lowered.push(code_point),
            }
        }
        lowered
    }
}

impl From<&str> for PyStr {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for PyStr {
    fn from(text: String) -> Self {
        Self {
            wtf8: text.into_bytes(),
            surrogates: false,
        }
    }
}

impl FromIterator<u32> for PyStr {
    fn from_iter<I: IntoIterator<Item = u32>>(code_points: I) -> Self {
        let mut text = Self::new();
        code_points
            .into_iter()
            .for_each(|code_point| text.push(code_point));
        text
    }
}

impl PartialEq<str> for PyStr {
    fn eq(&self, other: &str) -> bool {
        self.wtf8 == other.as_bytes()
    }
}

impl PartialEq<&str> for PyStr {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Debug for PyStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_display())
    }
}

/// The first lone surrogates of a text: why `text.encode("utf-8")` raises `UnicodeEncodeError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unencodable {
    /// How many of them follow each other.
    pub length: usize,
    /// The first.
    pub surrogate: u32,
}

impl Unencodable {
    fn first_in(text: &PyStr) -> Self {
        let is_surrogate = |code_point: &u32| (0xD800..0xE000).contains(code_point);
        let run = text.code_points().skip_while(|c| !is_surrogate(c));
        let run = run.take_while(is_surrogate);
        Self {
            length: run.clone().count(),
            surrogate: run.clone().next().unwrap_or_default(),
        }
    }

    /// Python's class and words, without the position in whatever the text is encoded with.
    pub fn message(&self) -> String {
        let what = match self.length {
            1 => format!("character '\\u{:04x}'", self.surrogate),
            _ => "characters".to_owned(),
        };
        format!("UnicodeEncodeError: 'utf-8' codec can't encode {what}: surrogates not allowed")
    }
}

/// The code points of a [`PyStr`].
#[derive(Clone)]
pub struct CodePoints<'a> {
    rest: &'a [u8],
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&first, _) = self.rest.split_first()?;
        let (length, mut code_point) = match first {
            0..=0x7F => (1, u32::from(first)),
            0x80..=0xDF => (2, u32::from(first & 0x1F)),
            0xE0..=0xEF => (3, u32::from(first & 0x0F)),
            0xF0.. => (4, u32::from(first & 0x07)),
        };
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        for byte in &bytes[1..] {
            code_point = (code_point << 6) | u32::from(byte & 0x3F);
        }
        self.rest = rest;
        Some(code_point)
    }
}

/// Python's `str.isspace` for one code point: the set that `strip()` removes. Rust's `char::is_whitespace`
/// lacks U+001C..=U+001F (reference 17).
pub fn is_space(code_point: u32) -> bool {
    matches!(
        code_point,
        0x09..=0x0D
            | 0x1C..=0x20
            | 0x85
            | 0xA0
            | 0x1680
            | 0x2000..=0x200A
            | 0x2028
            | 0x2029
            | 0x202F
            | 0x205F
            | 0x3000
    )
}

/// `text.strip()` for ordinary text, borrowed.
pub fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| is_space(c as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_the_separators_that_rust_keeps() {
        assert_eq!(
            PyStr::from("\u{1c}\u{1f} a\u{200b} \u{3000}").strip(),
            "a\u{200b}"
        );
        assert!(PyStr::from("\u{1d}\t\u{a0}").is_blank());
        assert!(!PyStr::from("\u{200b}").is_blank());
    }

    #[test]
    fn keeps_lone_surrogates_and_says_that_they_cannot_be_encoded() {
        let text: PyStr = [0x61, 0xD83D, 0xDE00].into_iter().collect();
        assert_eq!(text.as_str(), None);
        assert_eq!(text.code_points().collect::<Vec<_>>(), [0x61, 0xD83D, 0xDE00]);
        assert_eq!(text.to_display(), "a\\ud83d\\ude00");
        assert_eq!(
            text.encodable().unwrap_err().message(),
            "UnicodeEncodeError: 'utf-8' codec can't encode characters: surrogates not allowed"
        );
    }

    #[test]
    fn lowers_a_final_sigma_as_python_does() {
        assert_eq!(PyStr::from("ΣΑΣ").lower(), "σας");
    }
}
