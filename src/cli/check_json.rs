//! `check --json`, schema 1 (design section 3): a contract. Keys are only ever added.

use std::borrow::Cow;

use serde::Serialize;

use super::newer_json::Newer;
use super::what_if::WhatIf;
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::{Evaluation, KnownStore, PlanHead, StoreState, TraceStep};
use crate::domain::finding::{Evidence, Finding, Fix, Place};

/// The whole object.
#[derive(Serialize)]
pub struct Check<'a> {
    schema: u32,
    verdict: &'static str,
    project: Option<Project<'a>>,
    binding: Option<Binding<'a>>,
    newer: Option<Newer<'a>>,
    routing: Option<Routing<'a>>,
    credentials: Credentials<'a>,
    store: Option<Store<'a>>,
    stores: Vec<KnownStoreJson<'a>>,
    checkpoint: Option<Checkpoint<'a>>,
    plan: Option<Plan<'a>>,
    findings: Vec<FindingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<WhatIf<'a>>,
}

#[derive(Serialize)]
struct Project<'a> {
    root: String,
    uuid: Option<&'a str>,
    slug: Option<&'a str>,
}

#[derive(Serialize)]
struct Binding<'a> {
    provider: &'a str,
    normalized_provider: &'a str,
    workspace: &'a str,
    doctrine_mode: &'a str,
    doctrine_field_owners: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Routing<'a> {
    external_resource_type: Option<&'static str>,
    external_resource_id: Option<&'a str>,
    trace: Vec<Trace<'a>>,
}

#[derive(Serialize)]
struct Trace<'a> {
    step: &'static str,
    input: &'a str,
    output: Option<&'a str>,
    source: Option<Source>,
}

#[derive(Serialize)]
struct Source {
    file: String,
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Serialize)]
struct Credentials<'a> {
    path: String,
    table: Option<&'a str>,
    keys: &'a [String],
    token_source: &'static str,
}

#[derive(Serialize)]
struct Store<'a> {
    path: String,
    state: &'static str,
    scope_inputs: Option<ScopeInputs<'a>>,
    issues: Option<u64>,
    mappings: Option<u64>,
}

#[derive(Serialize)]
struct ScopeInputs<'a> {
    scope: &'a str,
    preimage: Cow<'a, str>,
}

#[derive(Serialize)]
struct KnownStoreJson<'a> {
    path: String,
    in_use: bool,
    state: &'static str,
    trouble: Option<&'a str>,
    systems: Vec<SystemJson<'a>>,
    workspaces: &'a [String],
    mappings: u64,
    checkpoints: Vec<&'a str>,
    newest_update: Option<&'a str>,
    scope_inputs: Option<ScopeInputs<'a>>,
    differs: Vec<DifferenceJson>,
}

#[derive(Serialize)]
struct SystemJson<'a> {
    system: &'a str,
    issues: u64,
}

#[derive(Serialize)]
struct DifferenceJson {
    input: &'static str,
    today: String,
    there: String,
}

#[derive(Serialize)]
struct Checkpoint<'a> {
    key: &'a str,
    cursor: Option<&'a str>,
    updated_since: Option<&'a str>,
}

#[derive(Serialize)]
struct Plan<'a> {
    endpoint: Option<&'a str>,
    idempotency_key: Option<&'a str>,
    idempotency_preimage: Option<&'a str>,
    body_bytes: Option<u64>,
    body_blake3: Option<String>,
    authorization: &'static str,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    name: &'static str,
    severity: &'static str,
    title: &'static str,
    detail: &'a str,
    count: u64,
    explained_by: Option<&'static str>,
    evidence: Vec<EvidenceJson<'a>>,
    fixes: Vec<FixJson<'a>>,
}

#[derive(Default, Serialize)]
struct EvidenceJson<'a> {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rowid: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<&'static str>,
}

/// A fix.
#[derive(Serialize)]
pub struct FixJson<'a> {
    text: &'a str,
    command: Option<&'a str>,
    edit: Option<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    file: String,
    line: usize,
    old: &'a str,
    new: &'a str,
}

impl<'a> Check<'a> {
    /// The object for an evaluation.
    pub fn new(evaluation: &'a Evaluation, what_if: Option<WhatIf<'a>>) -> Self {
        let root = evaluation.project_root.as_ref();
        Self {
            schema: 1,
            verdict: evaluation.verdict.name(),
            project: root.map(|root| Project {
                root: root.display().to_string(),
                uuid: evaluation.project_uuid.as_deref(),
                slug: evaluation.project_slug.as_deref(),
            }),
            binding: binding(evaluation),
            newer: evaluation.newer.as_ref().map(Newer::new),
            routing: evaluation.routing.as_ref().map(|routing| Routing {
                external_resource_type: routing.route.as_ref().map(|route| route.resource_type),
                external_resource_id: routing.route.as_ref().map(|route| route.resource_id.as_str()),
                trace: routing.trace.iter().map(trace).collect(),
            }),
            credentials: Credentials {
                path: evaluation.credentials.path.display().to_string(),
                table: evaluation.credentials.table.as_deref(),
                keys: &evaluation.credentials.keys,
                token_source: evaluation.credentials.token_source.name(),
            },
            store: store(evaluation),
            stores: evaluation.stores.iter().map(known_store).collect(),
            checkpoint: evaluation.checkpoint.as_ref().map(|checkpoint| Checkpoint {
                key: &checkpoint.key,
                cursor: checkpoint.cursor.as_deref(),
                updated_since: checkpoint.updated_since.as_deref(),
            }),
            plan: evaluation.plan.as_ref().map(plan),
            findings: evaluation.findings.iter().map(finding).collect(),
            what_if,
        }
    }
}

