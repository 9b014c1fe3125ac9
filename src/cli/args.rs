//! The command line: what can be typed, as clap reads it.

use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::examples;
use crate::domain::secret::Secret;

/// See the route before you publish: a terminal inspector for spec-kitty's tracker publish.
#[derive(Debug, Parser)]
#[command(
    name = "catseye",
    version = VERSION,
    about,
    long_about = "Reads a project's tracker binding, the credentials and the SQLite store, rebuilds exactly the request \
                  that `spec-kitty tracker sync publish` would make, and says why a route is null and how to mend it.\n\n\
                  Without a command it opens the inspector; without a terminal it prints what `check` prints.",
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do; without one the inspector opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Version and the spec-kitty whose requests are rebuilt.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (sends what spec-kitty-cli 3.0.0 with spec-kitty-tracker 0.2.0 on Python 3.11 sends)"
);

const EXIT_CODES: &str = "Exit codes:
  check                            0 routed, 1 null route, 2 no body can be built; with --strict 3 when routed, but something stands against sending
  payload, curl, issues, mappings  0, or 2 when no body can be built (a null route is 0)
  why, journal                     0, or 2 when there is nothing to tell or it cannot be read
  diff                             0 the same body, 1 another one, 2 nothing to compare
  prove                            0 the same request (or both refuse), 1 another one, 2 trouble
  publish                          0 delivered, 2 no body, 3 consent missing or sending blocked, 4 refused by the server, 5 not sent, 6 unknown
  report                           0 written, 2 it could not be
  all                              0 otherwise, 64 wrong usage, 70 internal error";

/// What `--scene` takes.
pub const SCENES: [&str; 8] = [
    "spelling",
    "login-wiped",
    "key-missing",
    "unsupported-provider",
    "store-moved",
    "newer-project",
    "healthy-jira",
    "healthy-linear",
];

