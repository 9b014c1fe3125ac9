//! Requests through a proxy.

use super::*;

/// A proxy at the address, with credentials.
fn proxy_at(server: &Server) -> Proxy {
    Proxy {
        tls: false,
        host: server.address.ip().to_string(),
        port: server.address.port(),
        credentials: Some((Secret::new("user".to_owned()), Secret::new("p:w".to_owned()))),
    }
}

#[test]
fn plain_http_is_forwarded_by_the_proxy() {
    let server = Server::answering([sized("200 OK", "", "via")]);
    let proxy = proxy_at(&server);
    let endpoint = Endpoint::new("http://target.invalid:8080/x").unwrap();
    let sent = body(LONG);
    let mut rest = sent.as_slice();
    let proxied = Request {
        proxy: Some(&proxy),
        ..request(&endpoint, &mut rest, None)
    };
    let report = send(proxied, &Arc::new(Watch::new()));
    let seen = server.finish();
    assert_eq!((report.outcome, seen.len()), (Outcome::Delivered, 1));
    assert_eq!(report.proxy, Some(proxy.origin()));
    assert_eq!(seen[0].body, sent);
    assert_eq!(
        seen[0].request_line(),
        "POST http://target.invalid:8080/x/api/v1/connectors/trackers/snapshots/ HTTP/1.1"
    );
    assert_eq!(seen[0].header("host"), ["target.invalid:8080"]);
    assert_eq!(seen[0].header("proxy-authorization"), ["Basic dXNlcjpwOnc="]);
}

#[test]
fn https_asks_the_proxy_for_a_tunnel_and_tells_it_no_token() {
    let server = Server::start(|exchange, _| {
        exchange.read_head();
        exchange.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    });
    let proxy = proxy_at(&server);
    let endpoint = Endpoint::new("https://target.invalid").unwrap();
    let token = Secret::new("hidden-token".to_owned());
    let sent = body(SHORT);
    let mut rest = sent.as_slice();
    let proxied = Request {
        proxy: Some(&proxy),
        ..request(&endpoint, &mut rest, Some(&token))
    };
    let report = send(proxied, &Arc::new(Watch::new()));
    let seen = server.finish();
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
    assert_eq!(seen[0].request_line(), "CONNECT target.invalid:443 HTTP/1.1");
    assert_eq!(seen[0].header("proxy-authorization"), ["Basic dXNlcjpwOnc="]);
    assert!(!seen[0].head.contains("hidden"));
    assert!(report.failure.unwrap().message.contains("407"));
}
