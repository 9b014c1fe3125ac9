//! The what-if overlay: pick an input, type another value, see what would come of it. Nothing of it is real; closing the
//! overlay ends it.

use tui_input::Input;

use super::effect::{Effect, Generation};
use super::model::{Model, Overlay, Toast};
use crate::domain::evaluation::{Route, Verdict};
use crate::domain::finding::Fix;
use crate::domain::mask::BULLETS;
use crate::domain::safe::SafeText;
use crate::domain::what_if::{Change, Difference, Target};

/// What lies over the section.
#[derive(Debug)]
pub struct WhatIf {
    /// The line of the list under the cursor.
    pub cursor: usize,
    /// The value that is typed for that line.
    pub typing: Option<Input>,
    /// The changes that are shown, or asked for.
    pub changes: Vec<Change>,
    /// What comes of them; `None` until the first answer.
    pub hypothesis: Option<Box<Hypothesis>>,
    /// The answer that is awaited, with the changes to go back to when they cannot be made.
    pub awaited: Option<(Generation, Vec<Change>)>,
}

/// What comes of some changes, secrets masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The inputs that can be changed.
    pub inputs: Vec<InputLine>,
    /// Real and hypothetical beside each other.
    pub difference: Difference,
    /// The hypothetical verdict.
    pub verdict: Verdict,
    /// The hypothetical route.
    pub route: Option<Route>,
    /// What would make it real.
    pub fixes: Vec<Fix>,
}

/// An input with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputLine {
    /// Which.
    pub target: Target,
    /// Its value in the hypothesis, or its mask.
    pub value: Option<String>,
    /// What it is in truth, when it is changed.
    pub real: Option<Option<String>>,
}

impl WhatIf {
    /// The input under the cursor; `None` on the line for a further credential.
    pub fn input(&self) -> Option<&InputLine> {
        self.hypothesis.as_ref()?.inputs.get(self.cursor)
    }

    /// How many lines the list has: the last one is for a credential that is not listed.
    pub fn lines(&self) -> usize {
        let hypothesis = self.hypothesis.as_ref();
        hypothesis.map_or(0, |hypothesis| hypothesis.inputs.len() + 1)
    }

    fn move_by(&mut self, delta: isize) {
        let last = self.lines().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(delta).min(last);
    }

    /// What stands before the typed value.
    pub fn prompt(&self) -> String {
        match self.input() {
            Some(input) => format!("{} = ", input.target),
            None => "credentials.".to_owned(),
        }
    }

    /// The typed text as it may be shown, character for character. Of a credential that is not public nothing is, and
    /// of a URL nothing from `://` on while it holds an `@`.
    pub fn shown(&self, typed: &str) -> String {
        let (plain, value, target) = match (self.input(), typed.split_once('=')) {
            (Some(input), _) => ("", typed, input.target.clone()),
            (None, Some((key, value))) => (
                &typed[..=key.len()],
                value,
                Target::Credential(key.trim().to_owned()),
            ),
            (None, None) => return typed.to_owned(),
        };
        if target.shows(value) {
            return typed.to_owned();
        }
        let bullets: String = value.chars().map(|_| '•').collect();
        format!("{plain}{bullets}")
    }
}

/// `w`: opens the overlay on the inputs as they are.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.scroll = 0;
    model.overlay = Some(Overlay::WhatIf(Box::new(WhatIf {
        cursor: 0,
        typing: None,
        changes: Vec::new(),
        hypothesis: None,
        awaited: None,
    })));
    ask(model, Vec::new())
}

/// Moves the cursor.
pub(super) fn move_by(model: &mut Model, delta: isize) {
    if let Some(Overlay::WhatIf(what_if)) = &mut model.overlay {
        what_if.move_by(delta);
    }
}

/// Asks what comes of these changes.
fn ask(model: &mut Model, changes: Vec<Change>) -> Vec<Effect> {
    let generation = model.next_generation();
    let Some(Overlay::WhatIf(what_if)) = &mut model.overlay else {
        return Vec::new();
    };
    let shown = std::mem::replace(&mut what_if.changes, changes.clone());
    // What was asked for and not answered is not what to go back to.
    let before = what_if.awaited.take().map_or(shown, |(_, before)| before);
    what_if.awaited = Some((generation, before));
    vec![Effect::WhatIf { generation, changes }]
}

