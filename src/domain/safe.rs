//! Text from outside made safe to draw and print: nothing in it can move the cursor, hide or reorder what is shown.
//!
//! Controls become pictures (`␛`), invisible and reordering characters become `⟨U+202E⟩`; nothing is dropped
//! silently (research/reliability.md section 2.4).

use std::fmt;

/// Text that is safe to draw on a terminal as one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safe(String);

/// Most combining marks that stay on one character; further ones become visible marks.
const MAX_MARKS: usize = 4;

impl Safe {
    /// Makes any text safe as one line: line breaks show as `⏎`, tabs as four spaces.
    pub fn line(text: &str) -> Self {
        let mut safe = String::with_capacity(text.len());
        let mut marks = 0;
        for c in text.chars() {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            match c {
                '\t' => safe.push_str("    "),
                '\n' => safe.push('⏎'),
                _ if is_mark(c) && safe.is_empty() => safe.extend(['◌', c]),
                _ if marks > MAX_MARKS => push_token(&mut safe, c),
                _ => push_visible(&mut safe, c),
            }
        }
        Self(safe)
    }

    /// Makes any text safe, its line breaks kept as separate lines.
    pub fn lines(text: &str) -> Vec<Self> {
        text.split('\n')
            .map(|line| Self::line(line.strip_suffix('\r').unwrap_or(line)))
            .collect()
    }

    /// Text of our own, known at compile time.
    pub fn own(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The safe text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_visible(safe: &mut String, c: char) {
    match c {
        '\0'..='\u{1f}' => safe.push(char::from_u32(0x2400 + c as u32).unwrap_or('␀')),
        '\u{7f}' => safe.push('␡'),
        _ if is_hidden(c) => push_token(safe, c),
        _ => safe.push(c),
    }
}

fn push_token(safe: &mut String, c: char) {
    *safe += &format!("⟨U+{:04X}⟩", c as u32);
}

/// Characters that a terminal may act on, hide or reorder: C1 controls, format characters, bidi marks, tags,
/// variation selectors, fillers, separators, private use and non-characters.
pub fn is_hidden(c: char) -> bool {
    matches!(c as u32,
        0x80..=0x9F | 0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890 | 0x891 | 0x8E2
        | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0xFFFE | 0xFFFF | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0x1F3FB..=0x1F3FF | 0xE0000..=0xE0FFF | 0xF0000..)
        || (c as u32) & 0xFFFE == 0xFFFE
}

/// Combining marks by width: they draw on the character before them.
fn is_mark(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0) && !c.is_control() && !is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_would_act_on_the_terminal() {
        assert_eq!(
            Safe::line("a\u{1b}[31m\u{202e}b\tc\nd").as_str(),
            "a␛[31m⟨U+202E⟩b    c⏎d"
        );
        assert_eq!(Safe::line("\u{301}x").as_str(), "◌\u{301}x");
        assert_eq!(Safe::line("\u{9b}2J\u{7f}").as_str(), "⟨U+009B⟩2J␡");
    }

    #[test]
    fn caps_stacks_of_marks() {
        let zalgo = format!("a{}", "\u{301}".repeat(6));
        assert!(Safe::line(&zalgo).as_str().ends_with("⟨U+0301⟩⟨U+0301⟩"));
    }
}
