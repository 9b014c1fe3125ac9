//! The built binary in a pseudo-terminal: the demo from a null route over the repair to a delivered publish, resizing,
//! copying, and the terminal given back.
// There are signals in it, and a terminal's modes.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "support/pty.rs"]
mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{Pty, command, size};
use tempfile::TempDir;

/// The demo, and the folder that its scene is in.
fn demo() -> (TempDir, Pty) {
    let temp = tempfile::tempdir().unwrap();
    let mut demo = command(env!("CARGO_BIN_EXE_catseye"), &["demo"]);
    demo.env("TMPDIR", temp.path());
    // Over SSH the way to copy is the terminal.
    demo.env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let inspector = Pty::start(demo, 120, 36);
    inspector.until_shown("NULL ROUTE");
    (temp, inspector)
}

fn until_written(inspector: &Pty, bytes: &str) {
    inspector.until(bytes, |output| {
        output
            .bytes
            .windows(bytes.len())
            .any(|window| window == bytes.as_bytes())
    });
}

fn resize(inspector: &Pty, cols: u16, rows: u16) {
    let mut output = inspector.output.lock().unwrap();
    let screen = output.parser.screen_mut();
    screen.set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
    inspector.master.resize(size(cols, rows)).unwrap();
}

#[test]
fn the_demo_is_repaired_and_delivered() {
    let (temp, mut inspector) = demo();
    inspector.until_shown("provider-spelling-mismatch");
    let scene = std::fs::read_dir(temp.path()).unwrap().next().unwrap().unwrap();
    let config = scene.path().join("project/.kittify/config.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(config, text.replace("provider: Jira", "provider: jira")).unwrap();
    inspector.until_shown("ROUTED");
    inspector.until_shown("2 Issues 18");
    for (key, text) in [
        ("2", "ACME-1"),
        ("3", "WP01"),
        ("4", "cur_19"),
        ("5", "external_resource_id"),
        ("6", "credentials"),
        ("7", "Nothing was published"),
        ("1", "How the route is derived"),
    ] {
        inspector.press(key);
        inspector.until_shown(text);
    }
    inspector.press("p");
    inspector.until_shown("sends exactly these");
    let since = Instant::now();
    // An early P only starts the half second again.
    while since.elapsed() < Duration::from_millis(600) {
        std::thread::yield_now();
    }
    inspector.press("P");
    inspector.until_shown("DELIVERED");
    inspector.until_shown("digest as planned");
    inspector.press("q");
    inspector.until_shown("7 Journal 1");
    inspector.press("q");
    until_written(&inspector, "received 1 request; nothing left this machine");
    assert_eq!(inspector.ended("q").0, 0);
}

#[test]
fn the_editor_opens_the_line_or_says_what_to_do() {
    let temp = tempfile::tempdir().unwrap();
    let vi = temp.path().join("vi");
    std::fs::write(
        &vi,
        "#!/bin/sh\nPATH=/usr/bin:/bin sed -i.old s/Jira/jira/ \"$2\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&vi, std::fs::Permissions::from_mode(0o700)).unwrap();
    let none = "the editor vi did not start (set $EDITOR, or edit the file elsewhere";
    for (path, visual, editor, expected) in [
        (temp.path(), None, None, "ROUTED"),
        (Path::new("/nonexistent"), None, None, none),
        (Path::new("/nonexistent"), Some(""), Some(" "), none),
        (
            temp.path(),
            None,
            Some("/bin/sh -c false"),
            "the editor /bin/sh ended with",
        ),
        (
            temp.path(),
            None,
            Some("/nonexistent/vi"),
            "the editor /nonexistent/vi did not start ($EDITOR names it)",
        ),
        (
            temp.path(),
            Some("/nonexistent/x"),
            Some("vi"),
            "did not start ($VISUAL names it)",
        ),
        // An empty one is none.
        (Path::new("/nonexistent"), Some(""), vi.to_str(), "ROUTED"),
    ] {
        let mut demo = command(env!("CARGO_BIN_EXE_catseye"), &["demo"]);
        demo.env("TMPDIR", temp.path());
        demo.env("PATH", path);
        demo.env_remove("EDITOR");
        for (name, value) in [("VISUAL", visual), ("EDITOR", editor)] {
            if let Some(value) = value {
                demo.env(name, value);
            }
        }
        let mut inspector = Pty::start(demo, 120, 36);
        inspector.until_shown("NULL ROUTE");
        inspector.press("e");
        inspector.until_shown(expected);
        inspector.press("q");
        assert_eq!(inspector.ended("q").0, 0, "{expected}");
    }
}

#[test]
fn a_storm_of_sizes_and_a_copy_leave_it_running() {
    let (_temp, mut inspector) = demo();
    for (cols, rows) in [(60, 15), (20, 5), (1, 1), (200, 60), (39, 9), (80, 24)] {
        resize(&inspector, cols, rows);
    }
    inspector.until_shown("NULL ROUTE");
    inspector.press("yk");
    until_written(&inspector, "\u{1b}]52;");
    // Pasted text never acts.
    inspector.press("\u{1b}[200~pPq\u{1b}[201~");
    inspector.press("2");
    inspector.until_shown("[2 Issues");
    inspector.press("\u{3}");
    assert_eq!(inspector.ended("ctrl-c").0, 0);
}

#[test]
fn one_key_walks_from_scene_to_scene() {
    let (temp, mut inspector) = demo();
    inspector.until_shown("provider-spelling-mismatch");
    inspector.press(">");
    inspector.until_shown("credentials-overwritten-by-login");
    inspector.until_shown("scene 2 of 8: login-wiped");
    inspector.press(">");
    inspector.until_shown("scene 3 of 8: key-missing");
    inspector.press("q");
    until_written(&inspector, "received 0 requests; nothing left this machine");
    assert_eq!(inspector.ended("q").0, 0);
    let left_behind = std::fs::read_dir(temp.path()).unwrap().count();
    assert_eq!(left_behind, 0, "each scene takes its folder with it");
}

#[test]
fn search_and_the_mouse_work_on_a_terminal() {
    let (_temp, mut inspector) = demo();
    inspector.press("/elsewhere\r");
    inspector.until_shown("Findings 2 of 2");
    inspector.press("%");
    until_written(&inspector, "\u{1b}[?1000h");
    // A click on the sixth tab, as terminals tell it.
    inspector.press("\u{1b}[<0;74;2M\u{1b}[<0;74;2m");
    inspector.until_shown("[6 Sources]");
    inspector.press("%");
    until_written(&inspector, "\u{1b}[?1000l");
    inspector.press("q");
    until_written(&inspector, "nothing left this machine");
    assert_eq!(inspector.ended("q").0, 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let (_temp, inspector) = demo();
    inspector.signal("TERM");
    inspector.ended("TERM");
}
