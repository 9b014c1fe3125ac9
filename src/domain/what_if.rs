//! What if an input were another: changes made to the parsed inputs in memory, before the store is looked for. Nothing
//! is written (design section 3, `--set` and `--unset`).

use std::fmt;
use std::sync::Arc;

use super::binding::{Binding, Required};
use super::credentials::provider_table;
use super::evaluation::{BindingFacts, Evaluation};
use super::finding::{Edit, Fix};
use super::fixes::{self, edit, toml_text, yaml_scalar};
use super::inputs::{FileInput, FileState, Given, GivenBy, Inputs};
use super::node::{Entry, Node, Span, Value};
use super::python::PyStr;
use super::secret::is_public;
use super::shell;

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
    /// Its value; `None` takes it away.
    pub value: Option<String>,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// Not a path.
    #[error(
        "{0:?} names no input: binding.provider, binding.workspace, binding.doctrine_mode, credentials.KEY and \
         server_url can be changed"
    )]
    UnknownPath(String),
    /// No `=`.
    #[error("{0:?} must be PATH=VALUE, as binding.provider=jira")]
    NoValue(String),
    /// The file that would be changed is not there or cannot be parsed.
    #[error("{path} cannot be changed in memory: {reason}")]
    File {
        /// The input.
        path: String,
        /// Why.
        reason: &'static str,
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
    fn shows(&self, value: &str) -> bool {
        match self {
            Self::Credential(key) => is_public(key, value),
            Self::ServerUrl => is_public("server_url", value),
            _ => true,
        }
    }
}

impl Change {
    /// `--set PATH=VALUE`.
    pub fn set(text: &str) -> Result<Self, WhatIfError> {
        let (path, value) = text
            .split_once('=')
            .ok_or_else(|| WhatIfError::NoValue(text.to_owned()))?;
        Ok(Self {
            target: Target::parse(path.trim())?,
            value: Some(value.to_owned()),
        })
    }

    /// `--unset PATH`.
    pub fn unset(path: &str) -> Result<Self, WhatIfError> {
        Ok(Self {
            target: Target::parse(path.trim())?,
            value: None,
        })
    }

    /// The new value for showing: secrets are not told.
    pub fn shown(&self) -> Option<&str> {
        self.value.as_deref().filter(|value| self.target.shows(value))
    }
}

/// What is typed in the inspector: `PATH=VALUE`, or `-PATH` to take a value away; several with ` ; ` between.
pub fn parse_typed(text: &str) -> Result<Vec<Change>, WhatIfError> {
    let change = |part: &str| match part.trim().strip_prefix('-') {
        Some(path) => Change::unset(path),
        None => Change::set(part.trim()),
    };
    text.split(" ; ").map(change).collect()
}

/// Makes the changes.
pub fn apply(inputs: &mut Inputs, changes: &[Change]) -> Result<(), WhatIfError> {
    for change in changes {
        let value = change.value.as_deref();
        match &change.target {
            Target::Provider => in_config(inputs, change, &["tracker", "provider"])?,
            Target::Workspace => in_config(inputs, change, &["tracker", "workspace"])?,
            Target::DoctrineMode => in_config(inputs, change, &["tracker", "doctrine", "mode"])?,
            Target::Credential(key) => {
                let provider = provider_of(inputs).ok_or_else(|| WhatIfError::File {
                    path: change.target.to_string(),
                    reason: "the binding has no provider whose credentials it could be",
                })?;
                let mut root = changeable(&inputs.credentials, change)?;
                put(&mut root, &["tracker", "providers", &provider, key], value);
                inputs.credentials.state = FileState::Loaded(Arc::new(root));
            }
            Target::ServerUrl => {
                inputs.environment.server_url = value.map(|value| Given {
                    value: value.to_owned(),
                    by: GivenBy::Flag("--set server_url"),
                });
            }
        }
    }
    Ok(())
}

fn in_config(inputs: &mut Inputs, change: &Change, path: &[&str]) -> Result<(), WhatIfError> {
    let Some(file) = &mut inputs.config else {
        return Err(WhatIfError::File {
            path: change.target.to_string(),
            reason: "there is no project",
        });
    };
    let mut root = changeable(file, change)?;
    put(&mut root, path, change.value.as_deref());
    file.state = FileState::Loaded(Arc::new(root));
    Ok(())
}

