//! A program in a pseudo-terminal, and the screen that it makes.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take that is waited for.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Everything that the program wrote, and the screen that it makes.
pub struct Output {
    pub bytes: Vec<u8>,
    pub parser: vt100::Parser,
}

/// The program and its terminal.
pub struct Pty {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    reader: JoinHandle<()>,
    pub output: Arc<Mutex<Output>>,
    /// The terminal's modes before anything ran.
    modes: String,
}

/// A program with nothing in its environment but the kind of terminal, and an editor that does nothing and ends.
pub fn command(program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("EDITOR", "true");
    command
}

pub fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

pub fn parser(cols: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 0)
}

impl Pty {
    pub fn start(command: CommandBuilder, cols: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let modes = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let output = Arc::new(Mutex::new(Output {
            bytes: Vec::new(),
            parser: parser(cols, rows),
        }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let sink = Arc::clone(&output);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut output = sink.lock().unwrap();
                output.bytes.extend_from_slice(&buffer[..count]);
                output.parser.process(&buffer[..count]);
            }
        });
        Self {
            child,
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            reader,
            output,
            modes,
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the output is as wanted.
    pub fn until(&self, what: &str, wanted: impl Fn(&Output) -> bool) {
        let since = Instant::now();
        while !wanted(&self.output.lock().unwrap()) {
            let output = self.output.lock().unwrap();
            let shown = output.parser.screen().contents();
            assert!(since.elapsed() < DEADLINE, "no {what} in:\n{shown}");
            drop(output);
            std::thread::yield_now();
        }
    }

    pub fn until_shown(&self, text: &str) {
        self.until(text, |output| output.parser.screen().contents().contains(text));
    }

    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn signal(&self, name: &str) {
        let process = self.process().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// The terminal is as it was before.
    pub fn assert_restored(&self, way: &str) {
        self.until(&format!("terminal given back after {way}"), |output| {
            let screen = output.parser.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        assert_eq!(modes(&*self.master), self.modes, "{way}");
    }

    /// Waits for the end; the terminal must be as it was. Returns the exit code and all that was written, with the
    /// signal that ended it.
    pub fn ended(mut self, way: &str) -> (u32, String) {
        let status = self.child.wait().unwrap();
        self.assert_restored(way);
        // Nobody has the other side any more: all that was written is read.
        self.reader.join().unwrap();
        let mut text = String::from_utf8_lossy(&self.output.lock().unwrap().bytes).into_owned();
        if status.signal().is_some() {
            text += &format!("{status:?}");
        }
        (status.exit_code(), text)
    }
}

/// What `tcgetattr` tells.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
