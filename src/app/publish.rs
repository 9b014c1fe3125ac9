//! Publishing: from a frozen request over consent and one keypress to an outcome (design section 5).
//!
//! The state is one enum, so that nothing can be sent that was not frozen and shown.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::effect::{Effect, Generation};
use super::model::{Model, Section, Time, Toast};
use super::snapshot::InputMark;
use crate::domain::catalogue::FindingName;
use crate::domain::evaluation::{BodyFacts, Route};
use crate::domain::finding::{Finding, Severity};
use crate::domain::publish::{Phase, Report};
use crate::domain::row_facts::RowsRead;

/// How long the panel must have been on screen before a key may send: longer than a held key's repeat, so that
/// holding `P` never sends.
pub const ARMING: Duration = Duration::from_millis(500);

/// Where publishing stands.
#[derive(Debug, Default)]
pub enum Publish {
    /// No plan.
    #[default]
    Idle,
    /// The plan is being built.
    Planning {
        /// The request.
        generation: Generation,
        /// How many rows are encoded.
        rows: Option<RowsRead>,
    },
    /// The plan is shown and waits for consent and `P`.
    Confirming(Confirming),
    /// The one request is under way.
    Sending(Sending),
    /// It ended.
    Done(Box<Done>),
}

impl Publish {
    /// The request that is frozen, on its way, or was sent.
    pub fn plan(&self) -> Option<&PlanFacts> {
        match self {
            Self::Idle | Self::Planning { .. } => None,
            Self::Confirming(confirming) => Some(&confirming.plan),
            Self::Sending(sending) => Some(&sending.plan),
            Self::Done(done) => Some(&done.plan),
        }
    }
}

/// A frozen request in front of the user.
#[derive(Debug)]
pub struct Confirming {
    /// The request's facts.
    pub plan: Box<PlanFacts>,
    /// The findings that were accepted.
    pub accepted: BTreeSet<FindingName>,
    /// Which finding the cursor is on.
    pub cursor: usize,
    /// Since when the panel is on screen; starts again with each early `P`.
    pub drawn_at: Option<Time>,
    /// The names of inputs that changed since.
    pub stale: Vec<String>,
}

/// A request under way.
#[derive(Debug)]
pub struct Sending {
    /// The request's facts.
    pub plan: Box<PlanFacts>,
    /// Tells its answers from others.
    pub generation: Generation,
    /// What is being done.
    pub phase: Phase,
    /// Body bytes written.
    pub sent: u64,
    /// Since when.
    pub started: Time,
    /// Whether the user stopped waiting.
    pub stopping: bool,
    /// Whether quitting was asked for once.
    pub quit_asked: bool,
}

/// A publish that ended.
#[derive(Debug)]
pub struct Done {
    /// What was sent.
    pub plan: Box<PlanFacts>,
    /// What came of it.
    pub report: Report,
    /// What else is to be told, by name: the journal's trouble, what a scene's receiver got.
    pub notes: Vec<Note>,
}

/// A name and what is to be told under it.
pub type Note = (&'static str, String);

/// A frozen request, as far as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFacts {
    /// Names it to whoever holds the bytes.
    pub plan_id: u64,
    /// When it was frozen, as local time.
    pub frozen_at: String,
    /// The inputs it was made from.
    pub inputs: Vec<InputMark>,
    /// The whole URL.
    pub url: String,
    /// Origin with its port, and the proxy on the way.
    pub way: String,
    /// The earlier attempt whose bytes these are, when they are sent again.
    pub resends: Option<String>,
    /// All headers in the order sent, secrets masked.
    pub headers: Vec<(&'static str, String)>,
    /// Where the bearer token comes from, in words.
    pub auth: String,
    /// The route; `None` is a null route.
    pub route: Option<Route>,
    /// Issues in the body.
    pub issues: u64,
    /// Mappings in the body.
    pub mappings: u64,
    /// The idempotency key.
    pub idempotency_key: String,
    /// What it is hashed from.
    pub idempotency_preimage: String,
    /// Length and digest of the body.
    pub body: BodyFacts,
    /// Why this inspector does not send, whatever the plan is.
    pub held: Option<String>,
    /// What changed since the last delivered publish, a line each.
    pub since_last: Vec<String>,
    /// The findings that block sending or need consent, worst first.
    pub findings: Vec<Finding>,
}

impl PlanFacts {
    /// The findings that make sending impossible.
    pub fn send_blockers(&self) -> impl Iterator<Item = &Finding> {
        let blocks =
            |finding: &&Finding| matches!(finding.severity(), Severity::Blocker | Severity::SendBlocker);
        self.findings.iter().filter(blocks)
    }

    /// The findings that must be accepted.
    pub fn consents(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity().needs_consent())
    }
}

