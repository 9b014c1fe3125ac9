//! The origin of every payload field outside of the rows, and of what goes along with the body.

use super::config::BindingSpans;
use super::request::place_of;
use super::{Prepared, Report, checkpoint};
use crate::domain::credentials::{ScopeInput, scope_inputs};
use crate::domain::evaluation::{BindingFacts, CheckpointFacts, PlanHead, TokenSource};
use crate::domain::finding::Place;
use crate::domain::node::Span;
use crate::domain::provenance::{Origin, OriginStep};
use crate::domain::scope::Part;
use crate::domain::secret::without_user_info;

/// All of them that can be told.
pub(super) fn all(
    report: &Report<'_>,
    prepared: &Prepared,
    plan: Option<&PlanHead>,
    checkpoint: Option<&CheckpointFacts>,
) -> Vec<Origin> {
    let mut origins = Vec::new();
    if let Some(binding) = &prepared.binding {
        binding_origins(report, prepared, binding, &mut origins);
        identity_origins(report, prepared, &mut origins);
        rows_origins(report, binding, &mut origins);
        if let Some(checkpoint) = checkpoint {
            checkpoint_origins(report, checkpoint, &mut origins);
        }
        scope_origin(report, prepared, binding, &mut origins);
    }
    if let Some(plan) = plan {
        request_origins(report, prepared, plan, &mut origins);
    }
    origins
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn json_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), json)
}

fn step(rule: &str, input: impl Into<String>, output: impl Into<String>, place: Option<Place>) -> OriginStep {
    OriginStep {
        rule: rule.to_owned(),
        input: input.into(),
        output: output.into(),
        place,
    }
}

fn origin(field: impl Into<String>, value: impl Into<String>, steps: Vec<OriginStep>) -> Origin {
    Origin {
        field: field.into(),
        value: value.into(),
        steps,
    }
}

fn binding_origins(
    report: &Report<'_>,
    prepared: &Prepared,
    binding: &BindingFacts,
    origins: &mut Vec<Origin>,
) {
    let Some(spans) = &prepared.spans else { return };
    let config = |span: Span| Some(report.config_place(span));
    let provider = json(&binding.normalized_provider);
    let steps = vec![
        step(
            "tracker.provider, strip() [7]",
            "tracker.provider",
            &*binding.provider,
            config(spans.provider),
        ),
        step(
            "normalize_provider: lower(), azure-devops and azure -> azure_devops [45]",
            &*binding.provider,
            &*provider,
            None,
        ),
    ];
    origins.push(origin("provider", provider, steps));
    let workspace = json(&binding.workspace);
    let steps = vec![step(
        "tracker.workspace, strip() [7]",
        "tracker.workspace",
        &*workspace,
        config(spans.workspace),
    )];
    origins.push(origin("workspace", workspace, steps));
    if let Some(routing) = &prepared.routing {
        let route = routing.route.as_ref();
        for (field, value) in [
            ("external_resource_type", route.map(|route| route.resource_type)),
            (
                "external_resource_id",
                route.map(|route| route.resource_id.as_str()),
            ),
        ] {
            let steps = routing.trace.iter().map(|traced| OriginStep {
                rule: traced.step.to_owned(),
                input: traced.input.clone(),
                output: traced.output.clone().unwrap_or_else(|| "null".to_owned()),
                place: traced.source.clone(),
            });
            origins.push(origin(field, json_or_null(value), steps.collect()));
        }
    }
    doctrine_mode_origin(report, binding, spans, origins);
    owners_origins(report, prepared, binding, origins);
}

fn doctrine_mode_origin(
    report: &Report<'_>,
    binding: &BindingFacts,
    spans: &BindingSpans,
    origins: &mut Vec<Origin>,
) {
    let mode = json(&binding.doctrine_mode);
    let steps = vec![match spans.doctrine_mode {
        Ok(span) => step(
            "tracker.doctrine.mode, strip() [10]",
            "tracker.doctrine.mode",
            &*mode,
            Some(report.config_place(span)),
        ),
        Err(Some((found, span))) => step(
            &format!("the default: tracker.doctrine.mode is {found}, which spec-kitty drops [10]"),
            "",
            &*mode,
            Some(report.config_place(span)),
        ),
        Err(None) => step("the default without tracker.doctrine.mode [10]", "", &*mode, None),
    }];
    origins.push(origin("doctrine_mode", mode, steps));
}

