//! Pages over the section: asked for, filled, copied; and the events that one of them lists.

use super::effect::{Effect, Generation};
use super::model::{MAX_EVENTS, Model, Overlay};
use super::page::{Page, PageLine, Tone};
use super::snapshot::Snapshot;
use super::update::open;
use crate::domain::events::Event;

/// Asks for the changes since the last delivered publish.
pub(super) fn changes(model: &mut Model) -> Vec<Effect> {
    let generation = model.next_generation();
    let page = Page::awaited("Since the last delivered publish", generation);
    open(model, Overlay::Page(page));
    vec![Effect::Compare { generation }]
}

/// Fills the page that is awaited; one that was closed meanwhile stays closed.
pub(super) fn page_ready(model: &mut Model, generation: Generation, result: Result<Vec<PageLine>, String>) {
    if let Some(Overlay::Page(page)) = &mut model.overlay
        && page.awaited == Some(generation)
    {
        page.awaited = None;
        page.lines = result.unwrap_or_else(|reason| vec![(Tone::Bad, reason)]);
    }
}

/// What changed while the inspector was open, newest first.
pub(super) fn events(model: &Model) -> Page {
    let Some(bases) = model.snapshot.as_ref().map(|snapshot| &snapshot.bases) else {
        return Page::new("Events", Vec::new());
    };
    let line = |(time, event): &(String, Event)| {
        let tone = if event.has_effect() {
            Tone::Changed
        } else {
            Tone::Dim
        };
        (tone, format!("{time}  {}", event.line(bases)))
    };
    let mut lines: Vec<_> = model.events.iter().rev().map(line).collect();
    if lines.is_empty() {
        lines.push((
            Tone::Dim,
            "nothing has changed since the inspector was opened".to_owned(),
        ));
    }
    Page::new("Events", lines)
}

/// What of the settings could not be taken.
pub(super) fn settings(troubles: Vec<String>) -> Page {
    let mut lines = vec![(
        Tone::Head,
        "These settings were not taken; the defaults hold instead:".to_owned(),
    )];
    lines.extend(troubles.into_iter().map(|trouble| (Tone::Bad, trouble)));
    lines.push((
        Tone::Dim,
        "`catseye config` prints all settings as they are by default.".to_owned(),
    ));
    Page::new("Settings", lines)
}

/// Copies the value that the page shows.
pub(super) fn copy_page(model: &Model) -> Vec<Effect> {
    let text = match &model.overlay {
        Some(Overlay::Page(page)) => page.copy.clone().ok(),
        _ => None,
    };
    let copy = text.map(|text| Effect::copy_text("value", text));
    copy.into_iter().collect()
}

/// Tells a load apart from the last whole one.
pub(super) fn remember_event(model: &mut Model, snapshot: &Snapshot) {
    if !snapshot.rows_checked {
        return;
    }
    if let Some(event) = model.seen.as_ref().and_then(|seen| seen.event(&snapshot.seen)) {
        model.events.push((snapshot.as_of.clone(), event));
        let excess = model.events.len().saturating_sub(MAX_EVENTS);
        model.events.drain(..excess);
    }
    model.seen = Some(snapshot.seen.clone());
}
