//! Copies text by the first way that works: the desktop's clipboard, tmux, the terminal (OSC 52), a file.
//!
//! The text comes as it is to be pasted; making it safe is the caller's part. What is reported is what is known: over
//! OSC 52 there is no answer, so nothing is claimed (research/reliability.md section 5).

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::domain::inputs::TOKEN_VARIABLE;
use crate::domain::osc52::{Osc52, Through};
use crate::domain::scrub::holds_secret;
use crate::platform::{KEEPS_COPIES, TEMPORARY_VARIABLE, temporary_folder};
use crate::sinks::new_file;

/// How long a clipboard manager may take.
const HAND_OVER_DEADLINE: Duration = Duration::from_millis(200);
/// How long the desktop may take.
const DESKTOP_DEADLINE: Duration = Duration::from_secs(2);
/// How long tmux may take.
const TMUX_DEADLINE: Duration = Duration::from_secs(1);

/// A program that stands between catseye and the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Multiplexer {
    /// None.
    #[default]
    None,
    /// tmux, and the program to call.
    Tmux(OsString),
    /// GNU screen.
    Screen,
}

/// A desktop whose clipboard can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Desktop {
    /// None.
    #[default]
    None,
    /// `$DISPLAY` is set.
    X11,
    /// `$WAYLAND_DISPLAY` is set. Nobody tells whether a clipboard manager keeps a text.
    Wayland,
    /// The system keeps texts itself.
    System,
}

/// What the environment says about ways to copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClipboardEnvironment {
    /// The desktop of this machine.
    pub desktop: Desktop,
    /// The session came over SSH: this machine's clipboard is not the one in front of the person.
    pub ssh: bool,
    /// What stands between catseye and the terminal.
    pub multiplexer: Multiplexer,
    /// A terminal shows what is written.
    pub terminal: bool,
    /// Where a file with copied text goes: `$XDG_RUNTIME_DIR`, else the folder for temporary files.
    pub folder: PathBuf,
}

