//! `:` and a place: a row's number, a part of the table, a byte of the body, a path in it.

use super::effect::{Effect, List, Table};
use super::model::{Model, Section, Toast};
use super::navigate;
use super::rows::in_window;
use super::tree::{Aim, FIELDS, Node};
use crate::domain::window::{PageFrom, RowKey};

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoTo {
    /// A row, from 0; it is shown and typed from 1.
    Row(u64),
    /// A part of the table, in percent.
    Percent(u8),
    /// A byte of the body, from 0.
    Offset(u64),
    /// A value of the body.
    Path {
        /// One of the eleven fields.
        field: &'static str,
        /// The row, for `issues` and `mappings`.
        index: Option<u64>,
        /// The rest of the path.
        member: String,
    },
}

impl GoTo {
    /// Reads a place; `None` when the text is none, an error when it is a wrong one.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let text = text.trim();
        let number = |digits: &str| -> Option<u64> {
            let plain: String = digits.chars().filter(|c| !matches!(c, ',' | '_')).collect();
            plain.parse().ok()
        };
        if let Some(offset) = text.strip_prefix('@') {
            let offset = number(offset).map(Self::Offset);
            return Some(offset.ok_or_else(|| "@ and a byte of the body, as @123456".to_owned()));
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(match text.strip_suffix('%') {
                Some(percent) => match number(percent) {
                    Some(percent @ 0..=100) => Ok(Self::Percent(u8::try_from(percent).unwrap_or(100))),
                    _ => Err("percent go from 0% to 100%".to_owned()),
                },
                None => match number(text) {
                    Some(0) => Err("rows count from 1".to_owned()),
                    Some(row) => Ok(Self::Row(row - 1)),
                    None => Err("a row's number has digits only".to_owned()),
                },
            });
        }
        Self::path(text)
    }

    fn path(text: &str) -> Option<Result<Self, String>> {
        let end = text.find(['[', '.']).unwrap_or(text.len());
        let field = FIELDS.into_iter().find(|field| *field == &text[..end])?;
        let is_list = Table::of_field(field).is_some();
        let rest = &text[end..];
        let (index, rest) = match rest.strip_prefix('[') {
            Some(inner) if is_list => {
                let Some((index, rest)) = inner.split_once(']') else {
                    return Some(Err(format!("{field}[…] is not closed")));
                };
                match index.parse() {
                    Ok(index) => (Some(index), rest),
                    Err(_) => return Some(Err(format!("{field}[0] is the first"))),
                }
            }
            Some(_) => return Some(Err(format!("{field} is no list"))),
            None => (None, rest),
        };
        let member = rest.strip_prefix('.').unwrap_or(rest).to_owned();
        if is_list && index.is_none() && !member.is_empty() {
            return Some(Err(format!("which of the {field}: {field}[0].{member}?")));
        }
        Some(Ok(Self::Path { field, index, member }))
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Row(row) => format!("go to row {}", row + 1),
            Self::Percent(percent) => format!("go to {percent} % of the table"),
            Self::Offset(offset) => format!("go to byte {offset} of the body"),
            Self::Path { field, index, member } => {
                let index = index.map_or(String::new(), |index| format!("[{index}]"));
                let dot = if member.is_empty() { "" } else { "." };
                format!("go to {field}{index}{dot}{member} of the body")
            }
        }
    }
}

/// Goes there.
pub(super) fn go(model: &mut Model, place: GoTo) -> Vec<Effect> {
    match place {
        GoTo::Row(row) => to_row(model, PageFrom::Row(row)),
        GoTo::Percent(percent) => to_row(model, PageFrom::Percent(percent)),
        GoTo::Offset(offset) => to_byte(model, offset),
        GoTo::Path { field, index, member } => to_path(model, field, index, member),
    }
}

