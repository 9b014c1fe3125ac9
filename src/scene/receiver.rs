//! The scene's server: takes snapshots on 127.0.0.1, keeps what came, answers like a server that honours the
//! idempotency key. One connection at a time, everything bounded, no answer to anything but a POST with a length.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::domain::exchange::Message;
use crate::domain::figures::grouped;
use crate::domain::secret::Secret;

/// Longest request head.
const MAX_HEAD: u64 = 64 << 10;
/// Longest body.
const MAX_BODY: u64 = 256 << 20;
/// How long a silent peer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Method and target.
    pub request_line: String,
    /// Every `Idempotency-Key`.
    pub idempotency_key: Vec<String>,
    /// Every `Content-Type`.
    pub content_type: Vec<String>,
    /// Every `Authorization`.
    pub authorization: Vec<Secret>,
    /// Bytes of the body.
    pub body_bytes: u64,
    /// BLAKE3 of the body, in hex.
    pub body_blake3: String,
    /// The body, when bodies are kept.
    pub body: Vec<u8>,
}

impl Received {
    /// For comparing with another request.
    pub fn message(&self) -> Message<'_> {
        Message {
            request_line: self.request_line.clone(),
            content_type: self.content_type.clone(),
            idempotency_key: self.idempotency_key.clone(),
            authorization: self.authorization.clone(),
            body: &self.body,
        }
    }
}

/// The running receiver; stops when it is dropped.
pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Listens on a free port of 127.0.0.1; of bodies only length and digest are kept.
    pub fn start() -> io::Result<Self> {
        Self::listen(false)
    }

    /// The same with the bodies.
    pub fn recording() -> io::Result<Self> {
        Self::listen(true)
    }

    fn listen(keep_bodies: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let received = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("receiver".to_owned()).spawn({
            let (received, stop) = (Arc::clone(&received), Arc::clone(&stop));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    // A peer that breaks off or talks nonsense gets no answer; the next one does.
                    let _ = stream.and_then(|stream| serve(&stream, &received, keep_bodies));
                }
            }
        })?;
        Ok(Self {
            address,
            received,
            stop,
            thread: Some(thread),
        })
    }

    /// The server URL to publish to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came last, beside what was planned.
    pub fn compare(&self, idempotency_key: &str, body_bytes: u64, body_blake3: &str) -> String {
        let Some(last) = self.received().pop() else {
            return "nothing came here".to_owned();
        };
        let same = |is_same: bool| if is_same { "as planned" } else { "NOT as planned" };
        format!(
            "{}, {} bytes {}, digest {}, key {}, {}",
            last.request_line,
            grouped(last.body_bytes),
            same(last.body_bytes == body_bytes),
            same(last.body_blake3 == body_blake3),
            same(last.idempotency_key == [idempotency_key]),
            if last.authorization.is_empty() {
                "without a token"
            } else {
                "with a token"
            },
        )
    }

    /// What came since the last time, oldest first.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What came so far, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: &TcpStream, received: &Mutex<Vec<Received>>, keep_bodies: bool) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let Some((mut request, length)) = read_head(&mut reader)? else {
        return Ok(());
    };
    let Some(length) = length.filter(|length| *length <= MAX_BODY) else {
        return answer(
            stream,
            "411 Length Required",
            "{\"error\":\"a Content-Length is required\"}",
        );
    };
    let mut kept = Kept {
        hasher: blake3::Hasher::new(),
        body: keep_bodies.then(Vec::new),
    };
    let read = io::copy(&mut reader.take(length), &mut kept)?;
    if read < length {
        return Ok(());
    }
    request.body_bytes = length;
    request.body_blake3 = kept.hasher.finalize().to_hex().to_string();
    request.body = kept.body.unwrap_or_default();
    let (receipt, replayed) = {
        let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
        let replayed = received
            .iter()
            .any(|earlier| earlier.idempotency_key == request.idempotency_key);
        received.push(request);
        (received.len(), replayed)
    };
    let body =
        format!("{{\"receipt\":\"demo-{receipt}\",\"received_bytes\":{length},\"replayed\":{replayed}}}");
    answer(stream, "200 OK", &body)
}

/// What is kept of a body while it comes in.
struct Kept {
    hasher: blake3::Hasher,
    body: Option<Vec<u8>>,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        if let Some(body) = &mut self.body {
            body.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A request without its body, and the length that is announced for that; `None` when the peer says nothing, or no HTTP.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<(Received, Option<u64>)>> {
    // A TLS greeting has no line to wait for.
    let first = reader.fill_buf()?.first();
    if first.is_none_or(|byte| !byte.is_ascii_uppercase()) {
        return Ok(None);
    }
    let mut lines = reader.take(MAX_HEAD).lines();
    let Some(request_line) = lines.next().transpose()? else {
        return Ok(None);
    };
    let mut request = Received {
        request_line: request_line.trim_end_matches(" HTTP/1.1").to_owned(),
        ..Received::default()
    };
    let mut length = None;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "content-type" => request.content_type.push(value),
            "idempotency-key" => request.idempotency_key.push(value),
            "authorization" => request.authorization.push(Secret::new(value)),
            _ => {}
        }
    }
    Ok(Some((request, length)))
}

fn answer(mut stream: &TcpStream, status: &str, body: &str) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
