//! Where the link of an issue leads, before it is opened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{Drawn, plain, run, wrap};
use super::{View, pane};
use crate::app::action::Action;
use crate::domain::web_link::WebLink;

const NAME_CELLS: usize = 4;

/// Draws the question.
pub fn draw(view: View<'_>, link: &WebLink, area: Rect, buf: &mut Buffer) -> usize {
    let cells = pane::cells(area);
    let host = run(&link.host, view.theme.strong());
    let mut lines = pane::fact(view, "host", NAME_CELLS, host, cells);
    lines.extend(pane::fact(view, "url", NAME_CELLS, plain(&link.url), cells));
    lines.push(Drawn::default());
    let hint = format!(
        "{} hands it to the browser, {} leaves it",
        view.keys.key_name(Action::Open),
        view.keys.key_name(Action::Back)
    );
    lines.extend(wrap(&[plain(hint)], cells, 0));
    pane::text(view, "Open on the web?", true, &lines, area, buf)
}
