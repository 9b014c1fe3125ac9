//! The request: flag, endpoint, token, transport, idempotency key (reference 43-47, D1-D5, B3).

use sha2::{Digest, Sha256};

use super::Report;
use crate::domain::catalogue::FindingName;
use crate::domain::endpoint::{Endpoint, EndpointError};
use crate::domain::evaluation::{BodyFacts, Route, TokenSource};
use crate::domain::finding::{Finding, Fix, Place};
use crate::domain::inputs::{Given, GivenBy, SERVER_VARIABLE, SYNC_VARIABLE, TOKEN_VARIABLE};
use crate::domain::journal;
use crate::domain::proxy;
use crate::domain::shell;
use crate::domain::token::Bearer;

/// Whether [`SYNC_VARIABLE`] counts as on (reference 0.6).
pub(super) fn saas_sync_flag(report: &mut Report<'_>) {
    let flag = report.inputs.environment.saas_sync_flag.as_deref();
    let on = flag.is_some_and(|value| {
        let value = crate::domain::python::text::strip(value).to_lowercase();
        matches!(value.as_str(), "1" | "true" | "yes" | "on")
    });
    if on {
        return;
    }
    let detail = match flag {
        None => format!("{SYNC_VARIABLE} is not set, so spec-kitty has no `tracker` command"),
        Some(value) => format!("{SYNC_VARIABLE} is {value:?}, which does not count as on"),
    };
    report.add(
        Finding::new(FindingName::SaasSyncFlagOff, detail)
            .at(
                Place::Variable(SYNC_VARIABLE.into()),
                "must be 1, true, yes or on",
            )
            .fix(Fix::command(
                "Switch it on in this shell",
                format!("export {SYNC_VARIABLE}=1"),
            )),
    );
}

/// Lets every command switch the flag on for itself: without it there is no `tracker` command (reference 0.6).
pub(super) fn with_flag(findings: &mut [Finding]) {
    for command in findings
        .iter_mut()
        .flat_map(|finding| &mut finding.fixes)
        .filter_map(|fix| fix.command.as_mut())
    {
        let parts = shell::parts(command).into_iter();
        let parts = parts.map(|part| match part.strip_prefix("spec-kitty tracker ") {
            Some(rest) => format!("{SYNC_VARIABLE}=1 spec-kitty tracker {rest}"),
            None => part.to_owned(),
        });
        *command = parts.collect::<Vec<_>>().join(shell::AND);
    }
}

/// The endpoint, or the finding that says why there is none.
pub(super) fn endpoint(report: &mut Report<'_>) -> Option<Endpoint> {
    let Some(given) = &report.inputs.environment.server_url else {
        report.add(server_url_missing(
            GivenBy::Variable(SERVER_VARIABLE),
            "not set, and no --server-url given",
        ));
        return None;
    };
    let place = place_of(given.by);
    match Endpoint::new(&given.value) {
        Ok(endpoint) => Some(endpoint),
        Err(EndpointError::Missing) => {
            report.add(server_url_missing(given.by, "blank"));
            None
        }
        Err(error) => {
            let detail = format!("The server URL cannot be used: {}", error.reason());
            report.add(
                Finding::new(FindingName::ServerUrlInvalid, detail)
                    .at(place, error.reason())
                    .fix(match given.by {
                        GivenBy::Flag(flag) => {
                            Fix::text(format!("Pass {flag} with scheme, host and optional path alone"))
                        }
                        GivenBy::Variable(_) => Fix::command(
                            "Give scheme, host and optional path alone",
                            format!("export {SERVER_VARIABLE}=https://HOST"),
                        ),
                    }),
            );
            None
        }
    }
}

fn server_url_missing(by: GivenBy, label: &str) -> Finding {
    Finding::new(
        FindingName::ServerUrlMissing,
        "Neither --server-url nor SAAS_API_URL names a server",
    )
    .at(place_of(by), label)
    .fix(match by {
        GivenBy::Flag(flag) => Fix::text(format!(
            "Give {flag} a URL, or leave it out: even a blank one counts more than {SERVER_VARIABLE}"
        )),
        GivenBy::Variable(_) => Fix::command(
            "Name the server",
            format!("export {SERVER_VARIABLE}=https://HOST"),
        ),
    })
}

/// Where a person gives a value.
pub(super) fn place_of(by: GivenBy) -> Place {
    match by {
        GivenBy::Flag(flag) => Place::Flag(flag),
        GivenBy::Variable(variable) => Place::Variable(variable.into()),
    }
}

