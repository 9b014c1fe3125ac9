//! Payloads that are too long to hold: their long texts are cut to the beginning, and the rest is read piece by piece.
//!
//! Only texts that are published as they are stored are cut, and those that are not published at all. What is left is
//! a payload like any other, with the same decisions.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use memchr::{memchr, memchr2};

use super::Issue;
use crate::domain::hidden::HiddenScan;

/// How many texts' worth of bytes a payload may have once it is cut; one that has more is not cut.
const MOST_KEPT: usize = 4;
/// Bytes of the longest escape: two halves of a character.
const LONGEST_ESCAPE: usize = 12;

/// The fields that are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `title`.
    Title,
    /// `body`.
    Body,
    /// What is not sent: stored beside the issue, or under a name that comes again.
    Unsent,
}

impl Field {
    fn of(key: &[u8]) -> Option<Self> {
        match key {
            b"title" => Some(Self::Title),
            b"body" => Some(Self::Body),
            b"raw" | b"custom_fields" => Some(Self::Unsent),
            _ => None,
        }
    }

    /// Its name.
    pub fn path(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
            Self::Unsent => "raw",
        }
    }

    /// Where its text ends in what `write_issue` writes, before the closing quote.
    pub fn end_in(self, issue: &Issue) -> usize {
        let bytes = |json: serde_json::Result<Vec<u8>>| json.map_or(0, |json| json.len());
        let title = r#"{"ref":,"title":"#.len()
            + bytes(serde_json::to_vec(&issue.reference))
            + bytes(serde_json::to_vec(&issue.title));
        match self {
            Self::Title | Self::Unsent => title - 1,
            Self::Body => title + r#","body":"#.len() + bytes(serde_json::to_vec(&issue.body)) - 1,
        }
    }
}

/// The part of a text that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Whose it is.
    pub field: Field,
    /// Its bytes in the stored payload, up to the closing quote.
    pub stored: Range<u64>,
}

/// Cuts a payload that comes in pieces.
pub struct Cutter {
    /// Bytes that are kept of a text.
    kept: usize,
    /// What is left of it.
    text: Vec<u8>,
    rests: Vec<Rest>,
    /// The end of the last piece, where it breaks off within an escape.
    carry: Vec<u8>,
    /// Bytes that have been looked at.
    at: u64,
    depth: usize,
    /// The last text of the outermost object, in `text`.
    key: Range<usize>,
    field: Option<Field>,
    string: Option<Text>,
    /// A name of the outermost object is spelled with escapes: it may be that of a field.
    odd_name: bool,
}

/// The text that the cutter is in.
struct Text {
    /// Where it begins in what is left.
    from: usize,
    /// The field that it may be cut as.
    field: Option<Field>,
    /// Where the rest begins in the payload.
    rest: Option<u64>,
}

impl Cutter {
    /// One that keeps so many bytes of each text that is longer.
    pub fn keeping(kept: usize) -> Self {
        Self {
            kept,
            text: Vec::new(),
            rests: Vec::new(),
            carry: Vec::new(),
            at: 0,
            depth: 0,
            key: 0..0,
            field: None,
            string: None,
            odd_name: false,
        }
    }

    fn can_go_on(&self) -> bool {
        self.text.len() <= self.kept * MOST_KEPT && !self.odd_name
    }

    /// Looks at the next piece; false when the payload cannot be cut.
    pub fn push(&mut self, piece: &[u8]) -> bool {
        let mut bytes = mem::take(&mut self.carry);
        bytes.extend_from_slice(piece);
        let mut at = 0;
        while at < bytes.len() && self.can_go_on() {
            let taken = if self.string.is_some() {
                self.within(&bytes[at..])
            } else {
                self.between(&bytes[at..])
            };
            if taken == 0 {
                break;
            }
            at += taken;
            self.at += taken as u64;
        }
        self.carry = bytes.split_off(at);
        self.can_go_on() && self.carry.len() <= LONGEST_ESCAPE
    }

    /// The payload as it is left, and what was cut off in the order of the body; `None` when it cannot be cut.
    pub fn finish(self) -> Option<(String, Vec<Rest>)> {
        let whole = self.carry.is_empty() && self.string.is_none() && self.depth == 0;
        let text = String::from_utf8(self.text).ok()?;
        let mut rests = self.rests;
        rests.sort_by_key(|rest| rest.field);
        whole.then_some((text, rests))
    }

