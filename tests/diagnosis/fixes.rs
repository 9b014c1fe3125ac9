//! Every fix carried out with the real spec-kitty 3.0.0: `CATSEYE_SPEC_KITTY` names its command (`.ci/run` makes one).
//! A pull needs a tracker and is played by writing what the tracker would give.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod combos;
mod mend;
mod table;
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use catseye::domain::evaluation::{Evaluation, Verdict};
use catseye::domain::finding::Severity;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use combos::{CAUSES, combination, goes_well};
use mend::{Shell, carry_out, works};
use table::{CASES, Case};
use world::{World, holds, pointed_at};

/// A folder for PATH: spec-kitty, its pull played; and sqlite3, which not every machine has, by Python's own SQLite.
fn shell() -> (tempfile::TempDir, Shell) {
    let real = PathBuf::from(std::env::var_os("CATSEYE_SPEC_KITTY").unwrap());
    let python = real.with_file_name("python");
    let folder = tempfile::tempdir().unwrap();
    let program = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let real = real.display();
    program(
        "spec-kitty",
        format!(
            "#!/bin/sh\nif [ \"$*\" = 'tracker sync pull' ]; then touch \"$PULLED\"; else exec {real} \"$@\"; fi\n"
        ),
    );
    let statement =
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).executescript(sys.argv[2])";
    program(
        "python3",
        format!("#!/bin/sh\nexec {} \"$@\"\n", python.display()),
    );
    program(
        "sqlite3",
        format!("#!/bin/sh\nexec {} -c '{statement}' \"$@\"\n", python.display()),
    );
    let bin = Some(folder.path().to_owned());
    (folder, Shell { bin })
}

/// Findings whose fixes are advice, or look and ask, with the reason why nothing can be carried out.
const ADVICE: &[(&str, &str)] = &[
    ("project-not-found", "only the user knows the folder"),
    ("config-unreadable", "what stood there is not known"),
    ("config-invalid", "what was meant is not known"),
    ("credentials-unreadable", "what stood there is not known"),
    ("credentials-invalid", "what was meant is not known"),
    (
        "payload-not-encodable",
        "the character that was meant is not known",
    ),
    (
        "provider-not-routable",
        "it is how spec-kitty publishes this provider",
    ),
    (
        "bound-by-newer-spec-kitty",
        "the project is what it is; its own CLI publishes it",
    ),
    ("internal-error", "a fault of catseye"),
    ("project-identity-missing", "the server knows the project's uuid"),
    ("home-is-project", "only the user knows the folder"),
    (
        "worktree-config-ignored",
        "only the user knows which file is right",
    ),
];

/// Fixes that can be carried out and do not mend this one world, with the reason.
const NOT_HERE: &[(&str, &str)] = &[
    (
        "mapping-unmatched: Pull",
        "the tracker does not have the issue either",
    ),
    (
        "checkpoint-under-other-key: Pull",
        "a pull spells the key as config.yaml does",
    ),
    (
        "idempotency-key-reused",
        "the tracker gives the same cursor again",
    ),
];

/// What stands behind a cause in its one world, and shows once that is mended.
const REVEALS: &[(&str, &[&str])] = &[
    // The file that held it is gone, or never held it.
    ("config-missing", &["project-identity-missing"]),
    ("tracker-section-missing", &["project-identity-missing"]),
    // In quotes it is a workspace, but not the one that the issues were pulled for.
    ("workspace-missing", &["store-missing", "workspace-host-mismatch"]),
    // Where the mapped issue is deleted until the next pull.
    ("issue-row-invalid", &["mapping-unmatched"]),
];

fn above_notes(evaluation: &Evaluation) -> BTreeSet<&'static str> {
    let above = evaluation
        .findings
        .iter()
        .filter(|finding| finding.severity() != Severity::Note);
    above.map(|finding| finding.name.as_str()).collect()
}

fn is_not_here(root: &str, text: &str) -> bool {
    NOT_HERE.iter().any(|(name, _)| match name.split_once(": ") {
        Some((name, words)) => name == root && text.starts_with(words),
        None => *name == root,
    })
}

