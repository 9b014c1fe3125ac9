//! ASCII stand-ins for the glyphs that catseye draws with, for terminals and fonts that lack them or draw them two
//! cells wide. Each takes one cell, as the glyph does. Text from outside keeps its letters.

use std::borrow::Cow;

/// What stands for a glyph; `None` for letters of the world and for ASCII.
pub fn stand_in(glyph: char) -> Option<char> {
    let ascii = match glyph {
        '…' => '~',
        '⋯' => ':',
        '·' | '◌' => '.',
        '–' | '─' | '━' => '-',
        '•' | '≈' => '*',
        '×' => 'x',
        '✗' => 'X',
        '⊘' => '/',
        '▲' | '↑' => '^',
        '↓' | '▾' => 'v',
        '→' | '▸' | '⟩' => '>',
        '⟨' => '<',
        '⏎' => '$',
        '█' => '@',
        '│' => '|',
        '═' => '=',
        '✓' | '┌' | '┐' | '└' | '┘' => '+',
        '║' | '╔' | '╗' | '╚' | '╝' => '#',
        // Pictures of control characters.
        '\u{2400}'..='\u{2421}' => '?',
        _ => return None,
    };
    Some(ascii)
}

/// A text with stand-ins for all glyphs.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| stand_in(c).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_glyphs_and_keeps_letters() {
        assert_eq!(ascii("✗ 支払い → null …"), "X 支払い > null ~");
        assert!(matches!(ascii("plain"), Cow::Borrowed("plain")));
    }
}
