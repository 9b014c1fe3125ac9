//! `key`: what the fingerprints that stand for secrets are keyed with, kept beside the journal, so that a secret that did
//! not change looks the same in the next run. Of no use to whoever sees the fingerprints alone.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::platform::private;

/// The key's bytes.
pub type Key = [u8; 32];

const NAME: &str = "key";

/// The key in a folder, when there is a whole one.
pub fn read(folder: &Path) -> Option<Key> {
    let path = folder.join(NAME);
    let mut key = Key::default();
    path.metadata()
        .ok()
        .filter(|file| file.is_file() && file.len() == key.len() as u64)?;
    File::open(path).ok()?.read_exact(&mut key).ok()?;
    Some(key)
}

/// Makes one in a folder that is there, unless it has something of that name. Without one each run has its own: that is
/// no reason to do anything else differently.
pub(super) fn make(folder: &Path) {
    let mut key = Key::default();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if getrandom::fill(&mut key).is_ok()
        && let Ok(mut file) = private(&mut options).open(folder.join(NAME))
    {
        let _ = file.write_all(&key);
    }
}
