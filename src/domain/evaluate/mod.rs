//! The one pure function: inputs in, route with trace, scope, plan and findings out.
//!
//! Each step reports its own findings, so that an explanation comes from the step that decided. [`prepare`] goes as far
//! as the files lead; `sources::load` uses it to find the store and to build the body, [`evaluate`] adds the store.

mod checkpoint;
mod config;
mod credentials;
mod elsewhere;
mod hazards;
mod request;
mod root_cause;
mod store;
mod values;

use super::body::Head;
use super::catalogue::FindingName;
use super::credentials::{ProviderTable, scope_inputs};
use super::evaluation::{
    BindingFacts, BodyFacts, CheckpointFacts, CredentialFacts, Evaluation, KnownStore, PlanHead, Route,
    Routing, StoreFacts, Verdict,
};
use super::finding::{Evidence, Finding, Fix, Place, Range, Severity};
use super::fixes::{self, KeyChange};
use super::inputs::Inputs;
use super::node::Span;
use super::routing::{self, RoutingInputs};
use super::scope::{self, Scope};
use super::token::{self, Bearer};

/// What the files lead to, before the store is looked at.
pub struct Prepared {
    /// The binding, when it is complete.
    pub binding: Option<BindingFacts>,
    /// The store's scope.
    pub scope: Option<Scope>,
    /// Both routing fields with their trace.
    pub routing: Option<Routing>,
    /// Whether nothing up to here stands against building a body.
    pub buildable: bool,
    /// The token that would be sent.
    pub bearer: Bearer,
    project_uuid: Option<String>,
    project_slug: Option<String>,
    credentials: CredentialFacts,
    routing_place: Option<Place>,
    spans: Option<config::BindingSpans>,
    /// Where `project.uuid` and `project.slug` stand.
    identity_spans: [Option<Span>; 2],
    stores: Vec<KnownStore>,
    findings: Vec<Finding>,
}

impl Prepared {
    /// All payload fields before the rows; `None` when no body can be built.
    pub fn head(&self) -> Option<Head<'_>> {
        let binding = self.binding.as_ref().filter(|_| self.buildable)?;
        let route = self.routing.as_ref()?.route.as_ref();
        Some(Head {
            provider: &binding.normalized_provider,
            workspace: &binding.workspace,
            route: route.map(|route| (route.resource_type, route.resource_id.as_str())),
            doctrine_mode: &binding.doctrine_mode,
            doctrine_field_owners: &binding.doctrine_field_owners,
            project_uuid: self.project_uuid.as_deref(),
            project_slug: self.project_slug.as_deref(),
        })
    }

    /// The checkpoint's key in the store: `{normalised provider}:{workspace}` (reference 26).
    pub fn checkpoint_key(&self) -> Option<String> {
        self.binding
            .as_ref()
            .map(|binding| format!("{}:{}", binding.normalized_provider, binding.workspace))
    }
}

/// Findings as they are reported, with the inputs that places are made from.
struct Report<'a> {
    inputs: &'a Inputs,
    /// The stores of the folder, for what they remember of earlier bindings.
    stores: Vec<KnownStore>,
    findings: Vec<Finding>,
}

impl Report<'_> {
    /// Adds a finding; one of the same name takes its evidence.
    fn add(&mut self, finding: Finding) {
        match self.findings.iter_mut().find(|known| known.name == finding.name) {
            Some(known) => {
                known.count += finding.count;
                known.evidence.extend(finding.evidence);
            }
            None => self.findings.push(finding),
        }
    }

    /// A place in config.yaml.
    fn config_place(&self, span: Option<Span>) -> Place {
        match &self.inputs.config {
            Some(file) => {
                let range = span.map(|span| Range::of(&file.text, span));
                Place::File {
                    path: file.path.clone(),
                    range,
                }
            }
            None => Place::File {
                path: self.inputs.project.start.clone(),
                range: None,
            },
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

    /// The provider's table, when the credentials have it.
    fn provider_table(&self, provider: &str) -> Option<ProviderTable<'_>> {
        let root = self.inputs.credentials.root()?;
        super::credentials::provider_table(root, &provider.into()).ok()
    }

    /// The `bind` command; for a project of a newer spec-kitty only advice, since the command would erase its keys
    /// (reference 2.3).
    fn bind(
        &self,
        binding: &BindingFacts,
        table: Option<ProviderTable<'_>>,
        changes: &[(&str, KeyChange<'_>)],
    ) -> Fix {
        if self
            .findings
            .iter()
            .any(|finding| finding.name == FindingName::BoundByNewerSpecKitty)
        {
            let table = format!("[tracker.providers.{}]", binding.provider);
            return Fix::text(format!(
                "Write {table} into the credentials file by hand: 3.0.0's `bind` would erase the newer keys of config.yaml"
            ));
        }
        let remembered = match table {
            None => elsewhere::remembered(binding, &self.stores),
            Some(_) => Vec::new(),
        };
        let remembered = remembered
            .iter()
            .map(|(key, value)| (*key, KeyChange::Set(value.as_str())));
        let changes: Vec<_> = remembered.chain(changes.iter().copied()).collect();
        fixes::bind(binding, table, &changes)
    }

    fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity() == severity)
    }
}

