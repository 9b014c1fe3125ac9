//! Which finding explains which, and the order in which they are told: worst root first, what it explains behind it.

use crate::domain::catalogue::FindingName as Name;
use crate::domain::finding::Finding;

/// The findings that a finding explains whenever both hold; a step that knows more says so itself.
fn explains(root: Name) -> &'static [Name] {
    match root {
        // Without the credentials the scope loses server, user and team, so the store has another name (reference A5).
        Name::CredentialsFileMissing
        | Name::CredentialsEmpty
        | Name::CredentialsOverwrittenByLogin
        | Name::CredentialsTableMissing
        | Name::ProviderCredentialsMissing
        | Name::ProviderSpellingMismatch
        // The provider is a part of the store's name.
        | Name::ProviderUnknown => &[Name::StoreMissing, Name::StoreElsewhere, Name::StoreEmpty],
        // The global files hold no binding.
        Name::HomeIsProject => &[
            Name::ConfigMissing,
            Name::TrackerSectionMissing,
            Name::ProviderMissing,
            Name::WorkspaceMissing,
        ],
        // A mapping can only match what is there.
        Name::StoreEmpty | Name::StoreElsewhere => &[Name::MappingUnmatched],
        _ => &[],
    }
}

/// Marks what is explained, and orders.
pub(super) fn order(mut findings: Vec<Finding>) -> Vec<Finding> {
    let names: Vec<Name> = findings.iter().map(|finding| finding.name).collect();
    for finding in &mut findings {
        let root = names
            .iter()
            .copied()
            .find(|root| explains(*root).contains(&finding.name));
        finding.explained_by = finding.explained_by.or(root);
    }
    let (mut roots, explained): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .partition(|finding| finding.explained_by.is_none());
    // A root weighs as much as the worst that it explains: the newer binding blocks through the missing workspace.
    let weight = |root: &Finding| {
        let worst = explained
            .iter()
            .filter(|other| other.explained_by == Some(root.name))
            .map(Finding::severity);
        worst.chain([root.severity()]).min()
    };
    roots.sort_by_key(|root| (weight(root), root.name));
    let mut ordered = Vec::with_capacity(names.len());
    for root in roots {
        let name = root.name;
        ordered.push(root);
        ordered.extend(
            explained
                .iter()
                .filter(|other| other.explained_by == Some(name))
                .cloned(),
        );
    }
    ordered
}
