//! `catseye publish` and `catseye curl`: the frozen plan, sent or as a command.

use std::io;
use std::sync::Arc;

use super::output::{exit, print, print_lines, refuse, say, say_findings, told};
use super::session::Session;
use crate::domain::catalogue::FindingName;
use crate::domain::finding::Finding;
use crate::domain::inputs::{Given, GivenBy};
use crate::domain::journal::{Attempt, unresolved};
use crate::domain::plan::{Consents, Plan};
use crate::domain::publish::Outcome;
use crate::sinks::publish::{NotSent, Published, Shipment, new_attempt, publish};
use crate::sinks::wire::Watch;
use crate::sources::load::Rows;
use crate::sources::store::Body;

/// What the command line says about a publish.
pub struct Options<'a> {
    /// `--yes`.
    pub yes: bool,
    /// `--allow`.
    pub allow: &'a [String],
    /// `--resend`.
    pub resend: Option<&'a str>,
}

/// Sends; returns the exit code.
pub fn run(session: &Session, options: &Options<'_>) -> io::Result<u8> {
    if !options.yes {
        say("publish asks no question: pass --yes to send, or look first with `catseye` or `catseye check`");
        return Ok(exit::USAGE);
    }
    let names = options
        .allow
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty());
    let consents = match Consents::parse(names) {
        Ok(consents) => consents,
        Err(error) => return refuse(exit::USAGE, &format!("--allow: {error}")),
    };
    match options.resend {
        Some(attempt) => resend(session, &consents, attempt),
        None => send(session, &consents),
    }
}

fn send(session: &Session, consents: &Consents) -> io::Result<u8> {
    let picture = session.picture_to_send();
    let (Ok(plan), Some(body)) = (Plan::freeze(&picture.inputs, &picture.evaluation), &picture.body) else {
        let code = picture.refuse()?;
        // A store that is busy now stands against sending, not against ever building a body.
        return Ok(if picture.waits() { exit::HELD_BACK } else { code });
    };
    ship(session, consents, &plan, body)
}

/// Sends an unknown attempt again: the kept bytes with the same key to the same place.
fn resend(session: &Session, consents: &Consents, id: &str) -> io::Result<u8> {
    let attempts = match session.journal.read() {
        Ok(history) => history.attempts,
        Err(error) => return refuse(exit::HELD_BACK, &error),
    };
    let Some(Attempt { record, .. }) = unresolved(&attempts).find(|attempt| attempt.record.id == id) else {
        let why = format!("no unknown attempt is called {id:?}; `catseye journal` lists them");
        return refuse(exit::USAGE, &why);
    };
    let kept = session.journal.snapshot(id).map(Body::of_file).transpose()?;
    let Some(body) = kept.filter(|body| body.digest_hex() == record.body_blake3) else {
        let why = format!("the bytes of attempt {id} are no longer kept; publish anew");
        return refuse(exit::TROUBLE, &why);
    };
    let mut surroundings = session.surroundings.clone();
    surroundings.environment.server_url = Some(Given {
        value: record.server_url().to_owned(),
        by: GivenBy::Flag("--resend"),
    });
    let picture = session.load_in(&surroundings, Rows::Skip);
    match Plan::again(record, &picture.inputs, &picture.evaluation) {
        Ok(plan) => ship(session, consents, &plan, &body),
        Err(error) => refuse(
            exit::HELD_BACK,
            &format!("attempt {id} cannot be sent again: {error}"),
        ),
    }
}

/// Sends what was planned, unless something holds it back.
fn ship(session: &Session, consents: &Consents, plan: &Plan, body: &Body) -> io::Result<u8> {
    let held_back: Vec<&Finding> = plan.held_back_by(consents).collect();
    let may_send = may_send(session, &held_back);
    let Some(endpoint) = plan.endpoint.as_ref().filter(|_| may_send) else {
        return Ok(exit::HELD_BACK);
    };
    let (id, time) = new_attempt();
    let shipment = Shipment {
        record: plan.attempt(endpoint, id, time),
        endpoint,
        bearer: plan.token(),
        proxy: plan.proxy.as_ref(),
        timeout: session.timeout,
    };
    let watch = Arc::new(Watch::new());
    match publish(shipment, || Ok(body.reader()), &session.journal, &watch) {
        Ok(published) => {
            print_outcome(&published, &endpoint.way(plan.proxy.as_ref()))?;
            Ok(exit_code(published.report.outcome))
        }
        Err(NotSent::Journal(error)) => {
            let name = FindingName::JournalUnwritable.as_str();
            refuse(exit::HELD_BACK, &format!("{name}: {error}; nothing was sent"))
        }
        Err(error @ NotSent::Body(_)) => {
            refuse(exit_code(Outcome::NotSent), &format!("{error}; nothing was sent"))
        }
    }
}

/// Says what holds the publish back; whether nothing does.
fn may_send(session: &Session, held_back: &[&Finding]) -> bool {
    say_findings(held_back.iter().copied());
    let consents: Vec<_> = held_back
        .iter()
        .filter(|finding| finding.severity().needs_consent())
        .map(|finding| finding.name.as_str())
        .collect();
    if !consents.is_empty() {
        say(&format!(
            "to publish all the same: --allow {}",
            consents.join(",")
        ));
    }
    if session.read_only {
        say("--read-only: nothing is sent");
    }
    held_back.is_empty() && !session.read_only
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Delivered => 0,
        Outcome::Refused => 4,
        Outcome::NotSent => 5,
        Outcome::Unknown => 6,
    }
}

fn print_outcome(published: &Published, to: &str) -> io::Result<()> {
    let report = &published.report;
    print(|out| {
        let mut row = |name: &str, value: &str| out.line([told!("{name:<9} {value}")]);
        row("outcome", report.outcome.name())?;
        row("attempt", &published.attempt)?;
        row("to", to)?;
        if let Some(answer) = &report.answer {
            row(
                "status",
                format!("{} {}", answer.status, answer.reason).trim_end(),
            )?;
        }
        row(
            "sent",
            &format!("{} of {} bytes", report.bytes_sent, report.body_bytes),
        )?;
        row("time", &format!("{} ms", report.elapsed.as_millis()))
    })?;
    if let Some(answer) = &report.answer {
        for text in [answer.body_note.clone(), answer.advice()].into_iter().flatten() {
            say(&text);
        }
        print_lines(&String::from_utf8_lossy(&answer.body))?;
    }
    if let Some(failure) = &report.failure {
        say(&format!("{}: {}", failure.phase.doing(), failure.message));
        say(failure.next);
    }
    if let Some(error) = &published.journal_error {
        say(&format!(
            "the result could not be written down, the attempt will show as unknown: {error}"
        ));
    }
    Ok(())
}

/// Prints the curl command; returns the exit code.
pub fn curl(session: &Session) -> io::Result<u8> {
    let picture = session.picture(false);
    let Ok(plan) = Plan::freeze(&picture.inputs, &picture.evaluation) else {
        return picture.refuse();
    };
    let command = plan.curl(&session.payload_command);
    print(|out| out.line([told!("{command}")]))?;
    Ok(0)
}
