//! `check --set`, `why`, `diff` and `check --watch` through the built binary.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::publish::{OK, listener, server};
use super::world::{World, code, err, out, payload};

const SERVER: &str = "--server-url=https://h.example";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_hypothesis_is_what_the_edit_would_give() {
    let world = World::new();
    let config =
        "tracker:\n  provider: Jira\n  workspace: acme.example\nproject: {uuid: 550e8400, slug: demo}\n";
    world.write("project/.kittify/config.yaml", config);
    let supposed = world.run(&["check", "--json", SERVER, "--set", "binding.provider=jira"]);
    assert_eq!(code(&supposed), 0, "the hypothetical exit code");
    let supposed = json(&out(&supposed));
    assert_eq!(supposed["what_if"]["real"]["verdict"], "null-route");
    let edit = &supposed["what_if"]["make_real"][0]["edit"];
    assert_eq!(
        (edit["old"].as_str(), edit["new"].as_str()),
        (Some("Jira"), Some("jira"))
    );
    world.write("project/.kittify/config.yaml", &config.replace("Jira", "jira"));
    let real = json(&out(&world.run(&["check", "--json", SERVER])));
    for part in [
        "verdict",
        "routing",
        "binding",
        "store",
        "checkpoint",
        "plan",
        "findings",
    ] {
        assert_eq!(supposed[part], real[part], "{part}");
    }
}

#[test]
fn a_hypothesis_tells_no_secret_and_says_what_cannot_be_changed() {
    let world = World::new();
    let set = ["--set", "credentials.api_token=canary-hypothesis-0123"];
    let supposed = world.run(&[&["check", "--json", SERVER], &set[..]].concat());
    assert!(!out(&supposed).contains("canary-hypothesis"));
    let text = out(&world.run(&[&["check", SERVER], &set[..]].concat()));
    assert!(text.contains("what if credentials.api_token is (not shown)") && !text.contains("canary"));
    assert_eq!(
        code(&world.run(&["check", SERVER, "--unset", "credentials.project_key"])),
        1
    );
    for set in ["binding.slug=x", "binding.provider"] {
        let refused = world.run(&["check", "--set", set]);
        assert_eq!(code(&refused), 64, "{set}");
        assert!(!err(&refused).is_empty());
    }
    world.write("home/.spec-kitty/credentials", "[tracker");
    let refused = world.run(&["check", "--set", "credentials.project_key=ACME"]);
    assert_eq!(code(&refused), 64);
    assert!(
        err(&refused).contains("cannot be read or parsed"),
        "{}",
        err(&refused)
    );
}

#[test]
fn why_tells_the_published_value_of_every_field() {
    let world = World::new();
    let body = json(&out(&world.run(&["payload"])));
    let value = |field: &str| {
        let told = world.run(&["why", field, SERVER]);
        assert_eq!(code(&told), 0, "{field}: {}", err(&told));
        let first = out(&told).lines().next().unwrap().to_owned();
        json(first.strip_prefix(&format!("{field} is ")).unwrap())
    };
    for field in [
        "provider",
        "workspace",
        "external_resource_type",
        "external_resource_id",
        "doctrine_mode",
        "doctrine_field_owners",
        "project_uuid",
        "project_slug",
    ] {
        assert_eq!(value(field), body[field], "{field}");
    }
    assert_eq!(value("checkpoint.cursor"), body["checkpoint"]["cursor"]);
    assert_eq!(value("issues[1].ref.key"), body["issues"][1]["ref"]["key"]);
    assert_eq!(value("issues[ACME-1].title"), body["issues"][0]["title"]);
    assert_eq!(
        value("mappings[0].external_id"),
        body["mappings"][0]["external_id"]
    );
    world.issue("a", &payload("1", "ACME-1", "One").replace("todo", "In Review"));
    let told = out(&world.run(&["why", "issues[0].status"]));
    assert!(
        told.contains("\"In Review\" -> \"todo\"") && told.contains("tracker_issues row 3 at status"),
        "{told}"
    );
    assert_eq!(code(&world.run(&["why", "nope"])), 64);
    assert_eq!(code(&world.run(&["why", "issues[0].nope"])), 64);
    assert_eq!(code(&world.run(&["why", "issues[9]"])), 2);
    assert!(!out(&world.run(&["why", "authorization", SERVER])).contains("canary"));
}

#[test]
fn diff_tells_what_changed_since_the_last_delivery() {
    let world = World::new();
    assert_eq!(code(&world.run(&["diff"])), 2, "nothing was delivered yet");
    let (listener, url) = listener();
    let receiver = server(listener, OK);
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 0);
    receiver.join().unwrap();
    assert_eq!(code(&world.run(&["diff"])), 0);
    let check = json(&out(&world.run(&["check", "--json", "--server-url", &url])));
    assert!(check["findings"].to_string().contains("nothing-changed"));
    let elsewhere = json(&out(&world.run(&["check", "--json", SERVER])));
    assert!(elsewhere["findings"].to_string().contains("server-host-new"));

    world.issue("a", &payload("1", "ACME-1", "One").replace("todo", "done"));
    let differs = world.run(&["diff"]);
    assert_eq!(code(&differs), 1);
    let text = out(&differs);
    assert!(
        text.contains("~ issues ACME-1 status: \"todo\" -> \"done\"") && text.contains("1 issue changed"),
        "{text}"
    );
    assert!(text.contains("idempotency key is the same"), "{text}");
    let lines: Vec<Value> = out(&world.run(&["diff", "--json"])).lines().map(json).collect();
    assert_eq!(
        (lines[0]["kind"].as_str(), lines[0]["same_key"].as_bool()),
        (Some("summary"), Some(true))
    );
    assert_eq!(lines[1]["fields"][0]["new"], "\"done\"");
    std::fs::remove_dir_all(world.path("state/catseye/snapshots")).unwrap();
    let unknown = world.run(&["diff"]);
    assert_eq!(code(&unknown), 1);
    assert!(out(&unknown).contains("not kept"), "{}", out(&unknown));
}

#[test]
fn watch_tells_each_change_of_the_verdict_and_nothing_else() {
    let world = World::new();
    let mut child = world
        .command(&["check", "--watch", SERVER])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().contains("routed jira_project / ACME"));
    let credentials = std::fs::read_to_string(world.path("home/.spec-kitty/credentials")).unwrap();
    // Without effect: a comment. The next line is about the next change.
    world.write(
        "home/.spec-kitty/credentials",
        &format!("# a comment\n{credentials}"),
    );
    let blank = credentials.replace("ACME", "  ");
    world.write("home/.spec-kitty/credentials", &blank);
    let line = next();
    assert!(
        line.contains("credentials:")
            && line.contains("routed -> null-route")
            && line.contains("new: routing-key-blank"),
        "{line}"
    );
    world.write("home/.spec-kitty/credentials", &credentials);
    let line = next();
    assert!(
        line.contains("null-route -> routed") && line.contains("gone: routing-key-blank"),
        "{line}"
    );
    let kill = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
