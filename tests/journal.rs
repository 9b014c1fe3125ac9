//! The journal on disk: what is written when, what survives, and that nothing is sent when it cannot be written.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::Path;

use catseye::domain::journal::{AttemptRecord, Event, MAX_LINE, ResultRecord, encode};
use catseye::domain::publish::Outcome;
use catseye::sinks::journal::{Journal, JournalError, ROTATE_AT};

const BODY: &[u8] = b"{\"issues\":[]}";

fn record(id: &str) -> AttemptRecord {
    AttemptRecord {
        id: id.to_owned(),
        time: "2026-01-02T03:04:05Z".to_owned(),
        endpoint: "https://h.example/api".to_owned(),
        idempotency_key: "0a1b".to_owned(),
        body_bytes: BODY.len() as u64,
        body_blake3: blake3::hash(BODY).to_hex().to_string(),
        resource_type: None,
        resource_id: None,
        provider: "jira".to_owned(),
        workspace: "acme.example".to_owned(),
        issues: 0,
        mappings: 0,
        project_root: "/project".to_owned(),
    }
}

fn result(outcome: Outcome) -> ResultRecord {
    ResultRecord {
        id: String::new(),
        outcome,
        status: Some(200),
        elapsed_ms: 5,
        bytes_sent: BODY.len() as u64,
        note: None,
    }
}

/// Publishes once, as far as the journal is concerned.
fn publish(journal: &Journal, id: &str, outcome: Outcome) {
    journal
        .begin(&record(id), BODY)
        .unwrap()
        .complete(&result(outcome))
        .unwrap();
}

fn ids_and_outcomes(journal: &Journal) -> Vec<(String, Outcome)> {
    let attempts = journal.read().unwrap().attempts;
    attempts
        .iter()
        .map(|attempt| (attempt.record.id.clone(), attempt.outcome()))
        .collect()
}

/// The permission bits; where there are none, those that were asked for.
fn mode(path: &Path, expected: u32) -> u32 {
    let metadata = fs::metadata(path).unwrap();
    catseye::platform::mode(&metadata).map_or(expected, |mode| mode & 0o777)
}

fn snapshots(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn reading_creates_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("state/catseye");
    let history = Journal::open(&folder).read().unwrap();
    assert!(history.attempts.is_empty() && history.damaged.is_empty());
    assert!(Journal::open(&folder).snapshot("a").is_none());
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn an_attempt_is_on_disk_before_anything_can_be_sent() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("state/catseye");
    let journal = Journal::open(&folder);
    let pending = journal.begin(&record("a"), BODY).unwrap();
    let seen = Journal::open(&folder).read().unwrap();
    assert_eq!(seen.attempts[0].record, record("a"));
    assert_eq!(
        (seen.attempts[0].outcome(), seen.attempts.len()),
        (Outcome::Unknown, 1)
    );
    let mut kept = Vec::new();
    journal.snapshot("a").unwrap().read_to_end(&mut kept).unwrap();
    assert_eq!(kept, BODY);

    pending.complete(&result(Outcome::Delivered)).unwrap();
    let seen = journal.read().unwrap();
    assert_eq!(seen.attempts[0].result.as_ref().unwrap().id, "a");
    assert_eq!(ids_and_outcomes(&journal), [("a".to_owned(), Outcome::Delivered)]);

    for folder in [&folder, &folder.join("snapshots")] {
        assert_eq!(mode(folder, 0o700), 0o700, "{}", folder.display());
    }
    for file in ["journal.jsonl", "journal.lock", "snapshots/a.body"] {
        assert_eq!(mode(&folder.join(file), 0o600), 0o600, "{file}");
    }
}

#[test]
fn a_dropped_attempt_stays_unknown_and_frees_the_lock() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    let pending = journal.begin(&record("a"), BODY).unwrap();
    assert!(matches!(
        Journal::open(temp.path()).begin(&record("b"), BODY),
        Err(JournalError::Busy)
    ));
    drop(pending);
    publish(&journal, "b", Outcome::Refused);
    assert_eq!(
        ids_and_outcomes(&journal),
        [
            ("a".to_owned(), Outcome::Unknown),
            ("b".to_owned(), Outcome::Refused)
        ]
    );
}

#[test]
fn a_tail_torn_anywhere_is_reported_and_the_next_line_is_whole() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    publish(&journal, "a", Outcome::Delivered);
    publish(&journal, "b", Outcome::Delivered);
    let path = temp.path().join("journal.jsonl");
    let whole = fs::read(&path).unwrap();
    let lines: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').collect();
    let attempt_b = lines[1] + 1..lines[2];
    for cut in attempt_b.start..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let history = journal.read().unwrap();
        let ends_whole = [attempt_b.start, attempt_b.end, attempt_b.end + 1, lines[3]].contains(&cut);
        assert_eq!(history.damaged.is_empty(), ends_whole, "cut at {cut}");
        assert_eq!(
            history.attempts.len(),
            if cut < attempt_b.end { 1 } else { 2 },
            "cut at {cut}"
        );
        if cut % 16 == 0 {
            publish(&journal, "c", Outcome::Refused);
            let repaired = journal.read().unwrap();
            assert_eq!(repaired.damaged, history.damaged, "cut at {cut}");
            assert_eq!(
                ids_and_outcomes(&journal).pop(),
                Some(("c".to_owned(), Outcome::Refused))
            );
        }
    }
}

