//! The escape sequence that asks a terminal to set its clipboard, and how it gets through tmux and GNU screen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The longest base64 text that common terminals take (k9s uses the same bound).
const MAX_ENCODED: usize = 74_994;

/// screen drops longer strings.
const SCREEN_CHUNK: usize = 76;

/// What stands between catseye and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// Nothing.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// The one thing besides frames that is written to the terminal: nothing but base64 is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Osc52(Vec<u8>);

impl Osc52 {
    /// The sequence for a text; `None` when that is too long for a terminal.
    pub fn of(text: &str, through: Through) -> Option<Self> {
        let encoded = STANDARD.encode(text);
        if encoded.len() > MAX_ENCODED {
            return None;
        }
        let sequence = match through {
            Through::Nothing => format!("\x1b]52;c;{encoded}\x07"),
            Through::Tmux => format!("\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\"),
            Through::Screen => {
                let mut wrapped = String::from("\x1bP\x1b]52;c;");
                let mut rest = encoded.as_str();
                while let Some((chunk, more)) = rest.split_at_checked(SCREEN_CHUNK) {
                    wrapped.push_str(chunk);
                    wrapped.push_str("\x1b\\\x1bP");
                    rest = more;
                }
                wrapped + rest + "\x07\x1b\\"
            }
        };
        Some(Self(sequence.into_bytes()))
    }

    /// The bytes to write.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, through: Through) -> String {
        String::from_utf8(Osc52::of(text, through).unwrap().0).unwrap()
    }

    #[test]
    fn wraps_for_what_stands_between() {
        assert_eq!(text("é\n", Through::Nothing), "\x1b]52;c;w6kK\x07");
        assert_eq!(
            text("é\n", Through::Tmux),
            "\x1bPtmux;\x1b\x1b]52;c;w6kK\x07\x1b\\"
        );
        assert_eq!(text("é\n", Through::Screen), "\x1bP\x1b]52;c;w6kK\x07\x1b\\");
        let long = text(&"x".repeat(100), Through::Screen);
        let joined = long.replace("\x1b\\\x1bP", "");
        assert_eq!(
            joined,
            format!("\x1bP{}\x1b\\", text(&"x".repeat(100), Through::Nothing))
        );
        assert!(long.split("\x1b\\").all(|string| string.len() < 100));
    }

    #[test]
    fn nothing_in_the_text_can_end_the_sequence() {
        let hostile = text("\x07\x1b\\\u{9c}", Through::Nothing);
        assert_eq!(hostile.matches(['\x07', '\x1b']).count(), 2);
    }

    #[test]
    fn refuses_what_terminals_cut() {
        let fits = "x".repeat(MAX_ENCODED / 4 * 3);
        assert!(Osc52::of(&fits, Through::Nothing).is_some());
        assert!(Osc52::of(&(fits + "xxxx"), Through::Nothing).is_none());
    }
}
