//! T1-T4: the built binary in a pseudo-terminal, ended in every way there is.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::native_pty_system;

use super::dice::{Dice, figure, how_many};
use super::pty::{DEADLINE, Pty, command, parser, size};
use super::stage::{Parts, World};
use super::store_support::example;

const BINARY: &str = env!("CARGO_BIN_EXE_catseye");

/// A program in a terminal of 80 columns and 24 rows, and the folder that it runs in.
fn start(program: &str, arguments: &[&str]) -> (tempfile::TempDir, Pty) {
    let temp = tempfile::tempdir().unwrap();
    let mut command = command(program, arguments);
    command.env("TMPDIR", temp.path());
    command.env("HOME", temp.path());
    command.cwd(temp.path());
    let pty = Pty::start(command, 80, 24);
    (temp, pty)
}

fn demo() -> (tempfile::TempDir, Pty) {
    let (temp, pty) = start(BINARY, &["demo"]);
    pty.until_shown("NULL ROUTE");
    (temp, pty)
}

fn is_stopped(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().unwrap().starts_with('T')
}

fn until_stopped(pty: &Pty) {
    let since = Instant::now();
    while !is_stopped(pty.process()) {
        assert!(since.elapsed() < DEADLINE, "it does not stop");
        std::thread::yield_now();
    }
}

/// Ends in one way; returns its exit code and all that was written.
fn end_by(way: &str) -> (u32, String) {
    let (_temp, mut pty) = match way {
        "main" | "lent" | "error" | "thread" | "worker" => {
            start(example("ways_to_end").to_str().unwrap(), &[way])
        }
        "TERM at once" => start(BINARY, &["demo"]),
        _ => demo(),
    };
    match way {
        "main" | "lent" | "error" | "thread" => {}
        "worker" => {
            pty.until_shown("the clock broke");
            pty.press("q");
        }
        "TERM" | "HUP" | "INT" | "QUIT" => pty.signal(way),
        "TERM at once" => {
            pty.until("the first byte", |output| !output.bytes.is_empty());
            pty.signal("TERM");
        }
        _ => act(&mut pty, way),
    }
    pty.ended(way)
}

/// What is done in a running inspector until it ends.
fn act(pty: &mut Pty, way: &str) {
    match way {
        "q" => pty.press("q"),
        "ctrl-c" => pty.press("\u{3}"),
        "q in a panel" => pty.press("?qq"),
        "ctrl-c while typing" => pty.press("/abc\u{3}"),
        "ctrl-z" => {
            pty.press("\u{1a}");
            until_stopped(pty);
            pty.assert_restored("ctrl-z, stopped");
            come_back(pty);
            pty.press("q");
        }
        "TSTP" => {
            pty.signal("TSTP");
            until_stopped(pty);
            pty.assert_restored("TSTP, stopped");
            come_back(pty);
            pty.press("q");
        }
        "ctrl-z, TERM while stopped" => {
            pty.press("\u{1a}");
            until_stopped(pty);
            pty.signal("TERM");
            pty.signal("CONT");
        }
        "STOP" => {
            pty.signal("STOP");
            until_stopped(pty);
            come_back(pty);
            pty.press("q");
        }
        "resize storm" => {
            for at in 0..60_u16 {
                pty.master
                    .resize(size(1 + at * 37 % 240, 1 + at * 13 % 80))
                    .unwrap();
            }
            pty.master.resize(size(80, 24)).unwrap();
            pty.press("q");
        }
        "TERM twice" => {
            pty.signal("TERM");
            // The second may find nobody any more.
            let process = pty.process().to_string();
            let _ = Command::new("kill").arg(process).stderr(Stdio::null()).status();
        }
        "publish" => {
            pty.press("p");
            pty.until_shown("nothing sent yet");
            pty.press("qq");
        }
        _ => unreachable!("no such way: {way}"),
    }
}

/// Continued, it takes the terminal and draws again.
fn come_back(pty: &Pty) {
    pty.output.lock().unwrap().parser = parser(80, 24);
    pty.signal("CONT");
    pty.until("alternate screen", |output| {
        output.parser.screen().alternate_screen()
    });
    pty.until_shown("NULL ROUTE");
}

const WAYS: [&str; 20] = [
    "q",
    "ctrl-c",
    "q in a panel",
    "ctrl-c while typing",
    "main",
    "lent",
    "error",
    "thread",
    "worker",
    "TERM",
    "HUP",
    "INT",
    "QUIT",
    "TERM at once",
    "ctrl-z",
    "TSTP",
    "ctrl-z, TERM while stopped",
    "STOP",
    "resize storm",
    "publish",
];

