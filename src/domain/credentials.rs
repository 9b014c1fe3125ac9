//! What spec-kitty takes from the credentials file: the provider's table or the reason why there is none, the token,
//! and the parts of the store's name (reference 14, 16, 19, 47; causes 1.A and 1.B5).

use std::fmt;

use super::node::{Entry, Node, Span};
use super::python::PyStr;
use super::routing::normalize_provider;
use super::secret::Secret;

/// The table `tracker.providers.<provider>`.
#[derive(Clone, Copy)]
pub struct ProviderTable<'a> {
    entry: &'a Entry,
}

/// Why there is no provider table. spec-kitty then goes on as with an empty one, without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The file has no `tracker`.
    NoTracker {
        /// `[tokens]` if it is there: then a login or a token refresh rewrote the file (reference A5, A6).
        tokens: Option<Span>,
    },
    /// One of the steps is not a table.
    WrongShape {
        /// Which step.
        step: Step,
        /// What it is instead, such as "text" or "a list".
        found: &'static str,
        /// Where its key stands.
        key: Span,
    },
    /// `tracker` has no `providers`.
    NoProviders {
        /// Where `tracker` is declared.
        tracker: Span,
    },
    /// `tracker.providers` has no table of exactly this name.
    NoProvider {
        /// Where `tracker.providers` is declared.
        providers: Span,
        /// The names that it has instead.
        siblings: Vec<Sibling>,
    },
}

/// A step on the way to the provider table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `tracker`.
    Tracker,
    /// `tracker.providers`.
    Providers,
    /// `tracker.providers.<provider>`.
    Provider,
}

/// Another provider's entry beside the one that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// Its name.
    pub name: PyStr,
    /// Where the name stands.
    pub span: Span,
    /// Whether it names the same provider to `normalize_provider`, and so only the spelling differs.
    pub near_miss: bool,
}

/// Looks up the table of a provider under the exact name that `config.yaml` has (reference 14).
pub fn provider_table<'a>(root: &'a Node, provider: &PyStr) -> Result<ProviderTable<'a>, Absence> {
    let Some(tracker) = root.get("tracker") else {
        let tokens = root.get("tokens").map(|entry| entry.value.span);
        return Err(Absence::NoTracker { tokens });
    };
    table_at(tracker, Step::Tracker)?;
    let Some(providers) = tracker.value.get("providers") else {
        let tracker = tracker.value.span;
        return Err(Absence::NoProviders { tracker });
    };
    let entries = table_at(providers, Step::Providers)?;
    let Some(entry) = entries.iter().find(|entry| entry.key.text() == Some(provider)) else {
        return Err(Absence::NoProvider {
            providers: providers.value.span,
            siblings: entries.iter().map(|entry| sibling(entry, provider)).collect(),
        });
    };
    table_at(entry, Step::Provider)?;
    Ok(ProviderTable { entry })
}

fn table_at(entry: &Entry, step: Step) -> Result<&[Entry], Absence> {
    entry.value.entries().ok_or_else(|| Absence::WrongShape {
        step,
        found: entry.value.kind_name(),
        key: entry.key.span,
    })
}

fn sibling(entry: &Entry, wanted: &PyStr) -> Sibling {
    let name = entry.key.str();
    Sibling {
        near_miss: normalize_provider(&name.to_display()) == normalize_provider(&wanted.to_display()),
        name,
        span: entry.key.span,
    }
}

impl<'a> ProviderTable<'a> {
    /// Where the table is declared.
    pub fn span(&self) -> Span {
        self.entry.value.span
    }

    /// The keys and values, in the order of the file. Values may be secret.
    pub fn entries(&self) -> &'a [Entry] {
        self.entry.value.entries().unwrap_or_default()
    }

    /// The entry under exactly this key.
    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entry.value.get(key)
    }

    /// Python's `table.get(a) or table.get(b) or ..`: the first entry whose value is truthy (reference 16), with the
    /// key that found it.
    fn first_truthy(self, keys: &[&'static str]) -> Option<(&'static str, &'a Entry)> {
        keys.iter()
            .filter_map(|&key| Some((key, self.get(key)?)))
            .find(|(_, entry)| entry.value.truthy())
    }

    /// The token that is sent when neither flag nor environment gives one (reference 47).
    pub fn token(&self) -> Option<Token> {
        let (key, entry) = self.first_truthy(&["access_token", "token"])?;
        Some(Token {
            key,
            value_span: entry.value.span,
            // TOML has no lone surrogates, so the text for showing is the text.
            secret: Secret::new(entry.value.str().strip().to_display()),
        })
    }
}

/// Names the keys only: values may be secret.
impl fmt::Debug for ProviderTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.entries().iter().map(|entry| entry.key.str()))
            .finish()
    }
}

/// A token out of the credentials file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The key that won: `access_token` or `token`.
    pub key: &'static str,
    /// Where its value stands.
    pub value_span: Span,
    /// `str(value).strip()`, whatever its kind. Empty when the value is blank: it hides `token` and no header is sent.
    pub secret: Secret,
}

/// One of the three parts of the store's name that come from credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeInput {
    /// `str(value)`, neither stripped nor in lower case; empty when no key gives one and the default is used.
    pub value: PyStr,
    /// The key that gives it.
    pub source: Option<ScopeSource>,
}

/// Where a part of the store's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeSource {
    /// The credential key.
    pub key: &'static str,
    /// Where its value stands.
    pub value_span: Span,
}

/// What credentials add to the store's name; empty where they add nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeInputs {
    /// `server_url or base_url`.
    pub server: ScopeInput,
    /// `username or email`.
    pub user: ScopeInput,
    /// `team_slug`.
    pub team: ScopeInput,
}

/// The parts of the store's name (reference 19), all defaults when there is no provider table.
pub fn scope_inputs(table: Option<ProviderTable<'_>>) -> ScopeInputs {
    let input = |keys: &[&'static str]| match table.and_then(|table| table.first_truthy(keys)) {
        Some((key, entry)) => ScopeInput {
            value: entry.value.str(),
            source: Some(ScopeSource {
                key,
                value_span: entry.value.span,
            }),
        },
        None => ScopeInput {
            value: PyStr::new(),
            source: None,
        },
    };
    ScopeInputs {
        server: input(&["server_url", "base_url"]),
        user: input(&["username", "email"]),
        team: input(&["team_slug"]),
    }
}
