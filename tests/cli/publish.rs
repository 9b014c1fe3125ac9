//! `publish` against loopback servers that count.

use std::io::Write;
use std::process::Stdio;

use super::support::fault_server::Server;
use super::world::{CANARIES, World, code, err, out};

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

#[test]
fn outcomes_have_their_exit_codes() {
    for (answer, expected, word) in [
        (OK, 0, "delivered"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 0, "delivered"),
        (
            "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            4,
            "refused",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nno\u{1b}!",
            4,
            "refused",
        ),
        (
            "HTTP/1.1 500 Broken\r\nContent-Length: 22\r\n\r\ncanary-saas-0123456789",
            4,
            "refused",
        ),
        ("", 6, "unknown"),
    ] {
        let world = World::new();
        let server = Server::answering([answer]);
        let output = world.run(&["publish", "--yes", "--server-url", &server.url()]);
        assert_eq!(
            (code(&output), out(&output).contains(word)),
            (expected, true),
            "{answer:?}: {}",
            out(&output)
        );
        let seen = server.finish();
        assert_eq!(
            seen[0].request_line(),
            "POST /api/v1/connectors/trackers/snapshots/ HTTP/1.1"
        );
        assert_eq!(
            seen[0].header("authorization"),
            [format!("Bearer {}", CANARIES[1])]
        );
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].body, world.command(&["payload"]).output().unwrap().stdout);
        let journal = out(&world.run(&["journal", "--json"]));
        assert!(
            journal.lines().count() == 1 && journal.contains(word),
            "{journal}"
        );
    }
}

#[test]
fn nothing_listens_so_nothing_was_sent() {
    let world = World::new();
    let output = world.run(&["publish", "--yes", "--server-url", "http://127.0.0.1:9"]);
    assert_eq!((code(&output), out(&output).contains("not-sent")), (5, true));
}

#[test]
fn consent_is_asked_for_by_name_and_nothing_is_sent_without() {
    let world = World::new();
    world.write(
        "project/.kittify/config.yaml",
        "tracker:\n  provider: github\n  workspace: acme.example\n",
    );
    let server = Server::answering([OK]);
    let url = server.url();
    let publish = |allow: &str| world.run(&["publish", "--yes", "--allow", allow, "--server-url", &url]);
    let held = publish("");
    assert_eq!(code(&held), 3);
    assert!(
        err(&held).contains("--allow provider-not-routable,store-missing"),
        "{}",
        err(&held)
    );
    assert_eq!(code(&publish("null-route")), 3);
    assert_eq!(code(&publish("nope")), 64);
    assert_eq!(code(&world.run(&["publish", "--server-url", &url])), 64);
    let all = "null-route,store-missing,insecure-transport";
    assert_eq!(
        code(&world.run(&[
            "publish",
            "--yes",
            "--read-only",
            "--allow",
            all,
            "--server-url",
            &url
        ])),
        3
    );
    let mut off = world.command(&[
        "publish",
        "--yes",
        "--allow",
        "null-route,store-missing,saas-sync-flag-off",
    ]);
    off.args(["--server-url", &url])
        .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "off");
    assert_eq!(
        code(&world.finish(&mut off)),
        3,
        "a send blocker cannot be allowed"
    );
    assert!(!world.path("state").exists(), "nothing was written");
    assert_eq!(code(&publish(all)), 0, "names that are not needed do no harm");
    assert_eq!(server.finish().len(), 1, "nobody connected before");
}

#[test]
fn no_body_is_told_by_its_finding() {
    let world = World::new();
    world.issue("z", "{");
    let output = world.run(&["publish", "--yes", "--server-url", "http://127.0.0.1:9"]);
    assert_eq!(
        (code(&output), err(&output).contains("issue-row-invalid")),
        (2, true)
    );
}

