//! The keys that are in force: the table with the user's own keys in it, and why some of those were not taken.

use ratatui::crossterm::event::KeyCode;

use super::contexts::MENU;
use super::key::{Key, parse_keys};
use super::keymap::{BINDINGS, Binding, keys_text};
use crate::app::action::{Action, Context};
use crate::domain::fuzzy;
use crate::domain::settings::{KeySetting, Trouble};

/// The keys that are in force.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let rows = BINDINGS.to_vec();
        Self { rows }
    }
}

/// A setting that says something: the number of its row, and its keys.
struct Change<'a> {
    row: usize,
    keys: Vec<Key>,
    setting: &'a KeySetting,
}

impl Keymap {
    /// The table with other keys for some actions. A setting that cannot be taken is told, and its action keeps its
    /// keys.
    pub fn new(settings: &[KeySetting]) -> (Self, Vec<Trouble>) {
        let mut troubles = Vec::new();
        let mut changes: Vec<Change<'_>> = Vec::new();
        for setting in settings {
            match change(setting) {
                Ok(change) if changes.iter().any(|before| before.row == change.row) => {
                    troubles.push(trouble(setting, "stands twice; the first one holds"));
                }
                Ok(change) => changes.push(change),
                Err(reason) => troubles.push(trouble(setting, &reason)),
            }
        }
        loop {
            let keymap = Self::with(&changes);
            let Some((clash, reason)) = keymap.clash(&changes) else {
                return (keymap, troubles);
            };
            let dropped = changes.remove(clash);
            troubles.push(trouble(dropped.setting, &reason));
        }
    }

    fn with(changes: &[Change<'_>]) -> Self {
        let mut keymap = Self::default();
        for change in changes {
            keymap.rows[change.row].keys = change.keys.clone().into();
        }
        keymap
    }

    /// The last change that takes a key which another action has in the same place.
    fn clash(&self, changes: &[Change<'_>]) -> Option<(usize, String)> {
        let (index, change, other, key) = changes.iter().enumerate().rev().find_map(|(index, change)| {
            let (other, key) = self.shared(change.row)?;
            Some((index, change, other, key))
        })?;
        let reason = format!(
            "`{key}` is the key of {} too; {} keeps {}",
            name(other.action),
            name(self.rows[change.row].action),
            keys_text(&BINDINGS[change.row])
        );
        Some((index, reason))
    }

    /// Another row with a key of this one in the same place.
    fn shared(&self, row: usize) -> Option<(&Binding, Key)> {
        let own = &self.rows[row];
        self.rows.iter().enumerate().find_map(|(index, other)| {
            let together = other
                .contexts
                .iter()
                .any(|context| own.contexts.contains(context));
            let key = own.keys.iter().find(|key| other.keys.contains(key))?;
            (index != row && together).then_some((other, *key))
        })
    }

    /// All rows, in the order of help and footer.
    pub fn rows(&self) -> &[Binding] {
        &self.rows
    }

    /// What a key does in a context.
    pub fn action(&self, key: Key, context: Context) -> Option<Action> {
        let binding = self
            .rows
            .iter()
            .find(|row| row.keys.contains(&key) && row.contexts.contains(&context));
        binding.map(|binding| binding.action)
    }

    /// The row of an action.
    pub fn binding(&self, action: Action) -> Option<&Binding> {
        self.rows.iter().find(|row| row.action == action)
    }

    /// The key of an action that is shown.
    pub fn key_name(&self, action: Action) -> String {
        let first = self.binding(action).and_then(|row| row.keys.first());
        first.map(ToString::to_string).unwrap_or_default()
    }

    /// What is pressed for a row: in the copy menu, after the key that opens it.
    pub fn pressed(&self, row: &Binding) -> String {
        let keys = keys_text(row);
        if row.contexts == MENU {
            return format!("{} {keys}", self.key_name(Action::CopyMenu));
        }
        keys
    }

    /// The table as plain text, for `catseye keys`.
    pub fn as_text(&self) -> String {
        let width = self.widest();
        let line = |row: &Binding| format!("{:<width$}  {}\n", self.pressed(row), row.help);
        self.rows.iter().map(line).collect()
    }

    /// The cells of the longest text of keys.
    pub fn widest(&self) -> usize {
        let widths = self.rows.iter().map(|row| self.pressed(row).len());
        widths.max().unwrap_or_default()
    }
}

/// An action's name in the settings: `copy-routing-key`.
pub fn name(action: Action) -> String {
    action.words().replace(' ', "-")
}

fn trouble(setting: &KeySetting, reason: &str) -> Trouble {
    Trouble {
        line: setting.line,
        text: format!("keys: {}: {reason}", setting.action),
    }
}

fn change(setting: &KeySetting) -> Result<Change<'_>, String> {
    let row = BINDINGS.iter().position(|row| name(row.action) == setting.action);
    let row = row.ok_or_else(|| unknown(&setting.action))?;
    let keys = setting.keys.iter().map(|text| one_key(text));
    let keys = keys.collect::<Result<Vec<Key>, String>>()?;
    if keys.is_empty() {
        return Err("an action needs a key".to_owned());
    }
    allowed(&BINDINGS[row], &keys)?;
    Ok(Change { row, keys, setting })
}

fn unknown(wanted: &str) -> String {
    let score = |action: &Action| fuzzy::score(wanted, &name(*action));
    let near = Action::ALL.iter().filter(|action| score(action).is_some());
    match near.max_by_key(|action| score(action)) {
        Some(near) if !wanted.is_empty() => format!("no action is called so; is it {}?", name(*near)),
        _ => "no action is called so; `catseye config` lists them".to_owned(),
    }
}

fn one_key(text: &str) -> Result<Key, String> {
    match parse_keys(text) {
        Ok(keys) if keys.len() == 1 => Ok(keys[0]),
        Ok(_) => Err(format!("`{text}` is not one key; write several as [a, b]")),
        Err(error) => Err(error.to_string()),
    }
}

/// What would make the inspector send by accident, or keep letters from being typed.
fn allowed(row: &Binding, keys: &[Key]) -> Result<(), String> {
    let is_letter = |key: &Key| key.is_typed();
    if row.action == Action::Send && !(keys.len() == 1 && is_letter(&keys[0]) && keys[0] != Key::SPACE) {
        return Err("exactly one key sends, and it is a character".to_owned());
    }
    let types = [Context::Search, Context::Palette]
        .iter()
        .any(|context| row.contexts.contains(context));
    if let Some(key) = keys.iter().find(|key| types && key.edits_text()) {
        return Err(format!("`{key}` is needed where text is typed"));
    }
    if row.action == Action::Exit && !keys.contains(&Key::CTRL_C) {
        return Err("<c-c> always quits: leave it among the keys".to_owned());
    }
    Ok(())
}

impl Key {
    const SPACE: Self = super::key::named(KeyCode::Char(' '));
    const CTRL_C: Self = super::key::ctrl('c');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::key::ch;

