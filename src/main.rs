//! The `catseye` binary: parses, runs, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    catseye::run()
}
