//! R10: credentials that are rewritten as spec-kitty does it, truncated first, are never read as less than they are.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use catseye::domain::inputs::FileState;

use crate::dice::{Dice, figure, how_many};
use crate::place::Place;

/// Longer than what one write of Python's buffer takes.
fn credentials(nonce: usize) -> String {
    let filler = "# a comment that fills the file\n".repeat(400);
    format!("[tracker.providers.jira]\nproject_key = \"ACME\"\n{filler}\n[last]\nnonce = {nonce}\n")
}

#[test]
fn half_written_credentials_are_not_believed() {
    let rewrites = how_many(5_000, 50_000);
    let place = Place::new(0);
    let path = place.path("home/.spec-kitty/credentials");
    place.write("home/.spec-kitty/credentials", credentials(0).as_bytes());
    let mut dice = Dice::of("half_written_credentials_are_not_believed");
    let written = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    // Gaps between truncation and content that are longer than what any reader could sit out: the machine's, not ours.
    let long_gaps = AtomicUsize::new(0);
    let (mut whole, mut given_up, mut excused, mut wrong) = (0, 0, 0, Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let text = credentials(written.load(Ordering::SeqCst));
                // `open("w")`, flock, the buffer flushed when the lock is gone already.
                let mut file = File::create(&path).unwrap();
                let since = Instant::now();
                spin(&mut dice, 300);
                file.lock().unwrap();
                file.unlock().unwrap();
                spin(&mut dice, 100);
                file.write_all(text.as_bytes()).unwrap();
                drop(file);
                if since.elapsed() > Duration::from_millis(150) {
                    long_gaps.fetch_add(1, Ordering::SeqCst);
                }
                written.fetch_add(1, Ordering::SeqCst);
                // Mostly at once, sometimes with a rest in which a reader gets through.
                let rest = if dice.chance(2) { 60_000 } else { 2_000 };
                spin(&mut dice, rest);
            }
        });
        while written.load(Ordering::SeqCst) < rewrites || whole == 0 {
            let gaps = long_gaps.load(Ordering::SeqCst);
            let inputs = place.look();
            let text = String::from_utf8_lossy(inputs.credentials.text.bytes()).into_owned();
            match &inputs.credentials.state {
                FileState::Loaded(_) if text.contains("\n[last]\nnonce = ") => whole += 1,
                FileState::Unreadable(reason) if reason == "it kept changing while it was read" => {
                    given_up += 1;
                }
                other => {
                    let now = written.load(Ordering::SeqCst);
                    while written.load(Ordering::SeqCst) == now {
                        std::thread::yield_now();
                    }
                    if long_gaps.load(Ordering::SeqCst) > gaps {
                        excused += 1;
                    } else {
                        wrong.push(format!("{other:?}"));
                    }
                }
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    assert!(wrong.is_empty(), "a part was believed: {wrong:?}");
    let written = written.load(Ordering::SeqCst);
    let inputs = place.look();
    assert!(
        matches!(inputs.credentials.state, FileState::Loaded(_)),
        "at rest it is read"
    );
    figure(
        "R10",
        format_args!(
            "{written} rewrites, {whole} read whole, {given_up} given up as changing, 0 wrong ({excused} while the writer stood still)"
        ),
    );
}

/// Up to so many microseconds of doing nothing, without leaving the processor.
fn spin(dice: &mut Dice, most: usize) {
    let time = Duration::from_micros(u64::try_from(dice.below(most)).unwrap());
    let since = Instant::now();
    while since.elapsed() < time {
        std::hint::spin_loop();
    }
}
