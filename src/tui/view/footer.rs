//! The footer: what the keys do here, and a status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::Input;

use super::View;
use super::table::{order, percent};
use super::text::{Runs, bytes, grouped, plain, put, run, runs_width, so_far};
use crate::app::action::{Action, Context};
use crate::app::effect::Table;
use crate::app::model::{Model, Overlay, Section};
use crate::app::refusal::hindrance;
use crate::domain::filter::{Filter, Subject};
use crate::tui::keymap::Binding;

/// The keys of this context, as many as fit; help and quit always do.
pub fn keys(view: View<'_>, area: Rect, buf: &mut Buffer) {
    let context = view.model.context();
    let cells = usize::from(area.width);
    let is_last = |row: &&Binding| matches!(row.action, Action::Help | Action::Quit);
    let here = |row: &&Binding| {
        row.contexts.contains(&context) && !row.footer.is_empty() && is_wanted(row, view.model, context)
    };
    let mut last = Runs::new();
    for row in view.keys.rows().iter().filter(here).filter(is_last) {
        last.extend(key(view, row));
    }
    let rest: Vec<&Binding> = (view.keys.rows().iter().filter(here).filter(|row| !is_last(row))).collect();
    let mut runs = vec![plain(" ")];
    let mut room = cells.saturating_sub(runs_width(&runs) + runs_width(&last));
    // What can be done goes before what cannot; both are shown in the order of the table.
    let mut shown = vec![false; rest.len()];
    for hindered in [false, true] {
        for (row, shown) in rest.iter().zip(&mut shown) {
            if hindrance(view.model, row.action).is_some() != hindered {
                continue;
            }
            let width = runs_width(&key(view, row));
            if width > room {
                break;
            }
            room -= width;
            *shown = true;
        }
    }
    let seen = rest.iter().zip(shown).filter(|(_, shown)| *shown);
    runs.extend(seen.flat_map(|(row, _)| key(view, row)));
    runs.extend(last);
    put(&runs, area, buf);
}

/// In a section `P` only hints at `p`, and there is nothing to go back from.
fn is_wanted(row: &Binding, model: &Model, context: Context) -> bool {
    match row.action {
        Action::Send => context == Context::Plan,
        Action::NextScene => model.scene().is_some(),
        Action::Plan | Action::Reload => context != Context::WhatIf,
        Action::Back => !context.is_section(),
        _ => true,
    }
}

fn key(view: View<'_>, row: &Binding) -> Runs {
    let name = row.keys.first().map(ToString::to_string).unwrap_or_default();
    let word = match (row.action, view.model.context()) {
        (Action::Back, Context::Waiting) => "stop waiting",
        (Action::Open, Context::Search) if view.model.what_if().is_some() => "try it",
        (Action::Open, Context::Search) if matches!(view.model.overlay, Some(Overlay::Filter(_))) => "filter",
        (Action::Open, Context::Search) => "search",
        (Action::Open, Context::Palette) => "go",
        (Action::Open, Context::SortMenu) => "sort",
        (Action::Sort, Context::SortMenu) => "other way",
        (Action::Open, Context::WhatIf) => "change",
        (Action::Open, Context::Link) => "open on the web",
        (Action::Back, Context::WhatIf) => "end it",
        (Action::Plan, Context::Plan) => "rebuild",
        (Action::Quit, context) if !context.is_section() && !view.model.is_waiting() => "close",
        _ => row.footer,
    };
    if hindrance(view.model, row.action).is_some() {
        return vec![run(format!("{name} {word}  "), view.theme.dim())];
    }
    vec![run(name, view.theme.key()), plain(format!(" {word}  "))]
}

/// The newest message; else what is going on; else when the inputs were read.
pub fn status(view: View<'_>, area: Rect, buf: &mut Buffer) {
    let runs = status_runs(view);
    let cells = usize::from(area.width);
    put(&runs, area, buf);
    let Some(scene) = view.model.scene() else {
        return;
    };
    let (at, count) = scene.number;
    let short = format!("scene {at} of {count}: {} ", scene.name);
    let whole = format!("{short}· {} ", scene.project.display());
    let place = [whole, short].map(|text| [run(text, view.theme.dim())]);
    let room = cells.saturating_sub(runs_width(&runs) + 2);
    if let Some(place) = place.iter().find(|place| runs_width(*place) <= room) {
        let width = u16::try_from(runs_width(place)).unwrap_or(area.width);
        let x = area.right().saturating_sub(width);
        put(place, Rect { x, ..area }, buf);
    }
}

