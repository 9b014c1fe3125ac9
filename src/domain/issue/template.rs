//! The fast path: rewrites a payload that is exactly as spec-kitty's own writer stores it (reference 52) and needs no
//! coercion, without making a tree of it. Everything else is left to [`super::publish`], which decides and explains.
//!
//! The writer's text is compact ASCII with its keys in one order, and the published keys stand in the same order: so
//! the bytes from `ref` to `labels` are copied as they are read, and `updated_at` is appended. The fixed order leaves
//! no room for missing or repeated keys. What is not sent is checked all the same, because it can make spec-kitty fail
//! (reference 36).

mod scan;

use std::ops::Range;
use std::str;

use super::{ISSUE_TYPES, STATUSES};
use crate::domain::python::{PyStr, isoformat::normalise, text::is_space};
use scan::{Scan, Text};

/// Where in the output the names stand that the audit counts and joins by. None of them is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    workspace: Range<usize>,
    id: Range<usize>,
    key: Option<Range<usize>>,
    url: Option<Range<usize>>,
}

impl Names {
    /// `ref.workspace` in the bytes that were written: UTF-8.
    pub fn workspace<'o>(&self, out: &'o [u8]) -> &'o [u8] {
        &out[self.workspace.clone()]
    }

    /// `ref.id`.
    pub fn id<'o>(&self, out: &'o [u8]) -> &'o [u8] {
        &out[self.id.clone()]
    }

    /// `ref.key`.
    pub fn key<'o>(&self, out: &'o [u8]) -> Option<&'o [u8]> {
        self.key.clone().map(|range| &out[range])
    }

    /// `ref.url`.
    pub fn url<'o>(&self, out: &'o [u8]) -> Option<&'o [u8]> {
        self.url.clone().map(|range| &out[range])
    }
}

/// Appends what is published for a payload, or leaves `out` as it is and says `None`: then [`super::publish`] must
/// tell. What this writes is published unchanged and holds no hidden character.
pub fn rewrite(payload: &[u8], out: &mut Vec<u8>) -> Option<Names> {
    let start = out.len();
    // What is written is never longer than what was read, and whole words may be copied past its end.
    out.resize(start + payload.len() + Scan::SLACK, 0);
    let mut scan = Scan::new(payload, out, start);
    let names = issue(&mut scan);
    let end = if names.is_some() { scan.written() } else { start };
    out.truncate(end);
    names
}

fn issue(scan: &mut Scan) -> Option<Names> {
    scan.copy(b"{\"ref\":{\"system\":")?;
    let system = scan.text()?;
    scan.copy(b",\"workspace\":")?;
    let workspace = scan.text()?;
    scan.copy(b",\"id\":")?;
    let id = scan.text()?;
    scan.copy(b",\"key\":")?;
    let key = scan.text_or_null()?;
    scan.copy(b",\"url\":")?;
    let url = scan.text_or_null()?;
    scan.copy(b"},\"title\":")?;
    let title = scan.text()?;
    for filled in [&system, &workspace, &id, &title] {
        not_blank(scan, filled)?;
    }
    scan.copy(b",\"body\":")?;
    scan.text_or_null()?;
    scan.copy(b",\"status\":")?;
    one_of(scan, &STATUSES)?;
    scan.copy(b",\"issue_type\":")?;
    one_of(scan, &ISSUE_TYPES)?;
    scan.copy(b",\"priority\":")?;
    priority(scan)?;
    scan.copy(b",\"assignees\":")?;
    texts(scan)?;
    scan.copy(b",\"labels\":")?;
    texts(scan)?;
    not_sent(scan)?;
    scan.copy(b",\"updated_at\":")?;
    date(scan)?;
    scan.skip(b",\"raw\":")?;
    scan.skip_value()?;
    scan.copy(b"}")?;
    scan.at_end().then_some(())?;
    Some(Names {
        workspace: plain(workspace)?,
        id: plain(id)?,
        key: key.map_or(Some(None), |key| plain(key).map(Some))?,
        url: url.map_or(Some(None), |url| plain(url).map(Some))?,
    })
}

/// The text's place, if it reads the same as it is written.
fn plain(text: Text) -> Option<Range<usize>> {
    (!text.escaped).then_some(text.range)
}

