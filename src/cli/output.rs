//! Standard output and standard error: data on one, talk on the other, a broken pipe is success, nothing raw from
//! outside.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::Color;
use crate::domain::ascii::ascii;
use crate::domain::finding::{Finding, Severity};
use crate::domain::safe::Safe;

/// Exit codes that all commands share (sysexits).
pub mod exit {
    /// Wrong usage.
    pub const USAGE: u8 = 64;
    /// An internal error.
    pub const INTERNAL: u8 = 70;
    /// No body can be built.
    pub const NO_BODY: u8 = 2;
}

/// Whether what is printed for people has its glyphs in ASCII; set once, before anything is printed.
static IN_ASCII: AtomicBool = AtomicBool::new(false);

/// Prints glyphs in ASCII from now on.
pub fn print_in_ascii() {
    IN_ASCII.store(true, Ordering::Relaxed);
}

/// Says something to a person on standard error. That nobody listens is not an error.
pub fn say(text: &str) {
    for line in Safe::lines(text) {
        let line = with_glyphs(line.as_str());
        let _ = writeln!(io::stderr(), "catseye: {line}");
    }
}

fn with_glyphs(text: &str) -> Cow<'_, str> {
    if IN_ASCII.load(Ordering::Relaxed) {
        ascii(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// [`write_out`] of text for people, its glyphs in ASCII where that was asked for. Data goes out as it is.
pub fn write_text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write_out(|out| {
        let mut glyphs = Glyphs {
            out,
            begun: Vec::new(),
        };
        write(&mut glyphs)
    })
}

/// Replaces glyphs in what passes; a character that comes in pieces waits for its end.
struct Glyphs<'a> {
    out: &'a mut dyn Write,
    begun: Vec<u8>,
}

impl Write for Glyphs<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(_) => self.begun.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = str::from_utf8(&self.begun[..whole]).unwrap_or_default();
        self.out.write_all(with_glyphs(text).as_bytes())?;
        self.begun.drain(..whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Says which findings decided that a command refuses.
pub fn say_findings<'a>(findings: impl IntoIterator<Item = &'a Finding>) {
    for finding in findings {
        say(&format!("{}: {}", finding.name.as_str(), finding.detail));
        for fix in finding.fixes.iter().take(1) {
            let command = fix
                .command
                .as_ref()
                .map_or_else(String::new, |command| format!(": {command}"));
            say(&format!("  fix: {}{command}", fix.text));
        }
    }
}

/// Runs a writer on buffered standard output. A broken pipe is success: the reader has seen enough.
pub fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
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
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Blocker | Severity::NullRoute => "31",
            Severity::SendBlocker | Severity::Consent => "33",
            Severity::Warning => "35",
            Severity::Note => "2",
        };
        self.with(code, text)
    }

    /// The text in bold.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// The text in green.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// A place's arrow, bar or carets in blue.
    pub fn place(self, text: &str) -> String {
        self.with("34", text)
    }

    /// The text dimmed.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