fn binding(evaluation: &Evaluation) -> Option<Binding<'_>> {
    let binding = evaluation.binding.as_ref()?;
    Some(Binding {
        provider: &binding.provider,
        normalized_provider: &binding.normalized_provider,
        workspace: &binding.workspace,
        doctrine_mode: &binding.doctrine_mode,
        doctrine_field_owners: owners(&binding.doctrine_field_owners),
    })
}

/// Who owns which field.
pub(super) fn owners(owners: &[(String, String)]) -> serde_json::Map<String, serde_json::Value> {
    let owners = owners.iter();
    owners
        .map(|(field, owner)| (field.clone(), owner.clone().into()))
        .collect()
}

fn trace(step: &TraceStep) -> Trace<'_> {
    let source = match &step.source {
        Some(Place::File { path, range }) => Some(Source {
            file: path.display().to_string(),
            line: range.map(|range| range.line),
            column: range.map(|range| range.column),
        }),
        _ => None,
    };
    Trace {
        step: step.step,
        input: &step.input,
        output: step.output.as_deref(),
        source,
    }
}

fn store(evaluation: &Evaluation) -> Option<Store<'_>> {
    let store = &evaluation.store;
    Some(Store {
        path: store.path.as_ref()?.display().to_string(),
        state: store.state.map_or("unreadable", StoreState::name),
        scope_inputs: store.scope.as_ref().map(|scope| ScopeInputs {
            scope: &scope.name,
            preimage: Cow::Borrowed(&scope.preimage),
        }),
        issues: store.issues,
        mappings: store.mappings,
    })
}

fn known_store(known: &KnownStore) -> KnownStoreJson<'_> {
    let listing = &known.listing;
    let differs = known.differs.iter().map(|difference| DifferenceJson {
        input: difference.part.name(),
        today: difference.shown_today(),
        there: difference.shown_there(),
    });
    let scope = listing.scope().zip(known.texts.as_ref());
    let systems = listing.systems.iter();
    KnownStoreJson {
        path: listing.path.display().to_string(),
        in_use: known.in_use,
        state: listing.state.name(),
        trouble: listing.trouble.as_deref(),
        systems: systems
            .map(|(system, issues)| SystemJson {
                system,
                issues: *issues,
            })
            .collect(),
        workspaces: &listing.workspaces,
        mappings: listing.mappings,
        checkpoints: listing.checkpoints.iter().map(|row| row.key.as_str()).collect(),
        newest_update: listing.newest_update.as_deref(),
        scope_inputs: scope.map(|(scope, texts)| ScopeInputs {
            scope,
            preimage: Cow::Owned(texts.preimage()),
        }),
        differs: differs.collect(),
    }
}

fn plan(plan: &PlanHead) -> Plan<'_> {
    Plan {
        endpoint: plan.endpoint.as_ref().map(|endpoint| endpoint.url.as_str()),
        idempotency_key: plan.idempotency_key.as_deref(),
        idempotency_preimage: plan.idempotency_preimage.as_deref(),
        body_bytes: plan.body.map(|body| body.bytes),
        body_blake3: plan.body.map(|body| body.blake3_hex()),
        authorization: if plan.bearer { "bearer" } else { "none" },
    }
}

fn finding(finding: &Finding) -> FindingJson<'_> {
    FindingJson {
        name: finding.name.as_str(),
        severity: finding.severity().name(),
        title: finding.title(),
        detail: &finding.detail,
        count: finding.count,
        explained_by: finding.explained_by.map(FindingName::as_str),
        evidence: finding.evidence.iter().map(evidence).collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
    }
}

fn evidence(evidence: &Evidence) -> EvidenceJson<'_> {
    let blank = EvidenceJson {
        label: &evidence.label,
        ..EvidenceJson::default()
    };
    match &evidence.place {
        Place::File { path, range } => EvidenceJson {
            file: Some(path.display().to_string()),
            line: range.map(|range| range.line),
            column: range.map(|range| range.column),
            start: range.map(|range| range.start),
            end: range.map(|range| range.end),
            ..blank
        },
        Place::Row {
            path,
            table,
            rowid,
            json_path,
        } => EvidenceJson {
            file: Some(path.display().to_string()),
            table: Some(table),
            rowid: Some(*rowid),
            json_path: Some(json_path),
            ..blank
        },
        Place::Variable(name) => EvidenceJson {
            variable: Some(name),
            ..blank
        },
        Place::Flag(name) => EvidenceJson {
            flag: Some(name),
            ..blank
        },
    }
}

/// A fix as JSON.
pub fn fix(fix: &Fix) -> FixJson<'_> {
    FixJson {
        text: &fix.text,
        command: fix.command.as_deref(),
        edit: fix.edit.as_ref().map(|edit| EditJson {
            file: edit.file.display().to_string(),
            line: edit.line,
            old: &edit.old,
            new: &edit.new,
        }),
    }
}
