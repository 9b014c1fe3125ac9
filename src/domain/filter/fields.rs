//! The rows that can be filtered, field by field.

use super::{Field, Fields};
use crate::domain::issue::Issue;
use crate::domain::window::{IssueRow, MappingRow};

/// The first value of a field.
pub fn first_value(row: &dyn Fields, field: Field) -> Option<String> {
    let mut first = None;
    row.any(field, &mut |value| {
        first = Some(value.to_owned());
        true
    });
    first
}

/// A row that cannot be published: nothing is known but its identity.
pub struct BadRow<'a> {
    /// The identity as text.
    pub identity: &'a str,
}

impl Fields for BadRow<'_> {
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        field == Field::Id && test(self.identity)
    }
}

impl Fields for Issue {
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut is = |value: &Option<String>| value.as_deref().is_some_and(&mut *test);
        match field {
            Field::Key => is(&self.reference.key),
            Field::Url => is(&self.reference.url),
            Field::Body => is(&self.body),
            Field::Updated => is(&self.updated_at),
            Field::Priority => is(&self.priority.map(|priority| priority.to_string())),
            Field::Id => test(&self.reference.id),
            Field::Title => test(&self.title),
            Field::Status => test(self.status),
            Field::Type => test(self.issue_type),
            Field::Workspace => test(&self.reference.workspace),
            Field::Assignee => self.assignees.iter().any(|name| test(name)),
            Field::Label => self.labels.iter().any(|label| test(label)),
            Field::Wp | Field::System => false,
        }
    }
}

impl Fields for IssueRow {
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut wp_ids = self.wp_ids.iter();
        match (&self.published, field) {
            (_, Field::Wp) => wp_ids.any(|wp_id| test(wp_id)),
            (Ok(facts), field) => facts.issue.any(field, test),
            (Err(_), field) => {
                let identity = &self.identity;
                BadRow { identity }.any(field, test)
            }
        }
    }
}

impl Fields for MappingRow {
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let mapping = &self.mapping;
        let mut is = |value: &Option<String>| value.as_deref().is_some_and(&mut *test);
        match field {
            Field::Key => is(&mapping.external_key),
            Field::Url => is(&mapping.external_url),
            Field::Wp => test(&mapping.wp_id),
            Field::System => test(&mapping.system),
            Field::Workspace => test(&mapping.workspace),
            Field::Id => test(&mapping.external_id),
            Field::Updated => test(&mapping.updated_at),
            _ => false,
        }
    }
}
