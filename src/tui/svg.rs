//! A screen as a picture. The same screen makes the same bytes; nothing in it is text of the outside as it came: the
//! screen holds none (`view::text`), and what XML forbids is replaced once more here.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::domain::safe::is_hidden;

/// A cell's width and height, in tenths.
const CELL: (u32, u32) = (84, 180);
/// Where letters stand above the lower edge of their cell, in tenths.
const BASELINE: u32 = 50;
/// The room around the screen, in tenths.
const MARGIN: u32 = 100;

/// What the picture's screen looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Ground {
    fn ground(self) -> &'static str {
        match self {
            Self::Dark => "#16181d",
            Self::Light => "#ffffff",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Dark => "#d5d9e0",
            Self::Light => "#24292f",
        }
    }

    /// The terminal's 16 colours, each readable on its ground.
    fn colour(self, colour: Color) -> &'static str {
        let (dark, light) = match colour {
            Color::Red | Color::LightRed => ("#ff7b72", "#cf222e"),
            Color::Green | Color::LightGreen => ("#56d364", "#116329"),
            Color::Yellow | Color::LightYellow => ("#e3b341", "#7d4e00"),
            Color::Blue | Color::LightBlue => ("#79c0ff", "#0550ae"),
            Color::Magenta | Color::LightMagenta => ("#d2a8ff", "#8250df"),
            Color::Cyan | Color::LightCyan => ("#56d4dd", "#0b6e78"),
            _ => (Self::Dark.text(), Self::Light.text()),
        };
        match self {
            Self::Dark => dark,
            Self::Light => light,
        }
    }
}

/// Cells of a line that look the same.
struct Part {
    x: u16,
    cells: u16,
    text: String,
    style: Style,
}

/// Draws a screen.
pub fn svg(screen: &Buffer, ground: Ground) -> String {
    let (width, height) = (u32::from(screen.area.width), u32::from(screen.area.height));
    let (width, height) = (width * CELL.0 + 2 * MARGIN, height * CELL.1 + 2 * MARGIN);
    let mut svg = String::new();
    svg += &format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{0}\" height=\"{1}\">\n",
        tenths(width),
        tenths(height)
    );
    // Order on the screen is the order of the cells, whatever direction a letter has.
    svg += "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;\
            white-space:pre;direction:ltr;unicode-bidi:bidi-override}.b{font-weight:700}.d{opacity:.7}</style>\n";
    svg += &format!(
        "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        ground.ground()
    );
    for y in 0..screen.area.height {
        for part in parts(screen, y) {
            draw(&mut svg, &part, y, ground);
        }
    }
    svg += "</svg>\n";
    svg
}

/// A line's parts: what looks the same and is either all borders or all text.
fn parts(screen: &Buffer, y: u16) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut x = 0;
    while x < screen.area.width {
        let cell = &screen[(screen.area.x + x, screen.area.y + y)];
        let cells = u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
        let style = looks(cell);
        match parts.last_mut() {
            Some(last) if last.style == style && is_border(&last.text) == is_border(cell.symbol()) => {
                last.cells += cells;
                last.text += cell.symbol();
            }
            _ => parts.push(Part {
                x,
                cells,
                text: cell.symbol().to_owned(),
                style,
            }),
        }
        x += cells;
    }
    parts
}

/// What of a cell's style is drawn; a blank has none but being reversed.
fn looks(cell: &Cell) -> Style {
    let style = cell.style();
    let kept = Modifier::REVERSED | Modifier::BOLD | Modifier::DIM;
    let mut looks = Style::new().add_modifier(style.add_modifier & kept);
    looks.fg = style.fg.filter(|colour| *colour != Color::Reset);
    looks
}

/// Which of the four sides a border's line goes to, and how thick it is.
fn border(c: char) -> Option<([bool; 4], u32)> {
    let sides = |up, right, down, left| [up, right, down, left];
    Some(match c {
        '─' => (sides(false, true, false, true), 10),
        '│' => (sides(true, false, true, false), 10),
        '┌' => (sides(false, true, true, false), 10),
        '┐' => (sides(false, false, true, true), 10),
        '└' => (sides(true, true, false, false), 10),
        '┘' => (sides(true, false, false, true), 10),
        '═' => (sides(false, true, false, true), 24),
        '║' => (sides(true, false, true, false), 24),
        '╔' => (sides(false, true, true, false), 24),
        '╗' => (sides(false, false, true, true), 24),
        '╚' => (sides(true, true, false, false), 24),
        '╝' => (sides(true, false, false, true), 24),
        _ => return None,
    })
}

