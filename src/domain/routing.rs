//! The route: `RESOURCE_ROUTING_MAP` and the derivation of both routing fields with its trace
//! (contract, "Resource Routing Map" and "Validation Rules"; reference 1 and service.py:389-396).

use super::credentials::ProviderTable;
use super::evaluation::{Route, TraceStep};
use super::finding::Place;
use super::node::Span;
use super::python::{PyStr, text};

/// One row of the contract's Resource Routing Map.
#[derive(Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// The normalised provider.
    pub provider: &'static str,
    /// `external_resource_type`.
    pub resource_type: &'static str,
    /// The key in the provider's credentials.
    pub credential_key: &'static str,
}

/// The contract's Resource Routing Map: every other provider is null.
pub const RESOURCE_ROUTING_MAP: [MapEntry; 2] = [
    MapEntry {
        provider: "jira",
        resource_type: "jira_project",
        credential_key: "project_key",
    },
    MapEntry {
        provider: "linear",
        resource_type: "linear_team",
        credential_key: "team_id",
    },
];

/// The providers that spec-kitty 2.1.0-3.0.0 has a connector for (factory.py).
pub const KNOWN_PROVIDERS: [&str; 7] = [
    "jira",
    "linear",
    "azure_devops",
    "github",
    "gitlab",
    "beads",
    "fp",
];

/// `normalize_provider`: strip, lower, and the aliases of Azure DevOps (reference 45).
pub fn normalize_provider(provider: &str) -> String {
    let lowered = text::strip(provider).to_lowercase();
    match lowered.as_str() {
        "azure-devops" | "azure" => "azure_devops".to_owned(),
        _ => lowered,
    }
}

/// The map's row for a normalised provider.
pub fn map_entry(normalized_provider: &str) -> Option<&'static MapEntry> {
    RESOURCE_ROUTING_MAP
        .iter()
        .find(|entry| entry.provider == normalized_provider)
}

/// The provider that was probably meant (reference A1): an alias or a near spelling of a known one.
pub fn did_you_mean(normalized_provider: &str) -> Option<&'static str> {
    let letters: String = normalized_provider
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let meant = match letters.as_str() {
        "atlassian" | "jiracloud" | "jiraserver" | "atlassianjira" => "jira",
        "linearapp" => "linear",
        "ado" | "azuredevopsservices" | "azureboards" => "azure_devops",
        "gh" | "githubissues" => "github",
        _ => {
            return KNOWN_PROVIDERS
                .into_iter()
                .find(|known| is_near(&letters, &known.replace('_', "")));
        }
    };
    Some(meant)
}

/// Equal, or one letter added, dropped or changed, or two neighbours swapped.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same_start..], &b[same_start..]);
    let same_end = rest_a
        .iter()
        .rev()
        .zip(rest_b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (rest_a, rest_b) = (
        &rest_a[..rest_a.len() - same_end],
        &rest_b[..rest_b.len() - same_end],
    );
    match (rest_a, rest_b) {
        ([x1, x2], [y1, y2]) => x1 == y2 && x2 == y1,
        _ => rest_a.len() <= 1 && rest_b.len() <= 1 && b.len() > 2,
    }
}

/// Where the derivation ended in null; both fields are null then (contract, "Atomic null").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullCause {
    /// The provider is not in the map (contract, "Provider lookup").
    NotInMap,
    /// The provider has no credentials table; why is for the credentials lookup to say.
    NoTable,
    /// The table lacks the key, or its value is null (contract, "Credential key lookup").
    KeyMissing(&'static str),
    /// The key's value is empty or blank.
    KeyBlank(&'static str),
}

/// What [`derive()`] looks at.
pub struct RoutingInputs<'a> {
    /// `tracker.provider`, stripped, as it is written.
    pub provider: &'a str,
    /// Where it is written.
    pub provider_place: Place,
    /// The table under exactly that name; `None` when there is none.
    pub table: Option<ProviderTable<'a>>,
    /// Where the table is, or the file where it should be.
    pub table_place: Place,
    /// Where bytes of the credentials file are.
    pub place_of: &'a dyn Fn(Span) -> Place,
}

/// The derivation's result.
pub struct Derivation {
    /// The route, or why both fields are null.
    pub route: Result<DerivedRoute, NullCause>,
    /// Each step with its input, output and source.
    pub trace: Vec<TraceStep>,
}

