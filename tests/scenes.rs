//! The bundled scenes through the built binary: verdict, root finding, the receiver, and that nothing stays behind.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};

use catseye::scene::Scene;
use serde_json::Value;

fn catseye(arguments: &[&str]) -> Output {
    let temp = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args(arguments)
        .env_clear()
        .env("TMPDIR", temp.path())
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(
        std::fs::read_dir(temp.path()).unwrap().count(),
        0,
        "the scene is deleted"
    );
    output
}

fn check(scene: &str) -> (Value, Option<i32>) {
    let output = catseye(&["check", "--json", "--scene", scene]);
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        output.status.code(),
    )
}

fn names(check: &Value) -> Vec<(String, Option<String>)> {
    let findings = check["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    findings
        .map(|finding| (text(&finding["name"]).unwrap(), text(&finding["explained_by"])))
        .collect()
}

#[test]
fn healthy_scenes_are_routed_without_a_finding() {
    for (scene, resource_type, id) in [
        ("healthy-jira", "jira_project", "ACME"),
        (
            "healthy-linear",
            "linear_team",
            "9cfb482a-81e3-4154-b5b9-2c805e70a02d",
        ),
    ] {
        let (check, code) = check(scene);
        assert_eq!(
            (check["verdict"].as_str(), code),
            (Some("routed"), Some(0)),
            "{scene}"
        );
        assert_eq!(check["routing"]["external_resource_type"], resource_type);
        assert_eq!(check["routing"]["external_resource_id"], id);
        assert_eq!(names(&check), [("issue-unmapped".to_owned(), None)], "{scene}");
    }
}

#[test]
fn broken_scenes_name_their_root_and_what_it_explains() {
    for (scene, root) in [
        ("spelling", "provider-spelling-mismatch"),
        ("login-wiped", "credentials-overwritten-by-login"),
    ] {
        let (check, code) = check(scene);
        assert_eq!(
            (check["verdict"].as_str(), code),
            (Some("null-route"), Some(1)),
            "{scene}"
        );
        assert_eq!(check["routing"]["external_resource_type"], Value::Null);
        assert_eq!(check["routing"]["external_resource_id"], Value::Null);
        let expected = [
            (root.to_owned(), None),
            ("store-elsewhere".to_owned(), Some(root.to_owned())),
        ];
        assert_eq!(names(&check), expected, "{scene}");
    }
}

#[test]
fn every_other_scene_has_one_cause() {
    for (scene, verdict, expected) in [
        (
            "key-missing",
            "null-route",
            [("routing-key-missing", None)].as_slice(),
        ),
        (
            "unsupported-provider",
            "null-route",
            &[("provider-not-routable", None)],
        ),
        ("store-moved", "routed", &[("store-elsewhere", None)]),
        (
            "newer-project",
            "blocked",
            &[
                ("bound-by-newer-spec-kitty", None),
                ("workspace-missing", Some("bound-by-newer-spec-kitty")),
                ("leftover-secrets", None),
            ],
        ),
    ] {
        let (check, _) = check(scene);
        assert_eq!(check["verdict"], verdict, "{scene}");
        let mut names = names(&check);
        names.retain(|(name, _)| name != "issue-unmapped");
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, root)| ((*name).to_owned(), root.map(str::to_owned)))
            .collect();
        assert_eq!(names, expected, "{scene}");
        assert!(catseye::scene::names().any(|name| name == scene));
    }
}

#[test]
fn a_healthy_scene_is_delivered_to_its_receiver() {
    let output = catseye(&["publish", "--yes", "--scene", "healthy-jira"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        said.contains("delivered") && said.contains("\"receipt\":\"demo-1\""),
        "{said}"
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "catseye: received 1 request; nothing left this machine\n"
    );
}

#[test]
fn an_unknown_scene_is_wrong_usage_and_lists_the_others() {
    let output = catseye(&["check", "--scene", "nope"]);
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("healthy-jira") && said.contains("login-wiped"),
        "{said}"
    );
}

fn post(scene: &Scene, request: &str) -> String {
    let url = scene.receiver.url();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_receiver_keeps_what_comes_and_survives_nonsense() {
    let scene = Scene::enter("healthy-jira").unwrap();
    let request = "POST /x HTTP/1.1\r\nIdempotency-Key: k\r\nContent-Length: 2\r\n\r\n{}";
    assert!(post(&scene, request).contains("\"replayed\":false"));
    for nonsense in [
        "",
        "\r\n",
        "GET",
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        "\u{fffd}\r\n\r\n",
    ] {
        post(&scene, nonsense);
    }
    assert!(post(&scene, request).contains("\"replayed\":true"));
    let received = scene.receiver.received();
    assert_eq!(received.len(), 2);
    let digest = blake3::hash(b"{}").to_hex();
    assert!(!scene.receiver.compare("k", 2, &digest).contains("NOT"));
    assert!(scene.receiver.compare("other", 2, &digest).contains("NOT"));
    let folder = scene.sandbox.folder().to_owned();
    drop(scene);
    assert!(!folder.exists());
}

#[test]
fn the_command_line_and_readme_name_every_scene() {
    let names: Vec<&str> = catseye::scene::names().collect();
    assert_eq!(names, catseye::cli::args::SCENES);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&names.join(", ")), "{names:?}");
}

/// What to press is told on the first screen, and nothing of what comes once it is mended.
#[test]
fn each_scene_begins_with_what_to_press() {
    for name in catseye::scene::names() {
        let description = catseye::scene::Scene::enter(name).unwrap().description;
        for size in ["120x36", "80x24"] {
            let frame = catseye(&["frame", "--scene", name, "--size", size]);
            let frame = String::from_utf8(frame.stdout).unwrap();
            // The list's lines, which are cut by borders and wrapped.
            let lines = frame.lines().map(|line| line.split('╗').next().unwrap());
            let words: Vec<&str> = lines.flat_map(|line| line.split(['║', '│', ' '])).collect();
            let first = description.press.split(' ').take(4);
            let hint: Vec<&str> = ["Try:"].into_iter().chain(first).collect();
            let shown: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            assert!(
                shown.windows(hint.len()).any(|words| words == hint),
                "{name} at {size}: no {hint:?} in\n{frame}"
            );
        }
    }
}
