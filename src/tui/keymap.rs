//! The one table of keys: with the user's own keys in it (`remap`) it feeds dispatch, footer, help and `catseye keys`.

use std::borrow::Cow;

use ratatui::crossterm::event::KeyCode;

use super::contexts::{COPYING, KEYS, MENU, MOVING, OPENING, PANES, PLANNING, REPORTING, SECTIONS};
pub use super::key::{Key, UnknownKey, parse_keys};
use super::key::{ch, ctrl, named};
pub use super::remap::{Keymap, name};
use crate::app::action::{Action, Context, Context as C};

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// What the keys do.
    pub action: Action,
    /// The keys; the first is the one that is shown in the footer.
    pub keys: Cow<'static, [Key]>,
    /// Where they do it.
    pub contexts: &'static [Context],
    /// What they do, for the help.
    pub help: &'static str,
    /// What they do, in a word for the footer; empty for keys that everybody knows or that are not first needed.
    pub footer: &'static str,
}

const fn row(
    action: Action,
    keys: &'static [Key],
    contexts: &'static [Context],
    footer: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        action,
        keys: Cow::Borrowed(keys),
        contexts,
        help,
        footer,
    }
}

/// All keys, in the order of help and footer.
pub const BINDINGS: &[Binding] = &[
    row(
        Action::Send,
        &[ch('P')],
        PLANNING,
        "send",
        "send the frozen request, once",
    ),
    row(
        Action::Accept,
        &[ch('a')],
        &[C::Plan],
        "accept",
        "accept the finding under the cursor, or take that back",
    ),
    row(
        Action::Plan,
        &[ch('p')],
        PLANNING,
        "plan",
        "freeze the request and show it",
    ),
    row(
        Action::Resend,
        &[ch('R')],
        &[C::Journal],
        "send again",
        "journal: freeze the same key and bytes of an unknown attempt; P sends them",
    ),
    row(
        Action::Open,
        &[named(KeyCode::Enter)],
        OPENING,
        "open",
        "open the detail or the fold; start the search",
    ),
    row(
        Action::Unfold,
        &[ch('l'), named(KeyCode::Right)],
        &[C::Payload],
        "unfold",
        "open the fold",
    ),
    row(
        Action::Fold,
        &[ch('h'), named(KeyCode::Left)],
        &[C::Payload],
        "fold",
        "close the fold, or the one around",
    ),
    row(
        Action::UnfoldLevel,
        &[ch('L')],
        &[C::Payload],
        "level",
        "open the folds of one level more",
    ),
    row(Action::FoldAll, &[ch('H')], &[C::Payload], "", "close all folds"),
    row(
        Action::Bytes,
        &[ch('b')],
        &[C::Rows, C::Payload],
        "bytes",
        "the value as text, as it is sent, and in hex",
    ),
    row(
        Action::Back,
        &[named(KeyCode::Esc)],
        C::ALL,
        "back",
        "one step back: close, stop what is under way, take the filter back",
    ),
    row(
        Action::NextScene,
        &[ch('>')],
        SECTIONS,
        "next scene",
        "demo: the next scene",
    ),
    row(
        Action::CopyMenu,
        &[ch('y')],
        COPYING,
        "copy",
        "open the copy menu",
    ),
    row(
        Action::CopyValue,
        &[ch('v')],
        MENU,
        "value",
        "copy the value, or the fix of a finding",
    ),
    row(Action::CopyPath, &[ch('p')], MENU, "path", "copy where it is"),
    row(Action::CopyRow, &[ch('r')], MENU, "row", "copy the line"),
    row(
        Action::CopyJson,
        &[ch('j')],
        MENU,
        "JSON",
        "copy the JSON as it is sent",
    ),
    row(
        Action::CopyPayload,
        &[ch('b')],
        MENU,
        "payload",
        "copy the whole body",
    ),
    row(
        Action::CopyCurl,
        &[ch('c')],
        MENU,
        "curl",
        "copy a curl command, the token as a variable",
    ),
    row(
        Action::CopyRoutingKey,
        &[ch('k')],
        MENU,
        "routing key",
        "copy provider, workspace, type and id",
    ),
    row(
        Action::CopyIdempotencyKey,
        &[ch('i')],
        MENU,
        "idempotency key",
        "copy the idempotency key",
    ),
    row(
        Action::Report,
        &[ch('R')],
        REPORTING,
        "",
        "write a redacted report for a bug report; in the copy menu, copy it",
    ),
    row(
        Action::CopyToFile,
        &[ch('>')],
        MENU,
        "to a file",
        "then a letter: write to a new file of mode 0600",
    ),
    row(
        Action::Search,
        &[ch('/')],
        SECTIONS,
        "search",
        "search for a text",
    ),
    row(
        Action::Filter,
        &[ch('f')],
        &[C::Rows],
        "filter",
        "filter: words, field:value, /regex/, ~letters, ! for not",
    ),
    row(
        Action::Sort,
        &[ch('s')],
        &[C::Rows, C::SortMenu],
        "sort",
        "sort by a field; in the menu, turn the order round",
    ),
    row(
        Action::Palette,
        &[ch(':')],
        SECTIONS,
        "go to",
        "palette: actions by name; a row (500), 50%, a byte (@123) or issues[3].title",
    ),
    row(
        Action::PickNext,
        &[named(KeyCode::Down), ctrl('n')],
        &[C::Palette],
        "next",
        "palette: the next choice",
    ),
    row(
        Action::PickPrevious,
        &[named(KeyCode::Up), ctrl('p')],
        &[C::Palette],
        "",
        "palette: the choice before",
    ),
    row(Action::SearchNext, &[ch('n')], SECTIONS, "", "next hit"),
    row(Action::SearchPrevious, &[ch('N')], SECTIONS, "", "previous hit"),
    row(
        Action::Edit,
        &[ch('e')],
        &[C::Route, C::Sources, C::Detail],
        "edit",
        "open $EDITOR at the line",
    ),
    row(
        Action::Browse,
        &[ch('o')],
        &[C::Rows, C::Detail],
        "web",
        "the issue's URL: shows its host, enter opens it",
    ),
    row(
        Action::Reload,
        &[ch('r')],
        PLANNING,
        "reload",
        "read everything again",
    ),
    row(Action::Down, &[ch('j'), named(KeyCode::Down)], MOVING, "", "down"),
    row(Action::Up, &[ch('k'), named(KeyCode::Up)], MOVING, "", "up"),
    row(Action::HalfPageDown, &[ctrl('d')], MOVING, "", "half a page down"),
    row(Action::HalfPageUp, &[ctrl('u')], MOVING, "", "half a page up"),
    row(
        Action::PageDown,
        &[named(KeyCode::PageDown), ctrl('f')],
        MOVING,
        "",
        "a page down",
    ),
    row(
        Action::PageUp,
        &[named(KeyCode::PageUp), ctrl('b')],
        MOVING,
        "",
        "a page up",
    ),
    row(
        Action::Top,
        &[ch('g'), named(KeyCode::Home)],
        MOVING,
        "",
        "to the first line",
    ),
    row(
        Action::Bottom,
        &[ch('G'), named(KeyCode::End)],
        MOVING,
        "",
        "to the last line",
    ),
    row(
        Action::ShowRoute,
        &[ch('1')],
        SECTIONS,
        "",
        "Route: findings, evidence, derivation",
    ),
    row(
        Action::ShowIssues,
        &[ch('2')],
        SECTIONS,
        "",
        "Issues as they are published",
    ),
    row(
        Action::ShowMappings,
        &[ch('3')],
        SECTIONS,
        "",
        "Mappings with their issues",
    ),
    row(Action::ShowCheckpoint, &[ch('4')], SECTIONS, "", "Checkpoint"),
    row(
        Action::ShowPayload,
        &[ch('5')],
        SECTIONS,
        "",
        "Payload: the body as a tree",
    ),
    row(
        Action::ShowSources,
        &[ch('6')],
        SECTIONS,
        "",
        "Sources: the files, secrets masked",
    ),
    row(
        Action::ShowJournal,
        &[ch('7')],
        SECTIONS,
        "",
        "Journal of publishes",
    ),
    row(
        Action::NextSection,
        &[named(KeyCode::Tab)],
        SECTIONS,
        "",
        "next section",
    ),
    row(
        Action::PreviousSection,
        &[named(KeyCode::BackTab)],
        SECTIONS,
        "",
        "previous section",
    ),
    row(
        Action::ToOrigin,
        &[ch('t')],
        SECTIONS,
        "",
        "to where the value comes from",
    ),
    row(
        Action::ToFed,
        &[ch('T')],
        SECTIONS,
        "",
        "to what the source or row feeds",
    ),
    row(
        Action::Changes,
        &[ch('d')],
        SECTIONS,
        "diff",
        "what changed since the last delivered publish",
    ),
    row(
        Action::WhatIf,
        &[ch('w')],
        SECTIONS,
        "what if",
        "evaluate with an input changed in memory",
    ),
    row(
        Action::TakeAway,
        &[ch('x')],
        &[C::WhatIf],
        "take away / put back",
        "what-if: take the input away; put the real one back",
    ),
    row(
        Action::Events,
        &[ch('E')],
        SECTIONS,
        "",
        "what changed on disk, and what that did to the route",
    ),
    row(
        Action::Zoom,
        &[ch('z')],
        PANES,
        "",
        "the pane with the focus alone, or both again",
    ),
    row(
        Action::Mouse,
        &[ch('%')],
        SECTIONS,
        "",
        "mouse on or off: the wheel scrolls, a click selects",
    ),
    row(Action::Help, &[ch('?')], PLANNING, "help", "show the keys"),
    row(
        Action::Quit,
        &[ch('q')],
        KEYS,
        "quit",
        "close what is open; quit when nothing is",
    ),
    row(
        Action::Exit,
        &[ctrl('c')],
        C::ALL,
        "",
        "quit from anywhere; asks once while an answer is awaited",
    ),
    row(
        Action::Suspend,
        &[ctrl('z')],
        C::ALL,
        "",
        "back to the shell until fg",
    ),
];

