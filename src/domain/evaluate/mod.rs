//! The one pure function: inputs in, route with trace, scope, plan and findings out.
//!
//! Each step reports its own findings, so that an explanation comes from the step that decided. [`prepare`] goes as far
//! as the files lead; `sources::load` uses it to find the store and to build the body, [`evaluate`] adds the store.

mod checkpoint;
mod config;
mod credentials;
mod elsewhere;
mod hazards;
mod history;
mod origins;
mod places;
mod prepare;
mod rebind;
mod request;
mod root_cause;
mod store;
mod values;

use super::catalogue::FindingName;
use super::credentials::ProviderTable;
use super::evaluation::{
    BindingFacts, BodyFacts, CheckpointFacts, Evaluation, KnownStore, PlanHead, Route, StoreFacts, Verdict,
};
use super::finding::{Finding, Fix, MAX_EVIDENCE, Place, Range, Severity};
use super::fixes::{self, KeyChange};
use super::inputs::{Inputs, StoreInput};
use super::journal::BindingIdentity;
use super::node::Span;
pub use prepare::{Prepared, prepare};

/// Findings as they are reported, with the inputs that places are made from.
struct Report<'a> {
    inputs: &'a Inputs,
    /// The stores of the folder, for what they remember of earlier bindings.
    stores: Vec<KnownStore>,
    findings: Vec<Finding>,
}

impl Report<'_> {
    /// Adds a finding; one of the same name takes its evidence, and the fixes that mend the new places.
    fn add(&mut self, mut finding: Finding) {
        finding.evidence.truncate(MAX_EVIDENCE);
        match self.findings.iter_mut().find(|known| known.name == finding.name) {
            Some(known) => {
                known.count += finding.count;
                known.evidence.extend(finding.evidence);
                known.evidence.truncate(MAX_EVIDENCE);
                let new = finding.fixes.into_iter().filter(|fix| !known.fixes.contains(fix));
                let new: Vec<Fix> = new.collect();
                known.fixes.extend(new);
                known.fixes.truncate(MAX_EVIDENCE);
            }
            None => self.findings.push(finding),
        }
    }

    /// A place in config.yaml.
    fn config_place(&self, span: impl Into<Option<Span>>) -> Place {
        match &self.inputs.config {
            Some(file) => {
                let range = span.into().map(|span| Range::of(&file.text, span));
                Place::File {
                    path: file.path.clone(),
                    range,
                }
            }
            None => Place::file(&self.inputs.project.start),
        }
    }

    /// A place in the credentials file.
    fn credentials_place(&self, span: Span) -> Place {
        let file = &self.inputs.credentials;
        Place::File {
            path: file.path.clone(),
            range: Some(Range::of(&file.text, span)),
        }
    }

    /// The `bind` command; for a project of a newer spec-kitty only advice, since the command would erase its keys
    /// (reference 2.3).
    fn bind(
        &self,
        binding: &BindingFacts,
        table: Option<ProviderTable<'_>>,
        changes: &[(&str, KeyChange<'_>)],
    ) -> Fix {
        if self.reported(FindingName::BoundByNewerSpecKitty) {
            let table = format!("[tracker.providers.{}]", binding.provider);
            return Fix::text(format!(
                "Write {table} into the credentials file by hand: 3.0.0's `bind` would erase the newer keys of config.yaml"
            ));
        }
        let remembered = elsewhere::remembered(binding, &self.stores);
        let is_there = |key: &str| table.is_some_and(|table| table.get(key).is_some());
        let remembered = remembered
            .iter()
            .filter(|(key, _)| !is_there(key))
            .map(|(key, value)| (*key, KeyChange::Set(value.as_str())));
        let changes: Vec<_> = remembered.chain(changes.iter().copied()).collect();
        fixes::bind(binding, table, &changes)
    }

    fn reported(&self, name: FindingName) -> bool {
        self.findings.iter().any(|finding| finding.name == name)
    }

    fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity() == severity)
    }
}

