//! catseye: see the route before you publish.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | project | the folder that holds `.kittify/` |
//! | binding | the `tracker` section of `.kittify/config.yaml`: provider, workspace, doctrine |
//! | home | the spec-kitty home: `credentials` (TOML) and `trackers/<scope>.db` (SQLite) |
//! | scope | 16 hex digits, hashed from provider, workspace, server, user and team: names the store file |
//! | store | that SQLite file: issues, mappings, checkpoints |
//! | route | (`external_resource_type`, `external_resource_id`): both set or both null |
//! | routing key | (provider, workspace, type, id): what the server files a snapshot under |
//! | finding | one thing worth telling: name, severity, evidence with positions, fixes |
//! | plan | the frozen request: endpoint, headers, idempotency key and the exact body bytes |
//! | journal | catseye's own record of what it published |
//! | scene | a bundled project with a home, a store and a receiver of its own |
//!
//! # Layers
//!
//! ```text
//!   files, SQLite, variables                       server, journal, clipboard, new files
//!             │                                                    ▲
//!             ▼                                                    │
//!        ┌─────────┐   Inputs    ┌────────┐      Plan         ┌─────────┐
//!        │ sources │ ──────────▶ │ domain │ ────────────────▶ │  sinks  │
//!        └─────────┘             └────────┘                   └─────────┘
//!           ▲   ▲        Evaluation │  │ Evaluation              ▲   ▲
//!           │   │                   ▼  ▼                         │   │
//!           │   │            ┌───────┐┌─────┐                    │   │
//!           │   └─────────── │  cli  ││ app │ Message in,        │   │
//!           │                └───────┘└─────┘ Effect out         │   │
//!           │                    │       ▲                       │   │
//!           │                    └───────┼───────────────────────┘   │
//!           │                          ┌─────┐                       │
//!           └───────────────────────── │ tui │ ──────────────────────┘
//!                                      └─────┘ (its worker alone)
//! ```
//!
//! The arrows from and to the outside are data; those of `cli` and `tui` to the sides are calls. [`scene`] makes the
//! bundled projects out of `assets/scenes`, [`prove`] runs the user's own spec-kitty on a private copy, and [`process`]
//! is what the process does about itself. `cli` and `tui` do not know each other: [`run`] chooses between them.
//!
//! Everything that decides is in [`domain`], and comes together in [`domain::evaluate::evaluate`]: one pure function from
//! inputs to route, plan and findings. [`sources::load`] is the one way to those inputs, [`sinks::publish`] the one way
//! out. `tests/architecture.rs` holds the arrows.

pub mod app;
pub mod cli;
pub mod domain;
pub mod process;
pub mod prove;
pub mod scene;
pub mod sinks;
pub mod sources;
pub mod tui;

use std::io::{self, IsTerminal};
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use app::model::Size;
use app::snapshot::SceneFacts;
use cli::args::{Cli, Command, Global};
use cli::output::{Paint, exit, say};
use cli::rows::Table;
use cli::session::Session;
use domain::mask::Masker;
use domain::secret::Secret;
use scene::Scene;
use sinks::clipboard::ClipboardEnvironment;
use sinks::journal::Journal;
use sources::environment::{Overrides, Surroundings};
use tui::theme::Theme;
use tui::worker::{SceneSetup, Setup, Worker};

/// The scene that `demo` opens.
const DEMO_SCENE: &str = "spelling";
/// The largest frame's columns and rows.
const MAX_FRAME: u16 = 500;

/// Parses the command line and runs it.
pub fn run() -> ExitCode {
    process::keep_no_core();
    process::tell_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // The message repeats the command line, which may hold anything.
            say(error.render().to_string().trim_end());
            return ExitCode::from(exit::USAGE);
        }
        Err(help) => {
            // That nobody reads it is no error.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    match catch_unwind(|| run_command(cli)) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            say(&error.to_string());
            ExitCode::from(exit::INTERNAL)
        }
        Err(_) => {
            // One of the main thread is told already.
            if let Some(told) = process::last_panic() {
                say(&told);
            }
            ExitCode::from(exit::INTERNAL)
        }
    }
}

