//! Sends the one POST: no retry, no redirect, every byte of the body counted on its way out (reference 44, 46-51).
//!
//! ureq speaks HTTP and TLS; the socket below it is ours (`socket`), so that "not sent" is a fact about bytes and not a
//! guess from an error. Like httpx, the timeout holds for each read or write; and three times it for each step but the
//! sending of the body, so that a server that trickles comes to an end, too.

mod answer;
mod head;
mod socket;
mod watch;
mod words;

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector};
use ureq::{Agent, SendBody};

use crate::domain::endpoint::Endpoint;
use crate::domain::proxy::Proxy;
use crate::domain::publish::{Answer, Failure, Outcome, Phase, Report};
use crate::domain::secret::Secret;

pub use watch::{Progress, Watch};

/// Everything that is sent.
pub struct Request<'a> {
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// `Idempotency-Key`.
    pub idempotency_key: &'a str,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<&'a Secret>,
    /// The body.
    pub body: &'a mut dyn Read,
    /// The body's exact length: what `Content-Length` says.
    pub body_bytes: u64,
    /// How long each step may take without progress.
    pub timeout: Duration,
    /// The proxy to go through; the environment is not asked again.
    pub proxy: Option<&'a Proxy>,
}

/// Sends the request once and reports what became of it. `watch` shows the progress and stops it from another thread.
pub fn send(mut request: Request<'_>, watch: &Arc<Watch>) -> Report {
    let started = Instant::now();
    let peer = words::Peer::new(request.endpoint, request.proxy, request.timeout);
    let proxy = request.proxy.map(Proxy::origin);
    let body_bytes = request.body_bytes;
    watch.begin(body_bytes);
    let (answer, broken) = match exchange(&mut request, watch) {
        Ok((answer, broken)) => (Some(answer), broken),
        Err(broken) => (None, Some(broken)),
    };
    let bytes_sent = watch.bytes_sent();
    let outcome = Outcome::of(bytes_sent, answer.as_ref());
    let failure = broken.map(|broken| Failure {
        phase: watch.phase(),
        message: words::message(&broken, watch, &peer),
        next: words::next_step(outcome, watch.phase()),
    });
    Report {
        outcome,
        answer,
        failure,
        bytes_sent,
        body_bytes,
        elapsed: started.elapsed(),
        first_byte: watch.first_byte().map(|at| at.saturating_duration_since(started)),
        proxy,
    }
}

/// What stopped an exchange.
#[derive(Debug)]
enum Broken {
    /// The request cannot be put on the wire.
    Unsendable(&'static str),
    /// The exchange broke.
    Wire(ureq::Error),
    /// The answer's body broke off.
    Body(io::Error),
}

/// Sends the request and reads the answer, which may come with the reason why its body is incomplete.
fn exchange(request: &mut Request<'_>, watch: &Arc<Watch>) -> Result<(Answer, Option<Broken>), Broken> {
    let agent = agent(request, watch)?;
    let mut head = agent.post(head::uri(request)?);
    for (name, value) in head::headers(request)? {
        head = head.header_raw(name, value.as_bytes());
    }
    let mut body = CountedBody {
        source: request.body,
        left: request.body_bytes,
        watch,
    };
    let response = head
        .send(SendBody::from_reader(&mut body))
        .map_err(Broken::Wire)?;
    watch.enter(Phase::ReadAnswer);
    let (answer, error) = answer::read(response, watch);
    Ok((answer, error.map(Broken::Body)))
}

/// A client for this one request: nothing is pooled, followed, retried or taken from the environment.
fn agent(request: &Request<'_>, watch: &Arc<Watch>) -> Result<Agent, Broken> {
    let tunnel = request.proxy.filter(|_| request.endpoint.tls);
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    let config = Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(tunnel.map(head::tunnel).transpose()?)
        .tls_config(tls.build())
        .user_agent(concat!("catseye/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("")
        .timeout_per_read(Some(request.timeout))
        .timeout_per_write(Some(request.timeout))
        .timeout_connect(Some(words::whole(request.timeout)))
        .timeout_send_request(Some(words::whole(request.timeout)))
        .timeout_recv_response(Some(words::whole(request.timeout)))
        .timeout_recv_body(Some(words::whole(request.timeout)))
        .build();
    let connector = ()
        .chain(ConnectProxyConnector::default())
        .chain(socket::SocketConnector::new(watch, request.timeout))
        .chain(RustlsConnector::default())
        .chain(socket::PlainConnector::new(watch, head::absolute_origin(request)));
    Ok(Agent::with_parts(config, connector, socket::NoLookup))
}

/// The body on its way into the client: exactly as long as announced.
struct CountedBody<'a> {
    source: &'a mut dyn Read,
    left: u64,
    watch: &'a Watch,
}

impl Read for CountedBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.begin_body();
        let room = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let taken = if self.watch.stopped_sending() {
            // The server no longer reads: what is left only has to pass through the client to get at the answer.
            room
        } else {
            self.source
                .read(&mut buffer[..room])
                .inspect_err(|_| self.watch.body_failed())?
        };
        if taken == 0 && room > 0 {
            self.watch.body_failed();
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{} bytes are missing at its end", self.left),
            ));
        }
        self.left -= taken as u64;
        self.watch.took(taken as u64);
        Ok(taken)
    }
}
