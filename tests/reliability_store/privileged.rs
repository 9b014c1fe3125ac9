//! What takes root, strace and Linux, for P4, P5 and R4 of `assets/reliability.md`: system calls in their order, those
//! that fail, file systems that are full or read-only, and files of another user. `.ci/run` runs it, `cargo test` does not.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step fails the test"
)]

#[path = "../support/dice.rs"]
#[expect(dead_code, reason = "others throw them")]
mod dice;
#[expect(dead_code, reason = "the other tests of the store use the rest")]
mod place;
#[path = "../support/project.rs"]
#[expect(dead_code, reason = "the tests of the commands use the rest")]
mod project;
#[path = "../support/store.rs"]
#[expect(dead_code, reason = "the tests of the store use the rest")]
mod store_support;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of the wire use the rest")]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use dice::{figure, how_many};
use place::{Place, code};
use support::fault_server::Server;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Every sync of attempt and body lies before the first connect.
#[test]
fn syncs_come_before_the_connection() {
    let publishes = how_many(5, 100);
    let place = Place::new(20);
    for number in 0..publishes {
        let _ = fs::remove_dir_all(place.path("state"));
        let server = Server::answering([ANSWER]);
        let url = server.url();
        let log = place.path("strace");
        let strace = [
            "strace",
            "-f",
            "-y",
            "-e",
            "trace=fsync,fdatasync,connect",
            "-o",
            log.to_str().unwrap(),
        ];
        let mut command = place.command_under(&strace, &["publish", "--yes", "--server-url", &url]);
        let output = command.output().unwrap();
        assert_eq!(code(&output), 0, "{output:?}");
        server.finish();
        let calls = fs::read_to_string(&log).unwrap();
        let at = |what: &[&str]| {
            let found = calls
                .lines()
                .position(|line| what.iter().all(|part| line.contains(part)));
            found.unwrap_or_else(|| panic!("publish {number}: no {what:?} in\n{calls}"))
        };
        let connected = at(&["connect(", "sin_addr"]);
        for synced in [
            &["fdatasync(", "journal.jsonl"] as &[_],
            &["fdatasync(", ".body"],
            &["fsync(", "/catseye>"],
        ] {
            assert!(
                at(synced) < connected,
                "publish {number}: {synced:?} comes late in\n{calls}"
            );
        }
    }
    figure("P4", format_args!("{publishes} publishes, by their system calls"));
}

#[test]
fn a_full_or_read_only_file_system_is_no_record() {
    let place = Place::new(2);
    let state = place.path("state/catseye");
    fs::create_dir_all(&state).unwrap();
    let run = |command: &mut Command| assert!(command.arg(&state).status().unwrap().success(), "{command:?}");
    for (options, fault) in [
        ("size=64k", "a full file system"),
        ("ro,size=64k", "a read-only file system"),
    ] {
        run(Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]));
        let mounted = Mounted(&state);
        // Where it can be written it is filled.
        let _ = fs::write(state.join("filler"), vec![0; 64 << 10]);
        place.is_held_back(&[], fault);
        drop(mounted);
    }
    figure("P5", "2 file systems, 0 sent");
}

/// A file system that goes with its test, whatever becomes of that.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// Every sync that fails: after it nothing is known to be on disk.
#[test]
fn a_sync_that_fails_is_no_record() {
    let mut tried = 0;
    for (call, times) in [("fdatasync", 2), ("fsync", 2)] {
        for when in 1..=times {
            for errno in ["EIO", "ENOSPC", "EDQUOT", "EROFS"] {
                let place = Place::new(2);
                fs::create_dir_all(place.path("state")).unwrap();
                let inject = format!("inject={call}:error={errno}:when={when}");
                let strace = ["strace", "-f", "-o", "/dev/null", "-e", &inject];
                place.is_held_back(&strace, &inject);
                tried += 1;
            }
        }
    }
    figure("P5", format_args!("{tried} failing syncs, 0 sent"));
}

/// Root reads everything: as another user, through the built binary.
#[test]
fn what_another_user_may_not_read_is_named() {
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let place = Place::new(3);
    let mode =
        |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for folder in [
        "",
        "project",
        "project/.kittify",
        "home",
        "home/.spec-kitty",
        "home/.spec-kitty/trackers",
    ] {
        mode(&place.path(folder), 0o755);
    }
    for file in ["project/.kittify/config.yaml", "home/.spec-kitty/credentials"] {
        mode(&place.path(file), 0o644);
    }
    // The binary itself must be where nobody may look.
    let binary = place.path("catseye");
    fs::copy(env!("CARGO_BIN_EXE_catseye"), &binary).unwrap();
    mode(&binary, 0o755);
    let told = || {
        let before = place.traces("home");
        let mut command = place.program(nobody[0]);
        command.args(&nobody[1..]).arg(&binary).args(["check", "--json"]);
        let output = command.output().unwrap();
        assert_eq!(before, place.traces("home"));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (json["store"]["state"].clone(), json["store"]["issues"].clone())
    };
    let store = place.store();
    mode(&store, 0o644);
    assert_eq!(
        told(),
        ("ok".into(), 3.into()),
        "a folder that may not be written"
    );
    place
        .connect()
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    assert_eq!(
        told(),
        ("ok".into(), 3.into()),
        "write-ahead, a folder that may not be written"
    );
    mode(&store, 0o600);
    assert_eq!(told().0, "unreadable", "another user's file");
    mode(store.parent().unwrap(), 0o700);
    assert_eq!(told().0, "unreadable", "another user's folder");
    figure("R4", "4 states of another user");
}