fn run_command(cli: Cli) -> io::Result<u8> {
    // A file that may not grow any more is an error of its writer, and no reason to die.
    signal_hook::flag::register(rustix::process::Signal::XFSZ.as_raw(), Arc::default())?;
    let Cli { command, mut global } = cli;
    if matches!(command, Some(Command::Demo)) && global.scene.is_none() {
        global.scene = Some(DEMO_SCENE.to_owned());
    }
    let scene = match global.scene.as_deref().map(Scene::enter).transpose() {
        Ok(scene) => scene,
        Err(error) => {
            say(&error.to_string());
            return Ok(exit::USAGE);
        }
    };
    let session = match session(&global, scene.as_ref()) {
        Ok(session) => session,
        Err(error) => {
            say(&format!("reading the environment: {error}"));
            return Ok(exit::USAGE);
        }
    };
    dispatch(command, &session, scene.as_ref(), Paint::new(global.color))
}

fn dispatch(
    command: Option<Command>,
    session: &Session,
    scene: Option<&Scene>,
    paint: Paint,
) -> io::Result<u8> {
    match command {
        Some(Command::Check {
            json,
            strict,
            watch,
            set,
            unset,
        }) => {
            let options = cli::check::Options { json, strict, paint };
            match (watch, set.is_empty() && unset.is_empty()) {
                (true, _) => cli::watch::run(session, json),
                (false, true) => check(session, options),
                (false, false) => cli::what_if::run(session, &set, &unset, options),
            }
        }
        Some(Command::Explain { name }) => cli::explain::run(name.as_deref()),
        Some(Command::Completions { shell }) => cli::manual::completions(shell),
        Some(Command::Man) => cli::manual::man(&tui::keymap::as_text()),
        Some(Command::Keys) => {
            print_lines(&tui::keymap::as_text())?;
            Ok(0)
        }
        Some(Command::Payload { pretty }) => cli::payload::run(session, pretty),
        Some(Command::Issues { json }) => cli::rows::run(session, Table::Issues, json),
        Some(Command::Mappings { json }) => cli::rows::run(session, Table::Mappings, json),
        Some(Command::Publish { yes, allow, resend }) => {
            let options = cli::publish::Options {
                yes,
                allow: &allow,
                resend: resend.as_deref(),
            };
            cli::publish::run(session, &options)
        }
        Some(Command::Curl) => cli::publish::curl(session),
        Some(Command::Journal { json }) => cli::journal::run(session, json),
        Some(Command::Prove { python }) => cli::prove::run(session, python.as_deref()),
        Some(Command::Why { field }) => cli::why::run(session, &field, paint),
        Some(Command::Diff { json }) => cli::diff::run(session, json),
        Some(Command::Paths) => cli::paths::run(session),
        Some(Command::Report { output, with_names }) => {
            let options = cli::report::Options {
                output: output.as_deref(),
                with_names,
                masker: masker(scene.is_some()),
                folder: clipboard(false).folder,
            };
            cli::report::run(session, options)
        }
        Some(Command::Frame { size, keys }) => frame(session, scene, &size, &keys),
        Some(Command::Demo) | None => inspect(session, scene, paint),
    }
}

/// The inspector; without a terminal, or on one that takes no escapes, what `check` prints.
fn inspect(session: &Session, scene: Option<&Scene>, paint: Paint) -> io::Result<u8> {
    let lacking = match (io::stdin().is_terminal(), io::stdout().is_terminal()) {
        (false, _) => Some("standard input is not a terminal"),
        (_, false) => Some("standard output is not a terminal"),
        _ => cli::output::is_dumb().then_some("TERM is dumb"),
    };
    if let Some(lacking) = lacking {
        say(&format!(
            "{lacking}, which the inspector needs: this is what `catseye check` prints; `catseye frame` prints a screen"
        ));
        return check(
            session,
            cli::check::Options {
                json: false,
                strict: false,
                paint,
            },
        );
    }
    let setup = inspector(session, scene, Setting::Terminal);
    tui::runtime::run(
        &Worker::new(setup),
        Theme {
            colour: paint.colours(),
        },
    )?;
    if let Some(scene) = scene {
        say(&scene.farewell());
    }
    Ok(0)
}

