//! Reading a small file that another process may be rewriting: `config.yaml`, `credentials`, `.git`. Takes no lock and
//! creates nothing (reference A10; research/reliability.md section 3, "Torn reads").

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

/// How often a file is read before it is given up as torn, or believed to be empty.
const ATTEMPTS: u32 = 5;
/// Between attempts; a writer that truncates and writes is done long before.
const PAUSE: Duration = Duration::from_millis(60);
/// An empty file that has rested this long is not about to be filled.
const SETTLED: Duration = Duration::from_secs(5);

/// What became of reading a file.
#[derive(Debug)]
pub enum FileRead {
    /// It is not there, as `Path.exists()` says: also below a file, behind a dangling link or a loop of links.
    Missing,
    /// It is there but no regular file; it was not opened.
    NotRegular {
        /// What it is, such as "a directory".
        what: &'static str,
    },
    /// It is longer than asked for.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// The system refused.
    Unreadable {
        /// The class of the error.
        kind: io::ErrorKind,
        /// The system's words for it.
        message: String,
    },
    /// Its content, unchanged while it was read.
    Bytes(FileBytes),
    /// It changed during each of the attempts.
    Torn,
}

/// A file's content and what is told about it.
pub struct FileBytes {
    /// The content.
    pub bytes: Vec<u8>,
    /// When it was last changed.
    pub modified: Option<SystemTime>,
    /// Its permission bits.
    pub mode: u32,
}

/// Without the content, which may be secret.
impl fmt::Debug for FileBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBytes")
            .field("len", &self.bytes.len())
            .field("modified", &self.modified)
            .field("mode", &format_args!("{:o}", self.mode))
            .finish_non_exhaustive()
    }
}

/// Reads a file of at most `max_bytes`, until two looks at it agree.
pub fn read(path: &Path, max_bytes: u64) -> FileRead {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            thread::sleep(PAUSE);
        }
        match read_once(path, max_bytes) {
            Ok(Some(read)) => return read,
            Ok(None) => {}
            Err(error) if is_missing(&error) => return FileRead::Missing,
            Err(error) => {
                return FileRead::Unreadable {
                    kind: error.kind(),
                    message: error.to_string(),
                };
            }
        }
    }
    FileRead::Torn
}

/// Reads a file that spec-kitty truncates before it writes: one found empty right after a change is read again for a
/// moment, because it may be about to be filled.
pub fn read_filled(path: &Path, max_bytes: u64) -> FileRead {
    let mut last = read(path, max_bytes);
    for _ in 1..ATTEMPTS {
        if !matches!(&last, FileRead::Bytes(file) if file.bytes.is_empty() && !is_settled(file)) {
            break;
        }
        thread::sleep(PAUSE);
        last = read(path, max_bytes);
    }
    last
}

fn is_settled(file: &FileBytes) -> bool {
    file.modified
        .and_then(|modified| modified.elapsed().ok())
        .is_some_and(|age| age >= SETTLED)
}

/// One attempt; `None` when the file changed meanwhile.
fn read_once(path: &Path, max_bytes: u64) -> io::Result<Option<FileRead>> {
    let before = fs::metadata(path)?;
    if !before.is_file() {
        let what = kind_of(&before);
        return Ok(Some(FileRead::NotRegular { what }));
    }
    if before.len() > max_bytes {
        let size = before.len();
        return Ok(Some(FileRead::TooLarge { size }));
    }
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    (&file).take(max_bytes + 1).read_to_end(&mut bytes)?;
    let after = file.metadata()?;
    if version(&before) != version(&after) || after.len() != bytes.len() as u64 {
        return Ok(None);
    }
    Ok(Some(FileRead::Bytes(FileBytes {
        bytes,
        modified: after.modified().ok(),
        mode: after.mode() & 0o7777,
    })))
}

/// What changes when a file is rewritten or replaced.
fn version(metadata: &Metadata) -> (u64, u64, i64, i64) {
    (
        metadata.ino(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
    )
}

fn kind_of(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Whether Python's `Path.exists()` answers `False` for this error; for others it raises.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || is_link_loop(error)
}

/// `ELOOP`, which `io::ErrorKind` cannot name yet.
pub(super) fn is_link_loop(error: &io::Error) -> bool {
    const ELOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };
    error.raw_os_error() == Some(ELOOP)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn reads_content_with_time_and_mode_and_shows_none_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let FileRead::Bytes(file) = read_filled(&path, 7) else {
            panic!("{:?}", read(&path, 7));
        };
        assert_eq!((file.bytes.as_slice(), file.mode), (&b"hunter2"[..], 0o640));
        assert_eq!(file.modified, fs::metadata(&path).unwrap().modified().ok());
        assert!(!format!("{file:?}").contains("hunter2") && !format!("{file:?}").contains("104"));
        assert!(matches!(read(&path, 6), FileRead::TooLarge { size: 7 }));
    }

    #[test]
    fn opens_nothing_but_regular_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        let _listener = UnixListener::bind(path("socket")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        symlink("loop", path("loop")).unwrap();
        fs::write(path("file"), "").unwrap();
        let what = |path: &Path| match read(path, 10) {
            FileRead::NotRegular { what } => what,
            FileRead::Missing => "missing",
            _ => "something else",
        };
        assert_eq!(what(folder.path()), "a directory");
        assert_eq!(what(&path("socket")), "a socket");
        for name in ["absent", "dangling", "loop", "file/below"] {
            assert_eq!(what(&path(name)), "missing", "{name}");
        }
    }

    #[test]
    fn believes_an_empty_file_that_has_settled_or_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let file = File::create(&path).unwrap();
        for modified in [SystemTime::now(), SystemTime::UNIX_EPOCH] {
            file.set_modified(modified).unwrap();
            assert!(matches!(read_filled(&path, 10), FileRead::Bytes(file) if file.bytes.is_empty()));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn gives_up_on_a_file_whose_size_never_agrees_with_its_content() {
        assert!(matches!(
            read(Path::new("/proc/self/status"), 1 << 20),
            FileRead::Torn
        ));
    }
}
