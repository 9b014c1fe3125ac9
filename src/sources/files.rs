//! Reading a small file that another process may be rewriting: `config.yaml`, `credentials`, `.git`. Takes no lock and
//! creates nothing (reference A10; research/reliability.md section 3, "Torn reads").

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::stamp::Stamp;
use crate::platform::{self, is_in_use, is_missing, open_without_waiting, status, status_of};

/// Pauses before the attempts to read: 0.37 s in all, then a file is given up as torn.
const PAUSES_MS: [u64; 9] = [0, 10, 20, 40, 60, 60, 60, 60, 60];
/// A whole file must have rested this long: within one tick of the file system's clock two changes look like one.
const TICK: Duration = Duration::from_millis(20);
/// An empty or broken file must have rested this long: spec-kitty truncates before it writes.
const SETTLED: Duration = Duration::from_millis(250);

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

impl FileRead {
    /// The content; `None` where there is no file. An error is told in words that follow on the file's name.
    pub fn content(self) -> Result<Option<FileBytes>, String> {
        match self {
            Self::Bytes(file) => Ok(Some(file)),
            Self::Missing => Ok(None),
            Self::NotRegular { what } => Err(format!("it is {what}, not a file")),
            Self::TooLarge { size } => Err(format!("{size} bytes are too many for this file")),
            Self::Unreadable { message, .. } => Err(message),
            Self::Torn => Err("it kept changing while it was read".to_owned()),
        }
    }
}

/// A file's content and what is told about it.
pub struct FileBytes {
    /// The content.
    pub bytes: Vec<u8>,
    /// When it was last changed.
    pub modified: Option<SystemTime>,
    /// Its permission bits, where there are such.
    pub mode: Option<u32>,
    stamp: Stamp,
    /// How long it had not changed when it was read.
    rested: Duration,
}

/// Without the content, which may be secret.
impl fmt::Debug for FileBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBytes")
            .field("len", &self.bytes.len())
            .field("modified", &self.modified)
            .field("mode", &self.mode.map(|mode| format!("{mode:o}")))
            .finish_non_exhaustive()
    }
}

/// Reads a file of at most `max_bytes` once it has rested, so that what is returned was never half of a change.
pub fn read(path: &Path, max_bytes: u64) -> FileRead {
    read_whole(path, max_bytes, |_| true)
}

/// [`read`] for a file that its writer truncates first: one that is not whole is only believed when it stays so.
pub fn read_whole(path: &Path, max_bytes: u64, is_whole: impl Fn(&[u8]) -> bool) -> FileRead {
    let mut seen: Option<(Instant, FileBytes)> = None;
    for pause in PAUSES_MS {
        thread::sleep(Duration::from_millis(pause));
        let file = match read_once(path, max_bytes) {
            Ok(Some(FileRead::Bytes(file))) => file,
            Ok(Some(read)) => return read,
            Ok(None) => {
                seen = None;
                continue;
            }
            Err(error) if is_in_use(&error) => {
                seen = None;
                continue;
            }
            Err(error) if is_missing(&error) => return FileRead::Missing,
            Err(error) => {
                return FileRead::Unreadable {
                    kind: error.kind(),
                    message: error.to_string(),
                };
            }
        };
        let since = match seen {
            Some((since, before)) if before.stamp == file.stamp && before.bytes == file.bytes => since,
            _ => Instant::now(),
        };
        let needed = if is_whole(&file.bytes) { TICK } else { SETTLED };
        // Times from another clock may lie in the future: then what is watched here counts.
        if file.rested >= needed || since.elapsed() >= needed {
            return FileRead::Bytes(file);
        }
        seen = Some((since, file));
    }
    FileRead::Torn
}

/// One attempt; `None` when the file changed meanwhile.
fn read_once(path: &Path, max_bytes: u64) -> io::Result<Option<FileRead>> {
    let now = SystemTime::now();
    let before = status(path)?;
    if !before.metadata.is_file() {
        let what = kind_of(&before.metadata);
        return Ok(Some(FileRead::NotRegular { what }));
    }
    let size = before.metadata.len();
    if size > max_bytes {
        return Ok(Some(FileRead::TooLarge { size }));
    }
    let file = open_regular(path)?;
    // Room for the whole file at once: one call sees fewer writes in progress than many.
    let room = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = vec![0; room];
    let mut length = 0;
    while length < bytes.len() {
        match (&file).read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    let after = status_of(&file)?;
    let stamp = Stamp::of(&after);
    if Stamp::of(&before) != stamp || stamp.bytes != bytes.len() as u64 {
        return Ok(None);
    }
    let age = |at: Option<SystemTime>| at.and_then(|at| now.duration_since(at).ok()).unwrap_or_default();
    Ok(Some(FileRead::Bytes(FileBytes {
        rested: age(stamp.modified).min(age(stamp.changed)),
        stamp,
        bytes,
        modified: stamp.modified,
        mode: platform::mode(&after.metadata),
    })))
}

/// Opens a file that was a regular one just now. One that a pipe has taken the place of meanwhile does not block.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let file = open_without_waiting(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is no longer a regular file"))
    }
}

fn kind_of(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        "a directory"
    } else {
        platform::special(metadata.file_type())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    #[cfg(unix)]
    use std::os::unix::fs::{PermissionsExt, symlink};
    #[cfg(unix)]
    use std::os::unix::net::UnixListener;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn reads_content_with_time_and_mode_and_shows_none_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let FileRead::Bytes(file) = read_whole(&path, 7, |_| true) else {
            panic!("{:?}", read(&path, 7));
        };
        assert_eq!((file.bytes.as_slice(), file.mode), (&b"hunter2"[..], Some(0o640)));
        assert_eq!(file.modified, fs::metadata(&path).unwrap().modified().ok());
        assert!(!format!("{file:?}").contains("hunter2") && !format!("{file:?}").contains("104"));
        assert!(matches!(read(&path, 6), FileRead::TooLarge { size: 7 }));
    }

    #[cfg(unix)]
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
    fn believes_a_file_that_is_not_whole_only_when_it_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let file = File::create(&path).unwrap();
        let far = SystemTime::now() + Duration::from_hours(1);
        // Elsewhere a time that is set back is not seen through.
        let old = cfg!(unix).then_some(SystemTime::UNIX_EPOCH);
        for modified in [SystemTime::now(), far].into_iter().chain(old) {
            file.set_modified(modified).unwrap();
            let tries = std::cell::Cell::new(0);
            let read = read_whole(&path, 10, |bytes| {
                tries.set(tries.get() + 1);
                !bytes.is_empty()
            });
            assert!(matches!(read, FileRead::Bytes(file) if file.bytes.is_empty()));
            assert!(
                tries.get() > 1,
                "a change of a moment ago is not believed at once"
            );
        }
    }

    #[test]
    fn waits_for_the_end_of_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        File::create(&path).unwrap();
        let filled = std::cell::Cell::new(false);
        let read = read_whole(&path, 100, |bytes| {
            if !filled.replace(true) {
                fs::write(&path, "whole").unwrap();
            }
            !bytes.is_empty()
        });
        assert!(matches!(read, FileRead::Bytes(file) if file.bytes == b"whole"));
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
