//! `catseye report`: what is in it, what is not, and where it goes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::world::{CANARIES, World, code, err, out, payload};

/// Begins every text that is planted; no part of it may come out.
const PLANTED: &str = "zqx";

/// Runs the report with texts and secrets in every variable that can hold one.
fn report(world: &World, arguments: &[&str]) -> std::process::Output {
    let mut command = world.command(&["report"]);
    command.args(arguments);
    for name in [
        "TERM",
        "COLORTERM",
        "TERM_PROGRAM",
        "EDITOR",
        "VISUAL",
        "LANG",
        "SSH_CONNECTION",
        "SPEC_KITTY_HOME",
        "TMUX",
        "DISPLAY",
    ] {
        command.env(name, format!("{PLANTED}-{name}"));
    }
    command
        .env("HTTPS_PROXY", "http://zqxuser:zqxpassword@zqxproxy.example:1")
        .env("SAAS_API_URL", "https://zqxhost.example/zqxpath")
        .env("TMPDIR", world.folder.path())
        .env_remove("XDG_RUNTIME_DIR");
    world.finish(&mut command)
}

/// A routed project in which every text that may vary is planted.
fn planted() -> World {
    let world = World::new();
    world.write(
        "project/.kittify/config.yaml",
        "# zqx comment\ntracker:\n  provider: jira\n  workspace: acme.example\n  zqx_key: zqx value\n  doctrine:\n    \
         mode: zqx-mode\n    field_owners: {zqx_field: zqx_owner, status: local}\n\
         project: {uuid: zqx-550e8400, slug: zqx-slug}\nzqx_top: [zqx, {zqx: zqx}]\n",
    );
    world.write(
        "home/.spec-kitty/credentials",
        format!(
            "# zqx\n[tokens]\nrefresh = \"{0}\"\n[tracker.providers.jira]\nproject_key = \"ZQX\"\nemail = \"\"\n\
             api_token = \"{0}\"\nzqx_secret = \"{0}\"\n[tracker.providers.zqx]\npat = \"{0}\"\n",
            CANARIES[0]
        ),
    );
    let store = world.connect();
    store
        .execute_batch(
            "DELETE FROM tracker_issues;
             ALTER TABLE tracker_issues ADD COLUMN zqx_column TEXT DEFAULT 'zqx';
             CREATE TABLE zqx_table (zqx TEXT); CREATE INDEX zqx_index ON zqx_table (zqx);
             UPDATE tracker_checkpoints SET cursor = 'zqx', updated_since = 'zqx';
             INSERT INTO tracker_mappings VALUES ('zqxWP', 'zqx', 'zqx', 'zqx', 'zqx', 'zqx', 'zqx', 'zqx');
             INSERT INTO tracker_mappings VALUES ('zqxWQ', 'jira', 'zqx', 'zqxno', 'zqxno', 'zqxno', 'zqx', 'zqx');
             INSERT INTO tracker_checkpoints VALUES ('zqx:zqx', 'zqx', 'zqx');",
        )
        .unwrap();
    // `World` writes six values; this table has a seventh column now.
    let insert = |identity: &str, payload: &str| {
        store
            .execute(
                "INSERT OR REPLACE INTO tracker_issues (identity, system, workspace, issue_id, payload, updated_at)
                 VALUES (?1, 'jira', 'zqx', 'zqx', ?2, 'zqx')",
                [identity, payload],
            )
            .unwrap();
    };
    insert("zqx-a", &payload("zqx1", "ZQX-1", "zqx title \\u202e"));
    insert(
        "zqx-b",
        "{\"ref\":{\"system\":\"jira\",\"workspace\":\"zqx\",\"id\":\"zqx\",\"key\":\"zqx\",\"url\":\"zqx\"},\
         \"title\":\"zqx\",\"status\":\"zqx\",\"priority\":\"zqx\",\"labels\":[\"zqx\"],\"assignees\":[\"zqx\"],\
         \"raw\":{\"zqx\":\"zqx\"}}",
    );
    world
}

/// Nothing that was planted, no secret, no path of the machine.
fn tells_nothing(world: &World, text: &str) {
    assert_eq!(text.to_lowercase().find(PLANTED), None, "{text}");
    for canary in CANARIES {
        assert!(!text.contains(canary) && !text.contains(&canary[7..]), "{text}");
    }
    let folder = world.folder.path().to_str().unwrap();
    assert!(!text.contains(folder), "{text}");
    assert!(
        !text.contains("acme.example") && !text.contains("550e8400"),
        "{text}"
    );
}

fn the_file(output: &std::process::Output) -> PathBuf {
    PathBuf::from(out(output).trim_end())
}

