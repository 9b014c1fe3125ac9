//! Commands that only read.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::Value;

use super::world::{CANARIES, World, code, err, out, payload};

const SERVER: &str = "--server-url=http://127.0.0.1:9";

#[test]
fn check_tells_the_verdict_by_its_exit_code() {
    let world = World::new();
    assert_eq!(code(&world.run(&["check", SERVER])), 0);
    assert_eq!(
        code(&world.run(&["check", "--strict"])),
        3,
        "no server URL stands against sending"
    );
    assert_eq!(
        code(&world.run(&["check", "--strict", SERVER, "--auth-token", "t"])),
        3,
        "a warning stands: a title hides something"
    );
    world.issue("b", &payload("2", "ACME-2", "Two"));
    assert_eq!(
        code(&world.run(&["check", "--strict", SERVER, "--auth-token", "t"])),
        0
    );
    let last = out(&world.run(&["check"]));
    assert!(
        last.trim_end().lines().last().unwrap().starts_with("next: "),
        "{last}"
    );
    world.write("home/.spec-kitty/credentials", "[tokens]\naccess = \"x\"\n");
    assert_eq!(code(&world.run(&["check", SERVER])), 1);
    world.write(
        "project/.kittify/config.yaml",
        "tracker:\n  provider: jira\n  workspace: 12345\n",
    );
    let blocked = world.run(&["check", SERVER]);
    assert_eq!(code(&blocked), 2);
    assert!(out(&blocked).contains("workspace-missing") && out(&blocked).contains("a number"));
}

#[test]
fn a_locked_store_is_not_taken_for_an_empty_one() {
    let world = World::new();
    let store = world.connect();
    store.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // All at once, since each waits for the lock in vain; nothing may open the file here, which would lift it.
    let commands: [(&[&str], i32); 6] = [
        (&["issues"], 2),
        (&["issues", "--json"], 2),
        (&["mappings"], 2),
        (&["payload"], 2),
        (&["publish", "--yes", SERVER], 3),
        (&["check", "--strict", SERVER], 3),
    ];
    let children = commands.map(|(arguments, code)| {
        let mut command = world.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        (arguments, code, command.spawn().unwrap())
    });
    for (arguments, expected, child) in children {
        let output = child.wait_with_output().unwrap();
        let told = out(&output) + &err(&output);
        assert_eq!(code(&output), expected, "{arguments:?}: {told}");
        assert!(told.contains("store-busy"), "{arguments:?}: {told}");
        assert!(
            arguments[0] == "check" || output.stdout.is_empty(),
            "{arguments:?}: {told}"
        );
    }
    drop(store);
    assert!(out(&world.run(&["issues"])).starts_with("ACME-1 "));
}

#[test]
fn payload_prints_the_body_or_nothing() {
    let world = World::new();
    let mut command = world.command(&["payload"]);
    let body = command.output().unwrap().stdout;
    let json: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json["issues"].as_array().unwrap().len(), 2);
    assert_eq!(json["external_resource_id"], "ACME");
    let pretty = world.run(&["payload", "--pretty"]);
    assert_eq!(serde_json::from_slice::<Value>(&pretty.stdout).unwrap(), json);
    world.issue("c", "{\"title\":\"no ref\"}");
    let refused = world.run(&["payload"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    assert!(err(&refused).contains("issue-row-invalid") && err(&refused).contains("KeyError: 'ref'"));
}

#[test]
fn rows_come_as_ndjson_and_bad_ones_are_told() {
    let world = World::new();
    world.issue("c", &payload("3", "ACME-3", "ok").replace("todo", "In Review"));
    let rows = out(&world.run(&["issues", "--json"]));
    let rows: Vec<Value> = rows
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["mappings"][0], "WP01");
    let status = |row: &Value| {
        row["coerced"]
            .as_array()
            .unwrap()
            .iter()
            .any(|value| value["stored"] == "In Review")
    };
    assert!(status(&rows[2]) && rows[2]["published"]["status"] == "todo");
    let text = out(&world.run(&["issues"]));
    assert!(
        text.contains("status stored \"In Review\" is published as \"todo\""),
        "{text}"
    );
    assert!(
        text.contains("issue_type stored (missing) is published as \"task\""),
        "{text}"
    );
    let mappings = world.run(&["mappings"]);
    assert!(out(&mappings).contains("WP01") && out(&mappings).contains("(by id)"));
    assert_eq!(code(&mappings), 0);
    world.issue("d", "[]");
    let bad = world.run(&["issues", "--json"]);
    assert_eq!(
        (code(&bad), err(&bad).contains("issue-row-invalid: 1 row")),
        (2, true)
    );
    let mappings = world.run(&["mappings"]);
    assert_eq!(
        (code(&mappings), err(&mappings).contains("issue-row-invalid")),
        (2, true)
    );
    let last: Value = serde_json::from_str(out(&bad).lines().last().unwrap()).unwrap();
    assert!(last["error"].is_string() && last["published"].is_null());
}

