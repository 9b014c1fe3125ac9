//! `catseye prove`: the user's own spec-kitty on a private copy, beside catseye.

use std::io;
use std::path::Path;

use super::output::{exit, print, say, told};
use super::session::Session;
use crate::domain::plan::Plan;
use crate::prove::{self, Program, Proof, ProveError, RunError};

/// What to install where none is found; newer typer versions no longer bring click (reference 0.5).
const INSTALL: &str = "pip install spec-kitty-cli==3.0.0 spec-kitty-tracker==0.2.0 typer==0.24.1 click, or pass --python PYTHON";

/// Proves; returns the exit code.
pub fn run(session: &Session, python: Option<&Path>) -> io::Result<u8> {
    match proven(session, python) {
        Ok(proof) => print_proof(&proof),
        Err(error) => {
            say(&error.to_string());
            if matches!(error, ProveError::Run(RunError::NotFound)) {
                say(INSTALL);
            }
            Ok(exit::TROUBLE)
        }
    }
}

fn proven(session: &Session, python: Option<&Path>) -> Result<Proof, ProveError> {
    // It is run in another folder.
    let python = python.map(std::path::absolute).transpose()?;
    let program = Program::find(python.as_deref(), std::env::var_os("PATH"))?;
    let picture = session.picture(true);
    let version = prove::version(&program, &picture.inputs)?;
    say(&format!(
        "running {} (spec-kitty {version})",
        program.path.display()
    ));
    let plan = Plan::freeze(&picture.inputs, &picture.evaluation).ok();
    let ours = plan.as_ref().zip(picture.body.as_ref());
    prove::prove(&program, &version, &picture.inputs, ours)
}

fn print_proof(proof: &Proof) -> io::Result<u8> {
    let (lines, code) = match proof {
        Proof::Same(bytes) => (vec![format!("same {bytes} bytes, same headers")], 0),
        Proof::Differs(differences) => (
            differences.iter().map(ToString::to_string).collect(),
            exit::DIFFERS,
        ),
        Proof::BothRefuse(says) => (vec![format!("both refuse; spec-kitty says: {says}")], 0),
        Proof::OnlyTheirs(bytes) => (
            vec![format!(
                "spec-kitty sends {bytes} bytes where catseye refuses: see `catseye check`"
            )],
            exit::DIFFERS,
        ),
        Proof::OnlyOurs(says) => (
            vec![format!(
                "catseye would send, spec-kitty does not; it says: {says}"
            )],
            exit::DIFFERS,
        ),
    };
    print(|out| lines.iter().try_for_each(|line| out.line([told!("{line}")])))?;
    Ok(code)
}
