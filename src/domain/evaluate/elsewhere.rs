//! Where the issues are when the store in use has none: which store holds them, and which input of its name changed
//! (reference B4, B5, 0.4).

use super::store::{PULL, file_name, host_of};
use super::{Prepared, Report};
use crate::domain::catalogue::FindingName;
use crate::domain::credentials::{ProviderTable, ScopeInput, scope_inputs};
use crate::domain::evaluation::{BindingFacts, KnownStore, StoreState};
use crate::domain::finding::{Edit, Finding, Fix, Place};
use crate::domain::fixes::{KeyChange, edit, insert_key, toml_text};
use crate::domain::hidden::without_hidden;
use crate::domain::inputs::{Inputs, StoreInput};
use crate::domain::scope::Part;
use crate::domain::scope_guess::{Difference, ScopeTexts, guess};
use crate::domain::secret::is_public;
use crate::domain::store_listing;

/// Most stores whose inputs are guessed.
const MAX_GUESSED: usize = 16;

/// All stores of the folder with what leads to them, also where the project is not bound.
pub(super) fn known_stores(
    inputs: &Inputs,
    binding: Option<&BindingFacts>,
    table: Option<ProviderTable<'_>>,
    scope: Option<&str>,
) -> Vec<KnownStore> {
    let credentials = inputs.credentials.root().map(AsRef::as_ref);
    let unbound = BindingFacts::default();
    let near = binding.unwrap_or(&unbound);
    let today = ScopeTexts::today(near, table);
    let known = |(index, listing): (usize, &store_listing::StoreListing)| {
        let texts = (index < MAX_GUESSED)
            .then(|| guess(&today, near, credentials, listing))
            .flatten();
        let differs = texts
            .as_ref()
            .filter(|_| binding.is_some())
            .map(|texts| today.differences(texts))
            .unwrap_or_default();
        KnownStore {
            in_use: scope.is_some() && listing.scope() == scope,
            listing: listing.clone(),
            texts,
            differs,
        }
    };
    inputs.stores.iter().enumerate().map(known).collect()
}

/// The store beside the one in use that holds this binding's issues.
fn holder<'s>(binding: &BindingFacts, stores: &'s [KnownStore]) -> Option<&'s KnownStore> {
    let workspace = host_of(&without_hidden(&binding.workspace));
    let same_workspace = |store: &KnownStore| {
        let named = store.listing.workspaces.iter();
        let guessed = !store.differs.is_empty()
            && store
                .differs
                .iter()
                .all(|difference| difference.part != Part::Workspace);
        guessed || named.map(|named| host_of(named)).any(|host| host == workspace)
    };
    let of_system =
        |store: &&KnownStore| !store.in_use && store.listing.issues_of(&binding.normalized_provider) > 0;
    stores
        .iter()
        .filter(of_system)
        .find(|store| same_workspace(store))
}

/// Reports that the issues are in another store, or nowhere; `false` when neither holds.
pub(super) fn check(report: &mut Report<'_>, store: &StoreInput, prepared: &Prepared) -> bool {
    let Some(binding) = &prepared.binding else {
        return false;
    };
    let issues = store.rows.as_ref().map(|rows| rows.issues);
    if issues.is_some_and(|issues| issues > 0) {
        return false;
    }
    let finding = match holder(binding, &prepared.stores) {
        Some(holder) => elsewhere(report, store, prepared, binding, holder),
        None if issues == Some(0) && store.state != StoreState::Missing => empty(store, binding),
        None => return false,
    };
    report.add(finding);
    true
}

/// The store is there and holds no issue of this provider (reference 0.4).
fn empty(store: &StoreInput, binding: &BindingFacts) -> Finding {
    let name = file_name(&store.path);
    let detail = format!(
        "{name} holds no {} issues: an empty snapshot would go out",
        binding.normalized_provider
    );
    Finding::new(FindingName::StoreEmpty, detail)
        .at(Place::file(&store.path), "no issues in here")
        .fix(Fix::command("Pull the issues first", PULL))
}

fn elsewhere(
    report: &Report<'_>,
    store: &StoreInput,
    prepared: &Prepared,
    binding: &BindingFacts,
    holder: &KnownStore,
) -> Finding {
    let count = holder.listing.issues_of(&binding.normalized_provider);
    let there = file_name(&holder.listing.path);
    let mut detail = format!(
        "{} has no issues; {there} holds {} {} issues of this workspace",
        file_name(&store.path),
        store_listing::counted(count),
        binding.normalized_provider,
    );
    for (index, difference) in holder.differs.iter().enumerate() {
        let joint = if index == 0 {
            ". It was made when "
        } else {
            " and "
        };
        detail += &format!("{joint}{}", in_words(difference));
    }
    let table = report.inputs.provider_table(&binding.provider);
    let mut finding = Finding::new(FindingName::StoreElsewhere, detail);
    for difference in &holder.differs {
        let label = format!("{} was {}", difference.part.name(), difference.shown_there());
        finding = finding.at(changed_input(report, prepared, table, difference.part), label);
    }
    // A `bind` without them dropped the routing key and the inputs of the scope at once (reference A17).
    let dropped = |difference: &Difference| {
        input_of(difference.part, table)
            .is_some_and(|input| input.source.is_none() && !difference.there.is_empty())
    };
    if holder.differs.iter().any(only_hidden) {
        finding.explained_by = Some(FindingName::HiddenCharacters);
    } else if !holder.differs.is_empty()
        && holder.differs.iter().all(dropped)
        && report.reported(FindingName::RoutingKeyMissing)
    {
        finding.explained_by = Some(FindingName::RoutingKeyMissing);
    }
    finding
        .at(Place::file(&holder.listing.path), "the issues are here")
        .at(Place::file(&store.path), "this one is in use")
        .fix(put_back(report, prepared, binding, table, &holder.differs))
        .fix(Fix::command("Or pull into the store that is in use now", PULL))
}

