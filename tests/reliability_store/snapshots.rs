//! R8: what is published comes from one committed state, whatever a writer does meanwhile.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use std::time::{Duration, Instant};

use catseye::scene::Receiver;

use crate::dice::{Dice, figure, how_many};
use crate::place::{Place, code, err};
use crate::store_support::{Writer, payload};

#[test]
fn a_publish_is_one_committed_state() {
    let publishes = how_many(25, 1_000);
    let mut dice = Dice::of("a_publish_is_one_committed_state");
    let (mut delivered, mut busy, mut commits) = (0, 0, 0);
    for mode in ["DELETE", "WAL"] {
        let place = Place::new(0);
        place
            .connect()
            .execute_batch(&format!(
                "PRAGMA journal_mode = {mode}; UPDATE tracker_checkpoints SET cursor = '0'"
            ))
            .unwrap();
        let receiver = Receiver::recording().unwrap();
        let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
        let mut writer = Writer::start(&place.store());
        std::thread::scope(|scope| {
            let (stop, written, dice) = (&stop, &written, &mut dice);
            scope.spawn(move || {
                // The cursor tells how many issues there are; both change in one transaction, rows come and go.
                let mut rows = 0_usize;
                while !stop.load(Ordering::SeqCst) {
                    let grow = rows == 0 || (rows < 300 && dice.chance(70));
                    let change = if grow {
                        rows += 1;
                        let row = payload(&rows.to_string(), "ACME-1", &"title ".repeat(dice.below(60)));
                        format!(
                            "INSERT INTO tracker_issues VALUES ('{rows:05}', 'jira', 'w', 'i', '{row}', NULL)"
                        )
                    } else {
                        let delete = format!("DELETE FROM tracker_issues WHERE identity = '{rows:05}'");
                        rows -= 1;
                        delete
                    };
                    writer.run(&format!(
                        "BEGIN; {change}; UPDATE tracker_checkpoints SET cursor = '{rows}'; COMMIT"
                    ));
                    written.fetch_add(1, Ordering::SeqCst);
                    // Commits come one after the other for a while, then there is a rest: as spec-kitty writes.
                    if dice.chance(20) {
                        let (since, rest) = (Instant::now(), Duration::from_millis(dice.below(60) as u64));
                        while since.elapsed() < rest {
                            std::thread::yield_now();
                        }
                    }
                }
            });
            for _ in 0..publishes {
                let since = written.load(Ordering::SeqCst);
                let arguments = [
                    "publish",
                    "--yes",
                    "--allow",
                    "idempotency-key-reused",
                    "--server-url",
                    &receiver.url(),
                ];
                let output = place.command(&arguments).output().unwrap();
                match code(&output) {
                    0 => delivered += 1,
                    2 | 3 if err(&output).contains("store-busy") => busy += 1,
                    code => panic!("{code}: {output:?}"),
                }
                while written.load(Ordering::SeqCst) == since {
                    std::thread::yield_now();
                }
            }
            stop.store(true, Ordering::SeqCst);
        });
        commits += written.into_inner();
        for request in receiver.take() {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            let rows = body["issues"].as_array().unwrap().len().to_string();
            assert_eq!(body["checkpoint"]["cursor"], rows.as_str(), "{mode}");
        }
    }
    assert!(delivered > 0);
    figure(
        "R8",
        format_args!(
            "{delivered} bodies of one state each, {busy} held back as busy, beside {commits} commits"
        ),
    );
}
