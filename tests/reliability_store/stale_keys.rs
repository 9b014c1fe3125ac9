//! P8: a key that the server may know with another body is always warned of, and never without reason.

use catseye::domain::catalogue::FindingName;
use catseye::domain::journal::{Attempt, ResultRecord};
use catseye::domain::plan::Plan;
use catseye::domain::publish::Outcome;

use crate::cuts::record;
use crate::dice::{Dice, figure, how_many};
use crate::place::Place;

const URL: &str = "http://127.0.0.1:9";

#[test]
fn the_same_key_with_another_body_is_warned_of() {
    let pairs = how_many(1_000, 10_000);
    let mut dice = Dice::of("the_same_key_with_another_body_is_warned_of");
    let place = Place::new(2);
    let (loaded, evaluation) = place.audit(Some(URL), Vec::new());
    let plan = Plan::freeze(&loaded.inputs, &evaluation).unwrap();
    let endpoint = plan.endpoint.clone().unwrap();
    let mut inputs = loaded.inputs;
    let mut warned = 0;
    for pair in 0..pairs {
        let attempts: Vec<Attempt> = (0..dice.below(4))
            .map(|number| {
                let mut record = record(&format!("a-{number}"), &endpoint, b"other");
                if dice.chance(60) {
                    plan.idempotency_key.clone_into(&mut record.idempotency_key);
                }
                if dice.chance(40) {
                    record.body_blake3 = plan.body.blake3_hex();
                }
                if dice.chance(20) {
                    record.endpoint = "https://elsewhere.example/".to_owned();
                }
                let outcomes = [
                    Outcome::Delivered,
                    Outcome::Refused,
                    Outcome::NotSent,
                    Outcome::Unknown,
                ];
                let result = dice.chance(80).then(|| ResultRecord {
                    id: record.id.clone(),
                    outcome: *dice.pick(&outcomes),
                    status: None,
                    elapsed_ms: 1,
                    bytes_sent: 1,
                    note: None,
                });
                Attempt { record, result }
            })
            .collect();
        let expected = attempts.iter().any(|attempt| {
            let not_sent = attempt
                .result
                .as_ref()
                .is_some_and(|result| result.outcome == Outcome::NotSent);
            attempt.record.endpoint == endpoint.url
                && attempt.record.idempotency_key == plan.idempotency_key
                && attempt.record.body_blake3 != plan.body.blake3_hex()
                && !not_sent
        });
        inputs.journal.clone_from(&attempts);
        let evaluation = catseye::domain::evaluate::evaluate(&inputs);
        let is_warned =
            |finding: &catseye::domain::finding::Finding| finding.name == FindingName::IdempotencyKeyReused;
        assert_eq!(
            evaluation.findings.iter().any(is_warned),
            expected,
            "pair {pair}: {attempts:?}"
        );
        warned += usize::from(expected);
    }
    figure(
        "P8",
        format_args!("{pairs} journals: {warned} warned of, 0 missed, 0 without reason"),
    );
}