    /// A byte outside all texts.
    fn between(&mut self, bytes: &[u8]) -> usize {
        let byte = bytes[0];
        self.text.push(byte);
        match byte {
            b'"' => {
                self.string = Some(Text {
                    from: self.text.len(),
                    // Of a title or body that is not a text, spec-kitty publishes what Python prints.
                    field: self
                        .field
                        .filter(|field| self.depth == 1 || *field == Field::Unsent),
                    rest: None,
                });
            }
            b':' if self.depth == 1 => {
                let name = &self.text[self.key.clone()];
                self.odd_name |= name.contains(&b'\\');
                self.field = Field::of(name);
                // Of a key that comes twice the last value counts, but all of it must be JSON.
                for rest in self
                    .rests
                    .iter_mut()
                    .filter(|rest| Some(rest.field) == self.field)
                {
                    rest.field = Field::Unsent;
                }
            }
            b',' if self.depth == 1 => self.field = None,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        1
    }

    /// Bytes within a text, up to its end or an escape.
    fn within(&mut self, bytes: &[u8]) -> usize {
        let Some(text) = &mut self.string else { return 0 };
        let (run, end) = match memchr2(b'"', b'\\', bytes) {
            Some(run) => (run, Some(bytes[run])),
            None => (bytes.len(), None),
        };
        if text.rest.is_none() {
            let kept = text.field.map_or(usize::MAX, |_| self.kept);
            let room = kept.saturating_sub(self.text.len() - text.from);
            let fits = character_start(&bytes[..run], room);
            self.text.extend_from_slice(&bytes[..fits]);
            if fits < run {
                text.rest = Some(self.at + fits as u64);
            }
        }
        match end {
            Some(b'"') => self.close(run),
            Some(_) => run + self.escape(&bytes[run..], run),
            None => run,
        }
    }

    fn close(&mut self, run: usize) -> usize {
        if let Some(text) = self.string.take() {
            if self.depth == 1 {
                self.key = text.from..self.text.len();
            }
            if let (Some(from), Some(field)) = (text.rest, text.field) {
                let stored = from..self.at + run as u64;
                self.rests.push(Rest { field, stored });
            }
        }
        self.text.push(b'"');
        run + 1
    }

    /// An escape behind a run of other bytes; nothing of it when more bytes are needed.
    fn escape(&mut self, bytes: &[u8], run: usize) -> usize {
        let Some(length) = escape_length(bytes) else {
            return 0;
        };
        let Some(text) = &mut self.string else { return 0 };
        if text.rest.is_none() {
            let kept = text.field.map_or(usize::MAX, |_| self.kept);
            if self.text.len() - text.from + length <= kept {
                self.text.extend_from_slice(&bytes[..length]);
            } else {
                text.rest = Some(self.at + run as u64);
            }
        }
        length
    }
}

/// The length of the escape that these bytes begin with, both halves of a character included; `None` when they break
/// off in it.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    if *bytes.get(1)? != b'u' {
        return Some(2);
    }
    let high = matches!(
        bytes.get(2..6)?,
        [b'd' | b'D', b'8' | b'9' | b'a'..=b'b' | b'A'..=b'B', ..]
    );
    if !high {
        return Some(6);
    }
    match (bytes.get(6)?, bytes.get(7)) {
        (b'\\', Some(b'u')) => bytes.get(11).map(|_| 12),
        (b'\\', None) => None,
        _ => Some(6),
    }
}

/// The first start of a character at or behind a place: what came before may end within one.
fn character_start(bytes: &[u8], place: usize) -> usize {
    let behind = bytes.iter().skip(place).take_while(|byte| **byte & 0xC0 == 0x80);
    place.min(bytes.len()) + behind.count()
}

/// The rest of a text as it is published, from its stored pieces.
#[derive(Default)]
pub struct Recoder {
    carry: Vec<u8>,
    hidden: HiddenScan,
    bytes: u64,
}

impl Recoder {
    /// One for a text with this beginning.
    pub fn behind(beginning: &str) -> Self {
        let mut recoder = Self::default();
        recoder.hidden.push(beginning);
        recoder
    }

    /// The next piece as it stands in the body; `None` when no body can hold it.
    pub fn push(&mut self, piece: &[u8]) -> Option<String> {
        let mut bytes = vec![b'"'];
        bytes.append(&mut self.carry);
        bytes.extend_from_slice(piece);
        self.carry = bytes.split_off(whole_units(&bytes)?);
        bytes.push(b'"');
        let text: Cow<str> = serde_json::from_slice(&bytes).ok()?;
        self.hidden.push(&text);
        let mut json = serde_json::to_string(&text).ok()?;
        json.pop();
        json.remove(0);
        self.bytes += json.len() as u64;
        Some(json)
    }

