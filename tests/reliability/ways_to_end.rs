//! Ends as the argument says, with the terminal taken over as the inspector takes it: for the tests that hold that the
//! terminal comes back.
#![expect(clippy::panic, reason = "panicking is what it is for")]

use std::io;
use std::path::Path;
use std::time::Duration;

use catseye::app::model::{Model, Size};
use catseye::domain::mask::Masker;
use catseye::sinks::clipboard::ClipboardEnvironment;
use catseye::sinks::journal::Journal;
use catseye::sources::environment::{Overrides, Surroundings};
use catseye::tui::look::Look;
use catseye::tui::runtime;
use catseye::tui::terminal::{Screen, restore_on_panic};
use catseye::tui::theme::Theme;
use catseye::tui::worker::{Setup, Worker};

fn main() -> io::Result<()> {
    catseye::process::tell_panics();
    let way = std::env::args().nth(1).unwrap_or_default();
    if way == "worker" {
        return runtime::run(&Worker::new(setup()?), look()).map(drop);
    }
    restore_on_panic();
    let mut screen = Screen::open()?;
    let model = Model::new(Size {
        width: 80,
        height: 24,
    });
    screen.draw(&model, &look())?;
    match way.as_str() {
        "main" => panic!("in the main thread \u{1b}[31m"),
        "lent" => screen.lend(|| panic!("while the terminal is lent"))?,
        "error" => return Err(io::Error::other("an error")),
        "thread" => {
            let broken = std::thread::spawn(|| panic!("in another thread"));
            let _ = broken.join();
            screen.draw(&model, &look())?;
        }
        _ => {}
    }
    Ok(())
}

fn look() -> Look {
    Look::new(Theme {
        colour: true,
        ..Theme::default()
    })
}

/// An inspector whose clock breaks: it is read off the main thread.
fn setup() -> io::Result<Setup> {
    Ok(Setup {
        surroundings: Surroundings::read(Overrides::default())?,
        journal: Journal::open(Path::new("/nonexistent")),
        timeout: Duration::from_secs(1),
        held: Some("a test"),
        copies: false,
        payload_command: String::new(),
        clipboard: ClipboardEnvironment::default(),
        masker: Masker::new([0; 32]),
        scene: None,
        time_of_day: || panic!("the clock broke"),
    })
}
