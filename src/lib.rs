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
//! | finding | one thing worth telling: name, severity, evidence with positions, fixes |
//! | plan | the frozen request: endpoint, headers, idempotency key and the exact body bytes |
//! | journal | catseye's own record of what it published |
//! | scene | a bundled project with a home, a store and a receiver of its own |
//!
//! # Layers
//!
//! ```text
//!   files, SQLite, variables                                terminal, server, clipboard, journal
//!             │                                                            ▲
//!             ▼                                                            │
//!        ┌─────────┐    Inputs     ┌────────┐                         ┌─────────┐
//!        │ sources │ ────────────▶ │ domain │ ◀────────────────────── │  sinks  │
//!        └─────────┘               └────────┘                         └─────────┘
//!             ▲                     ▲      ▲                               ▲
//!             │          Evaluation │      │ Evaluation                    │
//!             │                ┌────┴──┐ ┌─┴───┐                           │
//!             ├─────────────── │  cli  │ │ app │ Message in, Effect out    │
//!             │                └───────┘ └──▲──┘                           │
//!             │                             │ Model                        │
//!             │                          ┌──┴──┐                           │
//!             └───────────────────────── │ tui │ (its worker alone) ───────┘
//!                                        └─────┘
//! ```
//!
//! Everything that decides is in [`domain`], and comes together in [`domain::evaluate::evaluate`]: one pure function from
//! inputs to route, plan and findings. [`sources::load`] is the one way to those inputs, [`sinks::publish`] the one way
//! out. `tests/architecture.rs` holds the arrows.

pub mod app;
pub mod cli;
pub mod domain;
pub mod prove;
pub mod scene;
pub mod sinks;
pub mod sources;
pub mod tui;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
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
use domain::settings::{Settings, ThemeName};
use scene::Scene;
use sinks::clipboard::ClipboardEnvironment;
use sinks::journal::Journal;
use sources::environment::{Overrides, Surroundings};
use tui::keymap::Keymap;
use tui::look::Look;
use tui::svg::{Ground, svg};
use tui::theme::Theme;
use tui::worker::{SceneSetup, Setup, Worker};

/// The scene that `demo` opens.
const DEMO_SCENE: &str = "spelling";
/// The largest frame's columns and rows.
const MAX_FRAME: u16 = 500;

/// Parses the command line and runs it.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; that nobody reads them is none either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { 0 });
        }
    };
    match run_command(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&error.to_string());
            ExitCode::from(exit::INTERNAL)
        }
    }
}

fn run_command(cli: Cli) -> io::Result<u8> {
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
    let paint = Paint::new(global.color);
    let Some((settings, file)) = settings(&global, command.as_ref()) else {
        return Ok(exit::USAGE);
    };
    let session = Session {
        journal: session.journal.keep_snapshots(settings.keep_snapshots),
        ..session
    };
    let mut look = look(&settings, &file, paint);
    if !opens_inspector(command.as_ref()) {
        look.troubles.drain(..).for_each(|trouble| say(&trouble));
    }
    match command {
        Some(Command::Frame { size, keys, svg }) => {
            let worker = Worker::new(inspector(&session, scene.as_ref(), Setting::Frame));
            let picture = svg.map(|ground| (ground, global.color));
            frame(&worker, look, &size, &keys, picture)
        }
        Some(Command::Demo) | None => inspect(&session, scene.as_ref(), look, paint),
        Some(Command::Keys) => {
            cli::output::write_text(|out| out.write_all(look.keys.as_text().as_bytes()))?;
            Ok(0)
        }
        Some(Command::Config) => {
            cli::output::write_out(|out| out.write_all(tui::settings::default_text().as_bytes()))?;
            Ok(0)
        }
        Some(Command::Paths) => cli::paths::run(&session, &file),
        Some(other) => print(&session, other, paint),
    }
}

