//! The one POST against a server that misbehaves: outcome, bytes sent and the number of requests, case by case.

mod support;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use catseye::domain::endpoint::Endpoint;
use catseye::domain::proxy::Proxy;
use catseye::domain::publish::{Answer, Outcome, Phase, Report};
use catseye::domain::secret::Secret;
use catseye::sinks::wire::{Request, Watch, send};
use support::fault_server::{Exchange, Seen, Server};
use support::tls;

/// Longer than what the sockets of both sides hold, where the server must be able to stop the body midway.
const LONG: usize = 24 << 20;
const SHORT: usize = 3000;
/// The patience with servers that fall silent.
const BRIEF: Duration = Duration::from_millis(300);

fn body(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| b"0123456789abcdef"[at % 16]).collect()
}

fn request<'a>(endpoint: &'a Endpoint, body: &'a mut &[u8], token: Option<&'a Secret>) -> Request<'a> {
    Request {
        endpoint,
        idempotency_key: "0a1b",
        bearer: token,
        body_bytes: body.len() as u64,
        body,
        timeout: Duration::from_secs(20),
        proxy: None,
    }
}

/// Sends a body of so many bytes to a server with this script.
fn publish(
    bytes: usize,
    script: impl Fn(&mut Exchange, &Receiver<()>) + Send + 'static,
) -> (Report, Vec<Seen>) {
    publish_within(Duration::from_secs(20), bytes, script)
}

/// The same with a timeout, for servers that fall silent.
fn publish_within(
    timeout: Duration,
    bytes: usize,
    script: impl Fn(&mut Exchange, &Receiver<()>) + Send + 'static,
) -> (Report, Vec<Seen>) {
    let server = Server::start(script);
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let sent = body(bytes);
    let mut rest = sent.as_slice();
    let timed = Request {
        timeout,
        ..request(&endpoint, &mut rest, None)
    };
    let report = send(timed, &Arc::new(Watch::new()));
    let seen = server.finish();
    assert_eq!(seen.len(), 1, "one connection and no retry");
    assert!(sent.starts_with(&seen[0].body), "the body arrives byte for byte");
    assert!(
        seen[0].body.len() as u64 <= report.bytes_sent,
        "no byte arrived uncounted"
    );
    (report, seen)
}

/// The report on a short request that the server answers so, once it has read it.
fn answered(answer: impl AsRef<[u8]> + Send + 'static) -> Report {
    let (report, seen) = publish(SHORT, move |exchange, _| exchange.answer(&answer));
    assert_eq!(seen[0].body.len(), SHORT);
    assert_eq!(report.bytes_sent, SHORT as u64);
    report
}

