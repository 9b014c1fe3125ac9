//! What happens to the model.

use tui_input::InputRequest;

use super::action::Action;
use super::effect::{Generation, Table};
use super::model::{Size, Time};
use super::page::PageLine;
use super::publish::{PlanFacts, SendEnd};
use super::snapshot::Snapshot;
use super::spot::Spot;
use super::what_if::Hypothesis;
use crate::domain::osc52::Osc52;
use crate::domain::publish::Phase;
use crate::domain::row_facts::RowsRead;
use crate::domain::window::{self, IssueRow, MappingRow, RowKey};

/// One thing that happened.
#[derive(Debug)]
pub enum Message {
    /// What of the settings could not be taken, a line each.
    Settings(Vec<String>),
    /// The inspector starts.
    Started,
    /// An input changed on disk.
    SourcesChanged,
    /// It is later.
    Tick(Time),
    /// The terminal has this size.
    Resized(Size),
    /// The model as it stands is on the screen.
    Drawn {
        /// Since when.
        now: Time,
        /// How many lines of the text that has the focus do not fit.
        overflow: usize,
        /// What a click finds.
        spots: Vec<Spot>,
    },
    /// A key asks for something.
    Action(Action),
    /// A key edits the text that is typed.
    Text(InputRequest),
    /// Text was pasted. It never acts.
    Pasted(String),
    /// The inputs were read and evaluated: first without the rows' facts, then with them.
    Loaded {
        /// The request.
        generation: Generation,
        /// The picture, or why there is none.
        result: Result<Box<Snapshot>, String>,
    },
    /// A page was made.
    PageReady {
        /// The request.
        generation: Generation,
        /// Its lines, or why there are none.
        result: Result<Vec<PageLine>, String>,
    },
    /// The rows are being checked.
    RowsProgress {
        /// The request.
        generation: Generation,
        /// How far that has come.
        done: RowsRead,
    },
    /// A window of issues.
    IssuesLoaded {
        /// The request.
        generation: Generation,
        /// The rows.
        result: Result<window::Page<IssueRow>, String>,
    },
    /// A window of mappings.
    MappingsLoaded {
        /// The request.
        generation: Generation,
        /// The rows.
        result: Result<window::Page<MappingRow>, String>,
    },
    /// A search ended.
    SearchHit {
        /// The request.
        generation: Generation,
        /// The row; `None` when there is no further one.
        result: Result<Option<RowKey>, String>,
    },
    /// A walk to a row, or a search, goes on.
    Passed {
        /// The request.
        generation: Generation,
        /// How many rows it has passed.
        rows: u64,
    },
    /// A table is being read for a filter or an order.
    SiftProgress {
        /// The request.
        generation: Generation,
        /// How many rows were read.
        read: u64,
        /// How many of them match.
        found: u64,
    },
    /// A table was read for a filter or an order.
    Sifted {
        /// The request.
        generation: Generation,
        /// How many rows match.
        result: Result<u64, String>,
    },
    /// The row that holds a byte of the body.
    Sought {
        /// The request.
        generation: Generation,
        /// It, or why there is none.
        result: Result<(Table, RowKey), String>,
    },
    /// Where a row begins in the body.
    Located {
        /// The request.
        generation: Generation,
        /// Its first byte, or why that is not known.
        result: Result<u64, String>,
    },
    /// The hits of a search are being counted.
    Counted {
        /// The request.
        generation: Generation,
        /// How many there are, so far.
        found: u64,
        /// Whether that is all.
        all: bool,
    },
    /// What comes of some changes in memory.
    WhatIfReady {
        /// The request.
        generation: Generation,
        /// It, or why the changes cannot be made.
        result: Result<Box<Hypothesis>, String>,
    },
    /// The request is frozen.
    PlanReady {
        /// The request.
        generation: Generation,
        /// Its facts, or why it could not be.
        result: Result<Box<PlanFacts>, String>,
    },
    /// The publish goes on.
    SendProgress {
        /// The request.
        generation: Generation,
        /// What is being done.
        phase: Phase,
        /// Body bytes written so far.
        sent: u64,
    },
    /// The publish ended.
    SendFinished {
        /// The request.
        generation: Generation,
        /// How.
        end: Box<SendEnd>,
    },
    /// A copy was made, or not.
    Copied {
        /// What, how many bytes, which way; or why not.
        result: Result<String, String>,
        /// What has to be written to the terminal for it (OSC 52).
        osc52: Option<Osc52>,
        /// Whether the text is lost when the program ends, unless it is handed over.
        held: bool,
    },
    /// The text that the clipboard has from us was handed over, or not.
    HandedOver {
        /// Whether it stays without us.
        kept: bool,
        /// Its other way, to be written to the terminal.
        osc52: Option<Osc52>,
    },
    /// A link was handed to the browser, or not.
    Browsed(Result<String, String>),
    /// The wheel of the mouse was turned.
    Wheel {
        /// Towards the end.
        down: bool,
    },
    /// A cell of the screen was clicked.
    Click {
        /// Its column, from 0.
        x: u16,
        /// Its row, from 0.
        y: u16,
    },
    /// The editor was closed.
    Edited(Result<(), String>),
    /// Something broke off the UI thread: what it said. The rest goes on.
    Broke(String),
}
