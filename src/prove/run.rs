//! The user's own spec-kitty, run on the copy: bounded in time and output, with nothing of the user's environment and
//! no way to any server but the receiver.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::domain::inputs::{SYNC_VARIABLE, TOKEN_VARIABLE};
use crate::domain::secret::Secret;
use crate::scene::Sandbox;

/// How long a command may take.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);
/// Between looks at whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// Most that is kept of each stream.
const MAX_OUTPUT: u64 = 64 << 10;
/// What a proxy for everything but loopback is set to: nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A spec-kitty that can be run.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// What comes before spec-kitty's own arguments.
    before: Vec<&'static str>,
}

/// Why it cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing of that name.
    #[error("no `spec-kitty` on PATH")]
    NotFound,
    /// It cannot be started.
    #[error("{}: {error}", program.display())]
    Start {
        /// What was to be started.
        program: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It did not end.
    #[error("it did not end within {} s", DEADLINE.as_secs())]
    Deadline,
}

/// What a command left.
pub(super) struct Ended {
    /// Whether it exited with 0.
    pub(super) success: bool,
    /// Standard output.
    pub(super) stdout: String,
    /// Standard error.
    pub(super) stderr: String,
}

impl Program {
    /// `PYTHON -c ...` when a Python is given, else `spec-kitty` on PATH.
    pub fn find(python: Option<&Path>, path: Option<OsString>) -> Result<Self, RunError> {
        if let Some(python) = python {
            return Ok(Self {
                path: python.to_owned(),
                before: vec!["-c", "from specify_cli import main; main()"],
            });
        }
        let folders = path.unwrap_or_default();
        let found = std::env::split_paths(&folders)
            .map(|folder| folder.join("spec-kitty"))
            .find(|file| file.is_file());
        let path = found.ok_or(RunError::NotFound)?;
        Ok(Self {
            path,
            before: Vec::new(),
        })
    }

    /// Runs it in the copy.
    pub(super) fn run(
        &self,
        sandbox: &Sandbox,
        arguments: &[&str],
        token: Option<&Secret>,
    ) -> Result<Ended, RunError> {
        let mut command = Command::new(&self.path);
        command
            .args(&self.before)
            .args(arguments)
            .current_dir(sandbox.project())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", sandbox.user_home())
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env(SYNC_VARIABLE, "1")
            .envs(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, NOWHERE)))
            .env("NO_PROXY", "127.0.0.1")
            .envs(token.map(|token| (TOKEN_VARIABLE, token.expose())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let start = |error| RunError::Start {
            program: self.path.clone(),
            error,
        };
        let mut child = command.spawn().map_err(start)?;
        let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
        let Some(success) = wait(&mut child).map_err(start)? else {
            return Err(RunError::Deadline);
        };
        Ok(Ended {
            success,
            stdout: finish(stdout),
            stderr: finish(stderr),
        })
    }
}

/// Whether it exited with 0; `None` when it had to be killed.
fn wait(child: &mut Child) -> io::Result<Option<bool>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if started.elapsed() > DEADLINE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

type Collected = Option<JoinHandle<Vec<u8>>>;

/// Reads a stream to its end on a thread of its own and keeps the beginning.
fn collect(stream: Option<impl Read + Send + 'static>) -> Collected {
    let mut stream = stream?;
    Some(std::thread::spawn(move || {
        let mut kept = Vec::new();
        // What cannot be read is not there; the exit status tells how it went.
        let _ = stream.by_ref().take(MAX_OUTPUT).read_to_end(&mut kept);
        let _ = io::copy(&mut stream, &mut io::sink());
        kept
    }))
}

fn finish(collected: Collected) -> String {
    let bytes = collected
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