/// Whether characters that nobody sees are all that differs.
fn only_hidden(difference: &Difference) -> bool {
    let visible = without_hidden(&difference.today);
    visible != difference.today && visible.to_lowercase() == difference.there.to_lowercase()
}

fn in_words(difference: &Difference) -> String {
    let (there, today) = (difference.shown_there(), difference.shown_today());
    format!("the {} was {there} (now {today})", difference.part.name())
}

/// The credentials that give a part of the scope today.
fn input_of(part: Part, table: Option<ProviderTable<'_>>) -> Option<ScopeInput> {
    let inputs = scope_inputs(table);
    match part {
        Part::Server => Some(inputs.server),
        Part::User => Some(inputs.user),
        Part::Team => Some(inputs.team),
        Part::Provider | Part::Workspace => None,
    }
}

/// Where the input that changed stands, or should stand.
fn changed_input(
    report: &Report<'_>,
    prepared: &Prepared,
    table: Option<ProviderTable<'_>>,
    part: Part,
) -> Place {
    let source = input_of(part, table).and_then(|input| input.source);
    let spans = prepared.spans;
    match (part, source) {
        (Part::Provider, _) => report.config_place(spans.map(|spans| spans.provider)),
        (Part::Workspace, _) => report.config_place(spans.map(|spans| spans.workspace)),
        (_, Some(source)) => report.credentials_place(source.value_span),
        (_, None) => match table {
            Some(table) => report.credentials_place(table.span()),
            None if report.inputs.credentials.root().is_some() => {
                report.credentials_place(report.inputs.credentials.text.end())
            }
            None => Place::file(&report.inputs.credentials.path),
        },
    }
}

/// The fix that makes the scope what it was: an edit for one changed credential, else `bind`.
fn put_back(
    report: &Report<'_>,
    prepared: &Prepared,
    binding: &BindingFacts,
    table: Option<ProviderTable<'_>>,
    differs: &[Difference],
) -> Fix {
    let texts = |difference: &Difference| is_public("base_url", &difference.there);
    if table.is_none() {
        return Fix::text("Bring back the credentials that named it: nothing is read from them now");
    }
    if differs.is_empty() || !differs.iter().all(texts) {
        return Fix::text("Put server, user and team back as they were when the issues were pulled");
    }
    if let [difference] = differs
        && let Some(edit) = edit_back(report, prepared, binding, table, difference)
    {
        let text = format!("Put the {} back as it was", difference.part.name());
        return Fix::edit(text, Some(edit));
    }
    let mut bound = binding.clone();
    let mut changes = Vec::new();
    for difference in differs {
        match difference.part {
            Part::Provider => return Fix::text("Write the provider in config.yaml as it was"),
            Part::Workspace => bound.workspace.clone_from(&difference.there),
            part => changes.push((
                input_of(part, table)
                    .and_then(|input| input.source)
                    .map_or_else(|| key_of(part, binding), |source| source.key),
                match difference.there.as_str() {
                    "" => KeyChange::Drop,
                    there => KeyChange::Set(there),
                },
            )),
        }
    }
    report.bind(&bound, table, &changes)
}

/// The credential that gives a part where there is none yet.
pub(super) fn key_of(part: Part, binding: &BindingFacts) -> &'static str {
    let is_jira = binding.normalized_provider == "jira";
    match part {
        Part::Server if is_jira => "base_url",
        Part::User if is_jira => "email",
        Part::User => "username",
        Part::Team => "team_slug",
        Part::Server | Part::Provider | Part::Workspace => "server_url",
    }
}

fn edit_back(
    report: &Report<'_>,
    prepared: &Prepared,
    binding: &BindingFacts,
    table: Option<ProviderTable<'_>>,
    difference: &Difference,
) -> Option<Edit> {
    let file = &report.inputs.credentials;
    let spans = prepared.spans?;
    let config_edit = |span| report.edit_config(span, &difference.there, "").edit;
    match difference.part {
        Part::Provider => return config_edit(spans.provider),
        Part::Workspace => return config_edit(spans.workspace),
        Part::Server | Part::User | Part::Team => {}
    }
    let new = toml_text(&difference.there);
    if let Some(source) = input_of(difference.part, table)?.source {
        if !is_public(source.key, &difference.today) || difference.there.is_empty() {
            return None;
        }
        return edit(file, source.value_span, &new);
    }
    insert_key(
        file,
        table?.span(),
        key_of(difference.part, binding),
        &difference.there,
    )
}

/// Server and user under which this provider's issues were pulled, as credentials: for binding again when the store in
/// use has none of them.
pub(super) fn remembered(binding: &BindingFacts, stores: &[KnownStore]) -> Vec<(&'static str, String)> {
    let has_issues =
        |store: &KnownStore| store.in_use && store.listing.issues_of(&binding.normalized_provider) > 0;
    if stores.iter().any(has_issues) {
        return Vec::new();
    }
    let Some(texts) = holder(binding, stores).and_then(|holder| holder.texts.as_ref()) else {
        return Vec::new();
    };
    let parts = [(Part::Server, &texts.server), (Part::User, &texts.user)];
    parts
        .into_iter()
        .map(|(part, text)| (key_of(part, binding), text.clone()))
        .filter(|(key, text)| !text.is_empty() && is_public(key, text))
        .collect()
}
