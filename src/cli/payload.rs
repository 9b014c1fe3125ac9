//! `catseye payload`: the exact body bytes; the first byte comes only after the whole body has been proven.

use std::io::{self, Read};

use super::output::{exit, say, say_findings, write_out};
use super::session::Session;

/// Prints the body; returns the exit code.
pub fn run(session: &Session, pretty: bool) -> io::Result<u8> {
    let picture = session.picture(true);
    let Some(body) = picture
        .body
        .as_ref()
        .filter(|_| picture.evaluation.plan.is_some())
    else {
        say_findings(picture.blockers());
        return Ok(exit::NO_BODY);
    };
    let mut reader = body.reader();
    if !pretty {
        write_out(|out| io::copy(&mut reader, out).map(drop))?;
        return Ok(0);
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    match indented(&body) {
        Ok(text) => write_out(|out| out.write_all(text.as_bytes()))?,
        Err(error) => {
            say(&format!("indenting the body: {error}"));
            return Ok(exit::INTERNAL);
        }
    }
    Ok(0)
}

/// The body indented, keys in their order, with escapes for what a terminal might act on.
fn indented(body: &[u8]) -> serde_json::Result<String> {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_transcode::transcode(&mut deserializer, &mut serializer)?;
    let mut text = String::with_capacity(out.len() + 1);
    for c in String::from_utf8_lossy(&out).chars() {
        if crate::domain::safe::is_hidden(c) || c == '\u{7f}' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                text += &format!("\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text.push('\n');
    Ok(text)
}
