//! The terminal: taken over on the way in, given back on every way out.
//!
//! Each step of giving back is tried whatever became of the others: return, panic, signal, suspend and editor all
//! come through [`restore`].

use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, queue};

use super::look::Look;
use super::view::{self, Drawn};
use super::worker::jobs::THREAD_NAME;
use crate::app::model::{Model, Size};

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is ours while the terminal is.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, whoever asks first. Safe to call at any time from any thread.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = stdout();
        if MOUSE.load(Ordering::SeqCst) {
            let _ = execute!(out, DisableMouseCapture);
        }
        // A terminal that is gone cannot be told anything; the next step may still work.
        let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste);
        let _ = execute!(out, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Takes the terminal over.
pub fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let taken = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide);
    let taken = taken.and_then(|()| {
        if MOUSE.load(Ordering::SeqCst) {
            execute!(stdout(), EnableMouseCapture)
        } else {
            Ok(())
        }
    });
    if taken.is_err() {
        restore();
    }
    taken
}

/// Gives the terminal back before a panic is told. A panic of the worker is told on the screen.
pub fn restore_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD_NAME) {
            restore();
            tell(panic);
        }
    }));
}

/// The screen while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over until the screen is dropped.
    pub fn open() -> io::Result<Self> {
        take()?;
        match Terminal::new(CrosstermBackend::new(stdout())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// The size now.
    pub fn size(&self) -> io::Result<Size> {
        let size = self.terminal.size()?;
        Ok(Size {
            width: size.width,
            height: size.height,
        })
    }

    /// Has the terminal tell of the mouse, or no longer.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        MOUSE.store(on, Ordering::SeqCst);
        let out = self.terminal.backend_mut();
        if on {
            execute!(out, EnableMouseCapture)
        } else {
            execute!(out, DisableMouseCapture)
        }
    }

    /// Draws the model in one go; returns what was drawn.
    pub fn draw(&mut self, model: &Model, look: &Look) -> io::Result<Drawn> {
        let mut drawn = Drawn::default();
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let area = frame.area();
            drawn = view::draw(model, look, area, frame.buffer_mut());
        })?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(drawn)
    }

    /// Writes bytes that the terminal takes as a command.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Gives the terminal back for the time of `meanwhile`, then draws everything anew.
    pub fn lend<T>(&mut self, meanwhile: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let result = meanwhile();
        take()?;
        self.terminal.clear()?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}
