//! Which store of `trackers/` a binding uses: `build_tracker_scope` (reference 19-20).

use sha2::{Digest, Sha256};

use super::python::PyStr;
use super::secret::without_user_info;

/// The name of a store and what it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// 16 hexadecimal digits; the store is `<name>.db`.
    pub name: String,
    /// The text that is hashed: `provider|workspace|server|user|team`, in lower case. `|` is not escaped. A password
    /// in the server URL is hashed, but not kept here.
    pub preimage: String,
}

/// The parts of a scope, in the order in which they are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The provider.
    Provider,
    /// The workspace.
    Workspace,
    /// The server.
    Server,
    /// The user.
    User,
    /// The team.
    Team,
}

impl Part {
    /// Its name in words and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Workspace => "workspace",
            Self::Server => "server",
            Self::User => "user",
            Self::Team => "team",
        }
    }

    /// What stands for it when nothing is given.
    pub fn default_text(self) -> &'static str {
        match self {
            Self::Server => "local",
            Self::User => "anonymous",
            Self::Team => "no-team",
            Self::Provider | Self::Workspace => "",
        }
    }

    /// A text as it is hashed.
    pub(super) fn folded(self, text: &PyStr) -> PyStr {
        if text.is_empty() {
            self.default_text().into()
        } else {
            text.strip().lower()
        }
    }
}

/// The hash cannot be taken: Python raises `UnicodeEncodeError` on a lone surrogate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {} has a lone surrogate, which cannot be encoded as UTF-8", part.name())]
pub struct NotEncodable {
    /// The first part that has one.
    pub part: Part,
}

/// Names the store for a binding: provider (spelled as in `config.yaml`, aliases not applied) and workspace, and the
/// three texts of [`super::credentials::scope_inputs`], empty where no credential gives them.
pub fn scope(
    provider: &PyStr,
    workspace: &PyStr,
    server: &PyStr,
    user: &PyStr,
    team: &PyStr,
) -> Result<Scope, NotEncodable> {
    let parts = [
        (Part::Provider, provider),
        (Part::Workspace, workspace),
        (Part::Server, server),
        (Part::User, user),
        (Part::Team, team),
    ];
    let mut folded = Vec::with_capacity(parts.len());
    for (part, text) in parts {
        let text = part.folded(text);
        folded.push(text.as_str().ok_or(NotEncodable { part })?.to_owned());
    }
    let digest = Sha256::digest(folded.join("|").as_bytes());
    let shown: Vec<_> = folded.iter().map(|part| without_user_info(part)).collect();
    let preimage = shown.join("|");
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let name = format!("{:016x}", u64::from_be_bytes(first));
    Ok(Scope { name, preimage })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(texts: [&str; 5]) -> String {
        let [provider, workspace, server, user, team] = texts.map(PyStr::from);
        scope(&provider, &workspace, &server, &user, &team).unwrap().name
    }

    #[test]
    fn names_the_stores_that_spec_kitty_named() {
        let acme = "acme.atlassian.net";
        let site = "https://acme.atlassian.net";
        assert_eq!(name(["jira", acme, site, "a@b.com", ""]), "999b79dc914a988b");
        assert_eq!(
            name([" JIRA ", acme, site, "A@b.com", "no-team"]),
            "999b79dc914a988b"
        );
        assert_eq!(name(["jira", acme, "", "", ""]), "d95572f437458972");
        assert_eq!(
            name(["jira", acme, "https://acme.atlassian.net/", "a@b.com", ""]),
            "8f32b49c896dd795"
        );
        assert_eq!(
            name(["jira", "w", "  ", "", ""]),
            name(["jira", "w", " \u{1c}", "", ""])
        );
        assert_ne!(name(["jira", "w", "  ", "", ""]), name(["jira", "w", "", "", ""]));
        assert_eq!(
            name(["jira", "a|b", "c", "", ""]),
            name(["jira", "a", "b|c", "", ""])
        );
    }

    #[test]
    fn refuses_lone_surrogates() {
        let (fine, broken) = (PyStr::from("x"), PyStr::from_iter([0xD800]));
        let named = scope(&fine, &broken, &fine, &fine, &fine);
        assert_eq!(
            named,
            Err(NotEncodable {
                part: Part::Workspace
            })
        );
    }
}
