//! P3: killed at any instant of a publish, nothing that the server received is unknown to the journal, and nothing goes
//! out a second time by itself. P4: what is about to be sent is on disk before the connection is made.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catseye::domain::endpoint::Endpoint;
use catseye::domain::publish::Outcome;
use catseye::sinks::journal::Journal;
use catseye::sinks::publish::{Shipment, publish};
use catseye::sinks::wire::Watch;

use crate::cuts::record;
use crate::dice::{Dice, figure, how_many, seed};
use crate::place::{Place, code};
use crate::support::fault_server::Server;

/// Where the process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many microseconds after its start.
    After(usize),
    /// When this file is there.
    File(&'static str),
    /// When the server has read so many bytes.
    Received(usize),
    /// When the server has written so many bytes of its answer.
    Answered(usize),
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

#[test]
fn killed_at_any_instant_the_journal_knows() {
    let kills = how_many(100, 1_000);
    let (mut received, mut unknown, mut none) = (0, 0, 0);
    let place = Place::new(40);
    for case in 0..kills {
        let mut dice = Dice::at(seed(), "kills", case as u64);
        let _ = fs::remove_dir_all(place.path("state"));
        let instant = match dice.below(4) {
            0 => Moment::After(dice.below(40_000)),
            1 => Moment::File(["", "journal.lock", "snapshots", "journal.jsonl"][dice.below(4)]),
            2 => Moment::Received(dice.below(12_000)),
            _ => Moment::Answered(dice.below(ANSWER.len() + 1)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut child = place
            .command(&["publish", "--yes", "--server-url", &url])
            .spawn()
            .unwrap();
        let bytes = serve_and_kill(&place, &listener, &mut child, instant);
        let journal = place.journal();
        let context = format!("case {case}, {instant:?}: {bytes} bytes received, {journal:?}");
        assert!(
            journal.len() <= 1 && (bytes == 0 || journal.len() == 1),
            "{context}"
        );
        if bytes > 0 {
            received += 1;
        }
        match journal.first() {
            None => none += 1,
            Some(attempt) if attempt["result"].is_null() => {
                assert_eq!(attempt["outcome"], "unknown", "{context}");
                unknown += 1;
            }
            Some(_) => {}
        }
        // The next start sends nothing by itself.
        listener.set_nonblocking(true).unwrap();
        let frame = place
            .command(&["frame"])
            .env("SAAS_API_URL", &url)
            .output()
            .unwrap();
        assert_eq!(code(&frame), 0);
        let shown = String::from_utf8_lossy(&frame.stdout);
        if journal
            .first()
            .is_some_and(|attempt| attempt["outcome"] == "unknown")
        {
            assert!(shown.contains("no known outcome"), "{context}\n{shown}");
        }
        assert!(listener.accept().is_err(), "{context}: something came by itself");
    }
    figure(
        "P3",
        format_args!(
            "{kills} kills: {received} received and all known, {unknown} shown as unknown, {none} before the record"
        ),
    );
}

/// Serves one publish until its instant, then kills it; how many bytes came.
fn serve_and_kill(place: &Place, listener: &TcpListener, child: &mut Child, instant: Moment) -> usize {
    let since = Instant::now();
    listener.set_nonblocking(true).unwrap();
    let mut stream = None;
    let (mut received, mut answered) = (Vec::new(), 0);
    let mut buffer = [0; 512];
    loop {
        let due = match instant {
            Moment::After(micros) => since.elapsed() >= Duration::from_micros(micros as u64),
            Moment::File(name) => place.path("state/catseye").join(name).exists(),
            Moment::Received(bytes) => received.len() >= bytes && stream.is_some(),
            Moment::Answered(bytes) => answered >= bytes && stream.is_some(),
        };
        if due || child.try_wait().unwrap().is_some() || since.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            child.wait().unwrap();
            break;
        }
        if stream.is_none() {
            stream = listener.accept().ok().map(|(stream, _)| {
                stream.set_nonblocking(true).unwrap();
                stream
            });
        }
        if let Some(stream) = &mut stream {
            if let Ok(read) = stream.read(&mut buffer) {
                received.extend_from_slice(&buffer[..read]);
            }
            if is_whole(&received) && answered < ANSWER.len() {
                answered += stream.write(&ANSWER[answered..=answered]).unwrap_or(0);
            }
        }
    }
    // What was under way when it died.
    let late = stream.or_else(|| listener.accept().ok().map(|(stream, _)| stream));
    if let Some(mut stream) = late {
        stream.set_nonblocking(false).unwrap();
        let _ = stream.read_to_end(&mut received);
    }
    received.len()
}

/// Whether head and body have come.
fn is_whole(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")
            .map(str::to_owned)
    });
    length.is_some_and(|length| body.len() >= length.parse().unwrap())
}

/// Outside of a scene a frame sends nothing; it shows what `P` would send.
#[test]
fn a_frame_shows_what_would_be_sent_again() {
    let place = Place::new(3);
    let server = Server::answering([""]);
    let url = server.url();
    place.leave_an_open_attempt(&url);
    let attempt = place.journal().remove(0);
    let frame = place
        .command(&["frame", "--size", "140x40", "--keys", "7RP"])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&frame.stdout);
    for text in [
        "frame sends only in a scene",
        attempt["id"].as_str().unwrap(),
        attempt["idempotency_key"].as_str().unwrap(),
        &url,
        "3 issues, 1 mappings",
    ] {
        assert!(shown.contains(text), "{text:?} in\n{shown}");
    }
    assert_eq!(server.finish().len(), 1);
}

/// The order as the server sees it; `full.py` takes it from the system calls.
#[test]
fn the_record_is_there_before_the_connection() {
    let publishes = how_many(30, 100);
    let body = vec![b'x'; 5_000];
    for number in 0..publishes {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("catseye");
        let (journal, kept) = (folder.join("journal.jsonl"), folder.join("snapshots/a.body"));
        let expected = body.clone();
        // When the connection comes, before a byte of it is read.
        let server = Server::start(move |exchange, _| {
            let line = fs::read_to_string(&journal).unwrap();
            assert!(line.contains("\"event\":\"attempt\"") && line.ends_with("\"}\n"));
            assert!(fs::read(&kept).unwrap() == expected);
            exchange.answer(ANSWER);
        });
        let endpoint = Endpoint::new(&server.url()).unwrap();
        let shipment = Shipment {
            record: record("a", &endpoint, &body),
            endpoint: &endpoint,
            bearer: None,
            proxy: None,
            timeout: Duration::from_secs(30),
        };
        let published = publish(
            shipment,
            || Ok(body.as_slice()),
            &Journal::open(&folder),
            &Arc::new(Watch::new()),
        )
        .unwrap();
        assert_eq!(published.report.outcome, Outcome::Delivered, "publish {number}");
        assert_eq!(server.finish().len(), 1);
    }
    figure(
        "P4",
        format_args!("{publishes} publishes, each recorded before its connection"),
    );
}
