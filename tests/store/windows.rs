//! Row numbers, filters and orders: held against the plain walk along all rows.

use std::cell::Cell;
use std::sync::atomic::AtomicBool;

use catseye::domain::anchors::RowAnchors;
use catseye::domain::body::Head;
use catseye::domain::filter::{Field, Filter, Subject, first_value};
use catseye::domain::sort::{KEPT, Sort};
use catseye::domain::window::{Arrange, IssueRow, MappingRow, Page, PageFrom, RowKey};
use catseye::sources::store::{AuditRequest, Body, Issues, Lens, Mappings, Order, Store, StoreError, audit};

use crate::rows::{GO, many, page, ready};
use crate::support::{World, issue, mapping, payload};

fn audited(store: &Store) -> (RowAnchors, Option<Body>) {
    let request = AuditRequest {
        system: "jira",
        checkpoint_key: "jira:w",
        head: Some(Head {
            provider: "jira",
            workspace: "w",
            route: None,
            doctrine_mode: "m",
            doctrine_field_owners: &[],
            project_uuid: None,
            project_slug: None,
        }),
        keep_body: true,
    };
    let audit = audit(store, &request, &GO, &mut |_| {}).unwrap();
    (audit.anchors, audit.body)
}

/// All issues, page after page: one page takes only so many bytes.
fn all(store: &Store) -> Vec<IssueRow> {
    let mut rows: Vec<IssueRow> = Vec::new();
    let mut from = PageFrom::Start;
    loop {
        let window = page(store, from, 5_000);
        rows.extend(window.rows);
        match rows.last().filter(|_| window.more_after) {
            Some(last) => from = PageFrom::After(last.key.clone()),
            None => return rows,
        }
    }
}

fn filter(text: &str, subject: Subject) -> Option<Filter> {
    Filter::parse(text, subject).unwrap()
}

/// A window of issues, with the number of rows that a far walk told of.
fn through(store: &Store, lens: &Lens<'_>, from: PageFrom, limit: usize) -> (Page<IssueRow>, u64) {
    let told = Cell::new(0);
    let page = store
        .rows_of::<Issues>("jira", &GO)
        .window(lens, from, limit, &mut |rows| told.set(rows));
    (page.unwrap(), told.get())
}

#[test]
fn a_row_number_leads_to_its_row_and_back() {
    let world = many();
    let store = ready(&world);
    let all = all(&store);
    let total = Some(all.len() as u64);
    let (anchors, _) = audited(&store);
    assert!(anchors.issues.all().len() >= 2);
    let plain = Lens::default();
    let known = Lens {
        anchors: Some(&anchors.issues),
        total,
        ..plain
    };
    for number in [0, 1, 500, 1023, 1024, 1025, 2000, 3000, 3331, 3332] {
        for lens in [&plain, &known] {
            let (window, _) = through(&store, lens, PageFrom::Row(number), 5);
            let at = usize::try_from(number).unwrap();
            assert_eq!(window.rows[0], all[at]);
            assert_eq!(window.rows_before, Some(number));
        }
        let key = &all[usize::try_from(number).unwrap()].key;
        for (from, first) in [
            (PageFrom::At(key.clone()), number),
            (PageFrom::After(key.clone()), number + 1),
            (PageFrom::Before(key.clone()), number.saturating_sub(5)),
        ] {
            let (window, _) = through(&store, &known, from.clone(), 5);
            if !window.rows.is_empty() {
                assert_eq!(window.rows_before, Some(first), "{from:?}");
            }
        }
    }
    let (end, _) = through(&store, &known, PageFrom::Row(99_999), 5);
    assert_eq!((end.rows_before, end.rows.last()), (Some(3328), all.last()));
    for (percent, number) in [(0, 0), (50, 1666), (100, 3332)] {
        for lens in [&plain, &known] {
            let (window, _) = through(&store, lens, PageFrom::Percent(percent), 1);
            assert_eq!(window.rows_before, Some(number));
        }
    }
    let at_end = through(&store, &known, PageFrom::End, 5).0;
    assert_eq!(at_end.rows_before, Some(3328));
}

