//! The loop: one channel, drawn once for each drained queue, nothing done at rest.
//!
//! ```text
//!   keys ──────┐                     ┌──▶ lane of loads ───┐
//!   signals ───┼──▶ channel ──▶ update ─▶ lane of rows ────┼──▶ channel
//!              │                     ├──▶ lane of searches ┤
//!              │                     ├──▶ lane of sifts ───┤
//!              │                     ├──▶ lane of acts ────┤
//!   answers ───┘                     └──▶ lane of copies ──┘
//! ```

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event};

use super::editor::{self, With};
use super::look::Look;
use super::terminal::{self, Screen};
use super::worker::jobs::thread;
use super::worker::watch::{LOOK_EVERY, Watcher};
use super::worker::{Lane, Worker};
use super::{input, worker};
use crate::app::effect::Effect;
use crate::app::leave::LeavesFor;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::update::update;
use crate::platform::{self, Signal};

/// How often the time that an answer takes is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How often the reader of keys looks whether it should pause.
const READER_LOOK: Duration = Duration::from_millis(200);

/// What comes in.
enum Incoming {
    /// From the terminal.
    Terminal(Event),
    /// From the worker.
    Answer(Box<Message>),
    /// Somebody asks us to stop until we are continued.
    Suspend,
    /// We were continued after a stop, perhaps one that we could not see coming.
    Continued,
    /// The terminal is gone.
    Closed(io::Error),
}

/// Runs the inspector until it is left; returns what comes then. The caller has made sure that there is a terminal.
pub fn run(worker: &worker::Worker, look: Look) -> io::Result<LeavesFor> {
    terminal::restore_on_panic();
    let (sender, incoming) = channel();
    let gate = Arc::new(Gate::default());
    // Before the terminal is taken: a signal at any later time gives it back.
    watch_signals(sender.clone(), worker.clone())?;
    let mut screen = Screen::open()?;
    read_keys(sender.clone(), Arc::clone(&gate))?;
    watch_sources(worker, sender.clone())?;
    let mut runtime = Runtime {
        model: Model::new(screen.size()?),
        lanes: lanes(worker, &sender)?,
        worker: worker.clone(),
        started: Instant::now(),
        gate,
        look,
    };
    runtime.handle(Message::Settings(runtime.look.troubles.clone()), &mut screen)?;
    runtime.handle(Message::Started, &mut screen)?;
    while !runtime.model.quit {
        let drawn = screen.draw(&runtime.model, &runtime.look)?;
        let now = runtime.started.elapsed();
        runtime.handle(drawn.message(now), &mut screen)?;
        runtime.drain(&incoming, &mut screen)?;
    }
    Ok(runtime.model.leaves_for)
}

struct Runtime {
    model: Model,
    /// One for each [`Lane`], in their order.
    lanes: Vec<Sender<Effect>>,
    worker: Worker,
    started: Instant,
    gate: Arc<Gate>,
    look: Look,
}

