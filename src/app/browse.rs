//! The issue's page on the web: asked for, then opened by a second key; and what the mouse does.

use super::action::Context;
use super::effect::Effect;
use super::model::{Model, Overlay, Section, Toast};
use super::navigate;
use super::spot::SpotOf;
use super::update::open;
use crate::domain::web_link::WebLink;

/// Lines that one step of the wheel moves.
const WHEEL: isize = 3;

/// The link of the issue under the cursor, or why there is none to open.
pub(super) fn link(model: &Model) -> Result<WebLink, String> {
    let url = match model.section {
        Section::Issues => {
            let facts = model.issues.current().and_then(|row| row.published.as_ref().ok());
            facts.and_then(|facts| facts.issue.reference.url.clone())
        }
        Section::Mappings => model
            .mappings
            .current()
            .and_then(|row| row.mapping.external_url.clone()),
        _ => None,
    };
    let url = url.ok_or("there is no URL here")?;
    WebLink::parse(&url).map_err(|reason| format!("not opened: {reason}"))
}

/// Shows where the link leads.
pub(super) fn ask(model: &mut Model) {
    if let Ok(link) = link(model) {
        open(model, Overlay::Link(link));
    }
}

/// Tells what became of it.
pub(super) fn opened(model: &mut Model, result: Result<String, String>) {
    model.toast = Some(match result {
        Ok(text) => Toast::good(text),
        Err(reason) => Toast::bad(format!("not opened: {reason}")),
    });
}

/// Turns the mouse on or off.
pub(super) fn toggle_mouse(model: &mut Model) -> Vec<Effect> {
    model.mouse.on = !model.mouse.on;
    let text = if model.mouse.on {
        "mouse on: the wheel scrolls, a click selects; most terminals select text with shift"
    } else {
        "mouse off: it is the terminal's again"
    };
    model.toast = Some(Toast::plain(text));
    vec![Effect::Mouse(model.mouse.on)]
}

/// Moves what has the focus.
pub(super) fn wheel(model: &mut Model, down: bool) {
    navigate::move_by(model, if down { WHEEL } else { -WHEEL });
}

/// Selects what is at a cell of the screen as it was drawn.
pub(super) fn click(model: &mut Model, (x, y): (u16, u16)) {
    let Some(spot) = model
        .mouse
        .spots
        .iter()
        .rev()
        .find(|spot| spot.holds(x, y))
        .copied()
    else {
        return;
    };
    let in_section = !matches!(
        model.context(),
        Context::Plan | Context::Waiting | Context::Outcome
    ) && model.overlay.is_none();
    match spot.of {
        SpotOf::Tab(section) if in_section => navigate::show(model, section),
        SpotOf::List { first, cursor } if in_section || model.context() == Context::SortMenu => {
            model.detail = false;
            let wanted = first + usize::from(y - spot.y);
            let delta = isize::try_from(wanted).unwrap_or(0) - isize::try_from(cursor).unwrap_or(0);
            navigate::move_by(model, delta);
        }
        _ => {}
    }
}