fn owners_origins(
    report: &Report<'_>,
    prepared: &Prepared,
    binding: &BindingFacts,
    origins: &mut Vec<Origin>,
) {
    let rule = "tracker.doctrine.field_owners, str() of key and value [10]";
    let mut all = Vec::new();
    for ((field, owner), [_, span]) in binding.doctrine_field_owners.iter().zip(&prepared.owner_spans) {
        let place = Some(report.config_place(*span));
        let one = step(rule, field, json(owner), place);
        all.push(one.clone());
        origins.push(origin(
            format!("doctrine_field_owners.{field}"),
            json(owner),
            vec![one],
        ));
    }
    if all.is_empty() {
        all.push(step(
            "the default without an owner in tracker.doctrine.field_owners [10]",
            "",
            "{}",
            None,
        ));
    }
    // In the order of the body, which a map of serde_json would not keep.
    let owners = binding.doctrine_field_owners.iter();
    let owners: Vec<String> = owners
        .map(|(field, owner)| format!("{}:{}", json(field), json(owner)))
        .collect();
    let value = format!("{{{}}}", owners.join(","));
    origins.push(origin("doctrine_field_owners", value, all));
}

fn identity_origins(report: &Report<'_>, prepared: &Prepared, origins: &mut Vec<Origin>) {
    let fields = [
        ("project_uuid", "project.uuid", &prepared.project_uuid),
        ("project_slug", "project.slug", &prepared.project_slug),
    ];
    for ((field, key, value), span) in fields.into_iter().zip(prepared.identity_spans) {
        let published = json_or_null(value.as_deref());
        let place = span.map(|span| report.config_place(span));
        let rule = match span {
            Some(_) => "str() of the value, not stripped [11]",
            None => "null: the key is missing or null [11]",
        };
        origins.push(origin(
            field,
            &*published,
            vec![step(rule, key, &*published, place)],
        ));
    }
}

fn rows_origins(report: &Report<'_>, binding: &BindingFacts, origins: &mut Vec<Origin>) {
    let Some(store) = &report.inputs.store else { return };
    let place = Place::file(&store.path);
    let counts = store.rows.as_ref().map(|rows| (rows.issues, rows.mappings));
    let told = |count: Option<u64>, rows: &str| {
        let plural = if count == Some(1) { "" } else { "s" };
        count.map_or_else(
            || format!("{rows}s (being checked)"),
            |count| format!("{count} {rows}{plural}"),
        )
    };
    let issues = told(counts.map(|(issues, _)| issues), "issue");
    let rule = format!(
        "tracker_issues WHERE system = {} ORDER BY identity [21]",
        binding.normalized_provider
    );
    origins.push(origin(
        "issues",
        &*issues,
        vec![step(
            &rule,
            &*binding.normalized_provider,
            &*issues,
            Some(place.clone()),
        )],
    ));
    let mappings = told(counts.map(|(_, mappings)| mappings), "mapping");
    let rule = "all of tracker_mappings ORDER BY wp_id, system, whatever their system [25]";
    origins.push(origin(
        "mappings",
        &*mappings,
        vec![step(rule, "all rows", &*mappings, Some(place))],
    ));
}

