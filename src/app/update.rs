//! The one function that changes the model.

use tui_input::{Input, InputRequest};

use super::action::{Action, Context};
use super::copy;
use super::effect::{Effect, Generation, Table};
use super::message::Message;
use super::model::{Model, Overlay, Section, Toast};
use super::page::Page;
use super::publish::{self, Publish};
use super::snapshot::Snapshot;
use super::{navigate, pages, trace, what_if, window::Window};
use crate::domain::catalogue::FindingName;
use crate::domain::finding::{Finding, Place};
use crate::domain::window::RowKey;

/// Takes one message and says what is to be done outside.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Started | Message::SourcesChanged | Message::Edited(Ok(())) => model.load(),
        Message::Action(action) => {
            model.toast = None;
            act(model, action)
        }
        Message::Text(request) => {
            model.toast = None;
            type_text(model, [request]);
            Vec::new()
        }
        Message::Pasted(text) => {
            paste(model, &text);
            Vec::new()
        }
        Message::Copied {
            result,
            terminal_bytes,
        } => {
            model.toast = Some(match result {
                Ok(report) => Toast::good(report),
                Err(reason) => Toast::bad(format!("not copied: {reason}")),
            });
            terminal_bytes.map(Effect::WriteTerminal).into_iter().collect()
        }
        Message::Loaded { generation, result } => loaded(model, generation, result),
        Message::SearchHit { generation, result } => searched(model, generation, result),
        Message::PageReady { generation, result } => {
            pages::page_ready(model, generation, result);
            Vec::new()
        }
        Message::WhatIfReady { generation, result } => {
            what_if::ready(model, generation, result);
            Vec::new()
        }
        Message::PlanReady { generation, result } => publish::planned(model, generation, result),
        Message::SendFinished { generation, end } => publish::finished(model, generation, *end),
        fact => {
            note(model, fact);
            Vec::new()
        }
    };
    effects.extend(model.want_rows());
    effects
}

/// Facts that ask for nothing.
fn note(model: &mut Model, message: Message) {
    let counts = model.snapshot.as_ref().map(|snapshot| &snapshot.evaluation.store);
    let (issues, mappings) = (counts.and_then(|s| s.issues), counts.and_then(|s| s.mappings));
    match message {
        Message::Tick(now) => model.now = now,
        Message::Resized(size) => model.size = size,
        Message::Drawn { now, overflow } => {
            model.now = now;
            model.overflow = overflow;
            model.scroll = model.scroll.min(overflow);
            if let Publish::Confirming(confirming) = &mut model.publish {
                confirming.drawn_at.get_or_insert(now);
            }
        }
        Message::RowsProgress { generation, done } => rows_progress(model, generation, done),
        Message::IssuesLoaded { generation, result } => model.issues.receive(generation, result, issues),
        Message::MappingsLoaded { generation, result } => {
            model.mappings.receive(generation, result, mappings);
        }
        Message::SendProgress {
            generation,
            phase,
            sent,
        } => {
            if let Publish::Sending(sending) = &mut model.publish
                && sending.generation == generation
            {
                (sending.phase, sending.sent) = (phase, sent);
            }
        }
        Message::Edited(Err(reason)) => model.toast = Some(Toast::bad(format!("no editor: {reason}"))),
        _ => {}
    }
}

