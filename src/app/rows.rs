//! The rows at hand: which windows the screen needs, and what each shows.

use super::effect::{Effect, List};
use super::model::Model;
use super::window::Window;
use crate::domain::window::{Arrange, IssueRow, MappingRow, PageFrom, RowKey};

impl Model {
    /// Asks for the rows that the screen needs, or soon will.
    pub(super) fn want_rows(&mut self) -> Vec<Effect> {
        let margin = self.page_rows();
        let mut effects = Vec::new();
        for list in List::ALL {
            if !self.has_rows() || !self.shows(list) {
                continue;
            }
            let wanted = match list {
                List::Issues => self.issues.wanted(margin),
                List::Mappings => self.mappings.wanted(margin),
                List::BodyIssues => self.body_issues.wanted(margin),
                List::BodyMappings => self.body_mappings.wanted(margin),
            };
            if let Some(from) = wanted {
                effects.push(self.fetch(list, from, 0));
            }
        }
        effects
    }

    /// Asks for a page of some screens, and of no fewer than `at_least` rows.
    pub(super) fn fetch(&mut self, list: List, from: PageFrom, at_least: usize) -> Effect {
        let generation = self.next_generation();
        let wanted = from.clone();
        match list {
            List::Issues => self.issues.await_page(generation, wanted),
            List::Mappings => self.mappings.await_page(generation, wanted),
            List::BodyIssues => self.body_issues.await_page(generation, wanted),
            List::BodyMappings => self.body_mappings.await_page(generation, wanted),
        }
        Effect::LoadPage {
            generation,
            list,
            from,
            limit: (self.page_rows() * 4).clamp(32, 400).max(at_least),
            arrange: self.arranged(list),
        }
    }

    /// What a list is picked and ordered by.
    pub(super) fn arranged(&self, list: List) -> Arrange {
        match list {
            List::Issues => self.issues.arrange.clone(),
            List::Mappings => self.mappings.arrange.clone(),
            List::BodyIssues | List::BodyMappings => Arrange::default(),
        }
    }

    /// A list's row under the cursor.
    pub(super) fn current_key(&self, list: List) -> Option<RowKey> {
        let issue = |window: &Window<IssueRow>| window.current().map(|row| row.key.clone());
        let mapping = |window: &Window<MappingRow>| window.current().map(|row| row.key.clone());
        match list {
            List::Issues => issue(&self.issues),
            List::Mappings => mapping(&self.mappings),
            List::BodyIssues => issue(&self.body_issues),
            List::BodyMappings => mapping(&self.body_mappings),
        }
    }
}
