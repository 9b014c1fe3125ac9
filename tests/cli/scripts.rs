//! The examples for scripts in `assets/examples`, run as they are.

use std::path::Path;
use std::process::Output;

use super::help::as_far_as_installed;
use super::world::{World, code, err, out};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/examples");
const NULL_ROUTE: &str = "project:\n  slug: demo\ntracker:\n  provider: Jira\n  workspace: acme.example\n";
const BROKEN: &str = "tracker: [\n";

fn git(world: &World, words: &[&str]) -> Output {
    let mut command = world.program("git");
    command.env("GIT_CONFIG_NOSYSTEM", "1").args([
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.example",
        "-c",
        "init.defaultBranch=main",
    ]);
    command.args(words).output().unwrap()
}

fn done(output: &Output) {
    assert_eq!(code(output), 0, "{}", err(output));
}

#[test]
fn the_hook_stops_a_push_without_a_route_and_no_other() {
    let world = World::new();
    let bare = world.path("bare.git");
    let bare = bare.to_str().unwrap();
    for words in [
        &["init", "--quiet", "--bare", bare][..],
        &["init", "--quiet"],
        &["remote", "add", "origin", bare],
        &["add", "."],
        &["commit", "--quiet", "-m", "one"],
    ] {
        done(&git(&world, words));
    }
    std::fs::create_dir_all(world.path("project/.git/hooks")).unwrap();
    std::fs::copy(
        Path::new(EXAMPLES).join("pre-push"),
        world.path("project/.git/hooks/pre-push"),
    )
    .unwrap();
    let push = || git(&world, &["push", "origin", "HEAD:main"]);
    let arrived = || out(&git(&world, &["--git-dir", bare, "log", "--format=%s", "main"]));

    done(&push());
    assert_eq!(arrived(), "one\n");
    for (config, words) in [
        (NULL_ROUTE, "the route is null"),
        (BROKEN, "no snapshot can be built"),
    ] {
        world.write("project/.kittify/config.yaml", config);
        done(&git(&world, &["commit", "--quiet", "-am", "two"]));
        let refused = push();
        assert_ne!(code(&refused), 0);
        assert!(err(&refused).contains(words), "{}", err(&refused));
        assert_eq!(arrived(), "one\n");
    }
    done(&git(&world, &["push", "--no-verify", "origin", "HEAD:main"]));
    assert_eq!(arrived(), "two\ntwo\none\n");
    // Where it is not installed, the hook is in nobody's way.
    done(&git(
        &world,
        &["commit", "--quiet", "--allow-empty", "-m", "three"],
    ));
    std::fs::remove_file(world.path("bin/catseye")).unwrap();
    let pushed = push();
    done(&pushed);
    assert!(err(&pushed).contains("not installed"), "{}", err(&pushed));
}

/// Runs the `run:` steps of the workflow as a runner does; the last one's output.
fn workflow(world: &World) -> Output {
    let text = std::fs::read_to_string(Path::new(EXAMPLES).join("github-actions.yaml")).unwrap();
    let workflow: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let steps = workflow["jobs"]["route"]["steps"].as_sequence().unwrap();
    let runs: Vec<&serde_yaml::Value> = steps.iter().filter(|step| step.get("run").is_some()).collect();
    assert_eq!(runs.len(), 3);
    let mut last = None;
    for step in runs {
        let mut bash = world.program("bash");
        bash.args([
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            step["run"].as_str().unwrap(),
        ])
        .env("RUNNER_TEMP", world.path("runner"))
        .env("GITHUB_WORKSPACE", world.path("project"))
        .env("GITHUB_STEP_SUMMARY", world.path("summary"))
        .env_remove("SAAS_AUTH_TOKEN");
        for (name, value) in step
            .get("env")
            .and_then(serde_yaml::Value::as_mapping)
            .into_iter()
            .flatten()
        {
            assert_eq!(value.as_str(), Some("${{ vars.JIRA_PROJECT_KEY }}"));
            bash.env(name.as_str().unwrap(), "ACME");
        }
        last = Some(bash.output().unwrap());
        if !last.as_ref().unwrap().status.success() {
            break;
        }
    }
    last.unwrap()
}

#[test]
fn the_workflow_fails_on_a_null_route_and_marks_its_line() {
    let world = World::new();
    done(&workflow(&world));
    let summary = std::fs::read_to_string(world.path("summary")).unwrap();
    assert!(
        summary.starts_with("```\nrouted  jira_project / ACME\n"),
        "{summary}"
    );
    world.write("project/.kittify/config.yaml", NULL_ROUTE);
    let failed = workflow(&world);
    assert_eq!(code(&failed), 1, "{}", err(&failed));
    if as_far_as_installed("catseye | jq").ends_with("jq") {
        let expected = "::error file=.kittify/config.yaml,line=4::provider-spelling-mismatch: ";
        assert!(out(&failed).contains(expected), "{}", out(&failed));
    }
    world.write("project/.kittify/config.yaml", BROKEN);
    assert_eq!(code(&workflow(&world)), 2);
}