fn read(path: &Path) -> String {
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn it_is_a_new_file_that_tells_much_and_quotes_nothing() {
    let world = planted();
    let output = report(&world, &[]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = read(&the_file(&output));
    tells_nothing(&world, &text);
    for expected in [
        "catseye: 0.1.0",
        "SQLite: 3.",
        "terminal: another one",
        "- SAAS_AUTH_TOKEN: set",
        "- SPECIFY_REPO_ROOT: not set",
        "verdict: routed",
        "doctrine-mode-unknown",
        "hidden-characters",
        "mapping-unmatched",
        "RESOURCE_ROUTING_MAP: \"jira\" -> ",
        "project_key: text 3 characters, shape A3, digest ",
        "api_token: secret text, 16-31 characters, digest ",
        "config.yaml: parsed, ",
        "journal mode: rollback",
        "page_size: ",
        "tracker_issues: identity, system, workspace, issue_id, payload, updated_at, (a name of 10 characters",
        "schema digest: ",
        "issues of this provider: 2",
        "## What was left out",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
    let last = text.rsplit("\n## ").next().unwrap();
    assert!(
        last.starts_with("What was left out\n") && last.contains("secrets: 4"),
        "{last}"
    );
    assert_ne!(
        read(&the_file(&report(&world, &[]))),
        "",
        "each time another file"
    );
    assert_eq!(
        std::fs::read_dir(world.folder.path())
            .unwrap()
            .filter(|entry| entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("catseye-"))
            .count(),
        2
    );
}

#[test]
fn equal_texts_show_by_equal_digests_that_are_others_in_the_next_report() {
    let world = planted();
    let digest = |text: &str, line: &str| {
        let line = text.lines().find(|told| told.contains(line)).unwrap().to_owned();
        line.split("digest ").nth(1).unwrap()[..8].to_owned()
    };
    let first = out(&report(&world, &["--output", "-"]));
    let routed = digest(&first, "project_key: text");
    assert_eq!(
        routed,
        digest(&first, "- prefix "),
        "the issues are the routed project's"
    );
    let second = out(&report(&world, &["--output", "-"]));
    assert_ne!(routed, digest(&second, "project_key: text"));
}

#[test]
fn names_are_told_when_asked_for_and_a_password_is_not() {
    let world = planted();
    let config = "tracker:\n  provider: jira\n  workspace: https://bot:zqxpassword@acme.example\nproject: {slug: demo}\n";
    world.write("project/.kittify/config.yaml", config);
    let text = out(&report(&world, &["--output", "-", "--with-names"]));
    assert!(
        text.contains("- slug: demo\n") && text.contains("- resource id: ZQX\n"),
        "{text}"
    );
    assert!(text.contains("- workspace: https://...@acme.example\n"), "{text}");
    assert!(
        !text.contains("zqxpassword") && !text.contains(CANARIES[0]),
        "{text}"
    );
    let text = out(&report(&world, &["--output", "-"]));
    tells_nothing(&world, &text);
}

#[test]
fn nothing_is_overwritten() {
    let world = planted();
    let target = world.path("report.txt");
    let name = target.to_str().unwrap();
    let written = report(&world, &["--output", name]);
    assert_eq!((code(&written), the_file(&written)), (0, target.clone()));
    let text = read(&target);
    let refused = report(&world, &["--output", name]);
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    assert!(
        err(&refused).contains("report.txt") && err(&refused).contains("nothing is overwritten"),
        "{}",
        err(&refused)
    );
    assert_eq!(read(&target), text);
}

#[test]
fn broken_inputs_are_reported_without_their_text() {
    for (file, text) in [
        ("project/.kittify/config.yaml", "tracker: [zqx\n\tzqx: 'zqx"),
        (
            "project/.kittify/config.yaml",
            "tracker:\n  provider: zqx-jira\n  workspace: 12345\n",
        ),
        (
            "project/.kittify/config.yaml",
            "tracker:\n  provider: zqx-jira\n  workspace: zqx\n",
        ),
        (
            "home/.spec-kitty/credentials",
            "[tracker\nzqx = \"zqx-0123456789-secret",
        ),
    ] {
        let world = planted();
        world.write(file, text);
        let output = report(&world, &["--output", "-"]);
        assert_eq!(code(&output), 0);
        tells_nothing(&world, &out(&output));
    }
    let world = planted();
    std::fs::write(world.store(), "zqx is no database, zqx").unwrap();
    let text = out(&report(&world, &["--output", "-"]));
    tells_nothing(&world, &text);
    assert!(text.contains("store-invalid"), "{text}");
    std::fs::remove_dir_all(world.path("project")).unwrap();
    std::fs::create_dir_all(world.path("project")).unwrap();
    let text = out(&report(&world, &["--output", "-"]));
    tells_nothing(&world, &text);
    assert!(text.contains("project-not-found"), "{text}");
}

#[test]
fn the_inspector_writes_the_same_by_one_key() {
    let world = World::new();
    for keys in ["R", "y R", "y > R", ": report <enter>"] {
        let folder = tempfile::tempdir_in(world.folder.path()).unwrap();
        let mut command =
            world.command(&["frame", "--scene", "spelling", "--size", "160x40", "--keys", keys]);
        let frame = out(&command.env("TMPDIR", folder.path()).output().unwrap());
        let files: Vec<PathBuf> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        // Without a desktop, tmux or a terminal the clipboard is a file, too.
        assert_eq!(files.len(), 1, "{keys}: {frame}");
        assert!(
            frame.contains("report, ") && frame.contains("written to"),
            "{keys}: {frame}"
        );
        let (inspector, command) = (
            read(&files[0]),
            ["report", "--scene", "spelling", "--output", "-"],
        );
        let told = out(&world
            .command(&command)
            .env("TMPDIR", folder.path())
            .output()
            .unwrap());
        let settled = |text: &str| {
            let varies = |line: &&str| {
                !["made ", "- endpoint:", "- body", "- TMPDIR", "- standard output"]
                    .iter()
                    .any(|own| line.starts_with(own))
            };
            text.lines().filter(varies).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(settled(&inspector), settled(&told));
    }
}

#[test]
fn every_variable_that_counts_is_named() {
    let text = out(&report(&World::new(), &["--output", "-"]));
    for (names, _) in catseye::cli::paths::VARIABLES {
        for name in names.split(' ') {
            assert!(text.contains(&format!("- {name}: ")), "{name}");
        }
    }
}
