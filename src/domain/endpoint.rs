//! The endpoint: `server_url.rstrip("/") + "/api/v1/connectors/trackers/snapshots/"`, read as httpx reads it
//! (reference 46). What would not arrive where it seems to is refused by name (reference D4).

use std::fmt::Write;

use super::proxy::Proxy;

/// The path that spec-kitty appends (contract, "Tracker Snapshot Publish Payload").
pub const SNAPSHOTS_PATH: &str = "/api/v1/connectors/trackers/snapshots/";

/// Where a publish goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The whole URL as spec-kitty prints it.
    pub url: String,
    /// Whether it is https.
    pub tls: bool,
    /// Host name or address, lower case; an IPv6 address without its brackets.
    pub host: String,
    /// Port, the scheme's own when none is given.
    pub port: u16,
    /// The request target: the path as it stands in the request line.
    pub target: String,
}

/// Why a server URL cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// It is blank.
    Missing,
    /// It holds a control character.
    NotPrintable,
    /// It lacks `http://` or `https://`, or has another scheme.
    Scheme,
    /// It holds `user:password@`, which would replace the bearer token.
    UserInfo,
    /// It holds `?` or `#`, which would swallow the path.
    QueryOrFragment,
    /// The host is missing or not a plain name or address.
    Host,
    /// The port is not a number up to 65535.
    Port,
}

impl EndpointError {
    /// What is wrong, as part of a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "it is blank",
            Self::NotPrintable => "it holds a control character",
            Self::Scheme => "it does not start with http:// or https://",
            Self::UserInfo => "it holds user:password@, which would replace the bearer token",
            Self::QueryOrFragment => "it holds ? or #, which would swallow the path that is appended",
            Self::Host => "its host is missing or not a plain ASCII name or address",
            Self::Port => "its port is not a number up to 65535",
        }
    }
}

impl Endpoint {
    /// Builds the endpoint for a server URL.
    pub fn new(server_url: &str) -> Result<Self, EndpointError> {
        if super::python::text::strip(server_url).is_empty() {
            return Err(EndpointError::Missing);
        }
        let url = format!("{}{SNAPSHOTS_PATH}", server_url.trim_end_matches('/'));
        if url.chars().any(|c| c.is_ascii_control()) {
            return Err(EndpointError::NotPrintable);
        }
        let (scheme, rest) = url.split_once("://").ok_or(EndpointError::Scheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(EndpointError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(EndpointError::QueryOrFragment);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = match port {
            None | Some("") => [80, 443][usize::from(tls)],
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
                port.parse().map_err(|_| EndpointError::Port)?
            }
            Some(_) => return Err(EndpointError::Port),
        };
        let target = quote(&remove_dot_segments(path));
        let host = host.to_ascii_lowercase();
        Ok(Self {
            url,
            tls,
            host,
            port,
            target,
        })
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        scheme(self.tls)
    }

    /// The origin, and the proxy that the way there leads through.
    pub fn way(&self, proxy: Option<&Proxy>) -> String {
        match proxy {
            Some(proxy) => format!("{} through the proxy {}", self.origin(), proxy.origin()),
            None => format!("{}, no proxy", self.origin()),
        }
    }

    /// `scheme://host:port`, the port always shown.
    pub fn origin(&self) -> String {
        origin(self.tls, &self.host, self.port)
    }
}

fn scheme(tls: bool) -> &'static str {
    if tls { "https" } else { "http" }
}

/// `scheme://host:port`, an IPv6 address in brackets.
pub(super) fn origin(tls: bool, host: &str, port: u16) -> String {
    let scheme = scheme(tls);
    if host.contains(':') {
        format!("{scheme}://[{host}]:{port}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}

/// Host and port of an authority without user info.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), EndpointError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or(EndpointError::Host)?;
        host.parse::<std::net::Ipv6Addr>()
            .map_err(|_| EndpointError::Host)?;
        let port = if port.is_empty() {
            None
        } else {
            Some(port.strip_prefix(':').ok_or(EndpointError::Port)?)
        };
        return Ok((host, port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(EndpointError::Host);
    }
    Ok((host, port))
}

/// RFC 3986 section 5.2.4 as httpx's `normalize_path` does it.
fn remove_dot_segments(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                if kept.len() > 1 {
                    kept.pop();
                }
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

/// httpx's quoting of a path: unsafe bytes are escaped, `%` stays even where no escape follows.
fn quote(path: &str) -> String {
    let mut quoted = String::with_capacity(path.len());
    for byte in path.bytes() {
        let is_unsafe = matches!(byte, b' ' | b'"' | b'#' | b'<' | b'>' | b'?' | b'`' | b'{' | b'}');
        if byte.is_ascii_graphic() && !is_unsafe {
            quoted.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "%{byte:02X}");
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_the_path_as_text() {
        let endpoint = Endpoint::new("https://h.example/base//").unwrap();
        assert_eq!(
            endpoint.url,
            "https://h.example/base/api/v1/connectors/trackers/snapshots/"
        );
        assert_eq!(
            (endpoint.port, endpoint.origin().as_str()),
            (443, "https://h.example:443")
        );
        assert_eq!(
            Endpoint::new("http://h/é ").unwrap().target,
            format!("/%C3%A9%20{SNAPSHOTS_PATH}")
        );
        assert_eq!(
            Endpoint::new("http://h/a/../b").unwrap().target,
            format!("/b{SNAPSHOTS_PATH}")
        );
    }

    #[test]
    fn names_what_it_refuses() {
        let refused = |url| Endpoint::new(url).unwrap_err();
        assert_eq!(refused(" \u{1f}"), EndpointError::Missing);
        assert_eq!(refused("h.example"), EndpointError::Scheme);
        assert_eq!(refused(" http://h"), EndpointError::Scheme);
        assert_eq!(refused("ftp://h"), EndpointError::Scheme);
        assert_eq!(refused("http://u:p@h"), EndpointError::UserInfo);
        assert_eq!(refused("http://h?x=1"), EndpointError::QueryOrFragment);
        assert_eq!(refused("http://h#f"), EndpointError::QueryOrFragment);
        assert_eq!(refused("http://h\n"), EndpointError::NotPrintable);
        assert_eq!(refused("http:///x"), EndpointError::Host);
        assert_eq!(refused("http://h:99999"), EndpointError::Port);
    }

    #[test]
    fn knows_this_machine() {
        assert!(Endpoint::new("http://127.9.0.1:8").unwrap().is_loopback());
        assert!(Endpoint::new("http://[::1]:8").unwrap().is_loopback());
        assert!(!Endpoint::new("http://127.0.0.1.example").unwrap().is_loopback());
    }
}
