//! The model: everything the screen shows, and nothing that is not shown.

use std::time::Duration;

use tui_input::Input;

use super::action::Context;
use super::arrange::SortMenu;
use super::effect::{Effect, Generation, List, Table};
use super::leave::{HeldCopy, LeavesFor};
use super::page::Page;
use super::palette::Palette;
use super::publish::Publish;
use super::search::Search;
use super::snapshot::{SceneFacts, Snapshot, SourceFile, SourceValue};
use super::spot::Mouse;
use super::tree::{Node, Tree};
use super::what_if::WhatIf;
use super::window::Window;
use crate::domain::evaluation::{Evaluation, StoreState, Verdict};
use crate::domain::events::{Event, Seen};
use crate::domain::finding::{Finding, Severity};
use crate::domain::journal::Attempt;
use crate::domain::row_facts::RowsRead;
use crate::domain::web_link::WebLink;
use crate::domain::window::{IssueRow, MappingRow};

/// Time since the start.
pub type Time = Duration;

/// The terminal's size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// The seven sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Findings with their evidence, and the derivation of the route.
    Route,
    /// The issues as published.
    Issues,
    /// The mappings, joined to their issues.
    Mappings,
    /// The checkpoint.
    Checkpoint,
    /// The body as a tree.
    Payload,
    /// The files.
    Sources,
    /// What was published.
    Journal,
}

impl Section {
    /// All sections in order.
    pub const ALL: [Self; 7] = [
        Self::Route,
        Self::Issues,
        Self::Mappings,
        Self::Checkpoint,
        Self::Payload,
        Self::Sources,
        Self::Journal,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Route => "Route",
            Self::Issues => "Issues",
            Self::Mappings => "Mappings",
            Self::Checkpoint => "Checkpoint",
            Self::Payload => "Payload",
            Self::Sources => "Sources",
            Self::Journal => "Journal",
        }
    }

    /// The section so many steps further, around the end.
    #[must_use]
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// What lies over the section.
#[derive(Debug)]
pub enum Overlay {
    /// The keys.
    Help,
    /// The copy menu.
    CopyMenu {
        /// Whether the copy goes to a new file.
        to_file: bool,
    },
    /// A text to search for is typed.
    Search(Input),
    /// A filter is typed.
    Filter(Input),
    /// The orders of a table.
    Sort(SortMenu),
    /// Actions by name, and places to go to.
    Palette(Palette),
    /// A hypothesis.
    WhatIf(Box<WhatIf>),
    /// A text to read.
    Page(Page),
    /// A link, shown before it is opened.
    Link(WebLink),
}

/// A short message on the status line until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Whether something went well, went wrong, or neither.
    pub good: Option<bool>,
}

impl Toast {
    /// Neither good nor bad.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, good: None }
    }

    /// Something worked.
    pub fn good(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            text,
            good: Some(true),
        }
    }

    /// Something did not.
    pub fn bad(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            text,
            good: Some(false),
        }
    }
}

/// Most events that are remembered.
pub const MAX_EVENTS: usize = 200;

/// Lines of the screen that are not a list's own: header, tabs, keys and status, and the list's two borders.
const FRAMING: u16 = 6;

