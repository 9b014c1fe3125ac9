//! An HTTP server on loopback that misbehaves as told and remembers what reached it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What one connection brought.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Request line and headers; empty when they were not read.
    pub head: String,
    /// The part of the body that was read.
    pub body: Vec<u8>,
}

impl Seen {
    /// The request line.
    pub fn request_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// All values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The announced length of the body; 0 when none is.
    pub fn content_length(&self) -> usize {
        let lengths = self.header("content-length");
        lengths.first().map_or(0, |length| length.parse().unwrap())
    }
}

/// One connection in the hands of a script. Dropping it with unread bytes resets the connection.
pub struct Exchange {
    pub stream: TcpStream,
    pub seen: Seen,
    events: Sender<()>,
}

impl Exchange {
    /// Tells the test that the script has come here.
    pub fn signal(&self) {
        self.events.send(()).unwrap();
    }

    /// Waits until something can be read, and leaves it unread.
    pub fn await_bytes(&mut self) {
        self.stream.peek(&mut [0]).unwrap();
    }

    /// Reads request line and headers.
    pub fn read_head(&mut self) {
        let mut byte = [0];
        while !self.seen.head.ends_with("\r\n\r\n") {
            self.stream.read_exact(&mut byte).unwrap();
            self.seen.head.push(char::from(byte[0]));
        }
    }

    /// Reads so many bytes of the body.
    pub fn read_body(&mut self, bytes: usize) {
        let start = self.seen.body.len();
        self.seen.body.resize(start + bytes, 0);
        self.stream.read_exact(&mut self.seen.body[start..]).unwrap();
    }

    /// Reads the whole request.
    pub fn read_all(&mut self) {
        self.read_head();
        self.read_body(self.seen.content_length());
    }

    /// Writes bytes; the client may be gone.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Reads the request and gives an answer.
    pub fn answer(&mut self, bytes: impl AsRef<[u8]>) {
        self.read_all();
        self.write(bytes);
    }
}

/// An answer with its length.
pub fn sized(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Leaves the connection open and silent until the client has left.
pub fn hang(gone: &Receiver<()>) {
    let _ = gone.recv();
}

/// The server. Connections are served one after the other.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    pub events: Receiver<()>,
    leave: Sender<()>,
}

impl Server {
    /// Starts a server that treats every connection as the script says. The script's second argument reports that
    /// the client has left.
    pub fn start(script: impl FnMut(&mut Exchange, &Receiver<()>) + Send + 'static) -> Self {
        Self::on("127.0.0.1:0", script)
    }

    /// Starts one that reads requests and gives these answers in turn, then none.
    pub fn answering(answers: impl IntoIterator<Item: AsRef<[u8]>, IntoIter: Send + 'static>) -> Self {
        let mut answers = answers.into_iter();
        Self::start(move |exchange, _| {
            exchange.read_all();
            if let Some(answer) = answers.next() {
                exchange.write(answer);
            }
        })
    }

    /// [`Self::start`] on an address.
    pub fn on(address: &str, mut script: impl FnMut(&mut Exchange, &Receiver<()>) + Send + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stopping = Arc::new(AtomicBool::new(false));
        let (events_in, events) = mpsc::channel();
        let (leave, gone) = mpsc::channel();
        let (ledger, stop) = (Arc::clone(&seen), Arc::clone(&stopping));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let mut exchange = Exchange {
                    stream: stream.unwrap(),
                    seen: Seen::default(),
                    events: events_in.clone(),
                };
                script(&mut exchange, &gone);
                ledger.lock().unwrap().push(exchange.seen);
            }
        });
        Self {
            address,
            seen,
            stopping,
            thread,
            events,
            leave,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops the server and tells what reached it.
    pub fn finish(self) -> Vec<Seen> {
        drop(self.leave);
        self.stopping.store(true, Ordering::SeqCst);
        let _wake = TcpStream::connect(self.address).unwrap();
        self.thread.join().unwrap();
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}
