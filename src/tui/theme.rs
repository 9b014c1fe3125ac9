//! Styles from the terminal's own 16 colours on its own background. A glyph and a word always say the same as the
//! colour does.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::finding::Severity;

/// Whether to colour at all.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Off under `NO_COLOR` and `--color never`; bold and reversed stay.
    pub colour: bool,
}

impl Theme {
    fn in_colour(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// As it should be.
    pub fn good(self) -> Style {
        self.in_colour(Color::Green)
    }

    /// Not as it should be.
    pub fn bad(self) -> Style {
        self.in_colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// To look at.
    pub fn warn(self) -> Style {
        self.in_colour(Color::Yellow)
    }

    /// Line numbers, arrows, places.
    pub fn place(self) -> Style {
        self.in_colour(Color::Blue)
    }

    /// Keys and names.
    pub fn key(self) -> Style {
        self.in_colour(Color::Cyan)
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