fn sized(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn sends_the_headers_that_httpx_sends() {
    let server = Server::start(|exchange, _| exchange.answer(sized("200 OK", "", "")));
    let endpoint = Endpoint::new(&format!("http://{}/base//", server.address)).unwrap();
    let token = Secret::new(" t\u{7e}k");
    let sent = body(LONG);
    let report = send(
        request(&endpoint, &mut sent.as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    let address = server.address.to_string();
    let seen = &server.finish()[0];
    assert_eq!(report.outcome, Outcome::Delivered);
    assert_eq!(seen.body, sent);
    assert_eq!(
        seen.request_line(),
        "POST /base/api/v1/connectors/trackers/snapshots/ HTTP/1.1"
    );
    assert_eq!(seen.header("host"), [address.as_str()]);
    assert_eq!(seen.header("content-type"), ["application/json"]);
    assert_eq!(seen.header("idempotency-key"), ["0a1b"]);
    assert_eq!(seen.header("authorization"), ["Bearer  t~k"]);
    assert_eq!(seen.header("content-length"), [LONG.to_string().as_str()]);
    assert_eq!(seen.header("accept"), ["*/*"]);
    assert_eq!(
        seen.header("user-agent"),
        [concat!("catseye/", env!("CARGO_PKG_VERSION"))]
    );
    for absent in ["expect", "transfer-encoding", "accept-encoding", "cookie"] {
        assert_eq!(seen.header(absent), [""; 0], "{absent}");
    }
}

#[test]
fn any_complete_2xx_is_delivered() {
    let json = answered(sized(
        "200 OK",
        "Content-Type: application/json\r\nX: a\r\nX: b\r\n",
        "{\"id\":1}",
    ));
    assert_eq!(json.outcome, Outcome::Delivered);
    let answer = json.answer.unwrap();
    assert_eq!(
        (answer.status, answer.reason, answer.body_note.clone()),
        (200, "OK", None)
    );
    assert_eq!(answer.header("x").as_deref(), Some("a, b"));
    assert_eq!(answer.body, b"{\"id\":1}");
    assert!(json.failure.is_none() && json.first_byte.is_some_and(|first| first <= json.elapsed));

    for answer in [
        sized("200 OK", "", ""),
        sized("202 Accepted", "Content-Type: text/html\r\n", "<html>"),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        "HTTP/1.1 299 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n".to_owned(),
        "HTTP/1.0 200 OK\r\n\r\nuntil the end".to_owned(),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
            .to_owned(),
    ] {
        let report = answered(answer.clone());
        assert_eq!(report.outcome, Outcome::Delivered, "{answer}");
        assert!(report.failure.is_none(), "{answer}");
    }
    let broken = answered(sized("200 OK", "Content-Type: application/json\r\n", "<html>"));
    assert_eq!(broken.outcome, Outcome::Delivered);
    assert!(
        broken
            .answer
            .unwrap()
            .body_note
            .unwrap()
            .contains("not: spec-kitty fails")
    );
}

#[test]
fn any_other_complete_answer_is_refused_and_no_redirect_is_followed() {
    for status in [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 599] {
        let report = answered(sized(&format!("{status} X"), "Retry-After: 7\r\n", "no"));
        let answer = report.answer.unwrap();
        assert_eq!((report.outcome, answer.status), (Outcome::Refused, status));
        assert!(answer.advice().is_some(), "{status}");
    }
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let location = "Location: http://127.0.0.1:9/elsewhere\r\n";
        let report = answered(sized(&format!("{status} X"), location, ""));
        assert_eq!(report.outcome, Outcome::Refused, "{status}");
        assert!(
            report
                .answer
                .unwrap()
                .advice()
                .unwrap()
                .contains("http://127.0.0.1:9,")
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_unknown_for_2xx_and_refused_otherwise() {
    let cut = "\r\nContent-Length: 99\r\n\r\n0123456789";
    let report = answered(format!("HTTP/1.1 200 OK{cut}"));
    assert_eq!(report.outcome, Outcome::Unknown);
    assert_eq!(report.failure.unwrap().phase, Phase::ReadAnswer);
    assert_eq!(
        report.answer.unwrap().body_note.as_deref(),
        Some("2xx but answer unreadable: broke off after 10 of 99 bytes")
    );
    assert_eq!(answered(format!("HTTP/1.1 500 X{cut}")).outcome, Outcome::Refused);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(answered(format!("{chunked}5\r\nhe")).outcome, Outcome::Unknown);
    assert_eq!(answered(format!("{chunked}zz\r\nhe")).outcome, Outcome::Unknown);
    let (hanging, _) = publish_within(BRIEF, SHORT, move |exchange, gone| {
        exchange.answer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf");
        exchange.hang(gone);
    });
    assert_eq!(hanging.outcome, Outcome::Unknown);
    assert!(
        hanging
            .failure
            .unwrap()
            .message
            .contains("nothing came for 0.3 s")
    );
}

#[test]
fn what_is_not_a_complete_response_head_is_unknown() {
    for answer in [
        "",
        "nonsense\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/9.9 200 OK\r\n\r\n",
    ] {
        let report = answered(answer);
        assert_eq!(report.outcome, Outcome::Unknown, "{answer:?}");
        let failure = report.failure.unwrap();
        assert_eq!(failure.phase, Phase::AwaitAnswer, "{answer:?}");
        assert!(failure.next.contains("the server may have it"));
    }
    let huge_head = answered(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(200_000)));
    assert_eq!(huge_head.outcome, Outcome::Unknown);
}

#[test]
fn silence_ends_with_the_timeout() {
    let (unanswered, _) = publish_within(BRIEF, SHORT, |exchange, gone| {
        exchange.read_all();
        exchange.hang(gone);
    });
    assert_eq!(unanswered.outcome, Outcome::Unknown);
    let failure = unanswered.failure.unwrap();
    assert_eq!(failure.phase, Phase::AwaitAnswer);
    assert!(failure.message.starts_with("no answer from http://127.0.0.1:"));

    let (unread, _) = publish_within(BRIEF, LONG, |exchange, gone| {
        exchange.read_head();
        exchange.hang(gone);
    });
    assert_eq!(unread.outcome, Outcome::Unknown);
    assert_eq!(unread.failure.unwrap().phase, Phase::SendBody);
    assert!(unread.bytes_sent > 0 && unread.bytes_sent < LONG as u64);
}

#[test]
fn a_head_in_single_bytes_is_read() {
    let (report, _) = publish(SHORT, |exchange, _| {
        exchange.read_all();
        exchange.stream.set_nodelay(true).unwrap();
        for byte in sized("200 OK", "X: y\r\n", "ok").bytes() {
            exchange.write([byte]);
        }
    });
    assert_eq!(report.outcome, Outcome::Delivered);
}

#[test]
fn a_reset_at_any_point_is_never_called_not_sent_once_the_server_has_body_bytes() {
    let (before_reading, _) = publish(LONG, |exchange, _| exchange.await_bytes());
    assert_ne!(before_reading.outcome, Outcome::Delivered);
    assert_eq!(
        before_reading.outcome == Outcome::NotSent,
        before_reading.bytes_sent == 0
    );
    for read in [0, 1, 100, 65_535, 1 << 20, LONG - 1] {
        let (report, _) = publish(LONG, move |exchange, _| {
            exchange.read_head();
            exchange.read_body(read);
            if read < LONG {
                exchange.await_bytes();
            }
        });
        assert_eq!(report.outcome, Outcome::Unknown, "after {read} bytes");
        assert!(report.bytes_sent > read as u64, "after {read} bytes");
    }
    for read in (0..=SHORT).step_by(100) {
        let (report, _) = publish(SHORT, move |exchange, _| {
            exchange.read_head();
            exchange.read_body(read);
        });
        assert!(matches!(report.outcome, Outcome::Unknown | Outcome::NotSent));
        assert_eq!(report.outcome == Outcome::NotSent, report.bytes_sent == 0);
        assert!(
            report.outcome == Outcome::Unknown || read == 0,
            "after {read} bytes"
        );
    }
}

#[test]
fn an_answer_that_comes_before_the_body_is_read_counts() {
    let (report, _) = publish_within(BRIEF, LONG, |exchange, gone| {
        exchange.read_head();
        exchange.write(sized("413 Content Too Large", "", "too large"));
        exchange.hang(gone);
    });
    assert_eq!(report.outcome, Outcome::Refused);
    assert_eq!(report.answer.unwrap().body, b"too large");
    assert!(report.bytes_sent < LONG as u64);
}

#[test]
fn a_refused_port_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), None),
        &Arc::new(Watch::new()),
    );
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
    let failure = report.failure.unwrap();
    assert_eq!(failure.phase, Phase::Connect);
    assert!(failure.message.ends_with("refused the connection"));
}