impl Runtime {
    /// Waits for something to come in, then takes all there is.
    fn drain(&mut self, incoming: &Receiver<Incoming>, screen: &mut Screen) -> io::Result<()> {
        let first = if self.model.is_waiting() {
            incoming.recv_timeout(TICK)
        } else {
            incoming.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        self.handle(Message::Tick(self.started.elapsed()), screen)?;
        let mut next = match first {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        while let Some(one) = next {
            self.take(one, screen)?;
            next = incoming.try_recv().ok().filter(|_| !self.model.quit);
        }
        Ok(())
    }

    fn take(&mut self, incoming: Incoming, screen: &mut Screen) -> io::Result<()> {
        let message = match incoming {
            Incoming::Terminal(event) => input::message(event, self.model.context(), &self.look.keys),
            Incoming::Answer(message) => Some(*message),
            Incoming::Suspend => return self.suspend(screen),
            Incoming::Continued => return self.carry_on(screen),
            Incoming::Closed(error) => return Err(error),
        };
        message.map_or(Ok(()), |message| self.handle(message, screen))
    }

    fn handle(&mut self, message: Message, screen: &mut Screen) -> io::Result<()> {
        for effect in update(&mut self.model, message) {
            self.start(effect, screen)?;
        }
        Ok(())
    }

    /// Hands an effect to its lane; what concerns the terminal is done here.
    fn start(&mut self, effect: Effect, screen: &mut Screen) -> io::Result<()> {
        if let Some(lane) = Lane::of(&effect) {
            self.worker.announce(&effect);
            // A lane lives as long as its sender.
            let _ = self.lanes[lane as usize].send(effect);
            return Ok(());
        }
        match effect {
            Effect::Stop { generation } => self.worker.stop(generation),
            Effect::WriteTerminal(osc52) => screen.write(&osc52)?,
            Effect::Suspend => self.suspend(screen)?,
            Effect::Mouse(on) => screen.mouse(on)?,
            Effect::Edit { file, line } => {
                let edited = self.lend(screen, || editor::open(&file, line, With::Terminal))?;
                self.handle(Message::Edited(edited), screen)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Stops until the shell continues us.
    fn suspend(&mut self, screen: &mut Screen) -> io::Result<()> {
        self.lend(screen, terminal::stop_job)??;
        self.resized(screen)
    }

    /// A stop that could not be caught leaves the terminal to the shell as it was; now it is set up again.
    fn carry_on(&mut self, screen: &mut Screen) -> io::Result<()> {
        terminal::await_foreground()?;
        screen.retake()?;
        self.resized(screen)
    }

    fn resized(&mut self, screen: &mut Screen) -> io::Result<()> {
        let size = screen.size()?;
        self.handle(Message::Resized(size), screen)
    }

    fn lend<T>(&self, screen: &mut Screen, meanwhile: impl FnOnce() -> T) -> io::Result<T> {
        self.gate.close();
        let result = screen.lend(meanwhile);
        self.gate.open();
        result
    }
}

/// A thread for each lane.
fn lanes(worker: &Worker, answers: &Sender<Incoming>) -> io::Result<Vec<Sender<Effect>>> {
    let start = |_| {
        let (sender, effects) = channel();
        let (worker, answers) = (worker.clone(), answers.clone());
        let run = move || {
            for effect in effects {
                // Without a loop to take it the answer is not needed.
                worker.perform(&effect, &mut |message| {
                    drop(answers.send(Incoming::Answer(Box::new(message))));
                });
            }
        };
        thread().spawn(run).map(|_| sender)
    };
    Lane::ALL.into_iter().map(start).collect()
}

/// Tells when an input changes.
fn watch_sources(worker: &Worker, sender: Sender<Incoming>) -> io::Result<()> {
    let mut watcher = Watcher::new(worker.clone());
    let watch = move || {
        loop {
            std::thread::sleep(LOOK_EVERY);
            let message = match catch_unwind(AssertUnwindSafe(|| watcher.has_changed())) {
                Ok(false) => continue,
                Ok(true) => Message::SourcesChanged,
                Err(_) => Message::Broke(format!("changes are no longer noticed: {}", worker::what_broke())),
            };
            let broke = matches!(message, Message::Broke(_));
            if sender.send(Incoming::Answer(Box::new(message))).is_err() || broke {
                return;
            }
        }
    };
    thread().spawn(watch).map(drop)
}

/// A thread that is not the worker's.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(run).map(drop)
}

/// Gives the terminal back and dies of the signal, or has the loop suspend itself.
fn watch_signals(sender: Sender<Incoming>, worker: Worker) -> io::Result<()> {
    platform::listen(move |signal| match signal {
        Signal::Continued => drop(sender.send(Incoming::Continued)),
        Signal::Suspend => drop(sender.send(Incoming::Suspend)),
        Signal::End(signal) => {
            terminal::restore_at_the_end();
            worker.leave_scene();
            platform::end_by(signal);
        }
    })
}

/// Reads the terminal's events as long as the gate is open.
fn read_keys(sender: Sender<Incoming>, gate: Arc<Gate>) -> io::Result<()> {
    let next = move || {
        gate.pass();
        match event::poll(READER_LOOK) {
            Ok(false) => None,
            Ok(true) => Some(event::read().map_or_else(Incoming::Closed, Incoming::Terminal)),
            Err(error) => Some(Incoming::Closed(error)),
        }
    };
    let read = move || loop {
        // Without keys nothing can go on: a panic here ends the loop as a terminal does that is gone.
        let incoming = catch_unwind(AssertUnwindSafe(&next)).unwrap_or_else(|_| {
            let error = io::Error::other(worker::what_broke());
            Some(Incoming::Closed(error))
        });
        let Some(incoming) = incoming else { continue };
        let closed = matches!(incoming, Incoming::Closed(_));
        if sender.send(incoming).is_err() || closed {
            return;
        }
    };
    spawn("catseye-keys", read)
}

/// Keeps the reader of keys away from the terminal while an editor has it.
#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    closed: bool,
    reader_waits: bool,
}

impl Gate {
    /// Closes the gate; returns when the reader waits before it.
    fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        // A reader that ended will not come: its patience is the limit of ours.
        let waits = self
            .changed
            .wait_timeout_while(state, READER_LOOK * 3, |state| !state.reader_waits);
        drop(waits);
    }

    fn open(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.closed {
            state.reader_waits = true;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.reader_waits = false;
    }
}
