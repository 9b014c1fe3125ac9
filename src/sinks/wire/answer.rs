//! Reads the server's answer: bounded, and told apart whether it came whole (reference 49).

use std::io::{self, Read};

use ureq::Body;
use ureq::http::Response;

use crate::domain::publish::Answer;

use super::Watch;

/// A longer body is not read to its end: the status has said what there is to know.
const MAX_READ: u64 = 16 << 20;

/// Reads the whole answer; the error is why its body broke off.
pub(super) fn read(response: Response<Body>, watch: &Watch) -> (Answer, Option<io::Error>) {
    let (head, body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect();
    let mut answer = Answer {
        status: head.status.as_u16(),
        reason: head.status.canonical_reason().unwrap_or_default(),
        headers,
        body: Vec::new(),
        truncated: false,
        broke_off: false,
        body_note: None,
    };
    let (bytes, mut error) = drain(&mut body.into_reader(), &mut answer);
    if error.is_none() && watch.has_read_failed() {
        // A body that ends with the connection looks whole to the client even when the connection was reset.
        error = Some(io::ErrorKind::ConnectionReset.into());
    }
    answer.broke_off = error.is_some();
    answer.body_note = note(&answer, bytes);
    (answer, error)
}

/// Reads the body, keeps its beginning and counts it.
fn drain(body: &mut dyn Read, answer: &mut Answer) -> (u64, Option<io::Error>) {
    let mut bytes = 0;
    let mut chunk = vec![0; 64 << 10];
    loop {
        match body.read(&mut chunk) {
            Ok(0) => return (bytes, None),
            Ok(read) => {
                let kept = read.min(Answer::MAX_BODY - answer.body.len());
                answer.body.extend_from_slice(&chunk[..kept]);
                answer.truncated |= kept < read;
                bytes += read as u64;
                if bytes >= MAX_READ {
                    return (bytes, None);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (bytes, Some(error)),
        }
    }
}

/// What is to be said about the body.
fn note(answer: &Answer, bytes: u64) -> Option<String> {
    if answer.broke_off {
        let announced = answer.header("content-length");
        let of = announced
            .map(|length| format!(" of {length}"))
            .unwrap_or_default();
        let unreadable = if answer.is_success() {
            "2xx but answer unreadable: "
        } else {
            ""
        };
        return Some(format!("{unreadable}broke off after {bytes}{of} bytes"));
    }
    if bytes >= MAX_READ {
        return Some(format!("longer than {MAX_READ} bytes: not read to its end"));
    }
    if let Some(encoding) = answer.header("content-encoding") {
        return Some(format!(
            "encoded as {encoding} though not asked for: shown as it came"
        ));
    }
    if answer.truncated {
        return Some(format!(
            "{bytes} bytes: only the first {} are kept",
            answer.body.len()
        ));
    }
    if answer.declares_json() && !may_be_json(&answer.body) {
        return Some("declared as JSON, but it is not: spec-kitty fails here, after the fact".to_owned());
    }
    None
}

/// Whether Python's `json.loads` may accept the bytes. What serde cannot judge (UTF-16, NaN) counts as acceptable.
fn may_be_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let Ok(text) = std::str::from_utf8(body) else {
        return true;
    };
    text.contains('\0')
        || text.contains("NaN")
        || text.contains("Infinity")
        || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A header's value as text: UTF-8, else Latin-1, as httpx decodes it.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_json_from_what_only_says_so() {
        assert!(may_be_json(b"{\"ok\": true}"));
        assert!(may_be_json(b"\xEF\xBB\xBF[]"));
        assert!(may_be_json(b"[NaN]"));
        assert!(may_be_json(b"\xFF\xFE{\0}\0"));
        assert!(!may_be_json(b""));
        assert!(!may_be_json(b"<html>"));
    }
}
