//! `check --set`, `why`, `diff` and `check --watch` through the built binary.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::project::CONFIG;
use super::publish::OK;
use super::support::fault_server::Server;
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
    world.write("project/.kittify/config.yaml", config.replace("Jira", "jira"));
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
fn a_hypothesis_stands_beside_what_is_real() {
    let world = World::new();
    let text = out(&world.run(&["check", SERVER, "--set", "credentials.project_key= "]));
    for part in [
        "in memory only, nothing is written",
        "credentials.project_key  ACME ->",
        "verdict   routed -> null-route",
        "route     jira_project / ACME -> null / null",
        "new       routing-key-blank",
        "what check would print",
        "null-route: routing-key-blank",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("next: make it real: ") && last.ends_with("\"ACME\" -> \" \""),
        "{last}"
    );
    let same = out(&world.run(&["check", SERVER, "--set", "binding.workspace=acme.example"]));
    assert!(
        same.contains("route     jira_project / ACME (the same)"),
        "{same}"
    );
    let steps = out(&world.run(&[
        "check",
        SERVER,
        "--set=binding.provider=linear",
        "--set=server_url=https://x.example",
    ]));
    assert!(
        steps.contains("step 2:") && steps.contains("export SAAS_API_URL=https://x.example"),
        "{steps}"
    );
    assert!(!steps.contains("next: catseye publish"), "{steps}");
}

#[test]
fn a_hypothesis_tells_what_is_real_and_what_is_changed() {
    let world = World::new();
    let supposed = json(&out(&world.run(&[
        "check",
        "--json",
        SERVER,
        "--unset=credentials.project_key",
    ])));
    let what_if = &supposed["what_if"];
    assert_eq!(what_if["changes"][0]["path"], "credentials.project_key");
    assert_eq!(what_if["changes"][0]["old"], "ACME");
    assert_eq!(what_if["changes"][0]["new"], Value::Null);
    let real = json(&out(&world.run(&["check", "--json", SERVER])));
    for (key, pointer) in [
        ("verdict", "/verdict"),
        ("external_resource_type", "/routing/external_resource_type"),
        ("external_resource_id", "/routing/external_resource_id"),
        ("scope", "/store/scope_inputs/scope"),
        ("idempotency_key", "/plan/idempotency_key"),
        ("body_bytes", "/plan/body_bytes"),
        ("body_blake3", "/plan/body_blake3"),
    ] {
        let real = real.pointer(pointer).unwrap();
        assert!(!real.is_null(), "{pointer}");
        assert_eq!(&what_if["real"][key], real, "{key}");
    }
    let names = real["findings"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|finding| finding["name"].clone()).collect();
    assert_eq!(what_if["real"]["findings"], Value::from(names));
    assert!(what_if["make_real"][0]["edit"]["line"].is_number());
}

#[test]
fn a_hypothesis_tells_no_secret_and_says_what_cannot_be_changed() {
    let world = World::new();
    let secret = "credentials.api_token=canary-hypothesis-0123";
    let url = "credentials.base_url=https://u:canary-hypothesis@h.example";
    for set in [secret, url] {
        for json in [&["--json"][..], &[]] {
            let supposed = world.run(&[&["check", SERVER, "--set", set], json].concat());
            assert!(!out(&supposed).contains("canary"), "{}", out(&supposed));
        }
    }
    let supposed = json(&out(&world.run(&["check", "--json", "--set", secret])));
    let change = &supposed["what_if"]["changes"][0];
    assert_eq!((&change["old"], &change["new"]), (&change["new"], &change["old"]));
    assert!(change["old"].as_str().unwrap().starts_with('•'));
    let command = supposed["what_if"]["make_real"][0]["command"].as_str().unwrap();
    assert!(
        command.contains("--credential api_token=\"$JIRA_API_TOKEN\""),
        "{command}"
    );
    assert_eq!(
        code(&world.run(&["check", SERVER, "--unset", "credentials.project_key"])),
        1
    );
    for wrong in [
        "--set=binding.slug=canary",
        "--set=canary",
        "--set=credentials.=canary",
        "--unset=credentials.token=canary",
    ] {
        let refused = world.run(&["check", wrong]);
        assert_eq!(code(&refused), 64, "{wrong}");
        assert!(
            !err(&refused).is_empty() && !err(&refused).contains("canary"),
            "{}",
            err(&refused)
        );
    }
    let twice = world.run(&["check", "--set=server_url=x", "--unset=server_url"]);
    assert_eq!((code(&twice), err(&twice).contains("twice")), (64, true));
    world.write("home/.spec-kitty/credentials", "[tracker");
    let refused = world.run(&["check", "--set", "credentials.project_key=ACME"]);
    assert_eq!(code(&refused), 64);
    assert!(
        err(&refused).contains("credentials cannot be parsed"),
        "{}",
        err(&refused)
    );
    std::fs::remove_file(world.path("home/.spec-kitty/credentials")).unwrap();
    let routed = world.run(&["check", "--set", "credentials.project_key=ACME"]);
    assert_eq!(code(&routed), 0, "the file is made in memory");
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
fn why_says_that_a_doctrine_mode_was_dropped() {
    let world = World::new();
    let why = |mode: &str| {
        let config = CONFIG.replace("project:", &format!("  doctrine: {{mode: {mode}}}\nproject:"));
        world.write("project/.kittify/config.yaml", config);
        out(&world.run(&["why", "doctrine_mode"]))
    };
    for (mode, what) in [("5", "a number"), ("' '", "blank"), ("[split]", "a list")] {
        let told = why(mode);
        assert!(
            told.starts_with("doctrine_mode is \"external_authoritative\"\n")
                && told.contains(&format!(
                    "tracker.doctrine.mode is {what}, which spec-kitty drops"
                ))
                && told.contains(&format!(
                    ".kittify/config.yaml:4:20\n      |   doctrine: {{mode: {mode}}}"
                )),
            "{told}"
        );
    }
    assert!(why("split").starts_with("doctrine_mode is \"split\"\n"));
}

#[test]
fn diff_tells_what_changed_since_the_last_delivery() {
    let world = World::new();
    assert_eq!(code(&world.run(&["diff"])), 2, "nothing was delivered yet");
    let receiver = Server::answering([OK]);
    let url = receiver.url();
    assert_eq!(code(&world.run(&["publish", "--yes", "--server-url", &url])), 0);
    receiver.finish();
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
        format!("# a comment\n{credentials}"),
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