    /// How many bytes it has in the body, and the first hidden character of the whole text; `None` when it breaks off.
    pub fn finish(self) -> Option<(u64, Option<char>)> {
        self.carry.is_empty().then(|| (self.bytes, self.hidden.finish()))
    }
}

/// How many of these bytes, a quote and text, are whole characters and escapes.
fn whole_units(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(run) = memchr(b'\\', &bytes[at..]) {
        match escape_length(&bytes[at + run..]) {
            Some(length) => at += run + length,
            None => return Some(at + run),
        }
    }
    match std::str::from_utf8(&bytes[at..]) {
        Ok(_) => Some(bytes.len()),
        Err(error) if error.error_len().is_none() => Some(at + error.valid_up_to()),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::body::write_issue;
    use crate::domain::issue::publish_text;

    const KEPT: usize = 200;

    /// What a payload is published as when it is cut and put together again.
    fn together(payload: &str, piece: usize) -> Option<String> {
        let mut cutter = Cutter::keeping(KEPT);
        for bytes in payload.as_bytes().chunks(piece) {
            assert!(cutter.push(bytes), "{payload:.80}");
        }
        let (text, rests) = cutter.finish()?;
        assert!(text.len() < payload.len() || rests.is_empty());
        let issue = publish_text(&text).ok()?;
        let mut json = Vec::new();
        write_issue(&issue, &mut json).unwrap();
        let mut json = String::from_utf8(json).unwrap();
        for rest in rests.iter().rev() {
            let stored = &payload.as_bytes()
                [usize::try_from(rest.stored.start).unwrap()..usize::try_from(rest.stored.end).unwrap()];
            let mut recoder = Recoder::default();
            let mut recoded = String::new();
            for bytes in stored.chunks(piece) {
                recoded += &recoder.push(bytes)?;
            }
            assert_eq!(recoder.finish()?.0, recoded.len() as u64);
            if rest.field != Field::Unsent {
                json.insert_str(rest.field.end_in(&issue), &recoded);
            }
        }
        Some(json)
    }

    fn whole(payload: &str) -> String {
        let mut json = Vec::new();
        write_issue(&publish_text(payload).unwrap(), &mut json).unwrap();
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn a_cut_payload_is_published_as_the_whole_one() {
        let reference = r#""ref":{"system":"jira","workspace":"w","id":"1"}"#;
        for unit in [
            "b",
            "\\n",
            "\\u00e9",
            "\\ud83d\\ude00",
            "支",
            "\u{301}",
            "\\\\",
            "a\\\"",
            "\\u0000",
        ] {
            let long = unit.repeat(300);
            for payload in [
                format!(r#"{{{reference},"title":"t{long}","body":"x{long}","raw":null}}"#),
                format!(
                    r#"{{"body":"{long}","body":"short","raw":{{"fields":{{"body":"xy{long}"}}}},{reference}}}"#
                ),
                format!(
                    r#"{{{reference},"title":"t","body":["{}"],"custom_fields":{{}}}}"#,
                    &long[..unit.len() * 9]
                ),
            ] {
                for piece in [7, 1_000, 1 << 20] {
                    assert!(
                        together(&payload, piece) == Some(whole(&payload)),
                        "{unit} by {piece}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_no_body_can_hold_is_left_to_those_who_say_why() {
        let long = "x".repeat(KEPT);
        for bad in ["\\ud83d", "\u{1}", "\\x", "\\u12", "\\ud83dx", "\n"] {
            let payload =
                format!(r#"{{"ref":{{"system":"j","workspace":"w","id":"1"}},"body":"{long}{bad}"}}"#);
            for piece in [1, 5, 1_000] {
                assert_eq!(together(&payload, piece), None, "{bad:?}");
            }
        }
        // The last value of a name counts, however it is spelled: only a reader of the whole can tell.
        let long = "x".repeat(300);
        let twice = format!(
            r#"{{"ref":{{"system":"j","workspace":"w","id":"1"}},"title":"{long}","t\u0069tle":"y"}}"#
        );
        assert!(!Cutter::keeping(KEPT).push(twice.as_bytes()));
        for torn in [r#"{"title":"x"#, r#"{"title":"x""#, r#"{"title":"\"#] {
            let mut cutter = Cutter::keeping(KEPT);
            cutter.push(torn.as_bytes());
            assert_eq!(cutter.finish(), None, "{torn}");
        }
    }
}
