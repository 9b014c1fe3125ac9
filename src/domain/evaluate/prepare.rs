//! As far as the files lead: binding, credentials, scope and route, before the store is looked at.

use super::{Report, config, credentials, elsewhere, places};
use crate::domain::binding::Binding;
use crate::domain::body::Head;
use crate::domain::catalogue::FindingName;
use crate::domain::credentials::{Absence, ProviderTable, scope_inputs};
use crate::domain::evaluation::{BindingFacts, CredentialFacts, KnownStore, Route, Routing};
use crate::domain::finding::{Finding, Fix, Place, Severity};
use crate::domain::generation::{self, NewerFacts};
use crate::domain::inputs::{FileInput, Inputs};
use crate::domain::node::Span;
use crate::domain::python::PyStr;
use crate::domain::routing::{self, RoutingInputs};
use crate::domain::scope::{self, Scope};
use crate::domain::token::{self, Bearer};

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
    pub(super) project_uuid: Option<String>,
    pub(super) project_slug: Option<String>,
    pub(super) credentials: CredentialFacts,
    pub(super) routing_place: Option<Place>,
    pub(super) spans: Option<config::BindingSpans>,
    /// Where `project.uuid` and `project.slug` stand.
    pub(super) identity_spans: [Option<Span>; 2],
    pub(super) stores: Vec<KnownStore>,
    /// Where fields and owners of `tracker.doctrine.field_owners` stand.
    pub(super) owner_spans: Vec<[Span; 2]>,
    pub(super) newer: Option<NewerFacts>,
    pub(super) findings: Vec<Finding>,
}

impl Prepared {
    fn blank(credentials: CredentialFacts, bearer: Bearer) -> Self {
        Self {
            credentials,
            bearer,
            binding: None,
            scope: None,
            routing: None,
            buildable: false,
            project_uuid: None,
            project_slug: None,
            routing_place: None,
            spans: None,
            identity_spans: [None, None],
            owner_spans: Vec::new(),
            stores: Vec::new(),
            newer: None,
            findings: Vec::new(),
        }
    }

    /// The route, when one was derived and is not null.
    pub fn route(&self) -> Option<&Route> {
        self.routing.as_ref()?.route.as_ref()
    }

    /// All payload fields before the rows; `None` when no body can be built.
    pub fn head(&self) -> Option<Head<'_>> {
        let binding = self.binding.as_ref().filter(|_| self.buildable)?;
        self.routing.as_ref()?;
        Some(Head {
            provider: &binding.normalized_provider,
            workspace: &binding.workspace,
            route: self
                .route()
                .map(|route| (route.resource_type, route.resource_id.as_str())),
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
        if !binding.newer.keys.is_empty() {
            places::leftover_secrets(&mut report);
        }
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

    let facts = credential_facts(inputs, bound.as_ref().map(|bound| &bound.facts), table, &bearer);
    let mut prepared = Prepared::blank(facts, bearer);
    let facts = bound.as_ref().map(|bound| &bound.facts);
    if usable && let Some(facts) = facts {
        prepared.scope = scope_of(&mut report, facts, table);
    }
    let scope = prepared.scope.as_ref().map(|scope| scope.name.as_str());
    report.stores = elsewhere::known_stores(inputs, facts, table, scope);
    if let Some(binding) = &binding {
        identity(&mut report, &mut prepared, binding);
    }
    if let (Some(bound), Some(binding)) = (bound, &binding) {
        if usable {
            route(&mut report, &mut prepared, &bound, lookup.as_ref(), table);
        }
        prepared.spans = Some(bound.spans);
        prepared.owner_spans.clone_from(&binding.owner_spans);
        prepared.binding = Some(bound.facts);
        prepared.buildable = prepared.scope.is_some() && !report.has(Severity::Blocker);
    }
    prepared.newer = binding.as_ref().and_then(|binding| newer_facts(inputs, binding));
    prepared.findings = report.findings;
    prepared.stores = report.stores;
    prepared
}

/// Who the project is, whether it is bound or not.
fn identity(report: &mut Report<'_>, prepared: &mut Prepared, binding: &Binding) {
    let mut text = |what, value: &Option<(PyStr, Span)>| {
        value
            .as_ref()
            .and_then(|(text, span)| config::encodable(report, what, text, *span))
    };
    prepared.project_uuid = text("project.uuid", &binding.project_uuid);
    prepared.project_slug = text("project.slug", &binding.project_slug);
    prepared.identity_spans =
        [&binding.project_uuid, &binding.project_slug].map(|value| value.as_ref().map(|(_, span)| *span));
}

fn newer_facts(inputs: &Inputs, binding: &Binding) -> Option<NewerFacts> {
    let root = inputs.config.as_ref().and_then(FileInput::root)?;
    generation::newer_facts(root, binding)
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
            let place = Place::file(&report.inputs.credentials.path);
            report.add(
                Finding::new(FindingName::PayloadNotEncodable, error.to_string())
                    .at(place, "holds a lone surrogate")
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
    lookup: Option<&Result<ProviderTable<'_>, Absence>>,
    table: Option<ProviderTable<'_>>,
) {
    let table_place = match table {
        Some(table) => report.credentials_place(table.span()),
        None => Place::file(&report.inputs.credentials.path),
    };
    let derivation = routing::derive(&RoutingInputs {
        provider: &bound.facts.provider,
        provider_place: report.config_place(bound.spans.provider),
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
