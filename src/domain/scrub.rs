//! The last net at every exit: text on its way out is searched for the secrets that this process has seen.
//!
//! A [`Secret`](super::secret::Secret) cannot print itself, so nothing should ever be found. What is found all the same
//! (a server that echoes its headers, an issue that somebody pasted a token into, a mistake of ours) is replaced. In
//! debug builds a hit on a secret that begins with [`CANARY`] panics: tests plant such secrets where only a mistake of
//! ours could let them out.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::inputs::{FileInput, FileState};
use super::mask::BULLETS;
use super::node::{Node, Value};
use super::secret::{is_public, without_user_info};

/// How the secrets begin that tests plant.
pub const CANARY: &str = "canary-";
/// Shorter secrets are words that stand anywhere by chance.
const SHORTEST: usize = 8;
/// Most secrets that are watched for; the oldest go first.
const MOST: usize = 256;

/// Whether any secret is known, so that text passes for nothing while there is none.
static ANY: AtomicBool = AtomicBool::new(false);
static KNOWN: RwLock<Known> = RwLock::new(Known::new());

/// The secrets and what finds them.
struct Known {
    texts: Vec<String>,
    finder: Option<Finder>,
}

/// Finds secrets in all their forms.
struct Finder {
    automaton: AhoCorasick,
    /// For each pattern, whether it is of a canary.
    canaries: Vec<bool>,
}

impl Known {
    const fn new() -> Self {
        Self {
            texts: Vec::new(),
            finder: None,
        }
    }

    fn add(&mut self, text: &str) {
        if self.texts.iter().any(|known| known == text) {
            return;
        }
        if self.texts.len() == MOST {
            self.texts.remove(0);
        }
        self.texts.push(text.to_owned());
        let patterns: Vec<(String, bool)> = self
            .texts
            .iter()
            .flat_map(|text| {
                forms(text)
                    .into_iter()
                    .map(|form| (form, text.starts_with(CANARY)))
            })
            .collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns.iter().map(|(form, _)| form));
        // So few patterns always make an automaton.
        self.finder = automaton.ok().map(|automaton| Finder {
            automaton,
            canaries: patterns.iter().map(|(_, canary)| *canary).collect(),
        });
    }
}

/// A secret as it may show: as it is, percent-encoded, as JSON, and base64 at each of its three alignments.
fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    let percent = |keep: fn(u8) -> bool| -> String {
        let encoded = text.bytes().map(|byte| {
            if keep(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        });
        encoded.collect()
    };
    forms.push(percent(|byte| {
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
    }));
    if let Ok(json) = super::ascii_json::ascii_json(&text, false) {
        forms.push(json.trim_matches('"').to_owned());
    }
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(text.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        // The first and the last digits depend on what stands beside the secret.
        let first = (shift * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        forms.extend(encoded.get(first..last).map(str::to_owned));
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms.sort();
    forms.dedup();
    forms
}

/// Watches for a secret from now on, unless it is a word that may stand anywhere.
pub fn watch(text: &str) {
    let characters = text.chars().count();
    if characters < SHORTEST || (characters < 2 * SHORTEST && !is_token_like(text)) {
        return;
    }
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).add(text);
    ANY.store(true, Ordering::Release);
}

/// Watches for every value of the credentials file that is not known to be public. Of a file that cannot be parsed,
/// for everything in it that looks like a token.
pub fn watch_file(credentials: &FileInput) {
    match &credentials.state {
        FileState::Loaded(root) => watch_node("", root),
        FileState::Invalid(_) => {
            let text = String::from_utf8_lossy(credentials.text.bytes());
            text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.+/=~:".contains(c)))
                .filter(|word| word.len() >= 2 * SHORTEST && is_token_like(word))
                .for_each(watch);
        }
        FileState::Missing | FileState::Unreadable(_) => {}
    }
}

fn watch_node(key: &str, node: &Node) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                watch_node(&entry.key.str().to_display(), &entry.value);
            }
        }
        Value::List(items) => items.iter().for_each(|item| watch_node(key, item)),
        Value::Text(text) => {
            let text = text.to_display();
            if !is_public(key, &text) && is_token_like(&text) {
                watch(&text);
            }
        }
        Value::Scalar(_) => {}
    }
}

