//! `catseye paths`: where everything is read from and written to, and the variables that count.

use std::fmt::Display;
use std::io;

use super::output::{print, told};
use super::session::Session;
use crate::domain::evaluation::KnownStore;
use crate::domain::inputs::{
    NEWER_HOME_VARIABLE, PROJECT_VARIABLE, SERVER_VARIABLE, SYNC_VARIABLE, TOKEN_VARIABLE,
};
use crate::domain::store_listing::counted;
use crate::platform::{CONFIG_VARIABLE, HOME_VARIABLE, STATE_VARIABLE, TEMPORARY_VARIABLE};

/// The environment variables that catseye looks at, with what they do.
pub const VARIABLES: [(&str, &str); 12] = [
    (
        PROJECT_VARIABLE,
        "the project, before any search; --project beats it",
    ),
    (SYNC_VARIABLE, "must be 1, true, yes or on to publish"),
    (SERVER_VARIABLE, "the server, unless --server-url"),
    (TOKEN_VARIABLE, "the bearer token, unless --auth-token"),
    (
        "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY",
        "proxies as httpx reads them; loopback goes direct",
    ),
    (HOME_VARIABLE, "the home folder: ~/.spec-kitty"),
    (
        NEWER_HOME_VARIABLE,
        "not read by 2.1.0-3.0.0 for this; told as what 3.2.3 and newer read",
    ),
    ("NO_COLOR", "no colours when set"),
    (
        "VISUAL EDITOR",
        "the editor that `e` opens: the first that is set",
    ),
    (STATE_VARIABLE, "where the journal lives"),
    (CONFIG_VARIABLE, "where the settings are: catseye/config.yaml"),
    (
        TEMPORARY_VARIABLE,
        "where a large body is built, in a file without a name",
    ),
];

/// Prints the paths and variables; returns the exit code.
pub fn run(session: &Session, settings: &str) -> io::Result<u8> {
    let picture = session.picture(false);
    let evaluation = &picture.evaluation;
    print(|out| {
        let mut row =
            |does: &str, name: &str, place: &dyn Display| out.line([told!("{does:<6} {name:<12} {place}")]);
        match &picture.inputs.config {
            Some(config) => row("read", "config", &config.path.display())?,
            None => row("read", "config", &"no project here")?,
        }
        row("read", "credentials", &evaluation.credentials.path.display())?;
        match &evaluation.store.path {
            Some(path) => row("read", "store", &path.display())?,
            None => row("read", "store", &"no binding, so no store")?,
        }
        row("read", "settings", &settings)?;
        row("write", "journal", &session.journal.path().display())?;
        row(
            "write",
            "snapshots",
            &session.surroundings.state.join("snapshots").display(),
        )?;
        row("write", "key", &session.surroundings.state.join("key").display())?;
        for known in &evaluation.stores {
            let use_word = if known.in_use { "  in use" } else { "  other" };
            row("", use_word, &store_line(known))?;
        }
        out.blank()?;
        for (variable, meaning) in VARIABLES {
            out.line([told!("{variable}")])?;
            out.line([told!("       {meaning}")])?;
        }
        Ok(())
    })?;
    Ok(0)
}

/// A store of the folder: what it holds, what led to it.
fn store_line(known: &KnownStore) -> String {
    let listing = &known.listing;
    let mut held = Vec::new();
    if let Some(trouble) = &listing.trouble {
        held.push(format!("{}: {trouble}", listing.state.name()));
    } else {
        let issues = listing.systems.iter();
        held.extend(issues.map(|(system, issues)| format!("{} {system} issues", counted(*issues))));
        held.push(format!("{} mappings", counted(listing.mappings)));
        held.extend(listing.newest_update.iter().map(|time| format!("newest {time}")));
    }
    let made_when = known
        .differs
        .iter()
        .map(|difference| format!("{} was {}", difference.part.name(), difference.shown_there()));
    held.extend(made_when);
    format!("{}: {}", listing.path.display(), held.join(", "))
}
