//! Draws the model: two header rows, the body, two footer rows. Reads the model, never changes it.
//!
//! ```text
//! header   project, binding, verdict
//! tabs     1 Route  2 Issues 42  ...
//! body     the section, or what lies over it
//! keys     what the keys do here
//! status   a message, or how far things are
//! ```

mod checkpoint;
mod copy_menu;
mod evidence;
mod footer;
mod header;
mod help;
mod issues;
mod journal;
mod link;
mod mappings;
mod outcome;
mod page;
mod palette;
mod pane;
mod payload;
mod plan;
mod route;
mod sort_menu;
mod sources;
mod table;
pub mod text;
mod what_if;

use std::cell::RefCell;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::keymap::Keymap;
use super::look::Look;
use super::theme::Theme;
use crate::app::message::Message;
use crate::app::model::{Model, Overlay, Section, Time};
use crate::app::publish::Publish;
use crate::app::spot::{Spot, SpotOf};
use text::{draw_lines, plain};

/// The smallest screen that is drawn.
const SMALLEST: (u16, u16) = (40, 10);
/// From this width on a list and its detail stand side by side.
const WIDE: u16 = 100;

/// What every widget draws with.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What is shown.
    pub model: &'a Model,
    /// How.
    pub theme: Theme,
    /// The keys that are in force.
    pub keys: &'a Keymap,
    /// What a click finds, noted while drawing.
    spots: &'a RefCell<Vec<Spot>>,
}

/// What came of drawing.
#[derive(Debug, Default)]
pub struct Drawn {
    /// How many lines of the text that has the focus do not fit.
    pub overflow: usize,
    /// What a click finds.
    pub spots: Vec<Spot>,
}

impl Drawn {
    /// For the core.
    pub fn message(self, now: Time) -> Message {
        Message::Drawn {
            now,
            overflow: self.overflow,
            spots: self.spots,
        }
    }
}

/// Draws everything.
pub fn draw(model: &Model, look: &Look, area: Rect, buf: &mut Buffer) -> Drawn {
    let spots = RefCell::default();
    let view = View {
        model,
        theme: look.theme,
        keys: &look.keys,
        spots: &spots,
    };
    let overflow = draw_all(view, area, buf);
    if look.theme.ascii {
        text::draw_in_ascii(buf);
    }
    let spots = spots.into_inner();
    Drawn { overflow, spots }
}

fn draw_all(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let need = format!(
            "too small: {}x{}, needs {}x{}",
            area.width, area.height, SMALLEST.0, SMALLEST.1
        );
        let lines = text::wrap(&[plain(need)], usize::from(area.width), 0);
        draw_lines(&lines, 0, area, buf);
        return 0;
    }
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ]);
    let [title, tabs, body, keys, status] = rows.areas(area);
    header::title(view, title, buf);
    header::tabs(view, tabs, buf);
    footer::keys(view, keys, buf);
    footer::status(view, status, buf);
    body_of(view, body, buf)
}

fn body_of(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    match (&view.model.overlay, &view.model.publish) {
        (Some(Overlay::Help), _) => help::draw(view, area, buf),
        (Some(Overlay::CopyMenu { to_file }), _) => copy_menu::draw(view, *to_file, area, buf),
        (Some(Overlay::Palette(palette)), _) => palette::draw(view, palette, area, buf),
        (Some(Overlay::Sort(menu)), _) => sort_menu::draw(view, menu, area, buf),
        (Some(Overlay::WhatIf(what_if)), _) => what_if::draw(view, what_if, area, buf),
        (Some(Overlay::Link(link)), _) => link::draw(view, link, area, buf),
        (Some(Overlay::Page(page)), _) => page::draw(view, page, area, buf),
        (_, Publish::Planning { rows, .. }) => plan::draw_planning(view, *rows, area, buf),
        (_, Publish::Confirming(confirming)) => plan::draw(view, confirming, area, buf),
        (_, Publish::Sending(sending)) => outcome::draw_sending(view, sending, area, buf),
        (_, Publish::Done(done)) => outcome::draw(view, done, area, buf),
        (_, Publish::Idle) => section(view, area, buf),
    }
}

fn section(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    match view.model.section {
        Section::Route => route::draw(view, area, buf),
        Section::Issues => issues::draw(view, area, buf),
        Section::Mappings => mappings::draw(view, area, buf),
        Section::Checkpoint => checkpoint::draw(view, area, buf),
        Section::Payload => payload::draw(view, area, buf),
        Section::Sources => sources::draw(view, area, buf),
        Section::Journal => journal::draw(view, area, buf),
    }
}

/// Where a list and its detail go; without rows there is no detail. On a narrow screen the detail lies below the list,
/// and takes the whole body when it has the focus.
struct Split {
    list: Option<Rect>,
    detail: Option<Rect>,
}

impl Split {
    /// Whether the list has the focus: also where the detail that had it is gone.
    fn list_focused(&self, view: View<'_>) -> bool {
        !view.model.detail || self.detail.is_none()
    }
}

impl View<'_> {
    /// Notes what a click on a part of the screen finds.
    fn spot(self, area: Rect, of: SpotOf) {
        self.spots.borrow_mut().push(Spot {
            x: area.x,
            y: area.y,
            width: area.width,
            height: area.height,
            of,
        });
    }

    fn split(self, area: Rect, list_cells: u16, list_rows: usize) -> Split {
        let alone = |has_detail: bool| Split {
            list: (!has_detail).then_some(area),
            detail: has_detail.then_some(area),
        };
        let both = |[list, detail]: [Rect; 2]| Split {
            list: Some(list),
            detail: Some(detail),
        };
        let focused = self.model.detail;
        if list_rows == 0 {
            return alone(false);
        }
        if self.model.zoom {
            return alone(focused);
        }
        if area.width >= WIDE {
            // The detail has two fifths at least.
            let list_cells = list_cells.min(area.width * 3 / 5).max(area.width / 3);
            return both(
                Layout::horizontal([Constraint::Length(list_cells), Constraint::Fill(1)]).areas(area),
            );
        }
        if focused || area.height < 12 {
            return alone(focused);
        }
        let wanted = u16::try_from(list_rows + 2).unwrap_or(u16::MAX);
        let rows = wanted.clamp(3, area.height / 2);
        both(Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area))
    }
}