fn to_row(model: &mut Model, from: PageFrom) -> Vec<Effect> {
    if !matches!(
        model.section,
        Section::Issues | Section::Mappings | Section::Payload
    ) {
        to_line(model, &from);
        return Vec::new();
    }
    if !has_rows(model) {
        return Vec::new();
    }
    model.detail = false;
    let list = navigate::list_of(model);
    to_list_row(model, list, from, String::new())
}

/// Whether there are rows to go to; says so when there are none.
fn has_rows(model: &mut Model) -> bool {
    let has_rows = model.has_rows();
    if !has_rows {
        model.toast = Some(Toast::plain("there are no rows to go to"));
    }
    has_rows
}

/// Lines of sections that are short.
fn to_line(model: &mut Model, from: &PageFrom) {
    let last = navigate::list_len(model, model.section).saturating_sub(1);
    let line = match from {
        PageFrom::Row(row) => usize::try_from(*row).unwrap_or(usize::MAX),
        PageFrom::Percent(percent) => last * usize::from(*percent) / 100,
        _ => 0,
    };
    model.cursors[model.section as usize] = line.min(last);
}

fn to_list_row(model: &mut Model, list: List, from: PageFrom, member: String) -> Vec<Effect> {
    let at_hand = match from {
        PageFrom::Row(row) => in_window!(&mut model, list, |window| window.select_number(row)),
        _ => false,
    };
    if matches!(list, List::BodyIssues | List::BodyMappings) {
        model.tree.aim = Some(Aim {
            table: list.table(),
            member,
        });
    }
    if at_hand {
        navigate::take_aim(model);
        return Vec::new();
    }
    vec![model.fetch(list, from, 0)]
}

fn to_byte(model: &mut Model, offset: u64) -> Vec<Effect> {
    if !has_rows(model) {
        return Vec::new();
    }
    navigate::show(model, Section::Payload);
    let generation = model.next_generation();
    model.seeking = Some(generation);
    vec![Effect::Seek { generation, offset }]
}

/// Goes to the row that holds the byte.
pub(super) fn sought(model: &mut Model, result: Result<(Table, RowKey), String>) -> Vec<Effect> {
    match result {
        Ok((table, key)) => navigate::to_body_row(model, table, key),
        Err(reason) => {
            model.toast = Some(Toast::plain(reason));
            Vec::new()
        }
    }
}

fn to_path(model: &mut Model, field: &'static str, index: Option<u64>, member: String) -> Vec<Effect> {
    navigate::show(model, Section::Payload);
    if let Some((table, index)) = Table::of_field(field).zip(index) {
        if !has_rows(model) {
            return Vec::new();
        }
        model.tree.open.insert(Node::Field(field));
        return to_list_row(model, List::in_body(table), PageFrom::Row(index), member);
    }
    model.tree.cursor = if member.is_empty() {
        Node::Field(field)
    } else {
        model.tree.open.insert(Node::Field(field));
        Node::Member(field, member)
    };
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_parts_bytes_and_paths() {
        let parsed = |text: &str| GoTo::parse(text).unwrap().unwrap();
        assert_eq!(parsed("500,000"), GoTo::Row(499_999));
        assert_eq!(parsed(" 50% "), GoTo::Percent(50));
        assert_eq!(parsed("@123456"), GoTo::Offset(123_456));
        let path = |field, index, member: &str| GoTo::Path {
            field,
            index,
            member: member.to_owned(),
        };
        assert_eq!(parsed("issues[1234].title"), path("issues", Some(1234), "title"));
        assert_eq!(parsed("checkpoint.cursor"), path("checkpoint", None, "cursor"));
        assert_eq!(parsed("provider"), path("provider", None, ""));
        for wrong in [
            "0",
            "101%",
            "@x",
            "12x",
            "issues[",
            "issues[a]",
            "issues.title",
            "provider[0]",
        ] {
            assert!(GoTo::parse(wrong).unwrap().is_err(), "{wrong}");
        }
        assert_eq!(GoTo::parse("reload"), None);
        assert_eq!(GoTo::parse(""), None);
    }
}
