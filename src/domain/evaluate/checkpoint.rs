//! Issues without a checkpoint, or with one that publish does not look for (reference B6, 26).

use super::config::BindingSpans;
use super::store::PULL;
use super::{Prepared, Report};
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::BindingFacts;
use crate::domain::finding::{Finding, Fix, Place};
use crate::domain::inputs::StoreInput;
use crate::domain::routing::normalize_provider;
use crate::domain::row::Rule;
use crate::domain::store_listing::{CheckpointRow, StoreListing};

/// Reports a checkpoint that is missing or called otherwise; only where there are issues.
pub(super) fn check(report: &mut Report<'_>, store: &StoreInput, prepared: &Prepared) {
    let (Some(binding), Some(spans), Some(wanted)) =
        (&prepared.binding, prepared.spans, prepared.checkpoint_key())
    else {
        return;
    };
    let in_use = prepared.stores.iter().find(|known| known.in_use);
    let has_issues = store.rows.as_ref().is_some_and(|rows| rows.issues > 0);
    let Some(listing) = in_use
        .map(|known| &known.listing)
        .filter(|listing| has_issues && listing.knows_checkpoints())
    else {
        return;
    };
    if let Some(row) = listing.checkpoints.iter().find(|row| row.key == wanted) {
        unreadable_date(report, store, row);
        return;
    }
    let finding = match same_but_for_spelling(binding, listing) {
        Some((row, workspace)) => {
            let detail = format!(
                "Publish looks for the checkpoint {wanted}; the pull wrote {}",
                row.key
            );
            let finding = Finding::new(FindingName::CheckpointUnderOtherKey, detail)
                .at(column(store, row, "checkpoint_key"), &row.key);
            respelled(report, finding, binding, spans, workspace)
        }
        None => Finding::new(
            FindingName::CheckpointMissing,
            format!("No checkpoint is called {wanted}: cursor and updated_since go out as null"),
        )
        .at(Place::file(&store.path), "no checkpoint of this binding in here")
        .fix(Fix::command("Pull: it writes the checkpoint", PULL)),
    };
    report.add(finding);
}

/// The place of a column of a checkpoint.
pub(super) fn column(store: &StoreInput, row: &CheckpointRow, name: &str) -> Place {
    Place::row(&store.path, "tracker_checkpoints", row.rowid, name)
}

/// A date that goes out as null (reference 26).
fn unreadable_date(report: &mut Report<'_>, store: &StoreInput, row: &CheckpointRow) {
    let published = store.checkpoint.as_ref();
    let lost = published.is_some_and(|published| published.updated_since.is_none());
    let Some(stored) = row.updated_since.as_ref().filter(|_| lost) else {
        return;
    };
    let detail = format!("updated_since of the checkpoint is {stored:?}, which goes out as null");
    let label = format!("{stored:?} goes out as null: {}", Rule::DateDropped.words());
    let finding =
        Finding::new(FindingName::ValueCoerced, detail).at(column(store, row, "updated_since"), label);
    report.add(finding.fix(Fix::command("Pull: it writes the checkpoint again", PULL)));
}

/// A checkpoint of this provider and workspace in another spelling, with its workspace.
fn same_but_for_spelling<'l>(
    binding: &BindingFacts,
    listing: &'l StoreListing,
) -> Option<(&'l CheckpointRow, &'l str)> {
    listing.checkpoints.iter().find_map(|row| {
        let (provider, workspace) = row.key.split_once(':')?;
        let same = normalize_provider(provider) == binding.normalized_provider
            && workspace.to_lowercase() == binding.workspace.to_lowercase();
        same.then_some((row, workspace))
    })
}

/// The part of the binding that makes another key, and how to spell it.
fn respelled(
    report: &Report<'_>,
    finding: Finding,
    binding: &BindingFacts,
    spans: BindingSpans,
    workspace: &str,
) -> Finding {
    let same_workspace = workspace == binding.workspace;
    let span = if same_workspace {
        spans.provider
    } else {
        spans.workspace
    };
    let finding = finding.at(report.config_place(span), "makes another key");
    let normal = &binding.normalized_provider;
    if binding.provider != *normal {
        // A pull spells the key as config.yaml does, publish in lower case; `bind` writes both files so.
        let bind = report.bind(binding, report.inputs.provider_table(&binding.provider), &[]);
        return finding.fix(Fix {
            text: format!(
                "Spell the provider as {normal} in both files, then pull. {}",
                bind.text
            ),
            command: bind.command.map(|bind| format!("{bind} && {PULL}")),
            ..bind
        });
    }
    let pull = Fix::command("Pull: it writes the checkpoint that publish looks for", PULL);
    if same_workspace {
        return finding.fix(pull);
    }
    let text = format!("Write the workspace as {workspace}, if that is the right spelling");
    finding
        .fix(report.edit_config(spans.workspace, workspace, &text))
        .fix(pull)
}