fn status_runs(view: View<'_>) -> Runs {
    let (model, theme) = (view.model, view.theme);
    if let Some(toast) = &model.toast {
        let (glyph, style) = match toast.good {
            Some(true) => ("✓ ", theme.good()),
            Some(false) => ("✗ ", theme.bad()),
            None => ("", theme.strong()),
        };
        return vec![run(format!(" {glyph}"), style), run(&toast.text, style)];
    }
    if let Some(runs) = typing(view) {
        return runs;
    }
    if let Some(text) = walking(model) {
        return vec![plain(text)];
    }
    if let Some(trouble) = &model.load_trouble {
        return vec![
            run(" ✗ not read again: ", theme.bad()),
            plain(trouble),
            plain("   shown is the last reading"),
        ];
    }
    if let (Some(_), Some(done)) = (model.loading, model.rows_checked) {
        return vec![plain(format!(" checking rows: {}", so_far(done)))];
    }
    match &model.snapshot {
        None => vec![run(
            " reading the project, the credentials and the store",
            theme.dim(),
        )],
        Some(_) if model.loading.is_some() => vec![run(" checking rows …", theme.dim())],
        Some(snapshot) => {
            let plan = snapshot.evaluation.plan.as_ref();
            let body = plan
                .and_then(|plan| plan.body)
                .map(|body| format!(" · body {}", bytes(body.bytes)));
            let event = model
                .events
                .last()
                .map(|(time, event)| format!(" · {time} {}", event.line(&snapshot.bases)));
            let text = format!(
                " as of {}{}{}",
                snapshot.as_of,
                body.unwrap_or_default(),
                event.unwrap_or_default()
            );
            vec![run(text, theme.dim())]
        }
    }
}

/// The text that is typed, wherever one is.
fn typing(view: View<'_>) -> Option<Runs> {
    match view.model.overlay.as_ref()? {
        Overlay::Search(input) => Some(typed(view, " /", input.value(), input.cursor())),
        Overlay::Filter(input) => Some(filter(view, input)),
        Overlay::Palette(palette) => {
            let input = &palette.input;
            Some(typed(view, " :", input.value(), input.cursor()))
        }
        Overlay::WhatIf(what_if) => {
            let input = what_if.typing.as_ref()?;
            let (prompt, shown) = (format!(" {}", what_if.prompt()), what_if.shown(input.value()));
            Some(typed(view, &prompt, &shown, input.cursor()))
        }
        _ => None,
    }
}

/// The filter that is typed, with what is wrong with it, or the language.
fn filter(view: View<'_>, input: &Input) -> Runs {
    let model = view.model;
    let subject = match model.section {
        Section::Mappings => Subject::Mappings,
        _ => Subject::Issues,
    };
    let mut runs = typed(view, " f ", input.value(), input.cursor());
    match Filter::parse(input.value(), subject) {
        Err(error) => runs.push(run(format!("  ✗ {error}"), view.theme.bad())),
        Ok(None) => {
            let fields: Vec<_> = subject.fields().iter().map(|field| field.name()).collect();
            let text = format!(
                "  word \"words\" ~letters /regex/ field:value !not · {}",
                fields.join(" ")
            );
            runs.push(run(text, view.theme.dim()));
        }
        Ok(Some(_)) => {}
    }
    runs
}

/// What rows are being walked along for, as far as it concerns the section.
fn walking(model: &Model) -> Option<String> {
    let passed = |rows: u64| match rows {
        0 => String::new(),
        rows => format!(", {} rows passed", grouped(rows)),
    };
    if model.search.awaited.is_some() {
        let text = &model.search.text;
        return Some(format!(
            " searching \"{text}\"{}   esc stops",
            passed(model.search.passed)
        ));
    }
    if model.seeking.is_some() {
        return Some(" looking for the byte   esc stops".to_owned());
    }
    let (sifting, walked, table) = match model.section {
        Section::Issues => (&model.issues.sifting, model.issues.passed, Table::Issues),
        Section::Mappings => (&model.mappings.sifting, model.mappings.passed, Table::Mappings),
        Section::Payload => (
            &None,
            model.body_issues.passed.or(model.body_mappings.passed),
            Table::Issues,
        ),
        _ => return None,
    };
    if let Some(rows) = walked {
        return Some(format!(" going to the row{}   esc stops", passed(rows)));
    }
    let sifting = sifting.as_ref()?;
    let read = percent(sifting.read, model.rows_of(table));
    let order = sifting.then.as_ref().and_then(|then| then.sort).map(order);
    Some(match order {
        Some(order) => format!(" sorting by {order}: {read} read   esc stops"),
        None => format!(
            " counting matches: {} so far, {read} read   esc stops",
            grouped(sifting.found)
        ),
    })
}

/// A text that is typed, its cursor reversed.
fn typed(view: View<'_>, prompt: &str, text: &str, cursor: usize) -> Runs {
    let (before, behind) = text.split_at(byte_at(text, cursor));
    let under = behind.chars().next().map_or(" ".to_owned(), |c| c.to_string());
    let rest = behind.get(under.len()..).unwrap_or_default();
    vec![
        plain(prompt),
        plain(before),
        run(under, view.theme.selected()),
        plain(rest),
    ]
}

fn byte_at(text: &str, chars: usize) -> usize {
    text.char_indices()
        .nth(chars)
        .map_or(text.len(), |(byte, _)| byte)
}
