//! One frame without a terminal: keys replayed on a virtual clock, each with all that it causes settled.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::editor::{self, With};
use super::input;
use super::keymap::Key;
use super::look::Look;
use super::view;
use super::worker::Worker;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::{Model, Size};
use crate::app::update::update;

/// The virtual time between two keys: long enough for a plan to be armed.
const BETWEEN_KEYS: Duration = Duration::from_secs(1);

/// Replays the keys and returns the screen.
pub fn frame(worker: &Worker, look: &Look, size: Size, keys: &[Key]) -> Buffer {
    let mut model = Model::new(size);
    settle(&mut model, worker, Message::Settings(look.troubles.clone()));
    settle(&mut model, worker, Message::Started);
    for key in keys {
        draw(&mut model, look);
        let later = model.now + BETWEEN_KEYS;
        settle(&mut model, worker, Message::Tick(later));
        if let Some(message) = input::message(Event::Key(key.event()), model.context(), &look.keys) {
            settle(&mut model, worker, message);
        }
        if model.quit {
            break;
        }
    }
    draw(&mut model, look);
    draw(&mut model, look)
}

/// Takes a message, performs what it asks for, takes the answers, and so on until nothing is left.
fn settle(model: &mut Model, worker: &Worker, message: Message) {
    let mut messages = VecDeque::from([message]);
    while let Some(message) = messages.pop_front() {
        for effect in update(model, message) {
            match &effect {
                Effect::Edit { file, line } => messages.push_back(Message::Edited(edit(worker, file, *line))),
                _ => worker.perform(&effect, &mut |answer| messages.push_back(answer)),
            }
        }
    }
}

/// The editor has no terminal here, as the frame has none.
fn edit(worker: &Worker, file: &Path, line: usize) -> Result<(), String> {
    if !worker.acts() {
        return Err("a frame opens one only with --scene".to_owned());
    }
    editor::open(file, line, With::Nobody)
}

fn draw(model: &mut Model, look: &Look) -> Buffer {
    let area = Rect::new(0, 0, model.size.width, model.size.height);
    let mut buffer = Buffer::empty(area);
    let drawn = view::draw(model, look, area, &mut buffer);
    let now = model.now;
    update(model, drawn.message(now));
    buffer
}

/// A buffer's text, without blanks at the ends of lines.
pub fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
