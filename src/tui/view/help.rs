//! The keys, from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{plain, run, wrap};
use super::{View, pane};
use crate::app::action::Action;

const KEYS_CELLS: usize = 14;

/// Draws all keys, one action a line.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let mut lines = Vec::new();
    for row in view.keys.rows() {
        let help = plain(row.help);
        lines.extend(pane::fact(view, &view.keys.pressed(row), KEYS_CELLS, help, cells));
    }
    let sends = format!(
        "Exactly one key sends: {}, half a second after the plan was drawn and with everything accepted. Held keys, \
         enter and pasted text never send.",
        view.keys.key_name(Action::Send)
    );
    let notes = [
        "",
        &sends,
        "≈ published otherwise than stored · ✗ cannot be published · ! needs consent · ⊘ cannot be sent",
    ];
    for note in notes {
        lines.extend(wrap(&[run(note, view.theme.dim())], cells, 0));
    }
    pane::text(view, "Keys", true, &lines, area, buf)
}