impl ClipboardEnvironment {
    /// Reads the facts from environment variables.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>, terminal: bool) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let any = |names: &[&str]| names.iter().any(|name| set(name).is_some());
        let screen_term = set("TERM").is_some_and(|term| term.to_string_lossy().starts_with("screen"));
        let multiplexer = if set("TMUX").is_some() {
            Multiplexer::Tmux("tmux".into())
        } else if set("STY").is_some() || screen_term {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        Self {
            desktop: match () {
                () if KEEPS_COPIES => Desktop::System,
                () if any(&["WAYLAND_DISPLAY"]) => Desktop::Wayland,
                () if any(&["DISPLAY"]) => Desktop::X11,
                () => Desktop::None,
            },
            ssh: any(&["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]),
            multiplexer,
            terminal,
            folder: set("XDG_RUNTIME_DIR")
                .or_else(|| set(TEMPORARY_VARIABLE))
                .map_or_else(temporary_folder, PathBuf::from),
        }
    }
}

/// The way a text went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The desktop's clipboard.
    Desktop,
    /// tmux's paste buffer.
    Tmux,
    /// The terminal, by OSC 52.
    Terminal,
    /// A new file.
    File(PathBuf),
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyReport {
    /// The way it went.
    pub route: Route,
    /// How many bytes.
    pub bytes: usize,
    /// Whether the text was read back, or lies in the file.
    pub verified: bool,
    /// What to tell.
    pub note: String,
    /// What the owner of the terminal has to write to it, for [`Route::Terminal`].
    pub osc52: Option<Osc52>,
}

/// The way to the clipboards. Keep it as long as the program runs: on X11 and Wayland the copied text is served by it.
pub struct Clipboard {
    environment: ClipboardEnvironment,
    desktop: Option<arboard::Clipboard>,
    /// The text that the desktop has from us, and loses with us.
    held: Option<String>,
}

impl Clipboard {
    /// A clipboard that connects to nothing before the first copy.
    pub fn new(environment: ClipboardEnvironment) -> Self {
        Self {
            environment,
            desktop: None,
            held: None,
        }
    }

    /// Copies text by the first way that works; the error is that of the last one, the file.
    pub fn copy(&mut self, text: &str) -> io::Result<CopyReport> {
        refuse_secrets(text)?;
        let way = self
            .try_desktop(text)
            .or_else(|| self.try_tmux(text))
            .or_else(|| self.try_terminal(text));
        match way {
            Some(report) => Ok(report),
            None => self.copy_to_file(text),
        }
    }

    /// Writes text to a new file that only its owner may read.
    pub fn copy_to_file(&self, text: &str) -> io::Result<CopyReport> {
        refuse_secrets(text)?;
        let path = new_file::write_in(&self.environment.folder, text)?;
        let note = format!("written to {}", path.display());
        Ok(report(Route::File(path), text, true, note))
    }

    fn try_desktop(&mut self, text: &str) -> Option<CopyReport> {
        if self.environment.desktop == Desktop::None || self.environment.ssh {
            return None;
        }
        let verified = self.hand_to_desktop(text)?;
        let stays = self.environment.desktop == Desktop::System;
        self.held = (!stays).then(|| text.to_owned());
        let note = match (verified, stays) {
            (true, true) => "copied to the clipboard",
            (true, false) => "copied to the clipboard, where it stays while catseye runs",
            (false, _) => "copied to the clipboard (cannot verify)",
        };
        Some(report(Route::Desktop, text, verified, note.to_owned()))
    }

    /// Gives the text to the desktop and reads it back: tells whether it is there. `None` when the desktop does not take
    /// it in time; the connection may have died then, and the next copy makes a new one.
    fn hand_to_desktop(&mut self, text: &str) -> Option<bool> {
        let (desktop, text) = (self.desktop.take(), text.to_owned());
        let handing = move || {
            let mut desktop = desktop.map_or_else(arboard::Clipboard::new, Ok)?;
            desktop.set_text(text.as_str())?;
            let there = desktop.get_text().is_ok_and(|back| back == text);
            Ok::<_, arboard::Error>((desktop, there))
        };
        let (desktop, there) = within(DESKTOP_DEADLINE, handing)?.ok()?;
        self.desktop = Some(desktop);
        Some(there)
    }

    /// Before the program ends: has a clipboard manager take the text that the desktop has from us. Returns whether it
    /// stays without us; else we go on to serve it, and the bytes for the terminal, its other way, are there.
    ///
    /// Takes 200 ms at most, and what a connection to the display takes.
    pub fn hand_over(&mut self) -> (bool, Option<Osc52>) {
        let Some(held) = self.held.clone() else {
            return (true, None);
        };
        if self.environment.desktop == Desktop::X11 && self.manager_takes(&held) {
            self.held = None;
            return (true, None);
        }
        let stays = self.try_desktop(&held);
        self.held = stays.map(|_| held.clone());
        let terminal = self.try_terminal(&held);
        (false, terminal.and_then(|report| report.osc52))
    }

    /// On X11 giving up the selection asks the manager; then the text is read back without us.
    fn manager_takes(&mut self, held: &str) -> bool {
        let desktop = self.desktop.take();
        within(HAND_OVER_DEADLINE, move || drop(desktop)).is_some()
            && arboard::Clipboard::new()
                .and_then(|mut desktop| desktop.get_text())
                .is_ok_and(|kept| kept == held)
    }

    fn try_tmux(&self, text: &str) -> Option<CopyReport> {
        let Multiplexer::Tmux(program) = &self.environment.multiplexer else {
            return None;
        };
        load_buffer(program, text).ok().filter(|loaded| *loaded)?;
        let note = "in tmux's paste buffer; sent on (cannot verify)".to_owned();
        Some(report(Route::Tmux, text, false, note))
    }

    fn try_terminal(&self, text: &str) -> Option<CopyReport> {
        if !self.environment.terminal {
            return None;
        }
        let through = match self.environment.multiplexer {
            Multiplexer::None => Through::Nothing,
            Multiplexer::Tmux(_) => Through::Tmux,
            Multiplexer::Screen => Through::Screen,
        };
        let sequence = Osc52::of(text, through)?;
        let note = "sent to terminal (cannot verify)".to_owned();
        Some(CopyReport {
            osc52: Some(sequence),
            ..report(Route::Terminal, text, false, note)
        })
    }
}

/// What a job gives that may hang, run on a thread of its own; `None` when it does not come in time.
fn within<T: Send + 'static>(deadline: Duration, job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, wait) = channel();
    // Nobody waits any more for what comes too late.
    let job = move || drop(done.send(job()));
    thread::Builder::new().spawn(job).ok()?;
    wait.recv_timeout(deadline).ok()
}

/// Nothing is copied rather than something else than what was asked for.
fn refuse_secrets(text: &str) -> io::Result<()> {
    if holds_secret(text) {
        return Err(io::Error::other(
            "not copied: the text holds one of the secrets at hand",
        ));
    }
    Ok(())
}

fn report(route: Route, text: &str, verified: bool, note: String) -> CopyReport {
    CopyReport {
        route,
        bytes: text.len(),
        verified,
        note,
        osc52: None,
    }
}

/// `tmux load-buffer -w -`: tells whether tmux took the text in time. The child is reaped in any case.
fn load_buffer(program: &OsStr, text: &str) -> io::Result<bool> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["load-buffer", "-w", "-"])
        .env_remove(TOKEN_VARIABLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let input = child.stdin.take();
    thread::scope(|scope| {
        // A child that does not read would block a long write: killing it ends the write, too.
        scope.spawn(move || input.map(|mut pipe| pipe.write_all(text.as_bytes())));
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status.success()),
                Ok(None) if started.elapsed() < TMUX_DEADLINE => thread::sleep(Duration::from_millis(5)),
                late_or_broken => {
                    child.kill()?;
                    child.wait()?;
                    return late_or_broken.map(|_| false);
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn environment(variables: &[(&str, &str)]) -> ClipboardEnvironment {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        ClipboardEnvironment::from_variables(lookup, true)
    }

    #[test]
    fn reads_the_facts_from_variables() {
        let here = |desktop| if KEEPS_COPIES { Desktop::System } else { desktop };
        assert_eq!(
            environment(&[("DISPLAY", "")]),
            ClipboardEnvironment {
                desktop: here(Desktop::None),
                terminal: true,
                folder: temporary_folder(),
                ..ClipboardEnvironment::default()
            }
        );
        let temporary = environment(&[(TEMPORARY_VARIABLE, "/t")]);
        assert_eq!(temporary.folder, Path::new("/t"));
        let remote = environment(&[
            ("DISPLAY", "localhost:10"),
            ("SSH_TTY", "/dev/pts/1"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
            ("TERM", "screen-256color"),
            ("XDG_RUNTIME_DIR", "/run/user/0"),
        ]);
        assert!(remote.desktop == here(Desktop::X11) && remote.ssh);
        assert_eq!(remote.multiplexer, Multiplexer::Tmux("tmux".into()));
        assert_eq!(remote.folder, Path::new("/run/user/0"));
        let screen = environment(&[("TERM", "screen.xterm")]);
        assert_eq!(screen.multiplexer, Multiplexer::Screen);
    }
}