#[test]
fn an_unknown_attempt_is_sent_again_with_the_same_key_and_bytes() {
    let world = World::new();
    let server = Server::answering(["", OK]);
    let url = server.url();
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 6);
    let first: serde_json::Value =
        serde_json::from_str(out(&world.run(&["journal", "--json"])).lines().next().unwrap()).unwrap();
    world.issue("later", &super::world::payload("9", "ACME-9", "added meanwhile"));
    let id = first["id"].as_str().unwrap();
    assert_eq!(code(&world.run(&["publish", "--yes", "--resend", id])), 0);
    assert_eq!(
        code(&world.run(&["publish", "--yes", "--resend", id])),
        64,
        "it is no longer unknown"
    );
    let journal = out(&world.run(&["journal", "--json"]));
    let again: serde_json::Value = serde_json::from_str(journal.lines().nth(1).unwrap()).unwrap();
    assert_eq!(again["outcome"], "delivered");
    for same in ["idempotency_key", "body_blake3", "endpoint"] {
        assert_eq!(again[same], first[same], "{same}");
    }
    let seen = server.finish();
    let key = |at: usize| seen[at].header("idempotency-key");
    assert_eq!((key(0), &seen[0].body), (key(1), &seen[1].body));
    assert_eq!(seen.len(), 2);
}

#[test]
fn same_key_and_other_content_needs_consent() {
    let world = World::new();
    let server = Server::answering([OK, OK]);
    let url = server.url();
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 0);
    world
        .connect()
        .execute(
            "UPDATE tracker_issues SET payload = replace(payload, 'One', 'Two')",
            [],
        )
        .unwrap();
    let held = world.run(&["publish", "--yes", "--server-url", &url]);
    assert_eq!(
        (code(&held), err(&held).contains("idempotency-key-reused")),
        (3, true)
    );
    let allowed = world.run(&[
        "publish",
        "--yes",
        "--allow",
        "idempotency-key-reused",
        "--server-url",
        &url,
    ]);
    assert_eq!(code(&allowed), 0);
    assert_eq!(server.finish().len(), 2);
}

#[test]
fn the_token_may_come_from_standard_input() {
    let world = World::new();
    let server = Server::answering([OK]);
    let mut child = world
        .command(&[
            "publish",
            "--yes",
            "--auth-token",
            "-",
            "--server-url",
            &server.url(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"from-stdin\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(server.finish()[0].header("authorization"), ["Bearer from-stdin"]);
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_publish_and_not_the_look() {
    let world = World::new();
    world.write("state/catseye", "a file where the folder should be");
    let server = Server::answering([OK]);
    let url = server.url();
    let flags = ["--server-url", &url, "--auth-token", "t"];
    let publish = world.run(&[&["publish", "--yes"], &flags[..]].concat());
    assert_eq!(code(&publish), 3);
    assert!(
        err(&publish).contains("journal-unwritable") && err(&publish).contains("fix: "),
        "{}",
        err(&publish)
    );
    assert!(server.finish().is_empty(), "nobody connects");
    let check = out(&world.run(&[&["check", "--json"], &flags[..]].concat()));
    assert!(!check.contains("journal-unwritable"), "only planning asks");
}

/// Before anything is written each run has a key of its own; the first publish leaves one.
#[test]
fn masks_of_a_secret_are_alike_from_the_first_publish_on() {
    let world = World::new();
    let fingerprint = || {
        let frame = out(&world.run(&["frame", "--size", "200x50", "--keys", "6G"]));
        let (_, behind) = frame
            .split_once("fingerprint ")
            .unwrap_or_else(|| panic!("{frame}"));
        behind[..8].to_owned()
    };
    assert_ne!(fingerprint(), fingerprint());
    assert!(!world.path("state").exists(), "looking leaves nothing");
    world.run(&["publish", "--yes", "--server-url", "http://127.0.0.1:9"]);
    assert_eq!(fingerprint(), fingerprint());
    // Without room nothing is left in its place, and the next publish makes one.
    std::fs::remove_dir_all(world.path("state")).unwrap();
    let publish = [
        env!("CARGO_BIN_EXE_catseye"),
        "publish",
        "--yes",
        "--server-url",
        "http://127.0.0.1:9",
    ];
    let mut limited = world.program("bash");
    limited
        .args(["-c", "ulimit -f 0; exec \"$@\"", "bash"])
        .args(publish);
    assert_eq!(code(&limited.output().unwrap()), 3);
    let left = std::fs::read_dir(world.path("state/catseye")).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["journal.lock", "snapshots"]);
    world.run(&publish[1..]);
    assert_eq!(fingerprint(), fingerprint());
    // What somebody put there is none, and stays as it is.
    world.write("state/catseye/key", "short");
    assert_ne!(fingerprint(), fingerprint());
    assert_eq!(std::fs::read(world.path("state/catseye/key")).unwrap(), b"short");
}
