//! `publish` against loopback servers that count.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::thread::JoinHandle;

use super::world::{CANARIES, World, code, err, out};

/// A request that came: its head and body.
pub type Seen = (String, Vec<u8>);

/// Takes one connection and answers with these bytes, or hangs up without a word.
pub fn server(listener: TcpListener, answer: &'static str) -> JoinHandle<Seen> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let seen = read(&stream);
        stream.write_all(answer.as_bytes()).unwrap();
        seen
    })
}

fn read(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).unwrap();
    }
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")
            .map(str::to_owned)
    });
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

pub fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

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
        let (listener, url) = listener();
        let server = server(listener, answer);
        let output = world.run(&["publish", "--yes", "--server-url", &url]);
        assert_eq!(
            (code(&output), out(&output).contains(word)),
            (expected, true),
            "{answer:?}: {}",
            out(&output)
        );
        let (head, body) = server.join().unwrap();
        assert!(
            head.starts_with("POST /api/v1/connectors/trackers/snapshots/ HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(
            head.to_lowercase()
                .contains(&format!("authorization: bearer {}", CANARIES[1]))
        );
        assert_eq!(body, world.command(&["payload"]).output().unwrap().stdout);
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
    let (listener, url) = listener();
    drop(listener);
    let output = world.run(&["publish", "--yes", "--server-url", &url]);
    assert_eq!((code(&output), out(&output).contains("not-sent")), (5, true));
}

#[test]
fn consent_is_asked_for_by_name_and_nothing_is_sent_without() {
    let world = World::new();
    world.write(
        "project/.kittify/config.yaml",
        "tracker:\n  provider: github\n  workspace: acme.example\n",
    );
    let (listener, url) = listener();
    listener.set_nonblocking(true).unwrap();
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
    assert!(listener.accept().is_err(), "nobody connected");
    assert!(!world.path("state").exists(), "nothing was written");
    listener.set_nonblocking(false).unwrap();
    let server = server(listener, OK);
    assert_eq!(code(&publish(all)), 0, "names that are not needed do no harm");
    server.join().unwrap();
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
    let (listener, url) = listener();
    let address = listener.local_addr().unwrap();
    let first = server(listener, "");
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 6);
    let (first_head, first_body) = first.join().unwrap();
    let journal: serde_json::Value =
        serde_json::from_str(out(&world.run(&["journal", "--json"])).lines().next().unwrap()).unwrap();
    world.issue("later", &super::world::payload("9", "ACME-9", "added meanwhile"));
    let again = server(TcpListener::bind(address).unwrap(), OK);
    let id = journal["id"].as_str().unwrap();
    assert_eq!(code(&world.run(&["publish", "--yes", "--resend", id])), 0);
    let (head, body) = again.join().unwrap();
    let key = |head: &str| {
        head.lines()
            .find(|line| line.to_lowercase().starts_with("idempotency-key"))
            .unwrap()
            .to_owned()
    };
    assert_eq!((key(&head), body), (key(&first_head), first_body));
    assert_eq!(
        code(&world.run(&["publish", "--yes", "--resend", id])),
        64,
        "it is no longer unknown"
    );
}

#[test]
fn same_key_and_other_content_needs_consent() {
    let world = World::new();
    let (listener, url) = listener();
    let address = listener.local_addr().unwrap();
    let first = server(listener, OK);
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 0);
    first.join().unwrap();
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
    let second = server(TcpListener::bind(address).unwrap(), OK);
    let allowed = world.run(&[
        "publish",
        "--yes",
        "--allow",
        "idempotency-key-reused",
        "--server-url",
        &url,
    ]);
    assert_eq!(code(&allowed), 0);
    second.join().unwrap();
}

#[test]
fn the_token_may_come_from_standard_input() {
    let world = World::new();
    let (listener, url) = listener();
    let server = server(listener, OK);
    let mut child = world
        .command(&["publish", "--yes", "--auth-token", "-", "--server-url", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"from-stdin\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        server
            .join()
            .unwrap()
            .0
            .to_lowercase()
            .contains("authorization: bearer from-stdin\r\n")
    );
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_publish_and_not_the_look() {
    let world = World::new();
    world.write("state/catseye", "a file where the folder should be");
    let (listener, url) = listener();
    listener.set_nonblocking(true).unwrap();
    let flags = ["--server-url", &url, "--auth-token", "t"];
    let publish = world.run(&[&["publish", "--yes"], &flags[..]].concat());
    assert_eq!(code(&publish), 3);
    assert!(
        err(&publish).contains("journal-unwritable") && err(&publish).contains("fix: "),
        "{}",
        err(&publish)
    );
    assert!(listener.accept().is_err(), "nobody connects");
    let check = out(&world.run(&[&["check", "--json"], &flags[..]].concat()));
    assert!(!check.contains("journal-unwritable"), "only planning asks");
}
