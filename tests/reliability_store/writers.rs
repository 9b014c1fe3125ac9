//! R9: a writer killed in the middle of a transaction leaves no wrong row on the screen.

use std::sync::atomic::AtomicBool;

use catseye::domain::window::PageFrom;
use catseye::sources::store::open;

use crate::dice::{Dice, figure, how_many, seed};
use crate::store_support::{World, Writer, issue, payload};

static GO: AtomicBool = AtomicBool::new(false);

fn titles(world: &World) -> Result<Vec<String>, String> {
    match open(&world.path()) {
        Err(error) => Err(format!("{}: {error}", error.state().name())),
        Ok(store) => {
            let page = store
                .issues("jira", PageFrom::Start, 1_000, &GO)
                .map_err(|error| error.to_string())?;
            let title = |row: catseye::domain::window::IssueRow| row.published.unwrap().issue.title;
            Ok(page.rows.into_iter().map(title).collect())
        }
    }
}

#[test]
fn a_killed_writer_leaves_no_wrong_row() {
    let kills = how_many(30, 200);
    let mut hot = 0;
    for case in 0..kills {
        let mut dice = Dice::at(seed(), "writers", case as u64);
        let world = World::new();
        let rows = 100 + dice.below(200);
        let filler = "x".repeat(dice.below(800));
        let store = world.connect();
        let transaction = store.unchecked_transaction().unwrap();
        for number in 0..rows {
            let row = payload("1", "A-1", "before").replace("\"raw\":null", &format!("\"raw\":\"{filler}\""));
            issue(&store, format!("{number:05}"), "jira", row);
        }
        transaction.commit().unwrap();
        drop(store);
        let mut writer = Writer::start(&world.path());
        writer.run("PRAGMA cache_size = 10");
        if dice.chance(30) {
            writer.run("PRAGMA journal_mode = WAL");
        }
        writer.run("BEGIN");
        let changed = dice.below(rows + 1);
        writer.run(&format!(
            "UPDATE tracker_issues SET payload = replace(payload, 'before', 'after') WHERE identity < '{changed:05}'"
        ));
        if dice.chance(50) {
            let from = dice.below(rows);
            writer.run(&format!(
                "DELETE FROM tracker_issues WHERE identity > '{from:05}'"
            ));
        }
        writer.kill();
        hot += usize::from(
            std::fs::metadata(format!("{}-journal", world.path().display()))
                .is_ok_and(|file| file.len() > 512),
        );
        let before = world.traces();
        let shown = titles(&world);
        assert_eq!(before, world.traces(), "case {case}");
        assert_eq!(shown, Ok(vec!["before".to_owned(); rows]), "case {case}");
        // The next writer rolls back, and what it commits is seen.
        let mut next = Writer::start(&world.path());
        next.run("UPDATE tracker_issues SET payload = replace(payload, 'before', 'next')");
        assert_eq!(titles(&world), Ok(vec!["next".to_owned(); rows]), "case {case}");
    }
    figure(
        "R9",
        format_args!("{kills} writers killed, {hot} hot journals, 0 wrong rows"),
    );
}
