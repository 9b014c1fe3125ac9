//! What a report tells of the machine: versions, terminal, which variables are set. No value of a variable, no name of
//! host or user.

use std::io::{IsTerminal, stdin, stdout};

use crate::domain::evaluation::{Evaluation, StoreState};
use crate::domain::report::{Facts, VARIABLES};
use crate::platform::{self, CONFIG_VARIABLE, HOME_VARIABLE, STATE_VARIABLE, TEMPORARY_VARIABLE};
use crate::sources::store;

/// Values of `TERM`, `COLORTERM` and `TERM_PROGRAM` that are told: programs, not people.
const TERMINALS: [&str; 40] = [
    "24bit",
    "Apple_Terminal",
    "Hyper",
    "WarpTerminal",
    "WezTerm",
    "alacritty",
    "ansi",
    "dumb",
    "foot",
    "foot-extra",
    "ghostty",
    "iTerm.app",
    "kitty",
    "konsole",
    "konsole-256color",
    "linux",
    "rio",
    "rxvt",
    "rxvt-unicode",
    "rxvt-unicode-256color",
    "screen",
    "screen-256color",
    "screen.xterm-256color",
    "st",
    "st-256color",
    "tmux",
    "tmux-256color",
    "tmux-direct",
    "truecolor",
    "vscode",
    "vt100",
    "vt220",
    "wezterm",
    "xterm",
    "xterm-16color",
    "xterm-256color",
    "xterm-direct",
    "xterm-ghostty",
    "xterm-kitty",
    "xterm-new",
];

/// The facts for a report on an evaluation; the store is looked at once more.
pub fn facts(evaluation: &Evaluation) -> Facts {
    let usable = evaluation.store.state == Some(StoreState::Ok);
    let path = evaluation.store.path.as_ref().filter(|_| usable);
    let folders = [HOME_VARIABLE, STATE_VARIABLE, CONFIG_VARIABLE, TEMPORARY_VARIABLE];
    let others = folders.into_iter().filter(|name| !VARIABLES.contains(name));
    let variables = VARIABLES.into_iter().chain(others);
    Facts {
        time: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        machine: machine(),
        variables: variables.map(|name| (name, state(name))).collect(),
        store: path.map(|path| store::shape(path)),
    }
}

fn machine() -> Vec<(&'static str, String)> {
    let build = if cfg!(debug_assertions) {
        "debug build"
    } else {
        "release build"
    };
    let terminal = |is: bool| if is { "a terminal" } else { "not a terminal" };
    let mut machine = vec![
        ("catseye", format!("{}, {build}", env!("CARGO_PKG_VERSION"))),
        (
            "requests as of",
            "spec-kitty-cli 3.0.0 with spec-kitty-tracker 0.2.0 on Python 3.11".to_owned(),
        ),
        ("SQLite", store::sqlite_version().to_owned()),
        (
            "system",
            format!(
                "{} {} {}, {}",
                std::env::consts::OS,
                std::env::consts::ARCH,
                // What is behind the numbers may be a name of somebody.
                numbers(&platform::release()),
                distribution()
            ),
        ),
        ("standard input", terminal(stdin().is_terminal()).to_owned()),
        ("standard output", terminal(stdout().is_terminal()).to_owned()),
    ];
    if let Some((width, height)) = terminal_size::terminal_size_of(stdout()) {
        machine.push(("size", format!("{}x{}", width.0, height.0)));
    }
    for (name, variable) in [
        ("terminal", "TERM"),
        ("colours", "COLORTERM"),
        ("terminal program", "TERM_PROGRAM"),
    ] {
        machine.push((name, listed(variable)));
    }
    machine
}

fn state(name: &str) -> &'static str {
    match std::env::var_os(name) {
        None => "not set",
        Some(value) if value.is_empty() => "empty",
        Some(_) => "set",
    }
}

/// A variable's value when it is one of [`TERMINALS`].
fn listed(variable: &str) -> String {
    let Some(value) = std::env::var_os(variable) else {
        return "not set".to_owned();
    };
    let known = TERMINALS.iter().find(|known| value == **known);
    known.map_or_else(|| "another one".to_owned(), |known| (*known).to_owned())
}

/// `ID` and `VERSION_ID` of `/etc/os-release`, where there is one.
fn distribution() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim_matches('"').to_owned())
    };
    let is_plain = |id: &String| id.len() <= 16 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let id = value("ID=").filter(is_plain);
    let version = value("VERSION_ID=").map(|version| numbers(&version));
    match id {
        Some(id) => format!("{id} {}", version.unwrap_or_default()),
        None => "distribution unknown".to_owned(),
    }
}

fn numbers(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .take(16)
        .collect()
}