#[test]
fn t1_the_terminal_is_given_back() {
    let times = (how_many(100, 1_000) / WAYS.len()).max(1);
    for way in WAYS {
        for _ in 0..times {
            let (code, text) = end_by(way);
            match way {
                "main" | "lent" => {
                    assert_eq!(code, 101, "{way}");
                    let told = text.rsplit("[?1049l").next().unwrap();
                    assert!(
                        told.contains("internal error at "),
                        "told after the screen is back: {told:?}"
                    );
                    assert!(!told.contains("\u{1b}[31m"), "{told:?}");
                }
                "thread" => assert!(!text.contains("panicked"), "{way}"),
                "error" | "TERM" | "HUP" | "INT" | "QUIT" | "TERM at once" | "ctrl-z, TERM while stopped" => {
                    assert_ne!(code, 0, "{way}");
                }
                _ => assert_eq!(code, 0, "{way}: {text}"),
            }
        }
    }
    figure(
        "T1",
        format!(
            "{} ways to end, each {times} times: modes, screen, cursor and paste as before",
            WAYS.len()
        ),
    );
}

/// A terminal that is gone ends the process, whoever tells it or not.
#[test]
fn t2_a_dead_terminal_ends_the_process() {
    let mut longest = Duration::ZERO;
    let times = 50;
    let ignoring = format!("trap '' HUP; exec {BINARY} demo");
    let temporary = tempfile::tempdir().unwrap();
    for at in 0..times {
        let mut command = if at % 2 == 0 {
            command(BINARY, &["demo"])
        } else {
            command("/bin/sh", &["-c", &ignoring])
        };
        command.env("TMPDIR", temporary.path());
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut screen = parser(80, 24);
        let mut buffer = [0; 4096];
        while !screen.screen().contents().contains("NULL ROUTE") {
            let count = reader.read(&mut buffer).unwrap();
            screen.process(&buffer[..count]);
        }
        let since = Instant::now();
        // Every end of the master: the terminal is gone.
        drop((reader, pair.master));
        child.wait().unwrap();
        longest = longest.max(since.elapsed());
    }
    let left = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(left, 0, "each scene takes its folder with it");
    figure(
        "T2",
        format!(
            "{times} dead terminals, each ended the process; slowest {} ms",
            longest.as_millis()
        ),
    );
}

/// Redirections of a shell; `CATSEYE` stands for the program where it is not the first word.
const REDIRECTIONS: [&str; 12] = [
    "< in > out",
    "< in | cat > out",
    "< /dev/null > out",
    "< /dev/null | cat > out",
    "<&- > out",
    "<&- | cat > out",
    "< in >&-",
    "<&- >&-",
    "< in > out 2>&-",
    "cat < in | CATSEYE > out",
    "cat < in | CATSEYE | cat > out",
    "cat < in | CATSEYE >&-",
];

/// Runs the program so redirected. What it writes is what `check` writes, without an escape; its exit code, where the
/// shell tells it, is the one of `check`.
fn run_redirected(world: &World, redirection: &str, check: &std::process::Output) {
    let line = if redirection.contains("CATSEYE") {
        redirection.replace("CATSEYE", "\"$CATSEYE\"")
    } else if let Some((input, rest)) = redirection.split_once(" |") {
        format!("{{ \"$CATSEYE\" {input}; echo $? > ../code; }} |{rest}")
    } else {
        format!("\"$CATSEYE\" {redirection}")
    };
    let line = line.replace("< in", "< ../in").replace("> out", "> ../out");
    for name in ["out", "code"] {
        let _ = std::fs::remove_file(world.path(name));
    }
    let mut command = world.program("sh");
    let output = command
        .args(["-c", &line])
        .env("CATSEYE", BINARY)
        .output()
        .unwrap();
    let told = match std::fs::read_to_string(world.path("code")) {
        Ok(code) => code.trim().parse().ok(),
        // The shell tells the code of the last program of a pipe.
        Err(_) if redirection.ends_with("| cat > out") => check.status.code(),
        Err(_) => output.status.code(),
    };
    assert_eq!(told, check.status.code(), "{redirection}: {output:?}");
    let mut bytes = [output.stdout, output.stderr].concat();
    if let Ok(written) = std::fs::read(world.path("out")) {
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(&check.stdout),
            "{redirection}"
        );
        bytes.extend(written);
    }
    assert!(!bytes.contains(&0x1b), "{redirection}");
}

/// Without a terminal it is `check`, byte for byte without an escape.
#[test]
fn t3_without_a_terminal_it_is_check() {
    let routed = World::new(&Parts::default());
    let null = World::new(&Parts {
        credentials: String::new(),
        ..Parts::default()
    });
    for world in [&routed, &null] {
        let check = world.command(&["check"]).output().unwrap();
        world.write("in", b"");
        for redirection in REDIRECTIONS {
            run_redirected(world, redirection, &check);
        }
    }
    on_a_dumb_terminal();
    let combinations = 2 * REDIRECTIONS.len();
    figure(
        "T3",
        format!(
            "0 ESC bytes in {combinations} combinations of pipes, files and closed descriptors, the exit code of `check`"
        ),
    );
}

