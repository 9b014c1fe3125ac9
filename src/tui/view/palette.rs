//! The palette: actions by name and places to go to.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::text::{Runs, fit, grouped, plain, put, run};
use super::{View, pane};
use crate::app::action::Action;
use crate::app::go_to::GoTo;
use crate::app::palette::{Choice, Palette, choices};
use crate::app::refusal::hindrance;

/// Names of actions.
const NAME_CELLS: usize = 22;
/// Their keys.
const KEY_CELLS: usize = 12;

/// Draws the choices.
pub fn draw(view: View<'_>, palette: &Palette, area: Rect, buf: &mut Buffer) -> usize {
    let inner = pane::frame(view, "Go to, or do", true, area, buf);
    let [hint, list] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
    let text = "500 row · 50% · @123 byte of the body · issues[3].title · or an action by name";
    put(&[run(text, view.theme.dim())], hint, buf);
    let choices = choices(palette.input.value());
    let runs: Vec<Runs> = choices.iter().map(|choice| choice_runs(view, choice)).collect();
    pane::list(view, &runs, palette.picked, list, buf);
    0
}

fn choice_runs(view: View<'_>, choice: &Choice) -> Runs {
    match choice {
        Choice::Place(GoTo::Row(row)) => vec![plain(format!("go to row {}", grouped(row + 1)))],
        Choice::Place(place) => vec![plain(place.words())],
        Choice::Wrong(reason) => vec![run(format!("✗ {reason}"), view.theme.bad())],
        Choice::Action(action) => action_runs(view, *action),
    }
}

fn action_runs(view: View<'_>, action: Action) -> Runs {
    let row = view.keys.binding(action);
    let keys = row.map(|row| view.keys.pressed(row)).unwrap_or_default();
    if let Some(reason) = hindrance(view.model, action) {
        let text = format!(
            "{}{}– {reason}",
            fit(&action.words(), NAME_CELLS),
            fit(&keys, KEY_CELLS)
        );
        return vec![run(text, view.theme.dim())];
    }
    vec![
        plain(fit(&action.words(), NAME_CELLS)),
        run(fit(&keys, KEY_CELLS), view.theme.key()),
        run(row.map_or("", |row| row.help), view.theme.dim()),
    ]
}
