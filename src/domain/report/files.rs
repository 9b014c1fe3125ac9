//! The two files of a report: their shape, the keys that spec-kitty knows, the kinds of their values.

use super::Report;
use crate::domain::inputs::{FileInput, FileState, GivenBy};
use crate::domain::node::Node;
use crate::domain::secret::is_public;

/// Most entries of one table that are told.
const MOST_ENTRIES: usize = 40;
/// How deep tables are told.
const DEEPEST: usize = 4;

impl Report<'_> {
    pub(super) fn files(&mut self) {
        let inputs = self.inputs;
        self.section("Inputs");
        let project = match (&inputs.project.root, inputs.project.is_home) {
            (None, _) => "none found",
            (Some(_), true) => "the home folder itself",
            (Some(_), false) => "found",
        };
        self.item(format_args!(
            "project: {project}, after {} steps of looking",
            inputs.project.steps.len()
        ));
        self.redactor.omit(
            "paths",
            inputs.project.steps.len() + usize::from(inputs.project.root.is_some()),
        );
        if inputs.project.ignored_config.is_some() {
            self.item("a worktree has a config.yaml of its own that is not read");
        }
        let environment = &inputs.environment;
        let given = [
            (
                "server URL",
                environment.server_url.as_ref().map(|given| given.by),
            ),
            ("token", environment.auth_token.as_ref().map(|given| given.by)),
        ];
        for (name, by) in given {
            let by = match by {
                Some(GivenBy::Flag(name) | GivenBy::Variable(name)) => name,
                None => "nobody",
            };
            self.item(format_args!("{name}: given by {by}"));
        }
        match &inputs.config {
            Some(config) => self.file("config.yaml", config, false),
            None => self.item("config.yaml: no project, so none"),
        }
        self.file("credentials", &inputs.credentials, true);
        if !inputs.broken.is_empty() {
            let count = inputs.broken.len();
            self.redactor.omit("texts of internal errors", count);
            self.item(format_args!("steps that broke: {count}"));
        }
    }

    fn file(&mut self, name: &str, file: &FileInput, secret: bool) {
        let text = &file.text;
        let state = match &file.state {
            FileState::Missing => "missing".to_owned(),
            FileState::Unreadable(_) => {
                self.redactor.omit("messages of the system", 1);
                "cannot be read".to_owned()
            }
            FileState::Invalid(error) => {
                let at = text.start_of(error.span);
                self.redactor.omit("messages of a parser", 1);
                format!(
                    "cannot be parsed ({:?}, at {}:{})",
                    error.kind, at.line, at.column
                )
            }
            FileState::Loaded(_) => "parsed".to_owned(),
        };
        let bytes = text.bytes();
        let breaks = match (bytes.contains(&b'\r'), bytes.contains(&b'\n')) {
            (true, _) => "with carriage returns",
            (false, true) => "plain line breaks",
            (false, false) => "no line break",
        };
        let mark = if bytes.starts_with("\u{feff}".as_bytes()) {
            ", a byte order mark"
        } else {
            ""
        };
        let mode = file.mode.map(|mode| format!(", mode {:o}", mode & 0o7777));
        let digest = self.redactor.digest(bytes);
        self.item(format_args!(
            "{name}: {state}, {} bytes, {} lines, {breaks}{mark}{}, digest {digest}",
            bytes.len(),
            text.line_count(),
            mode.unwrap_or_default()
        ));
        if let Some(root) = file.root() {
            self.table(root, file, secret, 1);
        }
    }

    fn table(&mut self, table: &Node, file: &FileInput, secret: bool, depth: usize) {
        let Some(entries) = table.entries() else {
            let kind = table.kind_name();
            return self.line(format_args!("{}- it is {kind}", "  ".repeat(depth)));
        };
        for entry in entries.iter().take(MOST_ENTRIES) {
            let key = entry.key.str().to_display();
            let hidden = secret && !is_public(&key, &entry.value.str().to_display());
            let name = self.redactor.name(&key);
            let value = self.redactor.node(&entry.value, hidden);
            let at = file.text.start_of(entry.value.span);
            self.line(format_args!(
                "{}- {name}: {value}, at {}:{}",
                "  ".repeat(depth),
                at.line,
                at.column
            ));
            if depth < DEEPEST && entry.value.entries().is_some() {
                self.table(&entry.value, file, secret, depth + 1);
            }
        }
        let more = entries.len().saturating_sub(MOST_ENTRIES);
        if more > 0 {
            self.redactor.omit("names of keys and columns", more);
            self.line(format_args!("{}- and {more} more", "  ".repeat(depth)));
        }
    }
}
