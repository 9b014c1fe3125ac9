//! What fixes are made of: the `bind` command, edits of a line, values as YAML and TOML.

use super::binding::DEFAULT_DOCTRINE_MODE;
use super::credentials::ProviderTable;
use super::evaluation::BindingFacts;
use super::finding::{Edit, Fix};
use super::inputs::FileInput;
use super::node::Span;
use super::secret::is_public;
use super::shell;

/// The doctrine modes that `tracker bind` accepts and the engine knows (reference B15).
pub const DOCTRINE_MODES: [&str; 3] = [
    DEFAULT_DOCTRINE_MODE,
    "spec_kitty_authoritative",
    "split_ownership",
];

/// What the engine takes every unknown mode for.
pub const SPLIT_OWNERSHIP: &str = DOCTRINE_MODES[2];

/// The credentials that a provider's connector reads, in the order in which people know them (factory.py).
fn connector_keys(normalized_provider: &str) -> &'static [&'static str] {
    match normalized_provider {
        "jira" => &["base_url", "email", "api_token", "project_key"],
        "linear" => &["api_key", "team_id"],
        "azure_devops" => &["organization", "project", "pat"],
        "github" => &["owner", "repo", "token"],
        "gitlab" => &["project_id", "token"],
        "beads" | "fp" => &["command"],
        _ => &[],
    }
}

/// What a `bind` does to a credential key beside repeating it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange<'a> {
    /// Gives it this value, which may be shown.
    Set(&'a str),
    /// Asks for the value by a variable.
    Ask,
    /// Leaves the key out.
    Drop,
}