/// Goes as far as environment, project, config and credentials lead.
pub fn prepare(inputs: &Inputs) -> Prepared {
    let mut report = Report {
        inputs,
        stores: Vec::new(),
        findings: Vec::new(),
    };
    let binding = config::read(&mut report);
    if let Some(binding) = &binding {
        config::newer(&mut report, binding);
    }
    let bound = binding
        .as_ref()
        .and_then(|binding| config::bound(&mut report, binding));
    let credentials = credentials::read(&mut report);
    let lookup = bound
        .as_ref()
        .and_then(|bound| credentials::table(&credentials, &bound.facts));
    let table = lookup.as_ref().and_then(|lookup| lookup.as_ref().ok()).copied();
    let bearer = token::choose(inputs.environment.auth_token.as_ref(), table);
    let usable = matches!(credentials, credentials::Credentials::Usable(_));

    let mut prepared = Prepared {
        credentials: credential_facts(inputs, bound.as_ref().map(|bound| &bound.facts), table, &bearer),
        binding: None,
        scope: None,
        routing: None,
        buildable: false,
        project_uuid: None,
        project_slug: None,
        routing_place: None,
        spans: None,
        identity_spans: [None, None],
        stores: Vec::new(),
        bearer,
        findings: Vec::new(),
    };
    let facts = bound.as_ref().map(|bound| &bound.facts);
    if usable && let Some(facts) = facts {
        prepared.scope = scope_of(&mut report, facts, table);
    }
    let scope = prepared.scope.as_ref().map(|scope| scope.name.as_str());
    report.stores = elsewhere::known_stores(inputs, facts, table, scope);
    if let (Some(bound), Some(binding)) = (bound, &binding) {
        if usable {
            route(&mut report, &mut prepared, &bound, lookup.as_ref(), table);
        }
        let mut identity = |what, value: &Option<(super::python::PyStr, Span)>| {
            value
                .as_ref()
                .and_then(|(text, span)| config::encodable(&mut report, what, text, *span))
        };
        prepared.project_uuid = identity("project.uuid", &binding.project_uuid);
        prepared.project_slug = identity("project.slug", &binding.project_slug);
        prepared.identity_spans =
            [&binding.project_uuid, &binding.project_slug].map(|value| value.as_ref().map(|(_, span)| *span));
        prepared.spans = Some(bound.spans);
        prepared.binding = Some(bound.facts);
        prepared.buildable = prepared.scope.is_some() && !report.has(Severity::Blocker);
    }
    prepared.findings = report.findings;
    prepared.stores = report.stores;
    prepared
}

/// The scope, or the finding that a part of it cannot be encoded (reference 12).
fn scope_of(
    report: &mut Report<'_>,
    binding: &BindingFacts,
    table: Option<ProviderTable<'_>>,
) -> Option<Scope> {
    let parts = scope_inputs(table);
    let (provider, workspace) = (
        binding.provider.as_str().into(),
        binding.workspace.as_str().into(),
    );
    match scope::scope(
        &provider,
        &workspace,
        &parts.server.value,
        &parts.user.value,
        &parts.team.value,
    ) {
        Ok(scope) => Some(scope),
        Err(error) => {
            let place = Place::File {
                path: report.inputs.credentials.path.clone(),
                range: None,
            };
            report.add(
                Finding::new(FindingName::PayloadNotEncodable, error.to_string())
                    .at(Evidence {
                        place,
                        label: "holds a lone surrogate".into(),
                    })
                    .fix(Fix::text("Write the character itself")),
            );
            None
        }
    }
}