/// The proxy that the request goes through, as its URL without user info.
pub(super) fn proxy(report: &mut Report<'_>, endpoint: &Endpoint) -> Option<String> {
    match proxy::choose(&report.inputs.environment.proxies, endpoint) {
        Ok(chosen) => {
            let (variable, proxy) = chosen?;
            let proxy = proxy.origin();
            report.add(proxy_in_use(&proxy, variable.to_owned(), endpoint));
            Some(proxy)
        }
        Err(error) => {
            report.add(
                Finding::new(FindingName::ProxyUnusable, error.to_string())
                    .at(Place::Variable(error.variable.clone().into()), error.reason)
                    .fix(Fix::command("Go without it", format!("unset {}", error.variable))),
            );
            None
        }
    }
}

/// Findings about the token and the way it travels.
pub(super) fn token(
    report: &mut Report<'_>,
    token: &Bearer,
    endpoint: Option<&Endpoint>,
    proxy: Option<&str>,
) {
    let place = match (token.span, &report.inputs.environment.auth_token) {
        (Some(span), _) => report.credentials_place(span),
        (None, Some(given)) => place_of(given.by),
        (None, None) => Place::Variable(TOKEN_VARIABLE.into()),
    };
    let by_flag = match &report.inputs.environment.auth_token {
        Some(Given {
            by: GivenBy::Flag(flag),
            ..
        }) => Some(*flag),
        _ => None,
    };
    if token.source == TokenSource::None {
        report.add(token_missing(by_flag));
    }
    if !token.fits_a_header() {
        let finding = Finding::new(
            FindingName::TokenNotEncodable,
            "The token ends in a blank, or holds a line break, control or non-ASCII character",
        );
        report.add(
            finding
                .at(place.clone(), "this token")
                .fix(clean_token(token.source, by_flag)),
        );
    }
    if matches!(token.source, TokenSource::AccessToken | TokenSource::Token) {
        let key = token.source.name();
        let detail = format!("`{key}` of the provider's credentials would be sent as the bearer token");
        report.add(
            Finding::new(FindingName::ProviderTokenAsBearer, detail)
                .at(place.clone(), "this token would leave")
                .fix(type_token(by_flag)),
        );
    }
    if let Some(endpoint) = endpoint.filter(|_| token.secret.is_some()) {
        transport(report, endpoint, proxy);
    }
}

/// Whether the token travels unencrypted (reference D3).
fn transport(report: &mut Report<'_>, endpoint: &Endpoint, proxy: Option<&str>) {
    let exposed = !endpoint.tls && (!endpoint.is_loopback() || proxy.is_some());
    if exposed {
        let way = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        let detail = format!("The token would go unencrypted to {}{way}", endpoint.origin());
        let given = report
            .inputs
            .environment
            .server_url
            .as_ref()
            .map(|given| place_of(given.by));
        let place = given.unwrap_or(Place::Variable(SERVER_VARIABLE.into()));
        report.add(
            Finding::new(FindingName::InsecureTransport, detail)
                .at(place, "http, not https")
                .fix(secure_url(report.inputs.environment.server_url.as_ref())),
        );
    }
}

/// The same server by https.
fn secure_url(given: Option<&Given<String>>) -> Fix {
    let text = "Use https in the server URL";
    let url = given.filter(|given| matches!(given.by, GivenBy::Variable(_)));
    let rest = url.and_then(|given| given.value.trim().strip_prefix("http://"));
    match rest.filter(|rest| !rest.contains('@')) {
        Some(rest) => Fix::command(
            text,
            format!(
                "export {SERVER_VARIABLE}={}",
                shell::quote(&format!("https://{rest}"))
            ),
        ),
        None => Fix::text(text),
    }
}

/// How to get a token that a header can carry, by where this one comes from.
fn clean_token(source: TokenSource, by_flag: Option<&str>) -> Fix {
    match source {
        TokenSource::Variable => Fix::command(
            "Keep only what a token is made of",
            r#"export SAAS_AUTH_TOKEN="$(printf %s "$SAAS_AUTH_TOKEN" | LC_ALL=C tr -cd '!-~')""#,
        ),
        TokenSource::Flag => Fix::text("Pass --auth-token without the stray character"),
        TokenSource::AccessToken | TokenSource::Token | TokenSource::None => type_token(by_flag),
    }
}

