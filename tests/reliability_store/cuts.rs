//! P2: wherever the server stops, what the journal says afterwards is true of what the server has.

use std::sync::Arc;
use std::time::Duration;

use catseye::domain::endpoint::Endpoint;
use catseye::domain::journal::AttemptRecord;
use catseye::domain::publish::Outcome;
use catseye::sinks::journal::Journal;
use catseye::sinks::publish::{Shipment, publish};
use catseye::sinks::wire::Watch;

use crate::dice::{Dice, figure, how_many, seed};
use crate::support::fault_server::Server;

pub fn record(id: &str, endpoint: &Endpoint, body: &[u8]) -> AttemptRecord {
    AttemptRecord {
        id: id.to_owned(),
        time: "2026-01-02T03:04:05Z".to_owned(),
        endpoint: endpoint.url.clone(),
        idempotency_key: "0a1b".to_owned(),
        body_bytes: body.len() as u64,
        body_blake3: blake3::hash(body).to_hex().to_string(),
        resource_type: None,
        resource_id: None,
        provider: "jira".to_owned(),
        workspace: "acme.example".to_owned(),
        issues: 0,
        mappings: 0,
        project_root: "/project".to_owned(),
    }
}

#[test]
fn not_sent_is_only_said_when_it_is_true() {
    let cuts = how_many(400, 5_000);
    let mut tallies = [0; 4];
    for case in 0..cuts {
        let mut dice = Dice::at(seed(), "cuts", case as u64);
        let most = if dice.chance(10) { 2_000_000 } else { 4_000 };
        let body: Vec<u8> = vec![b'x'; 1 + dice.below(most)];
        let cut = dice.below(body.len() * 5 / 4);
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n0123456789012345678901234567890123456789";
        let answered = dice.below(answer.len() + 1);
        let (reads_head, length) = (!dice.chance(5), body.len());
        let server = Server::start(move |exchange, _| {
            if !reads_head {
                return;
            }
            exchange.read_head();
            exchange.read_body(cut.min(length));
            if cut >= length {
                exchange.write(&answer[..answered]);
            } else if cut + 1 < length {
                // With bytes left unread the connection is reset and not closed.
                exchange.await_bytes();
            }
        });
        let endpoint = Endpoint::new(&server.url()).unwrap();
        let state = tempfile::tempdir().unwrap();
        let journal = Journal::open(state.path());
        let shipment = Shipment {
            record: record("a", &endpoint, &body),
            endpoint: &endpoint,
            bearer: None,
            proxy: None,
            timeout: Duration::from_secs(30),
        };
        let published = publish(
            shipment,
            || Ok(body.as_slice()),
            &journal,
            &Arc::new(Watch::new()),
        )
        .unwrap();
        let ledger = server.finish();
        let attempts = journal.read().unwrap().attempts;
        let written = attempts[0].result.as_ref().unwrap();
        let context = format!(
            "case {case}: cut at {cut} of {length}, answered {answered}: {:?}",
            published.report
        );
        assert_eq!((ledger.len(), attempts.len()), (1, 1), "no retry; {context}");
        assert_eq!(written.outcome, published.report.outcome, "{context}");
        let has = ledger[0].body.len() as u64;
        assert!(written.bytes_sent >= has, "{context}");
        match written.outcome {
            Outcome::NotSent => assert_eq!(has, 0, "{context}"),
            Outcome::Delivered => assert_eq!((has, answered), (length as u64, answer.len()), "{context}"),
            Outcome::Unknown => assert!(answered < answer.len() || cut < length, "{context}"),
            Outcome::Refused => panic!("{context}"),
        }
        tallies[written.outcome as usize] += 1;
    }
    let [delivered, _, not_sent, unknown] = tallies;
    figure(
        "P2",
        format_args!(
            "{cuts} cuts: {delivered} delivered, {not_sent} not sent, {unknown} unknown; 0 false, 0 retries"
        ),
    );
}