/// Carries out one fix on a fresh world; what is wrong afterwards.
fn after(case: &Case, index: usize, shell: &Shell) -> Result<(), String> {
    let mut world = (case.make)();
    let (inputs, evaluation) = world.look();
    let before = above_notes(&evaluation);
    let finding = evaluation
        .findings
        .iter()
        .find(|finding| finding.name.as_str() == case.root);
    let finding = finding.unwrap().clone();
    let at = pointed_at(&inputs, &finding.evidence[0].place);
    carry_out(&mut world, &finding.fixes[index], shell)?;
    let (inputs, evaluation) = world.look();
    holds(&inputs, &evaluation);
    let now = above_notes(&evaluation);
    assert_eq!(at, case.at);
    if now.contains(case.root) {
        let text = &finding.fixes[index].text;
        return Err(format!("{} at {at:?} is still there after {text:?}", case.root));
    }
    let new: Vec<_> = now
        .difference(&before)
        .filter(|name| !case.others.contains(name))
        .filter(|name| {
            !REVEALS
                .iter()
                .any(|(root, reveals)| *root == case.root && reveals.contains(name))
        })
        .collect();
    if !new.is_empty() {
        return Err(format!(
            "{}: {new:?} came after {:?}",
            case.root, finding.fixes[index]
        ));
    }
    let was_null = finding.severity() == Severity::NullRoute || finding.severity() == Severity::Blocker;
    if was_null && now.is_empty() && evaluation.verdict != Verdict::Routed {
        return Err(format!("{}: not routed", case.root));
    }
    Ok(())
}

