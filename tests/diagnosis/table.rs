//! At least one world for every finding: the healthy one with one thing broken.

use std::fs;
use std::os::unix::fs::symlink;

use catseye::domain::journal::{AttemptRecord, ResultRecord};
use catseye::sinks::journal::Journal;

use super::world::{CONFIG, CREDENTIALS, Tracker, World};

/// A world with one cause.
pub struct Case {
    /// The root finding that is expected first.
    pub root: &'static str,
    /// What its first evidence points at.
    pub at: &'static str,
    /// Other findings above notes; those that the root explains in brackets.
    pub others: &'static [&'static str],
    pub make: fn() -> World,
}

const fn case(
    root: &'static str,
    at: &'static str,
    others: &'static [&'static str],
    make: fn() -> World,
) -> Case {
    Case {
        root,
        at,
        others,
        make,
    }
}

fn broken(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::healthy();
    change(&mut world);
    world
}

fn config(old: &str, new: &str) -> World {
    broken(|world| world.replace("project/.kittify/config.yaml", old, new))
}

fn credentials(old: &str, new: &str) -> World {
    broken(|world| world.replace("home/.spec-kitty/credentials", old, new))
}

fn all_credentials(text: &str) -> World {
    broken(|world| world.credentials(text))
}

/// A row of the store with another payload.
fn row(old: &str, new: &str) -> World {
    broken(|world| {
        let store = world.connect();
        let payload: String = store
            .query_row("SELECT payload FROM tracker_issues WHERE rowid = 2", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert!(payload.contains(old), "{payload}");
        world.row(&store, "2", &payload.replacen(old, new, 1));
    })
}

fn sql(statement: &str) -> World {
    broken(|world| world.connect().execute_batch(statement).unwrap())
}

fn github() -> World {
    let world = World::empty(Tracker {
        system: "github",
        issue_workspace: "acme/payments",
        prefix: "#",
    });
    world.config(
        &CONFIG
            .replace("jira", "github")
            .replace("acme.example", "acme/payments"),
    );
    world.credentials(
        "[tracker.providers.github]\nowner = \"acme\"\nrepo = \"payments\"\ntoken = \"s3cret-0123456789\"\n",
    );
    world.pull();
    world
}

fn linear(team: &str) -> World {
    let world = World::empty(Tracker {
        system: "linear",
        issue_workspace: "acme",
        prefix: "ENG-",
    });
    world.config(&CONFIG.replace("jira", "linear").replace("acme.example", "acme"));
    world.credentials(&format!(
        "[tracker.providers.linear]\napi_key = \"s3cret-0123456789\"\nteam_id = \"{team}\"\n"
    ));
    world.pull();
    world
}

/// A publish that was delivered: this body, this key, this endpoint.
fn delivered(world: &World, change: impl FnOnce(&mut AttemptRecord)) {
    let (inputs, evaluation) = world.look();
    let plan = catseye::domain::plan::Plan::freeze(&inputs, &evaluation).unwrap();
    let id = "20261120T093000-000001".to_owned();
    let mut record = plan.attempt(
        plan.endpoint.as_ref().unwrap(),
        id,
        "2026-11-20T09:30:00Z".to_owned(),
    );
    change(&mut record);
    let journal = Journal::open(world.path("state/catseye")).keep_snapshots(false);
    let pending = journal.begin(&record, std::io::empty()).unwrap();
    pending
        .complete(&ResultRecord {
            id: record.id.clone(),
            outcome: catseye::domain::publish::Outcome::Delivered,
            status: Some(200),
            bytes_sent: record.body_bytes,
            elapsed_ms: 1,
            note: None,
        })
        .unwrap();
}

/// The cases, in the order of the catalogue.
pub const CASES: &[Case] = &[
    case("project-not-found", "", &[], || {
        broken(|world| fs::remove_dir_all(world.path("project/.kittify")).unwrap())
    }),
    case("config-missing", "", &[], || {
        broken(|world| fs::remove_file(world.path("project/.kittify/config.yaml")).unwrap())
    }),
    case("config-unreadable", "\u{fffd}", &[], || {
        broken(|world| world.write("project/.kittify/config.yaml", b"tracker: \xe9\n"))
    }),
    case("config-unreadable", "", &[], || {
        broken(|world| {
            fs::remove_file(world.path("project/.kittify/config.yaml")).unwrap();
            fs::create_dir(world.path("project/.kittify/config.yaml")).unwrap();
        })
    }),
    case("config-invalid", "provider", &[], || {
        config("  provider: jira\n", "  provider: jira\n  provider: jira\n")
    }),
    case("tracker-section-missing", "", &[], || {
        broken(|world| world.config("# nothing\n"))
    }),
    case("tracker-section-missing", "tracker", &[], || {
        broken(|world| world.config("tracker: jira\n"))
    }),
    case("provider-missing", "tracker", &[], || {
        config("  provider: jira\n", "")
    }),
    case("provider-missing", "true", &[], || {
        config("provider: jira", "provider: true")
    }),
    case("workspace-missing", "12345", &[], || {
        config("acme.example", "12345")
    }),
    case("workspace-missing", "' '", &[], || config("acme.example", "' '")),
    case("credentials-unreadable", "\u{fffd}", &[], || {
        broken(|world| world.write("home/.spec-kitty/credentials", b"# \xe9\n"))
    }),
    case("credentials-unreadable", "", &[], || {
        broken(|world| {
            fs::remove_file(world.path("home/.spec-kitty/credentials")).unwrap();
            fs::create_dir(world.path("home/.spec-kitty/credentials")).unwrap();
        })
    }),
    case("credentials-invalid", "", &[], || {
        credentials("s3cret-", "C:\\xampp-")
    }),
    case("store-unreadable", "", &[], || {
        broken(|world| {
            let store = world.store_path();
            fs::remove_file(&store).unwrap();
            fs::create_dir(store).unwrap();
        })
    }),
    case("store-invalid", "", &[], || {
        broken(|world| fs::write(world.store_path(), "this is not a database at all").unwrap())
    }),
    case("issue-row-invalid", "tracker_issues#2:priority", &[], || {
        row("\"priority\":null", "\"priority\":7")
    }),
    // The mapped one: its mapping is not told to match nothing.
    case("issue-row-invalid", "tracker_issues#1:", &[], || {
        sql("UPDATE tracker_issues SET payload = 'no JSON' WHERE rowid = 1")
    }),
    case("issue-row-invalid", "tracker_issues#1:ref.system", &[], || {
        sql(
            "UPDATE tracker_issues SET payload = replace(payload, '\"system\":\"jira\"', '\"system\":\" \"') WHERE rowid = 1",
        )
    }),
    case("payload-not-encodable", "tracker_issues#2:title", &[], || {
        row("Issue 2", "\\ud800")
    }),
    case("payload-not-encodable", "\"\\ud800\"", &[], || {
        config("slug: demo", "slug: \"\\ud800\"")
    }),
    case("payload-not-encodable", "\"\\ud800\"", &[], || {
        broken(|world| {
            world.config(&format!(
                "{CONFIG}  doctrine:\n    field_owners:\n      \"\\ud800\": local\n"
            ));
        })
    }),
    case("saas-sync-flag-off", "$SPEC_KITTY_ENABLE_SAAS_SYNC", &[], || {
        broken(|world| world.set("SPEC_KITTY_ENABLE_SAAS_SYNC", "y"))
    }),
    case("server-url-missing", "$SAAS_API_URL", &[], || {
        broken(|world| world.unset("SAAS_API_URL"))
    }),
    case("server-url-invalid", "$SAAS_API_URL", &[], || {
        broken(|world| world.set("SAAS_API_URL", "https://h.example?x=1"))
    }),
    case("proxy-unusable", "$ALL_PROXY", &[], || {
        broken(|world| world.set("ALL_PROXY", "socks5://127.0.0.1:1"))
    }),
    case("proxy-unusable", "$HTTPS_PROXY", &[], || {
        broken(|world| world.set("HTTPS_PROXY", "socks5://127.0.0.1:1"))
    }),
    case("proxy-unusable", "$NO_PROXY", &[], || {
        broken(|world| world.set("NO_PROXY", "localhost,[::1]"))
    }),
    case("token-not-encodable", "$SAAS_AUTH_TOKEN", &[], || {
        broken(|world| world.set("SAAS_AUTH_TOKEN", "saas-token-0123456789\n"))
    }),
    case(
        "token-not-encodable",
        "\"s3cret-é\"",
        &["provider-not-routable", "provider-token-as-bearer"],
        || {
            let mut world = github();
            world.unset("SAAS_AUTH_TOKEN");
            world.replace("home/.spec-kitty/credentials", "s3cret-0123456789", "s3cret-é");
            world
        },
    ),
    case(
        "egress-refused",
        "Refused",
        &["bound-by-newer-spec-kitty", "leftover-secrets"],
        || config("  workspace:", "  egress: Refused\n  workspace:"),
    ),
    case("egress-refused", "false", &[], || {
        broken(|world| world.config(&format!("{CONFIG}sync:\n  enabled: false\n")))
    }),
    case("journal-unwritable", "", &[], || {
        broken(|world| {
            world.write("state/catseye", "a file where the folder should be");
            world.plans = true;
        })
    }),
    case("provider-not-routable", "github", &[], github),
    case("provider-unknown", "jira-cloud", &["(store-missing)"], || {
        config("provider: jira", "provider: jira-cloud")
    }),
    case("credentials-file-missing", "", &["(store-elsewhere)"], || {
        broken(|world| fs::remove_file(world.path("home/.spec-kitty/credentials")).unwrap())
    }),
    case("credentials-empty", "", &["(store-elsewhere)"], || {
        all_credentials("# nothing\n")
    }),
    case(
        "credentials-overwritten-by-login",
        "[tokens]",
        &["(store-elsewhere)"],
        || all_credentials("[tokens]\naccess = \"s3cret\"\n"),
    ),
    case(
        "credentials-table-missing",
        "providers",
        &["(store-elsewhere)"],
        || all_credentials("[tracker]\nproviders = \"s3cret\"\n"),
    ),
    case(
        "provider-credentials-missing",
        "[tracker.providers]",
        &["(store-elsewhere)"],
        || all_credentials("[tracker.providers]\n"),
    ),
    case(
        "provider-spelling-mismatch",
        "Jira",
        &["(store-elsewhere)"],
        || config("provider: jira", "provider: Jira"),
    ),
    case("routing-key-missing", "[tracker.providers.jira]", &[], || {
        credentials("project_key", "projectKey")
    }),
    case("routing-key-missing", "[tracker.providers.jira]", &[], || {
        credentials("project_key = \"ACME\"\n", "")
    }),
    case("routing-key-blank", "\" \"", &[], || {
        credentials("\"ACME\"", "\" \"")
    }),
    case(
        "provider-token-as-bearer",
        "\"s3cret-0123456789\"",
        &["provider-not-routable"],
        || {
            let mut world = github();
            world.unset("SAAS_AUTH_TOKEN");
            world
        },
    ),
    case("insecure-transport", "$SAAS_API_URL", &[], || {
        broken(|world| world.set("SAAS_API_URL", "http://h.example"))
    }),
    case("idempotency-key-reused", "", &[], || {
        broken(|world| delivered(world, |record| record.body_blake3 = "0".repeat(64)))
    }),
    case("store-missing", "", &[], || {
        broken(|world| fs::remove_file(world.store_path()).unwrap())
    }),
    case("store-elsewhere", "\"https://acme.example/\"", &[], || {
        credentials("https://acme.example", "https://acme.example/")
    }),
    case("store-elsewhere", "", &[], || {
        credentials("email = \"a@b.example\"\n", "")
    }),
    case("routing-id-disagrees-with-issues", "\"BETA\"", &[], || {
        credentials("ACME", "BETA")
    }),
    case(
        "bound-by-newer-spec-kitty",
        "binding_ref",
        &["leftover-secrets"],
        || config("  provider:", "  binding_ref: b\n  provider:"),
    ),
    case(
        "bound-by-newer-spec-kitty",
        "project_slug",
        &["(workspace-missing)", "leftover-secrets"],
        || config("  workspace: acme.example", "  project_slug: demo"),
    ),
    case("internal-error", "", &[], || {
        broken(|world| world.broken.push("a step".to_owned()))
    }),
    case("routing-key-not-text", "true", &[], || {
        credentials("\"ACME\"", "true")
    }),
    case("routing-key-trimmed", "\" ACME\"", &[], || {
        credentials("\"ACME\"", "\" ACME\"")
    }),
    case("routing-key-unusual", "\"acme\"", &[], || {
        credentials("\"ACME\"", "\"acme\"")
    }),
    case("routing-key-unusual", "\"AC\u{200b}ME\"", &[], || {
        credentials("\"ACME\"", "\"AC\u{200b}ME\"")
    }),
    case("routing-key-unusual", "\"ENG\"", &[], || linear("ENG")),
    case("workspace-host-mismatch", "acme", &[], || {
        let world = World::empty(super::world::JIRA);
        world.config(&CONFIG.replace("acme.example", "acme"));
        world.credentials(CREDENTIALS);
        world.pull();
        world
    }),
    case("store-empty", "", &[], || {
        sql("DELETE FROM tracker_issues; DELETE FROM tracker_mappings")
    }),
    case("store-empty", "", &[], || {
        broken(|world| fs::write(world.store_path(), "").unwrap())
    }),
    case(
        "issues-other-workspace",
        "tracker_issues#2:ref.workspace",
        &[],
        || row("https://acme.example", "https://other.example"),
    ),
    case(
        "issues-of-another-project",
        "tracker_issues#2:ref.key",
        &[],
        || row("ACME-2", "BETA-2"),
    ),
    case("checkpoint-missing", "", &[], || {
        sql("DELETE FROM tracker_checkpoints")
    }),
    case(
        "checkpoint-under-other-key",
        "tracker_checkpoints#1:checkpoint_key",
        &[],
        || sql("UPDATE tracker_checkpoints SET checkpoint_key = 'jira:ACME.example'"),
    ),
    case(
        "checkpoint-under-other-key",
        "tracker_checkpoints#1:checkpoint_key",
        &[],
        || {
            let world = World::empty(super::world::JIRA);
            world.config(&CONFIG.replace("jira", "Jira"));
            world.credentials(&CREDENTIALS.replace("jira", "Jira"));
            world.pull();
            world
        },
    ),
    case("mapping-foreign-system", "tracker_mappings#2:system", &[], || {
        sql("INSERT INTO tracker_mappings VALUES ('WP01', 'Jira', 'acme.example', '1', NULL, NULL, 'c', 'u')")
    }),
    case("mapping-unmatched", "tracker_mappings#2:external_id", &[], || {
        sql(
            "INSERT INTO tracker_mappings VALUES ('WP02', 'jira', 'acme.example', '99', NULL, NULL, 'c', 'u')",
        )
    }),
    case("value-coerced", "tracker_issues#2:status", &[], || {
        row("\"todo\"", "\"In Review\"")
    }),
    case(
        "value-coerced",
        "tracker_checkpoints#1:updated_since",
        &[],
        || sql("UPDATE tracker_checkpoints SET updated_since = 'yesterday'"),
    ),
    case("credentials-permissions", "", &[], || {
        broken(|world| {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(0o644);
            fs::set_permissions(world.path("home/.spec-kitty/credentials"), mode).unwrap();
        })
    }),
    case("doctrine-mode-unknown", "split", &[], || {
        broken(|world| world.config(&format!("{CONFIG}  doctrine:\n    mode: split\n")))
    }),
    case("token-missing", "$SAAS_AUTH_TOKEN", &[], || {
        broken(|world| world.unset("SAAS_AUTH_TOKEN"))
    }),
    case("project-identity-missing", "project", &[], || {
        config("  slug: demo\n", "")
    }),
    case("project-identity-missing", "", &[], || {
        broken(|world| world.config(&CONFIG[CONFIG.find("tracker:").unwrap()..]))
    }),
    case("home-is-project", "", &["(config-missing)"], || {
        broken(|world| {
            fs::remove_dir_all(world.path("project/.kittify")).unwrap();
            fs::create_dir_all(world.path("home/.kittify")).unwrap();
            fs::create_dir_all(world.path("home/code")).unwrap();
            world.start = "home/code".into();
        })
    }),
    case("worktree-config-ignored", "", &[], || {
        broken(|world| {
            let gitdir = world.path("project/.git/worktrees/wt");
            fs::create_dir_all(&gitdir).unwrap();
            world.write("wt/.git", format!("gitdir: {}\n", gitdir.display()));
            world.write("wt/.kittify/config.yaml", "tracker:\n  provider: linear\n");
            world.start = "wt".into();
        })
    }),
    case("hidden-characters", "tracker_issues#2:title", &[], || {
        row("Issue 2", "Issue\u{200b} 2")
    }),
    case("hidden-characters", "\"de\u{202e}mo\"", &[], || {
        config("slug: demo", "slug: \"de\u{202e}mo\"")
    }),
    case(
        "hidden-characters",
        "\"ac\u{200b}me.example\"",
        &["(store-elsewhere)"],
        || config("acme.example", "\"ac\u{200b}me.example\""),
    ),
    case("hidden-characters", "st\u{200b}atus", &[], || {
        broken(|world| {
            world.config(&format!(
                "{CONFIG}  doctrine:\n    field_owners:\n      st\u{200b}atus: local\n"
            ));
        })
    }),
    case(
        "leftover-secrets",
        "api_token",
        &["bound-by-newer-spec-kitty"],
        || config("  provider:", "  binding_ref: b\n  provider:"),
    ),
    case("nothing-changed", "", &[], || {
        broken(|world| delivered(world, |_| {}))
    }),
    case("issue-unmapped", "", &[], World::healthy),
    case("spec-kitty-home-set", "$SPEC_KITTY_HOME", &[], || {
        broken(|world| world.set("SPEC_KITTY_HOME", "/elsewhere"))
    }),
    case("session-token-unused", "[tokens]", &["token-missing"], || {
        broken(|world| {
            world.unset("SAAS_AUTH_TOKEN");
            world.credentials(&format!("[tokens]\naccess = \"s3cret\"\n\n{CREDENTIALS}"));
        })
    }),
    case("proxy-in-use", "$HTTPS_PROXY", &[], || {
        broken(|world| world.set("HTTPS_PROXY", "http://proxy.example:3128"))
    }),
    case("server-host-new", "", &[], || {
        broken(|world| {
            delivered(world, |record| {
                record.endpoint = record.endpoint.replace("h.example", "other.example");
            });
        })
    }),
];

/// A credentials file behind a link is one all the same.
#[test]
fn a_linked_credentials_file_is_read() {
    let world = World::healthy();
    fs::rename(
        world.path("home/.spec-kitty/credentials"),
        world.path("home/real-credentials"),
    )
    .unwrap();
    symlink(
        world.path("home/real-credentials"),
        world.path("home/.spec-kitty/credentials"),
    )
    .unwrap();
    let (_, evaluation) = world.look();
    assert_eq!(evaluation.verdict.name(), "routed");
}
