//! `catseye man` and `catseye completions`: made from the very tables that parse the command line and dispatch the keys.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::{Man, roff};

use super::args::Cli;
use super::output::print_raw;
use super::paths::VARIABLES;

/// Prints what a shell needs to complete the command line; returns the exit code.
pub fn completions(shell: Shell) -> io::Result<u8> {
    // clap writes at one go, and takes a failed write for a mistake of ours.
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "catseye", &mut script);
    print_raw(|out| out.write_all(&script))?;
    Ok(0)
}

/// Prints the man page; `keys` is the inspector's own table. Returns the exit code.
pub fn man(keys: &str) -> io::Result<u8> {
    print_raw(|out| {
        let mut command = Cli::command();
        command.build();
        let page = Man::new(command.clone());
        page.render_title(out)?;
        page.render_name_section(out)?;
        page.render_synopsis_section(out)?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
        commands(&command, out)?;
        section("KEYS", keys.lines().filter_map(columns), out)?;
        section("ENVIRONMENT", VARIABLES, out)?;
        section("FILES", FILES, out)?;
        let codes = command.get_after_help().map(ToString::to_string);
        section(
            "EXIT STATUS",
            codes.unwrap_or_default().lines().filter_map(columns),
            out,
        )
    })?;
    Ok(0)
}

/// What is read and written, for the man page.
const FILES: [(&str, &str); 6] = [
    (".kittify/config.yaml", "the binding; read"),
    ("~/.spec-kitty/credentials", "the credentials; read"),
    ("~/.spec-kitty/trackers/SCOPE.db", "the store; read"),
    (
        "$XDG_STATE_HOME/catseye/journal.jsonl",
        "every attempt to publish; written",
    ),
    (
        "$XDG_STATE_HOME/catseye/snapshots/",
        "bodies of unknown attempts and of the last delivered publish; written",
    ),
    (
        "$XDG_STATE_HOME/catseye/key",
        "what keys the fingerprints of masked secrets; made by the first publish",
    ),
];

/// Each command with its own options.
fn commands(command: &clap::Command, out: &mut dyn Write) -> io::Result<()> {
    let mut page = roff::Roff::new();
    page.control("SH", ["COMMANDS"]);
    for command in command.get_subcommands() {
        page.control("TP", []);
        page.text([roff::bold(command.get_name())]);
        let about = command.get_about().map(ToString::to_string);
        page.text([roff::roman(about.unwrap_or_default())]);
        let own = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set());
        for argument in own.filter(|argument| argument.get_id() != "help") {
            page.control("br", []);
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            page.text([roff::bold(argument.to_string()), roff::roman(format!(": {help}"))]);
        }
        let examples = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        for line in examples.lines().skip(1) {
            page.control("br", []);
            page.text([match line.strip_prefix("      ") {
                Some(does) => roff::italic(format!("  {does}")),
                None => roff::roman(line.trim()),
            }]);
        }
    }
    page.to_writer(out)
}

/// A line of a table of two columns.
fn columns(line: &str) -> Option<(&str, &str)> {
    let (head, meaning) = line.trim().split_once("  ")?;
    Some((head, meaning.trim()))
}

/// A section of names with their meaning.
fn section<'a>(
    title: &str,
    entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = roff::Roff::new();
    page.control("SH", [title]);
    for (name, meaning) in entries {
        page.control("TP", []);
        page.text([roff::bold(name)]);
        page.text([roff::roman(meaning)]);
    }
    page.to_writer(out)
}
