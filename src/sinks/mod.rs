//! Writes the outside: the publish request, the journal, the clipboard, new files; hands links to the desktop.

pub mod browser;
pub mod clipboard;
pub mod compare;
pub mod journal;
pub mod mask_key;
pub mod new_file;
pub mod publish;
pub mod wire;
