//! What the process does about itself: it tells panics without raw text, and becomes another scene.

use std::io;
use std::panic::{Location, PanicHookInfo};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::cli::output::say;
use crate::domain::safe::Safe;
use crate::domain::scrub::without_secrets;
use crate::platform::become_program;

/// Most characters of a panic's message that are told: it may quote any text.
const MAX_MESSAGE: usize = 200;

/// What the last panic off the main thread said.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs the program anew, on another scene; returns only if that fails.
pub fn become_scene(name: &str) -> io::Error {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut arguments = Vec::new();
    let mut given = std::env::args_os().skip(1);
    while let Some(argument) = given.next() {
        if argument == "--scene" {
            given.next();
        } else if !argument.to_string_lossy().starts_with("--scene=") {
            arguments.push(argument);
        }
    }
    become_program(Command::new(program).args(arguments).args(["--scene", name]))
}

/// Has panics told in one safe line: what the message quotes may be hostile or secret.
///
/// Those of other threads are not told here but by whoever waits for the thread, with [`last_panic`].
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let told = words(panic);
        if thread::current().name() == Some("main") {
            say(&told);
        } else {
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        }
    }));
}

/// What the last panic off the main thread said, told once.
pub fn last_panic() -> Option<String> {
    LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn words(panic: &PanicHookInfo<'_>) -> String {
    let message: String = panic
        .payload_as_str()
        .unwrap_or("no words")
        .chars()
        .take(MAX_MESSAGE)
        .collect();
    let place = panic.location().map(Location::to_string).unwrap_or_default();
    // Another panic here would end the process without a word: secrets are taken out without complaint.
    Safe::line(&without_secrets(&format!("internal error at {place}: {message}"))).into_string()
}