fn rows_progress(model: &mut Model, generation: Generation, done: u64) {
    if model.loading == Some(generation) {
        model.rows_checked = Some(done);
    }
    if let Publish::Planning {
        generation: awaited,
        rows,
    } = &mut model.publish
        && *awaited == generation
    {
        *rows = Some(done);
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    use Action as A;
    match action {
        A::ShowRoute => navigate::show(model, Section::Route),
        A::ShowIssues => navigate::show(model, Section::Issues),
        A::ShowMappings => navigate::show(model, Section::Mappings),
        A::ShowCheckpoint => navigate::show(model, Section::Checkpoint),
        A::ShowPayload => navigate::show(model, Section::Payload),
        A::ShowSources => navigate::show(model, Section::Sources),
        A::ShowJournal => navigate::show(model, Section::Journal),
        A::NextSection => navigate::show(model, model.section.step(1)),
        A::PreviousSection => navigate::show(model, model.section.step(Section::ALL.len() - 1)),
        A::Down => navigate::move_by(model, 1),
        A::Up => navigate::move_by(model, -1),
        A::HalfPageDown => navigate::move_by(model, page(model) / 2 + 1),
        A::HalfPageUp => navigate::move_by(model, -(page(model) / 2 + 1)),
        A::PageDown => navigate::move_by(model, page(model) + 1),
        A::PageUp => navigate::move_by(model, -(page(model) + 1)),
        A::Fold => navigate::fold(model, false),
        A::Unfold => navigate::fold(model, true),
        A::Help => open(model, Overlay::Help),
        A::CopyMenu if !matches!(model.overlay, Some(Overlay::Page(_) | Overlay::WhatIf(_))) => {
            open(model, Overlay::CopyMenu { to_file: false });
        }
        A::CopyToFile => open(model, Overlay::CopyMenu { to_file: true }),
        A::Search if model.section == Section::Checkpoint => {
            model.toast = Some(Toast::plain("nothing to search here"));
        }
        A::Search => open(model, Overlay::Search(Input::default())),
        A::Accept => publish::accept(model),
        A::Events => open(model, Overlay::Page(pages::events(model))),
        other => return act_outside(model, other),
    }
    Vec::new()
}

/// Actions that may ask for something outside.
fn act_outside(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Top => navigate::edge(model, false),
        Action::Bottom => navigate::edge(model, true),
        Action::Open => enter(model),
        Action::Back => back(model),
        Action::SearchNext => navigate::search(model, true),
        Action::SearchPrevious => navigate::search(model, false),
        Action::Edit => edit(model),
        Action::Reload => model.load(),
        Action::ToOrigin => trace::to_origin(model),
        Action::ToFed => trace::to_fed(model),
        Action::Changes => pages::changes(model),
        Action::WhatIf => what_if::open(model),
        Action::TakeAway => what_if::take_away(model),
        Action::Plan | Action::Send if supposing(model) => what_if::refuse(model),
        Action::Plan => publish::plan(model),
        Action::Send => publish::send(model),
        Action::Quit if !at_top(model) => back(model),
        Action::Quit | Action::Exit => quit(model),
        Action::Suspend => vec![Effect::Suspend],
        Action::CopyMenu if supposing(model) => what_if::copy(model),
        Action::CopyMenu => pages::copy_page(model),
        copy => copy_out(model, copy),
    }
}

/// Whether a hypothesis lies over the section.
fn supposing(model: &Model) -> bool {
    matches!(model.overlay, Some(Overlay::WhatIf(_)))
}

fn page(model: &Model) -> isize {
    isize::try_from(model.page_rows()).unwrap_or(1)
}

pub(super) fn open(model: &mut Model, overlay: Overlay) {
    model.scroll = 0;
    model.overlay = Some(overlay);
}

fn at_top(model: &Model) -> bool {
    let nothing_open = model.overlay.is_none() && !model.detail;
    nothing_open && matches!(model.publish, Publish::Idle | Publish::Sending(_))
}

/// Leaves; while an answer is awaited only when asked twice.
fn quit(model: &mut Model) -> Vec<Effect> {
    if let Publish::Sending(sending) = &mut model.publish
        && !std::mem::replace(&mut sending.quit_asked, true)
    {
        let text = "an answer is awaited: quitting now leaves the outcome unknown; once more quits";
        model.toast = Some(Toast::bad(text));
        return Vec::new();
    }
    model.quit = true;
    Vec::new()
}

/// One step back.
fn back(model: &mut Model) -> Vec<Effect> {
    model.scroll = 0;
    if supposing(model) {
        return what_if::back(model);
    }
    if let Some(overlay) = model.overlay.take() {
        return match overlay {
            Overlay::Page(Page {
                awaited: Some(generation),
                ..
            }) => vec![Effect::Stop { generation }],
            _ => Vec::new(),
        };
    }
    if !matches!(model.publish, Publish::Idle) {
        return publish::close(model);
    }
    if std::mem::take(&mut model.detail) {
        return Vec::new();
    }
    match model.search.awaited.take() {
        Some((generation, _)) => vec![Effect::Stop { generation }],
        None => Vec::new(),
    }
}

fn enter(model: &mut Model) -> Vec<Effect> {
    if supposing(model) {
        return what_if::enter(model);
    }
    match model.overlay.take() {
        Some(Overlay::Search(input)) => {
            if input.value().is_empty() {
                return Vec::new();
            }
            input.value().clone_into(&mut model.search.text);
            return navigate::search(model, true);
        }
        other => model.overlay = other,
    }
    match model.context() {
        Context::Payload => navigate::fold(model, true),
        Context::Route | Context::Rows | Context::Sources | Context::Journal => {
            model.detail = true;
            model.source_line = 0;
            model.scroll = 0;
        }
        _ => {}
    }
    Vec::new()
}