/// The provider as the config spells it.
fn provider_of(inputs: &Inputs) -> Option<String> {
    match Binding::read(inputs.config.as_ref()?.root()?).provider {
        Required::Text(text, _) => Some(text.to_display()),
        _ => None,
    }
}

/// A file's root to change; a missing file has an empty one.
fn changeable(file: &FileInput, change: &Change) -> Result<Node, WhatIfError> {
    match &file.state {
        FileState::Loaded(root) => Ok(root.as_ref().clone()),
        FileState::Missing => Ok(table_at(Span::default())),
        FileState::Unreadable(_) | FileState::Invalid(_) => Err(WhatIfError::File {
            path: change.target.to_string(),
            reason: "its file cannot be read or parsed",
        }),
    }
}

fn table_at(span: Span) -> Node {
    Node {
        value: Value::Table(Vec::new()),
        span,
    }
}

/// Sets or removes the value at a path of tables. What is new stands at the place of what is around it, so that
/// evidence points at bytes that are there.
fn put(node: &mut Node, path: &[&str], value: Option<&str>) {
    let [key, rest @ ..] = path else { return };
    if node.entries().is_none() {
        if value.is_none() {
            return;
        }
        *node = table_at(node.span);
    }
    let span = node.span;
    let Value::Table(entries) = &mut node.value else {
        return;
    };
    let found = entries
        .iter()
        .position(|entry| entry.key.text().is_some_and(|text| *text == **key));
    match (found, value, rest.is_empty()) {
        (Some(index), None, true) => drop(entries.remove(index)),
        (None, None, _) => {}
        (Some(index), Some(value), true) => {
            let span = entries[index].value.span;
            entries[index].value = Arc::new(text_at(value, span));
        }
        (Some(index), _, false) => put(Arc::make_mut(&mut entries[index].value), rest, value),
        (None, Some(value), _) => {
            let mut inner = if rest.is_empty() {
                text_at(value, span)
            } else {
                table_at(span)
            };
            put(&mut inner, rest, Some(value));
            entries.push(Entry {
                key: Arc::new(text_at(key, span)),
                value: Arc::new(inner),
            });
        }
    }
}

fn text_at(text: &str, span: Span) -> Node {
    Node {
        value: Value::Text(PyStr::from(text)),
        span,
    }
}

/// A fact beside its hypothetical self.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub real: String,
    /// What it would be.
    pub hypothetical: String,
}

/// Verdict, route, store, key, body and findings, real and hypothetical.
pub fn beside(real: &Evaluation, hypothetical: &Evaluation) -> Vec<Beside> {
    let row = |name, of: &dyn Fn(&Evaluation) -> String| Beside {
        name,
        real: of(real),
        hypothetical: of(hypothetical),
    };
    let none = || "none".to_owned();
    vec![
        row("verdict", &|e| e.verdict.name().to_owned()),
        row("route", &|e| {
            let route = e.routing.as_ref().and_then(|routing| routing.route.as_ref());
            route.map_or_else(
                || "null".to_owned(),
                |route| format!("{} / {}", route.resource_type, route.resource_id),
            )
        }),
        row("scope", &|e| {
            e.store
                .scope
                .as_ref()
                .map_or_else(none, |scope| scope.name.clone())
        }),
        row("issues", &|e| {
            e.store.issues.map_or_else(none, |issues| issues.to_string())
        }),
        row("key", &|e| {
            let key = e.plan.as_ref().and_then(|plan| plan.idempotency_key.clone());
            key.unwrap_or_else(none)
        }),
        row("body", &|e| {
            let body = e.plan.as_ref().and_then(|plan| plan.body);
            body.map_or_else(none, |body| {
                format!("{} bytes, {}", body.bytes, &body.blake3_hex()[..16])
            })
        }),
        row("findings", &|e| {
            let names: Vec<_> = e.findings.iter().map(|finding| finding.name.as_str()).collect();
            if names.is_empty() {
                none()
            } else {
                names.join(", ")
            }
        }),
    ]
}

