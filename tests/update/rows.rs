//! Tables and the body over any number of rows: windows, places, filters, orders, searches, values.

use catseye::app::action::Action;
use catseye::app::effect::Effect;
use catseye::app::message::Message;
use catseye::app::model::{Model, Overlay, Section, Size};
use catseye::app::refusal::hindrance;
use catseye::app::update::update;
use catseye::domain::window::{Page, PageFrom};

use super::world::*;

#[test]
fn a_window_goes_through_the_whole_table_and_stays_small() {
    let mut model = Model::new(SIZE);
    settle(&mut model, Message::Started);
    press(&mut model, "2");
    for step in 0..ROWS - 1 {
        assert_eq!(model.issues.ordinal(), Some(step));
        press(&mut model, "j");
        assert!(model.issues.rows().len() <= 1200);
    }
    assert_eq!(number(&model.issues.current().unwrap().key), ROWS - 1);
    for _ in 0..ROWS {
        press(&mut model, "k");
    }
    assert_eq!(model.issues.ordinal(), Some(0));
    press(&mut model, "G");
    assert_eq!(model.issues.ordinal(), Some(ROWS - 1));
    press(&mut model, "/x<enter>");
    assert_eq!(number(&model.issues.current().unwrap().key), ROWS / 2);
    press(&mut model, "r");
    assert_eq!(number(&model.issues.current().unwrap().key), ROWS / 2);
}

#[test]
fn goes_to_a_row_by_its_number_and_to_a_part() {
    let mut model = in_issues();
    for (typed, row) in [
        ("2,500", 2499),
        ("1", 0),
        ("99999999", ROWS - 1),
        ("50%", 2499),
        ("100%", ROWS - 1),
    ] {
        press(&mut model, &format!(":{typed}<enter>"));
        assert_eq!((at(&model), model.issues.ordinal()), (row, Some(row)), "{typed}");
        assert!(model.issues.rows().len() <= 1200);
    }
    press(&mut model, ":0<enter>");
    assert!(model.toast.as_ref().unwrap().text.contains("count from 1"));
    assert!(
        matches!(model.overlay, Some(Overlay::Palette(_))),
        "it stays to be mended"
    );
}

#[test]
fn the_way_to_a_row_can_be_stopped() {
    let mut model = in_issues();
    press(&mut model, ":4000");
    let effects = act(&mut model, Action::Open);
    let [Effect::LoadPage { generation, .. }] = effects[..] else {
        panic!("a page is asked for: {effects:?}");
    };
    update(
        &mut model,
        Message::Passed {
            generation,
            rows: 2000,
        },
    );
    assert_eq!(model.issues.passed, Some(2000));
    assert_eq!(act(&mut model, Action::Back), [Effect::Stop { generation }]);
    assert_eq!(at(&model), 0, "the rows at hand stay");
}

#[test]
fn a_filter_keeps_the_row_and_is_taken_back_with_esc() {
    let mut model = in_issues();
    press(&mut model, ":51<enter>");
    press(&mut model, "fstatus:todo");
    let effects = act(&mut model, Action::Open);
    let sift = effects.iter().find_map(|effect| match effect {
        Effect::Sift { generation, .. } => Some(*generation),
        _ => None,
    });
    let generation = sift.unwrap();
    let progress = Message::SiftProgress {
        generation,
        read: 600,
        found: 60,
    };
    update(&mut model, progress);
    assert_eq!(model.issues.sifting.as_ref().unwrap().found, 60);
    for effect in effects {
        if let Some(message) = answer(effect) {
            settle(&mut model, message);
        }
    }
    assert_eq!(
        (at(&model), model.issues.ordinal()),
        (50, Some(5)),
        "still on its row"
    );
    assert_eq!(model.issues.total(Some(ROWS)), Some(ROWS / 10));
    assert!(
        model
            .issues
            .rows()
            .iter()
            .all(|row| number(&row.key).is_multiple_of(10))
    );
    press(&mut model, "G");
    assert_eq!(at(&model), ROWS - 10);
    press(&mut model, "r");
    assert_eq!(at(&model), ROWS - 10);
    press(&mut model, "<esc>");
    assert!(model.issues.arrange.is_plain());
    assert_eq!(at(&model), ROWS - 10);
}