/// The inputs were read again: what follows from them with the same changes?
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    match model.what_if().map(|what_if| what_if.changes.clone()) {
        Some(changes) => ask(model, changes),
        None => Vec::new(),
    }
}

/// The answer; changes that cannot be made are taken back.
pub(super) fn ready(model: &mut Model, generation: Generation, result: Result<Box<Hypothesis>, String>) {
    let Some(Overlay::WhatIf(what_if)) = &mut model.overlay else {
        return;
    };
    let Some((_, before)) = what_if.awaited.take_if(|(awaited, _)| *awaited == generation) else {
        return;
    };
    match result {
        Ok(hypothesis) => {
            // The cursor stays on its input where lines come and go.
            let input = what_if.input().map(|input| input.target.clone());
            let place = hypothesis
                .inputs
                .iter()
                .position(|line| Some(&line.target) == input.as_ref());
            what_if.hypothesis = Some(hypothesis);
            what_if.cursor = place.unwrap_or(what_if.cursor);
            what_if.move_by(0);
        }
        Err(reason) => {
            what_if.changes = before;
            model.toast = Some(Toast::bad(reason));
        }
    }
}

/// Enter: starts typing a value, or tries the one that was typed.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::WhatIf(what_if)) = &mut model.overlay else {
        return Vec::new();
    };
    let Some(input) = what_if.typing.take() else {
        let value = what_if.input().and_then(|input| input.value.clone());
        let value = value.filter(|value| value != BULLETS).unwrap_or_default();
        what_if.typing = what_if.hypothesis.is_some().then(|| Input::new(value));
        return Vec::new();
    };
    let text = match what_if.input() {
        Some(line) => format!("{}={}", line.target, input.value()),
        None => format!("credentials.{}", input.value()),
    };
    match Change::set(&text) {
        Ok(change) => {
            let mut changes = what_if.changes.clone();
            changes.retain(|known| known.target != change.target);
            changes.push(change);
            ask(model, changes)
        }
        Err(error) => {
            let listed = what_if.input().is_some();
            what_if.typing = Some(input);
            let text = if listed {
                error.to_string()
            } else {
                "write it as KEY=VALUE".to_owned()
            };
            model.toast = Some(Toast::bad(text));
            Vec::new()
        }
    }
}

/// `x`: takes the input under the cursor away; one that is changed gets its real value back.
pub(super) fn take_away(model: &mut Model) -> Vec<Effect> {
    let Some(what_if) = model.what_if() else {
        return Vec::new();
    };
    let Some(target) = what_if.input().map(|input| input.target.clone()) else {
        return Vec::new();
    };
    let mut changes = what_if.changes.clone();
    changes.retain(|change| change.target != target);
    if changes.len() == what_if.changes.len() {
        changes.push(Change { target, value: None });
    }
    ask(model, changes)
}

/// `y`: copies what would make it real.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let hypothesis = model.what_if().and_then(|what_if| what_if.hypothesis.as_ref());
    let fixes = hypothesis.into_iter().flat_map(|hypothesis| &hypothesis.fixes);
    let steps: Vec<String> = fixes.map(Fix::to_copy).collect();
    if steps.is_empty() {
        model.toast = Some(Toast::plain("nothing is changed: enter types another value"));
        return Vec::new();
    }
    vec![Effect::copy_text(
        "what makes it real",
        SafeText::of(&steps.join("\n")),
    )]
}

/// `p` and `P`: there is nothing to publish.
pub(super) fn refuse(model: &mut Model) -> Vec<Effect> {
    let text = "a hypothesis cannot be published: esc to what is real, or make it real (y copies how)";
    model.toast = Some(Toast::bad(text));
    Vec::new()
}

/// One step back: stops typing, or ends the hypothesis.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::WhatIf(what_if)) = &mut model.overlay else {
        return Vec::new();
    };
    if what_if.typing.take().is_some() {
        return Vec::new();
    }
    let awaited = what_if.awaited.take();
    model.overlay = None;
    let stop = awaited.map(|(generation, _)| Effect::Stop { generation });
    stop.into_iter().collect()
}
