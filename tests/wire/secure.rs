//! TLS, and tokens that must not leave.

use super::*;

#[test]
fn a_server_without_tls_gets_no_body_over_https() {
    let server = Server::start(|exchange, _| {
        exchange.await_bytes();
        exchange.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let endpoint = Endpoint::new(&format!("https://{}", server.address)).unwrap();
    let token = Secret::new("hidden-token".to_owned());
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    assert_eq!(server.finish().len(), 1);
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
    assert_eq!(report.failure.as_ref().unwrap().phase, Phase::Handshake);
    assert!(!format!("{report:?}").contains("hidden"));
}

/// Sends to a TLS server whose certificate no one vouches for.
fn publish_over_tls(bytes: usize) -> (Report, Vec<Seen>) {
    let server = Server::start(move |exchange, _| {
        tls::serve(exchange, sized("200 OK", "", "sealed").as_bytes());
    });
    let endpoint = Endpoint::new(&format!("https://localhost:{}", server.address.port())).unwrap();
    let sent = body(bytes);
    let token = Secret::new("t".to_owned());
    let report = send(
        request(&endpoint, &mut sent.as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    (report, server.finish())
}

#[test]
fn a_certificate_that_the_system_does_not_trust_gets_no_body() {
    let (report, seen) = publish_over_tls(SHORT);
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
    let failure = report.failure.unwrap();
    assert_eq!(failure.phase, Phase::Handshake);
    assert!(failure.message.contains("certificate"), "{}", failure.message);
    assert_eq!((seen.len(), seen[0].head.as_str()), (1, ""));
}

/// The half of the next test that runs with the test certificate as the system's only one.
#[test]
#[ignore = "run by a_trusted_certificate_gets_the_body"]
fn with_the_test_certificate_trusted() {
    let (report, seen) = publish_over_tls(LONG);
    assert_eq!(
        (report.outcome, report.bytes_sent),
        (Outcome::Delivered, LONG as u64)
    );
    assert_eq!(report.answer.unwrap().body, b"sealed");
    assert_eq!(seen[0].body, body(LONG));
    assert_eq!(seen[0].header("authorization"), ["Bearer t"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_trusted_certificate_gets_the_body() {
    let half = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "secure::with_the_test_certificate_trusted",
            "--ignored",
        ])
        .env("SSL_CERT_FILE", tls::CERTIFICATE_FILE)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&half.stdout);
    assert!(half.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_token_that_no_header_can_hold_is_not_sent() {
    let server = Server::start(|_, _| {});
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let token = Secret::new("hidden\r\nX-Injected: 1".to_owned());
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    assert!(server.finish().is_empty());
    assert_eq!(report.outcome, Outcome::NotSent);
    assert!(!format!("{report:?}").contains("hidden"));
}