/// Derives the route and reports the cause when it is null.
fn route(
    report: &mut Report<'_>,
    prepared: &mut Prepared,
    bound: &config::Bound,
    lookup: Option<&Result<ProviderTable<'_>, super::credentials::Absence>>,
    table: Option<ProviderTable<'_>>,
) {
    let table_place = match table {
        Some(table) => report.credentials_place(table.span()),
        None => Place::File {
            path: report.inputs.credentials.path.clone(),
            range: None,
        },
    };
    let derivation = routing::derive(&RoutingInputs {
        provider: &bound.facts.provider,
        provider_place: report.config_place(Some(bound.spans.provider)),
        table,
        table_place,
        place_of: &|span| report.credentials_place(span),
    });
    let route = match &derivation.route {
        Ok(derived) => derived.encodable(),
        Err(cause) => {
            let null = credentials::NullRoute {
                binding: &bound.facts,
                provider_span: bound.spans.provider,
                table: lookup,
            };
            credentials::null_cause(report, &null, *cause);
            None
        }
    };
    prepared.routing_place = derivation.trace.last().and_then(|step| step.source.clone());
    prepared.routing = Some(Routing {
        route,
        trace: derivation.trace,
    });
}

fn credential_facts(
    inputs: &Inputs,
    binding: Option<&BindingFacts>,
    table: Option<ProviderTable<'_>>,
    bearer: &Bearer,
) -> CredentialFacts {
    let keys = table.map(|table| table.entries()).unwrap_or_default();
    CredentialFacts {
        path: inputs.credentials.path.clone(),
        table: binding.map(|binding| format!("tracker.providers.{}", binding.provider)),
        keys: keys.iter().map(|entry| entry.key.str().to_display()).collect(),
        token_source: bearer.source,
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
    let route = prepared
        .routing
        .as_ref()
        .and_then(|routing| routing.route.clone());
    store_findings(&mut report, &prepared, route.as_ref());
    values::check(&mut report, &prepared);
    let plan = plan(&mut report, &prepared, route.as_ref());
    let verdict = match (&plan, &route) {
        (None, _) => Verdict::Blocked,
        (Some(_), Some(_)) => Verdict::Routed,
        (Some(_), None) => Verdict::NullRoute,
    };
    let store = inputs.store.as_ref();
    let checkpoint = store.zip(checkpoint_key).map(|(store, key)| {
        let row = store.checkpoint.as_ref();
        CheckpointFacts {
            key,
            cursor: row.and_then(|row| row.cursor.clone()),
            updated_since: row.and_then(|row| row.updated_since.clone()),
        }
    });
    let rows = store.and_then(|store| store.rows.as_ref());
    Evaluation {
        verdict,
        project_root: inputs.project.root.clone(),
        project_uuid: prepared.project_uuid,
        project_slug: prepared.project_slug,
        binding: prepared.binding,
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
        findings: root_cause::order(report.findings),
    }
}

fn internal_error(inputs: &Inputs, text: &str) -> Finding {
    let place = Place::File {
        path: inputs.project.start.clone(),
        range: None,
    };
    Finding::new(FindingName::InternalError, format!("A step broke: {text}"))
        .at(Evidence {
            place,
            label: "while inspecting this project".into(),
        })
        .fix(Fix::text("Reload; if it comes back, report it with this text"))
}

fn store_findings(report: &mut Report<'_>, prepared: &Prepared, route: Option<&Route>) {
    let (Some(binding), Some(store)) = (&prepared.binding, &report.inputs.store) else {
        return;
    };
    store::state(report, store, prepared);
    checkpoint::check(report, store, prepared);
    let Some(rows) = &store.rows else { return };
    store::rows(report, store, rows);
    if let Some(route) = route {
        store::routing_id_disagrees(report, prepared, binding, route, rows);
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
    Some(PlanHead {
        endpoint,
        idempotency_key: key,
        idempotency_preimage: preimage,
        body,
        bearer: prepared.bearer.secret.is_some(),
        proxy,
    })
}
