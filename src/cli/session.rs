//! What every command needs: where it stands, the journal, and the one way to load.

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::output::{exit, say, say_findings};
use crate::domain::catalogue::FindingName;
use crate::domain::evaluate::evaluate;
use crate::domain::evaluation::Evaluation;
use crate::domain::finding::{Bases, Finding, Severity};
use crate::domain::inputs::Inputs;
use crate::sinks::journal::{History, Journal};
use crate::sources::environment::Surroundings;
use crate::sources::load::{self, Rows, load};
use crate::sources::store::Body;

/// Where a command stands.
pub struct Session {
    /// Files, variables, flags.
    pub surroundings: Surroundings,
    /// The journal.
    pub journal: Journal,
    /// `--timeout-seconds`.
    pub timeout: Duration,
    /// `--read-only`.
    pub read_only: bool,
    /// The command that prints the same payload, for `curl`.
    pub payload_command: String,
}

/// Inputs, what they evaluate to, and the body when it was asked for.
pub struct Picture {
    /// The inputs.
    pub inputs: Inputs,
    /// The evaluation.
    pub evaluation: Evaluation,
    /// The body.
    pub body: Option<Body>,
}

impl Session {
    /// Loads and evaluates with every row checked.
    pub fn picture(&self, keep_body: bool) -> Picture {
        let never = AtomicBool::new(false);
        self.load(Rows::Audit {
            keep_body,
            cancel: &never,
            progress: &mut |_| {},
        })
    }

    /// [`Self::picture`] with the body, and whether the journal could take an attempt.
    pub fn picture_to_send(&self) -> Picture {
        let mut picture = self.picture(true);
        picture.inputs.journal_trouble = self.journal.trouble().map(|error| error.to_string());
        picture.evaluation = evaluate(&picture.inputs);
        picture
    }

    /// Loads and evaluates.
    pub fn load(&self, rows: Rows<'_>) -> Picture {
        self.load_in(&self.surroundings, rows)
    }

    /// [`Self::load`] in other surroundings.
    pub fn load_in(&self, surroundings: &Surroundings, rows: Rows<'_>) -> Picture {
        let loaded = load(surroundings, self.history(), rows);
        let evaluation = evaluate(&loaded.inputs);
        Picture {
            inputs: loaded.inputs,
            evaluation,
            body: loaded.body,
        }
    }

    /// Earlier publishes.
    pub fn history(&self) -> load::Journal {
        let history = self.journal.read().unwrap_or_else(|error| {
            say(&error.to_string());
            History::default()
        });
        load::Journal {
            path: self.journal.path(),
            attempts: history.attempts,
        }
    }

    /// The folders that paths are shown relative to.
    pub fn bases(&self, evaluation: &Evaluation) -> Bases {
        Bases::new(evaluation.project_root.as_deref(), &self.surroundings.environment)
    }
}

impl Picture {
    /// Says why no body can be built; returns the exit code.
    pub fn refuse(&self) -> io::Result<u8> {
        say_findings(self.blockers());
        Ok(exit::TROUBLE)
    }

    /// Whether nothing but a busy store is why there is no body.
    pub fn waits(&self) -> bool {
        self.blockers().next().is_some()
            && self
                .blockers()
                .all(|finding| finding.name == FindingName::StoreBusy)
    }

    /// The findings because of which no body can be built.
    fn blockers(&self) -> impl Iterator<Item = &Finding> {
        let decides = |finding: &&Finding| {
            finding.severity() == Severity::Blocker
                || matches!(finding.name, FindingName::StoreBusy | FindingName::InternalError)
        };
        self.evaluation.findings.iter().filter(decides)
    }
}
