//! The user's editor.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::domain::inputs::TOKEN_VARIABLE;
use crate::platform;

/// Whom the editor reads from and writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// The terminal, which was lent to it.
    Terminal,
    /// Nobody: one that has to be set.
    Nobody,
}

/// Opens the editor at a line and waits until it is closed.
pub fn open(file: &Path, line: usize, with: With) -> Result<(), String> {
    let set = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        let text = std::env::var_os(name)?.to_string_lossy().into_owned();
        // As for git, one that is empty is none.
        (!text.trim().is_empty()).then_some((name, text))
    });
    let editor = match (&set, with) {
        (Some((_, set)), _) => set,
        (None, With::Terminal) => platform::EDITOR,
        (None, With::Nobody) => return Err("no editor: neither $VISUAL nor $EDITOR is set".to_owned()),
    };
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(program);
    command.args(words).env_remove(TOKEN_VARIABLE);
    if platform::EDITOR_TAKES_LINES || set.is_some() {
        command.arg(format!("+{line}"));
    }
    if with == With::Nobody {
        // vim would read its keys from standard error.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    }
    match command.arg(file).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor {program} ended with {status}")),
        Err(error) => {
            let advice = match set {
                Some((name, _)) => format!("${name} names it"),
                None => "set $EDITOR, or edit the file elsewhere: the copy menu has its path".to_owned(),
            };
            Err(format!("the editor {program} did not start ({advice}): {error}"))
        }
    }
}
