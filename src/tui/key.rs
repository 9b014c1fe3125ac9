//! A key of the keyboard: out of the terminal's events, as it is written, as it is shown.

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with ctrl or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// Makes a key for the table.
pub(super) const fn ch(c: char) -> Key {
    named(KeyCode::Char(c))
}

/// Makes a key for the table.
pub(super) const fn ctrl(c: char) -> Key {
    Key {
        code: KeyCode::Char(c),
        ctrl: true,
    }
}

/// Makes a key for the table.
pub(super) const fn named(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

/// The names of keys that are not characters, as in vim and as shown.
const NAMES: &[(KeyCode, &str)] = &[
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::BackTab, "s-tab"),
    (KeyCode::Backspace, "bs"),
    (KeyCode::Delete, "del"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::PageUp, "pageup"),
    (KeyCode::PageDown, "pagedown"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::Char('<'), "lt"),
    (KeyCode::Char(' '), "space"),
];

impl Key {
    /// The key of an event: shift is part of the character, other modifiers but ctrl make no key of ours.
    pub fn of(event: KeyEvent) -> Option<Self> {
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(c) if shift && c.is_ascii_lowercase() => KeyCode::Char(c.to_ascii_uppercase()),
            KeyCode::Tab if shift => KeyCode::BackTab,
            code => code,
        };
        let rest = event.modifiers - KeyModifiers::SHIFT;
        let ctrl = rest == KeyModifiers::CONTROL;
        (ctrl || rest.is_empty()).then_some(Self { code, ctrl })
    }

    /// Whether it types a character.
    pub(super) fn is_typed(self) -> bool {
        !self.ctrl && matches!(self.code, KeyCode::Char(_))
    }

    /// Whether it edits a text that is typed.
    pub(super) fn edits_text(self) -> bool {
        let edits = matches!(
            self.code,
            KeyCode::Char(_)
                | KeyCode::Backspace
                | KeyCode::Delete
                | KeyCode::Left
                | KeyCode::Right
                | KeyCode::Home
                | KeyCode::End
        );
        let by_ctrl = matches!(self.code, KeyCode::Char('u' | 'w' | 'a' | 'e'));
        if self.ctrl { by_ctrl } else { edits }
    }

    /// As the settings and `--keys` write it: `<c-d>`.
    pub fn written(self) -> String {
        match self.to_string() {
            name if name.chars().count() == 1 && name != "<" => name,
            _ if self.code == KeyCode::Char('<') && !self.ctrl => "<lt>".to_owned(),
            name => format!("<{}>", name.replace("ctrl-", "c-")),
        }
    }

    /// The event of a press, for replaying.
    pub fn event(self) -> KeyEvent {
        let modifiers = if self.ctrl {
            KeyModifiers::CONTROL
        } else {
            KeyModifiers::NONE
        };
        KeyEvent::new(self.code, modifiers)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ctrl = if self.ctrl { "ctrl-" } else { "" };
        let name = NAMES
            .iter()
            .find(|(code, _)| *code == self.code && *code != KeyCode::Char('<'));
        match (name, self.code) {
            (Some((_, name)), _) => write!(f, "{ctrl}{name}"),
            (None, KeyCode::Char(c)) => write!(f, "{ctrl}{c}"),
            (None, _) => f.write_str("?"),
        }
    }
}

/// Reads keys written as in vim: `p P <enter> <c-d> <lt>`; blanks between them mean nothing.
pub fn parse_keys(text: &str) -> Result<Vec<Key>, UnknownKey> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, behind) = match rest.find('>') {
            Some(end) if c == '<' => rest.split_at(end + 1),
            _ => rest.split_at(c.len_utf8()),
        };
        rest = behind;
        if !c.is_whitespace() {
            keys.push(parse_key(token).ok_or_else(|| UnknownKey(token.to_owned()))?);
        }
    }
    Ok(keys)
}

fn parse_key(token: &str) -> Option<Key> {
    let mut chars = token.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (c != '<').then_some(ch(c));
    }
    let name = token.strip_prefix('<')?.strip_suffix('>')?.to_ascii_lowercase();
    let (ctrl, name) = match name.strip_prefix("c-") {
        Some(rest) => (true, rest),
        None => (false, name.as_str()),
    };
    let known = NAMES
        .iter()
        .find(|(_, known)| *known == name || (*known == "enter" && name == "cr"));
    let mut single = name.chars();
    let code = match (known, single.next(), single.next()) {
        (Some((code, _)), ..) => *code,
        (None, Some(c), None) if ctrl => KeyCode::Char(c),
        _ => return None,
    };
    Some(Key { code, ctrl })
}

/// A key that is not written as vim writes keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key: write keys as in vim, such as p <enter> <esc> <c-d> <lt>")]
pub struct UnknownKey(pub String);