/// How sending ended for the inspector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendEnd {
    /// It was tried; with what else is to be told.
    Report(Box<Report>, Vec<Note>),
    /// It was not tried: these inputs changed since the plan was frozen.
    Stale(Vec<String>),
    /// It was not tried, for this reason.
    NotTried(String),
}

/// What keeps a plan from being sent.
#[derive(Debug)]
pub enum Obstacle<'a> {
    /// These inputs changed since it was frozen.
    Stale(&'a [String]),
    /// A finding that cannot be accepted.
    Blocked(&'a Finding),
    /// Nothing is sent from here, for this reason.
    Held(&'a str),
    /// These findings must be accepted first.
    Unaccepted(Vec<FindingName>),
}

impl fmt::Display for Obstacle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale(inputs) => write!(f, "{} changed: build the plan again with p", inputs.join(", ")),
            Self::Blocked(finding) => write!(f, "cannot be sent: {}", finding.name.as_str()),
            Self::Held(reason) => f.write_str(reason),
            Self::Unaccepted(names) => {
                let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
                write!(f, "accept first (a): {}", names.join(", "))
            }
        }
    }
}

impl Confirming {
    /// A panel that is not drawn yet.
    pub fn new(plan: Box<PlanFacts>) -> Self {
        Self {
            plan,
            accepted: BTreeSet::new(),
            cursor: 0,
            drawn_at: None,
            stale: Vec::new(),
        }
    }

    /// What keeps it from being sent however long one waits.
    pub fn obstacle(&self) -> Option<Obstacle<'_>> {
        if !self.stale.is_empty() {
            return Some(Obstacle::Stale(&self.stale));
        }
        if let Some(blocker) = self.plan.send_blockers().next() {
            return Some(Obstacle::Blocked(blocker));
        }
        if let Some(held) = &self.plan.held {
            return Some(Obstacle::Held(held));
        }
        let missing: Vec<_> = self.missing().collect();
        (!missing.is_empty()).then_some(Obstacle::Unaccepted(missing))
    }

    /// Why `P` would not send now; `None` when it would.
    fn refusal(&self, now: Time) -> Option<String> {
        let armed = self.drawn_at.is_some_and(|at| now.saturating_sub(at) >= ARMING);
        let early = || (!armed).then(|| "too early: wait half a second, then press P once".to_owned());
        self.obstacle().as_ref().map(Obstacle::to_string).or_else(early)
    }

    /// The findings that still have to be accepted.
    pub fn missing(&self) -> impl Iterator<Item = FindingName> {
        let names = self.plan.consents().map(|finding| finding.name);
        names.filter(|name| !self.accepted.contains(name))
    }

    /// Notices inputs that changed since the plan was frozen.
    pub fn compare(&mut self, inputs: &[InputMark]) {
        self.stale = stale(&self.plan.inputs, inputs, self.plan.resends.is_some());
    }
}

/// The names of inputs that differ, came or went. For bytes that are kept only those matter that the token may come from.
pub fn stale(frozen: &[InputMark], now: &[InputMark], resends: bool) -> Vec<String> {
    let differs = now.iter().filter(|input| !frozen.contains(input));
    let gone = frozen
        .iter()
        .filter(|input| now.iter().all(|now| now.name != input.name));
    let names = differs.chain(gone).map(|input| &input.name);
    names
        .filter(|name| !resends || *name != "store")
        .cloned()
        .collect()
}

/// The attempt under the cursor of the journal, when its outcome is unknown.
pub(super) fn open_attempt(model: &Model) -> Option<String> {
    let id = &model.attempt()?.record.id;
    let is_open = model.snapshot.as_ref()?.open_attempts.contains(id);
    (is_open && model.section == Section::Journal).then(|| id.clone())
}

/// `R`: freezes the kept request of the unknown attempt under the cursor.
pub(super) fn resend(model: &mut Model) -> Vec<Effect> {
    match open_attempt(model) {
        Some(attempt) => freeze(model, |generation| Effect::PlanAgain { generation, attempt }),
        None => Vec::new(),
    }
}

/// `p`: freezes the request.
pub(super) fn plan(model: &mut Model) -> Vec<Effect> {
    freeze(model, |generation| Effect::BuildPlan { generation })
}

/// Has a request frozen; a plan that is shown is thrown away first.
fn freeze(model: &mut Model, ask: impl FnOnce(Generation) -> Effect) -> Vec<Effect> {
    let mut effects = close(model);
    let generation = model.next_generation();
    model.publish = Publish::Planning {
        generation,
        rows: None,
    };
    effects.push(ask(generation));
    effects
}

