//! `catseye report`: one redacted file for a bug report.

use std::io;
use std::path::{Path, PathBuf};

use super::output::{exit, print, print_lines, refuse, say, told};
use super::session::Session;
use crate::domain::mask::Masker;
use crate::domain::report::report;
use crate::domain::scrub::scrub;
use crate::sinks::new_file;
use crate::sources::machine;

/// Where a report goes and what it may name.
pub struct Options<'a> {
    /// `--output`: a new file, or `-` for standard output.
    pub output: Option<&'a Path>,
    /// `--with-names`.
    pub with_names: bool,
    /// Makes the digests.
    pub masker: Masker,
    /// Where the file goes without `--output`.
    pub folder: PathBuf,
}

/// Writes the report and names the file; returns the exit code.
pub fn run(session: &Session, options: Options<'_>) -> io::Result<u8> {
    let picture = session.picture(false);
    let facts = machine::facts(&picture.evaluation);
    let text = report(
        &picture.inputs,
        &picture.evaluation,
        &facts,
        options.masker,
        options.with_names,
    );
    if options.output == Some(Path::new("-")) {
        print_lines(&text)?;
        return Ok(0);
    }
    let text = scrub(&text);
    let (place, written) = match options.output {
        Some(path) => (path, new_file::write(path, &text).map(|()| path.to_owned())),
        None => (
            options.folder.as_path(),
            new_file::write_in(&options.folder, &text),
        ),
    };
    match written {
        Ok(path) => {
            print(|out| out.line([told!("{}", path.display())]))?;
            say(
                "written, for you alone to read; its last section says what was left out: look it through \
                 before you attach it",
            );
            Ok(0)
        }
        Err(error) => refuse(
            exit::TROUBLE,
            &format!(
                "writing the report to {}: {error}; name a new file with --output FILE (nothing is overwritten), or \
                 print it with --output -",
                place.display()
            ),
        ),
    }
}