fn type_token(by_flag: Option<&str>) -> Fix {
    if let Some(flag) = by_flag {
        return Fix::text(format!(
            "Give {flag} the server's token, or leave it out: even an empty one counts more than SAAS_AUTH_TOKEN"
        ));
    }
    Fix::command(
        "Type or paste the server's token, unseen by the shell's history",
        "IFS= read -r SAAS_AUTH_TOKEN && export SAAS_AUTH_TOKEN",
    )
}

fn token_missing(by_flag: Option<&'static str>) -> Finding {
    let detail = "The request would have no Authorization header; a server that wants one answers 401";
    let (place, label) = match by_flag {
        Some(flag) => (Place::Flag(flag), "empty"),
        None => (
            Place::Variable(TOKEN_VARIABLE.into()),
            "not set, and no --auth-token given",
        ),
    };
    Finding::new(FindingName::TokenMissing, detail)
        .at(place, label)
        .fix(type_token(by_flag))
}

/// Tells that the request goes through a proxy (reference D5).
fn proxy_in_use(proxy: &str, variable: String, endpoint: &Endpoint) -> Finding {
    let detail = format!("The request to {} goes through {proxy}", endpoint.origin());
    Finding::new(FindingName::ProxyInUse, detail).at(Place::Variable(variable.into()), "names the proxy")
}

/// Whether the attempt could be written down before it is made.
pub(super) fn journal(report: &mut Report<'_>) {
    let Some(trouble) = &report.inputs.journal_trouble else {
        return;
    };
    let path = &report.inputs.journal_path;
    let folder = path.parent().unwrap_or(path).to_string_lossy().into_owned();
    let aside = shell::quote(&format!("{folder}.old"));
    let folder = shell::quote(&folder);
    let finding = Finding::new(
        FindingName::JournalUnwritable,
        format!("The attempt could not be written down: {trouble}"),
    );
    report.add(
        finding
            .at(Place::file(path), "would be written here")
            .fix(Fix::command(
                "Give your user the folder",
                format!(
                    "{{ test ! -f {folder} || mv {folder} {aside}; }} && mkdir -p {folder} && chmod -R u+rwX {folder}"
                ),
            )),
    );
}

/// What the idempotency key is hashed from (reference 43): content is no part of it.
pub(super) fn idempotency_preimage(
    provider: &str,
    workspace: &str,
    route: Option<&Route>,
    counts: (u64, u64),
    cursor: Option<&str>,
) -> String {
    let (resource_type, resource_id) = route.map_or(("None", "None"), |route| {
        (route.resource_type, &route.resource_id)
    });
    let (issues, mappings) = counts;
    let cursor = cursor.unwrap_or("None");
    format!("{provider}|{workspace}|{resource_type}|{resource_id}|{issues}|{mappings}|{cursor}")
}

/// SHA-256 in lower-case hex.
pub(super) fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Whether an earlier publish used the same key for another body (reference B3).
pub(super) fn key_reuse(report: &mut Report<'_>, endpoint: Option<&Endpoint>, key: &str, body: BodyFacts) {
    let Some(endpoint) = endpoint else { return };
    let digest = body.blake3_hex();
    let Some(earlier) = journal::key_reuse(&report.inputs.journal, &endpoint.url, key, &digest) else {
        return;
    };
    let detail = format!(
        "The publish of {} used the same idempotency key for another body; the server may ignore this one",
        earlier.record.time
    );
    report.add(
        Finding::new(FindingName::IdempotencyKeyReused, detail)
            .at(
                Place::file(&report.inputs.journal_path),
                format!("attempt {}", earlier.record.id),
            )
            .fix(Fix::command(
                "Pull first: a moved cursor makes a new key",
                "spec-kitty tracker sync pull",
            )),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_the_keys_of_reference_43() {
        let acme = Route {
            resource_type: "jira_project",
            resource_id: "ACME".into(),
        };
        let routed = idempotency_preimage("jira", "acme.atlassian.net", Some(&acme), (0, 0), None);
        assert_eq!(
            sha256_hex(&routed),
            "0716737c633393cf0050b22065ab9e04077de5ab55df0bda97385798e8d4efab"
        );
        let null = idempotency_preimage("beads", "my-workspace", None, (0, 0), None);
        assert_eq!(
            sha256_hex(&null),
            "85b17797e411431bb897437482620e97a45887ee24ce20056f0361f9add1aac7"
        );
    }
}
