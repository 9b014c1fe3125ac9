//! Hands a link to the desktop, without a shell.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::domain::inputs::TOKEN_VARIABLE;
use crate::domain::web_link::WebLink;
use crate::platform::OPENER;

/// How often an opener that is still there is looked at, and how long it is waited for: one that lasts is a browser.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// Opens a link; returns what took it.
///
/// # Errors
/// Why nothing was opened.
pub fn open(link: &WebLink) -> Result<&'static str, String> {
    let (program, before) = OPENER;
    let mut opener = Command::new(program)
        .args(before)
        .arg(&link.url)
        .env_remove(TOKEN_VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    for _ in 0..LOOKS {
        match opener.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(program),
            Ok(Some(status)) => return Err(format!("{program} ended with {status}")),
            Ok(None) => thread::sleep(PAUSE),
            Err(error) => return Err(format!("{program}: {error}")),
        }
    }
    // Somebody has to take note of its end, whenever that is.
    thread::spawn(move || opener.wait());
    Ok(program)
}