#[test]
fn a_host_without_address_is_not_sent() {
    let endpoint = Endpoint::new("http://no-such-host.invalid").unwrap();
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), None),
        &Arc::new(Watch::new()),
    );
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
    assert_eq!(report.failure.unwrap().phase, Phase::Lookup);
}

#[test]
fn a_server_without_tls_gets_no_body_over_https() {
    let server = Server::start(|exchange, _| {
        exchange.await_bytes();
        exchange.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let endpoint = Endpoint::new(&format!("https://{}", server.address)).unwrap();
    let token = Secret::new("hidden-token");
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
    let token = Secret::new("t");
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
        .args(["--exact", "with_the_test_certificate_trusted", "--ignored"])
        .env("SSL_CERT_FILE", tls::CERTIFICATE_FILE)
        .output()
        .unwrap();
    assert!(half.status.success(), "{}", String::from_utf8_lossy(&half.stdout));
}

#[test]
fn a_token_that_no_header_can_hold_is_not_sent() {
    let server = Server::start(|_, _| {});
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let token = Secret::new("hidden\r\nX-Injected: 1");
    let report = send(
        request(&endpoint, &mut body(SHORT).as_slice(), Some(&token)),
        &Arc::new(Watch::new()),
    );
    assert!(server.finish().is_empty());
    assert_eq!(report.outcome, Outcome::NotSent);
    assert!(!format!("{report:?}").contains("hidden"));
}

#[test]
fn a_huge_answer_is_bounded() {
    let report = answered(sized("200 OK", "", &"x".repeat(40 << 20)));
    let answer = report.answer.unwrap();
    assert_eq!(report.outcome, Outcome::Delivered);
    assert_eq!((answer.body.len(), answer.truncated), (Answer::MAX_BODY, true));
    assert!(answer.body_note.unwrap().contains("not read to its end"));
}

#[test]
fn stopping_while_the_answer_is_awaited_leaves_it_unknown() {
    let server = Server::start(|exchange, gone| {
        exchange.read_all();
        exchange.signal();
        exchange.hang(gone);
    });
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let watch = Arc::new(Watch::new());
    let sending = {
        let watch = Arc::clone(&watch);
        std::thread::spawn(move || {
            let body = body(SHORT);
            let mut body = body.as_slice();
            let patient = Request {
                timeout: Duration::from_secs(100),
                ..request(&endpoint, &mut body, None)
            };
            send(patient, &watch)
        })
    };
    server.events.recv().unwrap();
    assert_eq!(watch.progress().body_bytes, SHORT as u64);
    watch.cancel();
    let report = sending.join().unwrap();
    assert_eq!(server.finish().len(), 1);
    assert_eq!(
        (report.outcome, report.bytes_sent),
        (Outcome::Unknown, SHORT as u64)
    );
    assert!(report.failure.unwrap().message.starts_with("stopped while"));
    assert!(report.elapsed < Duration::from_secs(50));
}

#[test]
fn stopping_before_the_start_sends_nothing() {
    let server = Server::start(|_, _| {});
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let watch = Arc::new(Watch::new());
    watch.cancel();
    let report = send(request(&endpoint, &mut body(SHORT).as_slice(), None), &watch);
    drop(server);
    assert_eq!((report.outcome, report.bytes_sent), (Outcome::NotSent, 0));
}

#[test]
fn a_body_shorter_than_announced_is_an_error_and_not_an_endless_loop() {
    let server = Server::start(|exchange, _| {
        exchange.read_head();
        exchange.read_body(SHORT);
    });
    let endpoint = Endpoint::new(&format!("http://{}", server.address)).unwrap();
    let short = body(SHORT);
    let mut short = short.as_slice();
    let announced = Request {
        body_bytes: SHORT as u64 + 1,
        ..request(&endpoint, &mut short, None)
    };
    let report = send(announced, &Arc::new(Watch::new()));
    server.finish();
    assert_eq!(
        (report.outcome, report.bytes_sent),
        (Outcome::Unknown, SHORT as u64)
    );
    assert!(
        report
            .failure
            .unwrap()
            .message
            .contains("1 bytes are missing at its end")
    );
}

/// A proxy at the address, with credentials.
fn proxy_at(server: &Server) -> Proxy {
    Proxy {
        tls: false,
        host: server.address.ip().to_string(),
        port: server.address.port(),
        credentials: Some((Secret::new("user"), Secret::new("p:w"))),
    }
}

#[test]
fn plain_http_is_forwarded_by_the_proxy() {
    let server = Server::start(|exchange, _| exchange.answer(sized("200 OK", "", "via")));
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
    let token = Secret::new("hidden-token");
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
