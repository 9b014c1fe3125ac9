//! Which issue a mapping belongs to, and search along both tables.

use catseye::domain::filter::{Filter, Subject};
use catseye::domain::window::{PageFrom, RowKey};
use catseye::sources::store::{Direction, Find, Issues, Mappings};

use crate::rows::{GO, many, page, ready};
use crate::support::{World, issue, mapping, payload};

fn mapped() -> World {
    let world = World::new();
    let store = world.connect();
    for (id, key) in [
        ("10001", "ACME-1"),
        ("10002", "ACME-2"),
        ("10003", "ACME-3"),
        ("10004", "ACME-4"),
    ] {
        let identity = format!("jira:https://acme.test:{id}");
        issue(&store, identity, "jira", payload(id, key, &format!("Title {id}")));
    }
    issue(&store, "broken", "jira", "{");
    mapping(&store, "WP2", "jira", "10002", None, None);
    mapping(&store, "WP10", "jira", "ACME-1", None, None);
    mapping(
        &store,
        "WP3",
        "jira",
        "x",
        Some("ACME-3"),
        Some("https://acme.test/ACME-4"),
    );
    mapping(&store, "WP4", "jira", "y", None, Some("https://acme.test/ACME-4"));
    mapping(&store, "wp5", "jira", "z", None, None);
    mapping(&store, "WP2", "linear", "10001", None, None);
    mapping(&store, vec![255_u8, 0], "jira", "blob", None, None);
    world
}

#[test]
fn mappings_come_in_publish_order_and_find_their_issue() {
    let world = mapped();
    let store = ready(&world);
    let all = store.mappings("jira", PageFrom::Start, 100, &GO).unwrap().rows;
    let joined: Vec<_> = all
        .iter()
        .map(|row| {
            let issue = row
                .issue
                .as_ref()
                .map(|found| (found.title.as_deref().unwrap(), found.by));
            (row.mapping.wp_id.as_str(), row.mapping.system.as_str(), issue)
        })
        .collect();
    assert_eq!(
        joined,
        [
            ("WP10", "jira", Some(("Title 10001", "key"))),
            ("WP2", "jira", Some(("Title 10002", "id"))),
            ("WP2", "linear", None),
            ("WP3", "jira", Some(("Title 10003", "key"))),
            ("WP4", "jira", Some(("Title 10004", "url"))),
            ("wp5", "jira", None),
            ("b'\\xff\\x00'", "jira", None),
        ]
    );
    let issues = page(&store, PageFrom::Start, 100).rows;
    let mapped: Vec<_> = issues.iter().map(|row| row.wp_ids.join(" ")).collect();
    assert_eq!(mapped, ["", "WP10", "WP2", "WP3", "WP3 WP4"]);
}

#[test]
fn windows_of_mappings_are_slices_of_the_walk() {
    let world = mapped();
    let store = ready(&world);
    let all = store.mappings("jira", PageFrom::Start, 100, &GO).unwrap().rows;
    for (at, row) in all.iter().enumerate() {
        let after = store
            .mappings("jira", PageFrom::After(row.key.clone()), 100, &GO)
            .unwrap();
        assert_eq!(after.rows, all[at + 1..]);
        let before = store
            .mappings("jira", PageFrom::Before(row.key.clone()), 2, &GO)
            .unwrap();
        assert_eq!(before.rows, all[at.saturating_sub(2)..at]);
        assert_eq!((before.more_before, before.more_after), (at > 2, true));
    }
}

#[test]
fn joins_follow_the_store() {
    let world = World::new();
    let writer = world.connect();
    issue(&writer, "jira:w:1", "jira", payload("1", "A-1", "T"));
    let store = ready(&world);
    assert!(page(&store, PageFrom::Start, 9).rows[0].wp_ids.is_empty());
    mapping(&writer, "WP01", "jira", "1", None, None);
    assert_eq!(page(&store, PageFrom::Start, 9).rows[0].wp_ids, ["WP01"]);
}

#[test]
fn search_finds_the_nearest_row_each_way() {
    let world = many();
    let writer = world.connect();
    writer
        .execute(
            "UPDATE tracker_issues SET payload = ?1 WHERE identity = 'jira:w:2999'",
            [payload("1", "A-1", "x ÄRGER y")],
        )
        .unwrap();
    let store = ready(&world);
    let find = |text, direction, behind: Option<&str>| {
        let behind = behind.map(|key| RowKey::Text(key.as_bytes().to_vec()));
        let find = Find {
            text,
            direction,
            behind,
            filter: None,
        };
        store
            .rows_of::<Issues>("jira", &GO)
            .find(&find, &mut |_| {})
            .unwrap()
    };
    let at = |key: &str| Some(RowKey::Text(key.as_bytes().to_vec()));
    assert_eq!(find("ärger", Direction::Forward, None), at("jira:w:2999"));
    assert_eq!(find("ärger", Direction::Backward, None), at("jira:w:2999"));
    assert_eq!(
        find("ÄRGER", Direction::Backward, Some("jira:w:3000")),
        at("jira:w:2999")
    );
    assert_eq!(find("Ärger", Direction::Forward, None), None);
    assert_eq!(find("ärger", Direction::Forward, Some("jira:w:2999")), None);
    assert_eq!(
        find("a-4999", Direction::Forward, Some("jira:w:1")),
        at("jira:w:4999")
    );
    assert_eq!(
        find("w:10", Direction::Backward, Some("jira:w:1001")),
        at("jira:w:1000")
    );
    assert_eq!(find("linear", Direction::Forward, None), None);
    for (title, text) in [
        ("\\u0041sh", "ash"),
        ("\\u212Aelvin", "kelvin"),
        ("\u{212a}ilo", "kilo"),
        ("c\\/b", "c/b"),
    ] {
        let stored = payload("1", "A-1", "TITLE").replace("TITLE", title);
        writer
            .execute(
                "UPDATE tracker_issues SET payload = ?1 WHERE identity = 'jira:w:1999'",
                [stored],
            )
            .unwrap();
        assert_eq!(find(text, Direction::Forward, None), at("jira:w:1999"), "{text}");
    }
}

#[test]
fn search_finds_mappings() {
    let world = mapped();
    let store = ready(&world);
    let mut find = Find {
        text: "acme-3",
        direction: Direction::Forward,
        behind: None,
        filter: None,
    };
    let rows = store.rows_of::<Mappings>("jira", &GO);
    let found = rows.find(&find, &mut |_| {}).unwrap().unwrap();
    assert!(matches!(&found, RowKey::Mapping { wp_id, .. } if wp_id == "WP3"));
    find.behind = Some(found);
    assert_eq!(rows.find(&find, &mut |_| {}).unwrap(), None);

    // Only among the rows that a filter shows, whatever it asks for.
    let filter = Filter::parse("wp:WP4", Subject::Mappings).unwrap();
    let find = Find {
        text: "acme-4",
        behind: None,
        filter: filter.as_ref(),
        ..find
    };
    let found = rows.find(&find, &mut |_| {}).unwrap().unwrap();
    assert!(matches!(&found, RowKey::Mapping { wp_id, .. } if wp_id == "WP4"));
}
