//! P1: a hundred and twenty ways in which the wire breaks, each with its outcome, one connection, and an end.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use catseye::domain::endpoint::Endpoint;
use catseye::domain::publish::Outcome::{self, Delivered, NotSent, Refused, Unknown};
use catseye::domain::publish::{Answer, Phase, Report};
use catseye::sinks::wire::{Request, Watch, send};

use crate::dice::figure;
use crate::support::fault_server::{Exchange, Server, hang, sized};

/// Fits into the buffers of both sockets: it has left before the server looks.
const SHORT: usize = 3_000;
/// Does not.
const LONG: usize = 24 << 20;
/// The patience of scenarios that wait for its end, and of those that must not.
const BRIEF: Duration = Duration::from_millis(400);
const PATIENT: Duration = Duration::from_secs(30);

type Script = Box<dyn Fn(&mut Exchange, &Receiver<()>) + Send>;

struct Scenario {
    name: String,
    bytes: usize,
    timeout: Duration,
    script: Script,
    outcomes: &'static [Outcome],
}

fn scenario(
    name: impl Into<String>,
    outcomes: &'static [Outcome],
    script: impl Fn(&mut Exchange, &Receiver<()>) + Send + 'static,
) -> Scenario {
    Scenario {
        name: name.into(),
        bytes: SHORT,
        timeout: PATIENT,
        script: Box::new(script),
        outcomes,
    }
}

impl Scenario {
    fn long(self) -> Self {
        Self { bytes: LONG, ..self }
    }

    fn brief(self) -> Self {
        Self {
            timeout: BRIEF,
            ..self
        }
    }
}

pub fn request<'a>(endpoint: &'a Endpoint, body: &'a mut &[u8], timeout: Duration) -> Request<'a> {
    Request {
        endpoint,
        idempotency_key: "0a1b",
        bearer: None,
        body_bytes: body.len() as u64,
        body,
        timeout,
        proxy: None,
    }
}

fn run(scenario: Scenario) -> Report {
    let server = Server::start(scenario.script);
    let endpoint = Endpoint::new(&server.url()).unwrap();
    let sent: Vec<u8> = (0..scenario.bytes)
        .map(|at| b"0123456789abcdef"[at % 16])
        .collect();
    let mut rest = sent.as_slice();
    let report = send(
        request(&endpoint, &mut rest, scenario.timeout),
        &Arc::new(Watch::new()),
    );
    let seen = server.finish();
    let name = &scenario.name;
    assert_eq!(seen.len(), 1, "{name}: one connection, no retry");
    assert!(sent.starts_with(&seen[0].body), "{name}: the body as it is");
    assert!(
        seen[0].body.len() as u64 <= report.bytes_sent,
        "{name}: an uncounted byte"
    );
    assert!(scenario.outcomes.contains(&report.outcome), "{name}: {report:?}");
    assert_eq!(
        report.outcome == NotSent,
        report.bytes_sent == 0 && report.answer.is_none(),
        "{name}"
    );
    if let Some(answer) = &report.answer {
        assert!(answer.body.len() <= Answer::MAX_BODY, "{name}: bounded");
    }
    let told = report.failure.is_some() || report.answer.is_some();
    assert!(told, "{name}: it says why");
    report
}

/// The server answers with these bytes when it has read all.
fn answers(name: impl Into<String>, outcomes: &'static [Outcome], bytes: impl Into<Vec<u8>>) -> Scenario {
    let bytes = bytes.into();
    scenario(name, outcomes, move |exchange, _| exchange.answer(&bytes))
}

