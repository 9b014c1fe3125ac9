//! What operating systems do differently, and nothing else: each function stands in both files and means the same.
//!
//! What one system lacks is said at its function, so that a promise that holds on the other alone is never silent.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

use std::fs::Metadata;
use std::time::SystemTime;

/// What tells a file from all others of the machine: device and inode, or volume and index.
pub type FileId = (u64, u64);

/// A file's metadata with what `std` has only on some systems.
#[derive(Debug)]
pub struct Status {
    /// Kind, size and times.
    pub metadata: Metadata,
    /// Which file it is, whatever its name.
    pub id: FileId,
    /// When content or attributes changed, which no program can set back.
    pub changed: Option<SystemTime>,
}

/// What the system tells a program that has the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Stop until you are continued.
    Suspend,
    /// You were continued after a stop, perhaps one that could not be seen coming.
    Continued,
    /// End: what asks for it, for [`end_by`].
    End(i32),
}