/// The commands that print what the inspector shows, or send it.
fn print(session: &Session, command: Command, paint: Paint) -> io::Result<u8> {
    match command {
        Command::Check {
            json,
            strict,
            watch,
            set,
            unset,
        } => {
            let options = cli::check::Options { json, strict, paint };
            match (watch, set.is_empty() && unset.is_empty()) {
                (true, _) => cli::watch::run(session, json),
                (false, true) => check(session, options),
                (false, false) => cli::what_if::run(session, &set, &unset, options),
            }
        }
        Command::Explain { name } => cli::explain::run(name.as_deref()),
        Command::Payload { pretty } => cli::payload::run(session, pretty),
        Command::Issues { json } => cli::rows::run(session, Table::Issues, json),
        Command::Mappings { json } => cli::rows::run(session, Table::Mappings, json),
        Command::Publish { yes, allow, resend } => {
            let options = cli::publish::Options {
                yes,
                allow: &allow,
                resend: resend.as_deref(),
            };
            cli::publish::run(session, &options)
        }
        Command::Curl => cli::publish::curl(session),
        Command::Journal { json } => cli::journal::run(session, json),
        Command::Prove { python } => cli::prove::run(session, python.as_deref()),
        Command::Why { field } => cli::why::run(session, &field, paint),
        Command::Diff { json } => cli::diff::run(session, json),
        // Done before they come here.
        Command::Frame { .. } | Command::Demo | Command::Keys | Command::Config | Command::Paths => Ok(0),
    }
}

/// Whether a command opens the inspector, which tells itself what is wrong with the settings.
fn opens_inspector(command: Option<&Command>) -> bool {
    match command {
        Some(Command::Frame { .. }) => true,
        Some(Command::Demo) | None => has_terminal(),
        Some(_) => false,
    }
}

fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The settings and the file's name; `None` when a file was named that is not there. A frame shows the same whoever
/// draws it, unless it is given a file.
fn settings(global: &Global, command: Option<&Command>) -> Option<(Settings, String)> {
    let file = match (&global.config, command) {
        (Some(file), _) => file.clone(),
        (None, Some(Command::Frame { .. } | Command::Config)) => PathBuf::new(),
        (None, _) => sources::environment::settings_path(),
    };
    let name = file.display().to_string();
    let read = sources::settings::read(&file);
    if read.is_none() && global.config.is_some() {
        say(&format!("--config {name}: there is no such file"));
        return None;
    }
    let mut settings = read.unwrap_or_default();
    settings.ascii |= global.ascii;
    if settings.ascii {
        cli::output::print_in_ascii();
    }
    Some((settings, name))
}

/// What flags and settings make of the screen.
fn look(settings: &Settings, file: &str, paint: Paint) -> Look {
    let theme = Theme {
        name: settings.theme,
        colour: paint.colours(),
        ascii: settings.ascii,
    };
    let (keys, troubles) = Keymap::new(&settings.keys);
    let mut troubles: Vec<_> = settings.troubles.iter().chain(&troubles).collect();
    troubles.sort_by_key(|trouble| trouble.line);
    Look {
        theme,
        keys,
        troubles: troubles.iter().map(|trouble| trouble.told(file)).collect(),
    }
}

/// The inspector; without a terminal what `check` prints.
fn inspect(session: &Session, scene: Option<&Scene>, look: Look, paint: Paint) -> io::Result<u8> {
    if !has_terminal() {
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
    tui::runtime::run(&Worker::new(setup), look)?;
    if let Some(scene) = scene {
        say(&scene.farewell());
    }
    Ok(0)
}

/// One frame of the inspector after some keys, as text or as a picture.
fn frame(
    worker: &Worker,
    mut look: Look,
    size: &str,
    keys: &str,
    picture: Option<(cli::args::Ground, cli::args::Color)>,
) -> io::Result<u8> {
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
    let text = match picture {
        None => tui::frame::text_of(&tui::frame::frame(worker, &look, size, &keys)),
        Some((ground, color)) => {
            let (ground, theme) = match ground {
                cli::args::Ground::Dark => (Ground::Dark, ThemeName::Dark),
                cli::args::Ground::Light => (Ground::Light, ThemeName::Light),
            };
            if look.theme.name == ThemeName::Default {
                look.theme.name = theme;
            }
            look.theme.colour = color != cli::args::Color::Never;
            svg(&tui::frame::frame(worker, &look, size, &keys), ground)
        }
    };
    cli::output::write_out(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
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
    let variable = |name: &str| std::env::var_os(name);
    Setup {
        surroundings: session.surroundings.clone(),
        journal: session.journal.clone(),
        timeout: session.timeout,
        held,
        copies: acts,
        payload_command: session.payload_command.clone(),
        clipboard: ClipboardEnvironment::from_variables(variable, setting == Setting::Terminal),
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
    if token != "-" {
        return Ok(Some(Secret::new(token.clone())));
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
