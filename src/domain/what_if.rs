//! What if an input were another: changes made to the parsed inputs in memory, before the store is looked for. Nothing
//! is written (design section 3, `--set` and `--unset`).

mod beside;
mod make_real;
mod tree;

use std::fmt;

pub use beside::{Beside, Difference, difference};
pub use make_real::make_real;

use super::binding::{Binding, Required};
use super::inputs::{FileInput, FileState, Given, GivenBy, Inputs, SERVER_VARIABLE};
use super::mask::BULLETS;
use super::node::{Node, Span};
use super::routing;
use super::secret::{Secret, is_public};
use tree::Put;

/// An input that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `binding.provider`.
    Provider,
    /// `binding.workspace`.
    Workspace,
    /// `binding.doctrine_mode`.
    DoctrineMode,
    /// `credentials.KEY` of the binding's provider.
    Credential(String),
    /// `server_url`.
    ServerUrl,
}

/// A change: the new value, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which input.
    pub target: Target,
    /// Its value, which may be a secret; `None` takes it away.
    pub value: Option<Secret>,
}

/// A change that was made, for showing: secrets are [`BULLETS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which input.
    pub target: Target,
    /// What it was.
    pub old: Option<String>,
    /// What it is in the hypothesis.
    pub new: Option<String>,
}

/// Why a change cannot be made. Repeats nothing that may be a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// Not a path.
    #[error(
        "{0:?} names no input: binding.provider, binding.workspace, binding.doctrine_mode, credentials.KEY and \
         server_url can be changed"
    )]
    UnknownPath(String),
    /// No `=`.
    #[error("a change needs a path and a value, as binding.provider=jira")]
    NoValue,
    /// A path to take away with a `=`.
    #[error("{0:?} is taken away by its path alone, without a value")]
    NotAPath(String),
    /// Two changes of one input.
    #[error("{0} is changed twice")]
    Twice(Target),
    /// There is no project.
    #[error("{0} cannot be changed in memory: there is no project")]
    NoProject(Target),
    /// There is no provider whose credentials could be changed.
    #[error("{0} cannot be changed in memory: config.yaml gives no provider whose credentials it could be")]
    NoProvider(Target),
    /// The file cannot be read or parsed.
    #[error("{target} cannot be changed in memory: {file} {reason}")]
    File {
        /// The input.
        target: Target,
        /// The file that holds it.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider => f.write_str("binding.provider"),
            Self::Workspace => f.write_str("binding.workspace"),
            Self::DoctrineMode => f.write_str("binding.doctrine_mode"),
            Self::Credential(key) => write!(f, "credentials.{key}"),
            Self::ServerUrl => f.write_str("server_url"),
        }
    }
}

impl Target {
    fn parse(path: &str) -> Result<Self, WhatIfError> {
        Ok(match path {
            "binding.provider" => Self::Provider,
            "binding.workspace" => Self::Workspace,
            "binding.doctrine_mode" => Self::DoctrineMode,
            "server_url" => Self::ServerUrl,
            _ => match path.strip_prefix("credentials.") {
                Some(key) if !key.is_empty() => Self::Credential(key.to_owned()),
                _ => return Err(WhatIfError::UnknownPath(path.to_owned())),
            },
        })
    }

    /// Whether a value may be shown.
    pub fn shows(&self, value: &str) -> bool {
        match self {
            Self::Credential(key) => is_public(key, value),
            Self::ServerUrl => is_public("server_url", value),
            Self::Provider | Self::Workspace | Self::DoctrineMode => true,
        }
    }

    /// A value for showing.
    fn shown(&self, value: &str) -> String {
        if self.shows(value) { value } else { BULLETS }.to_owned()
    }

