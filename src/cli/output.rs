//! Standard output and standard error: data on one, talk on the other, a broken pipe is success, nothing raw from
//! outside.
//!
//! What is printed for people is made of [`Told`], and whatever becomes one is made safe. `tests/architecture.rs` holds
//! that nothing else writes to the two streams.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::args::Color;
use crate::domain::ascii::ascii;
use crate::domain::ascii_json::ascii_json;
use crate::domain::finding::{Finding, Severity};
use crate::domain::safe::Safe;
use crate::domain::scrub::scrub;

/// Exit codes; 64 and 70 are those of sysexits.
pub mod exit {
    /// Two bodies or requests differ.
    pub const DIFFERS: u8 = 1;
    /// It cannot be done: no body can be built, nothing is there, a file cannot be read or written.
    pub const TROUBLE: u8 = 2;
    /// Consent is missing, or something stands against sending.
    pub const HELD_BACK: u8 = 3;
    /// Wrong usage.
    pub const USAGE: u8 = 64;
    /// An internal error.
    pub const INTERNAL: u8 = 70;
}

/// Whether what is printed for people has its glyphs in ASCII; set once, before anything is printed.
static IN_ASCII: AtomicBool = AtomicBool::new(false);

/// Prints glyphs in ASCII from now on.
pub fn print_in_ascii() {
    IN_ASCII.store(true, Ordering::Relaxed);
}

/// Safe text as it is printed.
fn printed(safe: Safe) -> String {
    if IN_ASCII.load(Ordering::Relaxed) {
        ascii(safe.as_str()).into_owned()
    } else {
        safe.into_string()
    }
}

/// Says something to a person on standard error. That nobody listens is not an error.
pub fn say(text: &str) {
    for line in Safe::lines(text) {
        let _ = writeln!(io::stderr(), "catseye: {}", printed(line));
    }
}

/// Says why a command does not do what it was asked for; returns its exit code.
pub fn refuse(code: u8, why: &impl fmt::Display) -> io::Result<u8> {
    say(&why.to_string());
    Ok(code)
}

/// Says which findings decided that a command refuses.
pub fn say_findings<'a>(findings: impl IntoIterator<Item = &'a Finding>) {
    for finding in findings {
        say(&format!("{}: {}", finding.name.as_str(), finding.detail));
        if let Some(fix) = finding.fixes.first() {
            let command = fix.command.as_ref().map(|command| format!(": {command}"));
            say(&format!("  fix: {}{}", fix.text, command.unwrap_or_default()));
        }
    }
}

/// A piece of a line for people: safe text, perhaps in colour.
pub struct Told(String);

impl Told {
    /// Makes a whole formatted text safe; `told!` is how it is called.
    pub fn new(text: fmt::Arguments<'_>) -> Self {
        Self(printed(Safe::line(&text.to_string())))
    }

    /// As many blanks.
    pub fn blanks(count: usize) -> Self {
        Self(" ".repeat(count))
    }
}

/// Formats a piece of a line; everything in it is made safe.
macro_rules! told {
    ($($text:tt)*) => {
        $crate::cli::output::Told::new(format_args!($($text)*))
    };
}
pub(crate) use told;

/// Standard output while a command prints.
pub struct Out<'a>(&'a mut dyn Write);

impl Out<'_> {
    /// Prints a line for people.
    pub fn line<const N: usize>(&mut self, pieces: [Told; N]) -> io::Result<()> {
        for Told(piece) in pieces {
            self.0.write_all(piece.as_bytes())?;
        }
        self.0.write_all(b"\n")
    }

    /// Prints an empty line.
    pub fn blank(&mut self) -> io::Result<()> {
        self.line([])
    }

    /// Prints a value as JSON in plain ASCII.
    pub fn json(&mut self, value: &impl Serialize, pretty: bool) -> io::Result<()> {
        let json = ascii_json(value, pretty)?;
        self.0.write_all(scrub(&json).as_bytes())?;
        self.0.write_all(b"\n")
    }

    /// Hands on what is printed so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints on buffered standard output. A broken pipe is success: the reader has seen enough.
pub fn print(print: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> io::Result<()> {
    print_raw(|out| print(&mut Out(out)))
}

/// Prints a text of several lines.
pub fn print_lines(text: &str) -> io::Result<()> {
    print(|out| text.lines().try_for_each(|line| out.line([told!("{line}")])))
}

/// [`print()`] for the bytes of a body, which go out as they are.
pub(super) fn print_raw(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // The rest of the buffer must not be tried again on drop.
            let _ = out.into_parts();
            Ok(())
        }
        result => result,
    }
}

/// Whether the terminal says that it takes no escapes.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Colours for text output, or none.
#[derive(Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Decides by flag, terminal and `NO_COLOR`.
    pub fn new(color: Color) -> Self {
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stdout().is_terminal()
                    && !is_dumb()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Self { on }
    }

    /// Whether there are colours.
    pub fn colours(self) -> bool {
        self.on
    }

    /// The text in a severity's colour.
    pub fn severity(self, severity: Severity, text: &str) -> Told {
        let code = match severity {
            Severity::Blocker | Severity::NullRoute => "31",
            Severity::SendBlocker | Severity::Consent => "33",
            Severity::Warning => "35",
            Severity::Note => "2",
        };
        self.with(code, text)
    }

    /// The text in bold.
    pub fn bold(self, text: &str) -> Told {
        self.with("1", text)
    }

    /// The text in green.
    pub fn good(self, text: &str) -> Told {
        self.with("32", text)
    }

    /// A place's arrow, bar or carets in blue.
    pub fn place(self, text: &str) -> Told {
        self.with("34", text)
    }

    /// The text dimmed.
    pub fn dim(self, text: &str) -> Told {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> Told {
        let text = printed(Safe::line(text));
        Told(if self.on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text
        })
    }
}
