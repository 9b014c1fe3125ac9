//! The real evaluation and a hypothetical one beside each other.

use super::super::catalogue::FindingName;
use super::super::evaluation::{Evaluation, StoreState};

/// A fact beside its hypothetical self.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub real: String,
    /// What it would be.
    pub hypothetical: String,
}

impl Beside {
    /// Whether the hypothesis leaves it as it is.
    pub fn same(&self) -> bool {
        self.real == self.hypothetical
    }
}

/// What a hypothesis makes of the real evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Verdict, route, scope, store, key and body.
    pub facts: Vec<Beside>,
    /// The findings that the hypothesis has no more.
    pub gone: Vec<FindingName>,
    /// Those that it has and the real one has not.
    pub new: Vec<FindingName>,
}

/// Compares the two.
pub fn difference(real: &Evaluation, hypothetical: &Evaluation) -> Difference {
    let fact = |name, of: fn(&Evaluation) -> Option<String>| {
        let text = |evaluation| of(evaluation).unwrap_or_else(|| "none".to_owned());
        Beside {
            name,
            real: text(real),
            hypothetical: text(hypothetical),
        }
    };
    let without = |these: &Evaluation, others: &Evaluation| {
        let names = these.findings.iter().map(|finding| finding.name);
        names
            .filter(|name| others.findings.iter().all(|other| other.name != *name))
            .collect()
    };
    Difference {
        facts: vec![
            fact("verdict", |evaluation| Some(evaluation.verdict.name().to_owned())),
            fact("route", |evaluation| {
                let route = evaluation.routing.as_ref()?.route.as_ref();
                Some(route.map_or_else(
                    || "null / null".to_owned(),
                    |route| format!("{} / {}", route.resource_type, route.resource_id),
                ))
            }),
            fact("scope", |evaluation| {
                Some(evaluation.store.scope.as_ref()?.name.clone())
            }),
            fact("store", store),
            fact("key", |evaluation| {
                evaluation.plan.as_ref()?.idempotency_key.clone()
            }),
            fact("body", |evaluation| {
                let body = evaluation.plan.as_ref()?.body?;
                let digest = body.blake3_hex();
                Some(format!("{} bytes, blake3 {}", body.bytes, &digest[..12]))
            }),
        ],
        gone: without(real, hypothetical),
        new: without(hypothetical, real),
    }
}

fn store(evaluation: &Evaluation) -> Option<String> {
    let store = &evaluation.store;
    let state = store.state.map(StoreState::name)?;
    Some(match (store.issues, store.mappings) {
        (Some(issues), Some(mappings)) => format!("{state}, {issues} issues, {mappings} mappings"),
        _ => state.to_owned(),
    })
}
