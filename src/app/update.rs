//! The one function that changes the model.

use tui_input::{Input, InputRequest};

use super::action::{Action, Context};
use super::effect::{Effect, Generation, List};
use super::leave::{self, HeldCopy, LeavesFor};
use super::message::Message;
use super::model::{Model, Overlay, Section, Toast};
use super::page::Page;
use super::palette::{self, Palette};
use super::publish::{self, Publish};
use super::refusal::refusal;
use super::rows::in_window;
use super::window::Window;
use super::{arrange, browse, copy, edit, go_to, loaded, navigate, pages, search, trace, value, what_if};
use crate::domain::row_facts::RowsRead;
use crate::domain::window::{self, Keyed};

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
        Message::Copied { result, osc52, held } => {
            if held {
                model.held_copy = HeldCopy::Held;
            }
            model.toast = Some(match result {
                Ok(report) => Toast::good(report),
                Err(reason) => Toast::bad(format!("not copied: {reason}")),
            });
            osc52.map(Effect::WriteTerminal).into_iter().collect()
        }
        Message::HandedOver { kept, osc52 } => leave::handed_over(model, kept, osc52),
        Message::Loaded { generation, result } => loaded::loaded(model, generation, result),
        Message::SearchHit { generation, result } => search::searched(model, generation, result),
        Message::Sifted { generation, result } => arrange::sifted(model, generation, &result),
        Message::Sought { generation, result } => {
            match model.seeking.take_if(|seeking| *seeking == generation) {
                Some(_) => go_to::sought(model, result),
                None => Vec::new(),
            }
        }
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
    match message {
        Message::Settings(troubles) if !troubles.is_empty() => {
            open(model, Overlay::Page(pages::settings(troubles)));
        }
        Message::Tick(now) => model.now = now,
        Message::Resized(size) => model.size = size,
        Message::Drawn { now, overflow, spots } => {
            model.now = now;
            model.overflow = overflow;
            model.mouse.spots = spots;
            model.scroll = model.scroll.min(overflow);
            if let Publish::Confirming(confirming) = &mut model.publish {
                confirming.drawn_at.get_or_insert(now);
            }
        }
        Message::IssuesLoaded { generation, result } => {
            if receive(&mut model.issues, &mut model.body_issues, generation, result) {
                navigate::body_rows_came(model);
            }
        }
        Message::MappingsLoaded { generation, result } => {
            if receive(&mut model.mappings, &mut model.body_mappings, generation, result) {
                navigate::body_rows_came(model);
            }
        }
        Message::Wheel { down } => browse::wheel(model, down),
        Message::Click { x, y } => browse::click(model, (x, y)),
        Message::Located { generation, result } => value::located(model, generation, result),
        Message::Browsed(result) => browse::opened(model, result),
        Message::Edited(Err(reason)) => model.toast = Some(Toast::bad(reason)),
        Message::Broke(told) => model.toast = Some(Toast::bad(told)),
        other => progress(model, &other),
    }
}

/// Gives rows to the window that awaits them, that of the table or that of the body; whether it was the body's.
fn receive<T: Keyed>(
    table: &mut Window<T>,
    body: &mut Window<T>,
    generation: Generation,
    result: Result<window::Page<T>, String>,
) -> bool {
    let is_of_body = body.awaits(generation);
    let awaiting = if is_of_body { body } else { table };
    awaiting.receive(generation, result);
    is_of_body
}

/// How far something is that goes on.
fn progress(model: &mut Model, message: &Message) {
    match *message {
        Message::RowsProgress { generation, done } => rows_progress(model, generation, done),
        Message::Counted {
            generation,
            found,
            all,
        } => search::counted(model, generation, found, all),
        Message::Passed { generation, rows } => passed(model, generation, rows),
        Message::SiftProgress {
            generation,
            read,
            found,
        } => arrange::progress(model, generation, read, found),
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
        _ => {}
    }
}

/// How far the walk to a row, or a search, is.
fn passed(model: &mut Model, generation: Generation, rows: u64) {
    for list in List::ALL {
        in_window!(&mut model, list, |window| if window.awaits(generation) {
            window.passed = Some(rows);
        });
    }
    if model
        .search
        .awaited
        .is_some_and(|(awaited, _)| awaited == generation)
    {
        model.search.passed = rows;
    }
}