/// Whether the first character is visible; a text that begins with anything else is left to the slow path.
fn not_blank(scan: &Scan, text: &Text) -> Option<()> {
    let written = scan.out(&text.range);
    let visible = match *written.first()? {
        b'\\' => matches!(written.get(1), Some(b'"' | b'\\')),
        0x21..=0x7E => true,
        // Every white space outside ASCII starts with one of these bytes (reference 17).
        0xC2 | 0xE1..=0xE3 => {
            let first = str::from_utf8(written).ok()?.chars().next()?;
            !is_space(u32::from(first))
        }
        first => first > 0x7F,
    };
    visible.then_some(())
}

fn one_of(scan: &mut Scan, known: &[&str]) -> Option<()> {
    let text = scan.text()?;
    let written = scan.out(&text.range);
    known.iter().any(|name| name.as_bytes() == written).then_some(())
}

fn priority(scan: &mut Scan) -> Option<()> {
    match scan.peek()? {
        b'0'..=b'4' => scan.copy_byte(),
        _ => scan.copy(b"null"),
    }
}

fn texts(scan: &mut Scan) -> Option<()> {
    scan.copy(b"[")?;
    if scan.peek()? != b']' {
        loop {
            scan.text()?;
            if scan.peek()? != b',' {
                break;
            }
            scan.copy_byte()?;
        }
    }
    scan.copy(b"]")
}

/// `parent`, `links`, `custom_fields` and `created_at`.
fn not_sent(scan: &mut Scan) -> Option<()> {
    scan.skip(b",\"parent\":")?;
    if scan.peek()? == b'n' {
        scan.skip(b"null")?;
    } else {
        reference(scan)?;
    }
    scan.skip(b",\"links\":[")?;
    if scan.peek()? != b']' {
        loop {
            scan.skip(b"{\"type\":")?;
            scan.skip_text()?;
            scan.skip(b",\"target\":")?;
            reference(scan)?;
            scan.skip(b"}")?;
            if scan.peek()? != b',' {
                break;
            }
            scan.skip(b",")?;
        }
    }
    scan.skip(b"],\"custom_fields\":")?;
    scan.skip_value()?;
    scan.skip(b",\"created_at\":")?;
    scan.skip_value()
}

/// A reference that is not sent but must be a full one.
fn reference(scan: &mut Scan) -> Option<()> {
    scan.skip(b"{\"system\":")?;
    filled(scan)?;
    scan.skip(b",\"workspace\":")?;
    filled(scan)?;
    scan.skip(b",\"id\":")?;
    filled(scan)?;
    scan.skip(b",\"key\":")?;
    scan.skip_value()?;
    scan.skip(b",\"url\":")?;
    scan.skip_value()?;
    scan.skip(b"}")
}

/// A text that is not sent and begins with a visible character.
fn filled(scan: &mut Scan) -> Option<()> {
    let text = scan.skip_text()?;
    matches!(scan.input(&text).first(), Some(0x21..=0x5B | 0x5D..=0x7E)).then_some(())
}

/// A date that `isoformat()` writes as it stands, or `null`.
fn date(scan: &mut Scan) -> Option<()> {
    if scan.peek()? == b'n' {
        return scan.copy(b"null");
    }
    let text = scan.text()?;
    let written = scan.out(&text.range);
    if is_usual_date(written) {
        return Some(());
    }
    let text = str::from_utf8(written).ok().filter(|_| !text.escaped)?;
    let same = normalise(&PyStr::from(text)).is_some_and(|date| date == text);
    same.then_some(())
}

/// `2026-03-10T12:00:00+00:00` with a day that every month has, and nothing that would be written otherwise.
fn is_usual_date(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 25]>::try_from(text) else {
        return false;
    };
    let mut shape = *text;
    for byte in &mut shape {
        *byte = if byte.is_ascii_digit() { b'0' } else { *byte };
    }
    let two = |at: usize| (text[at] & 15) * 10 + (text[at + 1] & 15);
    shape == *b"0000-00-00T00:00:00+00:00"
        && text[..4] != *b"0000"
        && (1..=12).contains(&two(5))
        && (1..=28).contains(&two(8))
        && two(11) < 24
        && two(14) < 60
        && two(17) < 60
        && two(20) < 24
        && two(23) < 60
}
