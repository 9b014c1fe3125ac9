//! What may stand in a report: words that spec-kitty itself knows, and of everything else the shape and a keyed digest.

use std::collections::BTreeMap;

use crate::domain::binding::DEFAULT_DOCTRINE_MODE;
use crate::domain::mask::Masker;
use crate::domain::node::{Node, Value};
use crate::domain::python::text::strip;
use crate::domain::routing::{KNOWN_PROVIDERS, RESOURCE_ROUTING_MAP};
use crate::domain::secret::{PUBLIC_KEYS, Secret};

/// Names in spec-kitty's own files, besides those of [`PUBLIC_KEYS`] and the providers.
const NAMES: [&str; 54] = [
    "access",
    "access_expires_at",
    "access_token",
    "api_key",
    "api_token",
    "azure",
    "azure-devops",
    "binding_ref",
    "checkpoint_key",
    "created_at",
    "cursor",
    "display_label",
    "doctrine",
    "egress",
    "enabled",
    "external",
    "external_id",
    "external_key",
    "external_resource_id",
    "external_resource_type",
    "external_url",
    "field_owners",
    "identity",
    "issue_id",
    "local",
    "mode",
    "ownership",
    "pat",
    "payload",
    "permitted",
    "project_slug",
    "project_uuid",
    "provider",
    "provider_context",
    "providers",
    "refresh",
    "refresh_expires_at",
    "refused",
    "server",
    "shared",
    "slug",
    "spec_kitty_authoritative",
    "split_ownership",
    "sync",
    "system",
    "token",
    "tokens",
    "tracker",
    "updated_at",
    "updated_since",
    "user",
    "uuid",
    "vcs",
    "wp_id",
];

/// Names in a published issue, of which the path of a row's value is made.
const PATH_NAMES: [&str; 16] = [
    "assignees",
    "body",
    "custom_fields",
    "id",
    "issue_type",
    "key",
    "labels",
    "links",
    "parent",
    "priority",
    "raw",
    "ref",
    "status",
    "target",
    "title",
    "url",
];

/// Most pieces of a shape.
const MOST_RUNS: usize = 24;

/// Turns text into what may be told of it, and keeps count of what was left out.
pub(super) struct Redactor {
    masker: Masker,
    left_out: BTreeMap<&'static str, u64>,
}

impl Redactor {
    pub(super) fn new(masker: Masker) -> Self {
        Self {
            masker,
            left_out: BTreeMap::new(),
        }
    }

    /// What was left out, by kind.
    pub(super) fn left_out(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.left_out.iter().map(|(kind, count)| (*kind, *count))
    }

    /// Counts what is left out without a trace.
    pub(super) fn omit(&mut self, kind: &'static str, count: usize) {
        if count > 0 {
            *self.left_out.entry(kind).or_default() += count as u64;
        }
    }

    /// A value: itself when spec-kitty knows the word, else its length, shape and digest.
    pub(super) fn value(&mut self, text: &str) -> String {
        if is_known(text) {
            return format!("\"{text}\"");
        }
        self.omit("values", 1);
        self.described(text)
    }

    /// A key's or column's name.
    pub(super) fn name(&mut self, text: &str) -> String {
        if is_known(text) {
            return text.to_owned();
        }
        self.omit("names of keys and columns", 1);
        format!("(a name of {})", self.described(text))
    }

    /// A secret: a length class and a digest.
    pub(super) fn secret(&mut self, text: &str) -> String {
        self.omit("secrets", 1);
        let secret = Secret::of_file(text.to_owned());
        match secret.length_class() {
            "empty" => "empty text".to_owned(),
            class => format!("{class} characters, digest {}", self.masker.fingerprint(&secret)),
        }
    }

    /// Where in a row's JSON.
    pub(super) fn json_path(&mut self, path: &str) -> String {
        let own = |segment: &str| {
            let name = segment.split('[').next().unwrap_or_default();
            let index = segment.get(name.len()..).unwrap_or_default();
            let is_index = index.chars().all(|c| c.is_ascii_digit() || "[]".contains(c));
            is_index && (PATH_NAMES.contains(&name) || NAMES.contains(&name) || PUBLIC_KEYS.contains(&name))
        };
        if path.split('.').all(own) {
            return path.to_owned();
        }
        self.omit("names of keys and columns", 1);
        "(a path)".to_owned()
    }

