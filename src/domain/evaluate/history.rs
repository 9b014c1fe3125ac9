//! What earlier publishes of this binding tell: nothing changed, another server (design section 4, notes).

use super::Report;
use crate::domain::catalogue::FindingName;
use crate::domain::endpoint::Endpoint;
use crate::domain::evaluation::BodyFacts;
use crate::domain::finding::{Finding, Place};
use crate::domain::journal::{Attempt, BindingIdentity};
use crate::domain::publish::Outcome;

/// Compares the body and the server with what was delivered before.
pub(super) fn check(
    report: &mut Report<'_>,
    identity: BindingIdentity<'_>,
    body: Option<BodyFacts>,
    endpoint: Option<&Endpoint>,
) {
    let delivered: Vec<&Attempt> = report
        .inputs
        .journal
        .iter()
        .filter(|attempt| attempt.outcome() == Outcome::Delivered && attempt.record.binding() == identity)
        .collect();
    let Some(last) = delivered.last() else { return };
    let journal = Place::file(&report.inputs.journal_path);
    let attempt = format!("attempt {}", last.record.id);
    let mut findings = Vec::new();
    if body.is_some_and(|body| body.blake3_hex() == last.record.body_blake3) {
        let detail = format!("The body is the one that was delivered {}", last.record.time);
        findings.push(Finding::new(FindingName::NothingChanged, detail).at(journal.clone(), attempt.clone()));
    }
    let origin = endpoint.map(Endpoint::origin);
    let origin_of = |attempt: &&&Attempt| {
        let endpoint = Endpoint::new(attempt.record.server_url()).ok();
        endpoint.map(|endpoint| endpoint.origin())
    };
    if origin.is_some() && !delivered.iter().any(|attempt| origin_of(&attempt) == origin) {
        let detail = format!(
            "This binding was delivered to {} so far, never to {}",
            origin_of(&last).unwrap_or_default(),
            origin.unwrap_or_default()
        );
        findings.push(Finding::new(FindingName::ServerHostNew, detail).at(journal, attempt));
    }
    for finding in findings {
        report.add(finding);
    }
}