    fn set(settings: &[(&str, &[&str])]) -> (Keymap, Vec<String>) {
        let settings: Vec<KeySetting> = settings
            .iter()
            .enumerate()
            .map(|(index, (action, keys))| KeySetting {
                action: (*action).to_owned(),
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                line: Some(index + 1),
            })
            .collect();
        let (keymap, troubles) = Keymap::new(&settings);
        (
            keymap,
            troubles.iter().map(|trouble| trouble.told("c.yaml")).collect(),
        )
    }

    #[test]
    fn keys_can_be_swapped_and_added() {
        let (keymap, troubles) = set(&[("down", &["k", "<down>"]), ("up", &["j"]), ("send", &["X"])]);
        assert_eq!(troubles, Vec::<String>::new());
        assert_eq!(keymap.action(ch('k'), Context::Route), Some(Action::Down));
        assert_eq!(keymap.action(ch('j'), Context::Route), Some(Action::Up));
        assert_eq!(keymap.action(ch('P'), Context::Plan), None);
        assert_eq!(keymap.action(ch('X'), Context::Plan), Some(Action::Send));
    }

    #[test]
    fn what_clashes_is_told_and_keeps_its_keys() {
        let (keymap, troubles) = set(&[("reload", &["j"]), ("help", &["F"]), ("filter", &["F"])]);
        assert_eq!(
            troubles,
            [
                "c.yaml:3: keys: filter: `F` is the key of help too; filter keeps f",
                "c.yaml:1: keys: reload: `j` is the key of down too; reload keeps r"
            ]
        );
        assert_eq!(keymap.action(ch('F'), Context::Rows), Some(Action::Help));
        assert_eq!(keymap.action(ch('r'), Context::Rows), Some(Action::Reload));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (action, keys, told) in [
            ("send", &["<enter>"][..], "exactly one key sends"),
            ("send", &["P", "S"], "exactly one key sends"),
            ("send", &["<space>"], "exactly one key sends"),
            ("send", &["<c-p>"], "exactly one key sends"),
            ("back", &["b"], "needed where text is typed"),
            ("open", &["<bs>"], "needed where text is typed"),
            ("exit", &["<c-q>"], "always quits"),
            ("relod", &["R"], "no action is called so"),
            ("reload", &[], "needs a key"),
            ("reload", &["ab"], "not one key"),
            ("reload", &["<nope>"], "is no key"),
        ] {
            let (keymap, troubles) = set(&[(action, keys)]);
            assert!(
                troubles.len() == 1 && troubles[0].contains(told),
                "{action} {keys:?}: {troubles:?}"
            );
            assert_eq!(keymap.as_text(), Keymap::default().as_text());
        }
    }
}