/// The plan is there, or could not be made.
pub(super) fn planned(
    model: &mut Model,
    generation: Generation,
    result: Result<Box<PlanFacts>, String>,
) -> Vec<Effect> {
    let awaited =
        matches!(model.publish, Publish::Planning { generation: awaited, .. } if awaited == generation);
    match (awaited, result) {
        (true, Ok(plan)) => {
            model.scroll = 0;
            model.publish = Publish::Confirming(Confirming::new(plan));
            Vec::new()
        }
        (true, Err(reason)) => {
            model.publish = Publish::Idle;
            model.toast = Some(Toast::bad(format!("no plan: {reason}")));
            Vec::new()
        }
        (false, Ok(plan)) => vec![Effect::DropPlan {
            plan_id: plan.plan_id,
        }],
        (false, Err(_)) => Vec::new(),
    }
}

/// `a`: accepts the finding under the cursor, or takes that back; then goes to the next that is missing.
pub(super) fn accept(model: &mut Model) {
    let Publish::Confirming(confirming) = &mut model.publish else {
        return;
    };
    let Some(finding) = confirming.plan.findings.get(confirming.cursor) else {
        return;
    };
    if !finding.severity().needs_consent() {
        model.toast = Some(Toast::bad(format!(
            "{} cannot be accepted: mend it",
            finding.name.as_str()
        )));
        return;
    }
    if !confirming.accepted.remove(&finding.name) {
        confirming.accepted.insert(finding.name);
        let missing = confirming.missing().next();
        let next = |finding: &Finding| Some(finding.name) == missing;
        confirming.cursor = confirming
            .plan
            .findings
            .iter()
            .position(next)
            .unwrap_or(confirming.cursor);
    }
}

/// `P`: sends when nothing stands in the way. Too early, it starts the half second again.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    match std::mem::take(&mut model.publish) {
        Publish::Confirming(mut confirming) => {
            if let Some(refusal) = confirming.refusal(now) {
                // What was never on the screen cannot be confirmed, however long ago.
                confirming.drawn_at = confirming.drawn_at.map(|_| now);
                model.toast = Some(Toast::bad(refusal));
                model.publish = Publish::Confirming(confirming);
                return Vec::new();
            }
            let generation = model.next_generation();
            let plan_id = confirming.plan.plan_id;
            model.publish = Publish::Sending(Sending {
                plan: confirming.plan,
                generation,
                phase: Phase::Prepare,
                sent: 0,
                started: now,
                stopping: false,
                quit_asked: false,
            });
            vec![Effect::Send {
                generation,
                plan_id,
                accepted: confirming.accepted.into_iter().collect(),
            }]
        }
        Publish::Idle => {
            model.toast = Some(Toast::plain("nothing is frozen yet: p shows what would be sent"));
            Vec::new()
        }
        other => {
            model.publish = other;
            Vec::new()
        }
    }
}

/// The publish ended.
pub(super) fn finished(model: &mut Model, generation: Generation, end: SendEnd) -> Vec<Effect> {
    match std::mem::take(&mut model.publish) {
        Publish::Sending(sending) if sending.generation == generation => {
            model.scroll = 0;
            model.toast = None;
            let plan = sending.plan;
            model.publish = match end {
                SendEnd::Report(report, notes) => Publish::Done(Box::new(Done {
                    plan,
                    report: *report,
                    notes,
                })),
                SendEnd::Stale(stale) => Publish::Confirming(Confirming {
                    stale,
                    ..Confirming::new(plan)
                }),
                SendEnd::NotTried(reason) => {
                    model.toast = Some(Toast::bad(format!("nothing was sent: {reason}")));
                    Publish::Confirming(Confirming::new(plan))
                }
            };
            model.load()
        }
        other => {
            model.publish = other;
            Vec::new()
        }
    }
}

/// `esc` on the panel: throws the plan away, stops building it, or stops waiting for the answer.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    model.scroll = 0;
    match std::mem::take(&mut model.publish) {
        Publish::Planning { generation, .. } => vec![Effect::Stop { generation }],
        Publish::Confirming(confirming) => vec![Effect::DropPlan {
            plan_id: confirming.plan.plan_id,
        }],
        Publish::Done(done) => vec![Effect::DropPlan {
            plan_id: done.plan.plan_id,
        }],
        Publish::Sending(mut sending) => {
            let generation = sending.generation;
            let first = !std::mem::replace(&mut sending.stopping, true);
            model.publish = Publish::Sending(sending);
            if first {
                vec![Effect::Stop { generation }]
            } else {
                Vec::new()
            }
        }
        Publish::Idle => Vec::new(),
    }
}