/// What would make the changes real: edits where a value stands in a file already, else `bind`; for a project of a
/// newer spec-kitty edits alone.
pub fn make_real(
    real: &Inputs,
    hypothetical: &Inputs,
    evaluation: &Evaluation,
    changes: &[Change],
) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = Vec::new();
    for change in changes {
        let fix = real_edit(real, change).or_else(|| match &change.target {
            Target::ServerUrl => Some(match &change.value {
                Some(url) if is_public("server_url", url) => Fix::command(
                    "Set it in this shell",
                    format!("export SAAS_API_URL={}", shell::quote(url)),
                ),
                Some(_) => Fix::text("Set SAAS_API_URL in this shell"),
                None => Fix::command("Take it out of this shell", "unset SAAS_API_URL"),
            }),
            _ => bind(hypothetical, evaluation),
        });
        let fix = fix.unwrap_or_else(|| Fix::text(format!("Change {} by hand", change.target)));
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    fixes
}

fn bind(hypothetical: &Inputs, evaluation: &Evaluation) -> Option<Fix> {
    let binding: &BindingFacts = evaluation.binding.as_ref()?;
    if evaluation.newer.is_some() {
        return None;
    }
    let root = hypothetical.credentials.root();
    let table = root.and_then(|root| provider_table(root, &binding.provider.as_str().into()).ok());
    Some(fixes::bind(binding, table, &[]))
}

/// The edit of a value that stands in a file now.
fn real_edit(real: &Inputs, change: &Change) -> Option<Fix> {
    let value = change.value.as_deref()?;
    let (file, path, new): (&FileInput, Vec<String>, String) = match &change.target {
        Target::Provider => (
            real.config.as_ref()?,
            path_of(&["tracker", "provider"]),
            yaml_scalar(value),
        ),
        Target::Workspace => (
            real.config.as_ref()?,
            path_of(&["tracker", "workspace"]),
            yaml_scalar(value),
        ),
        Target::DoctrineMode => (
            real.config.as_ref()?,
            path_of(&["tracker", "doctrine", "mode"]),
            yaml_scalar(value),
        ),
        Target::Credential(key) => {
            let provider = provider_of(real)?;
            (
                &real.credentials,
                path_of(&["tracker", "providers", &provider, key]),
                toml_text(value),
            )
        }
        Target::ServerUrl => return None,
    };
    let mut node = file.root()?.as_ref();
    for key in &path {
        node = node.get(key)?.value.as_ref();
    }
    if !change.target.shows(value) || !change.target.shows(&node.str().to_display()) {
        return None;
    }
    let edit: Edit = edit(file, node.span, &new)?;
    Some(Fix::edit(format!("Write {} so", change.target), edit))
}

fn path_of(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// The value of an input as it is, for showing: `None` where there is none or it is secret.
pub fn current(real: &Inputs, target: &Target) -> Option<String> {
    let value = match target {
        Target::ServerUrl => real.environment.server_url.as_ref()?.value.clone(),
        Target::Credential(key) => {
            let provider = provider_of(real)?;
            let table = provider_table(real.credentials.root()?, &provider.as_str().into()).ok()?;
            table.get(key)?.value.str().to_display()
        }
        Target::Provider | Target::Workspace | Target::DoctrineMode => {
            let keys: &[&str] = match target {
                Target::Provider => &["provider"],
                Target::Workspace => &["workspace"],
                _ => &["doctrine", "mode"],
            };
            let mut node = &real.config.as_ref()?.root()?.get("tracker")?.value;
            for key in keys {
                node = &node.get(key)?.value;
            }
            node.str().to_display()
        }
    };
    target.shows(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths_and_refuses_others() {
        assert_eq!(
            Change::set("credentials.project_key=A=B"),
            Ok(Change {
                target: Target::Credential("project_key".into()),
                value: Some("A=B".into())
            })
        );
        assert_eq!(
            parse_typed("binding.provider=jira ; -server_url").unwrap().len(),
            2
        );
        assert!(Change::set("binding.slug=x").is_err() && Change::set("server_url").is_err());
        assert!(Change::unset("credentials.").is_err());
        let secret = Change::set("credentials.api_token=hunter2").unwrap();
        assert_eq!(secret.shown(), None);
    }
}
