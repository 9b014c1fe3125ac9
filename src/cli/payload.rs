//! `catseye payload`: the exact body bytes; the first byte comes only after the whole body has been proven.

use std::io::{self, IsTerminal, Read, Write};
use std::str;

use super::output::{exit, print_raw, say};
use super::session::Session;
use crate::platform::stdout_file;
use crate::sources::store::Body;

/// What is read from a spooled body at a time.
const BUFFER: usize = 256 << 10;

/// Prints the body; returns the exit code.
pub fn run(session: &Session, pretty: bool) -> io::Result<u8> {
    let picture = session.picture(true);
    let Some(body) = picture
        .body
        .as_ref()
        .filter(|_| picture.evaluation.plan.is_some())
    else {
        return picture.refuse();
    };
    if !pretty && io::stdout().is_terminal() {
        return show(body);
    }
    if !pretty {
        let mut out = stdout_file()?;
        return match body.copy_to(&mut out) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(0),
        };
    }
    let body = io::BufReader::with_capacity(BUFFER, body.reader());
    let mut trouble = None;
    print_raw(|out| {
        let written = indent(body, &mut *out).map_err(io::Error::from);
        if let Err(error) = written {
            // A reader that has seen enough is no trouble.
            let broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
            trouble = (!broken_pipe).then(|| error.to_string());
        }
        out.write_all(b"\n")
    })?;
    if let Some(error) = trouble {
        say(&format!("indenting the body: {error}"));
        return Ok(exit::INTERNAL);
    }
    Ok(0)
}

/// Shows the body on a terminal, which must not act on it: hidden characters as escapes that mean the same.
fn show(body: &Body) -> io::Result<u8> {
    let mut reader = body.reader();
    let mut rest = Vec::new();
    let mut chunk = vec![0; BUFFER];
    print_raw(|out| {
        let mut out = Escaping(out);
        loop {
            let read = reader.read(&mut chunk)?;
            rest.extend_from_slice(&chunk[..read]);
            // A character may lie across the end of what is read.
            let whole = str::from_utf8(&rest).map_or_else(|error| error.valid_up_to(), str::len);
            out.write_all(&rest[..whole])?;
            rest.drain(..whole);
            if read == 0 {
                return Ok(());
            }
        }
    })?;
    say(
        "this is a terminal: hidden characters are shown as \\u escapes; a pipe or a file gets the exact bytes",
    );
    Ok(0)
}

/// Writes the body indented, keys in their order, with escapes for what a terminal might act on.
fn indent(body: impl Read, out: &mut dyn Write) -> serde_json::Result<()> {
    let formatter = serde_json::ser::PrettyFormatter::new();
    let mut serializer = serde_json::Serializer::with_formatter(Escaping(out), formatter);
    let mut deserializer = serde_json::Deserializer::from_reader(body);
    serde_transcode::transcode(&mut deserializer, &mut serializer)
}

/// Passes JSON on with its hidden characters escaped. The serializer writes whole characters at a time.
struct Escaping<'a>(&'a mut dyn Write);

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut plain = 0;
        for (at, c) in text.char_indices().filter(|&(_, c)| must_escape(c)) {
            self.0.write_all(&bytes[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        self.0.write_all(&bytes[plain..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The serializer has escaped the lower controls already.
fn must_escape(c: char) -> bool {
    crate::domain::safe::is_hidden(c) || c == '\u{7f}'
}
