//! README and CONTRIBUTING: their commands run as they are printed, and print what stands below them.

use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::help::as_far_as_installed;
use super::world::{CANARIES, World, code, err, out};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Commands that are not run here, with the reason.
const NOT_HERE: [(&str, &str); 5] = [
    (
        "cargo run --release -- demo",
        "builds anew; what it starts is run by tests/pty.rs and tests/scenes.rs",
    ),
    (
        "cargo install --path .",
        "builds anew; the binary under test stands in its place",
    ),
    ("cargo test", "is this very run"),
    (
        "cargo clippy --all-targets -- -D warnings",
        "builds anew; a step of .ci/run",
    ),
    (
        "INSTA_UPDATE=always cargo test --test frames",
        "builds, and writes into this folder",
    ),
];

/// A command of a document and what it is said to print.
struct Printed {
    command: String,
    output: String,
}

/// The blocks of commands of a document: in one the folder is kept.
fn blocks(name: &str) -> Vec<Vec<Printed>> {
    let text = std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let mut blocks = Vec::new();
    for kind in ["console", "sh", "bash"] {
        for block in text.split(&format!("\n```{kind}\n")).skip(1) {
            let block = block.split("\n```").next().unwrap();
            let mut printed: Vec<Printed> = Vec::new();
            for line in block.lines() {
                match (line.strip_prefix("$ "), printed.last_mut()) {
                    (Some(command), _) => printed.push(Printed {
                        command: command.split("  #").next().unwrap().trim().to_owned(),
                        output: String::new(),
                    }),
                    (None, Some(last)) => last.output += &format!("{line}\n"),
                    (None, None) => assert_eq!(line, "", "{name}: a line before any command"),
                }
            }
            blocks.push(printed);
        }
    }
    blocks
}

/// What varies from run to run, replaced.
fn settled(text: &str) -> String {
    let mut settled = text.to_owned();
    for (before, is_part) in [
        ("catseye-scene-", char::is_alphanumeric as fn(char) -> bool),
        ("127.0.0.1:", |c| c.is_ascii_digit()),
    ] {
        let mut parts = settled.split(before).map(str::to_owned);
        let first = parts.next().unwrap();
        let rest = parts.map(|part| format!("{before}*{}", part.trim_start_matches(is_part)));
        settled = first + &rest.collect::<String>();
    }
    settled.trim_end().to_owned()
}

/// A place to run commands in: `your-project` is a routed one.
fn place() -> World {
    let world = World::new();
    std::fs::rename(world.path("project"), world.path("your-project")).unwrap();
    std::fs::create_dir(world.path("project")).unwrap();
    world
}

fn run(world: &World, folder: &Path, printed: &Printed) {
    let command = as_far_as_installed(&printed.command);
    let output = world
        .shell(command, folder)
        .envs(std::env::vars_os().filter(|(name, _)| name == "CARGO_HOME" || name == "RUSTUP_HOME"))
        .env("TMPDIR", "/tmp")
        .output()
        .unwrap();
    let said = format!("$ {command}\n{}{}", out(&output), err(&output));
    // Up to 6 a code tells about project or server; 64, 70 and those of the shell tell of a mistake.
    assert!((0..=6).contains(&code(&output)), "{said}");
    assert!(!CANARIES.iter().any(|canary| said.contains(canary)), "{said}");
    if !printed.output.is_empty() {
        assert_eq!(settled(&out(&output)), settled(&printed.output), "{command}");
    }
}

#[test]
fn every_command_of_the_documents_runs_as_printed() {
    let mut passed_over: Vec<String> = Vec::new();
    let mut ran = 0;
    for name in ["README.md", ".github/CONTRIBUTING.md"] {
        for block in blocks(name) {
            let world = place();
            let mut folder: PathBuf = world.folder.path().to_owned();
            for printed in block {
                let words = printed.command.as_str();
                if NOT_HERE.iter().any(|(listed, _)| *listed == words) {
                    passed_over.push(words.to_owned());
                } else if let Some(into) = words.strip_prefix("cd ") {
                    folder.push(into);
                    assert!(folder.is_dir(), "{words}");
                } else if words.starts_with("cargo ") {
                    run(&world, Path::new(ROOT), &printed);
                    ran += 1;
                } else {
                    run(&world, &folder, &printed);
                    ran += 1;
                }
            }
        }
    }
    assert!(ran >= 4, "{ran}");
    for (listed, _) in NOT_HERE {
        assert!(
            passed_over.iter().any(|words| words == listed),
            "{listed} stands nowhere any more"
        );
    }
}

/// The tables of commands: each command is there, takes each flag that is named, and no command is left out.
#[test]
fn the_readme_s_table_of_commands_is_what_can_be_typed() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let section = text.split("\n## Commands\n").nth(1).unwrap();
    let table = section.lines().filter_map(|line| line.strip_prefix("| `catseye"));
    let world = World::new();
    let mut named = std::collections::BTreeSet::new();
    for row in table {
        let cell = row.split(" | ").next().unwrap().replace("\\|", "|");
        for synopsis in format!("`catseye{cell}")
            .split('`')
            .filter(|part| part.starts_with("catseye"))
        {
            let mut words = synopsis
                .split([' ', '[', ']', '|', ','])
                .filter(|word| !word.is_empty())
                .skip(1);
            let Some(command) = words.next() else { continue };
            let help = world.run(&[command, "--help"]);
            assert_eq!(code(&help), 0, "{synopsis}");
            for flag in words.filter(|word| word.starts_with("--")) {
                assert!(out(&help).contains(flag), "{synopsis}: {flag}");
            }
            named.insert(command.to_owned());
        }
    }
    let cli = catseye::cli::args::Cli::command();
    let all = cli.get_subcommands().map(|command| command.get_name().to_owned());
    assert_eq!(named, all.collect());
}

/// Whatever a document says is run by `cargo test --test NAME` is there, and each file that it names.
#[test]
fn contributing_names_suites_and_files_that_are_there() {
    let text = std::fs::read_to_string(Path::new(ROOT).join(".github/CONTRIBUTING.md")).unwrap();
    let mut files = 0;
    for quoted in text.split('`').skip(1).step_by(2) {
        if let Some(suite) = quoted.split("--test ").nth(1) {
            let test = Path::new(ROOT).join("tests").join(suite.trim());
            assert!(
                test.with_extension("rs").is_file() || test.join("main.rs").is_file(),
                "{suite}"
            );
        }
        let is_path = ["src/", "tests/", "assets/", ".ci/"]
            .iter()
            .any(|folder| quoted.starts_with(folder));
        if is_path && !quoted.contains("NAME") && !quoted.contains('*') {
            assert!(Path::new(ROOT).join(quoted).exists(), "{quoted}");
            files += 1;
        }
    }
    assert!(files > 20, "{files}");
}
