//! Several causes at once: mending the first root again and again ends healthy, in as many steps as causes.

use catseye::domain::evaluation::{Evaluation, Verdict};
use catseye::domain::finding::{Finding, Severity};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::mend::{Shell, mend};
use super::world::{World, holds};

/// A cause that goes together with others: what it breaks does not depend on the rest.
pub struct Cause {
    pub name: &'static str,
    /// Whether an edit mends it.
    pub by_edit: bool,
    pub make: fn(&mut World),
}

const fn cause(name: &'static str, by_edit: bool, make: fn(&mut World)) -> Cause {
    Cause { name, by_edit, make }
}

const CONFIG: &str = "project/.kittify/config.yaml";
const CREDENTIALS: &str = "home/.spec-kitty/credentials";

/// Replaces text where it still is.
fn swap(world: &World, name: &str, old: &str, new: &str) {
    let text = world.read(name);
    world.write(name, text.replacen(old, new, 1));
}

/// Causes that mask one another are not made together: the first is mended, the second was never there.
pub const MASKS: &[(&str, &str)] = &[
    ("provider-unknown", "provider-spelling-mismatch"),
    ("routing-key-missing", "routing-key-unusual"),
    ("routing-key-missing", "routing-key-trimmed"),
    ("routing-key-missing", "routing-key-not-text"),
    ("routing-key-missing", "routing-id-disagrees-with-issues"),
    ("routing-key-unusual", "routing-key-trimmed"),
    ("routing-key-unusual", "routing-key-not-text"),
    ("routing-key-trimmed", "routing-key-not-text"),
    ("routing-id-disagrees-with-issues", "routing-key-unusual"),
    ("routing-id-disagrees-with-issues", "routing-key-trimmed"),
    ("routing-id-disagrees-with-issues", "routing-key-not-text"),
    ("credentials-overwritten-by-login", "routing-key-missing"),
    ("credentials-overwritten-by-login", "routing-key-unusual"),
    ("credentials-overwritten-by-login", "routing-key-trimmed"),
    ("credentials-overwritten-by-login", "routing-key-not-text"),
    (
        "credentials-overwritten-by-login",
        "routing-id-disagrees-with-issues",
    ),
    ("credentials-overwritten-by-login", "store-elsewhere"),
    ("credentials-overwritten-by-login", "provider-spelling-mismatch"),
    ("credentials-overwritten-by-login", "credentials-permissions"),
    ("checkpoint-missing", "checkpoint-under-other-key"),
];

pub const CAUSES: &[Cause] = &[
    cause("provider-unknown", true, |world| {
        swap(world, CONFIG, "provider: jira", "provider: jira-cloud");
    }),
    cause("provider-spelling-mismatch", true, |world| {
        swap(world, CONFIG, "provider: jira", "provider: Jira");
    }),
    cause("workspace-missing", true, |world| {
        // A number: in quotes it is the workspace that the store and the site have.
        swap(
            world,
            CONFIG,
            "workspace: acme.example",
            "workspace: !!str acme.example",
        );
    }),
    cause("routing-key-missing", true, |world| {
        swap(world, CREDENTIALS, "project_key", "projectKey");
    }),
    cause("routing-key-unusual", true, |world| {
        swap(world, CREDENTIALS, "\"ACME\"", "\"acme\"");
    }),
    cause("routing-key-trimmed", true, |world| {
        swap(world, CREDENTIALS, "\"ACME\"", "\" ACME \"");
    }),
    cause("store-elsewhere", true, |world| {
        swap(
            world,
            CREDENTIALS,
            "https://acme.example",
            "https://acme.example/",
        );
    }),
    cause("doctrine-mode-unknown", true, |world| {
        swap(
            world,
            CONFIG,
            "  workspace",
            "  doctrine:\n    mode: split\n  workspace",
        );
    }),
    cause("hidden-characters", true, |world| {
        swap(world, CONFIG, "slug: demo", "slug: \"de\u{200b}mo\"");
    }),
    cause("egress-refused", true, |world| {
        let config = world.read(CONFIG);
        world.write(CONFIG, format!("{config}sync:\n  enabled: false\n"));
    }),
    cause("routing-key-not-text", false, |world| {
        swap(world, CREDENTIALS, "\"ACME\"", "true");
    }),
    cause("routing-id-disagrees-with-issues", false, |world| {
        swap(world, CREDENTIALS, "\"ACME\"", "\"BETA\"");
    }),
    cause("credentials-overwritten-by-login", false, |world| {
        world.credentials("[tokens]\naccess = \"s3cret\"\n");
    }),
    cause("credentials-permissions", false, |world| {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(world.path(CREDENTIALS), mode).unwrap();
    }),
    cause("value-coerced", false, |world| {
        let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
        world.issue(&store, 2, "In Review");
    }),
    cause("mapping-foreign-system", false, |world| {
        let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
        let row =
            "INSERT INTO tracker_mappings VALUES ('WP01', 'Jira', 'acme.example', '1', NULL, NULL, 'c', 'u')";
        store.execute_batch(row).unwrap();
    }),
    cause("checkpoint-missing", false, |world| {
        let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
        store.execute_batch("DELETE FROM tracker_checkpoints").unwrap();
    }),
    cause("issue-row-invalid", false, |world| {
        let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
        world.row(&store, "2", "not JSON");
    }),
    cause("saas-sync-flag-off", false, |world| {
        world.unset("SPEC_KITTY_ENABLE_SAAS_SYNC");
    }),
    cause("server-url-invalid", false, |world| {
        world.set("SAAS_API_URL", "ftp://h.example");
    }),
    cause("token-missing", false, |world| world.unset("SAAS_AUTH_TOKEN")),
    cause("insecure-transport", false, |world| {
        world.set("SAAS_API_URL", "http://h.example");
    }),
];

