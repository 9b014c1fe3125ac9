//! Characters in published text that nobody sees: finding `hidden-characters`.

/// The first character of a text that is published but cannot be seen, with its byte offset: controls other than
/// tabs and line breaks, bidirectional marks, zero-width characters and tags. What joins emoji or the letters of a
/// script is no surprise: joiners between two characters outside ASCII, tags behind a black flag.
pub fn first_hidden(text: &str) -> Option<(usize, char)> {
    if is_plain(text) {
        return None;
    }
    let mut scan = Scan::default();
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if scan.hides(c, characters.peek().map(|(_, c)| *c)) {
            return Some((at, c));
        }
    }
    None
}

/// Most text is plain; bytes tell that fastest.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| (0x20..0x7F).contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t'))
}

/// What decides about a character beside itself and the next one.
#[derive(Debug, Default)]
struct Scan {
    before: Option<char>,
    in_flag: bool,
}

impl Scan {
    fn hides(&mut self, c: char, after: Option<char>) -> bool {
        let joins = [self.before.replace(c), after]
            .into_iter()
            .all(|beside| beside.is_some_and(|c| !c.is_ascii()));
        self.in_flag = c == BLACK_FLAG || (self.in_flag && is_tag(c));
        match c {
            '\n' | '\r' | '\t' => false,
            ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => !joins,
            _ if is_tag(c) => !self.in_flag,
            _ => c.is_control() || is_invisible(c),
        }
    }
}

/// [`first_hidden`] of a text that comes in pieces.
#[derive(Debug, Default)]
pub struct HiddenScan {
    scan: Scan,
    /// The last character so far: what follows it is not known yet.
    last: Option<char>,
    found: Option<char>,
}

impl HiddenScan {
    /// Looks at the next piece.
    pub fn push(&mut self, piece: &str) {
        let mut characters = piece.chars().peekable();
        if let (None, Some(first)) = (self.found, characters.peek()) {
            if let Some(last) = self.last {
                self.look(last, *first);
            }
            if is_plain(piece) {
                self.scan = Scan {
                    before: piece.chars().nth_back(1).or(self.last),
                    in_flag: false,
                };
            } else {
                while let (Some(c), Some(after)) = (characters.next(), characters.peek()) {
                    self.look(c, *after);
                }
            }
            self.last = piece.chars().next_back();
        }
    }

    fn look(&mut self, c: char, after: char) {
        if self.scan.hides(c, Some(after)) {
            self.found = self.found.or(Some(c));
        }
    }

    /// The first hidden character of all pieces.
    pub fn finish(mut self) -> Option<char> {
        let last = self.last.filter(|last| self.scan.hides(*last, None));
        self.found.or(last)
    }
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
        let pieces = ["\u{1f468}\u{200d}", "\u{1f469}", "a", "b", "\u{200d}", "\u{202e}"];
        for cut in 0..=pieces.len() {
            let mut scan = HiddenScan::default();
            scan.push(&pieces[..cut].concat());
            pieces[cut..].iter().for_each(|piece| scan.push(piece));
            assert_eq!(scan.finish(), Some('\u{200d}'), "{cut}");
        }
        assert_eq!(without_hidden("\u{feff}AC\u{200b}ME"), "ACME");
    }
}