fn is_border(text: &str) -> bool {
    text.chars().next().is_some_and(|c| border(c).is_some())
}

fn draw(svg: &mut String, part: &Part, y: u16, ground: Ground) {
    let left = MARGIN + u32::from(part.x) * CELL.0;
    let top = MARGIN + u32::from(y) * CELL.1;
    let width = u32::from(part.cells) * CELL.0;
    let reversed = part.style.add_modifier.contains(Modifier::REVERSED);
    let colour = part
        .style
        .fg
        .map_or(ground.text(), |colour| ground.colour(colour));
    if reversed {
        let (x, y, width, height) = (tenths(left), tenths(top), tenths(width), tenths(CELL.1));
        // A string takes all that is written to it.
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"
        );
    }
    let colour = if reversed { ground.ground() } else { colour };
    if is_border(&part.text) {
        return lines(svg, part, (left, top), colour);
    }
    for (before, shown) in phrases(&part.text) {
        let cells = |text: &str| u32::try_from(text.width()).unwrap_or(0) * CELL.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{}>{}</text>",
            tenths(left + cells(before)),
            tenths(top + CELL.1 - BASELINE),
            tenths(cells(shown)),
            class(part.style),
            escaped(shown)
        );
    }
}

/// What stands between gaps of a text, each with all that is before it. Not every viewer keeps the blanks of a gap, so
/// each piece has a place of its own.
fn phrases(text: &str) -> Vec<(&str, &str)> {
    let mut phrases = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c| c != ' ').map(|start| at + start) {
        let end = text[start..].find("  ").map_or(text.len(), |end| start + end);
        phrases.push((&text[..start], text[start..end].trim_end_matches(' ')));
        at = end;
    }
    phrases
}

fn class(style: Style) -> &'static str {
    let bold = style.add_modifier.contains(Modifier::BOLD);
    match (bold, style.add_modifier.contains(Modifier::DIM)) {
        (true, true) => " class=\"b d\"",
        (true, false) => " class=\"b\"",
        (false, true) => " class=\"d\"",
        (false, false) => "",
    }
}

/// Borders as lines, so that they meet whatever the font.
fn lines(svg: &mut String, part: &Part, (left, top): (u32, u32), colour: &str) {
    let mut path = String::new();
    let mut thick = 10;
    let mut reach = None;
    for (index, c) in (0..).zip(part.text.chars()) {
        let Some(([up, right, down, before], thickness)) = border(c) else {
            continue;
        };
        thick = thickness;
        let (x, middle) = (left + index * CELL.0, top + CELL.1 / 2);
        let centre = x + CELL.0 / 2;
        let from = if before { x } else { centre };
        if before || right {
            let to = if right { x + CELL.0 } else { centre };
            // A line that goes on is one line.
            if reach != Some(from) {
                path += &format!("M{} {}", tenths(from), tenths(middle));
            } else if let Some(cut) = path.rfind('H') {
                path.truncate(cut);
            }
            path += &format!("H{}", tenths(to));
            reach = Some(to);
        }
        if up || down {
            let from = if up { top } else { middle };
            let to = if down { top + CELL.1 } else { middle };
            path += &format!("M{} {}V{}", tenths(centre), tenths(from), tenths(to));
            reach = None;
        }
    }
    let _ = writeln!(
        svg,
        "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"{}\"{}/>",
        tenths(thick),
        class(part.style)
    );
}

/// Text of an element; what XML forbids or hides is shown as a replacement.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            c if c.is_control() || is_hidden(c) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Tenths as a number: `84` is `8.4`.
fn tenths(value: u32) -> String {
    match value % 10 {
        0 => (value / 10).to_string(),
        rest => format!("{}.{rest}", value / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str) -> String {
        svg(&Buffer::with_lines([line]), Ground::Dark)
    }

    #[test]
    fn nothing_hidden_and_no_markup_comes_through() {
        let svg = drawn("a<b>&\u{202e}x\u{feff}");
        assert!(svg.contains("a&lt;b&gt;&amp;"), "{svg}");
        assert!(!svg.chars().any(|c| is_hidden(c) || (c.is_control() && c != '\n')));
    }

    #[test]
    fn borders_are_lines_and_letters_keep_their_cells() {
        let svg = drawn("┌──┐ 支払 x");
        assert!(
            svg.contains("H39.4") && svg.contains("textLength=\"50.4\""),
            "{svg}"
        );
    }
}
