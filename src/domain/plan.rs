//! The frozen request: endpoint, headers, idempotency key and the exact body, with what stands against sending it
//! (design sections 2 and 5). Whoever shows, copies, sends or journals a publish reads this one value.

use super::catalogue::{self, FindingName};
use super::endpoint::{Endpoint, EndpointError, SNAPSHOTS_PATH};
use super::evaluate::prepare;
use super::evaluation::{BodyFacts, Evaluation, Route, TokenSource};
use super::finding::{Finding, Severity};
use super::inputs::{Inputs, SERVER_VARIABLE, TOKEN_VARIABLE};
use super::journal::AttemptRecord;
use super::proxy::{self, Proxy};
use super::routing::RESOURCE_ROUTING_MAP;
use super::secret::Secret;
use super::shell;
use super::token::Bearer;

/// What one publish sends. The body's bytes stay with whoever built them; this holds their length and digest.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to; `None` without a usable server URL, which is a send blocker.
    pub endpoint: Option<Endpoint>,
    /// `Idempotency-Key`.
    pub idempotency_key: String,
    /// What the key is hashed from.
    pub idempotency_preimage: String,
    /// The bearer token and where it comes from.
    pub bearer: Bearer,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// The body's length and digest.
    pub body: BodyFacts,
    /// The route; `None` is a null route.
    pub route: Option<Route>,
    /// The published provider.
    pub provider: String,
    /// The published workspace.
    pub workspace: String,
    /// Issues in the body.
    pub issues: u64,
    /// Mappings in the body.
    pub mappings: u64,
    /// The project's root folder.
    pub project_root: String,
    /// The findings at the time of freezing.
    pub findings: Vec<Finding>,
}

/// No body can be built: the findings of severity `blocker` say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no body can be built")]
pub struct NoBody;

/// Why an attempt cannot be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSendAgain {
    /// Its endpoint is none.
    #[error("its endpoint cannot be used: {}", .0.reason())]
    Endpoint(EndpointError),
    /// Its digest is none.
    #[error("its digest in the journal is none")]
    Digest,
}

/// Whether a finding is about the way and the token. Those about the content were decided when it was first sent.
fn concerns_sending(finding: &Finding) -> bool {
    use FindingName as Name;
    let by_name = matches!(
        finding.name,
        Name::ProviderTokenAsBearer | Name::InsecureTransport | Name::BoundByNewerSpecKitty
    );
    by_name || finding.severity() == Severity::SendBlocker
}

impl Plan {
    /// Freezes an evaluation whose rows have been audited.
    pub fn freeze(inputs: &Inputs, evaluation: &Evaluation) -> Result<Self, NoBody> {
        let head = evaluation.plan.as_ref().ok_or(NoBody)?;
        let binding = evaluation.binding.as_ref().ok_or(NoBody)?;
        let (Some(key), Some(preimage), Some(body)) =
            (&head.idempotency_key, &head.idempotency_preimage, head.body)
        else {
            return Err(NoBody);
        };
        let root = evaluation.project_root.as_ref();
        Ok(Self {
            endpoint: head.endpoint.clone(),
            idempotency_key: key.clone(),
            idempotency_preimage: preimage.clone(),
            bearer: prepare(inputs).bearer,
            proxy: head
                .endpoint
                .as_ref()
                .and_then(|endpoint| proxy_for(inputs, endpoint)),
            body,
            route: evaluation.route().cloned(),
            provider: binding.normalized_provider.clone(),
            workspace: binding.workspace.clone(),
            issues: evaluation.store.issues.unwrap_or_default(),
            mappings: evaluation.store.mappings.unwrap_or_default(),
            project_root: root.map(|root| root.display().to_string()).unwrap_or_default(),
            findings: evaluation.findings.clone(),
        })
    }

    /// The request of an earlier attempt once more: its place, key and bytes, with the token and the proxy of now. The
    /// inputs must have been read for its server.
    pub fn again(
        record: &AttemptRecord,
        inputs: &Inputs,
        evaluation: &Evaluation,
    ) -> Result<Self, CannotSendAgain> {
        let endpoint = Endpoint::new(record.server_url()).map_err(CannotSendAgain::Endpoint)?;
        let blake3 = blake3::Hash::from_hex(&record.body_blake3).map_err(|_| CannotSendAgain::Digest)?;
        let known_type = |name: &String| {
            RESOURCE_ROUTING_MAP
                .iter()
                .find(|entry| entry.resource_type == name)
        };
        let resource_type = record.resource_type.as_ref().and_then(known_type);
        Ok(Self {
            idempotency_key: record.idempotency_key.clone(),
            idempotency_preimage: format!("what attempt {} was made from", record.id),
            bearer: prepare(inputs).bearer,
            proxy: proxy_for(inputs, &endpoint),
            endpoint: Some(endpoint),
            body: BodyFacts {
                bytes: record.body_bytes,
                blake3: *blake3.as_bytes(),
            },
            route: resource_type
                .zip(record.resource_id.clone())
                .map(|(entry, id)| Route {
                    resource_type: entry.resource_type,
                    resource_id: id,
                }),
            provider: record.provider.clone(),
            workspace: record.workspace.clone(),
            issues: record.issues,
            mappings: record.mappings,
            project_root: record.project_root.clone(),
            findings: evaluation
                .findings
                .iter()
                .filter(|finding| concerns_sending(finding))
                .cloned()
                .collect(),
        })
    }

