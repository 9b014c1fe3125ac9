//! A folder tree as names, kinds, contents, modes and modification times: what an inspector must leave alone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub type Tree = BTreeMap<PathBuf, Entry>;

#[derive(PartialEq, Eq)]
pub struct Entry {
    mode: u32,
    modified: (i64, i64),
    content: Content,
}

#[derive(PartialEq, Eq)]
enum Content {
    Folder,
    Link(PathBuf),
    File(Vec<u8>),
}

pub fn snapshot(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        let facts = path.symlink_metadata()?;
        let content = if facts.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
            Content::Folder
        } else if facts.is_symlink() {
            Content::Link(path.read_link()?)
        } else {
            Content::File(fs::read(&path)?)
        };
        tree.insert(
            path,
            Entry {
                mode: facts.mode(),
                modified: (facts.mtime(), facts.mtime_nsec()),
                content,
            },
        );
    }
    Ok(tree)
}

/// One line for each path that is not what it was.
pub fn difference(before: &Tree, after: &Tree) -> Vec<String> {
    let gone = before
        .keys()
        .filter(|path| !after.contains_key(*path))
        .map(|path| format!("deleted {}", path.display()));
    let changed = after.iter().filter_map(|(path, entry)| match before.get(path) {
        None => Some(format!("created {}", path.display())),
        Some(old) if old.content != entry.content => Some(format!("rewrote {}", path.display())),
        Some(old) if old != entry => Some(format!("touched {}", path.display())),
        Some(_) => None,
    });
    gone.chain(changed).collect()
}
