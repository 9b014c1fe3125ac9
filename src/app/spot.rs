//! Where things are on the screen, for clicks: noted while drawing, told with what was drawn.

use super::model::Section;

/// The mouse.
#[derive(Debug, Default)]
pub struct Mouse {
    /// Whether it is ours; else it is the terminal's.
    pub on: bool,
    /// What a click finds on the screen as it was drawn.
    pub spots: Vec<Spot>,
}

/// A part of the screen that a click finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// What it is.
    pub of: SpotOf,
}

impl Spot {
    /// Whether a cell belongs to it.
    pub fn holds(&self, x: u16, y: u16) -> bool {
        x.checked_sub(self.x).is_some_and(|x| x < self.width)
            && y.checked_sub(self.y).is_some_and(|y| y < self.height)
    }
}

/// What a click finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotOf {
    /// The name of a section.
    Tab(Section),
    /// Lines of a list.
    List {
        /// The number of the first one that is seen.
        first: usize,
        /// The number of the one under the cursor.
        cursor: usize,
    },
}
