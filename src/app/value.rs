//! One value of the body as a page: as text, as it is sent, and byte by byte.

use std::borrow::Cow;

use super::effect::{Effect, Generation, List, Table};
use super::model::{Model, Overlay, Section};
use super::navigate::list_of;
use super::outline::{BodyRow, Outline, counted};
use super::page::{Page, Tone};
use super::rows::in_window;
use super::tree::{Node, TreeLine};
use super::update::open;
use crate::domain::figures::grouped;
use crate::domain::safe::{SafeText, escape_hidden};
use crate::domain::window::{Keyed, LongText, RowKey};

/// Most bytes of a text and of its JSON that a page shows.
const MAX_TEXT: usize = 64 << 10;
/// Most bytes that a page shows in hex.
const MAX_HEX: usize = 4 << 10;
/// What is said where a text is too long to be held.
pub(super) const ONLY_BEGINNING: &str = "only the beginning is here, y > b writes the whole body to a file";
/// Bytes on a line in hex.
const HEX_WIDTH: usize = 16;

/// A value of the body and where it is. A row's own bytes are lent: every frame looks at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its path: `issues[3].title`.
    pub path: String,
    /// Its bytes as they are sent, but for what is [`Self::long`].
    pub json: Cow<'a, str>,
    /// Texts in it of which only the beginning is here.
    pub long: &'a [LongText],
    /// The row that it is in.
    pub row: Option<(Table, RowKey)>,
}

impl Value<'_> {
    /// The text of a string; the JSON of anything else.
    pub fn text(&self) -> String {
        serde_json::from_str(&self.json).unwrap_or_else(|_| self.json.clone().into_owned())
    }

    /// How many bytes it takes in the body.
    pub fn bytes(&self) -> u64 {
        self.json.len() as u64 + self.missing()
    }

    fn missing(&self) -> u64 {
        self.long.iter().map(|text| text.missing).sum()
    }
}

/// The value under the cursor: of the body, or the row of a table.
pub fn under_cursor(model: &Model) -> Option<Value<'_>> {
    match model.section {
        Section::Issues | Section::Mappings => row(model, list_of(model)),
        Section::Payload => in_body(model),
        _ => None,
    }
}

fn in_body(model: &Model) -> Option<Value<'_>> {
    let outline = Outline::of(model);
    let TreeLine { node, value, .. } = outline.line(outline.cursor())?;
    let scalar = |path: String| {
        (!value.starts_with(['[', '{'])).then_some(Value {
            path,
            json: Cow::Owned(value),
            long: &[],
            row: None,
        })
    };
    match node {
        Node::Field(field) => scalar(field.to_owned()),
        Node::Member(field, member) => scalar(format!("{field}.{member}")),
        Node::Row(table, _) => row(model, List::in_body(table)),
        Node::Line(table, key, line) => {
            let Value {
                path,
                json,
                long,
                row,
            } = row(model, List::in_body(table))?;
            let Cow::Borrowed(json) = json else { return None };
            let line = model.tree.lines(table, &key)?.get(line)?;
            Some(Value {
                json: Cow::Borrowed(json.get(line.value.clone())?),
                long: long_within(long, &line.path),
                path: path + &line.path,
                row,
            })
        }
        Node::Above(_) | Node::Below(_) => None,
    }
}

/// The long texts of a row that a part of it holds: `.title` at most one, the whole row all.
fn long_within<'a>(long: &'a [LongText], path: &str) -> &'a [LongText] {
    if path.is_empty() {
        return long;
    }
    let is_it = |text: &LongText| path.strip_prefix('.') == Some(text.path);
    long.iter().position(is_it).map_or(&[], |at| &long[at..=at])
}

/// The row under the cursor of a list.
fn row(model: &Model, list: List) -> Option<Value<'_>> {
    let table = list.table();
    // Through a filter or in another order the number is not that of the body.
    let is_plain = model.arranged(list).is_plain();
    in_window!(&model, list, |window| {
        let row = window.current()?;
        let ordinal = window.ordinal().filter(|_| is_plain);
        Some(Value {
            path: format!("{}{}", table.field(), counted(ordinal)),
            json: Cow::Borrowed(row.json()?),
            long: row.long(),
            row: Some((table, row.key().clone())),
        })
    })
}