#[test]
fn known_places_make_ways_short_and_long_ways_stop() {
    let world = many();
    let store = ready(&world);
    let (anchors, _) = audited(&store);
    let plain = Lens::default();
    let known = Lens {
        anchors: Some(&anchors.issues),
        total: Some(3_333),
        ..plain
    };
    // Told every 5,000 rows of any system: the store has 5,000.
    assert_eq!(through(&store, &known, PageFrom::Row(1_500), 1).1, 0);
    let stop = AtomicBool::new(true);
    let stopped = store
        .rows_of::<Issues>("jira", &stop)
        .window(&plain, PageFrom::Row(3_000), 1, &mut |_| {});
    assert_eq!(stopped.unwrap_err(), StoreError::Cancelled);
    let arrange = Arrange {
        filter: filter("t", Subject::Issues),
        sort: None,
    };
    let stopped = store.rows_of::<Issues>("jira", &stop).sift(&arrange, &mut |_| {});
    assert_eq!(stopped.unwrap_err(), StoreError::Cancelled);
}

/// Issues of all kinds, bad rows and rows of another system among them, some mapped.
fn varied() -> World {
    let world = World::new();
    let store = world.connect();
    store.execute_batch("BEGIN").unwrap();
    for number in 0..12_000_u32 {
        let key = format!("ACME-{}", number * 7 % 12_000);
        let title = ["refund path", "Payout export", "支払いの再試行"][number as usize % 3];
        let status = ["todo", "done", "In Review"][number as usize / 3 % 3];
        let payload = match number % 500 {
            17 => "{}".to_owned(),
            _ => payload(&number.to_string(), &key, title).replace("\"todo\"", &format!("\"{status}\"")),
        };
        let system = if number % 11 == 0 { "linear" } else { "jira" };
        issue(&store, format!("{system}:w:{number:05}"), system, payload);
        if number % 100 == 1 {
            mapping(
                &store,
                format!("WP{number}"),
                "jira",
                &number.to_string(),
                None,
                None,
            );
        }
    }
    store.execute_batch("COMMIT").unwrap();
    world
}

const FILTERS: [&str; 9] = [
    "refund",
    "status:done !payout",
    "key:/ACME-1\\d$/",
    "wp:WP1",
    "!wp:null status:todo",
    "~rfndpth",
    "title:再試行 priority:2",
    "id:linear",
    "nothing-has-this",
];

#[test]
fn filtered_windows_tile_what_the_filter_matches_and_end_soon() {
    let world = varied();
    let store = ready(&world);
    let all = all(&store);
    for text in FILTERS {
        let filter = filter(text, Subject::Issues);
        let expected: Vec<_> = all
            .iter()
            .filter(|row| filter.as_ref().unwrap().matches(*row))
            .map(|row| row.key.clone())
            .collect();
        let lens = Lens {
            filter: filter.as_ref(),
            ..Lens::default()
        };
        let mut seen = Vec::new();
        let mut from = PageFrom::Start;
        loop {
            let (window, _) = through(&store, &lens, from, 50);
            assert!(window.rows.len() <= 50);
            seen.extend(window.rows.into_iter().map(|row| row.key));
            match window.last_seen.filter(|_| window.more_after) {
                Some(last) => from = PageFrom::After(last),
                None => break,
            }
        }
        assert!(seen == expected, "{text}");
        let mut seen = Vec::new();
        let mut from = PageFrom::End;
        loop {
            let (window, _) = through(&store, &lens, from, 50);
            let keys: Vec<_> = window.rows.into_iter().map(|row| row.key).collect();
            seen.splice(0..0, keys);
            match window.first_seen.filter(|_| window.more_before) {
                Some(first) => from = PageFrom::Before(first),
                None => break,
            }
        }
        assert!(seen == expected, "{text} backwards");
    }
    // 10,000 rows without a match are more than one page looks at.
    let rare = filter("nothing-has-this", Subject::Issues);
    let lens = Lens {
        filter: rare.as_ref(),
        ..Lens::default()
    };
    let (window, _) = through(&store, &lens, PageFrom::Start, 50);
    assert!(window.rows.is_empty() && window.more_after);
}