/// A row's keys as text.
pub fn keys_text(binding: &Binding) -> String {
    let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
    keys.join(" ")
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;

    #[test]
    fn every_action_has_one_row_and_a_help_text() {
        for action in Action::ALL {
            let rows: Vec<_> = BINDINGS.iter().filter(|row| row.action == *action).collect();
            assert_eq!(rows.len(), 1, "{action:?}");
            assert!(!rows[0].keys.is_empty() && !rows[0].contexts.is_empty() && !rows[0].help.is_empty());
        }
    }

    #[test]
    fn no_two_actions_share_a_key_in_a_context() {
        for context in Context::ALL {
            let rows = BINDINGS.iter().filter(|row| row.contexts.contains(context));
            let keys: Vec<Key> = rows.flat_map(|row| row.keys.iter()).copied().collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[..index].contains(key), "{key} twice in {context:?}");
            }
        }
    }

    #[test]
    fn exactly_one_key_sends() {
        let rows = BINDINGS.iter().filter(|row| row.action == Action::Send);
        assert_eq!(
            rows.flat_map(|row| row.keys.iter()).collect::<Vec<_>>(),
            [&ch('P')]
        );
    }

    #[test]
    fn reads_the_keys_of_vim() {
        let keys = parse_keys("p P<enter> <c-d><lt> <s-tab>").unwrap();
        let expected = [
            ch('p'),
            ch('P'),
            named(KeyCode::Enter),
            ctrl('d'),
            ch('<'),
            named(KeyCode::BackTab),
        ];
        assert_eq!(keys, expected);
        assert_eq!(parse_keys("<nope>"), Err(UnknownKey("<nope>".to_owned())));
        assert!(parse_keys("<").is_err());
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let shifted = KeyEvent::new(KeyCode::Char('p'), KeyModifiers::SHIFT);
        assert_eq!(Key::of(shifted), Some(ch('P')));
        assert_eq!(
            Key::of(KeyEvent::new(KeyCode::Char('P'), KeyModifiers::ALT)),
            None
        );
    }
}