    /// A parsed value of a file by its kind.
    pub(super) fn node(&mut self, node: &Node, secret: bool) -> String {
        match &node.value {
            Value::Text(text) if secret => format!("secret text, {}", self.secret(&text.to_display())),
            Value::Text(text) => format!("text {}", self.value(&text.to_display())),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(entries) => format!("a table of {}", entries.len()),
            Value::Scalar(scalar) => {
                self.omit("values", 1);
                format!("{}, not text", scalar.kind.name())
            }
        }
    }

    /// A keyed digest of bytes.
    pub(super) fn digest(&self, bytes: &[u8]) -> String {
        self.masker.mark(bytes).chars().take(16).collect()
    }

    fn described(&self, text: &str) -> String {
        if text.is_empty() {
            return "empty text".to_owned();
        }
        let blanks = if strip(text) == text {
            ""
        } else {
            ", blanks around it"
        };
        format!(
            "{} characters, shape {}{blanks}, digest {}",
            text.chars().count(),
            shape(text),
            self.masker.fingerprint(&Secret::of_file(text.to_owned()))
        )
    }
}

/// Whether the text is made of words that spec-kitty has of its own, in whatever case.
fn is_known(text: &str) -> bool {
    let mut words = text
        .split([' ', ',', '.', '(', ')'])
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek().is_some() && words.all(is_known_word)
}

fn is_known_word(word: &str) -> bool {
    let routing = RESOURCE_ROUTING_MAP
        .iter()
        .flat_map(|entry| [entry.resource_type, entry.credential_key]);
    routing
        .chain(KNOWN_PROVIDERS)
        .chain(PUBLIC_KEYS)
        .chain(NAMES)
        .chain(PATH_NAMES)
        .chain([DEFAULT_DOCTRINE_MODE])
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// The kinds of characters in their order: `A` upper case, `a` lower case, `#` digits, `x` other letters, `s` blanks,
/// `?` what cannot be seen, common punctuation as it is; a count behind what repeats.
fn shape(text: &str) -> String {
    let kind = |c: char| match c {
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        '0'..='9' => '#',
        '-' | '_' | '.' | '/' | ':' | '@' | '|' | ',' | '+' | '=' => c,
        _ if c.is_alphanumeric() => 'x',
        _ if c.is_whitespace() => 's',
        _ if c.is_control() || crate::domain::hidden::first_hidden(&c.to_string()).is_some() => '?',
        _ => '*',
    };
    let mut runs: Vec<(char, usize)> = Vec::new();
    for kind in text.chars().map(kind) {
        match runs.last_mut() {
            Some((last, count)) if *last == kind => *count += 1,
            _ => runs.push((kind, 1)),
        }
    }
    let more = if runs.len() > MOST_RUNS { "..." } else { "" };
    let run = |(kind, count): &(char, usize)| match count {
        1 => kind.to_string(),
        count => format!("{kind}{count}"),
    };
    let shown: String = runs.iter().take(MOST_RUNS).map(run).collect();
    shown + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_words_of_spec_kitty_and_the_shape_of_all_others() {
        let mut redactor = Redactor::new(Masker::new([7; 32]));
        assert_eq!(redactor.value("Jira"), "\"Jira\"");
        let told = redactor.value("ACME-payments 2_\u{202e}é");
        assert!(
            told.starts_with("18 characters, shape A4-a8s#_?x, digest "),
            "{told}"
        );
        assert_eq!(
            redactor.value("tracker.providers.Jira"),
            "\"tracker.providers.Jira\""
        );
        assert_eq!(redactor.value(""), "empty text");
        assert!(redactor.value(" x ").contains("blanks around it"));
        assert_eq!(redactor.name("project_key"), "project_key");
        assert!(redactor.name("acme_key").starts_with("(a name of 8 characters"));
        assert!(!redactor.secret("hunter2-hunter2").contains("hunter"));
        assert_eq!(redactor.json_path("links[2].target.id"), "links[2].target.id");
        assert_eq!(redactor.json_path("raw.acme"), "(a path)");
        let left_out: Vec<_> = redactor.left_out().collect();
        assert_eq!(
            left_out,
            [("names of keys and columns", 2), ("secrets", 1), ("values", 3)]
        );
    }

    #[test]
    fn equal_values_have_equal_digests_under_one_key_alone() {
        let told = |key: u8, text: &str| Redactor::new(Masker::new([key; 32])).value(text);
        assert_eq!(told(1, "acme"), told(1, "acme"));
        assert_ne!(told(1, "acme"), told(1, "acmf"));
        assert_ne!(told(1, "acme"), told(2, "acme"));
    }
}