#[test]
fn sifting_counts_and_numbers_what_a_filter_matches() {
    let world = varied();
    let store = ready(&world);
    let all = all(&store);
    for text in FILTERS {
        let arrange = Arrange {
            filter: filter(text, Subject::Issues),
            sort: None,
        };
        let mut read = 0;
        let sifted = store
            .rows_of::<Issues>("jira", &GO)
            .sift(&arrange, &mut |progress| read = progress.read)
            .unwrap();
        let matching: Vec<_> = all
            .iter()
            .filter(|row| arrange.filter.as_ref().unwrap().matches(*row))
            .collect();
        assert_eq!(sifted.found, matching.len() as u64, "{text}");
        assert_eq!(read, 10_000, "of 10,909 rows, told every 2,000");
        let Order::Publish(anchors) = &sifted.order else {
            panic!("in publish order");
        };
        let lens = Lens {
            filter: arrange.filter.as_ref(),
            anchors: Some(anchors),
            total: Some(sifted.found),
            ..Lens::default()
        };
        for number in [0, 3, matching.len() / 2, matching.len().saturating_sub(1)] {
            let Some(row) = matching.get(number) else { continue };
            let (window, _) = through(&store, &lens, PageFrom::Row(number as u64), 3);
            assert_eq!(&&window.rows[0], row, "{text} {number}");
            let at = PageFrom::At(row.key.clone());
            assert_eq!(through(&store, &lens, at, 3).0.rows_before, Some(number as u64));
        }
    }
}

#[test]
fn an_order_keeps_the_first_rows_and_pages_along_them() {
    let world = varied();
    let store = ready(&world);
    let all = all(&store);
    assert!(all.len() > KEPT);
    for (field, descending, text) in [
        (Field::Key, false, ""),
        (Field::Key, true, ""),
        (Field::Status, true, "refund"),
        (Field::Title, false, "wp:WP"),
    ] {
        let arrange = Arrange {
            filter: filter(text, Subject::Issues),
            sort: Some(Sort { field, descending }),
        };
        let sifted = store
            .rows_of::<Issues>("jira", &GO)
            .sift(&arrange, &mut |_| {})
            .unwrap();
        let Order::Kept(keys) = &sifted.order else {
            panic!("in its own order");
        };
        let mut expected: Vec<_> = all
            .iter()
            .filter(|row| arrange.filter.as_ref().is_none_or(|filter| filter.matches(*row)))
            .map(|row| (comparable(first_value(row, field)), row.key.clone()))
            .collect();
        expected.sort_by(|(a, _), (b, _)| match (a.is_none(), b.is_none()) {
            (false, false) if descending => b.cmp(a),
            (false, false) => a.cmp(b),
            (a, b) => a.cmp(&b),
        });
        let expected: Vec<_> = expected.into_iter().map(|(_, key)| key).take(KEPT).collect();
        assert!(*keys == expected, "{field:?} {descending}");
        let window = |from: PageFrom| {
            store
                .rows_of::<Issues>("jira", &GO)
                .kept(keys, &from, 20)
                .unwrap()
        };
        let first = window(PageFrom::Start);
        assert_eq!(first.rows_before, Some(0));
        assert!(first.rows.iter().map(|row| &row.key).eq(keys.iter().take(20)));
        let next = window(PageFrom::After(first.rows[19].key.clone()));
        assert_eq!((next.rows_before, &next.rows[0].key), (Some(20), &keys[20]));
        let back = window(PageFrom::Before(next.rows[0].key.clone()));
        assert!(back == first);
        let end = window(PageFrom::End);
        assert!(!end.more_after && end.rows.last().unwrap().key == *keys.last().unwrap());
        assert_eq!(window(PageFrom::Row(30)).rows[0].key, keys[30]);
    }
}

