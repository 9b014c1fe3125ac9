//! Which inputs lead to a store: its name is a hash, so candidates are hashed until one fits (reference B5, 19-20).
//!
//! Candidates come from what is there today and from what the store itself names: with and without server, user and
//! team, with and without a trailing slash, from other provider tables, from the workspaces of its rows.

use super::credentials::{ProviderTable, provider_table, scope_inputs};
use super::evaluation::BindingFacts;
use super::node::Node;
use super::python::PyStr;
use super::scope::{Part, Scope, scope};
use super::secret::without_user_info;
use super::store_listing::StoreListing;

/// The five texts that a store is named by, before they are folded; empty where the default is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeTexts {
    /// Provider, as it is spelled in config.yaml.
    pub provider: String,
    /// Workspace.
    pub workspace: String,
    /// `server_url or base_url`.
    pub server: String,
    /// `username or email`.
    pub user: String,
    /// `team_slug`.
    pub team: String,
}

/// A part of the scope that is another today than when a store was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which part.
    pub part: Part,
    /// What it is today; empty for the default.
    pub today: String,
    /// What it was.
    pub there: String,
}

impl Difference {
    /// What it was, for people: without a password, the default by its name.
    pub fn shown_there(&self) -> String {
        shown(self.part, &self.there)
    }

    /// What it is today, for people.
    pub fn shown_today(&self) -> String {
        shown(self.part, &self.today)
    }
}

fn shown(part: Part, text: &str) -> String {
    if text.is_empty() {
        part.default_text().to_owned()
    } else {
        without_user_info(text).into_owned()
    }
}

/// Most candidates of one part.
const MAX_CANDIDATES: usize = 12;
/// Most scopes that are hashed for one store.
const MAX_HASHED: usize = 5_000;

impl ScopeTexts {
    /// Today's texts.
    pub fn today(binding: &BindingFacts, table: Option<ProviderTable<'_>>) -> Self {
        let inputs = scope_inputs(table);
        Self {
            provider: binding.provider.clone(),
            workspace: binding.workspace.clone(),
            server: inputs.server.value.to_display(),
            user: inputs.user.value.to_display(),
            team: inputs.team.value.to_display(),
        }
    }

    fn parts(&self) -> [(Part, &str); 5] {
        [
            (Part::Provider, &self.provider),
            (Part::Workspace, &self.workspace),
            (Part::Server, &self.server),
            (Part::User, &self.user),
            (Part::Team, &self.team),
        ]
    }

    /// The scope that they make; `None` when a text cannot be encoded.
    fn scope(&self) -> Option<Scope> {
        let [provider, workspace, server, user, team] = self.parts().map(|(_, text)| PyStr::from(text));
        scope(&provider, &workspace, &server, &user, &team).ok()
    }

    /// What is hashed, without a password.
    pub fn preimage(&self) -> String {
        self.scope().map_or_else(String::new, |scope| scope.preimage)
    }

    /// What differs from these texts, folded as the hash folds them.
    pub fn differences(&self, there: &Self) -> Vec<Difference> {
        let pairs = self.parts().into_iter().zip(there.parts());
        let differ = pairs.filter(|((part, today), (_, there))| folded(*part, today) != folded(*part, there));
        differ
            .map(|((part, today), (_, there))| Difference {
                part,
                today: today.to_owned(),
                there: there.to_owned(),
            })
            .collect()
    }
}

fn folded(part: Part, text: &str) -> String {
    part.folded(&text.into()).to_display()
}

/// Looks for the texts that name a store; those nearest to today's are tried first.
pub fn guess(
    today: &ScopeTexts,
    binding: &BindingFacts,
    credentials: Option<&Node>,
    store: &StoreListing,
) -> Option<ScopeTexts> {
    let wanted = store.scope()?;
    let candidates = Candidates::new(today, binding, credentials, store);
    let mut fitting: Option<(usize, ScopeTexts)> = None;
    let mut hashed = 0;
    for texts in candidates.all() {
        hashed += 1;
        if hashed > MAX_HASHED {
            break;
        }
        if texts.scope().is_none_or(|scope| scope.name != wanted) {
            continue;
        }
        let distance = today.differences(&texts).len();
        if fitting.as_ref().is_none_or(|(known, _)| distance < *known) {
            fitting = Some((distance, texts));
        }
    }
    fitting.map(|(_, texts)| texts)
}

/// The texts to try for each part, today's first.
struct Candidates {
    provider: Vec<String>,
    workspace: Vec<String>,
    server: Vec<String>,
    user: Vec<String>,
    team: Vec<String>,
}

