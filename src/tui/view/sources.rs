//! Section 6: the files and other places that values come from; secrets come here masked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Drawn, Runs, plain, run, wrap};
use super::{View, pane};
use crate::app::snapshot::{Snapshot, SourceFile};

const LIST_CELLS: u16 = 50;
const NAME_CELLS: usize = 26;

/// Draws the section.
pub fn draw(view: View<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let Some(snapshot) = &view.model.snapshot else {
        pane::frame(view, "Sources", true, area, buf);
        return 0;
    };
    let sources = &snapshot.sources;
    let split = view.split(area, LIST_CELLS, sources.len());
    if let Some(area) = split.list {
        let inner = pane::frame(view, "Sources", split.list_focused(view), area, buf);
        let lines: Vec<Runs> = sources
            .iter()
            .map(|source| list_line(view, snapshot, source))
            .collect();
        pane::list(view, &lines, view.model.cursor(), inner, buf);
    }
    let (Some(area), Some(source)) = (split.detail, sources.get(view.model.cursor())) else {
        return 0;
    };
    let cells = pane::cells(area);
    let (lines, starts) = detail(view, snapshot, source, cells);
    let under_cursor = starts.get(view.model.source_line).filter(|_| view.model.detail);
    match under_cursor {
        Some(&start) => {
            let end = starts.get(view.model.source_line + 1).copied();
            let cursor = start..end.unwrap_or(lines.len());
            pane::text_at(view, source.role, &lines, cursor, area, buf)
        }
        None => pane::text(view, source.role, view.model.detail, &lines, area, buf),
    }
}

fn list_line(view: View<'_>, snapshot: &Snapshot, source: &SourceFile) -> Runs {
    let (glyph, style) = if source.good {
        ("✓", view.theme.good())
    } else {
        ("✗", view.theme.bad())
    };
    let path = source.path.as_ref().map(|path| snapshot.bases.shorten(path));
    vec![
        run(format!(" {glyph} "), style),
        run(format!("{:<12} ", source.role), view.theme.key()),
        plain(path.unwrap_or_else(|| source.state.clone())),
    ]
}

/// The lines, and at which of them each value begins.
fn detail(
    view: View<'_>,
    snapshot: &Snapshot,
    source: &SourceFile,
    cells: usize,
) -> (Vec<Drawn>, Vec<usize>) {
    let theme = view.theme;
    let mut lines = Vec::new();
    let mut starts = Vec::new();
    if let Some(path) = &source.path {
        lines.extend(wrap(&[plain(snapshot.bases.shorten(path))], cells, 0));
    }
    let style = if source.good { theme.good() } else { theme.bad() };
    lines.extend(wrap(&[run(&source.state, style)], cells, 0));
    lines.push(Drawn::default());
    for value in &source.values {
        starts.push(lines.len());
        let line = value
            .line
            .map_or_else(String::new, |line| format!("  line {line}"));
        let runs = [
            run(format!("{:<NAME_CELLS$} ", value.name), theme.key()),
            plain(&value.value),
            run(line, theme.place()),
            run(
                if value.feeds.is_empty() {
                    String::new()
                } else {
                    format!("  feeds {}", value.feeds.join(", "))
                },
                theme.dim(),
            ),
        ];
        lines.extend(wrap(&runs, cells, NAME_CELLS + 1));
    }
    (lines, starts)
}