#[test]
fn curl_makes_the_same_request_without_the_token() {
    let world = World::new();
    world.write(
        "bin/curl",
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$OUT.argv\"\ncat > \"$OUT.body\"\n",
    );
    std::fs::set_permissions(world.path("bin/curl"), std::fs::Permissions::from_mode(0o755)).unwrap();
    // Without a server URL it goes to the one that is set by then.
    for arguments in [vec!["curl", SERVER], vec!["curl"]] {
        let curl = out(&world.run(&arguments));
        let mut shell = world.shell(&curl, &world.path("project"));
        shell.env("OUT", world.path("out")).env_remove("SAAS_AUTH_TOKEN");
        shell.env("SAAS_API_URL", "http://127.0.0.1:9/");
        assert!(shell.status().unwrap().success());
        let body = std::fs::read(world.path("out.body")).unwrap();
        assert_eq!(body, world.command(&["payload"]).output().unwrap().stdout);
        let argv = std::fs::read_to_string(world.path("out.argv")).unwrap();
        assert!(
            argv.contains("Idempotency-Key: ")
                && argv.ends_with("http://127.0.0.1:9/api/v1/connectors/trackers/snapshots/\n"),
            "{argv}"
        );
        assert!(!CANARIES.iter().any(|canary| argv.contains(canary)));
        // Loopback goes direct, as in `publish`; elsewhere curl reads the proxies that httpx reads.
        assert_eq!(
            argv.contains("--noproxy\n*\n"),
            arguments.contains(&SERVER),
            "{argv}"
        );
    }
}

#[test]
fn explains_every_finding_and_names_paths_and_keys() {
    let world = World::new();
    let list = out(&world.run(&["explain"]));
    assert_eq!(list.lines().count(), catseye::domain::catalogue::CATALOGUE.len());
    for row in catseye::domain::catalogue::CATALOGUE {
        assert!(out(&world.run(&["explain", row.text])).contains(row.title));
    }
    let rotated = out(&world.run(&["explain", "routing-key-missing"]));
    assert!(rotated.contains("To change a token"), "{rotated}");
    assert_eq!(code(&world.run(&["explain", "nope"])), 64);
    assert!(out(&world.run(&["paths"])).contains("journal.jsonl"));
    assert!(out(&world.run(&["keys"])).contains("send the frozen request"));
    assert_eq!(code(&world.run(&["check", "--nope"])), 64);
    assert_eq!(code(&world.run(&["--help"])), 0);
    assert_eq!(code(&world.run(&["frame", "--size", "10"])), 64);
    assert_eq!(code(&world.run(&["frame", "--keys", "<nope>"])), 64);
}

