//! The filter language of the tables: terms that a row must all meet.
//!
//! ```text
//! word  "two words"     key, title or id (of mappings wp, key or id) holds it; case never matters
//! ~letters              one of these holds the letters in this order
//! /regular expression/  one of these matches
//! field:value           status, type, priority, system, assignee and label are it; other fields hold it
//! field:=value          the field is it, as a whole
//! field:/re/ field:~abc as above, in this field
//! field:null            the field has no value
//! field:>value          the field is greater; >= < <= too
//! !term                 the term is not met
//! ```

mod fields;
mod read;

use std::cmp::Ordering;
use std::fmt;

use regex::Regex;

use super::fuzzy;
use super::issue::{ISSUE_TYPES, STATUSES};
use read::Reader;

pub use fields::{BadRow, first_value};

/// A field that rows can be filtered and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The issue's key.
    Key,
    /// The issue's id.
    Id,
    /// The title.
    Title,
    /// The status as published.
    Status,
    /// The issue type as published.
    Type,
    /// The priority as published.
    Priority,
    /// Each assignee.
    Assignee,
    /// Each label.
    Label,
    /// The workspace.
    Workspace,
    /// The URL.
    Url,
    /// The issue's text.
    Body,
    /// When it was updated, as published.
    Updated,
    /// The work package, or each that an issue is mapped to.
    Wp,
    /// The system of a mapping.
    System,
}

/// The rows that a filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Issues.
    Issues,
    /// Mappings.
    Mappings,
}

impl Subject {
    /// The fields that its rows have.
    pub fn fields(self) -> &'static [Field] {
        use Field as F;
        match self {
            Self::Issues => &[
                F::Key,
                F::Id,
                F::Title,
                F::Status,
                F::Type,
                F::Priority,
                F::Assignee,
                F::Label,
                F::Workspace,
                F::Url,
                F::Body,
                F::Updated,
                F::Wp,
            ],
            Self::Mappings => &[F::Wp, F::System, F::Workspace, F::Id, F::Key, F::Url, F::Updated],
        }
    }

    /// The fields that its rows can be sorted by.
    pub fn sortable(self) -> &'static [Field] {
        use Field as F;
        match self {
            Self::Issues => &[F::Key, F::Status, F::Type, F::Priority, F::Title, F::Updated],
            Self::Mappings => &[F::Wp, F::System, F::Workspace, F::Key, F::Id, F::Updated],
        }
    }

    /// Where a term without a field looks: what people call a row by.
    fn named_by(self) -> &'static [Field] {
        match self {
            Self::Issues => &[Field::Key, Field::Title, Field::Id],
            Self::Mappings => &[Field::Wp, Field::Key, Field::Id],
        }
    }

    fn names(self) -> String {
        let names: Vec<_> = self.fields().iter().map(|field| field.name()).collect();
        names.join(" ")
    }
}

impl Field {
    /// Its name in a filter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Id => "id",
            Self::Title => "title",
            Self::Status => "status",
            Self::Type => "type",
            Self::Priority => "priority",
            Self::Assignee => "assignee",
            Self::Label => "label",
            Self::Workspace => "workspace",
            Self::Url => "url",
            Self::Body => "body",
            Self::Updated => "updated",
            Self::Wp => "wp",
            Self::System => "system",
        }
    }

    /// Whether a value is meant as a whole: nobody who asks for tasks wants subtasks.
    fn is_whole(self) -> bool {
        matches!(
            self,
            Self::Status | Self::Type | Self::Priority | Self::Assignee | Self::Label | Self::System
        )
    }

    /// The values that exist, where they are few.
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Status => &STATUSES,
            Self::Type => &ISSUE_TYPES,
            Self::Priority => &["0", "1", "2", "3", "4", "null"],
            _ => &[],
        }
    }
}

/// A row whose fields can be looked at.
pub trait Fields {
    /// Whether one of the field's values meets the test.
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool;
}

