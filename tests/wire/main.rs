//! The one POST against a server that misbehaves: outcome, bytes sent and the number of requests, case by case.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod answers;
mod proxied;
mod secure;
mod silence;
#[path = "../support/mod.rs"]
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
use support::fault_server::{Exchange, Seen, Server, hang, sized};
use support::tls;

/// Longer than what the sockets of both sides hold, where the server must be able to stop the body midway.
const LONG: usize = 24 << 20;
const SHORT: usize = 3000;
/// The patience with servers that fall silent.
const BRIEF: Duration = Duration::from_secs(2);

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
    let endpoint = Endpoint::new(&server.url()).unwrap();
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