/// `b`, and enter on a value that has no fold: shows it, and asks where its row stands in the body.
pub(super) fn show(model: &mut Model) -> Vec<Effect> {
    let Some(value) = under_cursor(model) else {
        return Vec::new();
    };
    let mut page = page(&value);
    let mut effects = Vec::new();
    if let Some((table, key)) = value.row.clone() {
        let generation = model.next_generation();
        page.awaited = Some(generation);
        page.lines
            .insert(0, (Tone::Dim, "looking for its row in the body …".to_owned()));
        effects.push(Effect::Locate {
            generation,
            table,
            key,
        });
    }
    open(model, Overlay::Page(page));
    effects
}

/// Tells where the row of the page stands in the body.
pub(super) fn located(model: &mut Model, generation: Generation, result: Result<u64, String>) {
    let Some(Overlay::Page(page)) = &mut model.overlay else {
        return;
    };
    if page.awaited == Some(generation) {
        page.awaited = None;
        page.lines[0].1 = match result {
            Ok(offset) => format!("its row begins at byte {} of the body", grouped(offset)),
            Err(reason) => reason,
        };
    }
}

fn page(value: &Value<'_>) -> Page {
    let text = value.text();
    let (bytes, missing) = (value.bytes(), value.missing());
    let rest = |bytes: u64, most: usize| {
        let more = bytes.saturating_sub(most as u64);
        let whole = if missing == 0 {
            "y copies them all"
        } else {
            ONLY_BEGINNING
        };
        (more > 0).then(|| (Tone::Dim, format!("… {} bytes more: {whole}", grouped(more))))
    };
    let mut lines = Vec::new();
    if text != value.json {
        let count = text.chars().count() as u64;
        let head = match (missing, count) {
            (0, 1) => "As text, 1 character".to_owned(),
            (0, count) => format!("As text, {} characters", grouped(count)),
            (_, count) => format!("As text, its first {} characters", grouped(count)),
        };
        lines.push((Tone::Head, head));
        lines.extend(
            beginning(&text, MAX_TEXT)
                .split('\n')
                .map(|line| (Tone::Plain, line.to_owned())),
        );
        lines.extend(rest(text.len() as u64 + missing, MAX_TEXT));
        lines.push((Tone::Plain, String::new()));
    }
    lines.push((Tone::Head, format!("As it is sent, {} bytes", grouped(bytes))));
    let sent = beginning(&value.json, MAX_TEXT);
    lines.push((Tone::Plain, escape_hidden(sent).into_owned()));
    lines.extend(rest(bytes, MAX_TEXT));
    lines.push((Tone::Plain, String::new()));
    lines.push((Tone::Head, "Byte by byte".to_owned()));
    lines.extend(hex(value.json.as_bytes()).map(|line| (Tone::Plain, line)));
    lines.extend(rest(bytes, MAX_HEX));
    Page {
        copy: match missing {
            0 => Ok(SafeText::of(&text)),
            _ => Err(ONLY_BEGINNING),
        },
        ..Page::new(&value.path, lines)
    }
}

fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Lines as `0000  7b 22 72 65  {"re`.
fn hex(bytes: &[u8]) -> impl Iterator<Item = String> {
    let shown = &bytes[..bytes.len().min(MAX_HEX)];
    shown.chunks(HEX_WIDTH).enumerate().map(|(index, chunk)| {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let digits = digits.join(" ");
        let printable = |byte: &u8| {
            if matches!(byte, 0x20..=0x7e) {
                char::from(*byte)
            } else {
                '.'
            }
        };
        let text: String = chunk.iter().map(printable).collect();
        format!("{:04x}  {digits:<48} {text}", index * HEX_WIDTH)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_hex() {
        let lines: Vec<String> = hex("{\"a\":\"支\"}0123456789".as_bytes()).collect();
        assert_eq!(
            lines[0],
            "0000  7b 22 61 22 3a 22 e6 94 af 22 7d 30 31 32 33 34  {\"a\":\"...\"}01234"
        );
        assert_eq!(
            lines[1],
            "0010  35 36 37 38 39                                   56789"
        );
    }
}