/// Evaluates everything.
pub fn evaluate(inputs: &Inputs) -> Evaluation {
    let mut prepared = prepare(inputs);
    let mut report = Report {
        inputs,
        stores: Vec::new(),
        findings: std::mem::take(&mut prepared.findings),
    };
    for text in &inputs.broken {
        report.add(internal_error(inputs, text));
    }
    let checkpoint_key = prepared.checkpoint_key();
    let route = prepared.route().cloned();
    store_findings(&mut report, &prepared, route.as_ref());
    values::check(&mut report, &prepared);
    places::check(&mut report, &prepared.bearer);
    let plan = plan(&mut report, &prepared, route.as_ref());
    let verdict = match (&plan, &route) {
        (None, _) => Verdict::Blocked,
        (Some(_), Some(_)) => Verdict::Routed,
        (Some(_), None) => Verdict::NullRoute,
    };
    let store = inputs.store.as_ref();
    let checkpoint = store
        .zip(checkpoint_key)
        .map(|(store, key)| checkpoint_facts(store, key, &prepared.stores));
    if report.reported(FindingName::SaasSyncFlagOff) {
        request::with_flag(&mut report.findings);
    }
    let rows = store.and_then(|store| store.rows.as_ref());
    let origins = origins::all(&report, &prepared, plan.as_ref(), checkpoint.as_ref());
    Evaluation {
        verdict,
        project_root: inputs.project.root.clone(),
        project_uuid: prepared.project_uuid,
        project_slug: prepared.project_slug,
        binding: prepared.binding,
        newer: prepared.newer,
        routing: prepared.routing,
        credentials: prepared.credentials,
        store: StoreFacts {
            path: store.map(|store| store.path.clone()),
            scope: prepared.scope,
            state: store.map(|store| store.state),
            issues: rows.map(|rows| rows.issues),
            mappings: rows.map(|rows| rows.mappings),
        },
        stores: prepared.stores,
        checkpoint,
        plan,
        origins,
        findings: root_cause::order(report.findings),
    }
}

fn checkpoint_facts(store: &StoreInput, key: String, stores: &[KnownStore]) -> CheckpointFacts {
    let row = store.checkpoint.as_ref();
    let in_use = stores.iter().find(|known| known.in_use);
    let stored = in_use.and_then(|known| known.listing.checkpoints.iter().find(|row| row.key == key));
    CheckpointFacts {
        row: stored.cloned(),
        key,
        cursor: row.and_then(|row| row.cursor.clone()),
        updated_since: row.and_then(|row| row.updated_since.clone()),
    }
}

fn internal_error(inputs: &Inputs, text: &str) -> Finding {
    let place = Place::file(&inputs.project.start);
    Finding::new(FindingName::InternalError, format!("A step broke: {text}"))
        .at(place, "while inspecting this project")
        .fix(Fix::text("Reload; if it comes back, report it with this text"))
}

fn store_findings(report: &mut Report<'_>, prepared: &Prepared, route: Option<&Route>) {
    let (Some(binding), Some(store)) = (&prepared.binding, &report.inputs.store) else {
        return;
    };
    store::spool(report);
    store::state(report, store, prepared);
    checkpoint::check(report, store, prepared);
    let Some(rows) = &store.rows else { return };
    store::rows(report, store, rows);
    if let Some(route) = route {
        store::routing_id_disagrees(report, prepared, binding, route, (store, rows));
    }
    hazards::check(report, binding, route, store, rows);
}

/// The request without its body; `None` when no body can be built.
fn plan(report: &mut Report<'_>, prepared: &Prepared, route: Option<&Route>) -> Option<PlanHead> {
    request::saas_sync_flag(report);
    let endpoint = request::endpoint(report);
    let proxy = endpoint
        .as_ref()
        .and_then(|endpoint| request::proxy(report, endpoint));
    request::token(report, &prepared.bearer, endpoint.as_ref(), proxy.as_deref());
    request::journal(report);
    let head = prepared.head().filter(|_| !report.has(Severity::Blocker))?;
    let store = report.inputs.store.as_ref()?;
    let rows = store.rows.as_ref();
    let cursor = store.checkpoint.as_ref().and_then(|row| row.cursor.as_deref());
    let preimage = rows.map(|rows| {
        let counts = (rows.issues, rows.mappings);
        request::idempotency_preimage(head.provider, head.workspace, route, counts, cursor)
    });
    let key = preimage.as_deref().map(request::sha256_hex);
    let body: Option<BodyFacts> = rows.and_then(|rows| rows.body);
    if let (Some(key), Some(body)) = (&key, body) {
        request::key_reuse(report, endpoint.as_ref(), key, body);
    }
    let root = report
        .inputs
        .project
        .root
        .as_ref()
        .map(|root| root.display().to_string());
    let identity = BindingIdentity {
        project_root: root.as_deref().unwrap_or_default(),
        provider: head.provider,
        workspace: head.workspace,
    };
    history::check(report, identity, body, endpoint.as_ref());
    Some(PlanHead {
        endpoint,
        idempotency_key: key,
        idempotency_preimage: preimage,
        body,
        bearer: prepared.bearer.secret.is_some(),
        proxy,
    })
}
