//! Freezing the request, and sending it once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::{Setup, Shared, lock};
use crate::app::assemble::marks;
use crate::app::effect::Generation;
use crate::app::message::Message;
use crate::app::publish::{Note, PlanFacts, SendEnd, stale};
use crate::app::snapshot::InputMark;
use crate::domain::catalogue::FindingName;
use crate::domain::evaluate::evaluate;
use crate::domain::evaluation::TokenSource;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inputs::{Given, GivenBy};
use crate::domain::journal::{Attempt, unresolved};
use crate::domain::plan::{Consents, Plan};
use crate::sinks::compare::compare;
use crate::sinks::journal::Journal;
use crate::sinks::publish::{Published, Shipment, new_attempt, publish};
use crate::sinks::wire::Watch;
use crate::sources::load::{self, Rows};
use crate::sources::store::Body;

/// How often the bytes on their way are counted.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// The largest body that a plan is compared field by field for.
const MAX_COMPARED: u64 = 8 << 20;
/// Rows of each table, and lines in all, that the panel tells of the changes.
const ROWS_TOLD: usize = 3;
const LINES_TOLD: usize = 8;

/// A frozen request with its bytes.
pub(super) struct Frozen {
    /// The generation it was built for.
    pub id: u64,
    /// Everything but the body.
    pub plan: Plan,
    /// The body.
    pub body: Body,
    inputs: Vec<InputMark>,
    resends: Option<String>,
    tried: bool,
}

impl Shared {
    pub(super) fn build_plan(&self, generation: Generation, send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        let mut loaded = self.audit(generation, true, &cancel, send);
        if cancel.load(Ordering::SeqCst) {
            return;
        }
        let trouble = self.setup.journal.trouble();
        loaded.inputs.journal_trouble = trouble.map(|error| error.to_string());
        let evaluation = evaluate(&loaded.inputs);
        let result = match (Plan::freeze(&loaded.inputs, &evaluation), loaded.body) {
            (Ok(plan), Some(body)) => {
                let frozen = Frozen {
                    id: generation.0,
                    inputs: marks(&loaded.inputs, &self.setup.masker),
                    plan,
                    body,
                    resends: None,
                    tried: false,
                };
                Ok(self.keep(frozen, &loaded.inputs.journal))
            }
            _ => Err(no_body(&evaluation.findings)),
        };
        send(Message::PlanReady { generation, result });
    }

    /// Freezes what is kept of an attempt, for sending it again.
    pub(super) fn plan_again(&self, generation: Generation, attempt: &str) -> Result<Box<PlanFacts>, String> {
        let journal = &self.setup.journal;
        let attempts = self.journal().attempts;
        let attempt = unresolved(&attempts).find(|open| open.record.id == attempt);
        let record = &attempt.ok_or("its outcome is no longer open")?.record;
        let file = journal.snapshot(&record.id);
        let file = file.ok_or("its bytes are no longer kept: publish anew with p")?;
        let body = Body::of_file(file).map_err(|error| format!("reading the kept bytes: {error}"))?;
        if body.digest_hex() != record.body_blake3 {
            return Err("the kept bytes are not those that were sent: publish anew with p".to_owned());
        }
        let mut surroundings = self.setup.surroundings.clone();
        surroundings.environment.server_url = Some(Given {
            value: record.server_url().to_owned(),
            by: GivenBy::Flag("--resend"),
        });
        let mut inputs = load::load(&surroundings, self.journal(), Rows::Skip).inputs;
        inputs.journal_trouble = journal.trouble().map(|error| error.to_string());
        let plan = Plan::again(record, &inputs, &evaluate(&inputs)).map_err(|error| error.to_string())?;
        let frozen = Frozen {
            id: generation.0,
            inputs: marks(&inputs, &self.setup.masker),
            plan,
            body,
            resends: Some(record.id.clone()),
            tried: false,
        };
        Ok(self.keep(frozen, &attempts))
    }

    /// Keeps what was frozen, to be sent; what may be shown of it.
    fn keep(&self, frozen: Frozen, attempts: &[Attempt]) -> Box<PlanFacts> {
        let facts = facts(&self.setup, &frozen, attempts);
        *lock(&self.plan) = Some(frozen);
        Box::new(facts)
    }

    pub(super) fn send(
        &self,
        generation: Generation,
        plan_id: u64,
        accepted: &[FindingName],
        send: &mut dyn FnMut(Message),
    ) {
        let watch = self.jobs.get(generation).watch;
        let end = self.try_send(plan_id, accepted, &watch, &mut || {
            let progress = watch.progress();
            send(Message::SendProgress {
                generation,
                phase: progress.phase,
                sent: progress.bytes_sent,
            });
        });
        let end = Box::new(end.unwrap_or_else(SendEnd::NotTried));
        send(Message::SendFinished { generation, end });
    }

