//! Windows.
//!
//! What it lacks: permission bits (new files take those of their folder, which a user's own are for that user alone),
//! jobs that stop, signals, and a way to forbid memory images from safe code.

use std::fs::{DirBuilder, File, FileType, Metadata, OpenOptions};
use std::io::{self, stdout};
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::AsHandle;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Signal, Status};

/// Opens a directory, too.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION`.
const IN_USE: [i32; 2] = [32, 33];
/// `ERROR_CANT_RESOLVE_FILENAME`.
const LINK_LOOP: i32 = 1921;
/// `ERROR_NOT_READY` and `ERROR_INVALID_NAME`.
const NO_SUCH_PLACE: [i32; 2] = [21, 123];

/// Looks at a file with no right to its content, so that nobody is kept from it.
pub fn status(path: &Path) -> io::Result<Status> {
    let mut options = OpenOptions::new();
    options.access_mode(0).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    status_of(&options.open(path)?)
}

/// [`status`] of a file that is open.
pub fn status_of(file: &File) -> io::Result<Status> {
    let information = winapi_util::file::information(file)?;
    let metadata = file.metadata()?;
    Ok(Status {
        id: (information.volume_serial_number(), information.file_index()),
        // Only unsafe code can ask for it; the time of the last writing is the next best.
        changed: metadata.modified().ok(),
        metadata,
    })
}

/// Opens a file for reading; others may go on writing, renaming and deleting it.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads from an offset on; where the file stands may change.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// The permission bits: there are none.
pub fn mode(_: &Metadata) -> Option<u32> {
    None
}

/// What it is that is neither a file nor a directory.
pub fn special(_: FileType) -> &'static str {
    "a device"
}

/// Whether Python's `Path.exists()` answers `False` for this error; for others it raises.
pub fn is_missing(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || is_link_loop(error)
        || code.is_some_and(|code| NO_SUCH_PLACE.contains(&code))
}

/// Whether links lead in a circle, which `io::ErrorKind` cannot name yet.
pub fn is_link_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(LINK_LOOP)
}

/// Whether another process keeps a file from being read at this moment: spec-kitty locks the credentials' first byte
/// while it reads or writes them.
pub fn is_in_use(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

/// Has a file that is made be for its owner alone, as far as its folder is.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Has a folder that is made be for its owner alone, as far as the one around it is.
pub fn private_folders(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder
}

/// Has a temporary folder be for its owner alone, as the user's folder of temporary files is.
pub fn private_temporary<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder
}

/// Makes the names in a folder durable: the file system's own journal does.
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A path as the bytes of a `file:` URI's path, not escaped yet: `C:\a` is `/C:/a`.
pub fn uri_path(path: &Path) -> Vec<u8> {
    let path = path.to_string_lossy().replace('\\', "/");
    let before = match path.as_bytes() {
        // A server's name would be read as the URI's host.
        [b'/', b'/', ..] => "//",
        [b'/', ..] => "",
        _ => "/",
    };
    format!("{before}{path}").into_bytes()
}

/// What decides where the home folder is.
pub const HOME_VARIABLE: &str = "USERPROFILE";
/// What decides where programs keep their state.
pub const STATE_VARIABLE: &str = "LOCALAPPDATA";
/// What decides where programs keep their settings.
pub const CONFIG_VARIABLE: &str = "APPDATA";
/// What decides where temporary files are.
pub const TEMPORARY_VARIABLE: &str = "TMP";

/// Why Python refuses a home folder that begins with `~`.
pub const NO_HOME: &str = "Could not determine home directory: neither USERPROFILE nor HOMEPATH is set";

/// `Path.home()`: `%USERPROFILE%`, else `%HOMEDRIVE%%HOMEPATH%`, else `~`, which Python refuses.
pub fn user_home() -> PathBuf {
    let variable = std::env::var_os;
    variable(HOME_VARIABLE).map_or_else(
        || {
            let Some(path) = variable("HOMEPATH") else {
                return PathBuf::from("~");
            };
            PathBuf::from(variable("HOMEDRIVE").unwrap_or_default()).join(path)
        },
        PathBuf::from,
    )
}

/// Where programs keep their state.
pub fn state_folder(user_home: &Path) -> PathBuf {
    absolute(STATE_VARIABLE).unwrap_or_else(|| user_home.join(r"AppData\Local"))
}

/// Where programs keep their settings.
pub fn config_folder() -> PathBuf {
    absolute(CONFIG_VARIABLE).unwrap_or_else(|| user_home().join(r"AppData\Roaming"))
}

/// Where large temporary files are.
pub fn spool_folder() -> PathBuf {
    std::env::temp_dir()
}

/// Where temporary files are.
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The editor where none is set.
pub const EDITOR: &str = "notepad";
/// Whether that one opens a file at `+LINE`.
pub const EDITOR_TAKES_LINES: bool = false;

/// Whether the system itself keeps what a program has copied, also when that has ended.
pub const KEEPS_COPIES: bool = true;

/// What takes a link to the desktop, with what stands before the link: no shell sees it.
pub const OPENER: (&str, &[&str]) = ("rundll32", &["url.dll,FileProtocolHandler"]);

/// The system's release, which only unsafe code can ask for.
pub fn release() -> String {
    String::new()
}

/// Has a crash leave no memory image. Here the system leaves one only where its administrator has asked for it.
pub fn keep_no_core() {}

/// Has a file that may not grow any more be an error of its writer, as it is here.
pub fn outlive_full_files() -> io::Result<()> {
    Ok(())
}

/// Becomes another program, as far as a parent can tell: it runs beside this one, which ends with its code.
pub fn become_program(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// Standard output as a file.
pub fn stdout_file() -> io::Result<File> {
    Ok(File::from(stdout().as_handle().try_clone_to_owned()?))
}

/// The terminal's modes, which crossterm alone knows here.
#[derive(Clone)]
pub struct Modes;

/// The modes now.
pub fn modes() -> Option<Modes> {
    None
}

/// Sets the terminal's modes.
pub fn set_modes(_: &Modes) -> io::Result<()> {
    Ok(())
}

/// Stops the whole job: there are none.
pub fn stop_job() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Has what the system asks for told. Nothing is: keys come as keys, and a console that closes ends its programs and
/// needs nothing back.
pub fn listen(_: impl Fn(Signal) + Clone + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Ends as a signal does.
pub fn end_by(code: i32) {
    std::process::exit(code)
}