/// Statuses, whole.
fn statuses() -> Vec<Scenario> {
    let mut all = Vec::new();
    for status in [200, 201, 202, 203, 206, 207, 226, 299] {
        all.push(answers(
            format!("{status}"),
            &[Delivered],
            sized(&format!("{status} X"), "", "ok"),
        ));
    }
    for status in [204, 205] {
        all.push(answers(
            format!("{status}"),
            &[Delivered],
            format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"),
        ));
    }
    for status in [300, 301, 302, 303, 307, 308] {
        for location in [
            "http://127.0.0.1:9/",
            "/login",
            "//other.example/",
            "https://u:p@h.example:1/x",
            "",
            "\u{7f}",
        ] {
            let header = format!("Location: {location}\r\n");
            all.push(answers(
                format!("{status} to {location:?}"),
                &[Refused, Unknown],
                sized(&format!("{status} X"), &header, ""),
            ));
        }
    }
    for status in [
        304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 411, 413, 415, 417, 422, 425, 426, 428, 431, 451,
    ] {
        all.push(answers(
            format!("{status}"),
            &[Refused],
            sized(&format!("{status} X"), "", if status == 304 { "" } else { "no" }),
        ));
    }
    for after in [
        "7",
        "Wed, 21 Oct 2065 07:28:00 GMT",
        "-1",
        "soon",
        "99999999999999999999",
        "",
    ] {
        for status in [429, 503] {
            let header = format!("Retry-After: {after}\r\n");
            all.push(answers(
                format!("{status} after {after:?}"),
                &[Refused],
                sized(&format!("{status} X"), &header, "no"),
            ));
        }
    }
    for status in [500, 501, 502, 504, 507, 511, 599] {
        all.push(answers(
            format!("{status}"),
            &[Refused],
            sized(&format!("{status} X"), "", "no"),
        ));
    }
    all
}

