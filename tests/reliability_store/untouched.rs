//! R5: whatever is run, not a byte, name, inode or time below project and home changes, and of the database there is no
//! descriptor beside SQLite's own.

use crate::dice::{Dice, figure, how_many};
use crate::place::{Place, code};
use crate::store_support::Writer;

const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "--json", "--strict"],
    &["payload"],
    &["payload", "--pretty"],
    &["issues", "--json"],
    &["mappings"],
    &["why", "external_resource_id"],
    &["why", "issues[1].status"],
    &["diff"],
    &["journal"],
    &["paths"],
    &["curl"],
    &["check", "--set", "binding.workspace=other"],
    &["frame", "--keys", "2Gj<enter>345<enter>67"],
    &["frame", "--keys", "2/title<enter>nf!wp:null<enter>skp"],
    &["publish", "--yes", "--server-url", "http://127.0.0.1:9"],
];

#[test]
fn looking_changes_nothing() {
    let sessions = how_many(16, 200);
    let mut dice = Dice::of("looking_changes_nothing");
    let mut runs = 0;
    for session in 0..sessions {
        let place = Place::new(5);
        let mode = *dice.pick(&["DELETE", "PERSIST", "WAL", "a log left behind", "a hot journal"]);
        let writer = match mode {
            "a log left behind" | "a hot journal" => {
                let mut writer = Writer::start(&place.store());
                if mode == "a log left behind" {
                    writer.run("PRAGMA journal_mode = WAL");
                }
                writer.run("PRAGMA cache_size = 2");
                writer.run("BEGIN");
                writer.run("UPDATE tracker_issues SET payload = payload || hex(zeroblob(20000))");
                if mode == "a log left behind" {
                    writer.run("COMMIT");
                }
                Some(writer)
            }
            mode => {
                place.connect().pragma_update(None, "journal_mode", mode).unwrap();
                None
            }
        };
        writer.into_iter().for_each(Writer::kill);
        let before = (place.traces("project"), place.traces("home"));
        for _ in 0..4 {
            let command = dice.pick(COMMANDS);
            let output = place.command(command).output().unwrap();
            assert!(code(&output) < 64, "{command:?}: {output:?}");
            assert!(
                before == (place.traces("project"), place.traces("home")),
                "session {session}, {mode}: {command:?} changed something"
            );
            runs += 1;
        }
    }
    figure("R5", format_args!("{sessions} sessions, {runs} runs, 0 changes"));
}

/// POSIX drops the locks of a process on a file with any descriptor that it closes.
#[test]
#[cfg(target_os = "linux")]
fn only_sqlite_has_the_database_open() {
    use catseye::sources::store::{copy_to, open, stores};
    use std::fs;

    let place = Place::new(50);
    let open_on = |path: &std::path::Path| {
        let path = fs::canonicalize(path).unwrap();
        fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter(|entry| fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|link| link == path))
            .count()
    };
    let stores_open: Vec<_> = (1..=5)
        .map(|count| {
            let Ok(store) = open(&place.store()) else {
                panic!("it is a store");
            };
            assert_eq!(open_on(&place.store()), count);
            store
        })
        .collect();
    // What else reads stores meanwhile opens no descriptor that it would have to close.
    assert_eq!(stores(place.store().parent().unwrap()).len(), 1);
    assert!(
        copy_to(&place.store(), &place.path("copy.db")).is_err(),
        "a copy waits for its turn"
    );
    assert_eq!(open_on(&place.store()), stores_open.len());
    drop(stores_open);
    assert_eq!(open_on(&place.store()), 0);
    copy_to(&place.store(), &place.path("copy.db")).unwrap();
    assert_eq!(open_on(&place.store()), 0);
}
