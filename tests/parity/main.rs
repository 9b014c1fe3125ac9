//! `catseye publish` held against recordings of spec-kitty-cli 3.0.0 (README.md beside this file).
//!
//! Every recorded world is written to a folder of its own, published from there to a server on loopback, and judged: the same
//! request or two refusals, and not a byte, name or time changed under project and home.
#![cfg(unix)]

mod contradictions;
mod tree;
mod verdict;
mod world;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use catseye::scene::Receiver;
use verdict::{Answer, Verdict};
use world::World;

/// Every consent there is: a consent withheld is no difference between the two programs.
const CONSENTS: &str = "null-route,provider-token-as-bearer,insecure-transport,idempotency-key-reused,store-missing,store-elsewhere,\
    routing-id-disagrees-with-issues,bound-by-newer-spec-kitty,internal-error";
const THREADS: usize = 2;

#[test]
fn publishes_what_spec_kitty_publishes() -> Result<(), Box<dyn Error>> {
    let recording = recording();
    let worlds = world::read(&recording)?;
    assert!(!worlds.is_empty(), "no worlds in {}", recording.display());
    let verdicts = run_all(&worlds)?;
    let tally = Tally::of(&worlds, &verdicts);
    println!("{tally}");
    assert_eq!(tally.wrong, 0, "{tally}");
    assert!(
        tally.over_refused * 100 < worlds.len(),
        "1 % or more is refused though spec-kitty sends\n{tally}"
    );
    Ok(())
}

#[test]
fn check_never_contradicts_itself() -> Result<(), Box<dyn Error>> {
    let worlds = world::read(&recording())?;
    let mut wrong = Vec::new();
    for world in &worlds {
        let found = contradictions::of(world)?;
        wrong.extend(
            found
                .iter()
                .map(|words| format!("{} {:?}: {words}", world.name, world.notes)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The worlds that came with the project, or fresh ones.
fn recording() -> PathBuf {
    std::env::var_os("CATSEYE_PARITY_WORLDS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity/recorded.jsonl"),
        PathBuf::from,
    )
}

/// The verdicts in the order of the worlds.
fn run_all(worlds: &[World]) -> Result<Vec<Verdict>, Box<dyn Error>> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(BTreeMap::new());
    let work = || -> std::io::Result<()> {
        let receiver = Receiver::recording()?;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(world) = worlds.get(index) else {
                return Ok(());
            };
            let verdict = run(world, &receiver)?;
            if let Ok(mut verdicts) = verdicts.lock() {
                verdicts.insert(index, verdict);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| "a worker panicked")?
                .map_err(Box::<dyn Error>::from)
        })
    })?;
    Ok(verdicts
        .into_inner()
        .map_err(|_| "a worker panicked")?
        .into_values()
        .collect())
}

/// Publishes from one world.
fn run(world: &World, receiver: &Receiver) -> std::io::Result<Verdict> {
    let folder = tempfile::tempdir()?;
    let base = folder.path().canonicalize()?;
    let (root, own) = (base.join("world"), base.join("own"));
    for part in ["state", "config", "tmp"] {
        std::fs::create_dir_all(own.join(part))?;
    }
    world.materialise(&root)?;
    let before = tree::snapshot(&root)?;
    let filled = |text: &str| {
        text.replace("{root}", &root.to_string_lossy())
            .replace("{port}", receiver.url().rsplit(':').next().unwrap_or_default())
    };
    let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args(["publish", "--yes", "--allow", CONSENTS])
        .args(world.args.iter().map(|argument| filled(argument)))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("XDG_STATE_HOME", own.join("state"))
        .env("XDG_CONFIG_HOME", own.join("config"))
        .env("TMPDIR", own.join("tmp"))
        .envs(world.env.iter().map(|(name, value)| (name, filled(value))))
        .current_dir(root.join(&world.cwd))
        .output()?;
    let received = receiver.take();
    let changed = tree::difference(&before, &tree::snapshot(&root)?);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(verdict::judge(
        &world.expected,
        &Answer {
            received,
            code: output.status.code(),
            stderr,
            changed,
        },
    ))
}

/// How the worlds came out.
struct Tally {
    same: usize,
    both_refuse: usize,
    over_refused: usize,
    wrong: usize,
    details: Vec<String>,
}

impl Tally {
    fn of(worlds: &[World], verdicts: &[Verdict]) -> Self {
        let mut tally = Self {
            same: 0,
            both_refuse: 0,
            over_refused: 0,
            wrong: 0,
            details: Vec::new(),
        };
        for (world, verdict) in worlds.iter().zip(verdicts) {
            let (name, notes) = (&world.name, &world.notes);
            match verdict {
                Verdict::Same => tally.same += 1,
                Verdict::BothRefuse => tally.both_refuse += 1,
                Verdict::OverRefused(findings) => {
                    tally.over_refused += 1;
                    tally
                        .details
                        .push(format!("  refused by name {name} {findings:?} {notes:?}"));
                }
                Verdict::Wrong(reason) => {
                    tally.wrong += 1;
                    tally.details.push(format!("  WRONG {name} {notes:?}\n{reason}"));
                }
            }
        }
        tally
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            same,
            both_refuse,
            over_refused,
            wrong,
            details,
        } = self;
        let all = same + both_refuse + over_refused + wrong;
        for detail in details {
            writeln!(out, "{detail}")?;
        }
        write!(
            out,
            "{all} worlds: {same} same request, {both_refuse} both refuse, {over_refused} refused by name, {wrong} wrong"
        )
    }
}