fn rows_progress(model: &mut Model, generation: Generation, done: RowsRead) {
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

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    use Action as A;
    if let Some(reason) = refusal(model, action) {
        model.toast = Some(Toast::plain(reason));
        return Vec::new();
    }
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
        A::FoldAll => navigate::fold_all(model),
        A::UnfoldLevel => navigate::unfold_level(model),
        A::Unfold => navigate::fold(model, true),
        A::Help => open(model, Overlay::Help),
        A::CopyMenu if !matches!(model.overlay, Some(Overlay::Page(_) | Overlay::WhatIf(_))) => {
            open(model, Overlay::CopyMenu { to_file: false });
        }
        A::CopyToFile => open(model, Overlay::CopyMenu { to_file: true }),
        A::Search => open(model, Overlay::Search(Input::default())),
        A::Filter => arrange::ask_filter(model),
        A::Sort => arrange::ask_sort(model),
        A::Palette => open(model, Overlay::Palette(Palette::default())),
        A::PickNext => palette::pick(model, true),
        A::PickPrevious => palette::pick(model, false),
        A::Accept => publish::accept(model),
        A::Browse => browse::ask(model),
        A::Zoom => model.zoom = !model.zoom,
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
        Action::SearchNext => search::search(model, true),
        Action::SearchPrevious => search::search(model, false),
        Action::Edit => edit::edit(model),
        Action::Bytes => value::show(model),
        Action::Reload => model.load(),
        Action::ToOrigin => trace::to_origin(model),
        Action::ToFed => trace::to_fed(model),
        Action::Changes => pages::changes(model),
        Action::WhatIf => what_if::open(model),
        Action::TakeAway => what_if::take_away(model),
        Action::Plan | Action::Resend | Action::Send if model.what_if().is_some() => what_if::refuse(model),
        Action::Plan => publish::plan(model),
        Action::Resend => publish::resend(model),
        Action::Send => publish::send(model),
        Action::Quit if !at_top(model) => back(model),
        Action::Quit | Action::Exit => leave::quit(model, LeavesFor::Shell),
        Action::NextScene => leave::quit(model, LeavesFor::NextScene),
        Action::Mouse => browse::toggle_mouse(model),
        Action::Suspend => vec![Effect::Suspend],
        Action::CopyMenu if model.what_if().is_some() => what_if::copy(model),
        Action::CopyMenu => pages::copy_page(model),
        copy => copy_out(model, copy),
    }
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

/// One step back.
fn back(model: &mut Model) -> Vec<Effect> {
    model.scroll = 0;
    if model.what_if().is_some() {
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
    if let Some((generation, _)) = model.search.awaited.take() {
        return vec![Effect::Stop { generation }];
    }
    if let Some(generation) = model.seeking.take() {
        return vec![Effect::Stop { generation }];
    }
    if model.section == Section::Payload {
        return navigate::stop_body(model);
    }
    arrange::back(model)
}

fn enter(model: &mut Model) -> Vec<Effect> {
    if model.what_if().is_some() {
        return what_if::enter(model);
    }
    match model.overlay.take() {
        Some(Overlay::Search(input)) => {
            if input.value().is_empty() {
                return Vec::new();
            }
            input.value().clone_into(&mut model.search.text);
            model.search.hits = None;
            return search::search(model, true);
        }
        Some(Overlay::Filter(input)) => return arrange::take_filter(model, input),
        Some(Overlay::Sort(menu)) => return arrange::take_sort(model, menu),
        Some(Overlay::Link(link)) => return vec![Effect::Browse(link)],
        Some(Overlay::Palette(palette)) => return palette::choose(model, palette),
        other => model.overlay = other,
    }
    match model.context() {
        Context::Payload if navigate::is_leaf(model) => return value::show(model),
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
    // A report is for attaching: it goes to a file wherever nothing else was chosen.
    let to_file = match model.overlay {
        Some(Overlay::CopyMenu { to_file }) => to_file,
        _ => action == Action::Report,
    };
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

fn type_text(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>) {
    let input = match &mut model.overlay {
        Some(Overlay::Search(input) | Overlay::Filter(input)) => Some(input),
        Some(Overlay::Palette(palette)) => {
            palette.picked = 0;
            Some(&mut palette.input)
        }
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
    if matches!(model.context(), Context::Search | Context::Palette) {
        let first_line = text.lines().next().unwrap_or_default();
        let chars = first_line.chars().filter(|c| !c.is_control()).take(200);
        type_text(model, chars.map(InputRequest::InsertChar));
    } else {
        model.toast = Some(Toast::plain("pasted text is ignored here"));
    }
}
