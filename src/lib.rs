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
//! bundled projects out of `assets/scenes`, [`prove`] runs the user's own spec-kitty on a private copy, [`process`]
//! is what the process does about itself, and [`platform`], below them all, is what operating systems do differently.
//! `cli` and `tui` do not know each other: [`run`] chooses between them.
//!
//! Everything that decides is in [`domain`], and comes together in [`domain::evaluate::evaluate`]: one pure function from
//! inputs to route, plan and findings. [`sources::load`] is the one way to those inputs, [`sinks::publish`] the one way
//! out. `tests/architecture.rs` holds the arrows.

pub mod app;
pub mod cli;
pub mod domain;
mod inspector;
pub mod platform;
pub mod process;
pub mod prove;
pub mod scene;
pub mod sinks;
pub mod sources;
pub mod tui;

use std::io;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use cli::args::{Cli, Command, Global};
use cli::output::{Paint, exit, refuse, say};
use cli::rows::Table;
use cli::session::Session;
use domain::secret::Secret;
use scene::Scene;
use sinks::journal::Journal;
use sources::environment::{Overrides, Surroundings};
use tui::keymap::Keymap;

/// The scene that `demo` opens.
const DEMO_SCENE: &str = "spelling";

/// Parses the command line and runs it.
pub fn run() -> ExitCode {
    platform::keep_no_core();
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
    platform::outlive_full_files()?;
    let Cli { command, mut global } = cli;
    if matches!(command, Some(Command::Demo)) && global.scene.is_none() {
        global.scene = Some(DEMO_SCENE.to_owned());
    }
    if let Some(flag) = global.beside_scene().filter(|_| global.scene.is_some()) {
        let message = format!("a scene has a project, home, server and token of its own: leave {flag} away");
        return refuse(exit::USAGE, &message);
    }
    let scene = match global.scene.as_deref().map(Scene::enter).transpose() {
        Ok(scene) => scene,
        Err(error) => return refuse(exit::USAGE, &error),
    };
    let Some(settings) = inspector::settings(&global, command.as_ref()) else {
        return Ok(exit::USAGE);
    };
    let session = match session(&global, scene.as_ref(), settings.taken.keep_snapshots) {
        Ok(session) => session,
        Err(error) => return refuse(exit::USAGE, &format!("reading the environment: {error}")),
    };
    let paint = Paint::new(global.color);
    let look = settings.look(paint);
    match command {
        Some(Command::Frame { size, keys, svg }) => {
            let picture = svg.map(|ground| (ground, global.color));
            inspector::frame(&session, scene.as_ref(), look, &size, &keys, picture)
        }
        Some(Command::Demo) | None if inspector::lacks().is_none() => inspector::open(&session, scene, look),
        other => {
            look.troubles.iter().for_each(|trouble| say(trouble));
            let sends = matches!(other, Some(Command::Publish { .. }));
            let code = print(
                &session,
                other,
                paint,
                scene.is_some(),
                &look.keys,
                &settings.file,
            )?;
            scene
                .filter(|_| sends)
                .iter()
                .for_each(|scene| say(&scene.farewell()));
            Ok(code)
        }
    }
}

/// The commands that print what the inspector shows, or send it. The inspector itself prints what `check` does where
/// there is no terminal.
fn print(
    session: &Session,
    command: Option<Command>,
    paint: Paint,
    in_scene: bool,
    keys: &Keymap,
    settings: &str,
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
                (false, true) => cli::check::run(session, options),
                (false, false) => cli::what_if::run(session, &set, &unset, options),
            }
        }
        Some(Command::Explain { name }) => cli::explain::run(name.as_deref()),
        Some(Command::Completions { shell }) => cli::manual::completions(shell),
        Some(Command::Man) => cli::manual::man(&Keymap::default().as_text()),
        Some(Command::Keys) => {
            cli::output::print_lines(&keys.as_text())?;
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
        Some(Command::Paths) => cli::paths::run(session, settings),
        Some(Command::Report { output, with_names }) => {
            report(session, output.as_deref(), with_names, in_scene)
        }
        Some(Command::Config) => {
            cli::output::print_lines(&tui::settings::default_text())?;
            Ok(0)
        }
        Some(Command::Frame { .. } | Command::Demo) | None => check_instead(session, paint),
    }
}

fn report(session: &Session, output: Option<&Path>, with_names: bool, in_scene: bool) -> io::Result<u8> {
    let options = cli::report::Options {
        output,
        with_names,
        // Of this run alone, so that two reports cannot be compared.
        masker: inspector::masker(in_scene, None),
        folder: inspector::clipboard(false).folder,
    };
    cli::report::run(session, options)
}

/// What the inspector does without a terminal.
fn check_instead(session: &Session, paint: Paint) -> io::Result<u8> {
    let lacking = inspector::lacks().unwrap_or_default();
    say(&format!(
        "{lacking}, which the inspector needs: this is what `catseye check` prints; `catseye frame` prints a screen"
    ));
    let options = cli::check::Options {
        json: false,
        strict: false,
        paint,
    };
    cli::check::run(session, options)
}

fn session(global: &Global, scene: Option<&Scene>, keep_snapshots: bool) -> io::Result<Session> {
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
        journal: Journal::open(&surroundings.state).keep_snapshots(keep_snapshots),
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