/// Up to four causes that do not mask one another.
pub fn combination(
    causes: &'static [Cause],
    wanted: fn(&Cause) -> bool,
) -> impl Strategy<Value = Vec<usize>> {
    let usable: Vec<usize> = (0..causes.len())
        .filter(|&index| wanted(&causes[index]))
        .collect();
    prop::sample::subsequence(usable.clone(), 1..=4.min(usable.len())).prop_map(move |chosen| {
        let mut kept: Vec<usize> = Vec::new();
        for index in chosen {
            let masked = kept.iter().any(|&other| {
                let pair = (causes[other].name, causes[index].name);
                MASKS.contains(&pair) || MASKS.contains(&(pair.1, pair.0)) || same_variable(pair)
            });
            if !masked {
                kept.push(index);
            }
        }
        kept
    })
}

/// Two values of one variable cannot be there at once.
fn same_variable(pair: (&str, &str)) -> bool {
    let url = ["server-url-invalid", "insecure-transport"];
    url.contains(&pair.0) && url.contains(&pair.1)
}

/// The first root above notes.
fn first_root(evaluation: &Evaluation) -> Option<&Finding> {
    let is_root = |finding: &&Finding| finding.severity() != Severity::Note && finding.explained_by.is_none();
    evaluation.findings.iter().find(is_root)
}

/// Mends the first root until nothing is left; returns what was mended, in order.
pub fn mend_all(world: &mut World, causes: usize, shell: &Shell) -> Vec<&'static str> {
    let mut mended = Vec::new();
    loop {
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let Some(root) = first_root(&evaluation) else {
            assert_eq!(evaluation.verdict, Verdict::Routed, "after {mended:?}");
            return mended;
        };
        let name = root.name.as_str();
        assert!(
            !mended.contains(&name),
            "{name} came back after {mended:?}: {root:#?}"
        );
        assert!(
            mended.len() < causes,
            "more steps than causes: {mended:?}, then {name}: {root:#?}"
        );
        let root = root.clone();
        assert!(
            mend(world, &root, shell),
            "no fix of {name} can be carried out: {root:#?}"
        );
        mended.push(name);
    }
}

/// Makes the causes and mends them.
pub fn goes_well(chosen: &[usize], shell: &Shell) {
    let mut world = World::healthy();
    for &index in chosen {
        (CAUSES[index].make)(&mut world);
    }
    let mended = mend_all(&mut world, chosen.len(), shell);
    let names: Vec<_> = chosen.iter().map(|&index| CAUSES[index].name).collect();
    // A `bind` mends more than one; what was never broken is never told.
    let told_falsely: Vec<_> = mended.iter().filter(|name| !names.contains(name)).collect();
    assert!(
        told_falsely.is_empty(),
        "{names:?} were broken, {mended:?} mended"
    );
}

#[test]
fn edits_alone_mend_every_combination_of_causes_that_they_can() {
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = combination(CAUSES, |cause| cause.by_edit);
    runner
        .run(&strategy, |chosen| {
            goes_well(&chosen, &Shell::default());
            Ok(())
        })
        .unwrap();
}