#[test]
fn counting_matches_stops_before_the_filter_goes() {
    let mut model = in_issues();
    press(&mut model, "ftitle:x");
    let effects = act(&mut model, Action::Open);
    let stopped: Vec<_> = act(&mut model, Action::Back);
    assert_eq!(stopped.len(), effects.len(), "{effects:?} {stopped:?}");
    assert!(model.issues.arrange.filter.is_some() && model.issues.sifting.is_none());
    assert!(model.issues.found.unwrap().stopped_at.is_some());
    act(&mut model, Action::Back);
    assert!(model.issues.arrange.is_plain());
}

#[test]
fn a_wrong_filter_says_why_and_stays_to_be_mended() {
    let mut model = in_issues();
    press(&mut model, "fstatus:open<enter>");
    assert!(model.toast.as_ref().unwrap().text.contains("todo in_progress"));
    assert!(matches!(model.overlay, Some(Overlay::Filter(_))));
    press(&mut model, "<esc>f<enter>");
    assert!(model.overlay.is_none() && model.issues.arrange.is_plain());
}

#[test]
fn an_order_comes_into_force_when_it_is_worked_out() {
    let mut model = in_issues();
    press(&mut model, "j");
    press(&mut model, "sjs");
    let effects = act(&mut model, Action::Open);
    let [Effect::Sift { generation, .. }] = effects[..] else {
        panic!("the table is read: {effects:?}");
    };
    assert!(
        model.issues.arrange.is_plain() && at(&model) == 1,
        "until then nothing changes"
    );
    settle(
        &mut model,
        Message::Sifted {
            generation,
            result: Ok(ROWS),
        },
    );
    let sort = model.issues.arrange.sort.unwrap();
    assert!(sort.descending);
    press(&mut model, "s");
    assert!(matches!(model.overlay, Some(Overlay::Sort(menu)) if menu.cursor == 1 && menu.descending));
    press(&mut model, "<esc><esc>");
    assert!(model.issues.arrange.is_plain());
    press(&mut model, "sj<enter>");
    let mut again = in_issues();
    press(&mut again, "sj");
    act(&mut again, Action::Open);
    assert!(matches!(act(&mut again, Action::Back)[..], [Effect::Stop { .. }]));
    assert!(again.issues.arrange.is_plain() && again.issues.sifting.is_none());
}

#[test]
fn the_body_shows_all_rows_whatever_the_table_is_filtered_by() {
    let mut model = in_issues();
    press(&mut model, "fx<enter>5:issues[1234].ref.id<enter>");
    assert_eq!(model.section, Section::Payload);
    assert_eq!(number(&model.body_issues.current().unwrap().key), 1234);
    assert_eq!(model.body_issues.ordinal(), Some(1234));
    assert!(format!("{:?}", model.tree.cursor).contains("Line"));
    assert!(model.issues.arrange.filter.is_some());
    press(&mut model, ":@123456<enter>");
    assert_eq!(number(&model.body_issues.current().unwrap().key), 1234);
    press(&mut model, ":@400000<enter>");
    assert_eq!(model.body_issues.ordinal(), Some(4000));
    press(&mut model, ":@7<enter>");
    assert!(model.toast.as_ref().unwrap().text.contains("before the rows"));
    press(&mut model, ":checkpoint.cursor<enter>l");
    assert!(format!("{:?}", model.tree.cursor).contains("checkpoint"));
    press(&mut model, ":77<enter>");
    assert_eq!(model.body_issues.ordinal(), Some(76));
}

#[test]
fn when_all_rows_at_hand_have_gone_the_last_ones_are_shown() {
    let mut model = in_issues();
    press(&mut model, "G");
    let effects = reload(&mut model, snapshot("b"));
    let [Effect::LoadPage { generation, .. }] = effects[..] else {
        panic!("the rows are read again: {effects:?}");
    };
    let nothing = Page {
        rows: Vec::new(),
        more_before: true,
        more_after: false,
        first_seen: None,
        last_seen: None,
        rows_before: None,
    };
    let result = Ok(nothing);
    let effects = update(&mut model, Message::IssuesLoaded { generation, result });
    assert!(matches!(
        effects[..],
        [Effect::LoadPage {
            from: PageFrom::End,
            ..
        }]
    ));
}

