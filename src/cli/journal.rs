//! `catseye journal`: what was published from this machine.

use std::io;

use serde::Serialize;

use super::output::{Out, exit, print, refuse, say, told};
use super::session::Session;
use crate::domain::journal::{Attempt, AttemptRecord, ResultRecord};

/// An attempt as NDJSON.
#[derive(Serialize)]
struct AttemptJson<'a> {
    #[serde(flatten)]
    record: &'a AttemptRecord,
    outcome: &'static str,
    result: Option<&'a ResultRecord>,
}

/// Prints all attempts, oldest first; returns the exit code.
pub fn run(session: &Session, json: bool) -> io::Result<u8> {
    let history = match session.journal.read() {
        Ok(history) => history,
        Err(error) => return refuse(exit::TROUBLE, &error),
    };
    for (file, line) in &history.damaged {
        say(&format!(
            "{file}:{line}: this line is torn or was changed, and is left out"
        ));
    }
    print(|out| {
        for attempt in &history.attempts {
            if json {
                out.json(&as_json(attempt), false)?;
            } else {
                text_line(out, attempt)?;
            }
        }
        Ok(())
    })?;
    if history.attempts.is_empty() && !json {
        say(
            "nothing was published from this machine yet: `catseye publish --yes`, or p and P in the inspector",
        );
    }
    Ok(0)
}

fn as_json(attempt: &Attempt) -> AttemptJson<'_> {
    AttemptJson {
        record: &attempt.record,
        outcome: attempt.outcome().name(),
        result: attempt.result.as_ref(),
    }
}

fn text_line(out: &mut Out<'_>, attempt: &Attempt) -> io::Result<()> {
    let record = &attempt.record;
    let status = attempt.result.as_ref().and_then(|result| result.status);
    let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let route = match (&record.resource_type, &record.resource_id) {
        (Some(resource_type), Some(id)) => format!("{resource_type} / {id}"),
        _ => "null route".to_owned(),
    };
    let line = told!(
        "{} {:<9} {status:<4} {:>9} B  key {}  {route}  {}  {}",
        record.time,
        attempt.outcome().name(),
        record.body_bytes,
        record
            .idempotency_key
            .get(..12)
            .unwrap_or(&record.idempotency_key),
        record.endpoint,
        record.id,
    );
    out.line([line])
}
