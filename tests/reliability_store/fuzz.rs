//! Fuzz targets: any bytes as a journal, and any bytes as the server's answer. A failing seed becomes a case of its own.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use catseye::domain::endpoint::Endpoint;
use catseye::domain::journal::{self, Event, MAX_LINE, encode};
use catseye::domain::publish::{Answer, Outcome};
use catseye::sinks::journal::Journal;
use catseye::sinks::wire::{Watch, send};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::cuts::record;
use crate::dice::{figure, how_many};
use crate::support::fault_server::Server;
use crate::wire::request;

fn config(cases: usize) -> ProptestConfig {
    ProptestConfig {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

/// A line of the journal, perhaps changed, or none at all.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let endpoint = Endpoint::new("http://127.0.0.1:9").unwrap();
    let whole = (0..5_usize, any::<String>()).prop_map(move |(number, text)| {
        let mut record = record(&format!("a-{number}"), &endpoint, b"x");
        record.workspace = text;
        encode(&Event::Attempt(record)).unwrap_or_default().into_bytes()
    });
    prop_oneof![
        3 => whole.clone(),
        2 => (whole, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut line, at, byte)| {
            if !line.is_empty() {
                let at = at.index(line.len());
                line[at] = byte;
            }
            line
        }),
        1 => vec(any::<u8>(), 0..200),
        1 => Just(vec![b'{'; MAX_LINE + 10]),
    ]
}

/// Pieces of HTTP in any order.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        Just(b"HTTP/1.0 302 Found\r\n".to_vec()),
        Just(b"HTTP/1.1 503 X\r\n".to_vec()),
        Just(b"Content-Length: 5\r\n".to_vec()),
        Just(b"Content-Length: 0\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"Content-Encoding: gzip\r\n".to_vec()),
        Just(b"Content-Type: application/json\r\n".to_vec()),
        Just(b"Location: http://h.example/\r\n".to_vec()),
        Just(b"Connection: close\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"5\r\nhello\r\n".to_vec()),
        Just(b"0\r\n\r\n".to_vec()),
        Just(b"{\"a\":1}".to_vec()),
        vec(any::<u8>(), 0..40),
    ];
    vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

#[test]
fn any_journal_is_read() {
    let cases = how_many(300, 20_000);
    proptest!(config(cases), |(lines in vec(line(), 0..12))| {
        let mut bytes = Vec::new();
        for line in &lines {
            bytes.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            bytes.push(b'\n');
        }
        let state = tempfile::tempdir().unwrap();
        fs::write(state.path().join("journal.jsonl"), &bytes).unwrap();
        let history = Journal::open(state.path()).read().unwrap();
        let whole = bytes.split(|byte| *byte == b'\n').filter(|line| {
            line.len() < MAX_LINE && matches!(journal::decode(line), Some(Event::Attempt(_)))
        });
        prop_assert_eq!(history.attempts.len(), whole.count());
        let told = history.attempts.len() + history.damaged.len();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        prop_assert_eq!(told, lines, "every line counts or is told of");
    });
    figure("fuzz", format_args!("journal: {cases} cases"));
}

#[test]
fn any_answer_ends_in_an_outcome() {
    let cases = how_many(200, 5_000);
    proptest!(config(cases), |(bytes in answer())| {
        let sent = vec![b'x'; 500];
        let server = Server::answering([bytes]);
        let endpoint = Endpoint::new(&server.url()).unwrap();
        let mut rest = sent.as_slice();
        let report = send(request(&endpoint, &mut rest, Duration::from_secs(30)), &Arc::new(Watch::new()));
        let seen = server.finish();
        prop_assert_eq!(seen.len(), 1);
        prop_assert_eq!(report.bytes_sent, 500);
        prop_assert_ne!(report.outcome, Outcome::NotSent);
        prop_assert_eq!(report.outcome, Outcome::of(500, report.answer.as_ref()));
        prop_assert!(report.answer.is_some() || report.failure.is_some());
        prop_assert!(report.answer.is_none_or(|answer| answer.body.len() <= Answer::MAX_BODY));
    });
    figure("fuzz", format_args!("answer: {cases} cases"));
}
