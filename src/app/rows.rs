//! The rows at hand: which windows the screen needs, and what each shows.

use super::effect::{Effect, List};
use super::model::Model;
use crate::domain::window::{Arrange, Keyed, PageFrom, RowKey};

/// Does the same with the window of a list, whatever rows it holds.
macro_rules! in_window {
    (&mut $model:ident, $list:expr, |$window:ident| $body:expr) => {
        in_window!(@ [&mut] $model, $list, $window, $body)
    };
    (&$model:ident, $list:expr, |$window:ident| $body:expr) => {
        in_window!(@ [&] $model, $list, $window, $body)
    };
    (@ [$($borrow:tt)+] $model:ident, $list:expr, $window:ident, $body:expr) => {{
        use $crate::app::effect::List as L;
        match $list {
            L::Issues => { let $window = $($borrow)+ $model.issues; $body }
            L::Mappings => { let $window = $($borrow)+ $model.mappings; $body }
            L::BodyIssues => { let $window = $($borrow)+ $model.body_issues; $body }
            L::BodyMappings => { let $window = $($borrow)+ $model.body_mappings; $body }
        }
    }};
}
pub(super) use in_window;

impl Model {
    /// Asks for the rows that the screen needs, or soon will.
    pub(super) fn want_rows(&mut self) -> Vec<Effect> {
        let margin = self.page_rows();
        let mut effects = Vec::new();
        for list in List::ALL {
            if !self.has_rows() || !self.shows(list) {
                continue;
            }
            let wanted = in_window!(&mut self, list, |window| window.wanted(margin));
            if let Some(from) = wanted {
                effects.push(self.fetch(list, from, 0));
            }
        }
        effects
    }

    /// Asks for a page of some screens, and of no fewer than `at_least` rows.
    pub(super) fn fetch(&mut self, list: List, from: PageFrom, at_least: usize) -> Effect {
        let generation = self.next_generation();
        in_window!(&mut self, list, |window| window
            .await_page(generation, from.clone()));
        Effect::LoadPage {
            generation,
            list,
            from,
            limit: (self.page_rows() * 4).clamp(32, 400).max(at_least),
            arrange: self.arranged(list).clone(),
        }
    }

    /// What a list is picked and ordered by; those of the body by nothing.
    pub(super) fn arranged(&self, list: List) -> &Arrange {
        in_window!(&self, list, |window| &window.arrange)
    }

    /// A list's row under the cursor.
    pub(super) fn current_key(&self, list: List) -> Option<RowKey> {
        in_window!(&self, list, |window| window
            .current()
            .map(|row| row.key().clone()))
    }
}
