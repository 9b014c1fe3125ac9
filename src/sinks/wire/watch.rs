//! What the socket, the body and the person who waits know of one another while a request is under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::domain::publish::Phase;

/// The state of one request: shared with the thread that shows it, and the way to stop it. For one `send` only.
#[derive(Debug)]
pub struct Watch {
    cancelled: AtomicBool,
    state: Mutex<State>,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step under way.
    pub phase: Phase,
    /// Bytes of the body handed to the operating system.
    pub bytes_sent: u64,
    /// Bytes of the whole body.
    pub body_bytes: u64,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    body_bytes: u64,
    /// Bytes that the client took from the body.
    taken: u64,
    /// Bytes that the socket took since the body began; under TLS these are bytes of its records. `None` before.
    written: Option<u64>,
    /// The server no longer takes data.
    stopped_sending: bool,
    /// The body could not be read.
    body_failed: bool,
    /// A read ended in an error rather than in a close.
    read_failed: bool,
    first_byte: Option<Instant>,
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

impl Watch {
    /// A watch for a request that has not begun.
    pub fn new() -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            state: Mutex::new(State {
                phase: Phase::Prepare,
                body_bytes: 0,
                taken: 0,
                written: None,
                stopped_sending: false,
                body_failed: false,
                read_failed: false,
                first_byte: None,
            }),
        }
    }

    /// Stops the request: the connection is dropped within a twentieth of a second. Bytes that left stay left.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// Whether the request was stopped.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// How far the request has come.
    pub fn progress(&self) -> Progress {
        let state = self.state();
        Progress {
            phase: state.phase,
            bytes_sent: state.bytes_sent(),
            body_bytes: state.body_bytes,
        }
    }

    pub(super) fn begin(&self, body_bytes: u64) {
        self.state().body_bytes = body_bytes;
    }

    pub(super) fn phase(&self) -> Phase {
        self.state().phase
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.state().phase = phase;
    }

    pub(super) fn begin_body(&self) {
        let mut state = self.state();
        if state.written.is_none() {
            state.written = Some(0);
            state.phase = Phase::SendBody;
        }
    }

    pub(super) fn body_begun(&self) -> bool {
        self.state().written.is_some()
    }

    pub(super) fn took(&self, bytes: u64) {
        self.state().taken += bytes;
    }

    /// The socket took bytes.
    pub(super) fn wrote(&self, bytes: usize) {
        if let Some(written) = &mut self.state().written {
            *written += bytes as u64;
        }
    }

    /// The socket has taken all that it was given.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if state.written.is_some() && state.taken == state.body_bytes {
            state.phase = Phase::AwaitAnswer;
        }
    }

    /// Bytes of the body that left, never more than the client took: TLS records are longer than what they carry.
    pub(super) fn bytes_sent(&self) -> u64 {
        self.state().bytes_sent()
    }

    pub(super) fn stop_sending(&self) {
        self.state().stopped_sending = true;
    }

    pub(super) fn stopped_sending(&self) -> bool {
        self.state().stopped_sending
    }

    pub(super) fn body_failed(&self) {
        self.state().body_failed = true;
    }

    pub(super) fn has_body_failed(&self) -> bool {
        self.state().body_failed
    }

    pub(super) fn read_failed(&self) {
        self.state().read_failed = true;
    }

    pub(super) fn has_read_failed(&self) -> bool {
        self.state().read_failed
    }

    pub(super) fn got_input(&self) {
        let mut state = self.state();
        if state.written.is_some() && state.first_byte.is_none() {
            state.first_byte = Some(Instant::now());
        }
    }

    pub(super) fn first_byte(&self) -> Option<Instant> {
        self.state().first_byte
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bytes_sent(&self) -> u64 {
        self.written.unwrap_or_default().min(self.taken)
    }
}