#[test]
fn without_a_terminal_the_inspector_is_check_and_a_broken_pipe_is_success() {
    let world = World::new();
    assert_eq!(out(&world.run(&[SERVER])), out(&world.run(&["check", SERVER])));
    let mut child = world
        .command(&["issues", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_secret_under_a_public_key_stays_secret() {
    let world = World::new();
    let url = format!("https://bot:{}@acme.example", CANARIES[0]);
    let fields = format!("base_url = \"{url}\"\ncommand = \"fp --token {}\"\n", CANARIES[0]);
    world.write(
        "home/.spec-kitty/credentials",
        format!("[tracker.providers.jira]\n{fields}"),
    );
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["publish", "--yes"],
        &["paths"],
        &["frame"],
        &["frame", "--keys", "6jj"],
    ] {
        // World::run looks for the canary in everything that is printed.
        world.run(arguments);
    }
    assert!(out(&world.run(&["check"])).contains("routing-key-missing"));
}

#[test]
fn a_value_that_aliases_make_endless_is_refused_and_not_cut_off() {
    let world = World::new();
    let mut config = "tracker: {provider: jira, workspace: acme.example}\nx:\n  - &l0 [0, 0]\n".to_owned();
    for level in 1..20 {
        config += &format!("  - &l{level} [*l{0}, *l{0}]\n", level - 1);
    }
    world.write(
        "project/.kittify/config.yaml",
        format!("{config}project: {{uuid: u, slug: *l5}}\n"),
    );
    assert_eq!(code(&world.run(&["payload"])), 0);
    world.write(
        "project/.kittify/config.yaml",
        format!("{config}project: {{uuid: u, slug: *l19}}\n"),
    );
    let refused = world.run(&["payload"]);
    assert_eq!(code(&refused), 2);
    assert!(refused.stdout.is_empty());
    assert!(
        err(&refused).contains("config-invalid") && err(&refused).contains("project.slug"),
        "{}",
        err(&refused)
    );
}

#[test]
fn a_secret_that_an_issue_repeats_does_not_come_out() {
    let world = World::new();
    // With slashes, as base64 has them.
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY";
    let credentials = world.path("home/.spec-kitty/credentials");
    let text = std::fs::read_to_string(&credentials).unwrap();
    std::fs::write(&credentials, format!("{text}session = \"{secret}\"\n")).unwrap();
    world.issue("c", &payload("3", "ACME-3", &format!("use {secret} here")));
    let told = out(&world.run(&["issues"]));
    assert!(told.contains("use •••••••• here"), "{told}");
}

/// More than SQLite hands over in one piece here, and more than is ever held.
#[test]
fn an_issue_of_any_length_is_published() {
    let world = World::new();
    world.issue("c", &payload("3", "ACME-3", &"né\\u0021".repeat(8 << 20)));
    let sent = world.run(&["payload"]);
    assert_eq!(code(&sent), 0, "{}", err(&sent));
    let sent: Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert!(sent["issues"][2]["title"] == "né!".repeat(8 << 20));
}

/// What is no file of SQLite's beside a good store is what the fix moves away, and not the store.
#[test]
fn a_folder_in_the_place_of_a_log_is_what_is_moved() {
    let world = World::new();
    std::fs::create_dir(format!("{}-wal", world.store().display())).unwrap();
    let json: Value = serde_json::from_slice(&world.run(&["check", "--json", SERVER]).stdout).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["name"], "store-unreadable");
    let command = finding["fixes"][0]["command"].as_str().unwrap();
    let mut shell = world.shell(command, &world.path("project"));
    assert!(shell.status().unwrap().success(), "{command}");
    assert!(world.store().is_file());
    assert_eq!(code(&world.run(&["check", SERVER])), 0, "{command}");
}

/// A journal that has to be rolled back takes a private copy: where that finds no place, the store is not to blame.
#[test]
fn a_private_copy_that_finds_no_place_is_told_as_that() {
    let world = World::new();
    let journal = format!("{}-journal", world.store().display());
    let writer = world.connect();
    let spill =
        "PRAGMA cache_size = 2; BEGIN; UPDATE tracker_issues SET payload = payload || hex(zeroblob(200000));";
    writer.execute_batch(spill).unwrap();
    let killed = [world.store(), journal.into()].map(|path| (std::fs::read(&path).unwrap(), path));
    drop(writer);
    for (bytes, path) in killed {
        std::fs::write(path, bytes).unwrap();
    }
    let check = |temporary: &str| {
        let mut command = world.command(&["check", "--json", SERVER]);
        let output = command.env("TMPDIR", temporary).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let finding = &check("/nonexistent")["findings"][0];
    assert_eq!(finding["name"], "store-unreadable");
    let fix = finding["fixes"][0]["text"].as_str().unwrap();
    assert!(fix.contains("set TMPDIR"), "{finding}");
    assert_eq!(check("/tmp")["store"]["state"], "ok");
}
