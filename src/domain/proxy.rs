//! Which proxy a request goes through, as httpx 0.28 reads the environment (`get_environment_proxies`, `URLPattern`
//! and Python's `getproxies_environment`), but loopback always goes direct (reference D5).

use std::fmt;

use super::endpoint::{Endpoint, origin};
use super::python::text::strip;
use super::secret::Secret;

/// The variables of the environment that name proxies.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// Scheme (`http`, `https`, `all`, `no`), variable and value; later ones win.
    variables: Vec<(String, String, String)>,
}

impl fmt::Debug for ProxyEnvironment {
    /// Names the variables alone: their values may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.variables.iter().map(|(_, name, _)| name))
            .finish()
    }
}

/// A proxy to go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Whether the connection to the proxy itself is TLS.
    pub tls: bool,
    /// Host name or address, lower case; an IPv6 address without its brackets.
    pub host: String,
    /// Port, the scheme's own when none is given.
    pub port: u16,
    /// User and password for `Proxy-Authorization: Basic`.
    pub credentials: Option<(Secret, Secret)>,
}

/// Why a proxy variable cannot be used. Its value is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} cannot be used: {reason}")]
pub struct ProxyError {
    /// The variable.
    pub variable: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl ProxyEnvironment {
    /// Picks the proxy variables out of an environment, as `urllib.request.getproxies_environment` does: any case,
    /// names that end in a lower-case `_proxy` win, empty ones of those cancel.
    pub fn from_variables<'a>(environment: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let mut found = Self::default();
        let is_cgi = environment.clone().any(|(name, _)| name == "REQUEST_METHOD");
        let named = environment.filter_map(|(name, value)| {
            let (scheme, suffix) = name.split_at_checked(name.len().checked_sub(6)?)?;
            (!scheme.is_empty() && suffix.eq_ignore_ascii_case("_proxy")).then_some((
                name,
                scheme.to_ascii_lowercase(),
                value,
            ))
        });
        for (name, scheme, value) in named.clone().filter(|(_, _, value)| !value.is_empty()) {
            found.set(scheme, name, value);
        }
        if is_cgi {
            // A CGI program gets HTTP_PROXY from a request header.
            found.variables.retain(|(scheme, ..)| scheme != "http");
        }
        for (name, scheme, value) in named.filter(|(name, ..)| name.ends_with("_proxy")) {
            if value.is_empty() {
                found.variables.retain(|(known, ..)| *known != scheme);
            } else {
                found.set(scheme, name, value);
            }
        }
        found
    }

    fn set(&mut self, scheme: String, name: &str, value: &str) {
        self.variables.retain(|(known, ..)| *known != scheme);
        self.variables.push((scheme, name.to_owned(), value.to_owned()));
    }

    fn get(&self, scheme: &str) -> Option<(&str, &str)> {
        self.variables
            .iter()
            .find(|(known, ..)| known == scheme)
            .map(|(_, name, value)| (name.as_str(), value.as_str()))
    }
}

/// The proxy for an endpoint with the variable that names it, or `None` to connect directly.
pub fn choose<'a>(
    environment: &'a ProxyEnvironment,
    endpoint: &Endpoint,
) -> Result<Option<(&'a str, Proxy)>, ProxyError> {
    if endpoint.is_loopback() {
        return Ok(None);
    }
    let refused = |variable: &str, reason| ProxyError {
        variable: variable.to_owned(),
        reason,
    };
    let mounts = mounts(environment);
    for mount in &mounts {
        if let Some(reason) = mount.fault() {
            return Err(refused(mount.variable, reason));
        }
    }
    let Some((variable, value)) = decisive(&mounts, endpoint) else {
        return Ok(None);
    };
    let proxy = parse(value).map_err(|reason| refused(variable, reason))?;
    Ok(Some((variable, proxy)))
}

/// What becomes of the requests of one URL pattern.
struct Mount<'a> {
    pattern: String,
    /// The variable that says so.
    variable: &'a str,
    /// The proxy that they take; `None` to go directly.
    proxy: Option<&'a str>,
}

impl Mount<'_> {
    /// Why httpx fails on it, whatever the request: it reads all of them before it sends one.
    fn fault(&self) -> Option<&'static str> {
        let Some(proxy) = self.proxy else {
            let (_, host) = self.pattern.split_once("://")?;
            // The `*` before a name leaves nothing that IDNA could encode.
            let fault = (host.starts_with('*') && !host.is_ascii()).then_some("a name in it is not ASCII");
            return fault.or_else(|| match url_fault(&self.pattern)? {
                NO_PORT if host.starts_with("*[") => Some("an IPv6 address in it has brackets"),
                fault => Some(fault),
            });
        };
        let (scheme, _) = proxy.split_once("://").unwrap_or(("http", proxy));
        let known = ["http", "https", "socks5", "socks5h"];
        let is_known = known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        (!is_known).then_some(OTHER_SCHEME).or_else(|| url_fault(proxy))
    }
}

const NO_PORT: &str = "what is behind a colon is no port";
const OTHER_SCHEME: &str = "its scheme is not http or https";

/// Why httpx's `URL` fails on a text, which has a scheme or is given one, as far as that concerns what is before the path.
fn url_fault(url: &str) -> Option<&'static str> {
    if url.bytes().any(|byte| byte.is_ascii_control()) {
        return Some("it has control characters");
    }
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.rsplit_once(']'));
    let port = match bracketed {
        Some((address, port)) => {
            let address = address.split('%').next().unwrap_or_default();
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Some("what is in brackets is no IPv6 address");
            }
            port.strip_prefix(':').unwrap_or(port)
        }
        None => authority.split_once(':').map_or("", |(_, port)| port),
    };
    // What Python's `int` may take.
    let may_be_number = |c: char| c.is_numeric() || c.is_whitespace() || "+-_".contains(c);
    (!port.chars().all(may_be_number)).then_some(NO_PORT)
}

