//! Which way a copy goes, and that the report says no more than is known.
// Its clipboards are shell scripts.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use catseye::sinks::clipboard::{Clipboard, ClipboardEnvironment, Desktop, Multiplexer, Route};

/// A program cannot be started while a fork of another test still holds it open for writing.
static STARTING: Mutex<()> = Mutex::new(());

fn environment(folder: &Path) -> ClipboardEnvironment {
    ClipboardEnvironment {
        terminal: true,
        folder: folder.to_owned(),
        ..ClipboardEnvironment::default()
    }
}

/// A program in the place of tmux.
fn program(folder: &Path, script: &str) -> Multiplexer {
    let path = folder.join("tmux");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    Multiplexer::Tmux(path.into_os_string())
}

#[test]
fn goes_to_the_terminal_and_claims_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let copied = Clipboard::new(environment(temp.path())).copy("ACME").unwrap();
    assert_eq!(
        (copied.route, copied.bytes, copied.verified),
        (Route::Terminal, 4, false)
    );
    assert_eq!(copied.note, "sent to terminal (cannot verify)");
    assert_eq!(copied.osc52.unwrap().bytes(), b"\x1b]52;c;QUNNRQ==\x07");
}

#[test]
fn a_display_that_is_dead_or_far_is_passed_over() {
    let temp = tempfile::tempdir().unwrap();
    let remote = ClipboardEnvironment {
        desktop: Desktop::X11,
        ssh: true,
        ..environment(temp.path())
    };
    assert_eq!(Clipboard::new(remote).copy("x").unwrap().route, Route::Terminal);
}

#[test]
fn tmux_gets_the_text_on_its_standard_input() {
    let _alone = STARTING.lock().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let script = format!("echo \"$@\" > {0}.args; cat > {0}", out.display());
    let inside = ClipboardEnvironment {
        multiplexer: program(temp.path(), &script),
        ..environment(temp.path())
    };
    let long = "long enough to fill any pipe\n".repeat(20_000);
    let copied = Clipboard::new(inside).copy(&long).unwrap();
    assert_eq!((copied.route, copied.bytes), (Route::Tmux, long.len()));
    assert!(!copied.verified && copied.osc52.is_none());
    assert_eq!(fs::read_to_string(&out).unwrap(), long);
    assert_eq!(
        fs::read_to_string(out.with_extension("args")).unwrap(),
        "load-buffer -w -\n"
    );
}

#[test]
fn a_tmux_that_fails_is_absent_or_hangs_leaves_it_to_the_terminal() {
    let _alone = STARTING.lock().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let scripts = ["exit 1", "exec 0<&-; exit 1", "read line; exec tail -f /dev/null"];
    let mut programs: Vec<_> = scripts
        .iter()
        .enumerate()
        .map(|(at, script)| {
            let folder = temp.path().join(at.to_string());
            fs::create_dir(&folder).unwrap();
            program(&folder, script)
        })
        .collect();
    programs.push(Multiplexer::Tmux("/no/such/tmux".into()));
    for multiplexer in programs {
        let inside = ClipboardEnvironment {
            multiplexer,
            ..environment(temp.path())
        };
        let started = Instant::now();
        let copied = Clipboard::new(inside).copy(&"x".repeat(50_000)).unwrap();
        assert!(started.elapsed() < Duration::from_secs(30));
        assert_eq!(copied.route, Route::Terminal);
        assert!(
            copied
                .osc52
                .unwrap()
                .bytes()
                .starts_with(b"\x1bPtmux;\x1b\x1b]52;c;")
        );
    }
}

#[test]
fn what_is_too_long_or_has_no_terminal_goes_to_a_private_file() {
    let temp = tempfile::tempdir().unwrap();
    let headless = ClipboardEnvironment {
        terminal: false,
        ..environment(temp.path())
    };
    for (environment, text) in [
        (environment(temp.path()), "x".repeat(100_000)),
        (headless, "x".to_owned()),
    ] {
        let copied = Clipboard::new(environment).copy(&text).unwrap();
        let Route::File(path) = copied.route else {
            panic!("{:?}", copied.route)
        };
        assert!(copied.verified && copied.note.ends_with(path.to_str().unwrap()));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2);
}

#[test]
fn without_any_way_it_is_an_error() {
    let temp = tempfile::tempdir().unwrap();
    let nowhere = ClipboardEnvironment {
        terminal: false,
        ..environment(&temp.path().join("missing"))
    };
    assert!(Clipboard::new(nowhere).copy("x").is_err());
}