#[test]
fn a_changed_line_and_foreign_bytes_are_told_by_number() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    publish(&journal, "a", Outcome::Delivered);
    let path = temp.path().join("journal.jsonl");
    let forged = fs::read_to_string(&path)
        .unwrap()
        .replace("delivered", "not-sent");
    fs::write(&path, forged + "\u{1b}]0;x\n" + &"y".repeat(100_000)).unwrap();
    let history = journal.read().unwrap();
    let damaged = [2, 3, 4].map(|line| ("journal.jsonl", line));
    assert_eq!(history.damaged, damaged);
    assert_eq!(history.attempts[0].outcome(), Outcome::Unknown);
}

#[test]
fn nothing_may_be_sent_when_the_journal_cannot_be_written() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    let no_folder = Journal::open(file.join("catseye")).begin(&record("a"), BODY);
    assert!(matches!(no_folder, Err(JournalError::Io { .. })));

    let blocked = temp.path().join("blocked");
    fs::create_dir_all(blocked.join("journal.jsonl")).unwrap();
    let no_file = Journal::open(&blocked).begin(&record("a"), BODY);
    assert!(matches!(no_file, Err(JournalError::Io { .. })));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_of_begin() {
    let temp = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", temp.path().join("journal.jsonl")).unwrap();
    // The device has no end to read to, so that only the write is of interest: the journal is read up to its limit.
    let journal = Journal::open(temp.path()).keep_snapshots(false);
    let error = journal.begin(&record("a"), BODY).unwrap_err();
    assert!(error.to_string().contains("journal.jsonl"), "{error}");
}

#[test]
fn a_record_that_cannot_be_written_whole_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path().join("catseye"));
    let long = AttemptRecord {
        workspace: "w".repeat(MAX_LINE),
        ..record("a")
    };
    assert!(matches!(
        journal.begin(&long, BODY),
        Err(JournalError::TooLong(_))
    ));
    for id in ["", "../a", "a/b", "a.b", &"a".repeat(65)] {
        assert!(
            matches!(journal.begin(&record(id), BODY), Err(JournalError::Id)),
            "{id}"
        );
    }
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn a_body_that_is_not_the_planned_one_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    for other in [
        &b"{\"issues\":[1"[..],
        b"{\"issues\":[]} ",
        b"",
        b"[\"issues\":[]}",
    ] {
        let refused = journal.begin(&record("a"), other);
        assert!(matches!(refused, Err(JournalError::OtherBody)));
    }
    assert!(journal.read().unwrap().attempts.is_empty() && snapshots(temp.path()).is_empty());
}

#[test]
fn rotates_and_still_reads_both_files_in_order() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    let mut lines = String::new();
    let mut count = 0;
    while (lines.len() as u64) < ROTATE_AT {
        lines += &encode(&Event::Attempt(record(&format!("old-{count}")))).unwrap();
        let refused = ResultRecord {
            id: format!("old-{count}"),
            ..result(Outcome::Refused)
        };
        lines += &encode(&Event::Result(refused)).unwrap();
        count += 1;
    }
    fs::write(temp.path().join("journal.jsonl"), lines).unwrap();
    publish(&journal, "new", Outcome::Delivered);
    assert!(fs::metadata(temp.path().join("journal.1.jsonl")).unwrap().len() >= ROTATE_AT);
    assert!(fs::metadata(temp.path().join("journal.jsonl")).unwrap().len() < 4096);
    let attempts = ids_and_outcomes(&journal);
    assert_eq!(attempts.len(), count + 1);
    assert_eq!(attempts[0], ("old-0".to_owned(), Outcome::Refused));
    assert_eq!(attempts[count], ("new".to_owned(), Outcome::Delivered));
}

#[test]
fn keeps_the_bodies_of_open_attempts_and_of_the_last_delivered() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    publish(&journal, "a", Outcome::Delivered);
    publish(&journal, "b", Outcome::Refused);
    publish(&journal, "c", Outcome::NotSent);
    assert_eq!(snapshots(temp.path()), ["a.body"]);
    let other = AttemptRecord {
        idempotency_key: "other".to_owned(),
        ..record("d")
    };
    drop(journal.begin(&other, BODY).unwrap());
    publish(&journal, "e", Outcome::Delivered);
    assert_eq!(snapshots(temp.path()), ["d.body", "e.body"]);
    publish(&journal.clone().keep_snapshots(false), "f", Outcome::Refused);
    assert_eq!(snapshots(temp.path()), [""; 0]);
}

#[test]
fn the_oldest_bodies_go_when_the_newer_ones_fill_the_room() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    for id in ["a", "b", "c"] {
        drop(journal.begin(&record(id), BODY).unwrap());
        // Sparse files: long without taking space.
        let file = OpenOptions::new()
            .write(true)
            .open(temp.path().join(format!("snapshots/{id}.body")));
        file.unwrap().set_len(100 << 20).unwrap();
    }
    publish(&journal, "d", Outcome::Refused);
    assert_eq!(snapshots(temp.path()), ["b.body", "c.body"]);
    assert_eq!(journal.read().unwrap().attempts.len(), 4);
}

#[test]
fn holds_no_key_that_could_hold_content_or_secrets() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path());
    publish(&journal, "a", Outcome::Delivered);
    let text = fs::read_to_string(temp.path().join("journal.jsonl")).unwrap();
    let mut keys = std::collections::BTreeSet::new();
    for line in text.lines() {
        assert!(line.len() < 4096);
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        keys.extend(object.keys().cloned());
    }
    let expected = "body_blake3 body_bytes bytes_sent check elapsed_ms endpoint event id idempotency_key issues \
                    mappings note outcome project_root provider resource_id resource_type status time workspace";
    assert_eq!(keys.into_iter().collect::<Vec<_>>().join(" "), expected);
}
