//! Section 5: the body as a tree of its eleven fields.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Runs, bytes, plain, run};
use super::{View, pane};
use crate::app::outline::Outline;
use crate::app::search::hits_shown;
use crate::app::tree::{Node, TreeLine};
use crate::app::value;
use crate::domain::safe::escape_hidden;

/// Names of the fields.
const NAME_CELLS: usize = 24;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let outline = Outline::of(view.model);
    let snapshot = view.model.snapshot.as_ref();
    let body = snapshot.and_then(|snapshot| snapshot.evaluation.plan.as_ref()?.body);
    let title = match (body, snapshot) {
        (Some(body), _) => format!("Payload, {}", bytes(body.bytes)),
        (None, Some(snapshot)) if snapshot.rows_checked => "Payload: no body can be built".to_owned(),
        _ => "Payload".to_owned(),
    };
    let title = match hits_shown(view.model) {
        Some(hits) => format!("{title} · {hits}"),
        None => title,
    };
    let inner = pane::frame(view, &title, true, area, buf);
    if let Some(value) = value::under_cursor(view.model) {
        let size = bytes(value.bytes());
        pane::foot(view, &format!("{}, {size}", value.path), area, buf);
    }
    let line = |index| {
        outline
            .line(index)
            .map(|line| line_runs(view, &line))
            .unwrap_or_default()
    };
    pane::list_of(view, outline.len(), outline.cursor(), line, (inner, buf));
    0
}

fn line_runs(view: View<'_>, line: &TreeLine) -> Runs {
    let theme = view.theme;
    let fold = match line.fold {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    let indent = "  ".repeat(line.depth);
    // The body's own escapes tell the truth about what hides: no JSON is shown by a stand-in.
    let name = match line.node {
        Node::Field(_) => run(format!("{:<NAME_CELLS$}", line.name), theme.key()),
        Node::Line(..) => plain(escape_hidden(&line.name)),
        Node::Above(_) | Node::Below(_) => run(&line.name, theme.dim()),
        _ => run(format!("{} ", line.name), theme.dim()),
    };
    let value = if line.value == "null" {
        run(&line.value, theme.warn())
    } else {
        plain(escape_hidden(&line.value))
    };
    let note = if line.note.starts_with('✗') {
        theme.bad()
    } else {
        theme.warn()
    };
    vec![
        plain(format!("{indent}{fold}")),
        name,
        value,
        run(format!("  {}", line.note), note),
    ]
}