/// What the environment says, in httpx's order; nothing when `NO_PROXY` holds `*`.
fn mounts(environment: &ProxyEnvironment) -> Vec<Mount<'_>> {
    let proxy = |scheme: &'static str| {
        let (variable, value) = environment.get(scheme)?;
        Some(Mount {
            pattern: format!("{scheme}://"),
            variable,
            proxy: Some(value),
        })
    };
    let mut mounts: Vec<Mount<'_>> = ["http", "https", "all"].into_iter().filter_map(proxy).collect();
    let (variable, excepted) = environment.get("no").unwrap_or_default();
    for host in excepted.split(',').map(strip) {
        match host {
            "*" => return Vec::new(),
            "" => {}
            _ => {
                let pattern = no_proxy_pattern(host);
                // One that is there already keeps its place, as in a `dict`.
                match mounts.iter_mut().find(|mount| mount.pattern == pattern) {
                    Some(mount) => mount.proxy = None,
                    None => mounts.push(Mount {
                        pattern,
                        variable,
                        proxy: None,
                    }),
                }
            }
        }
    }
    mounts
}

/// The variable and its value that decide for an endpoint; `None` when it goes directly.
fn decisive<'a>(mounts: &[Mount<'a>], endpoint: &Endpoint) -> Option<(&'a str, &'a str)> {
    // Unreadable patterns match nothing; of two with one priority the first decides.
    let patterns = mounts
        .iter()
        .filter_map(|mount| Some((Pattern::parse(&mount.pattern)?, mount)));
    let (_, mount) = patterns
        .filter(|(pattern, _)| pattern.matches(endpoint))
        .min_by_key(|(pattern, _)| pattern.priority())?;
    Some((mount.variable, mount.proxy?))
}

/// One entry of `NO_PROXY` as a URL pattern.
fn no_proxy_pattern(host: &str) -> String {
    let address = host.split('/').next().unwrap_or_default();
    if host.contains("://") {
        host.to_owned()
    } else if address.parse::<std::net::Ipv6Addr>().is_ok() {
        format!("all://[{host}]")
    } else if address.parse::<std::net::Ipv4Addr>().is_ok() || host.eq_ignore_ascii_case("localhost") {
        format!("all://{host}")
    } else {
        format!("all://*{host}")
    }
}

/// httpx's `URLPattern`.
struct Pattern {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Pattern {
    fn parse(pattern: &str) -> Option<Self> {
        let (scheme, rest) = pattern.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = rest.split(['/', '?', '#']).next()?;
        let (host, port) = split_port(authority.rsplit('@').next()?)?;
        let port = port.filter(|port| default_port(&scheme) != Some(*port));
        let host = if host == "*" {
            String::new()
        } else {
            host.to_lowercase()
        };
        let scheme = if scheme == "all" { String::new() } else { scheme };
        Some(Self { scheme, host, port })
    }

    fn priority(&self) -> (bool, std::cmp::Reverse<usize>, std::cmp::Reverse<usize>) {
        (
            self.port.is_none(),
            std::cmp::Reverse(self.host.chars().count()),
            std::cmp::Reverse(self.scheme.len()),
        )
    }

    fn matches(&self, endpoint: &Endpoint) -> bool {
        let explicit = Some(endpoint.port).filter(|port| default_port(endpoint.scheme()) != Some(*port));
        (self.scheme.is_empty() || self.scheme == endpoint.scheme())
            && self.matches_host(&endpoint.host)
            && (self.port.is_none() || self.port == explicit)
    }

    fn matches_host(&self, host: &str) -> bool {
        let below = |domain: &str| {
            host.strip_suffix(domain)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|rest| !rest.is_empty())
        };
        if self.host.is_empty() {
            true
        } else if let Some(domain) = self.host.strip_prefix("*.") {
            below(domain)
        } else if let Some(domain) = self.host.strip_prefix('*') {
            host == domain || below(domain)
        } else {
            host == self.host
        }
    }
}

impl Proxy {
    /// `scheme://host:port`, without user and password.
    pub fn origin(&self) -> String {
        origin(self.tls, &self.host, self.port)
    }
}

/// Reads a proxy's URL; without a scheme it is http.
fn parse(value: &str) -> Result<Proxy, &'static str> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        "socks5" | "socks5h" => return Err("SOCKS proxies are not supported"),
        _ => return Err(OTHER_SCHEME),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (userinfo, host_and_port) = match authority.rsplit_once('@') {
        Some((userinfo, rest)) => (Some(userinfo), rest),
        None => (None, authority),
    };
    let (host, port) = split_port(host_and_port).ok_or("its host or port cannot be read")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err("its host is missing or not a plain ASCII name or address");
    }
    let credentials = userinfo
        .filter(|userinfo| !matches!(*userinfo, "" | ":"))
        .map(|userinfo| {
            let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            (Secret::new(unquote(user)), Secret::new(unquote(password)))
        });
    Ok(Proxy {
        tls,
        host: host.to_ascii_lowercase(),
        port: port.unwrap_or([80, 443][usize::from(tls)]),
        credentials,
    })
}

/// Host and port of an authority, an IPv6 address without its brackets; `None` when it cannot be read.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest
            .split_once(']')
            .map(|(host, rest)| (host, rest.strip_prefix(':')))?,
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    match port {
        None | Some("") => Some((host, None)),
        // Python's `int` takes blanks around the digits.
        Some(port) => Some((host, Some(strip(port).parse().ok()?))),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Python's `unquote`: `%XX` escapes decoded, what is not UTF-8 replaced.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escape = tail
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escape.unwrap_or(byte));
        rest = if escape.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
