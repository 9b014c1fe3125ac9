//! The user's editor.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::domain::inputs::TOKEN_VARIABLE;

/// Opens the editor at a line and waits until it is closed; it reads from and writes to what `stream` gives.
pub fn open(file: &Path, line: usize, stream: fn() -> Stdio) -> Result<(), String> {
    let set = ["VISUAL", "EDITOR"].iter().filter_map(std::env::var_os);
    let editor = set
        .map(|words| words.to_string_lossy().into_owned())
        .find(|words| !words.trim().is_empty())
        .ok_or("neither $VISUAL nor $EDITOR is set")?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let status = Command::new(program)
        .args(words)
        .arg(format!("+{line}"))
        .arg(file)
        .env_remove(TOKEN_VARIABLE)
        .stdin(stream())
        .stdout(stream())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) => Err(format!("{program}: {error}")),
    }
}
