//! `catseye check --watch`: a line for the present, then one each time verdict or root findings change.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::output::{self, told};
use super::session::Session;
use crate::domain::events::{Event, Seen};
use crate::domain::finding::Bases;
use crate::sources::watch::{LOOK_EVERY, Look, Rest};

/// A line of `--watch --json`.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    verdict: &'static str,
    previous_verdict: Option<&'static str>,
    roots: Vec<&'static str>,
    previous_roots: Option<Vec<&'static str>>,
    changed: Vec<Changed<'a>>,
}

#[derive(Serialize)]
struct Changed<'a> {
    file: std::borrow::Cow<'a, str>,
    line: Option<usize>,
}

/// Watches until it is interrupted or nobody reads any more; returns the exit code.
pub fn run(session: &Session, json: bool) -> io::Result<u8> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let mut look = Look::default();
    let mut rest = Rest::default();
    let mut seen: Option<Seen> = None;
    loop {
        // Looked at before reading: a change in between is noticed.
        look = look.again();
        let picture = session.picture(false);
        look = look.of(&picture.inputs);
        let now = Seen::of(&picture.inputs, &picture.evaluation);
        let event = seen.as_ref().map(|seen| seen.event(&now));
        let tell = match &event {
            None => true,
            Some(event) => event.as_ref().is_some_and(Event::has_effect),
        };
        if tell {
            let line = Seeing {
                now: &now,
                before: seen.as_ref(),
                event: event.flatten(),
            };
            let bases = session.bases(&picture.evaluation);
            if print(&line, &bases, json)? {
                return Ok(0);
            }
        }
        seen = Some(now);
        while !rest.has_changed(&look) {
            if stop.load(Ordering::SeqCst) {
                return Ok(0);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

struct Seeing<'a> {
    now: &'a Seen,
    before: Option<&'a Seen>,
    event: Option<Event>,
}

/// Prints a line at once; whether nobody reads any more.
fn print(told: &Seeing<'_>, bases: &Bases, json: bool) -> io::Result<bool> {
    let mut reads = false;
    output::print(|out| {
        if json {
            out.json(&as_json(told), false)?;
        } else {
            out.line([as_text(told, bases)])?;
        }
        out.flush()?;
        reads = true;
        Ok(())
    })?;
    Ok(!reads)
}

fn as_text(told: &Seeing<'_>, bases: &Bases) -> output::Told {
    let time = jiff::Zoned::now().strftime("%H:%M:%S").to_string();
    let line = match &told.event {
        Some(event) => event.line(bases),
        None => told.now.summary(),
    };
    told!("{time}  {line}")
}

fn as_json<'a>(told: &'a Seeing<'_>) -> Line<'a> {
    let names = |seen: &Seen| seen.roots.iter().map(|root| root.as_str()).collect();
    let changed = told.event.iter().flat_map(|event| &event.changed);
    Line {
        time: jiff::Timestamp::now().to_string(),
        verdict: told.now.verdict.name(),
        previous_verdict: told.before.map(|before| before.verdict.name()),
        roots: names(told.now),
        previous_roots: told.before.map(names),
        changed: changed
            .map(|(path, line)| Changed {
                file: path.to_string_lossy(),
                line: *line,
            })
            .collect(),
    }
}
