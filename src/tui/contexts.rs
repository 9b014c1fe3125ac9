//! Where keys mean something: the groups of contexts that the key table names.

use crate::app::action::Context::{self, self as C};

/// The sections, and some contexts more.
macro_rules! sections_and {
    ($($more:ident),*) => {
        &[C::Route, C::Rows, C::Checkpoint, C::Payload, C::Sources, C::Journal, $(C::$more),*]
    };
}

/// The sections.
pub(super) const SECTIONS: &[Context] = sections_and![Detail];
/// Where there is something to move along or scroll.
pub(super) const MOVING: &[Context] = sections_and![Detail, Plan, Outcome, Help, Page, WhatIf, SortMenu];
/// Where `p` starts a plan.
pub(super) const PLANNING: &[Context] = sections_and![Detail, Plan, Outcome, WhatIf];
/// Where `y` copies.
pub(super) const COPYING: &[Context] = sections_and![Detail, Plan, Outcome, Page, WhatIf];
/// Where `R` reports: not in the journal, where it sends again.
pub(super) const REPORTING: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::CopyMenu,
];
/// Everywhere but where text is typed.
pub(super) const KEYS: &[Context] = sections_and![
    Detail, Plan, Waiting, Outcome, Help, CopyMenu, Page, WhatIf, SortMenu, Link
];
/// Where enter does something.
pub(super) const OPENING: &[Context] = &[
    C::Route,
    C::Rows,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Search,
    C::Palette,
    C::SortMenu,
    C::WhatIf,
    C::Link,
];
/// Where there is a list and its detail.
pub(super) const PANES: &[Context] = &[C::Route, C::Rows, C::Sources, C::Journal, C::Detail];
/// In the copy menu.
pub(super) const MENU: &[Context] = &[C::CopyMenu];
