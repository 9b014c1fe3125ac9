//! A server on loopback that keeps what it is sent and answers 200.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use crate::world::Request;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
const COMPARED: [&str; 3] = ["content-type", "idempotency-key", "authorization"];
/// The first line of the connection that asks for an end mark.
const END: &[u8] = b"END / HTTP/1.1\r\n\r\n";

pub struct Receiver {
    port: u16,
    received: mpsc::Receiver<Result<Request, String>>,
}

impl Receiver {
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let (send, received) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let request = stream.and_then(answer).map_err(|error| error.to_string());
                if send.send(request).is_err() {
                    break;
                }
            }
        });
        Ok(Self { port, received })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything received so far. Connections are taken one after the other, so a last one of our own marks the end.
    pub fn drain(&self) -> io::Result<Vec<Result<Request, String>>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(END)?;
        let is_end =
            |request: &Result<Request, String>| request.as_ref().is_ok_and(|request| request.method == "END");
        Ok(self
            .received
            .iter()
            .take_while(|request| !is_end(request))
            .collect())
    }
}

fn answer(mut stream: TcpStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let request = receive(&mut BufReader::new(&stream))?;
    stream.write_all(ANSWER)?;
    Ok(request)
}

fn receive(stream: &mut impl BufRead) -> io::Result<Request> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    // A TLS greeting has no line to wait for.
    if stream
        .fill_buf()?
        .first()
        .is_none_or(|byte| !byte.is_ascii_uppercase())
    {
        return Err(bad("no HTTP request"));
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut head)? == 0 {
            return Err(bad("the head broke off"));
        }
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (
        first.next().unwrap_or_default().to_owned(),
        first.next().unwrap_or_default().to_owned(),
    );
    let fields: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let values = |name: &str| {
        fields
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| (*value).to_owned())
            .collect::<Vec<_>>()
    };
    let length = values("content-length")
        .first()
        .map_or(Ok(0), |text| text.parse::<usize>())
        .map_err(io::Error::other)?;
    if !values("transfer-encoding").is_empty() {
        return Err(bad("a body of unannounced length"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let headers: BTreeMap<_, _> = COMPARED
        .iter()
        .map(|name| ((*name).to_owned(), values(name)))
        .collect();
    Ok(Request {
        method,
        path,
        headers,
        body: String::from_utf8(body).map_err(io::Error::other)?,
    })
}
