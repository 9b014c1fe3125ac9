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

/// Through the built binary, since the system's roots are read once a process.
#[test]
#[cfg(target_os = "linux")]
fn a_trusted_certificate_gets_the_body() {
    let server = Server::start(move |exchange, _| {
        tls::serve(exchange, sized("200 OK", "", "sealed").as_bytes());
    });
    let temp = tempfile::tempdir().unwrap();
    let kittify = temp.path().join(".kittify");
    std::fs::create_dir(&kittify).unwrap();
    std::fs::write(
        kittify.join("config.yaml"),
        "tracker: {provider: beads, workspace: w}\n",
    )
    .unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args([
            "publish",
            "--yes",
            "--allow",
            "null-route,store-missing",
            "--server-url",
        ])
        .arg(format!("https://localhost:{}", server.address.port()))
        .current_dir(temp.path())
        .env_clear()
        .env("HOME", temp.path())
        .env("SSL_CERT_FILE", tls::CERTIFICATE_FILE)
        .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
        .env("SAAS_AUTH_TOKEN", "t")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("sealed"), "{output:?}");
    let seen = server.finish();
    assert!(seen[0].body.starts_with(b"{\"provider\":\"beads\""));
    assert_eq!(seen[0].header("authorization"), ["Bearer t"]);
}

#[test]
fn a_token_that_no_header_can_hold_is_not_sent() {
    let server = Server::start(|_, _| {});
    let endpoint = Endpoint::new(&server.url()).unwrap();
    let token = Secret::new("hidden\r\nX-Injected: 1".to_owned());
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    assert!(server.finish().is_empty());
    assert_eq!(report.outcome, Outcome::NotSent);
    assert!(!format!("{report:?}").contains("hidden"));
}
