//! What the server answers, and what that makes of the attempt.

use super::*;

#[test]
fn sends_the_headers_that_httpx_sends() {
    let server = Server::answering([sized("200 OK", "", "")]);
    let endpoint = Endpoint::new(&format!("http://{}/base//", server.address)).unwrap();
    let token = Secret::new(" t\u{7e}k".to_owned());
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
        hang(gone);
    });
    assert_eq!(hanging.outcome, Outcome::Unknown);
    assert!(hanging.failure.unwrap().message.contains("nothing came for 2 s"));
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
fn a_huge_answer_is_bounded() {
    let report = answered(sized("200 OK", "", &"x".repeat(40 << 20)));
    let answer = report.answer.unwrap();
    assert_eq!(report.outcome, Outcome::Delivered);
    assert_eq!((answer.body.len(), answer.truncated), (Answer::MAX_BODY, true));
    assert!(answer.body_note.unwrap().contains("not read to its end"));
}