/// Everything the screen shows.
#[derive(Debug)]
pub struct Model {
    /// The terminal's size.
    pub size: Size,
    /// The time of the last message.
    pub now: Time,
    /// The section that is shown.
    pub section: Section,
    /// Whether the detail of a line has the focus.
    pub detail: bool,
    /// What lies over the section.
    pub overlay: Option<Overlay>,
    /// Where publishing stands; its panel lies over the section too.
    pub publish: Publish,
    /// The last good load.
    pub snapshot: Option<Box<Snapshot>>,
    /// The load under way.
    pub loading: Option<Generation>,
    /// How many rows the check has read.
    pub rows_checked: Option<RowsRead>,
    /// Why the last load failed.
    pub load_trouble: Option<String>,
    /// The cursor of each section that is a list.
    pub cursors: [usize; 7],
    /// The line of a source under the cursor, when its detail has the focus.
    pub source_line: usize,
    /// How far the text that has the focus is scrolled.
    pub scroll: usize,
    /// How far it can be.
    pub overflow: usize,
    /// Whether the pane that has the focus takes the whole body.
    pub zoom: bool,
    /// The mouse.
    pub mouse: Mouse,
    /// Issues around the cursor.
    pub issues: Window<IssueRow>,
    /// Mappings around the cursor.
    pub mappings: Window<MappingRow>,
    /// Issues of the body around the cursor.
    pub body_issues: Window<IssueRow>,
    /// Mappings of the body around the cursor.
    pub body_mappings: Window<MappingRow>,
    /// The body as a tree.
    pub tree: Tree,
    /// A byte of the body being looked for.
    pub seeking: Option<Generation>,
    /// What comes when the inspector is left.
    pub leaves_for: LeavesFor,
    /// Whether a copy ends with the program.
    pub held_copy: HeldCopy,
    /// The last search.
    pub search: Search,
    /// A short message.
    pub toast: Option<Toast>,
    /// What changed while the inspector was open, with the time, newest last; at most [`MAX_EVENTS`].
    pub events: Vec<(String, Event)>,
    /// The last whole load, for telling what changed.
    pub seen: Option<Seen>,
    /// Whether the inspector ends.
    pub quit: bool,
    last_generation: u64,
}

impl Model {
    /// A model before anything is known.
    pub fn new(size: Size) -> Self {
        Self {
            size,
            now: Time::ZERO,
            section: Section::Route,
            detail: false,
            overlay: None,
            publish: Publish::Idle,
            snapshot: None,
            loading: None,
            rows_checked: None,
            load_trouble: None,
            cursors: [0; 7],
            source_line: 0,
            scroll: 0,
            overflow: 0,
            zoom: false,
            mouse: Mouse::default(),
            issues: Window::default(),
            mappings: Window::default(),
            body_issues: Window::default(),
            body_mappings: Window::default(),
            tree: Tree::default(),
            seeking: None,
            leaves_for: LeavesFor::Shell,
            held_copy: HeldCopy::None,
            search: Search::default(),
            toast: None,
            events: Vec::new(),
            seen: None,
            quit: false,
            last_generation: 0,
        }
    }

    /// What the keys mean.
    pub fn context(&self) -> Context {
        match &self.overlay {
            Some(Overlay::Help) => Context::Help,
            Some(Overlay::CopyMenu { .. }) => Context::CopyMenu,
            Some(Overlay::Search(_) | Overlay::Filter(_)) => Context::Search,
            Some(Overlay::Palette(_)) => Context::Palette,
            Some(Overlay::Sort(_)) => Context::SortMenu,
            Some(Overlay::WhatIf(what_if)) if what_if.typing.is_some() => Context::Search,
            Some(Overlay::WhatIf(_)) => Context::WhatIf,
            Some(Overlay::Page(_)) => Context::Page,
            Some(Overlay::Link(_)) => Context::Link,
            None => self.context_below(),
        }
    }

    /// What it would be without an overlay.
    pub fn context_below(&self) -> Context {
        match &self.publish {
            Publish::Planning { .. } | Publish::Sending(_) => Context::Waiting,
            Publish::Confirming(_) => Context::Plan,
            Publish::Done(_) => Context::Outcome,
            Publish::Idle if self.detail => Context::Detail,
            Publish::Idle => match self.section {
                Section::Route => Context::Route,
                Section::Issues | Section::Mappings => Context::Rows,
                Section::Checkpoint => Context::Checkpoint,
                Section::Payload => Context::Payload,
                Section::Sources => Context::Sources,
                Section::Journal => Context::Journal,
            },
        }
    }

    /// Whether time that passes changes what is shown.
    pub fn is_waiting(&self) -> bool {
        matches!(self.publish, Publish::Sending(_))
    }

