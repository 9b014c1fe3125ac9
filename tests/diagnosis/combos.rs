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

/// One value of one key.
const KEY: &[&str] = &[
    "routing-key-missing",
    "routing-key-blank",
    "routing-key-unusual",
    "routing-key-trimmed",
    "routing-key-not-text",
    "routing-id-disagrees-with-issues",
];
/// The file is written anew: nothing that was wrong in it is left.
const WIPED: &[&str] = &[
    "credentials-overwritten-by-login",
    "credentials-empty",
    "provider-credentials-missing",
];
const SPELLING: &[&str] = &["provider-unknown", "provider-spelling-mismatch"];
const CHECKPOINT: &[&str] = &["checkpoint-missing", "checkpoint-under-other-key"];
const SCOPE: &[&str] = &["store-elsewhere"];
const URL: &[&str] = &["server-url-missing", "server-url-invalid", "insecure-transport"];
const TOKEN: &[&str] = &["token-missing", "token-not-encodable"];

/// Causes that mask one another are not made together: the first is mended, the second was never there. Each of the left
/// masks each of the right.
pub const MASKS: &[(&[&str], &[&str])] = &[
    (KEY, KEY),
    (WIPED, WIPED),
    (WIPED, KEY),
    (WIPED, SCOPE),
    (WIPED, &["provider-spelling-mismatch", "credentials-permissions"]),
    (SPELLING, SPELLING),
    // One issue of the key that another bind wrote, and nobody can tell whose the key is.
    (
        &["routing-id-disagrees-with-issues"],
        &["issues-of-another-project"],
    ),
    (CHECKPOINT, CHECKPOINT),
    (SCOPE, SCOPE),
    (URL, URL),
    (TOKEN, TOKEN),
];

/// Whether two causes mask one another.
fn mask(one: &str, other: &str) -> bool {
    MASKS.iter().any(|(left, right)| {
        (left.contains(&one) && right.contains(&other)) || (left.contains(&other) && right.contains(&one))
    })
}

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
    cause("routing-key-blank", false, |world| {
        swap(world, CREDENTIALS, "\"ACME\"", "\" \"");
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
    cause("checkpoint-under-other-key", true, |world| {
        let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
        let other = "UPDATE tracker_checkpoints SET checkpoint_key = 'jira:ACME.example'";
        store.execute_batch(other).unwrap();
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
    cause("credentials-empty", false, |world| {
        world.credentials("# nothing\n");
    }),
    cause("provider-credentials-missing", false, |world| {
        world.credentials("[tracker.providers]\n");
    }),
    cause("store-elsewhere", false, |world| {
        swap(world, CREDENTIALS, "email", "team_slug = \"payments\"\nemail");
    }),
    cause("issues-of-another-project", false, |world| {
        another_issue(world, "3", "\"key\":\"ACME-2\"", "\"key\":\"BETA-3\"");
    }),
    cause("issues-other-workspace", false, |world| {
        another_issue(world, "4", "https://acme.example", "https://other.example");
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
    cause("server-url-missing", false, |world| world.unset("SAAS_API_URL")),
    cause("proxy-unusable", false, |world| {
        world.set("HTTPS_PROXY", "socks5://127.0.0.1:1");
    }),
    cause("token-not-encodable", false, |world| {
        world.set("SAAS_AUTH_TOKEN", "saas-token-0123456789\n");
    }),
    cause("token-missing", false, |world| world.unset("SAAS_AUTH_TOKEN")),
    cause("insecure-transport", false, |world| {
        world.set("SAAS_API_URL", "http://h.example");
    }),
];

/// The second issue once more, with another id and something changed.
fn another_issue(world: &World, id: &str, old: &str, new: &str) {
    let store = rusqlite::Connection::open(world.healthy_store()).unwrap();
    let query = "SELECT payload FROM tracker_issues WHERE issue_id = '1'";
    let payload: String = store.query_row(query, [], |row| row.get(0)).unwrap();
    let own = payload
        .replace("\"id\":\"1\"", &format!("\"id\":\"{id}\""))
        .replace("ACME-1", "ACME-2");
    world.row(&store, id, &own.replace(old, new));
}

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
            let masked = kept
                .iter()
                .any(|&other| mask(causes[other].name, causes[index].name));
            if !masked {
                kept.push(index);
            }
        }
        kept
    })
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
