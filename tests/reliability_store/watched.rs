//! R7 in its quick size: no change is missed, whenever it comes. (How soon it is on the screen is `full.py`'s.)

use std::fs;
use std::time::{Duration, Instant};

use catseye::sources::watch::{Look, Rest};

use crate::dice::{Dice, figure, how_many};
use crate::place::Place;

/// Waits until a change is told of.
fn is_noticed(rest: &mut Rest, look: &Look) -> bool {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(20) {
        if rest.has_changed(look) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

/// Commits keep the file's size; some come within a tick of the clock of the file system, while or after it is read.
#[test]
fn no_commit_is_missed() {
    let rounds = how_many(150, 2_000);
    let mut dice = Dice::of("no_commit_is_missed");
    for mode in ["DELETE", "WAL"] {
        let place = Place::new(3);
        let writer = place.connect();
        writer.pragma_update(None, "journal_mode", mode).unwrap();
        let mut nonce = 0_u64;
        let mut commit = || {
            nonce += 1;
            let change = format!("UPDATE tracker_checkpoints SET cursor = '{nonce:09}'");
            writer.execute_batch(&change).unwrap();
            format!("{nonce:09}")
        };
        let mut rest = Rest::default();
        let mut look = Look::default();
        for round in 0..rounds {
            let mut last = commit();
            let moment = dice.below(4);
            look = look.again();
            if moment == 0 {
                last = commit();
            }
            let mut read = cursor(&place);
            if moment == 1 {
                last = commit();
            }
            look = look.of(&read.0);
            if moment == 2 {
                last = commit();
            }
            // Told as often as it takes, like the inspector does: in the end what is shown is what is there.
            while read.1 != last {
                assert!(
                    is_noticed(&mut rest, &look),
                    "{mode}, round {round}: {last} is not noticed"
                );
                look = look.again();
                read = cursor(&place);
                look = look.of(&read.0);
            }
        }
    }
    figure(
        "R7",
        format_args!("{rounds} rounds in each mode, 0 commits missed"),
    );
}

fn cursor(place: &Place) -> (catseye::domain::inputs::Inputs, String) {
    let (loaded, _) = place.audit(None, Vec::new());
    let checkpoint = loaded
        .inputs
        .store
        .as_ref()
        .and_then(|store| store.checkpoint.clone());
    let cursor = checkpoint
        .and_then(|checkpoint| checkpoint.cursor)
        .unwrap_or_default();
    (loaded.inputs, cursor)
}

/// Same size, same inode, and its time set back to what it was.
#[test]
fn a_file_that_hides_its_change_is_noticed() {
    let place = Place::new(0);
    let path = place.path("home/.spec-kitty/credentials");
    let mut rest = Rest::default();
    let mut look = Look::default().again();
    look = look.of(&place.look());
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("ACME", "ECMA")).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    assert!(is_noticed(&mut rest, &look));
}

/// A store that rests is not read again and again.
#[test]
fn rest_is_left_alone() {
    let place = Place::new(3);
    let mut rest = Rest::default();
    let mut look = Look::default();
    let mut reads = 0;
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(400) {
        if reads == 0 || rest.has_changed(&look) {
            look = look.again();
            look = look.of(&place.look());
            reads += 1;
        }
        std::thread::yield_now();
    }
    assert!(reads <= 3, "read {reads} times");
}
