//! Reads mutants of stores until one breaks it: seed, first and last mutant. Says the mutant that it is at when asked
//! by its death, and at the end what came out.
#![expect(
    clippy::unwrap_used,
    reason = "a failed step ends the reader, and the test that waits for it"
)]

#[path = "../support/dice.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod dice;
#[path = "../support/store.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod store_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use catseye::domain::body::Head;
use catseye::domain::window::PageFrom;
use catseye::sources::store::{AuditRequest, Direction, Find, Issues, audit, open, stores};
use dice::Dice;
use store_support::{World, issue, mapping, payload};

static GO: AtomicBool = AtomicBool::new(false);

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().unwrap());
    let (seed, from, to): (u64, u64, u64) = (
        arguments.next().unwrap(),
        arguments.next().unwrap(),
        arguments.next().unwrap(),
    );
    let bases: Vec<Vec<(&str, Vec<u8>)>> = bases();
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let path = folder.path().join("0123456789abcdef.db");
    let mut found = BTreeMap::new();
    // Without and with a hot journal, which is waited for.
    let mut longest = [0, 0];
    for case in from..to {
        let mut dice = Dice::at(seed, "mutants", case);
        // A hot journal is looked at three times over a second: few of those.
        let hot = dice.below(200) == 0;
        let is_hot = |base: &&Vec<(&str, Vec<u8>)>| base.iter().any(|(suffix, _)| *suffix == "-journal");
        let fitting: Vec<_> = bases.iter().filter(|base| hot == is_hot(base)).collect();
        let base = (*dice.pick(&fitting)).clone();
        for (suffix, mut bytes) in base {
            if suffix.is_empty() || dice.chance(50) {
                mutate(&mut dice, &mut bytes);
            }
            fs::write(format!("{}{suffix}", path.display()), bytes).unwrap();
        }
        println!("{case}");
        let since = Instant::now();
        *found.entry(read(&path)).or_insert(0) += 1;
        longest[usize::from(hot)] = longest[usize::from(hot)].max(since.elapsed().as_millis());
        for suffix in ["-wal", "-journal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
    println!(
        "{} mutants, longest {} ms (with a hot journal {} ms), {found:?}",
        to - from,
        longest[0],
        longest[1]
    );
}

/// One to sixteen hits, one in four in the header; or cut short.
fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    if dice.chance(12) {
        bytes.truncate(dice.below(bytes.len()));
        return;
    }
    let within = if dice.chance(25) {
        120.min(bytes.len())
    } else {
        bytes.len()
    };
    for _ in 0..=dice.below(16) {
        let at = dice.below(within);
        bytes[at] = dice.byte();
    }
}

/// Everything that catseye reads of a store.
fn read(path: &Path) -> &'static str {
    let listed = stores(path.parent().unwrap());
    assert_eq!(listed.len(), 1);
    let store = match open(path) {
        Ok(store) => store,
        Err(error) => return error.state().name(),
    };
    let head = Head {
        provider: "jira",
        workspace: "w",
        doctrine_mode: "m",
        doctrine_field_owners: &[],
        project_uuid: None,
        project_slug: None,
        route: None,
    };
    let request = AuditRequest {
        system: "jira",
        checkpoint_key: "jira:w",
        head: Some(head),
        keep_body: true,
    };
    let find = Find {
        text: "zzz",
        direction: Direction::Backward,
        behind: None,
        filter: None,
    };
    let worked = [
        audit(&store, &request, &GO, &mut |_| {}).is_ok(),
        store.issues("jira", PageFrom::Start, 50, &GO).is_ok(),
        store.issues("jira", PageFrom::End, 50, &GO).is_ok(),
        store.mappings("jira", PageFrom::Start, 50, &GO).is_ok(),
        store
            .rows_of::<Issues>("jira", &GO)
            .find(&find, &mut |_| {})
            .is_ok(),
        store.checkpoint("jira:w").is_ok(),
    ];
    if worked.iter().all(|worked| *worked) {
        "read"
    } else {
        "broken inside"
    }
}

/// Rollback and write-ahead, one and two bytes a character, long payloads, a log, a hot journal.
fn bases() -> Vec<Vec<(&'static str, Vec<u8>)>> {
    let fill = |world: &World| {
        let store = world.connect();
        let rows = store.unchecked_transaction().unwrap();
        for number in 0..60 {
            let title = if number % 20 == 0 {
                "long ".repeat(1_500)
            } else {
                "short".to_owned()
            };
            issue(&store, format!("i{number}"), "jira", payload("1", "A-1", &title));
            let id = number.to_string();
            mapping(&store, format!("WP{number}"), "jira", &id, Some("A-1"), None);
        }
        store
            .execute_batch("INSERT INTO tracker_checkpoints VALUES ('jira:w', 'c', NULL)")
            .unwrap();
        rows.commit().unwrap();
    };
    let taken = |world: &World| {
        let path = world.path();
        ["", "-wal", "-journal"]
            .into_iter()
            .filter_map(|suffix| Some((suffix, fs::read(format!("{}{suffix}", path.display())).ok()?)))
            .collect::<Vec<_>>()
    };
    let mut bases = Vec::new();
    for pragma in [
        "PRAGMA encoding = 'UTF-8'",
        "PRAGMA encoding = 'UTF-16le'",
        "PRAGMA page_size = 512",
        "PRAGMA journal_mode = WAL",
    ] {
        let world = World::named("0123456789abcdef.db");
        let store = world.connect();
        store.execute_batch(pragma).unwrap();
        store.execute_batch(store_support::SCHEMA).unwrap();
        drop(store);
        fill(&world);
        bases.push(taken(&world));
        let store = world.connect();
        store
            .execute_batch("PRAGMA cache_size = 2; PRAGMA wal_autocheckpoint = 0")
            .unwrap();
        if !pragma.contains("WAL") {
            store.execute_batch("BEGIN").unwrap();
        }
        store
            .execute_batch("UPDATE tracker_issues SET payload = payload || ' '")
            .unwrap();
        bases.push(taken(&world));
    }
    bases
}
