//! Styles from the terminal's own 16 colours on its own background. A glyph and a word always say the same as the
//! colour does.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::finding::Severity;
use crate::domain::settings::ThemeName;

/// How to draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Theme {
    /// Which colours.
    pub name: ThemeName,
    /// Off under `NO_COLOR` and `--color never`; bold and reversed stay.
    pub colour: bool,
    /// Glyphs and borders in ASCII.
    pub ascii: bool,
}

/// The colours of a theme by what they mean; `None` leaves the terminal's own.
struct Colours {
    good: Option<Color>,
    bad: Option<Color>,
    warn: Option<Color>,
    place: Option<Color>,
    key: Option<Color>,
}

/// Of the eight plain colours red, green and magenta are the ones that neither vanish on black nor on white: yellow
/// and cyan do on white, blue does on black.
const DEFAULT: Colours = Colours {
    good: Some(Color::Green),
    bad: Some(Color::Red),
    warn: Some(Color::Magenta),
    place: None,
    key: None,
};
const DARK: Colours = Colours {
    good: Some(Color::LightGreen),
    bad: Some(Color::LightRed),
    warn: Some(Color::LightYellow),
    place: Some(Color::LightBlue),
    key: Some(Color::LightCyan),
};
const LIGHT: Colours = Colours {
    good: Some(Color::Green),
    bad: Some(Color::Red),
    warn: Some(Color::Magenta),
    place: Some(Color::Blue),
    key: Some(Color::Blue),
};
const NONE: Colours = Colours {
    good: None,
    bad: None,
    warn: None,
    place: None,
    key: None,
};

impl Theme {
    fn colours(self) -> &'static Colours {
        match self.name {
            ThemeName::Default if self.colour => &DEFAULT,
            ThemeName::Dark if self.colour => &DARK,
            ThemeName::Light if self.colour => &LIGHT,
            _ => &NONE,
        }
    }

    /// As it should be.
    pub fn good(self) -> Style {
        painted(self.colours().good)
    }

    /// Not as it should be.
    pub fn bad(self) -> Style {
        painted(self.colours().bad).add_modifier(Modifier::BOLD)
    }

    /// To look at.
    pub fn warn(self) -> Style {
        painted(self.colours().warn)
    }

    /// Line numbers, arrows, places.
    pub fn place(self) -> Style {
        painted(self.colours().place)
    }

    /// Keys and names; bold where no colour tells them apart.
    pub fn key(self) -> Style {
        match self.colours().key {
            Some(colour) => Style::new().fg(colour),
            None => self.strong(),
        }
    }

    /// What is less needed.
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Headings.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The line under the cursor.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A severity's glyph and style.
    pub fn severity(self, severity: Severity) -> (&'static str, Style) {
        match severity {
            Severity::Blocker | Severity::NullRoute => ("✗", self.bad()),
            Severity::SendBlocker => ("⊘", self.bad()),
            Severity::Consent => ("!", self.warn()),
            Severity::Warning => ("▲", self.warn()),
            Severity::Note => ("·", self.dim()),
        }
    }
}

fn painted(colour: Option<Color>) -> Style {
    colour.map_or_else(Style::new, |colour| Style::new().fg(colour))
}
