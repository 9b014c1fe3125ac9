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
    let direct: Vec<(Name, Option<Name>)> = findings
        .iter()
        .map(|finding| (finding.name, finding.explained_by))
        .collect();
    for finding in &mut findings {
        finding.explained_by = finding.explained_by.map(|root| first_cause(root, &direct));
    }
    let (mut roots, mut explained): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .partition(|finding| finding.explained_by.is_none());
    explained.sort_by_key(|finding| (finding.severity(), finding.name));
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

/// The cause of a cause, up to the one that nothing explains.
fn first_cause(mut name: Name, direct: &[(Name, Option<Name>)]) -> Name {
    // No finding explains itself; the bound holds even if a table should say so by mistake.
    for _ in direct {
        let above = direct
            .iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, root)| *root);
        match above {
            Some(above) => name = above,
            None => break,
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_consequence_explains_stands_under_the_first_cause() {
        let found = [
            Name::MappingUnmatched,
            Name::StoreElsewhere,
            Name::TokenMissing,
            Name::CredentialsEmpty,
        ];
        let ordered = order(found.map(|name| Finding::new(name, "")).into());
        let told: Vec<_> = ordered
            .iter()
            .map(|finding| (finding.name, finding.explained_by))
            .collect();
        let root = Some(Name::CredentialsEmpty);
        assert_eq!(
            told,
            [
                (Name::CredentialsEmpty, None),
                (Name::StoreElsewhere, root),
                (Name::MappingUnmatched, root),
                (Name::TokenMissing, None),
            ]
        );
    }
}
