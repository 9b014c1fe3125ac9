//! Servers that break off, fall silent or are not there, and requests that are stopped.

use super::*;

#[test]
fn silence_ends_with_the_timeout() {
    let (unanswered, _) = publish_within(BRIEF, SHORT, |exchange, gone| {
        exchange.read_all();
        hang(gone);
    });
    assert_eq!(unanswered.outcome, Outcome::Unknown);
    let failure = unanswered.failure.unwrap();
    assert_eq!(failure.phase, Phase::AwaitAnswer);
    assert!(failure.message.starts_with("no answer from http://127.0.0.1:"));

    let (unread, _) = publish_within(BRIEF, LONG, |exchange, gone| {
        exchange.read_head();
        hang(gone);
    });
    assert_eq!(unread.outcome, Outcome::Unknown);
    assert_eq!(unread.failure.unwrap().phase, Phase::SendBody);
    assert!(unread.bytes_sent > 0 && unread.bytes_sent < LONG as u64);
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
        hang(gone);
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
fn stopping_while_the_answer_is_awaited_leaves_it_unknown() {
    let server = Server::start(|exchange, gone| {
        exchange.read_all();
        exchange.signal();
        hang(gone);
    });
    let endpoint = Endpoint::new(&server.url()).unwrap();
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
    let endpoint = Endpoint::new(&server.url()).unwrap();
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
    let endpoint = Endpoint::new(&server.url()).unwrap();
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
