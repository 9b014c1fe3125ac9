//! Says what broke and what to do next. No text here comes from the request's headers.

use std::io;
use std::time::Duration;

use crate::domain::endpoint::Endpoint;
use crate::domain::proxy::Proxy;
use crate::domain::publish::{Outcome, Phase};

use super::{Broken, Watch};

/// Who was talked to, for the words.
pub(super) struct Peer {
    origin: String,
    timeout: Duration,
}

impl Peer {
    pub(super) fn new(endpoint: &Endpoint, proxy: Option<&Proxy>, timeout: Duration) -> Self {
        let origin = match proxy {
            Some(proxy) => format!("the proxy {}", proxy.origin()),
            None => endpoint.origin(),
        };
        Self { origin, timeout }
    }
}

/// What happened.
pub(super) fn message(broken: &Broken, watch: &Watch, peer: &Peer) -> String {
    let origin = &peer.origin;
    if watch.is_cancelled() {
        return format!("stopped while {}", watch.phase().doing());
    }
    match broken {
        Broken::Unsendable(reason) => (*reason).to_owned(),
        Broken::Wire(ureq::Error::Io(error)) | Broken::Body(error) if watch.has_body_failed() => {
            format!("the body could not be read: {error}")
        }
        Broken::Wire(ureq::Error::Timeout(limit)) => timed_out(*limit, watch.phase(), peer),
        Broken::Wire(ureq::Error::Io(error)) => io_message(error, watch.phase(), origin),
        Broken::Wire(ureq::Error::HostNotFound) => format!("no address found for {origin}"),
        Broken::Wire(ureq::Error::ConnectProxyFailed(reason)) => {
            format!("no tunnel through {origin}: {reason}")
        }
        Broken::Wire(ureq::Error::Protocol(error)) => format!("{origin} does not answer in HTTP: {error}"),
        Broken::Wire(error) => format!("{origin}: {error}"),
        Broken::Body(error) => body_message(error, peer),
    }
}

fn io_message(error: &io::Error, phase: Phase, origin: &str) -> String {
    match error.kind() {
        _ if phase == Phase::Lookup => format!("no address found for {origin}: {error}"),
        io::ErrorKind::ConnectionRefused => format!("{origin} refused the connection"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            format!("{origin} reset the connection while {}", phase.doing())
        }
        io::ErrorKind::UnexpectedEof => format!("{origin} closed the connection without a complete answer"),
        _ => format!("{origin}: {error} (while {})", phase.doing()),
    }
}

/// How long a whole step may take, given how long it may go without progress.
pub(super) fn whole(timeout: Duration) -> Duration {
    timeout * 3
}

fn timed_out(limit: ureq::Timeout, phase: Phase, peer: &Peer) -> String {
    use ureq::Timeout as Limit;
    let origin = &peer.origin;
    let seconds = peer.timeout.as_secs_f64();
    let in_all = whole(peer.timeout).as_secs_f64();
    match phase {
        Phase::Connect | Phase::Handshake if limit == Limit::Connect => {
            format!("no connection to {origin} was ready within {in_all} s")
        }
        Phase::AwaitAnswer if limit == Limit::RecvResponse => {
            format!("the answer of {origin} trickled: no complete head within {in_all} s")
        }
        Phase::Prepare | Phase::Lookup => format!("no address for {origin} within {seconds} s"),
        Phase::Connect => format!("no connection to {origin} within {seconds} s"),
        Phase::Handshake => format!("{origin} did not complete the handshake: silent for {seconds} s"),
        Phase::SendBody => format!("{origin} took no data for {seconds} s"),
        Phase::AwaitAnswer | Phase::ReadAnswer => format!("no answer from {origin} for {seconds} s"),
    }
}

fn body_message(error: &io::Error, peer: &Peer) -> String {
    let wire = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<ureq::Error>());
    match wire {
        Some(ureq::Error::Timeout(ureq::Timeout::RecvBody)) => {
            let in_all = whole(peer.timeout).as_secs_f64();
            format!("the answer trickled: its body was not complete within {in_all} s")
        }
        Some(ureq::Error::Timeout(_)) => {
            format!(
                "the answer stopped: nothing came for {} s",
                peer.timeout.as_secs_f64()
            )
        }
        Some(ureq::Error::Protocol(error)) => format!("the answer's body is garbled: {error}"),
        _ => format!("the answer broke off: {error}"),
    }
}

/// What to do next.
pub(super) fn next_step(outcome: Outcome, phase: Phase) -> &'static str {
    match (outcome, phase) {
        (Outcome::Delivered | Outcome::Refused, _) => "the status stands: read it as the outcome",
        (Outcome::Unknown, _) => {
            "the server may have it: look there, or send the same bytes with the same key again"
        }
        (Outcome::NotSent, Phase::Prepare) => "nothing was sent: mend what is named, then publish again",
        (Outcome::NotSent, Phase::Lookup) => {
            "nothing was sent: check the host in the server URL and the network"
        }
        (Outcome::NotSent, Phase::Connect) => {
            "nothing was sent: check that the server runs and its port is right"
        }
        (Outcome::NotSent, Phase::Handshake) => {
            "nothing was sent: check scheme, port, proxy and certificate of the server"
        }
        (Outcome::NotSent, _) => "nothing was sent: publish again",
    }
}