/// Why a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A name before a colon that no field has.
    #[error("no field {name}; there are {known} (\"quote\" a text that holds a colon)")]
    NoSuchField {
        /// The name.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A value that this field never has.
    #[error("{field} is never {value}; it is one of {known}")]
    NoSuchValue {
        /// The field's name.
        field: &'static str,
        /// The value.
        value: String,
        /// The values that exist.
        known: String,
    },
    /// Nothing to compare with.
    #[error("nothing behind {0}")]
    NothingBehind(String),
    /// A quote that is not closed.
    #[error("a \" is not closed")]
    OpenQuote,
    /// A regular expression that is not closed.
    #[error("a /regular expression is not closed by /")]
    OpenExpression,
    /// A regular expression that cannot be used.
    #[error("/{expression}/: {reason}")]
    Expression {
        /// The expression.
        expression: String,
        /// Why not.
        reason: String,
    },
}

/// A filter that was read.
#[derive(Clone)]
pub struct Filter {
    text: String,
    subject: Subject,
    terms: Vec<Term>,
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.subject) == (&other.text, other.subject)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.text).finish()
    }
}

#[derive(Clone)]
struct Term {
    negated: bool,
    /// Without one, key, title and id are looked at.
    field: Option<Field>,
    test: Test,
}

#[derive(Clone)]
enum Test {
    /// Holds this text, in lower case.
    Holds(String),
    /// Is this text, in lower case.
    Is(String),
    /// Holds these letters in this order.
    Like(String),
    Matches(Regex),
    Absent,
    /// Compares so with this text, in lower case.
    Compares(&'static [Ordering], String),
}

impl Filter {
    /// Reads a filter; one without terms is `None`.
    pub fn parse(text: &str, subject: Subject) -> Result<Option<Self>, FilterError> {
        let terms = Reader::new(text, subject).terms()?;
        let text = text.trim().to_owned();
        Ok((!terms.is_empty()).then_some(Self { text, subject, terms }))
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a row meets all terms.
    pub fn matches(&self, row: &dyn Fields) -> bool {
        self.terms.iter().all(|term| term.matches(row, self.subject))
    }

    /// Whether a row meets all terms but those on work packages, which are known only after a join.
    pub fn matches_before_join(&self, row: &dyn Fields) -> bool {
        let mut terms = self.terms.iter().filter(|term| term.field != Some(Field::Wp));
        terms.all(|term| term.matches(row, self.subject))
    }

    /// Whether it asks for work packages.
    pub fn needs_join(&self) -> bool {
        self.terms.iter().any(|term| term.field == Some(Field::Wp))
    }
}

impl Term {
    fn matches(&self, row: &dyn Fields, subject: Subject) -> bool {
        let met = match self.field {
            Some(field) => self.test.is_met(row, field),
            None => subject
                .named_by()
                .iter()
                .any(|field| self.test.is_met(row, *field)),
        };
        met != self.negated
    }
}

impl Test {
    fn is_met(&self, row: &dyn Fields, field: Field) -> bool {
        match self {
            Self::Holds(text) => row.any(field, &mut |value| holds(value, text)),
            Self::Is(text) => row.any(field, &mut |value| value.to_lowercase() == *text),
            Self::Like(letters) => row.any(field, &mut |value| fuzzy::score(letters, value).is_some()),
            Self::Matches(expression) => row.any(field, &mut |value| expression.is_match(value)),
            Self::Absent => !row.any(field, &mut |_| true),
            Self::Compares(orders, text) => row.any(field, &mut |value| {
                orders.contains(&value.to_lowercase().as_str().cmp(text))
            }),
        }
    }
}

/// Whether a text holds another, which is in lower case.
fn holds(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        lower.is_empty()
            || text
                .as_bytes()
                .windows(lower.len())
                .any(|part| part.eq_ignore_ascii_case(lower.as_bytes()))
    } else {
        text.to_lowercase().contains(lower)
    }
}
