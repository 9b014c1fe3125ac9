//! What `update` asks the outside to do, as plain data.

use std::path::PathBuf;

use crate::domain::catalogue::FindingName;
use crate::domain::filter::Subject;
use crate::domain::osc52::Osc52;
use crate::domain::safe::SafeText;
use crate::domain::web_link::WebLink;
use crate::domain::what_if::Change;
use crate::domain::window::{Arrange, PageFrom, RowKey};

/// Tells answers apart: only the newest request's answer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u64);

/// A table of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// `tracker_issues`.
    Issues,
    /// `tracker_mappings`.
    Mappings,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 2] = [Self::Issues, Self::Mappings];

    /// The field of the body that holds its rows.
    pub fn field(self) -> &'static str {
        match self {
            Self::Issues => "issues",
            Self::Mappings => "mappings",
        }
    }

    /// The table whose rows a field of the body holds.
    pub fn of_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.field() == field)
    }

    /// What its rows are for a filter.
    pub fn subject(self) -> Subject {
        match self {
            Self::Issues => Subject::Issues,
            Self::Mappings => Subject::Mappings,
        }
    }
}

/// A list of rows on the screen. The body's lists are apart: they show all rows in publish order, whatever a table
/// is filtered and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Section 2.
    Issues,
    /// Section 3.
    Mappings,
    /// `issues` of section 5.
    BodyIssues,
    /// `mappings` of section 5.
    BodyMappings,
}

impl List {
    /// All lists.
    pub const ALL: [Self; 4] = [Self::Issues, Self::Mappings, Self::BodyIssues, Self::BodyMappings];

    /// The table that it shows.
    pub fn table(self) -> Table {
        match self {
            Self::Issues | Self::BodyIssues => Table::Issues,
            Self::Mappings | Self::BodyMappings => Table::Mappings,
        }
    }

    /// The section's list of a table.
    pub fn of(table: Table) -> Self {
        match table {
            Table::Issues => Self::Issues,
            Table::Mappings => Self::Mappings,
        }
    }

    /// The body's list of a table.
    pub fn in_body(table: Table) -> Self {
        match table {
            Table::Issues => Self::BodyIssues,
            Table::Mappings => Self::BodyMappings,
        }
    }
}

/// Something to be done outside of the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read all inputs, evaluate, then check the rows.
    Load {
        /// Comes back with the answers.
        generation: Generation,
    },
    /// Read a window of rows.
    LoadPage {
        /// Comes back with the answer.
        generation: Generation,
        /// For which list.
        list: List,
        /// Which rows.
        from: PageFrom,
        /// At most so many.
        limit: usize,
        /// Of those that the list shows, in its order.
        arrange: Arrange,
    },
    /// Read a whole table for a filter or an order: counts, places, the first rows.
    Sift {
        /// Comes back with the answers.
        generation: Generation,
        /// Which table.
        table: Table,
        /// The filter and the order.
        arrange: Arrange,
    },
    /// Find the row that holds a byte of the body.
    Seek {
        /// Comes back with the answer.
        generation: Generation,
        /// The byte, from 0.
        offset: u64,
    },
    /// Find where a row begins in the body.
    Locate {
        /// Comes back with the answer.
        generation: Generation,
        /// Of which table.
        table: Table,
        /// The row.
        key: RowKey,
    },
    /// Count the rows whose published text holds `text`, ignoring case.
    Count {
        /// Comes back with the answers.
        generation: Generation,
        /// In which list.
        list: List,
        /// Of the rows that the list shows.
        arrange: Arrange,
        /// What to look for.
        text: String,
    },
    /// Find a row whose published text holds `text`, ignoring case.
    Search {
        /// Comes back with the answer.
        generation: Generation,
        /// In which list.
        list: List,
        /// Of the rows that the list shows, in its order.
        arrange: Arrange,
        /// What to look for.
        text: String,
        /// Behind (or before) this row; from the end of the table without one.
        from: Option<RowKey>,
        /// Towards the end.
        forward: bool,
    },
    /// Freeze the request: read everything once more and build the whole body.
    BuildPlan {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// Freeze the kept request of an earlier attempt.
    PlanAgain {
        /// Comes back with the answer.
        generation: Generation,
        /// The attempt.
        attempt: String,
    },
    /// Compare the body with the last delivered one of this binding.
    Compare {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// Evaluate with some inputs changed in memory.
    WhatIf {
        /// Comes back with the answer.
        generation: Generation,
        /// The changes.
        changes: Vec<Change>,
    },
    /// Forget a frozen request.
    DropPlan {
        /// Which.
        plan_id: u64,
    },
    /// Send a frozen request, once.
    Send {
        /// Comes back with the answers.
        generation: Generation,
        /// Which.
        plan_id: u64,
        /// The findings that the user accepted.
        accepted: Vec<FindingName>,
    },
    /// Stop a search, a plan being built, or waiting for an answer.
    Stop {
        /// Of which request.
        generation: Generation,
    },
    /// Copy something.
    Copy {
        /// What.
        content: CopyContent,
        /// To a new file of mode 0600 and not to the clipboard.
        to_file: bool,
    },
    /// Have somebody else keep the text that the clipboard has from us.
    HandOver,
    /// Have the terminal set its clipboard.
    WriteTerminal(Osc52),
    /// Open the editor.
    Edit {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Open a link in the browser.
    Browse(WebLink),
    /// Have the terminal tell of the mouse, or leave that to it.
    Mouse(bool),
    /// Stop the process until the shell continues it.
    Suspend,
}

impl Effect {
    /// Copies a text to the clipboard.
    pub(super) fn copy_text(name: &'static str, text: SafeText) -> Self {
        Self::Copy {
            content: CopyContent::Text { name, text },
            to_file: false,
        }
    }
}

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyContent {
    /// A text from the model.
    Text {
        /// What it is, for the message.
        name: &'static str,
        /// The text, safe to paste.
        text: SafeText,
    },
    /// The exact bytes of the body.
    Payload,
    /// A curl command that sends the same request.
    Curl,
    /// The redacted report for a bug report.
    Report,
}