    /// The last gate: whatever the screen said, an unfit or used plan is not sent. The error says why.
    fn try_send(
        &self,
        plan_id: u64,
        accepted: &[FindingName],
        watch: &Arc<Watch>,
        progress: &mut dyn FnMut(),
    ) -> Result<SendEnd, String> {
        if let Some(held) = self.setup.held {
            return Err(held.to_owned());
        }
        let (plan, body, inputs, resends) = {
            let mut frozen = lock(&self.plan);
            let frozen = frozen
                .as_mut()
                .filter(|frozen| frozen.id == plan_id && !frozen.tried);
            let frozen = frozen.ok_or("the plan is no longer there: build it again")?;
            frozen.tried = true;
            (
                frozen.plan.clone(),
                frozen.body.clone(),
                frozen.inputs.clone(),
                frozen.resends.is_some(),
            )
        };
        let consents: Consents = accepted.iter().copied().collect();
        if let Some(finding) = plan.held_back_by(&consents).next() {
            return Err(finding.name.as_str().to_owned());
        }
        let endpoint = plan.endpoint.as_ref().ok_or("there is no endpoint")?;
        let now = marks(&self.read(Rows::Skip).inputs, &self.setup.masker);
        let stale = stale(&inputs, &now, resends);
        if !stale.is_empty() {
            return Ok(SendEnd::Stale(stale));
        }
        let (id, time) = new_attempt();
        let shipment = Shipment {
            record: plan.attempt(endpoint, id, time),
            endpoint,
            bearer: plan.token(),
            proxy: plan.proxy.as_ref(),
            timeout: self.setup.timeout,
        };
        let journal = &self.setup.journal;
        let published = while_running(progress, || {
            publish(shipment, || Ok(body.reader()), journal, watch)
        });
        match published {
            Some(Ok(published)) => {
                let notes = self.notes(&plan, &published);
                Ok(SendEnd::Report(Box::new(published.report), notes))
            }
            Some(Err(error)) => Err(error.to_string()),
            None => Err("an internal error; the journal tells whether it was tried".to_owned()),
        }
    }
}

impl Shared {
    /// Trouble with the journal, and in a scene what its receiver got.
    fn notes(&self, plan: &Plan, published: &Published) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some(error) = &published.journal_error {
            notes.push(("journal", format!("the result is not written down: {error}")));
        }
        if let Some(scene) = &self.setup.scene {
            let (key, body) = (&plan.idempotency_key, plan.body);
            let got = scene.receiver.compare(key, body.bytes, &body.blake3_hex());
            notes.push(("receiver", got));
        }
        notes
    }
}

/// Runs a job on a thread of its own and calls `meanwhile` until it ends; `None` when it panicked.
fn while_running<T: Send>(meanwhile: &mut dyn FnMut(), job: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel();
        let thread = super::jobs::thread().spawn_scoped(scope, move || {
            // Nobody waits any more only when the scope unwinds.
            let _ = done.send(job());
        });
        let thread = thread.ok()?;
        let answer = loop {
            match wait.recv_timeout(PROGRESS_EVERY) {
                Ok(answer) => break Some(answer),
                Err(RecvTimeoutError::Timeout) => meanwhile(),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        // A panic was told by the missing answer.
        let _ = thread.join();
        answer
    })
}

fn no_body(findings: &[Finding]) -> String {
    let first = |is: fn(&&Finding) -> bool| findings.iter().find(is);
    let blocker = first(|finding| finding.severity() == Severity::Blocker);
    let busy = first(|finding| finding.name == FindingName::StoreBusy);
    match blocker.or(busy) {
        Some(finding) => format!("no body can be built: {}", finding.name.as_str()),
        None => "the body could not be kept".to_owned(),
    }
}

fn facts(setup: &Setup, frozen: &Frozen, attempts: &[Attempt]) -> PlanFacts {
    let plan = &frozen.plan;
    let endpoint = plan.endpoint.as_ref();
    PlanFacts {
        plan_id: frozen.id,
        frozen_at: (setup.time_of_day)(),
        inputs: frozen.inputs.clone(),
        url: endpoint.map_or_else(|| "(no server URL)".to_owned(), |endpoint| endpoint.url.clone()),
        way: endpoint.map_or_else(String::new, |endpoint| endpoint.way(plan.proxy.as_ref())),
        resends: frozen.resends.clone(),
        headers: headers(setup, plan),
        auth: auth(plan.bearer.source).to_owned(),
        route: plan.route.clone(),
        issues: plan.issues,
        mappings: plan.mappings,
        idempotency_key: plan.idempotency_key.clone(),
        idempotency_preimage: plan.idempotency_preimage.clone(),
        body: plan.body,
        held: setup.held.map(str::to_owned),
        since_last: since_last(&setup.journal, frozen, attempts),
        findings: plan
            .findings
            .iter()
            .filter(|finding| finding.severity() <= Severity::Consent)
            .cloned()
            .collect(),
    }
}

/// The headers of reference 44, the token as its mask.
fn headers(setup: &Setup, plan: &Plan) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Idempotency-Key", plan.idempotency_key.clone()),
        ("Content-Length", plan.body.bytes.to_string()),
    ];
    if let Some(token) = plan.token() {
        headers.push(("Authorization", format!("Bearer {}", setup.masker.mask(token))));
    }
    headers
}

fn auth(source: TokenSource) -> &'static str {
    match source {
        TokenSource::Flag => "bearer, from --auth-token",
        TokenSource::Variable => "bearer, from $SAAS_AUTH_TOKEN",
        TokenSource::AccessToken => "bearer, from access_token of the provider's credentials",
        TokenSource::Token => "bearer, from token of the provider's credentials",
        TokenSource::None => "none: no Authorization header",
    }
}

/// What differs from the last delivered publish of this binding, in a few lines; `d` has all of them.
fn since_last(journal: &Journal, frozen: &Frozen, attempts: &[Attempt]) -> Vec<String> {
    let body = frozen.body.reader();
    match compare(journal, attempts, &frozen.plan, body, MAX_COMPARED) {
        Ok(Some(comparison)) => {
            let lines = comparison.lines(ROWS_TOLD).into_iter();
            lines.map(|(_, line)| line).take(LINES_TOLD).collect()
        }
        Ok(None) => vec!["nothing was delivered for this binding from here".to_owned()],
        Err(error) => vec![format!("the last delivered body cannot be read: {error}")],
    }
}
