//! R3: broken databases. Each is opened and read to its end in a process of its own with 2 GiB of address space.

use std::process::{Command, Stdio};
use std::thread;

use crate::dice::{figure, how_many, seed};
use crate::store_support::example;

/// More than processors: a hot journal is waited for.
const WORKERS: usize = 6;

#[test]
fn no_broken_database_breaks_the_reader() {
    let mutants = how_many(2_000, 500_000);
    let reader = example("mutant_reader");
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (from, to) = (mutants * worker / WORKERS, mutants * (worker + 1) / WORKERS);
            let reading = Command::new("sh")
                .args(["-c", "ulimit -v 2097152; exec \"$@\"", "sh"])
                .arg(&reader)
                .args([seed().to_string(), from.to_string(), to.to_string()])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // Each says where it is: nobody is to wait for another one's to be heard.
            thread::spawn(move || reading.wait_with_output().unwrap())
        })
        .collect();
    for worker in workers {
        let output = worker.join().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{:?} after {said}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        // The last line: how many of which kind, and the longest time.
        figure("R3", said.lines().last().unwrap());
    }
}
