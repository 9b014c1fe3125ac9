//! `catseye paths`: where everything is read from and written to, and the variables that count.

use std::io;

use super::output::{print, told};
use super::session::{Picture, Session};
use crate::domain::evaluation::KnownStore;
use crate::domain::store_listing::counted;

/// The environment variables that catseye looks at, with what they do.
pub const VARIABLES: [(&str, &str); 12] = [
    (
        "SPECIFY_REPO_ROOT",
        "the project, before any search; --project beats it",
    ),
    (
        "SPEC_KITTY_ENABLE_SAAS_SYNC",
        "must be 1, true, yes or on to publish",
    ),
    ("SAAS_API_URL", "the server, unless --server-url"),
    ("SAAS_AUTH_TOKEN", "the bearer token, unless --auth-token"),
    (
        "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY",
        "proxies as httpx reads them; loopback goes direct",
    ),
    ("HOME", "the home folder: ~/.spec-kitty"),
    (
        "SPEC_KITTY_HOME",
        "not read by 2.1.0-3.0.0 for this; told as what 3.2.3 and newer read",
    ),
    ("NO_COLOR", "no colours when set"),
    ("EDITOR", "the editor that `e` opens"),
    ("XDG_STATE_HOME", "where the journal lives"),
    ("XDG_CONFIG_HOME", "where the settings are: catseye/config.yaml"),
    ("TMPDIR", "where a large body is built, in a file without a name"),
];

/// Every store of the folder: whether it is used, what it holds, what leads to it.
fn store_listings(picture: &Picture) -> Vec<String> {
    let line = |known: &KnownStore| {
        let listing = &known.listing;
        let mut held: Vec<String> = listing
            .systems
            .iter()
            .map(|(system, issues)| format!("{} {system} issues", counted(*issues)))
            .collect();
        held.push(format!("{} mappings", counted(listing.mappings)));
        held.extend(listing.newest_update.iter().map(|time| format!("newest {time}")));
        if let Some(trouble) = &listing.trouble {
            held = vec![format!("{}: {trouble}", listing.state.name())];
        }
        let made_when = known
            .differs
            .iter()
            .map(|difference| format!("{} was {}", difference.part.name(), difference.shown_there()));
        held.extend(made_when);
        let use_word = if known.in_use { "in use" } else { "other" };
        format!(
            "{:<6} {:<12} {}",
            "",
            format!("  {use_word}"),
            format_args!("{}: {}", listing.path.display(), held.join(", "))
        )
    };
    picture.evaluation.stores.iter().map(line).collect()
}

/// Prints the paths and variables; returns the exit code.
pub fn run(session: &Session, settings: &str) -> io::Result<u8> {
    let picture = session.picture(false);
    let evaluation = &picture.evaluation;
    let config = picture
        .inputs
        .config
        .as_ref()
        .map(|config| config.path.display().to_string());
    let store = evaluation
        .store
        .path
        .as_ref()
        .map(|path| path.display().to_string());
    let rows = [
        (
            "read",
            "config",
            config.unwrap_or_else(|| "no project here".into()),
        ),
        (
            "read",
            "credentials",
            evaluation.credentials.path.display().to_string(),
        ),
        (
            "read",
            "store",
            store.unwrap_or_else(|| "no binding, so no store".into()),
        ),
        ("read", "settings", settings.to_owned()),
        ("write", "journal", session.journal.path().display().to_string()),
        (
            "write",
            "snapshots",
            session.surroundings.state.join("snapshots").display().to_string(),
        ),
    ];
    let stores = store_listings(&picture);
    print(|out| {
        for (does, name, path) in &rows {
            out.line([told!("{does:<6} {name:<12} {path}")])?;
        }
        for line in &stores {
            out.line([told!("{line}")])?;
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
