//! Projects of a newer spec-kitty: what each version answers, who may send, who reads which block. The answers are what
//! 3.0.1 and 3.2.7 printed when they were run on these files.

use catseye::domain::catalogue::FindingName;
use catseye::domain::generation::NewerFacts;

use super::world::{World, holds};

/// The facts of a project whose `tracker` section is this.
fn facts(tracker: &str) -> NewerFacts {
    let world = World::healthy();
    world.config(&format!("project:\n  slug: demo\ntracker:\n{tracker}"));
    let (inputs, evaluation) = world.look();
    holds(&inputs, &evaluation);
    evaluation.newer.unwrap()
}

#[test]
fn the_tables_that_newer_versions_read_are_not_left_over() {
    let world = World::healthy();
    world.config("tracker:\n  provider: beads\n  workspace: w\n  ownership: {}\n");
    for (provider, left_over) in [("beads", false), ("fp", false), ("github", true)] {
        world.credentials(&format!("[tracker.providers.{provider}]\ncommand = \"bd\"\n"));
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let mut names = evaluation.findings.iter().map(|finding| finding.name);
        assert_eq!(
            names.any(|name| name == FindingName::LeftoverSecrets),
            left_over,
            "{provider}"
        );
    }
}

#[test]
fn each_version_answers_as_it_does_when_it_is_run() {
    const SAAS: &str = "Snapshot publish is not supported for SaaS-backed providers. Use `spec-kitty tracker sync push` \
         to push changes through the SaaS control plane.";
    const SENDS: &str = "sends the snapshot that is shown here";
    const NOT_CONFIGURED: &str = "Tracker is not configured. Run 'spec-kitty tracker bind' first.";
    for (tracker, first, middle) in [
        ("  provider: jira\n  project_slug: x\n", NOT_CONFIGURED, SAAS),
        ("  provider: jira\n  workspace: w\n  ownership: {}\n", SENDS, SAAS),
        ("  provider: ' jira '\n  binding_ref: x\n", NOT_CONFIGURED, SAAS),
        (
            "  provider: Jira\n  workspace: w\n  project_slug: x\n",
            SENDS,
            "Unknown provider: Jira",
        ),
        (
            "  provider: azure\n  workspace: w\n  project_slug: x\n",
            SENDS,
            "Unknown provider: azure",
        ),
        (
            "  provider: azure_devops\n  workspace: w\n  project_slug: x\n",
            SENDS,
            "Provider 'azure_devops' is no longer supported. See the Spec Kitty documentation for supported providers.",
        ),
        (
            "  provider: beads\n  workspace: w\n  ownership: {}\n",
            SENDS,
            "AttributeError: 'LocalTrackerService' object has no attribute 'sync_publish'",
        ),
        (
            "  workspace: w\n  project_slug: x\n",
            NOT_CONFIGURED,
            "No tracker bound. Run `spec-kitty tracker bind` first.",
        ),
    ] {
        let facts = facts(tracker);
        let answers: Vec<&str> = facts.versions.iter().map(|version| &*version.answer).collect();
        assert_eq!(answers[..2], [first, middle], "{tracker}");
        let last = if tracker.contains("beads") {
            "Snapshot publish is not supported for local providers".to_owned()
        } else {
            format!(
                "Refusing to send tracker data to Spec Kitty SaaS: ... (without consent to hosted sync); with it: {middle}"
            )
        };
        assert!(answers[2].starts_with(&last), "{tracker}: {}", answers[2]);
    }
}

#[test]
fn consent_and_ownership_say_which_rule_and_which_version() {
    for (tracker, egress, rule) in [
        ("", "absent", "its absence denies"),
        (
            "  egress: permitted\n",
            "permitted",
            "does not apply to the hosted service",
        ),
        ("  egress: refused\n", "refused", "no version from 3.2.6 on sends"),
        (
            "  egress: Refused\n",
            "fault",
            "neither 'refused' nor 'permitted'",
        ),
        ("  egress:\n", "fault", "neither 'refused' nor 'permitted'"),
        ("sync:\n  enabled: false\n", "absent", "sync.enabled is false"),
    ] {
        let facts = facts(&format!("  provider: jira\n  binding_ref: b\n{tracker}"));
        assert_eq!(facts.consent.egress, egress, "{tracker}");
        assert!(
            facts.consent.rule.contains(rule),
            "{tracker}: {}",
            facts.consent.rule
        );
        let refuses = facts.versions[2].answer.contains("Channel 2 refused");
        assert_eq!(refuses, matches!(egress, "refused" | "fault"), "{tracker}");
    }
    let both = facts(
        "  provider: jira\n  doctrine:\n    mode: split_ownership\n  ownership:\n    mode: external_authoritative\n    field_owners: {status: local}\n",
    );
    let read: Vec<_> = both
        .ownership
        .iter()
        .map(|block| (block.key, block.read_by))
        .collect();
    assert_eq!(
        read,
        [("doctrine", "2.1.0-3.2.5"), ("ownership", "3.2.6 and newer")]
    );
    assert_eq!(both.since(), "3.2.6");
    let odd = facts("  provider: jira\n  doctrine:\n    mode: split_ownership\n  ownership: none\n");
    let read: Vec<_> = odd.ownership.iter().map(|block| block.read_by).collect();
    assert_eq!(
        read,
        [
            "all versions; from 3.2.6 on with a warning",
            "nobody: it is not a mapping"
        ]
    );
}
