//! The palette: every action but sending by its name, and places to go to.

use std::cmp::Reverse;

use tui_input::Input;

use super::action::Action;
use super::effect::Effect;
use super::go_to::{self, GoTo};
use super::model::{Model, Overlay, Toast};
use super::update;
use crate::domain::fuzzy;

/// What is typed, and which choice is picked.
#[derive(Debug, Default)]
pub struct Palette {
    /// The text.
    pub input: Input,
    /// The picked choice, from 0.
    pub picked: usize,
}

/// Something that the palette does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Goes to a place.
    Place(GoTo),
    /// The text looks like a place and is a wrong one.
    Wrong(String),
    /// Does what a key does.
    Action(Action),
}

/// What a text may mean, best first.
pub fn choices(text: &str) -> Vec<Choice> {
    let place = GoTo::parse(text).map(|place| place.map_or_else(Choice::Wrong, Choice::Place));
    if place.is_some() {
        return place.into_iter().collect();
    }
    let listed = Action::ALL.iter().filter(|action| is_listed(**action));
    let mut scored: Vec<(u32, Action)> = listed
        .filter_map(|action| Some((fuzzy::score(text, &action.words())?, *action)))
        .collect();
    // Without a text they keep their order; of equal ones the shorter name is the better match.
    if !text.is_empty() {
        scored.sort_by_key(|(score, action)| (Reverse(*score), action.words().len()));
    }
    scored
        .into_iter()
        .map(|(_, action)| Choice::Action(action))
        .collect()
}

/// Sending has its one key; what moves within the palette is no choice of it.
fn is_listed(action: Action) -> bool {
    !matches!(
        action,
        Action::Send | Action::Palette | Action::PickNext | Action::PickPrevious
    )
}

/// Picks another choice.
pub(super) fn pick(model: &mut Model, next: bool) {
    if let Some(Overlay::Palette(palette)) = &mut model.overlay {
        let count = choices(palette.input.value()).len().max(1);
        let step = if next { 1 } else { count - 1 };
        palette.picked = (palette.picked + step) % count;
    }
}

/// Does what is picked.
pub(super) fn choose(model: &mut Model, palette: Palette) -> Vec<Effect> {
    let choice = choices(palette.input.value()).into_iter().nth(palette.picked);
    match choice {
        Some(Choice::Place(place)) => go_to::go(model, place),
        Some(Choice::Action(action)) => update::act(model, action),
        Some(Choice::Wrong(reason)) => {
            model.toast = Some(Toast::bad(reason));
            model.overlay = Some(Overlay::Palette(palette));
            Vec::new()
        }
        None => {
            model.toast = Some(Toast::plain("nothing is called so"));
            model.overlay = Some(Overlay::Palette(palette));
            Vec::new()
        }
    }
}