    /// The findings that make sending impossible.
    pub fn send_blockers(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity() == Severity::SendBlocker)
    }

    /// The findings that keep it from being sent now: what makes that impossible, then what is still to be accepted.
    pub fn held_back_by<'a>(&'a self, accepted: &'a Consents) -> impl Iterator<Item = &'a Finding> {
        let missing = self
            .findings
            .iter()
            .filter(|finding| finding.severity().needs_consent() && !accepted.covers(finding.name));
        self.send_blockers().chain(missing)
    }

    /// The token, when one is sent.
    pub fn token(&self) -> Option<&Secret> {
        self.bearer.secret.as_ref()
    }

    /// The journal's record of an attempt to send this.
    pub fn attempt(&self, endpoint: &Endpoint, id: String, time: String) -> AttemptRecord {
        AttemptRecord {
            id,
            time,
            endpoint: endpoint.url.clone(),
            idempotency_key: self.idempotency_key.clone(),
            body_bytes: self.body.bytes,
            body_blake3: self.body.blake3_hex(),
            resource_type: self.route.as_ref().map(|route| route.resource_type.to_owned()),
            resource_id: self.route.as_ref().map(|route| route.resource_id.clone()),
            provider: self.provider.clone(),
            workspace: self.workspace.clone(),
            issues: self.issues,
            mappings: self.mappings,
            project_root: self.project_root.clone(),
        }
    }

    /// A shell command that makes the same request from `payload_command`'s output, the token as `$SAAS_AUTH_TOKEN`.
    pub fn curl(&self, payload_command: &str) -> String {
        let url = match &self.endpoint {
            Some(endpoint) => shell::quote(&endpoint.url),
            None => format!("\"${{{SERVER_VARIABLE}%/}}{SNAPSHOTS_PATH}\""),
        };
        let mut command = format!(
            "{payload_command} | curl -X POST -H 'Expect:' -H 'Content-Type: application/json' \
             -H 'Idempotency-Key: {}'",
            self.idempotency_key
        );
        if self.bearer.source != TokenSource::None {
            command += &format!(" -H \"Authorization: Bearer ${TOKEN_VARIABLE}\"");
        }
        // What goes direct here would go through a proxy of the environment there, token and all.
        if self.endpoint.as_ref().is_some_and(Endpoint::is_loopback) {
            command += " --noproxy '*'";
        }
        command += &format!(" --data-binary @- {url}");
        command
    }
}

/// The findings that were accepted, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    names: Vec<FindingName>,
    null_route: bool,
}

/// A name for `--allow` that no finding has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a finding; `catseye explain` lists them")]
pub struct UnknownName(pub String);

impl Consents {
    /// Reads names; `null-route` covers every null-route cause. Names that are not needed do no harm.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownName> {
        let mut consents = Self::default();
        for name in names {
            match catalogue::by_text(name) {
                Some(name) => consents.names.push(name),
                None if name == "null-route" => consents.null_route = true,
                None => return Err(UnknownName(name.to_owned())),
            }
        }
        Ok(consents)
    }

    /// Whether a finding is accepted. Accepting a root does not accept what it explains.
    pub fn covers(&self, name: FindingName) -> bool {
        self.names.contains(&name) || (self.null_route && name.severity() == Severity::NullRoute)
    }
}

impl FromIterator<FindingName> for Consents {
    fn from_iter<I: IntoIterator<Item = FindingName>>(names: I) -> Self {
        Self {
            names: names.into_iter().collect(),
            null_route: false,
        }
    }
}

/// The proxy for an endpoint; one that cannot be used is a finding that keeps the plan from being sent.
fn proxy_for(inputs: &Inputs, endpoint: &Endpoint) -> Option<Proxy> {
    let (_, proxy) = proxy::choose(&inputs.environment.proxies, endpoint).ok()??;
    Some(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_route_covers_causes_and_nothing_else() {
        let consents = Consents::parse(["null-route", "store-missing"]).unwrap();
        assert!(consents.covers(FindingName::RoutingKeyMissing));
        assert!(consents.covers(FindingName::StoreMissing));
        assert!(!consents.covers(FindingName::StoreElsewhere));
        assert_eq!(Consents::parse(["nope"]), Err(UnknownName("nope".into())));
    }
}
