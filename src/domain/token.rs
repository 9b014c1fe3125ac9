//! The bearer token: which one is sent, and whether a header can carry it (reference 47).

use super::credentials::ProviderTable;
use super::evaluation::TokenSource;
use super::inputs::{Given, GivenBy};
use super::node::Span;
use super::secret::Secret;

/// The token that goes into `Authorization: Bearer`.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// Where it comes from.
    pub source: TokenSource,
    /// The token; `None` when no header is sent.
    pub secret: Option<Secret>,
    /// Where it stands in the credentials file, when it comes from there.
    pub span: Option<Span>,
}

/// `auth_token or credentials.access_token or credentials.token`: a given one is used as it is, those of the file
/// stripped. An `access_token` of blanks hides `token` and yields no header.
pub fn choose(given: Option<&Given<Secret>>, table: Option<ProviderTable<'_>>) -> Bearer {
    if let Some(given) = given.filter(|given| !given.value.expose().is_empty()) {
        let source = match given.by {
            GivenBy::Flag(_) => TokenSource::Flag,
            GivenBy::Variable(_) => TokenSource::Variable,
        };
        return Bearer {
            source,
            secret: Some(given.value.clone()),
            span: None,
        };
    }
    match table
        .and_then(|table| table.token())
        .filter(|token| !token.secret.expose().is_empty())
    {
        Some(token) => {
            let source = if token.key == "access_token" {
                TokenSource::AccessToken
            } else {
                TokenSource::Token
            };
            Bearer {
                source,
                secret: Some(token.secret),
                span: Some(token.value_span),
            }
        }
        None => Bearer {
            source: TokenSource::None,
            secret: None,
            span: None,
        },
    }
}

impl Bearer {
    /// Whether a header can carry it: what h11 lets through behind `Bearer `, visible ASCII with blanks and tabs
    /// inside and none at the end.
    pub fn fits_a_header(&self) -> bool {
        let allowed = |b: u8| b.is_ascii_graphic() || matches!(b, b' ' | b'\t');
        self.secret.as_ref().is_none_or(|secret| {
            let token = secret.expose();
            token.bytes().all(allowed) && !token.ends_with([' ', '\t'])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_h11_refuses() {
        for (token, fits) in [
            ("x", true),
            (" x", true),
            ("a\tb", true),
            ("x ", false),
            ("x\n", false),
            ("é", false),
        ] {
            let given = Given {
                value: Secret::new(token.to_owned()),
                by: GivenBy::Flag("--auth-token"),
            };
            assert_eq!(choose(Some(&given), None).fits_a_header(), fits, "{token:?}");
        }
    }
}
