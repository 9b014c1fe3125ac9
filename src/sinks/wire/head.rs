//! The request head: httpx's headers for a snapshot publish (reference 44), and where a proxy changes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::http::{HeaderValue, Uri};
use ureq::{Proxy as Tunnel, ProxyProtocol};

use crate::domain::proxy::Proxy;

use super::{Broken, Request};

/// The URI that the client connects to: the endpoint, or for plain http the proxy, with the endpoint's path.
pub(super) fn uri(request: &Request<'_>) -> Result<Uri, Broken> {
    let origin = match forwarding(request) {
        Some(proxy) => proxy.origin(),
        None => request.endpoint.origin(),
    };
    format!("{origin}{}", request.endpoint.target)
        .parse()
        .map_err(|_| Broken::Unsendable("the endpoint cannot stand in a request line"))
}

/// The headers that the client does not set by itself.
pub(super) fn headers(request: &Request<'_>) -> Result<Vec<(&'static str, HeaderValue)>, Broken> {
    let mut headers = vec![
        ("Content-Type", HeaderValue::from_static("application/json")),
        (
            "Idempotency-Key",
            value(
                request.idempotency_key,
                "the idempotency key cannot stand in a header",
            )?,
        ),
        ("Content-Length", HeaderValue::from(request.body_bytes)),
    ];
    if let Some(token) = request.bearer {
        let bearer = format!("Bearer {}", token.expose());
        headers.push((
            "Authorization",
            secret(&bearer, "the token cannot stand in a header")?,
        ));
    }
    if let Some(proxy) = forwarding(request) {
        let host = value(&endpoint_host(request), "the host cannot stand in a header")?;
        headers.push(("Host", host));
        if let Some((user, password)) = &proxy.credentials {
            let pair = STANDARD.encode(format!("{}:{}", user.expose(), password.expose()));
            let basic = secret(
                &format!("Basic {pair}"),
                "the proxy password cannot stand in a header",
            )?;
            headers.push(("Proxy-Authorization", basic));
        }
    }
    Ok(headers)
}

/// What goes before the path in the request line, when a proxy forwards the request.
pub(super) fn absolute_origin(request: &Request<'_>) -> Option<String> {
    forwarding(request).map(|_| format!("http://{}", endpoint_host(request)))
}

/// The proxy as a tunnel for TLS.
pub(super) fn tunnel(proxy: &Proxy) -> Result<Tunnel, Broken> {
    let protocol = if proxy.tls {
        ProxyProtocol::Https
    } else {
        ProxyProtocol::Http
    };
    let host = if proxy.host.contains(':') {
        format!("[{}]", proxy.host)
    } else {
        proxy.host.clone()
    };
    let mut tunnel = Tunnel::builder(protocol).host(&host).port(proxy.port);
    if let Some((user, password)) = &proxy.credentials {
        tunnel = tunnel.username(user.expose()).password(password.expose());
    }
    tunnel
        .build()
        .map_err(|_| Broken::Unsendable("the proxy's address cannot be used"))
}

/// The proxy that forwards the request: httpx tunnels only TLS.
fn forwarding<'a>(request: &Request<'a>) -> Option<&'a Proxy> {
    request.proxy.filter(|_| !request.endpoint.tls)
}

/// `host` or `host:port`, as in `Host`.
fn endpoint_host(request: &Request<'_>) -> String {
    let origin = request.endpoint.origin();
    let host = origin.strip_prefix("http://").unwrap_or(&origin);
    host.strip_suffix(":80").unwrap_or(host).to_owned()
}

fn value(text: &str, refusal: &'static str) -> Result<HeaderValue, Broken> {
    HeaderValue::from_str(text).map_err(|_| Broken::Unsendable(refusal))
}

/// A value that does not show itself where the client prints headers.
fn secret(text: &str, refusal: &'static str) -> Result<HeaderValue, Broken> {
    let mut value = value(text, refusal)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::endpoint::Endpoint;
    use crate::domain::secret::Secret;

    #[test]
    fn refuses_what_cannot_stand_in_a_header() {
        let endpoint = Endpoint::new("http://h.example").unwrap();
        let refusal = |token: &str| {
            let secret = Secret::new(token.to_owned());
            let request = Request {
                endpoint: &endpoint,
                idempotency_key: "k",
                bearer: Some(&secret),
                body: &mut std::io::empty(),
                body_bytes: 2,
                timeout: Duration::from_secs(1),
                proxy: None,
            };
            match headers(&request) {
                Err(Broken::Unsendable(reason)) => Some(reason),
                Err(_) => None,
                Ok(headers) => {
                    assert!(!format!("{headers:?}").contains(token), "{headers:?}");
                    None
                }
            }
        };
        assert_eq!(refusal("line\nbreak"), Some("the token cannot stand in a header"));
        assert_eq!(refusal("nul\0"), Some("the token cannot stand in a header"));
        assert_eq!(refusal(" a\tb"), None);
    }
}
