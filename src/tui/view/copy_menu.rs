//! The copy menu: what can be copied here, and why not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{bytes, line, plain, run};
use super::{View, pane};
use crate::app::action::Action;
use crate::app::copy::{self, MENU};
use crate::app::effect::CopyContent;

/// Draws the menu.
pub fn draw(view: View<'_>, to_file: bool, area: Rect, buf: &mut Buffer) -> usize {
    let theme = view.theme;
    let cells = pane::cells(area);
    let mut lines = Vec::new();
    for action in MENU {
        // What the footer need not show has its own name here.
        let word = view.keys.binding(action).map_or("", |row| row.footer);
        let word = if word.is_empty() { &action.words() } else { word };
        let key = run(format!(" {}  ", view.keys.key_name(action)), theme.key());
        let name = plain(format!("{word:<16} "));
        let runs = match copy::content(view.model, action) {
            Ok(content) => vec![key, name, run(preview(&content), theme.dim())],
            Err(reason) => vec![run(
                format!(" {}  {word:<16} – {reason}", view.keys.key_name(action)),
                theme.dim(),
            )],
        };
        lines.push(line(&runs, cells));
    }
    let file = run(
        format!(" {}  ", view.keys.key_name(Action::CopyToFile)),
        theme.key(),
    );
    let text = if to_file {
        "to a new file of mode 0600: now press a letter"
    } else {
        "then a letter: to a new file of mode 0600"
    };
    lines.push(line(&[file, plain(text)], cells));
    let title = if to_file {
        "Copy to a new file"
    } else {
        "Copy to the clipboard"
    };
    pane::text(view, title, true, &lines, area, buf)
}

fn preview(content: &CopyContent) -> String {
    match content {
        CopyContent::Text { text, .. } if text.as_str().len() <= 60 => text.as_str().to_owned(),
        CopyContent::Text { text, .. } => bytes(text.as_str().len() as u64),
        CopyContent::Payload => "the exact bytes".to_owned(),
        CopyContent::Report => "redacted, for a bug report".to_owned(),
        CopyContent::Curl => "the token as $SAAS_AUTH_TOKEN".to_owned(),
    }
}
