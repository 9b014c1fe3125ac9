//! From the terminal's events to messages. Only presses count: a held key's repeats and releases never act.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tui_input::InputRequest;

use super::keymap::{Key, Keymap};
use crate::app::action::{Action, Context};
use crate::app::message::Message;
use crate::app::model::Size;

/// The message of an event, if it has one.
pub fn message(event: Event, context: Context, keys: &Keymap) -> Option<Message> {
    match event {
        Event::Key(key) => key_message(key, context, keys),
        Event::Mouse(mouse) => mouse_message(mouse),
        Event::Paste(text) => Some(Message::Pasted(text)),
        Event::Resize(width, height) => Some(Message::Resized(Size { width, height })),
        _ => None,
    }
}

/// The mouse is only told of while it is on; it never acts, it moves and selects.
fn mouse_message(event: MouseEvent) -> Option<Message> {
    match event.kind {
        MouseEventKind::ScrollDown => Some(Message::Wheel { down: true }),
        MouseEventKind::ScrollUp => Some(Message::Wheel { down: false }),
        MouseEventKind::Down(MouseButton::Left) => Some(Message::Click {
            x: event.column,
            y: event.row,
        }),
        _ => None,
    }
}

fn key_message(event: KeyEvent, context: Context, keys: &Keymap) -> Option<Message> {
    let repeat = match event.kind {
        KeyEventKind::Press => false,
        KeyEventKind::Repeat => true,
        KeyEventKind::Release => return None,
    };
    let action = Key::of(event).and_then(|key| keys.action(key, context));
    match action {
        Some(action) if !repeat || may_repeat(action) => Some(Message::Action(action)),
        None if matches!(context, Context::Search | Context::Palette) => {
            text_request(event).map(Message::Text)
        }
        _ => None,
    }
}

/// Moving is what holding a key is for.
fn may_repeat(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Down | A::Up | A::HalfPageDown | A::HalfPageUp | A::PageDown | A::PageUp
    )
}

fn text_request(event: KeyEvent) -> Option<InputRequest> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let request = match event.code {
        KeyCode::Char('u') if ctrl => InputRequest::DeleteFromStart,
        KeyCode::Char('w') if ctrl => InputRequest::DeletePrevWord,
        KeyCode::Char('a') if ctrl => InputRequest::GoToStart,
        KeyCode::Char('e') if ctrl => InputRequest::GoToEnd,
        KeyCode::Char(c) if !ctrl => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    };
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(c: char, kind: KeyEventKind, context: Context) -> Option<Action> {
        let event = KeyEvent::new_with_kind(KeyCode::Char(c), KeyModifiers::NONE, kind);
        match message(Event::Key(event), context, &Keymap::default()) {
            Some(Message::Action(action)) => Some(action),
            _ => None,
        }
    }

    #[test]
    fn only_a_press_sends() {
        assert_eq!(press('P', KeyEventKind::Press, Context::Plan), Some(Action::Send));
        assert_eq!(press('P', KeyEventKind::Repeat, Context::Plan), None);
        assert_eq!(press('P', KeyEventKind::Release, Context::Plan), None);
        assert_eq!(
            press('j', KeyEventKind::Repeat, Context::Rows),
            Some(Action::Down)
        );
    }

    #[test]
    fn where_text_is_typed_letters_are_text() {
        assert_eq!(press('P', KeyEventKind::Press, Context::Search), None);
        let event = Event::Key(KeyEvent::from(KeyCode::Char('P')));
        let message = message(event, Context::Search, &Keymap::default());
        assert!(matches!(
            message,
            Some(Message::Text(InputRequest::InsertChar('P')))
        ));
    }
}
