//! Text from outside made safe to draw and print: nothing in it can move the cursor, hide or reorder what is shown.
//!
//! Controls become pictures (`␛`), invisible and reordering characters become `⟨U+202E⟩`, the rest of an emoji sequence
//! becomes `⟨+2⟩`: whatever is changed leaves a mark, nothing is dropped silently (research/reliability.md section 2.4).
//! Secrets that got here by mistake are taken out, too ([`super::scrub`]).

use std::borrow::Cow;
use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

use super::hidden::first_hidden;
use super::scrub::scrub;

/// Text that is safe to draw on a terminal as one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safe(String);

/// Most combining marks that stay on one character; further ones become visible marks.
const MAX_MARKS: usize = 4;
/// Most bytes of what terminals take for one character; what goes beyond becomes visible marks.
const MAX_CLUSTER: usize = 32;

impl Safe {
    /// Makes any text safe as one line: line breaks show as `⏎`, tabs as `␉` and blanks.
    pub fn line(text: &str) -> Self {
        Self(shape(&scrub(text)).into_owned())
    }

    /// Makes any text safe, its line breaks kept as separate lines.
    pub fn lines(text: &str) -> Vec<Self> {
        text.split('\n')
            .map(|line| Self::line(line.strip_suffix('\r').unwrap_or(line)))
            .collect()
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

/// Whether [`Safe::line`] leaves the text as it is, secrets aside.
pub fn is_shown_as_it_is(text: &str) -> bool {
    shape(text) == text
}

fn shape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        match emoji_of(cluster) {
            Some((first, 0)) => safe.push(first),
            Some((first, more)) => safe += &format!("{first}⟨+{more}⟩"),
            None => push_cluster(&mut safe, cluster),
        }
    }
    Cow::Owned(safe)
}

/// The first character of an emoji sequence and how many are behind it: terminals disagree about how wide sequences
/// with joiners, variation selectors or skin tones are.
fn emoji_of(cluster: &str) -> Option<(char, usize)> {
    let extends = |c: char| matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}');
    let is_emoji = |c: char| matches!(c as u32, 0x2190..=0x2BFF | 0x1F000..=0x1FAFF);
    let mut characters = cluster.chars();
    let first = characters
        .next()
        .filter(|c| is_emoji(*c) && !extends(*c) && !is_regional(*c) && !is_hidden(*c))?;
    let rest = characters.as_str();
    let plain = rest
        .chars()
        .all(|c| extends(c) || (is_emoji(c) && !is_regional(c)));
    plain.then(|| (first, rest.chars().count()))
}

/// Two of these are a flag, whose width nobody disputes.
fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn push_cluster(safe: &mut String, cluster: &str) {
    let mut marks = 0;
    for (at, c) in cluster.char_indices() {
        match c {
            '\t' => safe.push_str("␉   "),
            '\n' => safe.push('⏎'),
            '\0'..='\u{1f}' => safe.push(char::from_u32(0x2400 + c as u32).unwrap_or('␀')),
            '\u{7f}' => safe.push('␡'),
            _ if is_hidden(c) => push_token(safe, c),
            _ if is_mark(c) => {
                marks += 1;
                if marks > MAX_MARKS || at + c.len_utf8() > MAX_CLUSTER {
                    push_token(safe, c);
                } else if at == 0 {
                    safe.extend(['◌', c]);
                } else {
                    safe.push(c);
                }
            }
            _ if at + c.len_utf8() > MAX_CLUSTER => push_token(safe, c),
            _ => safe.push(c),
        }
    }
}

/// Text of several lines that is safe to paste: nothing in it acts on a terminal or hides, and its last line does not
/// end in a break, which would run it. Emoji stay whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeText(String);

impl SafeText {
    /// Makes any text safe to paste.
    pub fn of(text: &str) -> Self {
        let text = scrub(text);
        let text = text.replace("\r\n", "\n").replace('\r', "␍");
        let mut rest = text.trim_end_matches('\n');
        let mut safe = String::with_capacity(rest.len());
        while let Some((at, c)) = first_hidden(rest) {
            let (before, behind) = rest.split_at(at);
            safe.push_str(before);
            safe.push_str(Safe::line(c.encode_utf8(&mut [0; 4])).as_str());
            rest = behind.get(c.len_utf8()..).unwrap_or_default();
        }
        safe.push_str(rest);
        Self(safe)
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
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

/// The text as the inside of a JSON string that hides nothing: whatever [`Safe::line`] would change in JSON is a `\\u`
/// escape, which means the same there. What a JSON encoder wrote is the argument.
pub fn escape_hidden(json: &str) -> Cow<'_, str> {
    // Line breaks are the layout: in strings they are escapes already.
    let must = |c: char| is_hidden(c) || (c.is_control() && c != '\n');
    if !json.chars().any(must) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if must(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped += &format!("\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
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
            "a␛[31m⟨U+202E⟩b␉   c⏎d"
        );
        assert_eq!(Safe::line("\u{301}x").as_str(), "◌\u{301}x");
        assert_eq!(Safe::line("\u{9b}2J\u{7f}").as_str(), "⟨U+009B⟩2J␡");
    }

    #[test]
    fn is_safe_to_paste() {
        let text = SafeText::of("rm -rf \u{1b}[201~\u{202e}x\r\ny\rz 👩\u{200D}🚀\tü\n\n");
        assert_eq!(text.as_str(), "rm -rf ␛[201~⟨U+202E⟩x\ny␍z 👩\u{200D}🚀\tü");
    }

    #[test]
    fn caps_stacks_of_marks() {
        let zalgo = format!("a{}", "\u{301}".repeat(6));
        assert!(Safe::line(&zalgo).as_str().ends_with("⟨U+0301⟩⟨U+0301⟩"));
    }

    #[test]
    fn shows_one_emoji_for_a_sequence_and_how_much_is_behind_it() {
        assert_eq!(Safe::line("👩\u{200D}🚀!").as_str(), "👩⟨+2⟩!");
        assert_eq!(Safe::line("a\u{200D}b").as_str(), "a⟨U+200D⟩b");
        assert_eq!(Safe::line("🇩🇪").as_str(), "🇩🇪");
        assert_eq!(escape_hidden("👩\u{200D}🚀").as_ref(), "👩\\u200d🚀");
    }
}