/// One frame of the inspector after some keys.
fn frame(session: &Session, scene: Option<&Scene>, size: &str, keys: &str) -> io::Result<u8> {
    let size = size.split_once('x').and_then(|(width, height)| {
        Some(Size {
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        })
    });
    let Some(size) = size.filter(|size| size.width <= MAX_FRAME && size.height <= MAX_FRAME) else {
        say(&format!(
            "--size must be columns and rows up to {MAX_FRAME}, as 120x36"
        ));
        return Ok(exit::USAGE);
    };
    let keys = match tui::keymap::parse_keys(keys) {
        Ok(keys) => keys,
        Err(error) => {
            say(&format!("--keys: {error}"));
            return Ok(exit::USAGE);
        }
    };
    let worker = Worker::new(inspector(session, scene, Setting::Frame));
    let text = tui::frame::frame(&worker, size, &keys);
    print_lines(&text)?;
    Ok(0)
}

/// Prints a text of several lines.
fn print_lines(text: &str) -> io::Result<()> {
    cli::output::print(|out| {
        text.lines()
            .try_for_each(|line| out.line([cli::output::told!("{line}")]))
    })
}

/// Whether the inspector runs on a terminal or for one frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Setting {
    Terminal,
    Frame,
}

fn inspector(session: &Session, scene: Option<&Scene>, setting: Setting) -> Setup {
    let acts = setting == Setting::Terminal || scene.is_some();
    let held = match (session.read_only, acts) {
        (true, _) => Some("--read-only: nothing is sent"),
        (false, false) => Some("frame sends only in a scene"),
        (false, true) => None,
    };
    Setup {
        surroundings: session.surroundings.clone(),
        journal: session.journal.clone(),
        timeout: session.timeout,
        held,
        copies: acts,
        payload_command: session.payload_command.clone(),
        clipboard: clipboard(setting == Setting::Terminal),
        masker: masker(scene.is_some()),
        scene: scene.map(|scene| SceneSetup {
            facts: SceneFacts {
                name: scene.name.to_owned(),
                story: scene.description.story.clone(),
                press: scene.description.press.clone(),
                project: scene.project(),
            },
            receiver: Arc::clone(scene.receiver()),
        }),
        time_of_day: if setting == Setting::Terminal {
            time_of_day
        } else {
            || "00:00:00".to_owned()
        },
    }
}

/// Ways to copy, and where files with copies go.
fn clipboard(terminal: bool) -> ClipboardEnvironment {
    ClipboardEnvironment::from_variables(|name| std::env::var_os(name), terminal)
}

/// Masks with a key of this run; in a scene, whose secrets are none, with a fixed one.
fn masker(fixed: bool) -> Masker {
    let mut key = [0; 32];
    if !fixed {
        // Without randomness fingerprints still hide the secret, only less well.
        let _ = getrandom::fill(&mut key);
    }
    Masker::new(key)
}

/// The local time as `14:02:31`.
fn time_of_day() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

fn check(session: &Session, options: cli::check::Options) -> io::Result<u8> {
    let picture = session.picture(false);
    let bases = session.bases(&picture.evaluation);
    cli::check::run(&picture.inputs, &picture.evaluation, &bases, options)
}

fn session(global: &Global, scene: Option<&Scene>) -> io::Result<Session> {
    let surroundings = match scene {
        Some(scene) => scene.surroundings(),
        None => Surroundings::read(Overrides {
            project: global.project.clone(),
            home: global.home.clone(),
            server_url: global.server_url.clone(),
            auth_token: auth_token(global)?,
        })?,
    };
    Ok(Session {
        journal: Journal::open(&surroundings.state),
        surroundings,
        timeout: Duration::from_secs_f64(global.timeout_seconds),
        read_only: global.read_only,
        payload_command: payload_command(global),
    })
}

/// `--auth-token`, read from standard input for `-`: one line, its line break taken off.
fn auth_token(global: &Global) -> io::Result<Option<Secret>> {
    let Some(token) = &global.auth_token else {
        return Ok(None);
    };
    if token.expose() != "-" {
        return Ok(Some(token.clone()));
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let token = line.strip_suffix('\n').unwrap_or(&line);
    Ok(Some(Secret::new(
        token.strip_suffix('\r').unwrap_or(token).to_owned(),
    )))
}

/// `catseye payload` with the flags that decide about the body.
fn payload_command(global: &Global) -> String {
    let mut words = vec!["catseye payload".to_owned()];
    if let Some(scene) = &global.scene {
        words.push(domain::shell::option("--scene", scene));
    }
    for (flag, folder) in [("--project", &global.project), ("--home", &global.home)] {
        if let Some(folder) = folder {
            words.push(domain::shell::option(flag, &folder.to_string_lossy()));
        }
    }
    words.join(" ")
}
