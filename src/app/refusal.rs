//! Why an action can do nothing at the moment: told when its key is pressed, and what draws its hint dim.

use super::action::Action;
use super::model::{Model, Overlay, Section};
use super::publish::Publish;
use super::{arrange, browse, copy, edit, publish, value};

/// Why an action does nothing here and now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<String> {
    let told = |refused: bool, reason: &str| refused.then(|| reason.to_owned());
    let in_menu = matches!(model.overlay, Some(Overlay::Sort(_)));
    match action {
        Action::Filter => told(arrange::table_at_hand(model).is_none(), "nothing to filter here"),
        Action::Sort => told(
            !in_menu && arrange::table_at_hand(model).is_none(),
            "nothing to sort here",
        ),
        Action::Search => told(model.section == Section::Checkpoint, "nothing to search here"),
        Action::SearchNext | Action::SearchPrevious => {
            told(model.search.text.is_empty(), "nothing searched for yet: /")
        }
        Action::Edit => told(edit::line(model).is_none(), "no line of a file to edit here"),
        Action::Browse => browse::link(model).err(),
        Action::Resend if model.what_if().is_some() => None,
        Action::Resend => told(
            publish::open_attempt(model).is_none(),
            "only an attempt whose outcome is unknown is sent again",
        ),
        Action::NextScene => told(model.scene().is_none(), "there are scenes only in the demo"),
        Action::CopyMenu => match &model.overlay {
            Some(Overlay::Page(page)) => page.copy.as_ref().err().map(|&reason| reason.to_owned()),
            _ => None,
        },
        Action::Accept => {
            let nothing =
                matches!(&model.publish, Publish::Confirming(plan) if plan.plan.findings.is_empty());
            told(nothing, "nothing needs to be accepted")
        }
        Action::Suspend => told(cfg!(windows), "Windows has no jobs to stop"),
        Action::Bytes => told(value::under_cursor(model).is_none(), "no value here"),
        Action::Open => told(
            in_section(model) && nothing_to_open(model),
            "there is nothing to open here",
        ),
        _ => None,
    }
}

/// Why an action does nothing here and now, with what sending or a copy would say.
pub fn hindrance(model: &Model, action: Action) -> Option<String> {
    match (action, &model.publish) {
        (Action::Send, Publish::Confirming(confirming)) => {
            confirming.obstacle().map(|obstacle| obstacle.to_string())
        }
        _ if copy::MENU.contains(&action) => copy::refusal(model, action).map(str::to_owned),
        _ => refusal(model, action),
    }
}

fn in_section(model: &Model) -> bool {
    let open = matches!(model.overlay, None | Some(Overlay::Palette(_)));
    open && matches!(model.publish, Publish::Idle)
}

fn nothing_to_open(model: &Model) -> bool {
    match model.section {
        Section::Issues => model.issues.current().is_none(),
        Section::Mappings => model.mappings.current().is_none(),
        Section::Sources => model.source().is_none(),
        Section::Journal => model.attempts().is_empty(),
        _ => false,
    }
}