impl Candidates {
    fn new(
        today: &ScopeTexts,
        binding: &BindingFacts,
        credentials: Option<&Node>,
        store: &StoreListing,
    ) -> Self {
        let mut found = Self {
            provider: vec![today.provider.clone(), binding.normalized_provider.clone()],
            workspace: vec![today.workspace.clone()],
            server: vec![today.server.clone(), String::new()],
            user: vec![today.user.clone(), String::new()],
            team: vec![today.team.clone(), String::new()],
        };
        found
            .provider
            .extend(store.systems.iter().map(|(system, _)| system.clone()));
        if binding.normalized_provider == "azure_devops" {
            found
                .provider
                .extend(["azure", "azure-devops"].map(str::to_owned));
        }
        for workspace in &store.workspaces {
            found.workspace.push(workspace.clone());
            // A jira issue's workspace is the site's URL.
            if let Some((_, host)) = workspace.split_once("://") {
                found.workspace.push(host.trim_end_matches('/').to_owned());
                found.server.push(workspace.clone());
            }
        }
        for checkpoint in &store.checkpoints {
            if let Some((_, workspace)) = checkpoint.key.split_once(':') {
                found.workspace.push(workspace.to_owned());
            }
        }
        if let Some(root) = credentials {
            found.read_credentials(root);
        }
        let slashed = found.server.iter().map(|server| toggled_slash(server));
        found.server = found.server.iter().cloned().chain(slashed).collect();
        for (part, texts) in [
            (Part::Provider, &mut found.provider),
            (Part::Workspace, &mut found.workspace),
            (Part::Server, &mut found.server),
            (Part::User, &mut found.user),
            (Part::Team, &mut found.team),
        ] {
            keep_different(part, texts);
        }
        found
    }

    /// Every provider's table, and who logged in.
    fn read_credentials(&mut self, root: &Node) {
        let child = |node: &Node, key: &str| node.get(key).map(|entry| entry.value.clone());
        let providers = child(root, "tracker").and_then(|tracker| child(&tracker, "providers"));
        let names = providers.as_ref().and_then(|providers| providers.entries());
        for entry in names.unwrap_or_default() {
            let name = entry.key.str();
            let Ok(table) = provider_table(root, &name) else {
                continue;
            };
            let texts = |keys: &[&str]| -> Vec<String> {
                let entries = keys.iter().filter_map(|key| table.get(key));
                entries.map(|entry| entry.value.str().to_display()).collect()
            };
            self.server.extend(texts(&["server_url", "base_url"]));
            self.user.extend(texts(&["username", "email"]));
            self.team.extend(texts(&["team_slug"]));
            self.provider.push(name.to_display());
        }
        let user = child(root, "user");
        let told = user.as_ref().and_then(|user| user.entries()).unwrap_or_default();
        self.user.extend(told.iter().filter_map(|entry| {
            let text = entry.value.text()?;
            Some(text.to_display())
        }));
    }

    fn all(&self) -> impl Iterator<Item = ScopeTexts> + '_ {
        let servers = self
            .server
            .iter()
            .flat_map(|server| self.user.iter().map(move |user| (server, user)));
        let with_team =
            servers.flat_map(|(server, user)| self.team.iter().map(move |team| (server, user, team)));
        with_team.flat_map(|(server, user, team)| {
            let pairs = self
                .provider
                .iter()
                .flat_map(|provider| self.workspace.iter().map(move |workspace| (provider, workspace)));
            pairs.map(move |(provider, workspace)| ScopeTexts {
                provider: provider.clone(),
                workspace: workspace.clone(),
                server: server.clone(),
                user: user.clone(),
                team: team.clone(),
            })
        })
    }
}

fn toggled_slash(server: &str) -> String {
    match server.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None if server.is_empty() => String::new(),
        None => format!("{server}/"),
    }
}

/// Keeps the first of those that fold to the same.
fn keep_different(part: Part, texts: &mut Vec<String>) {
    let mut seen = Vec::new();
    texts.retain(|text| {
        let folded = folded(part, text);
        let new = !seen.contains(&folded) && seen.len() < MAX_CANDIDATES;
        if new {
            seen.push(folded);
        }
        new
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evaluation::StoreState;

    fn store(scope: &str, workspaces: &[&str]) -> StoreListing {
        StoreListing {
            path: format!("/h/trackers/{scope}.db").into(),
            state: StoreState::Ok,
            trouble: None,
            systems: vec![("jira".into(), 3)],
            workspaces: workspaces.iter().map(|text| (*text).to_owned()).collect(),
            mappings: 0,
            checkpoints: Vec::new(),
            newest_update: None,
        }
    }

    #[test]
    fn names_the_input_that_changed() {
        let binding = BindingFacts {
            provider: "jira".into(),
            normalized_provider: "jira".into(),
            workspace: "acme.atlassian.net".into(),
            doctrine_mode: "external_authoritative".into(),
            doctrine_field_owners: Vec::new(),
        };
        let today = ScopeTexts {
            provider: "jira".into(),
            workspace: "acme.atlassian.net".into(),
            server: "https://acme.atlassian.net".into(),
            user: "a@b.com".into(),
            team: String::new(),
        };
        let differ = |scope: &str| -> Option<Vec<(Part, String)>> {
            let found = guess(
                &today,
                &binding,
                None,
                &store(scope, &["https://acme.atlassian.net"]),
            )?;
            let differences = today.differences(&found);
            Some(
                differences
                    .into_iter()
                    .map(|difference| (difference.part, difference.there))
                    .collect(),
            )
        };
        assert_eq!(differ("999b79dc914a988b"), Some(vec![]));
        assert_eq!(
            differ("8f32b49c896dd795"),
            Some(vec![(Part::Server, "https://acme.atlassian.net/".into())])
        );
        let anonymous = vec![(Part::Server, String::new()), (Part::User, String::new())];
        assert_eq!(differ("d95572f437458972"), Some(anonymous));
        assert_eq!(differ("0123456789abcdef"), None);
    }
}
