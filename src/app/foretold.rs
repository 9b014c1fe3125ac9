//! Which findings had told of an outcome before it came.

use super::publish::Done;
use crate::domain::catalogue::FindingName as F;
use crate::domain::finding::{Finding, Severity};
use crate::domain::publish::{Outcome, Report};

/// The findings that told of it: those of the plan, and those of the inputs as they are.
pub fn foretold(done: &Done, findings: &[Finding]) -> Vec<F> {
    let of_plan = done.plan.findings.iter();
    let all = of_plan.clone().chain(findings.iter().filter(|finding| {
        let known = |other: &Finding| other.name == finding.name;
        !of_plan.clone().any(known)
    }));
    all.filter(|finding| tells(finding, &done.report))
        .map(|finding| finding.name)
        .collect()
}

fn tells(finding: &Finding, report: &Report) -> bool {
    let no_route = finding.severity() == Severity::NullRoute;
    let wrong_place = matches!(
        finding.name,
        F::RoutingIdDisagreesWithIssues | F::IssuesOfAnotherProject | F::RoutingKeyUnusual
    );
    let nothing_in_it = matches!(finding.name, F::StoreMissing | F::StoreElsewhere | F::StoreEmpty);
    let status = report.answer.as_ref().map(|answer| answer.status);
    match (report.outcome, status) {
        (Outcome::Delivered, _) => no_route || wrong_place || nothing_in_it,
        (Outcome::Refused, Some(401 | 403)) => matches!(
            finding.name,
            F::TokenMissing | F::ProviderTokenAsBearer | F::SessionTokenUnused
        ),
        (Outcome::Refused, _) => {
            no_route || wrong_place || nothing_in_it || finding.name == F::IdempotencyKeyReused
        }
        (Outcome::NotSent | Outcome::Unknown, _) => {
            matches!(finding.name, F::ProxyInUse | F::ServerHostNew)
        }
    }
}