    /// The keys that lead to it in config.yaml; `None` for what stands elsewhere.
    fn config_path(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Provider => Some(&["tracker", "provider"]),
            Self::Workspace => Some(&["tracker", "workspace"]),
            Self::DoctrineMode => Some(&["tracker", "doctrine", "mode"]),
            Self::Credential(_) | Self::ServerUrl => None,
        }
    }

    /// The binding comes first: it says whose credentials are meant.
    fn rank(&self) -> u8 {
        match self {
            Self::Provider | Self::Workspace | Self::DoctrineMode => 0,
            Self::Credential(_) => 1,
            Self::ServerUrl => 2,
        }
    }
}

impl Change {
    /// `--set PATH=VALUE`.
    pub fn set(text: &str) -> Result<Self, WhatIfError> {
        let (path, value) = text.split_once('=').ok_or(WhatIfError::NoValue)?;
        let target = Target::parse(path.trim())?;
        let public = match &target {
            Target::Credential(key) => is_public(key, value),
            Target::Provider | Target::Workspace | Target::DoctrineMode | Target::ServerUrl => true,
        };
        let value = value.to_owned();
        // What is public may stand anywhere; only a secret is watched for.
        let value = if public {
            Secret::of_file(value)
        } else {
            Secret::new(value)
        };
        Ok(Self {
            target,
            value: Some(value),
        })
    }

    /// `--unset PATH`.
    pub fn unset(path: &str) -> Result<Self, WhatIfError> {
        if let Some((path, _)) = path.split_once('=') {
            return Err(WhatIfError::NotAPath(path.to_owned()));
        }
        Ok(Self {
            target: Target::parse(path.trim())?,
            value: None,
        })
    }

    /// All `--set` and `--unset` of a command line.
    pub fn all(set: &[String], unset: &[String]) -> Result<Vec<Self>, WhatIfError> {
        let set = set.iter().map(|text| Self::set(text));
        let mut changes: Vec<Self> = Vec::new();
        for change in set.chain(unset.iter().map(|path| Self::unset(path))) {
            let change = change?;
            if changes.iter().any(|known| known.target == change.target) {
                return Err(WhatIfError::Twice(change.target));
            }
            changes.push(change);
        }
        Ok(changes)
    }

    fn text(&self) -> Option<&str> {
        self.value.as_ref().map(Secret::expose)
    }
}

/// Makes the changes: the binding's first, then those of the credentials under the provider as the changed config
/// spells it. Says what was and what is now, in that order.
pub fn apply(inputs: &mut Inputs, changes: &[Change]) -> Result<Vec<Applied>, WhatIfError> {
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|change| change.target.rank());
    let mut applied = Vec::new();
    for change in ordered {
        let old = current(inputs, &change.target);
        match &change.target {
            Target::Credential(key) => {
                let provider =
                    provider(inputs).ok_or_else(|| WhatIfError::NoProvider(change.target.clone()))?;
                change_file(
                    &mut inputs.credentials,
                    change,
                    &["tracker", "providers", &provider, key],
                    old.as_deref() == Some(BULLETS),
                )?;
            }
            Target::ServerUrl => set_server_url(inputs, change.text()),
            target => {
                let missing = || WhatIfError::NoProject(target.clone());
                let file = inputs.config.as_mut().ok_or_else(missing)?;
                change_file(file, change, target.config_path().unwrap_or_default(), false)?;
            }
        }
        applied.push(Applied {
            target: change.target.clone(),
            old,
            new: change.text().map(|value| change.target.shown(value)),
        });
    }
    Ok(applied)
}

/// As the flag that gave the real one, else as the variable: click takes an empty variable for none.
fn set_server_url(inputs: &mut Inputs, value: Option<&str>) {
    let given = &mut inputs.environment.server_url;
    let by = given
        .as_ref()
        .map_or(GivenBy::Variable(SERVER_VARIABLE), |given| given.by);
    *given = value
        .filter(|value| !value.is_empty() || matches!(by, GivenBy::Flag(_)))
        .map(|value| Given {
            value: value.to_owned(),
            by,
        });
}