/// `spec-kitty tracker bind` for this binding. It replaces the provider's whole table (reference A17), so every key that
/// is present is repeated, and `changes` are made to some or added. Public values stand as they are, secrets and
/// unknown values as variables.
pub fn bind(
    binding: &BindingFacts,
    table: Option<ProviderTable<'_>>,
    changes: &[(&str, KeyChange<'_>)],
) -> Fix {
    let mut words = vec![
        "spec-kitty tracker bind".to_owned(),
        shell::option("--provider", &binding.normalized_provider),
        shell::option("--workspace", &binding.workspace),
    ];
    let mode = binding.doctrine_mode.as_str();
    if mode != DEFAULT_DOCTRINE_MODE {
        // `bind` takes no other, and this is how the engine takes them (reference B15).
        let known = DOCTRINE_MODES.into_iter().find(|known| *known == mode);
        words.push(shell::option("--doctrine-mode", known.unwrap_or(SPLIT_OWNERSHIP)));
    }
    for (field, owner) in &binding.doctrine_field_owners {
        words.push(shell::option("--field-owner", &format!("{field}={owner}")));
    }
    let mut variables = Vec::new();
    for (key, value) in credentials(binding, table, changes) {
        if let Some(value) = value {
            words.push(shell::option("--credential", &format!("{key}={value}")));
        } else {
            let variable = unused(variable(&binding.normalized_provider, &key), &variables);
            words.push(shell::option_from_variable("--credential", &key, &variable));
            variables.push(format!("${variable}"));
        }
    }
    let mut text =
        "Bind again with every credential; this replaces the credentials of all projects with this provider"
            .to_owned();
    if !variables.is_empty() {
        text += &format!(". Set {} first", variables.join(", "));
    }
    Fix::command(text, words.join(" "))
}

/// The keys that the command repeats or asks for, with the values that may be shown.
fn credentials(
    binding: &BindingFacts,
    table: Option<ProviderTable<'_>>,
    changes: &[(&str, KeyChange<'_>)],
) -> Vec<(String, Option<String>)> {
    let mut credentials: Vec<(String, Option<String>)> = Vec::new();
    for entry in table.map(|table| table.entries()).unwrap_or_default() {
        let Some(key) = entry.key.text().and_then(|key| key.as_str()) else {
            continue;
        };
        let value = entry.value.str();
        let shown = value
            .as_str()
            .filter(|value| !value.is_empty() && is_public(key, value));
        credentials.push((key.to_owned(), shown.map(str::to_owned)));
    }
    if credentials.is_empty() {
        let keys = connector_keys(&binding.normalized_provider);
        credentials.extend(keys.iter().map(|key| ((*key).to_owned(), None)));
    }
    for (key, change) in changes {
        let value = match change {
            KeyChange::Set(value) => Some((*value).to_owned()),
            KeyChange::Ask => None,
            KeyChange::Drop => {
                credentials.retain(|(present, _)| present != key);
                continue;
            }
        };
        match credentials.iter_mut().find(|(present, _)| present == key) {
            Some((_, present)) => *present = value,
            None => credentials.push(((*key).to_owned(), value)),
        }
    }
    credentials
}

/// A name that no other key has: `api-token` and `api_token` are two.
fn unused(variable: String, used: &[String]) -> String {
    let is_used = |name: &str| used.iter().any(|used| *used == format!("${name}"));
    let numbered = (2..).map(|number| format!("{variable}_{number}"));
    let mut names = std::iter::once(variable.clone()).chain(numbered);
    names.find(|name| !is_used(name)).unwrap_or(variable)
}

/// The variable that stands for a value which is not printed: `JIRA_API_TOKEN`.
fn variable(provider: &str, key: &str) -> String {
    let upper = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    let name: String = format!("{provider}_{key}").chars().map(upper).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Replaces a span within one line. Only the text of the span itself is repeated, since the rest of the line may be
/// secret; where the same text stands earlier on the line there is no edit.
pub fn edit(file: &FileInput, span: Span, new: &str) -> Option<Edit> {
    let line = file.text.start_of(span).line;
    let bounds = file.text.line_span(line)?;
    let whole = file.text.bytes().get(bounds.start..bounds.end)?;
    let old = file.text.text_of(span)?;
    let unique = !old.is_empty()
        && whole
            .windows(old.len())
            .position(|window| window == old.as_bytes())
            == Some(span.start - bounds.start);
    unique.then(|| Edit {
        file: file.path.clone(),
        line,
        old: old.to_owned(),
        new: new.to_owned(),
    })
}

/// A key in a line of its own behind its table's header; a table without one has no such place.
pub fn insert_key(file: &FileInput, header: Span, key: &str, value: &str) -> Option<Edit> {
    let begins = file.text.bytes().get(header.start) == Some(&b'[');
    begins.then(|| Edit {
        file: file.path.clone(),
        line: file.text.start_of(header).line + 1,
        old: String::new(),
        new: format!("{key} = {}", toml_text(value)),
    })
}

/// A text as YAML: plain where that reads as text, else in double quotes.
pub fn yaml_scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off"
        );
    if plain {
        return text.to_owned();
    }
    // Line breaks to YAML too; and no byte order mark within a file.
    quoted(text, |c| matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
}

/// A text as a basic string of TOML.
pub fn toml_text(text: &str) -> String {
    quoted(text, |_| false)
}

/// A text in double quotes, with escapes for controls and what else must not stand there.
fn quoted(text: &str, must_not: fn(char) -> bool) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || must_not(c) => quoted += &format!("\\u{:04X}", c as u32),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_unknown_values_by_variable() {
        let binding = BindingFacts {
            provider: "jira".into(),
            normalized_provider: "jira".into(),
            workspace: "acme's site".into(),
            doctrine_mode: "split_ownership".into(),
            doctrine_field_owners: vec![("status".into(), "local".into())],
        };
        let command = bind(&binding, None, &[("project_key", KeyChange::Ask)])
            .command
            .unwrap();
        assert_eq!(
            command,
            "spec-kitty tracker bind --provider jira --workspace 'acme'\\''s site' --doctrine-mode split_ownership \
             --field-owner status=local --credential base_url=\"$JIRA_BASE_URL\" --credential \
             email=\"$JIRA_EMAIL\" --credential api_token=\"$JIRA_API_TOKEN\" --credential \
             project_key=\"$JIRA_PROJECT_KEY\""
        );
    }
}
