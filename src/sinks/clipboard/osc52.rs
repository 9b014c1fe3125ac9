//! The escape sequence that asks a terminal to set its clipboard, and how it gets through tmux and GNU screen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Multiplexer;

/// The longest base64 text that common terminals take (k9s uses the same bound).
pub(super) const MAX_ENCODED: usize = 74_994;

/// screen drops longer strings.
const SCREEN_CHUNK: usize = 76;

/// The bytes to write, or `None` when the text is too long for a terminal.
pub(super) fn sequence(text: &str, through: &Multiplexer) -> Option<Vec<u8>> {
    let encoded = STANDARD.encode(text);
    if encoded.len() > MAX_ENCODED {
        return None;
    }
    let sequence = match through {
        Multiplexer::None => format!("\x1b]52;c;{encoded}\x07"),
        Multiplexer::Tmux(_) => format!("\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\"),
        Multiplexer::Screen => {
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
    Some(sequence.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, through: &Multiplexer) -> String {
        String::from_utf8(sequence(text, through).unwrap()).unwrap()
    }

    #[test]
    fn wraps_for_what_stands_between() {
        assert_eq!(text("é\n", &Multiplexer::None), "\x1b]52;c;w6kK\x07");
        assert_eq!(
            text("é\n", &Multiplexer::Tmux("tmux".into())),
            "\x1bPtmux;\x1b\x1b]52;c;w6kK\x07\x1b\\"
        );
        assert_eq!(text("é\n", &Multiplexer::Screen), "\x1bP\x1b]52;c;w6kK\x07\x1b\\");
        let long = text(&"x".repeat(100), &Multiplexer::Screen);
        let joined = long.replace("\x1b\\\x1bP", "");
        assert_eq!(
            joined,
            format!("\x1bP{}\x1b\\", text(&"x".repeat(100), &Multiplexer::None))
        );
        assert!(long.split("\x1b\\").all(|string| string.len() < 100));
    }

    #[test]
    fn nothing_in_the_text_can_end_the_sequence() {
        let hostile = text("\x07\x1b\\\u{9c}", &Multiplexer::None);
        assert_eq!(hostile.matches(['\x07', '\x1b']).count(), 2);
    }

    #[test]
    fn refuses_what_terminals_cut() {
        let fits = "x".repeat(MAX_ENCODED / 4 * 3);
        assert!(sequence(&fits, &Multiplexer::None).is_some());
        assert!(sequence(&(fits + "xxxx"), &Multiplexer::None).is_none());
    }
}
