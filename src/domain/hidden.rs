//! Characters in published text that nobody sees: finding `hidden-characters`.

/// The first character of a text that is published but cannot be seen, with its byte offset: controls other than
/// tabs and line breaks, bidirectional marks, zero-width characters and tags. What joins emoji or the letters of a
/// script is no surprise: joiners between two characters outside ASCII, tags behind a black flag.
pub fn first_hidden(text: &str) -> Option<(usize, char)> {
    // Most text is plain; bytes tell that fastest.
    if text
        .bytes()
        .all(|byte| (0x20..0x7F).contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t'))
    {
        return None;
    }
    let mut before = None;
    let mut in_flag = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = characters.peek().map(|(_, c)| *c);
        let joins = [before, after]
            .into_iter()
            .all(|beside| beside.is_some_and(|c| !c.is_ascii()));
        in_flag = c == BLACK_FLAG || (in_flag && is_tag(c));
        let hidden = match c {
            '\n' | '\r' | '\t' => false,
            ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => !joins,
            _ if is_tag(c) => !in_flag,
            _ => c.is_control() || is_invisible(c),
        };
        if hidden {
            return Some((at, c));
        }
        before = Some(c);
    }
    None
}

/// The text without every character that [`first_hidden`] would name.
pub fn without_hidden(text: &str) -> String {
    let mut rest = text.to_owned();
    while let Some((at, _)) = first_hidden(&rest) {
        rest.remove(at);
    }
    rest
}

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Flags of regions are this one, with the region's name behind it in tag characters.
const BLACK_FLAG: char = '\u{1f3f4}';

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Zero-width and bidirectional format characters, invisible operators, line and paragraph separators.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_hides_and_leaves_what_joins() {
        for (text, hidden) in [
            ("plain\ttext\nwith lines", None),
            ("Größe 10 €\u{a0}netto", None),
            (
                "family \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} and \u{2764}\u{fe0f}",
                None,
            ),
            ("\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}", None),
            ("می\u{200c}خواهم", None),
            ("pay\u{200b}pal", Some((3, '\u{200b}'))),
            ("a\u{200d}b", Some((1, '\u{200d}'))),
            ("x\u{e0041}", Some((1, '\u{e0041}'))),
            ("\u{202e}gnp.exe", Some((0, '\u{202e}'))),
            ("bell\u{7}", Some((4, '\u{7}'))),
            ("\u{9b}2J", Some((0, '\u{9b}'))),
        ] {
            assert_eq!(first_hidden(text), hidden, "{text:?}");
        }
        assert_eq!(without_hidden("\u{feff}AC\u{200b}ME"), "ACME");
    }
}
