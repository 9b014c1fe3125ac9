//! A link of an issue that may be handed to a browser: http and https alone, in plain ASCII, its host told apart.

/// A link that may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    /// The whole link, as it stands.
    pub url: String,
    /// Where it leads: host and port.
    pub host: String,
}

impl WebLink {
    /// Reads a link.
    ///
    /// # Errors
    /// Why it is not opened.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        // Blanks, controls, letters that look like others, and what browsers read as a slash.
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err("the URL holds characters that no plain web address has");
        }
        let (scheme, rest) = url.split_once("://").ok_or("the URL is no http or https one")?;
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err("the URL is no http or https one");
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return Err("the URL has a user name before its host");
        }
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]_".contains(c);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err("the URL has no host");
        }
        Ok(Self {
            url: url.to_owned(),
            host: host.to_ascii_lowercase(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_web_addresses_alone() {
        let host = |url| WebLink::parse(url).map(|link| link.host);
        assert_eq!(
            host("https://ACME.atlassian.net/browse/A-1?x#y"),
            Ok("acme.atlassian.net".to_owned())
        );
        assert_eq!(host("HTTP://h:8080"), Ok("h:8080".to_owned()));
        for url in [
            "",
            "acme.example",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://good.example@evil.example/",
            "https://h\\@evil/",
            "https://h/a b",
            "https://h/\u{202e}",
            "https://аcme.example/",
            "-https://h",
            "https://h/\n--help",
            "ftp://h/",
        ] {
            assert!(host(url).is_err(), "{url}");
        }
    }
}
