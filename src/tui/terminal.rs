//! The terminal: taken over on the way in, given back on every way out.
//!
//! Each step of giving back is tried whatever became of the others: return, panic, signal, suspend and editor all
//! come through [`restore`].

use std::io::{self, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

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
use ratatui::layout::Rect;

use super::look::Look;
use super::view::{self, Drawn};
use crate::app::model::{Model, Size};
use crate::domain::osc52::Osc52;
use crate::platform::{self, Modes};

/// How long a frame that is being written, or a terminal that takes nothing, may hold up the end.
const PATIENCE: Duration = Duration::from_millis(200);

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether a signal is about to end the process.
static ENDING: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is ours while the terminal is.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// The terminal's modes before it was taken over.
static FIRST_MODES: Mutex<Option<Modes>> = Mutex::new(None);
/// Held while bytes are written, so that giving back never falls into the middle of a frame.
static WRITING: Mutex<()> = Mutex::new(());

/// Waits for whoever writes, but not for ever: it may be blocked by the very terminal that is to be given back.
fn turn() -> Option<MutexGuard<'static, ()>> {
    let since = Instant::now();
    loop {
        match WRITING.try_lock() {
            Ok(turn) => return Some(turn),
            Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) if since.elapsed() > PATIENCE => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Gives the terminal back, whoever asks first. Safe to call at any time from any thread.
pub fn restore() {
    let _turn = turn();
    give_back();
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut bytes = Vec::new();
        if MOUSE.load(Ordering::SeqCst) {
            let _ = queue!(bytes, DisableMouseCapture);
        }
        // In one piece, and before the modes: keys that are echoed must not fall into it.
        let _ = queue!(
            bytes,
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        // A terminal that is gone cannot be told anything; the next step may still work.
        let mut out = stdout().lock();
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
        let _ = disable_raw_mode();
    }
}

/// [`restore`] where the process is about to die: a terminal that takes nothing does not keep it, and nobody takes it
/// over any more.
pub fn restore_at_the_end() {
    ENDING.store(true, Ordering::SeqCst);
    let (done, wait) = channel();
    let restoring = thread::Builder::new().spawn(move || {
        restore();
        let _ = done.send(());
    });
    if restoring.is_err() || wait.recv_timeout(2 * PATIENCE).is_err() {
        let _ = disable_raw_mode();
    }
}

/// Takes the terminal over.
pub fn take() -> io::Result<()> {
    let _turn = turn();
    if ENDING.load(Ordering::SeqCst) {
        return Err(io::ErrorKind::Interrupted.into());
    }
    TAKEN.store(true, Ordering::SeqCst);
    let taken = enable_raw_mode().and_then(|()| enter());
    if taken.is_err() {
        give_back();
    }
    taken
}

fn enter() -> io::Result<()> {
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    if MOUSE.load(Ordering::SeqCst) {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back before a panic of the main thread is told. Those of other threads become a message on the
/// screen.
pub fn restore_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some("main") {
            restore();
        }
        tell(panic);
    }));
}

/// Stops the whole job, as Ctrl-Z does outside, until it is continued in the foreground.
pub fn stop_job() -> io::Result<()> {
    platform::stop_job()?;
    await_foreground()
}

/// Waits until this job is the one in front, and sets the terminal to the modes that it had at first. A job that is
/// continued in the background must not touch the terminal: setting its modes makes the kernel stop the job until it
/// is in front, with no moment in between.
pub fn await_foreground() -> io::Result<()> {
    let first = FIRST_MODES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    first.map_or(Ok(()), |modes| platform::set_modes(&modes))
}

/// Collects what is written, and hands it to the terminal in one piece while that is ours.
#[derive(Default)]
struct Out(Vec<u8>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.0);
        let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut out = stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }
}

/// The screen while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Out>>,
}

impl Screen {
    /// Takes the terminal over until the screen is dropped.
    pub fn open() -> io::Result<Self> {
        *FIRST_MODES.lock().unwrap_or_else(PoisonError::into_inner) = platform::modes();
        take()?;
        match Terminal::new(CrosstermBackend::new(Out::default())) {
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

    /// Has the terminal set its clipboard.
    pub fn write(&mut self, osc52: &Osc52) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(osc52.bytes())?;
        out.flush()
    }

    /// Gives the terminal back for the time of `meanwhile`, then draws everything anew.
    pub fn lend<T>(&mut self, meanwhile: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let result = meanwhile();
        take()?;
        self.draw_anew()?;
        Ok(result)
    }

    /// Takes the terminal over anew after somebody else had it without our giving it back.
    pub fn retake(&mut self) -> io::Result<()> {
        disable_raw_mode()?;
        enable_raw_mode()?;
        enter()?;
        self.draw_anew()
    }

    /// Has the next frame draw every cell. `Terminal::clear` would ask the terminal where its cursor is, and fail where
    /// it does not answer at once.
    fn draw_anew(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}
