//! Linux and macOS.

use std::fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions, Permissions};
use std::io::{self, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::process::{Resource, Rlimit, getrlimit, kill_current_process_group, setrlimit};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::{Signal, Status};

/// Looks at a file without opening it: closing any descriptor of a database would drop SQLite's own locks.
pub fn status(path: &Path) -> io::Result<Status> {
    fs::metadata(path).map(with_status)
}

/// [`status`] of a file that is open.
pub fn status_of(file: &File) -> io::Result<Status> {
    file.metadata().map(with_status)
}

fn with_status(metadata: Metadata) -> Status {
    Status {
        id: (metadata.dev(), metadata.ino()),
        changed: changed(&metadata),
        metadata,
    }
}

fn changed(metadata: &Metadata) -> Option<SystemTime> {
    let seconds = metadata.ctime().try_into().ok()?;
    let nanos = metadata.ctime_nsec().try_into().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

/// Opens a file for reading. A pipe that has taken its place meanwhile does not block.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Reads from an offset on; where the file stands may change.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

/// The permission bits.
pub fn mode(metadata: &Metadata) -> Option<u32> {
    Some(metadata.mode() & 0o7777)
}

/// What it is that is neither a file nor a directory.
pub fn special(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Whether Python's `Path.exists()` answers `False` for this error; for others it raises.
pub fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || is_link_loop(error)
}

/// Whether links lead in a circle, which `io::ErrorKind` cannot name yet.
pub fn is_link_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Whether another process keeps a file from being read at this moment: nobody can.
pub fn is_in_use(_: &io::Error) -> bool {
    false
}

/// Has a file that is made be for its owner alone.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Has a folder that is made be for its owner alone.
pub fn private_folders(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder.mode(0o700)
}

/// Has a temporary folder be for its owner alone.
pub fn private_temporary<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder.permissions(Permissions::from_mode(0o700))
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A path as the bytes of a `file:` URI's path, not escaped yet.
pub fn uri_path(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_owned()
}

/// What decides where the home folder is.
pub const HOME_VARIABLE: &str = "HOME";
/// What decides where programs keep their state.
pub const STATE_VARIABLE: &str = "XDG_STATE_HOME";
/// What decides where programs keep their settings.
pub const CONFIG_VARIABLE: &str = "XDG_CONFIG_HOME";
/// What decides where temporary files are.
pub const TEMPORARY_VARIABLE: &str = "TMPDIR";

/// Why Python refuses a home folder that begins with `~` (reference A14).
pub const NO_HOME: &str = "Could not determine home directory: HOME begins with ~";

/// `Path.home()`: `$HOME` when it is set, `/` when it is empty, else the user database (reference 3.1). A text that
/// begins with `~` is one that Python refuses.
pub fn user_home() -> PathBuf {
    match std::env::var_os(HOME_VARIABLE) {
        Some(home) if home.is_empty() => PathBuf::from("/"),
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().unwrap_or_else(|| PathBuf::from("/")),
    }
}

/// Where programs keep their state.
pub fn state_folder(user_home: &Path) -> PathBuf {
    absolute(STATE_VARIABLE).unwrap_or_else(|| user_home.join(".local/state"))
}

/// Where programs keep their settings.
pub fn config_folder() -> PathBuf {
    absolute(CONFIG_VARIABLE).unwrap_or_else(|| user_home().join(".config"))
}

/// Where large temporary files are: `/tmp` may be memory.
pub fn spool_folder() -> PathBuf {
    temporary(TEMPORARY_VARIABLE).unwrap_or_else(|| PathBuf::from("/var/tmp"))
}

/// Where temporary files are.
pub fn temporary_folder() -> PathBuf {
    temporary(TEMPORARY_VARIABLE).unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// As other programs take it: from the current folder on when it is relative.
fn temporary(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).filter(|folder| !folder.is_empty())?;
    std::path::absolute(folder).ok()
}

fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The editor where none is set, as for git.
pub const EDITOR: &str = "vi";
/// Whether that one opens a file at `+LINE`.
pub const EDITOR_TAKES_LINES: bool = true;

/// Whether the system itself keeps what a program has copied, also when that has ended.
pub const KEEPS_COPIES: bool = cfg!(target_os = "macos");

/// What takes a link to the desktop, with what stands before the link.
pub const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else {
    ("xdg-open", &[])
};

/// The kernel's release.
pub fn release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// Has a crash leave no memory image, on disk or with a crash reporter: tokens would be in it.
pub fn keep_no_core() {
    let limit = Rlimit {
        current: Some(0),
        maximum: getrlimit(Resource::Core).maximum,
    };
    // Where the system refuses, a crash is still no more likely.
    let _ = setrlimit(Resource::Core, limit);
    #[cfg(target_os = "linux")]
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Has a file that may not grow any more be an error of its writer, and no reason to die.
pub fn outlive_full_files() -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::default()).map(drop)
}

/// Becomes another program; returns only if that fails.
pub fn become_program(command: &mut Command) -> io::Error {
    command.exec()
}

/// Standard output as a file, which a kernel can copy into.
pub fn stdout_file() -> io::Result<File> {
    Ok(File::from(stdout().as_fd().try_clone_to_owned()?))
}

/// The terminal's modes.
#[derive(Clone)]
pub struct Modes(Termios);

/// The modes now, where standard input is a terminal.
pub fn modes() -> Option<Modes> {
    tcgetattr(stdin()).ok().map(Modes)
}

/// Sets the terminal's modes. The kernel stops a job in the background that does so until it is in front.
pub fn set_modes(modes: &Modes) -> io::Result<()> {
    loop {
        match tcsetattr(stdin(), OptionalActions::Now, &modes.0) {
            Err(Errno::INTR) => {}
            set => return Ok(set?),
        }
    }
}

/// Stops the whole job, as Ctrl-Z does outside; returns when it is continued.
pub fn stop_job() -> io::Result<()> {
    Ok(kill_current_process_group(rustix::process::Signal::STOP)?)
}

/// Has a thread tell what the system asks for, and one that the terminal is gone, whether or not a signal says so:
/// crossterm does not notice that and would spin for ever (crossterm#793).
pub fn listen(tell: impl Fn(Signal) + Clone + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
    let hangs_up = tell.clone();
    let listen = move || {
        for signal in signals.forever() {
            tell(match signal {
                SIGCONT => Signal::Continued,
                SIGTSTP => Signal::Suspend,
                signal => Signal::End(signal),
            });
        }
    };
    let thread = |name: &str| thread::Builder::new().name(name.to_owned());
    thread("catseye-signals").spawn(listen)?;
    let watch = move || {
        await_hangup();
        hangs_up(Signal::End(SIGHUP));
    };
    thread("catseye-terminal").spawn(watch).map(drop)
}

fn await_hangup() {
    loop {
        let (input, output) = (stdin(), stdout());
        // Without a wish only a hangup or an error ends the wait.
        let mut ends = [
            PollFd::new(&input, PollFlags::empty()),
            PollFd::new(&output, PollFlags::empty()),
        ];
        match poll(&mut ends, None) {
            Err(Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Ends as the signal does where nobody catches it, so that the parent sees the cause.
pub fn end_by(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