/// `ACME-9` before `ACME-10`, case aside.
fn comparable(value: Option<String>) -> Option<(String, u64)> {
    let value = value?.to_lowercase();
    let digits = value.find(|c: char| c.is_ascii_digit()).unwrap_or(value.len());
    let (text, number) = value.split_at(digits);
    Some((text.to_owned(), number.parse().unwrap_or_default()))
}

#[test]
fn each_byte_of_the_body_belongs_to_a_row() {
    let world = varied();
    world
        .connect()
        .execute_batch("DELETE FROM tracker_issues WHERE payload = '{}'")
        .unwrap();
    let store = ready(&world);
    let (anchors, body) = audited(&store);
    let mut bytes = Vec::new();
    std::io::copy(&mut body.unwrap().reader(), &mut bytes).unwrap();
    let find = |needle: &str| {
        bytes
            .windows(needle.len())
            .position(|part| part == needle.as_bytes())
            .unwrap()
    };
    for (number, probe) in [(1, 0), (1, 40), (5_001, 1), (11_998, 100)] {
        let begin = find(&format!(
            "{{\"ref\":{{\"system\":\"jira\",\"workspace\":\"https://acme.test\",\"id\":\"{number}\""
        ));
        let offset = (begin + probe) as u64;
        let key = store
            .rows_of::<Issues>("jira", &GO)
            .at_byte(&anchors.issues, offset)
            .unwrap();
        assert_eq!(
            key,
            Some(RowKey::Text(format!("jira:w:{number:05}").into_bytes()))
        );
    }
    let wp = find("\"WP5001\"") as u64;
    let key = store
        .rows_of::<Mappings>("jira", &GO)
        .at_byte(&anchors.mappings, wp)
        .unwrap();
    assert!(matches!(key, Some(RowKey::Mapping { wp_id, .. }) if wp_id == "WP5001"));
    let behind = store
        .rows_of::<Issues>("jira", &GO)
        .at_byte(&anchors.issues, bytes.len() as u64);
    assert_eq!(behind.unwrap(), None);
}

#[test]
fn mappings_are_numbered_filtered_and_sorted_too() {
    let world = World::new();
    let store = world.connect();
    for number in 0..3_000 {
        let system = if number % 2 == 0 { "jira" } else { "linear" };
        mapping(
            &store,
            format!("WP{number:04}"),
            system,
            &number.to_string(),
            None,
            None,
        );
    }
    drop(store);
    let store = ready(&world);
    let (anchors, _) = audited(&store);
    let lens = Lens {
        anchors: Some(&anchors.mappings),
        total: Some(3_000),
        ..Lens::default()
    };
    let window = |lens: &Lens<'_>, from| -> Page<MappingRow> {
        store
            .rows_of::<Mappings>("jira", &GO)
            .window(lens, from, 4, &mut |_| {})
            .unwrap()
    };
    let at = window(&lens, PageFrom::Row(1_500));
    assert_eq!(
        (at.rows[0].mapping.wp_id.as_str(), at.rows_before),
        ("WP1500", Some(1_500))
    );
    assert_eq!(
        window(&lens, PageFrom::At(at.rows[2].key.clone())).rows_before,
        Some(1_502)
    );
    let arrange = Arrange {
        filter: filter("system:linear wp:99", Subject::Mappings),
        sort: Some(Sort {
            field: Field::Id,
            descending: true,
        }),
    };
    let sifted = store
        .rows_of::<Mappings>("jira", &GO)
        .sift(&arrange, &mut |_| {})
        .unwrap();
    let Order::Kept(keys) = &sifted.order else {
        panic!("in its own order")
    };
    let kept = store
        .rows_of::<Mappings>("jira", &GO)
        .kept(keys, &PageFrom::Start, 3)
        .unwrap();
    let names: Vec<_> = kept.rows.iter().map(|row| row.mapping.wp_id.as_str()).collect();
    assert_eq!(names, ["WP2999", "WP2997", "WP2995"]);
}
