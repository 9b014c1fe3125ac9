//! Text that must not be seen, and which credential keys are not of that kind (design rule 5: no secret leaves its
//! file, and a key is secret unless it is known not to be).

use std::borrow::Cow;
use std::fmt;

/// A secret text. It cannot print itself: no `Display`, no `Serialize`, no `Deref`, and `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into keeping; from now on every exit watches for it.
    pub fn new(text: String) -> Self {
        super::scrub::watch(&text);
        Self(text)
    }

    /// Takes a value into keeping that is watched for already or need not be: the credentials file is watched for as a
    /// whole ([`super::scrub::watch_file`]).
    pub fn of_file(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one request header that it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of the request header that carries it.
    #[must_use]
    pub fn as_bearer(&self) -> Self {
        Self(format!("Bearer {}", self.0))
    }

    /// Roughly how long it is, which tells an empty or cut-off value without telling the value.
    pub fn length_class(&self) -> &'static str {
        match self.0.chars().count() {
            0 => "empty",
            1..=7 => "1-7",
            8..=15 => "8-15",
            16..=31 => "16-31",
            32..=63 => "32-63",
            64.. => "64+",
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Keys of a provider table whose values are shown. Matched exactly: a misspelled key stays secret.
pub(super) const PUBLIC_KEYS: [&str; 15] = [
    "base_url",
    "cwd",
    "email",
    "graphql_url",
    "organization",
    "owner",
    "project",
    "project_id",
    "project_key",
    "repo",
    "server_url",
    "team_id",
    "team_slug",
    "username",
    "workspace",
];

/// Whether this value under this credential key may be shown: not when a URL carries a password.
pub fn is_public(key: &str, value: &str) -> bool {
    PUBLIC_KEYS.contains(&key) && without_user_info(value) == value
}

/// The text with whatever stands between `://` and the last `@` left out.
pub fn without_user_info(text: &str) -> Cow<'_, str> {
    match text.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => Cow::Owned(format!("{scheme}://...@{host}")),
            None => Cow::Borrowed(text),
        },
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_the_text() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "Secret(..) Some(\n    Secret(..),\n)"
        );
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn counts_characters_for_the_length_class() {
        let class = |length| Secret::new("é".repeat(length)).length_class();
        let classes = [0, 1, 7, 8, 15, 16, 31, 32, 63, 64].map(class);
        assert_eq!(
            classes,
            [
                "empty", "1-7", "1-7", "8-15", "8-15", "16-31", "16-31", "32-63", "32-63", "64+"
            ]
        );
    }

    #[test]
    fn keeps_every_key_secret_that_is_not_listed() {
        assert!(is_public("project_key", "ACME"));
        assert!(is_public("base_url", "https://acme.example"));
        assert!(!is_public("base_url", "https://bot:pw@acme.example"));
        for key in [
            "api_token",
            "token",
            "access_token",
            "pat",
            "Email",
            "base_url ",
            "command",
        ] {
            assert!(!is_public(key, "x"), "{key}");
        }
    }
}
