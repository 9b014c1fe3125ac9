//! `key`: what the fingerprints that stand for secrets are keyed with, kept beside the journal, so that a secret that did
//! not change looks the same in the next run. Of no use to whoever sees the fingerprints alone.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::platform::open_without_waiting;

/// The key's bytes.
pub type Key = [u8; 32];

const NAME: &str = "key";

/// The key in a folder, when there is a whole one.
pub fn read(folder: &Path) -> Option<Key> {
    let file = open_without_waiting(&folder.join(NAME)).ok()?;
    let mut key = Key::default();
    let whole = file.metadata().ok()?;
    (whole.is_file() && whole.len() == key.len() as u64).then_some(())?;
    (&file).read_exact(&mut key).ok()?;
    // Nobody's: that of the scenes.
    (key != Key::default()).then_some(key)
}

/// Makes one in a folder that is there, unless it has something of that name. Without one each run has its own: that is
/// no reason to do anything else differently.
pub(super) fn make(folder: &Path) {
    let path = folder.join(NAME);
    if path.symlink_metadata().is_ok() {
        return;
    }
    let _ = try_make(folder, &path);
}

/// Under another name until it is whole; a temporary file is for its owner alone. It is not synced: no publish waits for it.
fn try_make(folder: &Path, path: &Path) -> io::Result<()> {
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&key)?;
    file.persist_noclobber(path)?;
    Ok(())
}
