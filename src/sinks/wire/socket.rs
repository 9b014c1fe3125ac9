//! The socket below the HTTP client: it counts what the operating system took, can be stopped at any time, and goes on
//! to read the answer when the server stops reading (as httpcore does).

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, time,
};
use ureq::{Error, Timeout};

use crate::domain::publish::Phase;

use super::{Watch, words};

/// How long a call may block before it looks whether the request was stopped.
const SLICE: Duration = Duration::from_millis(50);

/// Leaves the lookup to [`SocketConnector`], which can be stopped while it waits.
#[derive(Debug)]
pub(super) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Looks the host up and opens the connection.
#[derive(Debug)]
pub(super) struct SocketConnector {
    watch: Arc<Watch>,
    timeout: Duration,
}

impl SocketConnector {
    pub(super) fn new(watch: &Arc<Watch>, timeout: Duration) -> Self {
        let watch = Arc::clone(watch);
        Self { watch, timeout }
    }

    fn open(&self, host: &str, port: u16) -> Result<TcpStream, Error> {
        self.watch.enter(Phase::Lookup);
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let addresses: Vec<SocketAddr> = self.patiently(Timeout::Resolve, self.timeout, move || {
            (name.as_str(), port).to_socket_addrs().map(Iterator::collect)
        })?;
        self.watch.enter(Phase::Connect);
        let mut last = Error::HostNotFound;
        let begun = Instant::now();
        for address in addresses {
            // A name may have any number of addresses.
            let timeout = self
                .timeout
                .min(words::whole(self.timeout).saturating_sub(begun.elapsed()));
            if timeout.is_zero() {
                break;
            }
            // The connect itself has the timeout; the wait for it is only the way to be stopped.
            let wait = timeout + SLICE;
            match self.patiently(Timeout::Connect, wait, move || {
                TcpStream::connect_timeout(&address, timeout)
            }) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(SLICE))?;
                    stream.set_write_timeout(Some(SLICE))?;
                    self.watch.enter(Phase::Handshake);
                    return Ok(stream);
                }
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    last = Error::Timeout(Timeout::Connect);
                }
                Err(error) => last = error,
            }
            if self.watch.is_cancelled() {
                break;
            }
        }
        Err(last)
    }

    /// Runs a call that cannot be interrupted beside this thread. When it is given up its result is dropped.
    fn patiently<T: Send + 'static>(
        &self,
        reason: Timeout,
        limit: Duration,
        call: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (result, results) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name("catseye-connect".to_owned())
            .spawn(move || result.send(call()))?;
        let started = Instant::now();
        loop {
            if self.watch.is_cancelled() {
                return Err(stopped());
            }
            match results.recv_timeout(SLICE) {
                Ok(result) => return result.map_err(Error::Io),
                Err(RecvTimeoutError::Timeout) if started.elapsed() < limit => {}
                Err(_) => return Err(Error::Timeout(reason)),
            }
        }
    }
}

impl<In: Transport> Connector<In> for SocketConnector {
    type Out = Either<In, Socket>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let host = details.uri.host().ok_or(Error::HostNotFound)?;
        let scheme_port = if details.needs_tls() { 443 } else { 80 };
        let stream = self.open(host, details.uri.port_u16().unwrap_or(scheme_port))?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(Either::B(Socket {
            stream,
            buffers,
            watch: Arc::clone(&self.watch),
        })))
    }
}

/// One TCP connection.
pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
    watch: Arc<Watch>,
}

impl Socket {
    /// Whether something to read has come while there was something to write.
    fn has_input(&self) -> bool {
        let looked = self
            .stream
            .set_nonblocking(true)
            .and_then(|()| self.stream.peek(&mut [0]));
        self.stream.set_nonblocking(false).is_ok() && looked.is_ok_and(|bytes| bytes > 0)
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let mut sent = 0;
        while sent < amount && !self.watch.stopped_sending() {
            let rest = &self.buffers.output()[sent..amount];
            match in_slices(&self.watch, timeout.for_write(), || (&self.stream).write(rest)) {
                Ok(bytes) if bytes > 0 => {
                    self.watch.wrote(bytes);
                    sent += bytes;
                }
                Err(error @ Error::Timeout(_)) if !self.has_input() => return Err(error),
                Err(error) if self.watch.is_cancelled() || !self.watch.body_begun() => return Err(error),
                // The server closed or answers without reading on: its answer tells what became of the request.
                Ok(_) | Err(_) => self.watch.stop_sending(),
            }
        }
        self.watch.flushed();
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let room = self.buffers.input_append_buf();
        let bytes = in_slices(&self.watch, timeout.for_read(), || (&self.stream).read(room))
            .inspect_err(|_| self.watch.read_failed())?;
        self.buffers.input_appended(bytes);
        Ok(bytes > 0)
    }

    fn is_open(&mut self) -> bool {
        !self.watch.stopped_sending()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

/// Repeats a call that blocks for a [`SLICE`] at most, until it gets through, the limit has passed or the request is
/// stopped.
fn in_slices<T>(
    watch: &Watch,
    limit: NextTimeout,
    mut call: impl FnMut() -> io::Result<T>,
) -> Result<T, Error> {
    let started = Instant::now();
    loop {
        if watch.is_cancelled() {
            return Err(stopped());
        }
        match call() {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if matches!(limit.after, time::Duration::Exact(limit) if started.elapsed() >= limit) {
                    return Err(Error::Timeout(limit.reason));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(Error::Io),
        }
    }
}

fn stopped() -> Error {
    Error::Io(io::Error::other("stopped"))
}

/// Puts the last layer above TLS, where request and answer are plain text.
#[derive(Debug)]
pub(super) struct PlainConnector {
    watch: Arc<Watch>,
    absolute_origin: Option<String>,
}

impl PlainConnector {
    pub(super) fn new(watch: &Arc<Watch>, absolute_origin: Option<String>) -> Self {
        let watch = Arc::clone(watch);
        Self {
            watch,
            absolute_origin,
        }
    }
}

impl<In: Transport> Connector<In> for PlainConnector {
    type Out = Plain<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Plain {
            inner,
            absolute_origin: self.absolute_origin.clone(),
            watch: Arc::clone(&self.watch),
        }))
    }
}

/// The plain side of the connection: notes when the answer begins, and writes the absolute URL into the request line
/// for a proxy that forwards (ureq would ask it for a tunnel, which proxies refuse for port 80).
#[derive(Debug)]
pub(super) struct Plain<T> {
    inner: T,
    absolute_origin: Option<String>,
    watch: Arc<Watch>,
}

impl<T: Transport> Transport for Plain<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, mut amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(origin) = self.absolute_origin.take() {
            let method = "POST ".len();
            let output = self.inner.buffers().output();
            if amount + origin.len() > output.len() {
                return Err(Error::BadUri("too long for a proxy".to_owned()));
            }
            output.copy_within(method..amount, method + origin.len());
            output[method..method + origin.len()].copy_from_slice(origin.as_bytes());
            amount += origin.len();
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let progress = self.inner.await_input(timeout)?;
        if progress {
            self.watch.got_input();
        }
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