fn copy_out(model: &mut Model, action: Action) -> Vec<Effect> {
    let to_file = matches!(model.overlay, Some(Overlay::CopyMenu { to_file: true }));
    match copy::content(model, action) {
        Ok(content) => {
            model.overlay = None;
            vec![Effect::Copy { content, to_file }]
        }
        Err(reason) => {
            model.toast = Some(Toast::bad(reason));
            Vec::new()
        }
    }
}

fn edit(model: &mut Model) -> Vec<Effect> {
    let file_and_line = match model.section {
        Section::Sources => model.snapshot.as_ref().and_then(|snapshot| {
            let source = snapshot.sources.get(model.cursor())?;
            let under_cursor = model.source_value().and_then(|value| value.line);
            let line = under_cursor.or_else(|| source.values.iter().find_map(|value| value.line));
            Some((source.path.clone()?, line.unwrap_or(1)))
        }),
        _ => model.finding().and_then(editable),
    };
    let Some((file, line)) = file_and_line else {
        model.toast = Some(Toast::plain("no line of a file to edit here"));
        return Vec::new();
    };
    vec![Effect::Edit { file, line }]
}

/// The line to edit: where a fix edits, else the first evidence in a file.
fn editable(finding: &Finding) -> Option<(std::path::PathBuf, usize)> {
    let by_fix = finding.fixes.iter().find_map(|fix| fix.edit.as_ref());
    let by_evidence = || {
        finding
            .evidence
            .iter()
            .find_map(|evidence| match &evidence.place {
                Place::File { path, range } => Some((path.clone(), range.map_or(1, |range| range.line))),
                _ => None,
            })
    };
    by_fix
        .map(|edit| (edit.file.clone(), edit.line))
        .or_else(by_evidence)
}

fn type_text(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>) {
    let input = match &mut model.overlay {
        Some(Overlay::Search(input)) => Some(input),
        Some(Overlay::WhatIf(what_if)) => what_if.typing.as_mut(),
        _ => None,
    };
    if let Some(input) = input {
        for request in requests {
            input.handle(request);
        }
    }
}

/// Pasted text is typed where text is typed, and does nothing anywhere else.
fn paste(model: &mut Model, text: &str) {
    if model.context() == Context::Search {
        let first_line = text.lines().next().unwrap_or_default();
        let chars = first_line.chars().filter(|c| !c.is_control()).take(200);
        type_text(model, chars.map(InputRequest::InsertChar));
    } else {
        model.toast = Some(Toast::plain("pasted text is ignored here"));
    }
}

fn loaded(model: &mut Model, generation: Generation, result: Result<Box<Snapshot>, String>) -> Vec<Effect> {
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
    let known_store = model
        .snapshot
        .as_ref()
        .map(|old| old.evaluation.store.path.clone());
    model.load_trouble = None;
    model.rows_checked = None;
    if snapshot.rows_checked {
        model.loading = None;
    }
    if let Publish::Confirming(confirming) = &mut model.publish {
        confirming.compare(&snapshot.inputs);
    }
    let other_store = known_store.is_some_and(|path| path != snapshot.evaluation.store.path);
    let rows_checked = snapshot.rows_checked;
    model.snapshot = Some(snapshot);
    keep_cursors(model, selected);
    if other_store {
        model.issues = Window::default();
        model.mappings = Window::default();
    }
    if rows_checked {
        let mut effects = refresh_rows(model);
        effects.extend(what_if::again(model));
        effects
    } else {
        Vec::new()
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

/// Reads the windows at hand again, each at its place.
fn refresh_rows(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !model.has_rows() {
        model.issues = Window::default();
        model.mappings = Window::default();
        return effects;
    }
    if model.issues.page.is_some() || model.issues.trouble.is_some() {
        let (from, rows) = (model.issues.refresh(), model.issues.rows().len());
        effects.push(model.fetch(Table::Issues, from, rows));
    }
    if model.mappings.page.is_some() || model.mappings.trouble.is_some() {
        let (from, rows) = (model.mappings.refresh(), model.mappings.rows().len());
        effects.push(model.fetch(Table::Mappings, from, rows));
    }
    effects
}

fn searched(
    model: &mut Model,
    generation: Generation,
    result: Result<Option<RowKey>, String>,
) -> Vec<Effect> {
    let Some((_, table)) = model
        .search
        .awaited
        .take_if(|(awaited, _)| *awaited == generation)
    else {
        return Vec::new();
    };
    match result {
        Ok(Some(key)) => navigate::found(model, table, key),
        Ok(None) => {
            model.toast = Some(Toast::plain(format!("\"{}\": no further hit", model.search.text)));
            Vec::new()
        }
        Err(reason) => {
            model.toast = Some(Toast::bad(format!("search stopped: {reason}")));
            Vec::new()
        }
    }
}
