//! `--help` of every command has examples, and each of them runs as it is printed.

use clap::CommandFactory;

use super::world::{CANARIES, World, code, err, out};

/// The commands of the examples in a help text.
fn examples(help: &str) -> Vec<String> {
    let examples = help.split("Examples:\n").nth(1).unwrap_or_default();
    let commands = examples.lines().filter(|line| line.starts_with("  catseye "));
    commands.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_example_of_every_command_runs_as_printed() {
    let man = super::manual::page();
    for command in catseye::cli::args::Cli::command().get_subcommands() {
        let name = command.get_name();
        let help = out(&World::new().run(&[name, "--help"]));
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{name} --help has no examples");
        for example in examples {
            assert!(man.contains(&example), "{example} is not in\n{man}");
            run(name, &example);
        }
    }
}

fn run(name: &str, example: &str) {
    assert!(
        example.split(' ').any(|word| word == name),
        "{example} is not about {name}"
    );
    let world = World::new();
    let folder = world.path("cwd");
    std::fs::create_dir(&folder).unwrap();
    let output = world
        .shell(as_far_as_installed(example), &folder)
        .env("SPECIFY_REPO_ROOT", world.path("project"))
        .env("SAAS_API_URL", "http://127.0.0.1:9")
        .env("TMPDIR", &folder)
        .output()
        .unwrap();
    let said = format!("{example}: {}{}", out(&output), err(&output));
    let expected: &[i32] = match name {
        // Without the real spec-kitty, which `.ci/run` has, it says how to get it; nothing was delivered before.
        "prove" | "diff" => &[2],
        // Nobody listens.
        "publish" => &[0, 5],
        // A scene with a null route.
        "check" | "demo" => &[0, 1],
        _ => &[0],
    };
    assert!(expected.contains(&code(&output)), "{said}");
    assert!(!CANARIES.iter().any(|canary| said.contains(canary)), "{said}");
}

/// Without what comes behind the pipe, where that is not installed: nothing but Rust, a C compiler and git is asked for.
pub fn as_far_as_installed(example: &str) -> &str {
    let Some((before, behind)) = example.split_once(" | ") else {
        return example;
    };
    let program = behind.split(' ').next().unwrap();
    let folders = std::env::var("PATH").unwrap();
    let installed = folders
        .split(':')
        .any(|folder| std::path::Path::new(folder).join(program).is_file());
    if installed { example } else { before }
}
