//! The man page and the completions tell all that the program knows of itself.

use std::io::Write;
use std::process::{Command, Stdio};

use clap::CommandFactory;

use super::world::{World, out};

fn catseye(words: &[&str]) -> String {
    let output = World::new().run(words);
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}");
    out(&output)
}

/// The man page without the escapes of roff.
pub fn page() -> String {
    let mut page = catseye(&["man"]);
    for (escape, text) in [
        ("\\-", "-"),
        ("\\*(Aq", "'"),
        ("\\(aq", "'"),
        ("\\fB", ""),
        ("\\fR", ""),
        ("\\\\", "\\"),
    ] {
        page = page.replace(escape, text);
    }
    page
}

fn commands() -> Vec<String> {
    let cli = catseye::cli::args::Cli::command();
    cli.get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect()
}

#[test]
fn the_man_page_names_every_command_key_variable_and_exit_code() {
    let page = page();
    for command in commands() {
        assert!(page.contains(&format!("\n{command}\n")), "{command}");
    }
    for (variable, _) in catseye::cli::paths::VARIABLES {
        assert!(page.contains(&format!("\n{variable}\n")), "{variable}");
    }
    for line in catseye(&["keys"]).lines() {
        let (_, meaning) = line.split_once("  ").unwrap();
        assert!(page.contains(meaning.trim()), "{meaning}");
    }
    assert!(page.contains("0 delivered, 2 no body, 3 consent missing"));
    assert!(
        page.starts_with(".ie") && page.contains(".TH catseye 1"),
        "{page:.200}"
    );
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = catseye(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let script = catseye(&["completions", "bash"]);
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}