#[test]
fn every_fix_mends_its_finding() {
    let (_folder, shell) = shell();
    let mut wrong = Vec::new();
    for case in CASES {
        let world = (case.make)();
        let (_, evaluation) = world.look();
        let finding = evaluation
            .findings
            .iter()
            .find(|finding| finding.name.as_str() == case.root);
        let finding = finding.unwrap();
        let workable: Vec<usize> = (0..finding.fixes.len())
            .filter(|&index| works(&finding.fixes[index], &shell))
            .collect();
        let is_advice = ADVICE.iter().any(|(name, _)| *name == case.root);
        if workable.is_empty() && finding.severity() != Severity::Note && !is_advice {
            wrong.push(format!(
                "{} has nothing to carry out: {:?}",
                case.root, finding.fixes
            ));
        }
        for index in workable {
            if !is_not_here(case.root, &finding.fixes[index].text) {
                wrong.extend(after(case, index, &shell).err());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Commands, and the first finding above notes that they lead to.
fn real_commands() -> Vec<(String, Option<&'static str>)> {
    let bind = "spec-kitty tracker bind --provider jira --workspace acme.example --credential base_url=https://acme.example --credential email=a@b.example --credential api_token=s3cret";
    // What `auth login` and each token refresh run.
    let login = r#"python3 -c 'from datetime import datetime as D; from specify_cli.sync.auth import CredentialStore as C; C().save("s3cret", "s3cret", D(2030, 1, 1), D(2030, 1, 1), "a@b.example", "https://h.example")'"#;
    vec![
        (format!("{bind} --credential project_key=ACME"), None),
        (bind.to_owned(), Some("routing-key-missing")),
        (
            format!("{bind} --credential projectKey=ACME"),
            Some("routing-key-missing"),
        ),
        (
            format!("{bind} --credential project_key=BETA"),
            Some("routing-id-disagrees-with-issues"),
        ),
        (
            "spec-kitty tracker bind --provider jira-cloud --workspace acme.example".to_owned(),
            Some("provider-unknown"),
        ),
        (
            "spec-kitty tracker bind --provider github --workspace acme.example".to_owned(),
            Some("provider-not-routable"),
        ),
        (
            "spec-kitty tracker bind --provider jira --workspace acme.example --credential api_token=new"
                .to_owned(),
            Some("routing-key-missing"),
        ),
        (
            "spec-kitty tracker bind --provider '' --workspace acme.example".to_owned(),
            Some("provider-missing"),
        ),
        (
            "spec-kitty tracker unbind".to_owned(),
            Some("tracker-section-missing"),
        ),
        (
            "spec-kitty tracker map add --wp-id WP02 --external-id 2".to_owned(),
            None,
        ),
        (
            "spec-kitty tracker map add --wp-id WP02 --external-id ACME-2".to_owned(),
            None,
        ),
        (
            "spec-kitty tracker map add --wp-id WP02 --external-id 99".to_owned(),
            Some("mapping-unmatched"),
        ),
        (login.to_owned(), Some("credentials-overwritten-by-login")),
    ]
}

/// What the real commands make of a project is named as the reference says.
#[test]
fn what_the_real_commands_make_is_named() {
    let (_folder, shell) = shell();
    for (command, expected) in real_commands() {
        let mut world = World::healthy();
        let fix = catseye::domain::finding::Fix::command("", &*command);
        carry_out(&mut world, &fix, &shell).unwrap();
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let first = evaluation
            .findings
            .iter()
            .find(|finding| finding.severity() != Severity::Note && finding.explained_by.is_none());
        assert_eq!(first.map(|finding| finding.name.as_str()), expected, "{command}");
    }
}

/// A token changed by `bind` alone drops key, server and user: one cause, mended at once (reference A17).
#[test]
fn a_rotated_token_is_one_cause() {
    let (_folder, shell) = shell();
    let mut world = World::healthy();
    let email = "a@b.example";
    world.replace(
        "home/.spec-kitty/credentials",
        "[tracker",
        &format!("[user]\nusername = \"{email}\"\n\n[tracker"),
    );
    let rotate =
        "spec-kitty tracker bind --provider jira --workspace acme.example --credential api_token=s3cret";
    carry_out(
        &mut world,
        &catseye::domain::finding::Fix::command("", rotate),
        &shell,
    )
    .unwrap();
    let (_, evaluation) = world.look();
    let explained = evaluation
        .findings
        .iter()
        .find(|finding| finding.name.as_str() == "store-elsewhere");
    assert_eq!(
        explained.unwrap().explained_by.unwrap().as_str(),
        "routing-key-missing"
    );
    assert_eq!(combos::mend_all(&mut world, 1, &shell), ["routing-key-missing"]);
}

/// The credentials are gone for this one, too (reference A8).
#[test]
fn another_project_of_the_machine_unbinds() {
    let (_folder, shell) = shell();
    let mut world = World::healthy();
    world.write("other/.kittify/config.yaml", world::CONFIG);
    let start = std::mem::replace(&mut world.start, "other".into());
    let unbind = catseye::domain::finding::Fix::command("", "spec-kitty tracker unbind");
    carry_out(&mut world, &unbind, &shell).unwrap();
    world.start = start;
    let (_, evaluation) = world.look();
    assert_eq!(
        evaluation.findings[0].name.as_str(),
        "provider-credentials-missing"
    );
}

/// Values that a shell would touch come through `bind` as they are.
#[test]
fn hostile_values_are_quoted_rightly() {
    let (_folder, shell) = shell();
    for workspace in [
        "it's $HOME `id`",
        "-dash",
        "two  blanks",
        "a\\b \"c\"",
        "ü 支払い",
        "*?[x]",
        "a\nb",
        "#no",
    ] {
        for project_key in ["A'B", "$(id)", "-K", "K E Y", "Ü"] {
            let mut world = World::healthy();
            let yaml = serde_json::to_string(workspace).unwrap();
            let key = serde_json::to_string(project_key).unwrap();
            world.replace("project/.kittify/config.yaml", "acme.example", &yaml);
            world.replace("home/.spec-kitty/credentials", "project_key = \"ACME\"\n", "");
            world.replace(
                "home/.spec-kitty/credentials",
                "a@b.example",
                "it's $HOME <a@b.example>",
            );
            let (_, evaluation) = world.look();
            let finding = evaluation
                .findings
                .iter()
                .find(|finding| finding.name.as_str() == "routing-key-missing");
            let mut fix = finding.unwrap().fixes.last().unwrap().clone();
            let asked = fix.command.unwrap();
            assert!(asked.contains("\"$JIRA_PROJECT_KEY\""), "{asked}");
            fix.command = Some(format!(
                "JIRA_PROJECT_KEY={}\n{asked}",
                catseye::domain::shell::quote(project_key)
            ));
            carry_out(&mut world, &fix, &shell).unwrap();
            let (_, evaluation) = world.look();
            let binding = evaluation.binding.unwrap();
            assert_eq!(binding.workspace, workspace.trim(), "{asked}");
            let route = evaluation.routing.unwrap().route.unwrap();
            assert_eq!(route.resource_id, project_key, "{key} {asked}");
            assert!(
                world
                    .read("home/.spec-kitty/credentials")
                    .contains("it's $HOME <a@b.example>")
            );
        }
    }
}

#[test]
fn every_combination_of_causes_is_mended_in_as_many_steps() {
    let (_folder, shell) = shell();
    let config = Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&combination(CAUSES, |_| true), |chosen| {
            goes_well(&chosen, &shell);
            Ok(())
        })
        .unwrap();
}
