//! The one table of keys: with the user's own keys in it (`remap`) it feeds dispatch, footer, help and `catseye keys`.

use std::borrow::Cow;

use ratatui::crossterm::event::KeyCode as K;

use super::contexts::{COPYING, KEYS, MENU, MOVING, OPENING, PANES, PLANNING, REPORTING, SECTIONS};
pub use super::key::{Key, UnknownKey, parse_keys};
use super::key::{ch, ctrl, named};
pub use super::remap::{Keymap, name};
use crate::app::action::{Action, Action as A, Context, Context as C};

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
        A::Send,
        &[ch('P')],
        PLANNING,
        "send",
        "send the frozen request, once",
    ),
    row(
        A::Accept,
        &[ch('a')],
        &[C::Plan],
        "accept",
        "accept the finding under the cursor, or take that back",
    ),
    row(
        A::Plan,
        &[ch('p')],
        PLANNING,
        "plan",
        "freeze the request and show it",
    ),
    row(
        A::Resend,
        &[ch('R')],
        &[C::Journal],
        "send again",
        "journal: freeze the same key and bytes of an unknown attempt; P sends them",
    ),
    row(
        A::Open,
        &[named(K::Enter)],
        OPENING,
        "open",
        "open the detail or the fold; start the search",
    ),
    row(
        A::Unfold,
        &[ch('l'), named(K::Right)],
        &[C::Payload],
        "unfold",
        "open the fold",
    ),
    row(
        A::Fold,
        &[ch('h'), named(K::Left)],
        &[C::Payload],
        "fold",
        "close the fold, or the one around",
    ),
    row(
        A::UnfoldLevel,
        &[ch('L')],
        &[C::Payload],
        "level",
        "open the folds of one level more",
    ),
    row(A::FoldAll, &[ch('H')], &[C::Payload], "", "close all folds"),
    row(
        A::Bytes,
        &[ch('b')],
        &[C::Rows, C::Payload],
        "bytes",
        "the value as text, as it is sent, and in hex",
    ),
    row(
        A::Back,
        &[named(K::Esc)],
        C::ALL,
        "back",
        "one step back: close, stop what is under way, take the filter back",
    ),
    row(
        A::NextScene,
        &[ch('>')],
        SECTIONS,
        "next scene",
        "demo: the next scene",
    ),
    row(A::CopyMenu, &[ch('y')], COPYING, "copy", "open the copy menu"),
    row(
        A::CopyValue,
        &[ch('v')],
        MENU,
        "value",
        "copy the value, or the fix of a finding",
    ),
    row(A::CopyPath, &[ch('p')], MENU, "path", "copy where it is"),
    row(A::CopyRow, &[ch('r')], MENU, "row", "copy the line"),
    row(
        A::CopyJson,
        &[ch('j')],
        MENU,
        "JSON",
        "copy the JSON as it is sent",
    ),
    row(A::CopyPayload, &[ch('b')], MENU, "payload", "copy the whole body"),
    row(
        A::CopyCurl,
        &[ch('c')],
        MENU,
        "curl",
        "copy a curl command, the token as a variable",
    ),
    row(
        A::CopyRoutingKey,
        &[ch('k')],
        MENU,
        "routing key",
        "copy provider, workspace, type and id",
    ),
    row(
        A::CopyIdempotencyKey,
        &[ch('i')],
        MENU,
        "idempotency key",
        "copy the idempotency key",
    ),
    row(
        A::Report,
        &[ch('R')],
        REPORTING,
        "",
        "write a redacted report for a bug report; in the copy menu, copy it",
    ),
    row(
        A::CopyToFile,
        &[ch('>')],
        MENU,
        "to a file",
        "then a letter: write to a new file of mode 0600",
    ),
    row(A::Search, &[ch('/')], SECTIONS, "search", "search for a text"),
    row(
        A::Filter,
        &[ch('f')],
        &[C::Rows],
        "filter",
        "filter: words, field:value, /regex/, ~letters, ! for not",
    ),
    row(
        A::Sort,
        &[ch('s')],
        &[C::Rows, C::SortMenu],
        "sort",
        "sort by a field; in the menu, turn the order round",
    ),
    row(
        A::Palette,
        &[ch(':')],
        SECTIONS,
        "go to",
        "palette: actions by name; a row (500), 50%, a byte (@123) or issues[3].title",
    ),
    row(
        A::PickNext,
        &[named(K::Down), ctrl('n')],
        &[C::Palette],
        "next",
        "palette: the next choice",
    ),
    row(
        A::PickPrevious,
        &[named(K::Up), ctrl('p')],
        &[C::Palette],
        "",
        "palette: the choice before",
    ),
    row(A::SearchNext, &[ch('n')], SECTIONS, "", "next hit"),
    row(A::SearchPrevious, &[ch('N')], SECTIONS, "", "previous hit"),
    row(
        A::Edit,
        &[ch('e')],
        &[C::Route, C::Sources, C::Detail],
        "edit",
        "open $EDITOR at the line",
    ),
    row(
        A::Browse,
        &[ch('o')],
        &[C::Rows, C::Detail],
        "web",
        "the issue's URL: shows its host, enter opens it",
    ),
    row(A::Reload, &[ch('r')], PLANNING, "reload", "read everything again"),
    row(A::Down, &[ch('j'), named(K::Down)], MOVING, "", "down"),
    row(A::Up, &[ch('k'), named(K::Up)], MOVING, "", "up"),
    row(A::HalfPageDown, &[ctrl('d')], MOVING, "", "half a page down"),
    row(A::HalfPageUp, &[ctrl('u')], MOVING, "", "half a page up"),
    row(
        A::PageDown,
        &[named(K::PageDown), ctrl('f'), ch(' ')],
        MOVING,
        "",
        "a page down",
    ),
    row(A::PageUp, &[named(K::PageUp), ctrl('b')], MOVING, "", "a page up"),
    row(
        A::Top,
        &[ch('g'), named(K::Home)],
        MOVING,
        "",
        "to the first line",
    ),
    row(
        A::Bottom,
        &[ch('G'), named(K::End)],
        MOVING,
        "",
        "to the last line",
    ),
    row(
        A::ShowRoute,
        &[ch('1')],
        SECTIONS,
        "",
        "Route: findings, evidence, derivation",
    ),
    row(
        A::ShowIssues,
        &[ch('2')],
        SECTIONS,
        "",
        "Issues as they are published",
    ),
    row(
        A::ShowMappings,
        &[ch('3')],
        SECTIONS,
        "",
        "Mappings with their issues",
    ),
    row(A::ShowCheckpoint, &[ch('4')], SECTIONS, "", "Checkpoint"),
    row(
        A::ShowPayload,
        &[ch('5')],
        SECTIONS,
        "",
        "Payload: the body as a tree",
    ),
    row(
        A::ShowSources,
        &[ch('6')],
        SECTIONS,
        "",
        "Sources: the files, secrets masked",
    ),
    row(A::ShowJournal, &[ch('7')], SECTIONS, "", "Journal of publishes"),
    row(A::NextSection, &[named(K::Tab)], SECTIONS, "", "next section"),
    row(
        A::PreviousSection,
        &[named(K::BackTab)],
        SECTIONS,
        "",
        "previous section",
    ),
    row(
        A::ToOrigin,
        &[ch('t')],
        SECTIONS,
        "",
        "to where the value comes from",
    ),
    row(
        A::ToFed,
        &[ch('T')],
        SECTIONS,
        "",
        "to what the source or row feeds",
    ),
    row(
        A::Changes,
        &[ch('d')],
        SECTIONS,
        "diff",
        "what changed since the last delivered publish",
    ),
    row(
        A::WhatIf,
        &[ch('w')],
        SECTIONS,
        "what if",
        "evaluate with an input changed in memory",
    ),
    row(
        A::TakeAway,
        &[ch('x')],
        &[C::WhatIf],
        "take away / put back",
        "what-if: take the input away; put the real one back",
    ),
    row(
        A::Events,
        &[ch('E')],
        SECTIONS,
        "",
        "what changed on disk, and what that did to the route",
    ),
    row(
        A::Zoom,
        &[ch('z')],
        PANES,
        "",
        "the pane with the focus alone, or both again",
    ),
    row(
        A::Mouse,
        &[ch('%')],
        SECTIONS,
        "",
        "mouse on or off: the wheel scrolls, a click selects",
    ),
    row(A::Help, &[ch('?')], PLANNING, "help", "show the keys"),
    row(
        A::Quit,
        &[ch('q')],
        KEYS,
        "quit",
        "close what is open; quit when nothing is",
    ),
    row(
        A::Exit,
        &[ctrl('c')],
        C::ALL,
        "",
        "quit from anywhere; asks once while an answer is awaited",
    ),
    row(A::Suspend, &[ctrl('z')], C::ALL, "", "back to the shell until fg"),
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
            named(K::Enter),
            ctrl('d'),
            ch('<'),
            named(K::BackTab),
        ];
        assert_eq!(keys, expected);
        assert_eq!(parse_keys("<nope>"), Err(UnknownKey("<nope>".to_owned())));
        assert!(parse_keys("<").is_err());
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let shifted = KeyEvent::new(K::Char('p'), KeyModifiers::SHIFT);
        assert_eq!(Key::of(shifted), Some(ch('P')));
        assert_eq!(Key::of(KeyEvent::new(K::Char('P'), KeyModifiers::ALT)), None);
    }
}