#[test]
fn a_list_that_is_not_in_the_section_takes_no_answers_of_another() {
    let mut model = in_issues();
    press(&mut model, "G");
    press(&mut model, "5:1<enter>");
    assert_eq!(model.body_issues.ordinal(), Some(0));
    assert_eq!(model.issues.ordinal(), Some(ROWS - 1));
}

/// Keys and work packages are whole wherever the screen has room for them.
#[test]
fn columns_fit_what_is_seen() {
    for width in [80, 100, 120, 300] {
        let mut model = Model::new(Size { width, height: 30 });
        settle(&mut model, Message::Started);
        press(&mut model, "2");
        let page = model.issues.page.as_mut().unwrap();
        page.rows.truncate(3);
        for row in &mut page.rows {
            row.published.as_mut().unwrap().issue.reference.key = Some("ACME-1000000".to_owned());
            row.wp_ids = vec!["WP00000".to_owned()];
        }
        let text = catseye::tui::frame::text_of(&screen(&mut model));
        let line = text.lines().find(|line| line.contains("ACME-1000000 ")).unwrap();
        assert!(line.contains(" WP00000 "), "{text}");
    }
}

#[test]
fn a_value_is_shown_as_text_as_it_is_sent_and_in_hex_with_its_place() {
    let mut model = loaded();
    draw(&mut model);
    // The issues, the first one, its JSON, its member `ref`, the member `id` of that.
    press(&mut model, "5L");
    draw(&mut model);
    press(&mut model, "L");
    draw(&mut model);
    press(&mut model, "gjjjjjjjjjjjjj");
    let on = shown(&mut model);
    assert!(on.contains("issues[0].ref.id, 3 bytes"), "{on}");
    press(&mut model, "<enter>");
    let page = shown(&mut model);
    for part in [
        "╔ issues[0].ref.id ═",
        "its row begins at byte 0 of the body",
        "As text, 1 character ",
        "As it is sent, 3 bytes",
        "0000  22 31 22",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    press(&mut model, "<esc>H");
    assert!(shown(&mut model).contains("▸ issues"));
}

#[test]
fn an_unfolded_row_that_is_read_again_shows_what_it_is_now() {
    let mut model = loaded();
    press(&mut model, "5:issues[0].labels[0]<enter>");
    assert!(shown(&mut model).contains("issues[0].labels[0], 3 bytes"));
    for effect in reload(&mut model, snapshot("b")) {
        let Some(Message::IssuesLoaded {
            generation,
            mut result,
        }) = answer(effect)
        else {
            continue;
        };
        let issue = &mut result.as_mut().unwrap().rows[0].published;
        issue.as_mut().unwrap().json = "{\"a\":1,\"b\":\"x\u{202e}y\",\"c\":[true]}".to_owned();
        update(&mut model, Message::IssuesLoaded { generation, result });
    }
    let now = shown(&mut model);
    assert!(now.contains("\"c\":[") && !now.contains("labels"), "{now}");
    assert!(now.contains("issues[0].c, 6 bytes"), "{now}");
    assert!(
        now.contains("\"b\":\"x\\u202ey\""),
        "as the body may have it: {now}"
    );
}

#[test]
fn a_list_of_the_body_is_no_json_of_its_own() {
    let mut model = loaded();
    press(&mut model, "5:issues<enter>");
    assert_eq!(
        hindrance(&model, Action::CopyJson).as_deref(),
        Some("no JSON here")
    );
    assert_eq!(
        hindrance(&model, Action::CopyValue).as_deref(),
        Some("no value here")
    );
    assert_eq!(hindrance(&model, Action::CopyPath), None);
    press(&mut model, ":project_slug<enter>");
    assert_eq!(hindrance(&model, Action::CopyJson), None);
}

#[test]
fn the_hits_of_a_search_are_counted_beside_it_and_again_when_the_rows_change() {
    let mut model = in_issues();
    press(&mut model, "/x<enter>");
    assert!(
        shown(&mut model).contains("\"x\" 1250 hits"),
        "{}",
        shown(&mut model)
    );
    let searched = act(&mut model, Action::SearchNext);
    assert!(
        !searched
            .iter()
            .any(|effect| matches!(effect, Effect::Count { .. })),
        "they are counted already"
    );
    let effects = reload(&mut model, snapshot("b"));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Count { .. }))
    );
    press(&mut model, "3");
    assert!(!shown(&mut model).contains("hits"));
}