/// A terminal that says that it takes no escapes gets none.
fn on_a_dumb_terminal() {
    let mut command = command(BINARY, &["--scene", "spelling"]);
    command.env("TERM", "dumb");
    let (code, text) = Pty::start(command, 80, 24).ended("no inspector");
    assert_eq!(code, 1);
    assert!(!text.is_empty() && !text.contains('\u{1b}'));
}

/// Keys, mouse reports, pastes and pieces of them.
const PIECES: [&str; 66] = [
    "j",
    "k",
    "g",
    "G",
    "h",
    "l",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "\t",
    "\r",
    "\u{1b}",
    "/",
    "n",
    "N",
    "y",
    "v",
    "r",
    "t",
    "T",
    "w",
    "d",
    "E",
    "p",
    "a",
    "P",
    "?",
    ":",
    "f",
    "s",
    "x",
    "R",
    " ",
    "\u{4}",
    "\u{15}",
    "\u{7f}",
    "é",
    "支",
    "\u{0}",
    "\u{1b}[A",
    "\u{1b}[B",
    "\u{1b}[5~",
    "\u{1b}[6~",
    "\u{1b}[H",
    "\u{1b}[F",
    "\u{1b}[<0;5;5M",
    "\u{1b}[M !!",
    "\u{1b}[200~pasted\u{1b}[201~",
    "\u{1b}[200~P\nP\u{202e}\u{1b}[201~",
    "\u{1b}[?1;2c",
    "\u{1b}[1;1R",
    "\u{1b}[0;0R",
    "\u{1b}[<0;0;0M",
    "\u{1b}[M   ",
    "\u{1b}]11;rgb:0/0/0\u{7}",
    "\u{1b}[I",
    "\u{1b}[O",
    "\u{1b}[",
    "\u{9b}",
    "99",
    "0",
    "e",
];

/// Continues the inspector when a key stopped it, which the palette can do, too.
struct Shell {
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Shell {
    fn of(pty: &Pty) -> Self {
        let process = pty.process();
        let gone = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&gone);
        let watch = move || {
            while !ended.load(Ordering::SeqCst) {
                if is_stopped(process) {
                    let process = process.to_string();
                    let _ = Command::new("kill").args(["-s", "CONT", &process]).status();
                }
                std::thread::yield_now();
            }
        };
        Self {
            gone,
            thread: Some(std::thread::spawn(watch)),
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// One inspector gets so many random keys, and sizes between them, and is quit.
fn one_run(dice: &mut Dice, keys: usize) -> (usize, usize) {
    let (mut pressed, mut resizes) = (0, 0);
    let (_temp, mut pty) = demo();
    let shell = Shell::of(&pty);
    while pressed < keys {
        let burst: String = (0..=dice.below(20)).map(|_| *dice.pick(&PIECES)).collect();
        pressed += burst.chars().count();
        pty.press(&burst);
        if dice.below(8) == 0 {
            let (cols, rows) = (1 + dice.below(500), 1 + dice.below(200));
            let wanted = size(u16::try_from(cols).unwrap(), u16::try_from(rows).unwrap());
            pty.master.resize(wanted).unwrap();
            resizes += 1;
        }
    }
    pty.master.resize(size(80, 24)).unwrap();
    // A half key, an open paste or a report that crossterm takes to go on until its `c` must not swallow what ends it.
    // Later keys would reach the shell's terminal.
    pty.press("\u{1b}[201~\u{1b}[201~c\u{3}");
    let (code, text) = pty.ended("random keys");
    drop(shell);
    let end = &text[text.ceil_char_boundary(text.len().saturating_sub(2000))..];
    assert_eq!(code, 0, "{end}");
    assert!(!text.contains("internal error"), "{end}");
    (pressed, resizes)
}

/// Found by the full size of T4, seed 20261127: rows and columns are counted from 1, and a report may say 0.
#[test]
fn t4_reports_of_row_and_column_0_do_no_harm() {
    let (_temp, mut pty) = demo();
    for report in ["\u{1b}[0;0R", "\u{1b}[<0;0;0M", "\u{1b}[<0;0;0m", "\u{1b}[M   "] {
        pty.press(report);
    }
    pty.press("?");
    pty.until_shown("quit");
    pty.press("qq");
    let (code, text) = pty.ended("reports of row and column 0");
    assert_eq!(code, 0, "{text}");
}

/// Random keys, mouse reports, pastes and sizes: it goes on, and leaves the terminal as it was.
#[test]
fn t4_random_keys_and_sizes_do_no_harm() {
    let mut dice = Dice::of("t4");
    let keys = how_many(50_000, 1_000_000);
    let (mut pressed, mut resizes, mut starts) = (0, 0, 0);
    while pressed < keys {
        let (more, resized) = one_run(&mut dice, 10_000);
        pressed += more;
        resizes += resized;
        starts += 1;
    }
    figure(
        "T4",
        format!("0 panics in {pressed} keys and {resizes} sizes of {starts} runs"),
    );
}
