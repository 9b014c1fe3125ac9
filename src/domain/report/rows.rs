//! Stores, rows and journal of a report: counts, layouts and digests.

use super::{Report, StoreShape};
use crate::domain::journal::unresolved;
use crate::domain::publish::Outcome;
use crate::domain::store_listing::counted;

impl Report<'_> {
    pub(super) fn stores(&mut self, shape: Option<&Result<StoreShape, String>>) {
        self.section("Stores");
        let evaluation = self.evaluation;
        let state = evaluation
            .store
            .state
            .map_or("no binding, so none", |state| state.name());
        self.item(format_args!("the store: {state}"));
        if self
            .inputs
            .store
            .as_ref()
            .is_some_and(|store| store.trouble.is_some())
        {
            self.redactor.omit("messages of SQLite", 1);
        }
        match shape {
            Some(Ok(shape)) => self.layout(shape),
            Some(Err(_)) => {
                self.redactor.omit("messages of SQLite", 1);
                self.item("layout: could not be read");
            }
            None => {}
        }
        for (number, known) in (1..).zip(&evaluation.stores) {
            let listing = &known.listing;
            let use_word = if known.in_use { "in use" } else { "not in use" };
            self.item(format_args!(
                "store {number}: {}, {use_word}, {} mappings, {} checkpoints, {} workspaces",
                listing.state.name(),
                counted(listing.mappings),
                listing.checkpoints.len(),
                listing.workspaces.len()
            ));
            self.redactor.omit("values", listing.workspaces.len());
            for (system, issues) in &listing.systems {
                let system = self.redactor.value(system);
                self.line(format_args!("  - system {system}: {} issues", counted(*issues)));
            }
            let differs: Vec<&str> = known.differs.iter().map(|other| other.part.name()).collect();
            if !differs.is_empty() {
                self.line(format_args!("  - made with another {}", differs.join(", ")));
            }
        }
    }

    fn layout(&mut self, shape: &StoreShape) {
        for (name, text) in &shape.facts {
            self.line(format_args!("  - {name}: {text}"));
        }
        for (table, columns) in &shape.tables {
            let columns: Vec<String> = columns.iter().map(|name| self.redactor.name(name)).collect();
            self.line(format_args!("  - {table}: {}", columns.join(", ")));
        }
        self.line(format_args!(
            "  - other tables, indexes, views, triggers: {}",
            shape.others
        ));
        self.line(format_args!("  - schema digest: {}", shape.schema_digest));
    }

    pub(super) fn rows(&mut self) {
        self.section("Rows");
        let Some(rows) = self.inputs.store.as_ref().and_then(|store| store.rows.as_ref()) else {
            return self.item("none were read");
        };
        let joins = rows.joins.as_ref();
        let unmatched = joins.map(|joins| joins.unmatched_mappings.count);
        let unmapped = joins.map(|joins| joins.unmapped_issues);
        for (name, count) in [
            ("issues of this provider", Some(rows.issues)),
            ("mappings", Some(rows.mappings)),
            ("rows that cannot be published", Some(rows.invalid_rows)),
            (
                "different prefixes of issue keys",
                Some(rows.key_prefixes.len() as u64),
            ),
            ("issue keys without a prefix", Some(rows.other_keys)),
            (
                "different workspaces of issues",
                Some(rows.workspaces.len() as u64),
            ),
            ("values that are published otherwise", Some(rows.coerced.count)),
            ("texts that hide something", Some(rows.hidden.count)),
            ("mappings of another system", Some(rows.foreign_mappings.count)),
            ("mappings without an issue", unmatched),
            ("issues without a mapping", unmapped),
        ] {
            match count {
                Some(count) => self.item(format_args!("{name}: {count}")),
                None => self.item(format_args!("{name}: not compared")),
            }
        }
        let checkpoint = self.evaluation.checkpoint.as_ref();
        let has = |set: bool| if set { "set" } else { "null" };
        if let Some(checkpoint) = checkpoint {
            self.item(format_args!(
                "checkpoint: row {}, cursor {}, updated_since {}",
                checkpoint
                    .row
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |row| row.rowid.to_string()),
                has(checkpoint.cursor.is_some()),
                has(checkpoint.updated_since.is_some())
            ));
        }
        // Equal texts show by equal digests: whether the routed project is the one that the issues are of.
        for group in rows.key_prefixes.iter().take(5) {
            let prefix = self.redactor.value(&group.value);
            self.line(format_args!("  - prefix {prefix}: {} issues", group.count));
        }
        for group in rows.workspaces.iter().take(5) {
            let workspace = self.redactor.value(&group.value);
            self.line(format_args!("  - workspace {workspace}: {} issues", group.count));
        }
    }

    pub(super) fn journal(&mut self) {
        self.section("Journal");
        let attempts = &self.inputs.journal;
        for outcome in [
            Outcome::Delivered,
            Outcome::Refused,
            Outcome::NotSent,
            Outcome::Unknown,
        ] {
            let count = attempts
                .iter()
                .filter(|attempt| attempt.outcome() == outcome)
                .count();
            self.item(format_args!("{}: {count}", outcome.name()));
        }
        self.item(format_args!("still open: {}", unresolved(attempts).count()));
        for attempt in attempts.iter().rev().take(5) {
            let status = attempt.result.as_ref().and_then(|result| result.status);
            let status = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
            let elapsed = attempt.result.as_ref().map_or(0, |result| result.elapsed_ms);
            let key = self.redactor.digest(attempt.record.idempotency_key.as_bytes());
            self.line(format_args!(
                "  - {}, {status}, {} bytes, {} issues, {elapsed} ms, idempotency key: digest {key}",
                attempt.outcome().name(),
                attempt.record.body_bytes,
                attempt.record.issues
            ));
        }
        self.redactor
            .omit("endpoints and notes of the journal", 2 * attempts.len());
    }
}
