//! A load has ended: the new picture is shown, and nothing that was looked at moves.

use super::effect::{Effect, Generation, List, Table};
use super::model::{Model, Section, Toast};
use super::publish::Publish;
use super::rows::in_window;
use super::snapshot::Snapshot;
use super::window::Window;
use super::{arrange, navigate, pages, search, what_if};
use crate::domain::catalogue::FindingName;
use crate::domain::window::{Keyed, PageFrom};

/// Takes a picture of the inputs.
pub(super) fn loaded(
    model: &mut Model,
    generation: Generation,
    result: Result<Box<Snapshot>, String>,
) -> Vec<Effect> {
    if model.loading != Some(generation) {
        return Vec::new();
    }
    let snapshot = match result {
        Ok(snapshot) => snapshot,
        Err(reason) => {
            model.loading = None;
            model.load_trouble = Some(reason);
            return Vec::new();
        }
    };
    pages::remember_event(model, &snapshot);
    let selected = model.finding().map(|finding| finding.name);
    let selected = selected.filter(|name| is_chosen(model, *name));
    let known_store = model.evaluation().map(|old| &old.store.path);
    let other_store = known_store.is_some_and(|path| *path != snapshot.evaluation.store.path);
    model.load_trouble = None;
    model.rows_checked = None;
    if snapshot.rows_checked {
        model.loading = None;
    }
    if let Publish::Confirming(confirming) = &mut model.publish {
        confirming.compare(&snapshot.inputs);
    }
    let rows_checked = snapshot.rows_checked;
    if model.snapshot.is_none() {
        tell_open_attempts(model, &snapshot);
    }
    model.snapshot = Some(snapshot);
    keep_cursors(model, selected);
    if other_store {
        forget_rows(model);
    }
    if rows_checked {
        let mut effects = refresh_rows(model);
        effects.extend(what_if::again(model));
        effects.extend(search::count_again(model));
        effects
    } else {
        Vec::new()
    }
}

/// At the start: the publishes whose outcome nobody knows.
fn tell_open_attempts(model: &mut Model, snapshot: &Snapshot) {
    let open = snapshot.open_attempts.len();
    if open > 0 {
        let attempts = if open == 1 {
            "publish has"
        } else {
            "publishes have"
        };
        model.toast = Some(Toast::bad(format!(
            "{open} earlier {attempts} no known outcome: 7 shows the journal, R sends the same bytes again"
        )));
    }
}

/// Whether the cursor is on a finding because somebody moved or read there, and not since it opened on it.
fn is_chosen(model: &Model, selected: FindingName) -> bool {
    let first = model.deciding_findings().chain(model.findings()).next();
    model.detail || first.is_some_and(|first| first.name != selected)
}

/// Keeps the cursor on its finding; until it is moved it is on the one that the header names.
fn keep_cursors(model: &mut Model, selected: Option<FindingName>) {
    let deciding = model.deciding_findings().next().map(|finding| finding.name);
    let position = |name| {
        model
            .findings()
            .iter()
            .position(|finding| Some(finding.name) == name)
    };
    let cursor = selected.and_then(|name| position(Some(name)));
    model.cursors[Section::Route as usize] = cursor.or_else(|| position(deciding)).unwrap_or(0);
    for section in [Section::Sources, Section::Journal] {
        let last = navigate::list_len(model, section).saturating_sub(1);
        let cursor = &mut model.cursors[section as usize];
        *cursor = (*cursor).min(last);
    }
}

fn forget_rows(model: &mut Model) {
    for list in List::ALL {
        in_window!(&mut model, list, |window| *window = Window::default());
    }
}

/// Reads the windows at hand again, each at its place.
fn refresh_rows(model: &mut Model) -> Vec<Effect> {
    if !model.has_rows() {
        forget_rows(model);
        return Vec::new();
    }
    let mut effects = Vec::new();
    for list in List::ALL {
        let page = in_window!(&mut model, list, |window| again(window));
        effects.extend(page.map(|(from, rows)| model.fetch(list, from, rows)));
    }
    for table in Table::ALL {
        effects.extend(arrange::again(model, table));
    }
    effects
}

/// Where to read a window again that was read before.
fn again<T: Keyed>(window: &mut Window<T>) -> Option<(PageFrom, usize)> {
    let open = window.page.is_some() || window.trouble.is_some();
    open.then(|| (window.refresh(), window.rows().len()))
}
