//! The way out: to the shell or to the next scene, not while an answer is awaited, nor with a copy that nobody keeps.

use super::effect::Effect;
use super::model::{Model, Toast};
use super::publish::Publish;
use crate::domain::osc52::Osc52;

/// What comes when the inspector is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeavesFor {
    /// The shell.
    Shell,
    /// The next scene of the demo.
    NextScene,
}

/// Whether the clipboard has a text that ends with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldCopy {
    /// No.
    None,
    /// Yes.
    Held,
    /// Yes, and quitting has asked others to keep it.
    Asked,
}

/// Leaves; while an answer is awaited only when asked twice.
pub(super) fn quit(model: &mut Model, leaves_for: LeavesFor) -> Vec<Effect> {
    model.leaves_for = leaves_for;
    if let Publish::Sending(sending) = &mut model.publish
        && !std::mem::replace(&mut sending.quit_asked, true)
    {
        let text = "an answer is awaited: quitting now leaves the outcome unknown; once more quits";
        model.toast = Some(Toast::bad(text));
        return Vec::new();
    }
    if model.held_copy == HeldCopy::Held {
        model.held_copy = HeldCopy::Asked;
        return vec![Effect::HandOver];
    }
    model.quit = true;
    Vec::new()
}

/// Quits when somebody else keeps the copy; else says that it goes.
pub(super) fn handed_over(model: &mut Model, kept: bool, osc52: Option<Osc52>) -> Vec<Effect> {
    if kept {
        model.quit = true;
        return Vec::new();
    }
    let also = match osc52 {
        Some(_) => " (also sent to the terminal, cannot verify)",
        None => "",
    };
    model.toast = Some(Toast::bad(format!(
        "the copy ends with catseye{also}: once more quits, y > writes a file"
    )));
    osc52.map(Effect::WriteTerminal).into_iter().collect()
}
