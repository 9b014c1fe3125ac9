//! Where things were found, and who else can read or would look elsewhere (reference A14, C2, C6, D2, D6).

use super::Report;
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::TokenSource;
use crate::domain::finding::{Finding, Fix, Place};
use crate::domain::generation::is_local;
use crate::domain::inputs::NEWER_HOME_VARIABLE;
use crate::domain::node::{Entry, Node};
use crate::domain::secret::is_public;
use crate::domain::shell;
use crate::domain::token::Bearer;

/// Permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// All findings about places.
pub(super) fn check(report: &mut Report<'_>, bearer: &Bearer) {
    home_is_project(report);
    worktree_config(report);
    permissions(report);
    spec_kitty_home(report);
    if bearer.source == TokenSource::None {
        session_token(report);
    }
}

fn home_is_project(report: &mut Report<'_>) {
    let project = &report.inputs.project;
    let Some(root) = project.root.as_ref().filter(|_| project.is_home) else {
        return;
    };
    let detail =
        "The home folder counts as a project because spec-kitty keeps its global files in ~/.kittify";
    report.add(
        Finding::new(FindingName::HomeIsProject, detail)
            .at(Place::file(&root.join(".kittify")), "taken for the project")
            .at(Place::file(&project.start), "the search began here")
            .fix(Fix::text("Change into the project, or pass --project DIR"))
            .fix(Fix::command(
                "Or make this folder a project",
                "spec-kitty init --here",
            )),
    );
}

fn worktree_config(report: &mut Report<'_>) {
    let (Some(ignored), Some(config)) = (&report.inputs.project.ignored_config, &report.inputs.config) else {
        return;
    };
    let detail = "This worktree has a config.yaml of its own, which differs from the main repository's; spec-kitty \
                  reads the main repository's alone";
    let compare = format!(
        "diff {} {}",
        shell::quote_path(&config.path),
        shell::quote_path(ignored)
    );
    report.add(
        Finding::new(FindingName::WorktreeConfigIgnored, detail)
            .at(Place::file(ignored), "not read")
            .at(Place::file(&config.path), "read")
            .fix(Fix::command(
                "Make both files say the same, in the one that is read",
                compare,
            )),
    );
}

fn permissions(report: &mut Report<'_>) {
    let file = &report.inputs.credentials;
    let Some(mode) = file.mode.filter(|mode| mode & OTHERS != 0) else {
        return;
    };
    let detail = format!(
        "The credentials file has mode {:03o}: not its owner alone can read it",
        mode & 0o777
    );
    let command = format!("chmod 600 {}", shell::quote_path(&file.path));
    report.add(
        Finding::new(FindingName::CredentialsPermissions, detail)
            .at(Place::file(&file.path), "holds secrets")
            .fix(Fix::command("Keep it to its owner", command)),
    );
}

fn spec_kitty_home(report: &mut Report<'_>) {
    let Some(home) = &report.inputs.environment.spec_kitty_home else {
        return;
    };
    let detail = format!(
        "spec-kitty 3.2.3 and newer read {home}; up to 3.2.2 credentials and stores are in ~/.spec-kitty"
    );
    report.add(Finding::new(FindingName::SpecKittyHomeSet, detail).at(
        Place::Variable(NEWER_HOME_VARIABLE.into()),
        "not read by 2.1.0-3.0.0 for this",
    ));
}

fn session_token(report: &mut Report<'_>) {
    let Some(entry) = report
        .inputs
        .credentials
        .root()
        .and_then(|root| root.get("tokens"))
    else {
        return;
    };
    let place = report.credentials_place(entry.value.span);
    let detail = "A login left a session token here; publish never sends it";
    report
        .add(Finding::new(FindingName::SessionTokenUnused, detail).at(place, "the session of `auth login`"));
}

/// Secrets of provider tables that no CLI of this project's generation reads (reference D6).
pub(super) fn leftover_secrets(report: &mut Report<'_>) {
    let Some(root) = report.inputs.credentials.root() else {
        return;
    };
    let secrets = provider_secrets(root);
    if secrets.is_empty() {
        return;
    }
    let names: Vec<String> = secrets
        .iter()
        .map(|(_, entry)| entry.key.str().to_display())
        .collect();
    let detail = format!(
        "{} in plain text; spec-kitty 3.0.1 and newer neither read nor remove {}",
        names.join(", "),
        if names.len() == 1 { "it" } else { "them" }
    );
    let mut finding = Finding::new(FindingName::LeftoverSecrets, detail);
    finding.count = secrets.len() as u64;
    for (table, entry) in &secrets {
        finding = finding.at(
            report.credentials_place(entry.key.span),
            format!("left in [tracker.providers.{table}]"),
        );
    }
    let entries: Vec<&Entry> = secrets.into_iter().map(|(_, entry)| entry).collect();
    report.add(finding.fix(delete_lines(report, &entries)));
}

/// The entries of the provider tables that newer versions do not read, whose values are secret and not empty, with
/// their table's name.
fn provider_secrets(root: &Node) -> Vec<(String, &Entry)> {
    let providers = root
        .get("tracker")
        .and_then(|tracker| tracker.value.get("providers"))
        .and_then(|providers| providers.value.entries());
    let mut secrets = Vec::new();
    let is_unread = |table: &&Entry| !is_local(&table.key.str().to_display());
    for table in providers.unwrap_or_default().iter().filter(is_unread) {
        for entry in table.value.entries().unwrap_or_default() {
            let value = entry.value.str().to_display();
            if !value.is_empty() && !is_public(&entry.key.str().to_display(), &value) {
                secrets.push((table.key.str().to_display(), entry));
            }
        }
    }
    secrets
}

/// The command that deletes the entries' lines, where each has a line of its own.
fn delete_lines(report: &Report<'_>, entries: &[&Entry]) -> Fix {
    let text =
        "Delete them once no project of this machine is published with 2.1.0-3.0.0, and revoke the tokens";
    let file = &report.inputs.credentials;
    let mut lines = Vec::new();
    for entry in entries {
        let line = file.text.start_of(entry.key.span).line;
        let bounds = file.text.line_span(line).unwrap_or_default();
        let alone = bounds.start == entry.key.span.start && bounds.end == entry.value.span.end;
        if !alone {
            return Fix::text(text);
        }
        lines.push(format!("{line}d"));
    }
    let path = shell::quote_path(&file.path);
    let backup = shell::quote(&format!("{}.bak", file.path.to_string_lossy()));
    Fix::command(
        text,
        format!("sed -i.bak '{}' {path} && rm {backup}", lines.join(";")),
    )
}
