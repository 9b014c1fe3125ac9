//! What changed between two looks at the inputs, and what that did to the route.

use std::path::PathBuf;
use std::sync::Arc;

use super::catalogue::FindingName;
use super::evaluation::{Evaluation, Verdict};
use super::finding::{Bases, Severity};
use super::inputs::{FileInput, Inputs};
use super::position::SourceText;

/// What is remembered of one look.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The verdict.
    pub verdict: Verdict,
    /// The route in words.
    pub route: Option<String>,
    /// The root findings above notes, worst first.
    pub roots: Vec<FindingName>,
    /// The files with their content, secrets and all: only compared.
    pub texts: Vec<(PathBuf, Arc<SourceText>)>,
    /// The store with what its files look like.
    pub store: Option<(PathBuf, String)>,
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The files that changed, each with the first line that did; a file without lines has none.
    pub changed: Vec<(PathBuf, Option<usize>)>,
    /// The verdict before and now.
    pub verdict: (Verdict, Verdict),
    /// The route in words before and now.
    pub route: (Option<String>, Option<String>),
    /// The root findings above notes that are gone.
    pub gone: Vec<FindingName>,
    /// Those that are new.
    pub new: Vec<FindingName>,
}

impl Seen {
    /// What to remember of this look.
    pub fn of(inputs: &Inputs, evaluation: &Evaluation) -> Self {
        let text = |file: &FileInput| (file.path.clone(), Arc::clone(&file.text));
        let route = evaluation.route();
        let is_root = |finding: &&super::finding::Finding| {
            finding.explained_by.is_none() && finding.severity() < Severity::Note
        };
        let store = inputs.store.as_ref();
        Self {
            verdict: evaluation.verdict,
            route: route.map(|route| format!("{} / {}", route.resource_type, route.resource_id)),
            roots: evaluation
                .findings
                .iter()
                .filter(is_root)
                .map(|finding| finding.name)
                .collect(),
            texts: inputs
                .config
                .iter()
                .chain([&inputs.credentials])
                .map(text)
                .collect(),
            store: store.map(|store| (store.path.clone(), store.mark.clone())),
        }
    }

    /// The look in a line: verdict, route or first root.
    pub fn summary(&self) -> String {
        let mut words = self.verdict.name().to_owned();
        if let Some(route) = &self.route {
            words += &format!(" {route}");
        }
        match self.roots.as_slice() {
            [] => {}
            roots => words += &format!(" ({})", names(roots)),
        }
        words
    }

    /// What changed since; `None` when nothing that is remembered did.
    pub fn event(&self, now: &Self) -> Option<Event> {
        let without = |roots: &[FindingName], others: &[FindingName]| -> Vec<FindingName> {
            roots
                .iter()
                .copied()
                .filter(|root| !others.contains(root))
                .collect()
        };
        let event = Event {
            changed: self.changed_files(now),
            verdict: (self.verdict, now.verdict),
            route: (self.route.clone(), now.route.clone()),
            gone: without(&self.roots, &now.roots),
            new: without(&now.roots, &self.roots),
        };
        (!event.changed.is_empty() || event.has_effect()).then_some(event)
    }

    fn changed_files(&self, now: &Self) -> Vec<(PathBuf, Option<usize>)> {
        let mut changed = Vec::new();
        for (path, text) in &now.texts {
            let before = self.texts.iter().find(|(known, _)| known == path);
            let empty = SourceText::default();
            let before = before.map_or(&empty, |(_, text)| text);
            if before.bytes() != text.bytes() {
                changed.push((path.clone(), first_difference(before, text)));
            }
        }
        // Another store in use is no change of a file, but what another file did.
        if let (Some((path, mark)), Some((known, before))) = (&now.store, &self.store)
            && path == known
            && mark != before
        {
            changed.push((path.clone(), None));
        }
        changed
    }
}

/// The first line (from 1) that differs; `None` for an empty file.
fn first_difference(before: &SourceText, now: &SourceText) -> Option<usize> {
    let line = |text: &SourceText, number| {
        text.line_span(number)
            .and_then(|span| text.bytes().get(span.start..span.end).map(<[u8]>::to_vec))
    };
    let lines = 1..=before.line_count().max(now.line_count());
    let differs = |number: &usize| line(before, *number) != line(now, *number);
    (!now.bytes().is_empty()).then(|| lines.clone().find(differs).unwrap_or(1))
}

impl Event {
    /// Whether verdict, route or root findings are others now.
    pub fn has_effect(&self) -> bool {
        self.verdict.0 != self.verdict.1
            || self.route.0 != self.route.1
            || !self.gone.is_empty()
            || !self.new.is_empty()
    }

    /// The files that changed: `.kittify/config.yaml:7, ~/.spec-kitty/credentials`.
    pub fn places(&self, bases: &Bases) -> String {
        let place = |(path, line): &(PathBuf, Option<usize>)| match line {
            Some(line) => format!("{}:{line}", bases.shorten(path)),
            None => bases.shorten(path),
        };
        let places: Vec<String> = self.changed.iter().map(place).collect();
        places.join(", ")
    }

    /// The event as a line: `.kittify/config.yaml:7 changed: routed -> null-route; new: routing-key-missing`.
    pub fn line(&self, bases: &Bases) -> String {
        let mut parts = Vec::new();
        if self.verdict.0 != self.verdict.1 {
            parts.push(format!("{} -> {}", self.verdict.0.name(), self.verdict.1.name()));
        }
        if self.route.0 != self.route.1 {
            let shown = |route: &Option<String>| route.clone().unwrap_or_else(|| "null".to_owned());
            parts.push(format!(
                "route {} -> {}",
                shown(&self.route.0),
                shown(&self.route.1)
            ));
        }
        if !self.new.is_empty() {
            parts.push(format!("new: {}", names(&self.new)));
        }
        if !self.gone.is_empty() {
            parts.push(format!("gone: {}", names(&self.gone)));
        }
        let effect = if parts.is_empty() {
            "no effect on the route".to_owned()
        } else {
            parts.join("; ")
        };
        match self.places(bases).as_str() {
            "" => effect,
            places => format!("{places} changed: {effect}"),
        }
    }
}

fn names(names: &[FindingName]) -> String {
    let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_line_that_changed() {
        let text = |text: &str| SourceText::new(text.as_bytes().to_vec());
        for (before, now, line) in [
            ("a\nb\nc\n", "a\nB\nc\n", Some(2)),
            ("a\r\nb\r\n", "a\r\nb\r\nc", Some(3)),
            ("a\nb\n", "a\n", Some(2)),
            ("", "a\n", Some(1)),
            ("a\rb\r", "a\rc\r", Some(2)),
            ("a\n", "", None),
            ("a\n", "a\r\n", Some(1)),
        ] {
            assert_eq!(
                first_difference(&text(before), &text(now)),
                line,
                "{before:?} {now:?}"
            );
        }
    }
}