/// Not a plain word, a host or a path: under a key that is not known such a value may well stand elsewhere, too.
fn is_token_like(text: &str) -> bool {
    let has = |is: fn(char) -> bool| text.chars().any(is);
    let kinds = [
        has(|c| c.is_ascii_digit()),
        has(|c| c.is_ascii_lowercase()),
        has(|c| c.is_ascii_uppercase()),
        has(|c| !c.is_ascii_alphanumeric() && !"-. ".contains(c)),
    ];
    let enough = if text.contains('/') {
        // Base64 has slashes, as paths do.
        let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
        text.len() >= 2 * SHORTEST
            && !text.starts_with('/')
            && text.chars().all(base64)
            && kinds[..3] == [true; 3]
    } else {
        kinds.iter().filter(|is| **is).count() >= 2
    };
    enough || without_user_info(text) != text
}

/// The text without the secrets. For what may rightly hold one: the answer of a server that repeats its headers.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    replace(text, false)
}

/// The text without the secrets, at an exit: a hit is a mistake, and on a planted secret a failing test.
pub fn scrub(text: &str) -> Cow<'_, str> {
    replace(text, cfg!(debug_assertions))
}

/// Whether the text holds a secret.
pub fn holds_secret(text: &str) -> bool {
    matches!(replace(text, false), Cow::Owned(_))
}

fn replace(text: &str, strict: bool) -> Cow<'_, str> {
    if text.len() < SHORTEST || !ANY.load(Ordering::Acquire) {
        return Cow::Borrowed(text);
    }
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let Some(finder) = &known.finder else {
        return Cow::Borrowed(text);
    };
    let mut clean = String::new();
    let mut from = 0;
    for found in finder.automaton.find_iter(text) {
        let canary = finder.canaries.get(found.pattern().as_usize());
        assert!(
            !(strict && canary == Some(&true)),
            "a planted secret came to an exit"
        );
        clean.push_str(text.get(from..found.start()).unwrap_or_default());
        clean.push_str(BULLETS);
        from = found.end();
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn takes_out_every_form() {
        let secret = "s3cret \"of\" scrub/tests";
        watch(secret);
        for form in [
            secret.to_owned(),
            "s3cret%20%22of%22%20scrub%2Ftests".to_owned(),
            r#"s3cret \"of\" scrub/tests"#.to_owned(),
        ] {
            assert_eq!(without_secrets(&format!("a {form} b")), format!("a {BULLETS} b"));
        }
        for before in ["", "a", "ab", "abc"] {
            let encoded = STANDARD.encode(format!("{before}{secret}:x"));
            assert!(without_secrets(&encoded).contains(BULLETS), "{before:?}");
        }
        assert_eq!(without_secrets("s3cret of scrub"), "s3cret of scrub");
    }

    #[test]
    fn a_planted_secret_at_an_exit_fails() {
        watch("canary-in-the-unit-test-0");
        let exit = std::panic::catch_unwind(|| scrub("x canary-in-the-unit-test-0").into_owned());
        assert!(exit.is_err());
        assert_eq!(
            without_secrets("x canary-in-the-unit-test-0"),
            format!("x {BULLETS}")
        );
    }

    #[test]
    fn tells_tokens_from_words_and_hosts() {
        for text in [
            "ghp_16C7e42F292c69",
            "canary-jira-0123456789",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
            "https://u:pw@h.example",
        ] {
            assert!(is_token_like(text), "{text}");
        }
        for text in [
            "acme.example",
            "https://acme9.example/x",
            "/opt/tools/fp9",
            "C:/Tools/bin/fp9.exe",
            "acme/tools-9/bin-of-it",
            "in-progress",
        ] {
            assert!(!is_token_like(text), "{text}");
        }
    }
}