fn checkpoint_origins(report: &Report<'_>, checkpoint: &CheckpointFacts, origins: &mut Vec<Origin>) {
    let Some(store) = &report.inputs.store else { return };
    let key = step(
        "checkpoint key: {normalised provider}:{workspace} [26]",
        "",
        &*checkpoint.key,
        None,
    );
    let stored = checkpoint.row.as_ref();
    let member = |column: &str, stored_as: Option<&str>, value: Option<&str>, rule| {
        let (place, input) = match stored {
            Some(row) => (checkpoint::column(store, row, column), json_or_null(stored_as)),
            None => (Place::file(&store.path), "no row of this key".to_owned()),
        };
        step(rule, input, json_or_null(value), Some(place))
    };
    let cursor = member(
        "cursor",
        stored.and_then(|row| row.cursor.as_deref()),
        checkpoint.cursor.as_deref(),
        "str() or null [26]",
    );
    let since = member(
        "updated_since",
        stored.and_then(|row| row.updated_since.as_deref()),
        checkpoint.updated_since.as_deref(),
        "datetime.fromisoformat().isoformat(), null when unreadable [26, 38-40]",
    );
    let whole = format!(
        "{{\"cursor\":{},\"updated_since\":{}}}",
        cursor.output, since.output
    );
    let steps = vec![key.clone(), cursor.clone(), since.clone()];
    origins.push(origin("checkpoint", whole, steps));
    for (field, step) in [("checkpoint.cursor", cursor), ("checkpoint.updated_since", since)] {
        origins.push(origin(field, step.output.clone(), vec![key.clone(), step]));
    }
}

fn scope_origin(report: &Report<'_>, prepared: &Prepared, binding: &BindingFacts, origins: &mut Vec<Origin>) {
    let (Some(scope), Some(spans)) = (&prepared.scope, &prepared.spans) else {
        return;
    };
    let parts = scope_inputs(report.inputs.provider_table(&binding.provider));
    let mut steps = vec![
        step(
            "the provider as it is written, strip().lower() [20]",
            "tracker.provider",
            &*binding.provider,
            Some(report.config_place(spans.provider)),
        ),
        step(
            "the workspace, strip().lower() [20]",
            "tracker.workspace",
            &*binding.workspace,
            Some(report.config_place(spans.workspace)),
        ),
    ];
    for (input, rule, part) in [
        (&parts.server, "server_url or base_url [19]", Part::Server),
        (&parts.user, "username or email [19]", Part::User),
        (&parts.team, "team_slug [19]", Part::Team),
    ] {
        steps.push(part_step(report, input, rule, part));
    }
    steps.push(step(
        "SHA-256, the first 16 digits [20]",
        &*scope.preimage,
        &*scope.name,
        None,
    ));
    origins.push(origin("scope", &*scope.name, steps));
}

fn part_step(report: &Report<'_>, input: &ScopeInput, rule: &str, part: Part) -> OriginStep {
    match &input.source {
        Some(source) => {
            let text = input.value.to_display();
            let place = report.credentials_place(source.value_span);
            step(rule, source.key, without_user_info(&text), Some(place))
        }
        None => step(rule, "no such credential", part.default_text(), None),
    }
}

fn request_origins(report: &Report<'_>, prepared: &Prepared, plan: &PlanHead, origins: &mut Vec<Origin>) {
    if let (Some(key), Some(preimage)) = (&plan.idempotency_key, &plan.idempotency_preimage) {
        let rule = "SHA-256 of provider|workspace|type|id|#issues|#mappings|cursor [43]";
        origins.push(origin(
            "idempotency_key",
            &**key,
            vec![step(rule, &**preimage, &**key, None)],
        ));
    }
    let environment = &report.inputs.environment;
    if let (Some(endpoint), Some(given)) = (&plan.endpoint, &environment.server_url) {
        let rule = "the server URL without trailing slashes, and the path behind it [46]";
        let server = without_user_info(&given.value);
        let one = step(rule, server, &*endpoint.url, Some(place_of(given.by)));
        origins.push(origin("endpoint", &*endpoint.url, vec![one]));
    }
    let place = match (&prepared.bearer.span, &environment.auth_token) {
        (Some(span), _) => Some(report.credentials_place(*span)),
        (None, Some(given)) => Some(place_of(given.by)),
        (None, None) => None,
    };
    let source = prepared.bearer.source;
    let value = match source {
        TokenSource::None => "no Authorization header".to_owned(),
        source => format!("Bearer token from {}", source.name()),
    };
    let rule =
        "--auth-token or SAAS_AUTH_TOKEN, else access_token, else token of the provider's credentials [47]";
    origins.push(origin(
        "authorization",
        &*value,
        vec![step(rule, source.name(), &*value, place)],
    ));
}
