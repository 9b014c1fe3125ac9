//! Where keys mean something: the groups of contexts that the key table names.

use crate::app::action::Context::{self, self as C};

/// The sections.
pub(super) const SECTIONS: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Detail,
];
/// Where there is something to move along or scroll.
pub(super) const MOVING: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Detail,
    C::Plan,
    C::Outcome,
    C::Help,
    C::Page,
    C::WhatIf,
    C::SortMenu,
];
/// Where `p` starts a plan.
pub(super) const PLANNING: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Detail,
    C::Plan,
    C::Outcome,
    C::WhatIf,
];
/// Where `y` copies.
pub(super) const COPYING: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Detail,
    C::Plan,
    C::Outcome,
    C::Page,
    C::WhatIf,
];
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
pub(super) const KEYS: &[Context] = &[
    C::Route,
    C::Rows,
    C::Checkpoint,
    C::Payload,
    C::Sources,
    C::Journal,
    C::Detail,
    C::Plan,
    C::Waiting,
    C::Outcome,
    C::Help,
    C::CopyMenu,
    C::Page,
    C::WhatIf,
    C::SortMenu,
    C::Link,
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
pub(super) const MENU: &[Context] = &[C::CopyMenu];