/// A route whose id may not be encodable yet.
#[derive(Debug, PartialEq, Eq)]
pub struct DerivedRoute {
    /// `external_resource_type`.
    pub resource_type: &'static str,
    /// `str(value).strip()`.
    pub resource_id: PyStr,
}

impl DerivedRoute {
    /// The route, when its id can be encoded.
    pub fn encodable(&self) -> Option<Route> {
        let resource_id = self.resource_id.as_str()?.to_owned();
        Some(Route {
            resource_type: self.resource_type,
            resource_id,
        })
    }
}

/// Derives both routing fields. Changes nothing and looks at nothing else (contract, "No mutation").
pub fn derive(inputs: &RoutingInputs<'_>) -> Derivation {
    let mut trace = Trace(Vec::new());
    let route = in_map(inputs, &mut trace).and_then(|entry| in_credentials(inputs, entry, &mut trace));
    Derivation {
        route,
        trace: trace.0,
    }
}

/// The steps so far.
struct Trace(Vec<TraceStep>);

impl Trace {
    fn step(&mut self, step: &'static str, input: &str, output: Option<String>, source: &Place) {
        self.0.push(TraceStep {
            step,
            input: input.to_owned(),
            output,
            source: Some(source.clone()),
        });
    }
}

/// `RESOURCE_ROUTING_MAP[normalize_provider(provider)]`.
fn in_map(inputs: &RoutingInputs<'_>, trace: &mut Trace) -> Result<&'static MapEntry, NullCause> {
    let place = &inputs.provider_place;
    let normalized = normalize_provider(inputs.provider);
    trace.step(
        "normalize_provider",
        inputs.provider,
        Some(normalized.clone()),
        place,
    );
    let entry = map_entry(&normalized);
    let mapped = entry.map(|entry| format!("({}, {})", entry.resource_type, entry.credential_key));
    trace.step("RESOURCE_ROUTING_MAP", &normalized, mapped, place);
    entry.ok_or(NullCause::NotInMap)
}

/// `str(credentials[credential_key]).strip()`, when that is not empty.
fn in_credentials(
    inputs: &RoutingInputs<'_>,
    entry: &'static MapEntry,
    trace: &mut Trace,
) -> Result<DerivedRoute, NullCause> {
    let key = entry.credential_key;
    let table_name = format!("tracker.providers.{}", inputs.provider);
    let keys = inputs.table.map(|table| table.entries().len());
    let found = keys.map(|keys| format!("{keys} key{}", if keys == 1 { "" } else { "s" }));
    trace.step("credentials table", &table_name, found, &inputs.table_place);
    let table = inputs.table.ok_or(NullCause::NoTable)?;

    let value = table
        .get(key)
        .map(|found| found.value.as_ref())
        .filter(|value| !value.is_null());
    let Some(value) = value else {
        trace.step("credentials key", key, None, &inputs.table_place);
        return Err(NullCause::KeyMissing(key));
    };
    let place = (inputs.place_of)(value.span);
    let text = value.str();
    let shown = text.to_display();
    let resource_id = text.strip();
    if resource_id.is_empty() {
        trace.step("credentials key", key, None, &place);
        return Err(NullCause::KeyBlank(key));
    }
    trace.step("credentials key", key, Some(shown.clone()), &place);
    trace.step(
        "str(value).strip()",
        &shown,
        Some(resource_id.to_display()),
        &place,
    );
    Ok(DerivedRoute {
        resource_type: entry.resource_type,
        resource_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_provider_that_was_meant() {
        for (typed, meant) in [
            ("jira-cloud", Some("jira")),
            ("atlassian", Some("jira")),
            ("linear.app", Some("linear")),
            ("gihtub", Some("github")),
            ("gitlb", Some("gitlab")),
            ("azuredevops", Some("azure_devops")),
            ("trello", None),
            ("x", None),
        ] {
            assert_eq!(did_you_mean(typed), meant, "{typed}");
        }
    }

    #[test]
    fn normalizes_as_the_reference_does() {
        assert_eq!(normalize_provider("\u{1f} Azure-DevOps "), "azure_devops");
        assert_eq!(normalize_provider("Jira"), "jira");
    }
}
