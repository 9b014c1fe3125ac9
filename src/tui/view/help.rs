//! The keys, from the key table: those of the place where the help was asked for come first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Drawn, plain, run, styled, wrap};
use super::{View, pane};
use crate::app::action::Action;

/// Draws all keys, one action a line.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let mut lines = Vec::new();
    let here = view.model.context_below();
    let keys_cells = view.keys.widest() + 1;
    for (head, is_here) in [("Here", true), ("Elsewhere", false)] {
        lines.push(styled(head, view.theme.strong()));
        let rows = view.keys.rows().iter();
        for row in rows.filter(|row| row.contexts.contains(&here) == is_here) {
            let help = plain(row.help);
            lines.extend(pane::fact(view, &view.keys.pressed(row), keys_cells, help, cells));
        }
        lines.push(Drawn::default());
    }
    let sends = format!(
        "Exactly one key sends: {}, half a second after the plan was drawn and with everything accepted. Held keys, \
         enter and pasted text never send.",
        view.keys.key_name(Action::Send)
    );
    let notes = [
        &sends,
        "≈ published otherwise than stored · ✗ cannot be published · ! needs consent · ⊘ cannot be sent",
    ];
    for note in notes {
        lines.extend(wrap(&[run(note, view.theme.dim())], cells, 0));
    }
    pane::text(view, "Keys", true, &lines, area, buf)
}