/// Changes a file's tree; a missing file has an empty one. The bytes of a secret that is no longer in the tree are
/// blotted out, because what may be shown of a file is told by its tree.
fn change_file(
    file: &mut FileInput,
    change: &Change,
    path: &[&str],
    was_secret: bool,
) -> Result<(), WhatIfError> {
    let refused = |reason: String| WhatIfError::File {
        target: change.target.clone(),
        file: file.path.display().to_string(),
        reason,
    };
    let empty = Node::table(Vec::new(), Span::default());
    let root = match &file.state {
        FileState::Loaded(root) => root.as_ref(),
        FileState::Missing if change.value.is_none() => return Ok(()),
        FileState::Missing => &empty,
        FileState::Unreadable(reason) => return Err(refused(format!("cannot be read: {reason}"))),
        FileState::Invalid(error) => return Err(refused(format!("cannot be parsed: {}", error.message))),
    };
    let put = Put {
        path,
        value: change.text(),
        end: file.text.end(),
    };
    let (root, replaced) = put.onto(root).map_err(|wrong| refused(wrong.to_string()))?;
    if was_secret {
        file.text = std::sync::Arc::new(file.text.blotted(&replaced));
    }
    file.state = FileState::Loaded(std::sync::Arc::new(root));
    Ok(())
}

/// The provider as the config spells it.
fn provider(inputs: &Inputs) -> Option<String> {
    match Binding::read(inputs.config.as_ref()?.root()?).provider {
        Required::Text(text, _) => text.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The value of an input as it is, for showing; `None` where there is none.
fn current(inputs: &Inputs, target: &Target) -> Option<String> {
    let value = match target {
        Target::ServerUrl => inputs.environment.server_url.as_ref()?.value.clone(),
        Target::Credential(key) => {
            let provider = provider(inputs)?;
            inputs
                .provider_table(&provider)?
                .get(key)?
                .value
                .str()
                .to_display()
        }
        config => {
            let mut node = inputs.config.as_ref()?.root()?;
            for key in config.config_path()? {
                node = &node.get(key)?.value;
            }
            node.str().to_display()
        }
    };
    Some(target.shown(&value))
}

/// The inputs that can be changed with their values for showing: binding, server, the credentials that are there and
/// the one that the route needs.
pub fn changeable(inputs: &Inputs) -> Vec<(Target, Option<String>)> {
    let mut targets = vec![
        Target::Provider,
        Target::Workspace,
        Target::DoctrineMode,
        Target::ServerUrl,
    ];
    if let Some(provider) = provider(inputs) {
        let entries = inputs
            .provider_table(&provider)
            .map(|table| table.entries())
            .unwrap_or_default();
        let keys = entries
            .iter()
            .filter_map(|entry| entry.key.text()?.as_str().map(str::to_owned));
        targets.extend(keys.map(Target::Credential));
        let routed_by = routing::map_entry(&routing::normalize_provider(&provider));
        let needed = routed_by.map(|entry| Target::Credential(entry.credential_key.to_owned()));
        let needed = needed.filter(|needed| !targets.contains(needed));
        targets.extend(needed);
    }
    let with_value = |target: Target| {
        let value = current(inputs, &target);
        (target, value)
    };
    targets.into_iter().map(with_value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths_and_refuses_others_without_repeating_values() {
        let change = Change::set("credentials.project_key=A=B").unwrap();
        assert_eq!(change.target, Target::Credential("project_key".into()));
        assert_eq!(change.text(), Some("A=B"));
        for text in ["hunter2", "binding.slug=hunter2", "credentials.=hunter2"] {
            let said = Change::set(text).unwrap_err().to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
        for path in ["credentials.", "credentials.token=hunter2", "x"] {
            let said = Change::unset(path).unwrap_err().to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
        let secret = Change::set("credentials.api_token=hunter2").unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn an_input_is_changed_once() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let twice = Change::all(&texts(&["server_url=x"]), &texts(&["server_url"]));
        assert_eq!(twice, Err(WhatIfError::Twice(Target::ServerUrl)));
    }
}