/// Bytes that are no answer, or one that breaks off.
fn broken_answers() -> Vec<Scenario> {
    let ok = "HTTP/1.1 200 OK\r\n";
    vec![
        answers("no answer", &[Unknown], ""),
        answers("a line of garbage", &[Unknown], "garbage\r\n\r\n"),
        answers("binary garbage", &[Unknown], [0xFF, 0, 1, 2, 13, 10, 13, 10]),
        answers("another protocol", &[Unknown], "SSH-2.0-OpenSSH_9\r\n"),
        answers(
            "TLS where plain text should be",
            &[Unknown],
            [0x15, 3, 3, 0, 2, 2, 40],
        ),
        answers(
            "an HTTP/2 preface",
            &[Unknown],
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
        answers("half a status line", &[Unknown], "HTTP/1.1 2"),
        answers("half a header", &[Unknown], format!("{ok}Content-Len")),
        answers(
            "a head without its end",
            &[Unknown],
            format!("{ok}Content-Length: 2\r\n"),
        ),
        answers("an unknown version", &[Unknown], "HTTP/7.3 200 OK\r\n\r\n"),
        answers("a status of two digits", &[Unknown], "HTTP/1.1 20 OK\r\n\r\n"),
        answers("a status of four digits", &[Unknown], "HTTP/1.1 2000 OK\r\n\r\n"),
        answers(
            "a header of 200 kB",
            &[Unknown],
            format!("{ok}X: {}\r\n\r\n", "x".repeat(200_000)),
        ),
        answers(
            "5,000 headers",
            &[Unknown],
            format!("{ok}{}\r\n", "X: y\r\n".repeat(5_000)),
        ),
        answers(
            "a header with NUL",
            &[Unknown, Delivered],
            format!("{ok}X: a\0b\r\n\r\n"),
        ),
        answers(
            "a folded header",
            &[Unknown, Delivered],
            format!("{ok}X: a\r\n b\r\n\r\n"),
        ),
        answers(
            "interim answers only",
            &[Unknown],
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\n\r\n",
        ),
        answers(
            "interim answers first",
            &[Delivered],
            "HTTP/1.1 103 X\r\nLink: x\r\n\r\nHTTP/1.1 204 X\r\n\r\n",
        ),
        answers(
            "two lengths",
            &[Unknown],
            format!("{ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ),
        answers(
            "a negative length",
            &[Unknown, Delivered],
            format!("{ok}Content-Length: -1\r\n\r\nab"),
        ),
        answers(
            "a length that is no number",
            &[Unknown, Delivered],
            format!("{ok}Content-Length: x\r\n\r\nab"),
        ),
        answers(
            "a length beyond all numbers",
            &[Unknown, Delivered],
            format!("{ok}Content-Length: 99999999999999999999999\r\n\r\nab"),
        ),
        answers(
            "a body that breaks off",
            &[Unknown],
            format!("{ok}Content-Length: 99\r\n\r\nab"),
        ),
        answers(
            "a refusal whose body breaks off",
            &[Refused],
            "HTTP/1.1 500 X\r\nContent-Length: 99\r\n\r\nab",
        ),
        answers(
            "more body than announced",
            &[Delivered],
            format!("{ok}Content-Length: 2\r\n\r\nabcdefgh"),
        ),
        answers(
            "chunks",
            &[Delivered],
            format!("{ok}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
        ),
        answers(
            "chunks that break off",
            &[Unknown],
            format!("{ok}Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
        ),
        answers(
            "a chunk of no length",
            &[Unknown],
            format!("{ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nab"),
        ),
        answers(
            "a chunk beyond all numbers",
            &[Unknown],
            format!("{ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nab"),
        ),
        answers(
            "chunks and a length",
            &[Delivered, Unknown],
            format!("{ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
        ),
        answers(
            "until the end of the connection",
            &[Delivered],
            "HTTP/1.0 200 OK\r\n\r\nuntil the end",
        ),
        answers(
            "HTML for JSON",
            &[Delivered],
            sized("200 OK", "Content-Type: application/json\r\n", "<html>"),
        ),
        answers(
            "gzip that nobody asked for",
            &[Delivered],
            sized("200 OK", "Content-Encoding: gzip\r\n", "not gzip at all"),
        ),
        answers("40 MB", &[Delivered], sized("200 OK", "", &"x".repeat(40 << 20))),
        answers(
            "escapes",
            &[Delivered, Unknown],
            sized("200 \u{1b}]0;x\u{7}", "X: \u{1b}[31m\r\n", "\u{1b}[2J"),
        ),
    ]
}

/// The server stops, or breaks the connection, at each step.
fn breaks() -> Vec<Scenario> {
    let mut all = vec![
        scenario("closed at once", &[NotSent, Unknown], |_, _| {}),
        scenario("silent from the start", &[Unknown], |_, gone| hang(gone)).brief(),
        scenario("silent from the start, long", &[NotSent, Unknown], |_, gone| {
            hang(gone);
        })
        .long()
        .brief(),
        scenario("silent after the head", &[Unknown], |exchange, gone| {
            exchange.read_head();
            hang(gone);
        })
        .long()
        .brief(),
        scenario("silent after the body", &[Unknown], |exchange, gone| {
            exchange.read_all();
            hang(gone);
        })
        .brief(),
        scenario("silent within the answer's head", &[Unknown], |exchange, gone| {
            exchange.answer("HTTP/1.1 200 O");
            hang(gone);
        })
        .brief(),
        scenario("silent within the answer's body", &[Unknown], |exchange, gone| {
            exchange.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
            hang(gone);
        })
        .brief(),
        scenario("silent within a refusal's body", &[Refused], |exchange, gone| {
            exchange.answer("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nab");
            hang(gone);
        })
        .brief(),
        scenario("refused before the body is read", &[Refused], |exchange, gone| {
            exchange.read_head();
            exchange.write(sized("413 X", "", "too large"));
            hang(gone);
        })
        .long()
        .brief(),
        scenario(
            "accepted before the body is read",
            &[Delivered],
            |exchange, gone| {
                exchange.read_head();
                exchange.write(sized("200 X", "", "ok"));
                hang(gone);
            },
        )
        .long()
        .brief(),
    ];
    for read in [0, 1, 100, 2_999] {
        all.push(scenario(
            format!("reset after {read} bytes"),
            &[NotSent, Unknown],
            move |exchange, _| {
                exchange.read_head();
                exchange.read_body(read);
            },
        ));
    }
    for read in [0, 1, 65_535, 65_536, 1 << 20, LONG - 1] {
        let script = move |exchange: &mut Exchange, _: &Receiver<()>| {
            exchange.read_head();
            exchange.read_body(read);
            exchange.await_bytes();
        };
        all.push(scenario(format!("reset after {read} of many bytes"), &[Unknown], script).long());
    }
    // Byte by byte: the answer never ends in time, or does.
    for (name, outcomes, start) in [
        ("an endless head", &[Unknown] as &[_], "HTTP/1.1 200 OK\r\nX: "),
        ("an endless body", &[Unknown], "HTTP/1.1 200 OK\r\n\r\n"),
        ("an endless refusal", &[Refused], "HTTP/1.1 500 X\r\n\r\n"),
        (
            "an endless chunk",
            &[Unknown],
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
        ),
        (
            "an endless length of a chunk",
            &[Unknown],
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0",
        ),
    ] {
        all.push(
            scenario(
                format!("{name}, a byte at a time"),
                outcomes,
                move |exchange, gone| {
                    exchange.answer(start);
                    trickle(exchange, gone);
                },
            )
            .brief(),
        );
    }
    all
}

/// A byte each twentieth of a second, for as long as somebody listens. What paces it is a wait for the test's end.
fn trickle(exchange: &mut Exchange, gone: &Receiver<()>) {
    use std::sync::mpsc::RecvTimeoutError::Timeout;
    while gone.recv_timeout(Duration::from_millis(50)) == Err(Timeout) {
        exchange.write("0");
    }
}

#[test]
fn each_fault_ends_in_its_outcome() {
    let mut scenarios = statuses();
    scenarios.extend(broken_answers());
    scenarios.extend(breaks());
    let count = scenarios.len();
    assert!(count >= 118, "{count}");
    let scenarios: Vec<_> = scenarios
        .into_iter()
        .map(|scenario| std::sync::Mutex::new(Some(scenario)))
        .collect();
    let (next, longest) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let scenario = scenario.lock().unwrap().take().unwrap();
                    let report = run(scenario);
                    longest.fetch_max(
                        usize::try_from(report.elapsed.as_millis()).unwrap(),
                        Ordering::SeqCst,
                    );
                }
            });
        }
    });
    figure(
        "P1",
        format_args!(
            "{} scenarios, longest {} ms, one connection each",
            count + 2,
            longest.into_inner()
        ),
    );
}

