//! Binding again when config.yaml does not say to what: the credentials and the stores remember.

use super::Report;
use super::store::host_of;
use crate::domain::binding::{Binding, DEFAULT_DOCTRINE_MODE};
use crate::domain::credentials::ProviderTable;
use crate::domain::evaluation::BindingFacts;
use crate::domain::finding::Fix;
use crate::domain::routing::normalize_provider;

const BIND: &str = "spec-kitty tracker bind --provider PROVIDER --workspace WORKSPACE";

/// The `bind` command for the only provider that has credentials, with every credential repeated; a part that nothing
/// remembers stands in capitals.
pub(super) fn bind_again(report: &Report<'_>, known: Option<&Binding>, text: &str) -> Fix {
    let provider = known.and_then(|known| known.provider.text()?.as_str());
    let Some((provider, table)) = credentials_of(report, provider) else {
        return Fix::command(text, BIND);
    };
    let normalized_provider = normalize_provider(&provider);
    let workspace = workspace_of(report, &normalized_provider, table);
    let binding = BindingFacts {
        workspace: workspace.unwrap_or_else(|| "WORKSPACE".to_owned()),
        doctrine_mode: known
            .and_then(|known| known.doctrine_mode.text()?.as_str())
            .unwrap_or(DEFAULT_DOCTRINE_MODE)
            .to_owned(),
        doctrine_field_owners: known.map(owners_of).unwrap_or_default(),
        normalized_provider,
        provider,
    };
    let fix = report.bind(&binding, Some(table), &[]);
    Fix {
        text: format!("{text}. {}", fix.text),
        ..fix
    }
}

fn owners_of(known: &Binding) -> Vec<(String, String)> {
    let owners = known.doctrine_field_owners.iter();
    owners
        .map(|(field, owner)| (field.to_display(), owner.to_display()))
        .collect()
}

/// The table of this provider, or the only one that there is.
fn credentials_of<'r>(report: &'r Report<'_>, provider: Option<&str>) -> Option<(String, ProviderTable<'r>)> {
    let root = report.inputs.credentials.root()?;
    let providers = root.get("tracker")?.value.get("providers")?;
    let names: Vec<String> = providers
        .value
        .entries()?
        .iter()
        .map(|entry| entry.key.str().to_display())
        .filter(|name| provider.is_none_or(|provider| provider == name))
        .collect();
    let [name] = names.as_slice() else { return None };
    let table = report.inputs.provider_table(name)?;
    Some((name.clone(), table))
}

/// The workspace under which the only checkpoint of the provider was written, else the host of `base_url`.
fn workspace_of(report: &Report<'_>, provider: &str, table: ProviderTable<'_>) -> Option<String> {
    let keys = report.inputs.stores.iter().flat_map(|store| &store.checkpoints);
    let mut workspaces: Vec<&str> = keys
        .filter_map(|row| row.key.split_once(':'))
        .filter(|(named, _)| normalize_provider(named) == provider)
        .map(|(_, workspace)| workspace)
        .collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    if let [only] = workspaces.as_slice() {
        return Some((*only).to_owned());
    }
    let base_url = table.get("base_url")?.value.text()?.as_str()?.to_owned();
    Some(host_of(&base_url)).filter(|host| !host.is_empty() && !host.contains('@'))
}
