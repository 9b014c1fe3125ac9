//! What the user can ask for. Keys are bound to actions in `tui::keymap`, nowhere else.

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Everything a key can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Action {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name: `CopyRoutingKey`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// Its name in words: `copy routing key`.
            pub fn words(self) -> String {
                let mut words = String::new();
                for c in self.name().chars() {
                    if c.is_ascii_uppercase() && !words.is_empty() {
                        words.push(' ');
                    }
                    words.push(c.to_ascii_lowercase());
                }
                words
            }
        }
    };
}

actions! {
    /// Shows section 1.
    ShowRoute,
    /// Shows section 2.
    ShowIssues,
    /// Shows section 3.
    ShowMappings,
    /// Shows section 4.
    ShowCheckpoint,
    /// Shows section 5.
    ShowPayload,
    /// Shows section 6.
    ShowSources,
    /// Shows section 7.
    ShowJournal,
    /// Shows the next section.
    NextSection,
    /// Shows the section before.
    PreviousSection,
    /// Moves one line down.
    Down,
    /// Moves one line up.
    Up,
    /// Moves half a page down.
    HalfPageDown,
    /// Moves half a page up.
    HalfPageUp,
    /// Moves one page down.
    PageDown,
    /// Moves one page up.
    PageUp,
    /// Goes to the first line.
    Top,
    /// Goes to the last line.
    Bottom,
    /// Opens the detail, a fold, or starts the search that was typed.
    Open,
    /// Closes a fold.
    Fold,
    /// Opens a fold.
    Unfold,
    /// Closes all folds.
    FoldAll,
    /// Opens the folds of one level more.
    UnfoldLevel,
    /// Shows the value as text, as it is sent, and byte by byte.
    Bytes,
    /// Goes one step back; never quits.
    Back,
    /// Asks for a text to search for.
    Search,
    /// Goes to the next hit.
    SearchNext,
    /// Goes to the hit before.
    SearchPrevious,
    /// Asks for a filter of the table.
    Filter,
    /// Opens the orders of the table; in there, turns the order round.
    Sort,
    /// Opens the palette: actions by name, and places to go to.
    Palette,
    /// Picks the next choice of the palette.
    PickNext,
    /// Picks the choice before.
    PickPrevious,
    /// Opens the copy menu.
    CopyMenu,
    /// Copies the value under the cursor.
    CopyValue,
    /// Copies where the value is.
    CopyPath,
    /// Copies the line under the cursor.
    CopyRow,
    /// Copies the JSON under the cursor.
    CopyJson,
    /// Copies the whole body.
    CopyPayload,
    /// Copies a curl command.
    CopyCurl,
    /// Copies provider, workspace, type and id.
    CopyRoutingKey,
    /// Copies the idempotency key.
    CopyIdempotencyKey,
    /// Writes a redacted report for a bug report; in the copy menu, copies it.
    Report,
    /// Lets the next copy go to a new file.
    CopyToFile,
    /// Opens the editor at the line.
    Edit,
    /// Shows where the issue's URL leads, and asks whether to open it.
    Browse,
    /// Gives the pane that has the focus the whole body, or takes that back.
    Zoom,
    /// Turns the mouse on or off.
    Mouse,
    /// Reads everything again.
    Reload,
    /// Freezes the request and shows it.
    Plan,
    /// Freezes the kept request of the unknown attempt under the cursor.
    Resend,
    /// Accepts the finding under the cursor, or takes that back.
    Accept,
    /// Sends the frozen request.
    Send,
    /// Shows what changed since the last delivered publish.
    Changes,
    /// Goes to where the value comes from.
    ToOrigin,
    /// Goes to what the place feeds.
    ToFed,
    /// Opens the hypothesis.
    WhatIf,
    /// Takes an input away in the hypothesis, or puts the real one back.
    TakeAway,
    /// Shows what changed on disk.
    Events,
    /// Goes on to the next scene of the demo.
    NextScene,
    /// Shows the keys.
    Help,
    /// Closes what is open; quits when nothing is.
    Quit,
    /// Quits from anywhere.
    Exit,
    /// Gives the terminal back to the shell until `fg`.
    Suspend,
}

/// What the keys mean at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Section 1.
    Route,
    /// Sections 2 and 3.
    Rows,
    /// Section 4.
    Checkpoint,
    /// Section 5.
    Payload,
    /// Section 6.
    Sources,
    /// Section 7.
    Journal,
    /// The detail of a line has the focus.
    Detail,
    /// The frozen request.
    Plan,
    /// A plan is being built, or an answer awaited.
    Waiting,
    /// The outcome of a publish.
    Outcome,
    /// The list of keys.
    Help,
    /// The copy menu.
    CopyMenu,
    /// A text is typed.
    Search,
    /// The palette.
    Palette,
    /// The orders of a table.
    SortMenu,
    /// A text to read.
    Page,
    /// A hypothesis.
    WhatIf,
    /// A link to be opened.
    Link,
}

impl Context {
    /// All contexts.
    pub const ALL: &[Self] = &[
        Self::Route,
        Self::Rows,
        Self::Checkpoint,
        Self::Payload,
        Self::Sources,
        Self::Journal,
        Self::Detail,
        Self::Plan,
        Self::Waiting,
        Self::Outcome,
        Self::Help,
        Self::CopyMenu,
        Self::Search,
        Self::Palette,
        Self::SortMenu,
        Self::Page,
        Self::WhatIf,
        Self::Link,
    ];

    /// Whether it is that of a section with nothing over it.
    pub fn is_section(self) -> bool {
        use Context as C;
        matches!(
            self,
            C::Route | C::Rows | C::Checkpoint | C::Payload | C::Sources | C::Journal
        )
    }
}
