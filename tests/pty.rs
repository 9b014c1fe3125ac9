//! The built binary in a pseudo-terminal: the demo from a null route over the repair to a delivered publish, resizing,
//! copying, and the terminal given back.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take that is waited for.
const DEADLINE: Duration = Duration::from_secs(20);

/// Everything that the program wrote, and the screen that it makes.
struct Output {
    bytes: Vec<u8>,
    parser: vt100::Parser,
}

struct Inspector {
    temp: tempfile::TempDir,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Arc<Mutex<Output>>,
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

fn parser(cols: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(cols), 0)
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Inspector {
    fn demo() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(size(120, 36)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_catseye"));
        command.arg("demo");
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("TMPDIR", temp.path());
        // Over SSH the way to copy is the terminal.
        command.env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let output = Arc::new(Mutex::new(Output {
            bytes: Vec::new(),
            parser: parser(120, 36),
        }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let sink = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut output = sink.lock().unwrap();
                output.bytes.extend_from_slice(&buffer[..count]);
                output.parser.process(&buffer[..count]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self {
            temp,
            child,
            master: pair.master,
            keys,
            output,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the output is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&Output) -> bool) {
        let since = Instant::now();
        while !wanted(&self.output.lock().unwrap()) {
            let output = self.output.lock().unwrap();
            assert!(
                since.elapsed() < DEADLINE,
                "no {what} in:\n{}",
                output.parser.screen().contents()
            );
            drop(output);
            std::thread::yield_now();
        }
    }

    fn until_shown(&self, text: &str) {
        self.until(text, |output| output.parser.screen().contents().contains(text));
    }

    fn until_written(&self, bytes: &str) {
        self.until(bytes, |output| {
            output
                .bytes
                .windows(bytes.len())
                .any(|window| window == bytes.as_bytes())
        });
    }

    fn config(&self) -> PathBuf {
        let scene = std::fs::read_dir(self.temp.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        scene.join("project/.kittify/config.yaml")
    }

    fn resize(&self, cols: u16, rows: u16) {
        self.output
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(cells(rows), cells(cols));
        self.master.resize(size(cols, rows)).unwrap();
    }

    /// Waits for the end; the terminal must be as it was.
    fn ended(mut self) -> u32 {
        let status = self.child.wait().unwrap();
        self.until("terminal given back", |output| {
            let screen = output.parser.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        status.exit_code()
    }
}

#[test]
fn the_demo_is_repaired_and_delivered() {
    let mut inspector = Inspector::demo();
    inspector.until_shown("NULL ROUTE");
    inspector.until_shown("provider-spelling-mismatch");
    let config = std::fs::read_to_string(inspector.config()).unwrap();
    std::fs::write(
        inspector.config(),
        config.replace("provider: Jira", "provider: jira"),
    )
    .unwrap();
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
    inspector.until_written("received 1 request; nothing left this machine");
    assert_eq!(inspector.ended(), 0);
}

#[test]
fn a_storm_of_sizes_and_a_copy_leave_it_running() {
    let mut inspector = Inspector::demo();
    inspector.until_shown("NULL ROUTE");
    for (cols, rows) in [(60, 15), (20, 5), (1, 1), (200, 60), (39, 9), (80, 24)] {
        inspector.resize(cols, rows);
    }
    inspector.until_shown("NULL ROUTE");
    inspector.press("yk");
    inspector.until_written("\u{1b}]52;");
    // Pasted text never acts.
    inspector.press("\u{1b}[200~pPq\u{1b}[201~");
    inspector.press("2");
    inspector.until_shown("[2 Issues");
    inspector.press("\u{3}");
    assert_eq!(inspector.ended(), 0);
}

#[test]
fn one_key_walks_from_scene_to_scene() {
    let mut inspector = Inspector::demo();
    inspector.until_shown("provider-spelling-mismatch");
    inspector.press(">");
    inspector.until_shown("credentials-overwritten-by-login");
    inspector.until_shown("scene login-wiped");
    inspector.press(">");
    inspector.until_shown("scene key-missing");
    inspector.press("q");
    inspector.until_written("received 0 requests; nothing left this machine");
    inspector.child.wait().unwrap();
    let left_behind = std::fs::read_dir(inspector.temp.path()).unwrap().count();
    assert_eq!(left_behind, 0, "each scene takes its folder with it");
    assert_eq!(inspector.ended(), 0);
}

#[test]
fn search_and_the_mouse_work_on_a_terminal() {
    let mut inspector = Inspector::demo();
    inspector.until_shown("NULL ROUTE");
    inspector.press("/elsewhere\r");
    inspector.until_shown("Findings 2 of 2");
    inspector.press("%");
    inspector.until_written("\u{1b}[?1000h");
    // A click on the sixth tab, as terminals tell it.
    inspector.press("\u{1b}[<0;74;2M\u{1b}[<0;74;2m");
    inspector.until_shown("[6 Sources]");
    inspector.press("%");
    inspector.until_written("\u{1b}[?1000l");
    inspector.press("q");
    inspector.until_written("nothing left this machine");
    assert_eq!(inspector.ended(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let inspector = Inspector::demo();
    inspector.until_shown("NULL ROUTE");
    let process = inspector.child.process_id().unwrap();
    let killed = std::process::Command::new("kill")
        .arg(process.to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    inspector.ended();
}
