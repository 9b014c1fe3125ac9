//! Section 4: the checkpoint as it is published.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Drawn, line, or_null, plain, run, wrap};
use super::{View, pane};

const NAME_CELLS: usize = 14;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    pane::text(view, "Checkpoint", true, &lines(view, cells), area, buf)
}

fn lines(view: View<'_>, cells: usize) -> Vec<Drawn> {
    let Some(snapshot) = &view.model.snapshot else {
        return vec![line(&[plain("…")], usize::MAX)];
    };
    let Some(checkpoint) = &snapshot.evaluation.checkpoint else {
        let text = if snapshot.rows_checked {
            "No checkpoint was read: see section 1 for why."
        } else {
            "reading …"
        };
        return wrap(&[plain(text)], cells, 0);
    };
    let theme = view.theme;
    let mut lines = Vec::new();
    let row = checkpoint.row.as_ref();
    let stored_cursor = row.map(|row| &row.cursor);
    let stored_since = row.map(|row| &row.updated_since);
    // A value that changes on its way out is told with the stored one.
    let told = |published: &Option<String>, stored: Option<&Option<String>>| {
        let shown = or_null(published.as_deref());
        match stored.filter(|stored| *stored != published) {
            Some(stored) => format!("{shown} (stored: {})", or_null(stored.as_deref())),
            None => shown.to_owned(),
        }
    };
    let mut fact = |name: &str, value: &str| {
        lines.extend(pane::fact(view, name, NAME_CELLS, plain(value), cells));
    };
    fact("key", &checkpoint.key);
    fact("cursor", &told(&checkpoint.cursor, stored_cursor));
    fact("updated_since", &told(&checkpoint.updated_since, stored_since));
    let note = "The cursor is part of the idempotency key: an edit to an issue that leaves the counts and the cursor as \
                they are keeps the key.";
    lines.push(Drawn::default());
    lines.extend(wrap(&[run(note, theme.dim())], cells, 0));
    lines
}