/// Flags that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Use a private copy of a bundled scene instead of your own project, home and server
    #[arg(long, global = true, value_name = "NAME", value_parser = SCENES)]
    pub scene: Option<String>,
    /// Look for the project as if started in DIR
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The folder with `credentials` and `trackers/` [default: ~/.spec-kitty]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The server to publish to [default: `$SAAS_API_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub server_url: Option<String>,
    /// The bearer token, or - to read it from standard input [default: `$SAAS_AUTH_TOKEN`]
    #[arg(long, global = true, value_name = "TOKEN|-", allow_hyphen_values = true, value_parser = secret())]
    pub auth_token: Option<Secret>,
    /// Time limit for connecting, writing and reading each, 1 to 120
    #[arg(long, global = true, value_name = "S", default_value_t = 10.0, value_parser = seconds)]
    pub timeout_seconds: f64,
    /// Never send anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// When to colour text output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Draw and print glyphs and borders in ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
    /// The settings [default: `$XDG_CONFIG_HOME/catseye/config.yaml`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Global {
    /// A flag beside `--scene` that names what the scene has of its own.
    pub fn beside_scene(&self) -> Option<&'static str> {
        let given = [
            ("--project", self.project.is_some()),
            ("--home", self.home.is_some()),
            ("--server-url", self.server_url.is_some()),
            ("--auth-token", self.auth_token.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

/// Any text can be a token; nothing of it is printed.
fn secret() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().map(Secret::new)
}

/// When to colour text output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a picture is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ground {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Open the inspector on a bundled scene, with a receiver of its own on loopback
    #[command(after_help = examples::DEMO)]
    Demo,
    /// Print the verdict and the findings; the last line is the next step
    #[command(after_help = examples::CHECK)]
    Check {
        /// Print one JSON object (schema 1)
        #[arg(long)]
        json: bool,
        /// Exit with 3 when routed, but a send blocker, a consent or a warning stands
        #[arg(long)]
        strict: bool,
        /// Judge with an input changed in memory: `binding.provider`, `binding.workspace`, `binding.doctrine_mode`, `credentials.KEY`, `server_url`
        #[arg(long, value_name = "PATH=VALUE")]
        set: Vec<String>,
        /// Judge with an input taken away in memory
        #[arg(long, value_name = "PATH")]
        unset: Vec<String>,
        /// Stay, and print a line each time the verdict or a root finding changes; with --json an object a line
        #[arg(long, conflicts_with_all = ["set", "unset"])]
        watch: bool,
    },
    /// Tell where a payload value comes from: `external_resource_id`, `issues[3].status`, `scope`
    #[command(after_help = examples::WHY)]
    Why {
        /// The field
        field: String,
    },
    /// Explain a finding: what it means, how it comes about, how to mend it; without NAME list all
    #[command(after_help = examples::EXPLAIN)]
    Explain {
        /// The finding's name
        name: Option<String>,
    },
    /// Print the exact body bytes
    #[command(after_help = examples::PAYLOAD)]
    Payload {
        /// Indent for reading; these are not the bytes that are sent
        #[arg(long)]
        pretty: bool,
    },
    /// Print the issues in publish order
    #[command(after_help = examples::ISSUES)]
    Issues {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the mappings in publish order
    #[command(after_help = examples::MAPPINGS)]
    Mappings {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Send the snapshot: one POST, no retry, no redirect
    #[command(after_help = examples::PUBLISH)]
    Publish {
        /// Required: there is no question
        #[arg(long)]
        yes: bool,
        /// Accept findings that need consent, by name
        #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
        allow: Vec<String>,
        /// Send an unknown attempt again: same key, same bytes
        #[arg(long, value_name = "ATTEMPT")]
        resend: Option<String>,
    },
    /// Print a curl command that makes the same request, the token as `$SAAS_AUTH_TOKEN`
    #[command(after_help = examples::CURL)]
    Curl,
    /// Print what changed since the last delivered publish of this binding: exit 0 same, 1 differs, 2 trouble
    #[command(after_help = examples::DIFF)]
    Diff {
        /// One JSON object a line: a summary, then fields and rows
        #[arg(long)]
        json: bool,
    },
    /// Print what was published from this machine
    #[command(after_help = examples::JOURNAL)]
    Journal {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Let your own spec-kitty 2.1.0-3.0.0 publish a private copy to loopback, and compare: exit 0 same, 1 different, 2 trouble
    #[command(after_help = examples::PROVE)]
    Prove {
        /// The Python that has spec-kitty-cli installed [default: `spec-kitty` on PATH]
        #[arg(long, value_name = "PYTHON")]
        python: Option<PathBuf>,
    },
    /// Write one redacted file for a bug report: no secret, no issue text, no name, no path; it says what it left out
    #[command(after_help = examples::REPORT)]
    Report {
        /// Write to this new file, or - for standard output [default: a new file in the folder for temporary files]
        #[arg(long, value_name = "FILE|-")]
        output: Option<PathBuf>,
        /// Also name project, workspace and resource
        #[arg(long)]
        with_names: bool,
    },
    /// Replay keys in the inspector and print one frame; needs no terminal
    #[command(after_help = examples::FRAME)]
    Frame {
        /// Columns and rows
        #[arg(long, default_value = "120x36", value_name = "WxH")]
        size: String,
        /// Keys as vim writes them: `p P <enter> <esc> <tab> <c-d> <lt>`
        #[arg(long, default_value = "", value_name = "KEYS", allow_hyphen_values = true)]
        keys: String,
        /// Draw an SVG picture instead of text, on a dark or light ground
        #[arg(long, value_enum, value_name = "GROUND", num_args = 0..=1, default_missing_value = "dark")]
        svg: Option<Ground>,
    },
    /// Print the keys of the inspector
    #[command(after_help = examples::KEYS)]
    Keys,
    /// Print the settings as they are by default, as a file to start from
    #[command(after_help = examples::CONFIG)]
    Config,
    /// Print where everything is read from and written to, and the variables that count
    #[command(after_help = examples::PATHS)]
    Paths,
    /// Print a script that completes the command line
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// For which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the man page: `catseye man | man -l -`
    #[command(after_help = examples::MAN)]
    Man,
}

/// `--timeout-seconds`: 1 to 120 (reference 48).
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (1.0..=120.0).contains(&seconds) => Ok(seconds),
        _ => Err("must be a number from 1 to 120".to_owned()),
    }
}