#[test]
fn nobody_there_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for (url, phase) in [
        (refused.as_str(), Phase::Connect),
        ("http://no-such-host.invalid", Phase::Lookup),
    ] {
        let endpoint = Endpoint::new(url).unwrap();
        let report = send(
            request(&endpoint, &mut [7; SHORT].as_slice(), PATIENT),
            &Arc::new(Watch::new()),
        );
        assert_eq!((report.outcome, report.bytes_sent), (NotSent, 0), "{url}");
        assert_eq!(report.failure.unwrap().phase, phase);
    }
}

/// A handshake that trickles ends, too.
#[test]
fn a_handshake_that_never_ends_is_not_sent() {
    let server = Server::start(|exchange, gone| {
        exchange.await_bytes();
        // The start of a long record, then its bytes one by one.
        exchange.write([0x16, 3, 3, 0x3F, 0xFF]);
        trickle(exchange, gone);
    });
    let endpoint = Endpoint::new(&format!("https://{}", server.address)).unwrap();
    let report = send(
        request(&endpoint, &mut [7; SHORT].as_slice(), BRIEF),
        &Arc::new(Watch::new()),
    );
    assert_eq!(server.finish().len(), 1);
    assert_eq!((report.outcome, report.bytes_sent), (NotSent, 0));
    assert_eq!(report.failure.unwrap().phase, Phase::Handshake);
}