    /// A number for a new request.
    pub fn next_generation(&mut self) -> Generation {
        self.last_generation += 1;
        Generation(self.last_generation)
    }

    /// Reads everything again.
    pub(super) fn load(&mut self) -> Vec<Effect> {
        let generation = self.next_generation();
        self.loading = Some(generation);
        vec![Effect::Load { generation }]
    }

    /// The cursor of the section that is shown.
    pub fn cursor(&self) -> usize {
        self.cursors[self.section as usize]
    }

    /// What the last good load came to.
    pub fn evaluation(&self) -> Option<&Evaluation> {
        self.snapshot.as_ref().map(|snapshot| &snapshot.evaluation)
    }

    /// The files of section 6.
    pub fn sources(&self) -> &[SourceFile] {
        self.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.sources)
    }

    /// The source under the cursor of section 6.
    pub fn source(&self) -> Option<&SourceFile> {
        self.sources().get(self.cursors[Section::Sources as usize])
    }

    /// The line of it under the cursor, when its detail has the focus.
    pub fn source_value(&self) -> Option<&SourceValue> {
        let source = self.source().filter(|_| self.detail)?;
        source.values.get(self.source_line)
    }

    /// The publishes of section 7, newest first.
    pub fn attempts(&self) -> &[Attempt] {
        self.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.attempts)
    }

    /// The publish under the cursor of section 7.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts().get(self.cursors[Section::Journal as usize])
    }

    /// The hypothesis that lies over the section.
    pub fn what_if(&self) -> Option<&WhatIf> {
        match &self.overlay {
            Some(Overlay::WhatIf(what_if)) => Some(what_if),
            _ => None,
        }
    }

    /// The findings, in the order they are shown.
    pub fn findings(&self) -> &[Finding] {
        self.evaluation().map_or(&[], |evaluation| &evaluation.findings)
    }

    /// The finding under the cursor of section 1.
    pub fn finding(&self) -> Option<&Finding> {
        self.findings().get(self.cursors[Section::Route as usize])
    }

    /// The findings that decide the verdict, each by its root cause: what the header names.
    pub fn deciding_findings(&self) -> impl Iterator<Item = &Finding> {
        let severity = match self.evaluation().map(|evaluation| evaluation.verdict) {
            Some(Verdict::Blocked) => Some(Severity::Blocker),
            Some(Verdict::NullRoute) => Some(Severity::NullRoute),
            _ => None,
        };
        let findings = self.findings();
        let roots: Vec<_> = findings
            .iter()
            .filter(|finding| Some(finding.severity()) == severity)
            .map(|finding| finding.explained_by.unwrap_or(finding.name))
            .collect();
        findings
            .iter()
            .filter(move |finding| roots.contains(&finding.name))
    }

    /// How many lines a section's list shows at once.
    pub fn page_rows(&self) -> usize {
        usize::from(self.size.height.saturating_sub(FRAMING)).max(1)
    }

    /// Whether the store's rows can be read.
    pub fn has_rows(&self) -> bool {
        self.evaluation()
            .is_some_and(|evaluation| evaluation.store.state == Some(StoreState::Ok))
    }

    /// How many rows a table has, when they are counted.
    pub fn rows_of(&self, table: Table) -> Option<u64> {
        let store = &self.evaluation()?.store;
        match table {
            Table::Issues => store.issues,
            Table::Mappings => store.mappings,
        }
    }

    /// Whether a list is on the screen.
    pub fn shows(&self, list: List) -> bool {
        match (self.section, list) {
            (Section::Issues, List::Issues) | (Section::Mappings, List::Mappings) => true,
            (Section::Payload, List::BodyIssues) => self.tree.is_open(&Node::Field("issues")),
            (Section::Payload, List::BodyMappings) => self.tree.is_open(&Node::Field("mappings")),
            _ => false,
        }
    }

    /// The scene, when this is one.
    pub fn scene(&self) -> Option<&SceneFacts> {
        self.snapshot.as_ref()?.scene.as_ref()
    }
}
