//! What opens the inspector, on a terminal or for one frame: flags and settings become its look, the session its worker.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::leave::LeavesFor;
use crate::app::model::Size;
use crate::app::snapshot::SceneFacts;
use crate::cli::args::{Color, Command, Global, Ground};
use crate::cli::output::{self, Paint, exit, print_lines, say};
use crate::cli::session::Session;
use crate::domain::mask::Masker;
use crate::domain::settings::{Settings, ThemeName};
use crate::scene::Scene;
use crate::sinks::clipboard::ClipboardEnvironment;
use crate::sinks::mask_key;
use crate::tui::keymap::{self, Keymap};
use crate::tui::look::Look;
use crate::tui::theme::Theme;
use crate::tui::worker::{SceneSetup, Setup, Worker};
use crate::{process, sources, tui};

/// The largest frame's columns and rows.
const MAX_FRAME: u16 = 500;

/// Settings and the file they are of.
pub struct SettingsFile {
    /// What could be taken.
    pub taken: Settings,
    /// The file's name.
    pub file: String,
}

/// The settings; `None` when a file was named that is not there. A frame shows the same whoever draws it, unless it is
/// given a file.
pub fn settings(global: &Global, command: Option<&Command>) -> Option<SettingsFile> {
    let path = match (&global.config, command) {
        (Some(file), _) => file.clone(),
        (None, Some(Command::Frame { .. } | Command::Config)) => PathBuf::new(),
        (None, _) => sources::environment::settings_path(),
    };
    let file = path.display().to_string();
    let read = sources::settings::read(&path);
    if read.is_none() && global.config.is_some() {
        say(&format!("--config {file}: there is no such file"));
        return None;
    }
    let mut taken = read.unwrap_or_default();
    taken.ascii |= global.ascii;
    if taken.ascii {
        output::print_in_ascii();
    }
    Some(SettingsFile { taken, file })
}

impl SettingsFile {
    /// What flags and settings make of the screen.
    pub fn look(&self, paint: Paint) -> Look {
        let theme = Theme {
            name: self.taken.theme,
            colour: paint.colours(),
            ascii: self.taken.ascii,
        };
        let (keys, troubles) = Keymap::new(&self.taken.keys);
        let mut troubles: Vec<_> = self.taken.troubles.iter().chain(&troubles).collect();
        troubles.sort_by_key(|trouble| trouble.line);
        Look {
            theme,
            keys,
            troubles: troubles.iter().map(|trouble| trouble.told(&self.file)).collect(),
        }
    }
}

/// What is missing of a terminal that takes escapes.
pub fn lacks() -> Option<&'static str> {
    match (io::stdin().is_terminal(), io::stdout().is_terminal()) {
        (false, _) => Some("standard input is not a terminal"),
        (_, false) => Some("standard output is not a terminal"),
        _ => output::is_dumb().then_some("TERM is dumb"),
    }
}

/// Runs the inspector on the terminal; returns the exit code. The next scene of the demo is another process, so that
/// nothing of this one is in it.
pub fn open(session: &Session, scene: Option<Scene>, look: Look) -> io::Result<u8> {
    let setup = setup(session, scene.as_ref(), Setting::Terminal);
    let leaves_for = tui::runtime::run(&Worker::new(setup), look)?;
    match scene {
        Some(scene) if leaves_for == LeavesFor::NextScene => {
            let next = scene.next_name();
            drop(scene);
            return Err(process::become_scene(next));
        }
        Some(scene) => say(&scene.farewell()),
        None => {}
    }
    Ok(0)
}

/// Prints one frame of the inspector after some keys, as text or as a picture; returns the exit code.
pub fn frame(
    session: &Session,
    scene: Option<&Scene>,
    mut look: Look,
    size: &str,
    keys: &str,
    picture: Option<(Ground, Color)>,
) -> io::Result<u8> {
    let Some(size) = frame_size(size) else {
        say(&format!(
            "--size must be columns and rows up to {MAX_FRAME}, as 120x36"
        ));
        return Ok(exit::USAGE);
    };
    let keys = match keymap::parse_keys(keys) {
        Ok(keys) => keys,
        Err(error) => {
            say(&format!("--keys: {error}"));
            return Ok(exit::USAGE);
        }
    };
    let worker = Worker::new(setup(session, scene, Setting::Frame));
    let text = match picture {
        None => tui::frame::text_of(&tui::frame::frame(&worker, &look, size, &keys)),
        Some((ground, color)) => {
            let (ground, theme) = match ground {
                Ground::Dark => (tui::svg::Ground::Dark, ThemeName::Dark),
                Ground::Light => (tui::svg::Ground::Light, ThemeName::Light),
            };
            if look.theme.name == ThemeName::Default {
                look.theme.name = theme;
            }
            look.theme.colour = color != Color::Never;
            tui::svg::svg(&tui::frame::frame(&worker, &look, size, &keys), ground)
        }
    };
    print_lines(&text)?;
    Ok(0)
}

fn frame_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    let size = Size {
        width: width.parse().ok()?,
        height: height.parse().ok()?,
    };
    (size.width <= MAX_FRAME && size.height <= MAX_FRAME).then_some(size)
}

/// Whether the inspector runs on a terminal or for one frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Setting {
    Terminal,
    Frame,
}

fn setup(session: &Session, scene: Option<&Scene>, setting: Setting) -> Setup {
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
        masker: masker(scene.is_some(), mask_key::read(&session.surroundings.state)),
        scene: scene.map(|scene| SceneSetup {
            facts: SceneFacts {
                name: scene.name.to_owned(),
                story: scene.description.story.clone(),
                number: scene.number(),
                press: scene.description.press.clone(),
                mended: scene.description.mended.clone(),
                project: scene.sandbox.project(),
            },
            receiver: Arc::clone(&scene.receiver),
            folder: scene.sandbox.folder().to_owned(),
        }),
        time_of_day: if setting == Setting::Terminal {
            time_of_day
        } else {
            || "00:00:00".to_owned()
        },
    }
}

/// Ways to copy, and where files with copies go.
pub fn clipboard(terminal: bool) -> ClipboardEnvironment {
    ClipboardEnvironment::from_variables(|name| std::env::var_os(name), terminal)
}

/// Masks with the kept key, else with one of this run; in a scene, whose secrets are none, with a fixed one.
pub fn masker(in_scene: bool, kept: Option<mask_key::Key>) -> Masker {
    let mut key = mask_key::Key::default();
    match kept {
        _ if in_scene => {}
        Some(kept) => key = kept,
        // Without randomness fingerprints still hide the secret, only less well.
        None => drop(getrandom::fill(&mut key)),
    }
    Masker::new(key)
}

/// The local time as `14:02:31`.
fn time_of_day() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}
