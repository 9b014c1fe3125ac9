//! `catseye prove`: the user's own spec-kitty 2.1.0-3.0.0 publishes a private copy of the project to a receiver on
//! loopback, and its request is held against catseye's. The parity suite compares by the same [`compare`].

mod copy;
mod run;

use std::io::{self, Read};

use crate::domain::endpoint::SNAPSHOTS_PATH;
use crate::domain::exchange::{Difference, Message, compare};
use crate::domain::inputs::Inputs;
use crate::domain::plan::Plan;
use crate::scene::{Received, Receiver};
use crate::sources::store::Body;

pub use run::{Program, RunError};

use copy::copy;

/// The largest body that is compared.
const MAX_BODY: u64 = 256 << 20;

/// What came of it.
#[derive(Debug)]
pub enum Proof {
    /// Both send this many bytes, and everything else the same.
    Same(u64),
    /// Both send, and something differs.
    Differs(Vec<Difference>),
    /// Neither sends; what spec-kitty says.
    BothRefuse(String),
    /// spec-kitty sends where catseye refuses.
    OnlyTheirs(u64),
    /// catseye would send where spec-kitty does not; what it says.
    OnlyOurs(String),
}

/// Why nothing could be proven.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// spec-kitty could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The copy or the comparison failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not one of the versions that publish snapshots; what it said.
    #[error("spec-kitty {version} does not publish snapshots; only 2.1.0-3.0.0 do. It says: {says}")]
    OtherVersion {
        /// Its version.
        version: String,
        /// What it printed when asked to publish.
        says: String,
    },
    /// The body is larger than what is compared.
    #[error("the body has {0} bytes; only up to {MAX_BODY} are compared")]
    TooLarge(u64),
}

/// What catseye would send; `None` when it refuses.
pub type Ours<'a> = Option<(&'a Plan, &'a Body)>;

/// Lets spec-kitty publish and compares; `version` is what [`version`] told.
pub fn prove(program: &Program, version: &str, inputs: &Inputs, ours: Ours<'_>) -> Result<Proof, ProveError> {
    let sandbox = copy(inputs)?;
    let receiver = Receiver::recording()?;
    let token = inputs.environment.auth_token.as_ref().map(|given| &given.value);
    let url = receiver.url();
    let publish = ["tracker", "sync", "publish", "--json", "--server-url", &url];
    // Newer versions have neither of the options; what they say to the rest is worth telling.
    let is_old = publishes_snapshots(version);
    let arguments = if is_old { &publish[..] } else { &publish[..3] };
    let ended = program.run(&sandbox, arguments, token)?;
    let says = last_words(&ended.stderr, &ended.stdout);
    if !is_old {
        let version = version.to_owned();
        return Err(ProveError::OtherVersion { version, says });
    }
    match (receiver.take().pop(), ours) {
        (None, None) => Ok(Proof::BothRefuse(says)),
        (None, Some(_)) if ended.success => Ok(Proof::OnlyOurs("it ended without a request".to_owned())),
        (None, Some(_)) => Ok(Proof::OnlyOurs(says)),
        (Some(theirs), None) => Ok(Proof::OnlyTheirs(theirs.body_bytes)),
        (Some(theirs), Some((plan, body))) => beside(&theirs, plan, body),
    }
}

fn beside(theirs: &Received, plan: &Plan, body: &Body) -> Result<Proof, ProveError> {
    if plan.body.bytes > MAX_BODY {
        return Err(ProveError::TooLarge(plan.body.bytes));
    }
    let mut bytes = Vec::new();
    body.reader().read_to_end(&mut bytes)?;
    let bearer = plan.token().map(crate::domain::secret::Secret::as_bearer);
    let ours = Message {
        request_line: format!("POST {SNAPSHOTS_PATH}"),
        content_type: vec!["application/json".to_owned()],
        idempotency_key: vec![plan.idempotency_key.clone()],
        authorization: bearer.into_iter().collect(),
        body: &bytes,
    };
    let differences = compare(&theirs.message(), &ours);
    Ok(if differences.is_empty() {
        Proof::Same(plan.body.bytes)
    } else {
        Proof::Differs(differences)
    })
}

/// The version that a spec-kitty names.
pub fn version(program: &Program, inputs: &Inputs) -> Result<String, ProveError> {
    let sandbox = copy(inputs)?;
    let ended = program.run(&sandbox, &["--version"], None)?;
    let said = format!("{}\n{}", ended.stdout, ended.stderr);
    let named = said
        .split("version ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    match named {
        Some(version) => Ok(version.to_owned()),
        None => Err(io::Error::other(format!(
            "it names no version; it says: {}",
            last_words(&ended.stderr, &ended.stdout)
        ))
        .into()),
    }
}

/// Snapshot publish exists from 2.1.0 to 3.0.0 (reference 0.2).
fn publishes_snapshots(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    let parts = [numbers.next(), numbers.next(), numbers.next()].map(Option::flatten);
    matches!(parts, [Some(2), Some(1..), _] | [Some(3), Some(0), Some(0)])
}

/// The last lines that a command said; what stands before a blank line is another message.
fn last_words(stderr: &str, stdout: &str) -> String {
    const LINES: usize = 3;
    let said = if stderr.trim().is_empty() { stdout } else { stderr };
    let lines: Vec<&str> = said.trim().lines().map(str::trim).collect();
    let message = lines.rsplit(|line| line.is_empty()).next().unwrap_or_default();
    match message.len() {
        0 => "nothing".to_owned(),
        count => message[count.saturating_sub(LINES)..].join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_is_told_without_the_warnings_before_it() {
        assert_eq!(last_words("WARNING a\n  b\n\nRefusing\n", ""), "Refusing");
        assert_eq!(last_words("1\n2\n3\n4\n\n", "x"), "2 3 4");
        assert_eq!(last_words(" \n", "said"), "said");
        assert_eq!(last_words("", "\n"), "nothing");
    }

    #[test]
    fn knows_the_versions_that_publish() {
        for (version, publishes) in [
            ("2.0.7", false),
            ("2.1.0", true),
            ("2.1.4", true),
            ("3.0.0", true),
            ("3.0.1", false),
            ("3.2.7", false),
            ("x", false),
        ] {
            assert_eq!(publishes_snapshots(version), publishes, "{version}");
        }
    }
}
