//! P5: a journal that cannot be written, whatever the reason: nothing is sent, nothing panics.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;

use catseye::sinks::journal::{Journal, JournalError};

use crate::cuts::record;
use crate::dice::{Dice, figure, how_many};
use crate::place::{Place, code, err, pipe};
use catseye::domain::endpoint::Endpoint;
use catseye::domain::journal::{Event, encode};

#[test]
fn without_a_record_nothing_is_sent() {
    type Make = fn(&Path);
    let faults: &[(&str, Make)] = &[
        ("the folder is a file", |state| fs::write(state, "").unwrap()),
        ("the folder is a dangling link", |state| {
            symlink("/nothing/here", state).unwrap();
        }),
        ("the folder is a loop", |state| symlink(state, state).unwrap()),
        ("the journal is a folder", |state| {
            fs::create_dir_all(state.join("journal.jsonl")).unwrap();
        }),
        ("the journal is a pipe", |state| {
            fs::create_dir_all(state).unwrap();
            pipe(state.join("journal.jsonl"));
        }),
        ("the journal is a full disk", |state| {
            fs::create_dir_all(state).unwrap();
            symlink("/dev/full", state.join("journal.jsonl")).unwrap();
        }),
        ("the journal is a link to nowhere", |state| {
            fs::create_dir_all(state).unwrap();
            symlink("/nothing/here", state.join("journal.jsonl")).unwrap();
        }),
        ("the journal is in /proc", |state| {
            fs::create_dir_all(state).unwrap();
            symlink("/proc/version", state.join("journal.jsonl")).unwrap();
        }),
        ("the lock is a folder", |state| {
            fs::create_dir_all(state.join("journal.lock")).unwrap();
        }),
        ("the lock is a pipe", |state| {
            fs::create_dir_all(state).unwrap();
            pipe(state.join("journal.lock"));
        }),
        ("the older journal is a folder", |state| {
            fs::create_dir_all(state.join("journal.1.jsonl")).unwrap();
        }),
        ("the snapshots are a file", |state| {
            fs::create_dir_all(state).unwrap();
            fs::write(state.join("snapshots"), "").unwrap();
        }),
    ];
    for (fault, make) in faults {
        let place = Place::new(2);
        fs::create_dir_all(place.path("state")).unwrap();
        make(&place.path("state/catseye"));
        place.is_held_back(&[], fault);
    }
    figure(
        "P5",
        format_args!("{} faults of the state folder, 0 sent", faults.len()),
    );
}

/// The disk is full after so many bytes of any one file.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_may_not_grow_is_no_record() {
    let place = Place::new(2);
    let whole = place
        .audit(Some("http://127.0.0.1:9"), Vec::new())
        .0
        .body
        .unwrap()
        .bytes;
    let mut limits = 0;
    for bytes in [0, 1, 100, 500, whole - 1] {
        let _ = fs::remove_dir_all(place.path("state"));
        let limit = format!("--fsize={bytes}");
        place.is_held_back(&["prlimit", &limit], &format!("files of {bytes} bytes at most"));
        limits += 1;
    }
    // The body fits; the journal, which has grown, does not.
    fs::remove_dir_all(place.path("state")).unwrap();
    place.write(
        "state/catseye/journal.jsonl",
        vec![b'\n'; usize::try_from(whole).unwrap() + 200],
    );
    place.is_held_back(
        &["prlimit", &format!("--fsize={}", whole + 100)],
        "a journal at its limit",
    );
    figure(
        "P5",
        format_args!("{} limits of a file's size, 0 sent", limits + 1),
    );
}

#[test]
fn one_at_a_time() {
    let place = Place::new(2);
    let journal = Journal::open(place.path("state/catseye"));
    let endpoint = Endpoint::new("http://127.0.0.1:9").unwrap();
    let pending = journal
        .begin(&record("a", &endpoint, b"x"), b"x".as_slice())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let output = place
        .command(&["publish", "--yes", "--server-url", &url])
        .output()
        .unwrap();
    assert_eq!(code(&output), 3);
    assert!(err(&output).contains("another catseye is publishing right now"));
    assert!(listener.accept().is_err());
    drop(pending);
    let output = place
        .command(&["publish", "--yes", "--server-url", &url])
        .output();
    assert_ne!(code(&output.unwrap()), 3);
}

/// Cut anywhere, with anything behind it: whole lines count, the rest is told, and the next record is whole.
#[test]
fn a_torn_journal_loses_no_whole_line() {
    let cuts = how_many(1_000, 10_000);
    let mut dice = Dice::of("a_torn_journal_loses_no_whole_line");
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("journal.jsonl");
    let endpoint = Endpoint::new("http://127.0.0.1:9").unwrap();
    let lines: Vec<String> = (0..8)
        .map(|number| encode(&Event::Attempt(record(&format!("a-{number}"), &endpoint, b"x"))).unwrap())
        .collect();
    let whole = lines.concat();
    for cut in 0..cuts {
        let at = dice.below(whole.len() + 1);
        let mut bytes = whole.as_bytes()[..at].to_vec();
        for _ in 0..dice.below(3) * dice.below(40) {
            bytes.push(dice.byte());
        }
        File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
            .unwrap();
        let journal = Journal::open(state.path()).keep_snapshots(false);
        let history = journal.read().unwrap();
        // A line whose break was cut off is whole all the same, unless garbage follows it.
        let ended = whole[..at].matches('\n').count();
        assert!(
            (ended..=ended + 1).contains(&history.attempts.len()),
            "cut {cut} at {at}"
        );
        let id = format!("b-{cut}");
        match journal.begin(&record(&id, &endpoint, b"x"), b"x".as_slice()) {
            Ok(pending) => drop(pending),
            Err(error) => assert!(matches!(error, JournalError::Io { .. }), "{error}"),
        }
        let after = journal.read().unwrap();
        assert_eq!(after.attempts.last().unwrap().record.id, id, "cut {cut} at {at}");
        assert_eq!(
            after.attempts.len(),
            history.attempts.len() + 1,
            "cut {cut} at {at}"
        );
    }
    figure(
        "P5",
        format_args!("{cuts} torn tails, no whole line lost, no panic"),
    );
}
