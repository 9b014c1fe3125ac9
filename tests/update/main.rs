//! The inspector's core by its messages: what sends and what never does, stale answers, steps back; and no size and
//! no sequence of keys that makes it or the views panic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod any_order;
mod world;

use std::time::Duration;

use catseye::app::action::Action;
use catseye::app::effect::{Effect, Generation};
use catseye::app::message::Message;
use catseye::app::model::{Model, Overlay, Section, Size};
use catseye::app::page::Tone;
use catseye::app::palette::{Choice, choices};
use catseye::app::publish::Publish;
use catseye::app::refusal::hindrance;
use catseye::app::update::update;
use catseye::domain::catalogue::FindingName;
use catseye::domain::evaluation::Verdict;
use catseye::domain::events::Seen;
use catseye::domain::finding::Finding;
use catseye::domain::what_if::Change;
use catseye::domain::window::{Page, PageFrom};

use world::*;

#[test]
fn p_sends_half_a_second_after_the_panel_was_drawn_and_once() {
    let mut model = confirming(Vec::new());
    assert!(send_at(&mut model, 10_500));
    assert!(!send_at(&mut model, 11_500), "the request is under way");
}

#[test]
fn a_held_key_never_sends() {
    let mut model = confirming(Vec::new());
    for repeat in 0..200 {
        assert!(!send_at(&mut model, 10_030 + repeat * 400));
    }
    assert!(send_at(&mut model, 10_030 + 199 * 400 + 500));
}

#[test]
fn a_panel_that_was_not_drawn_does_not_send() {
    let mut model = loaded();
    let [Effect::BuildPlan { generation }] = act(&mut model, Action::Plan)[..] else {
        panic!("p builds a plan");
    };
    let result = Ok(plan(1, Vec::new()));
    update(&mut model, Message::PlanReady { generation, result });
    assert!(!send_at(&mut model, 60_000));
}

#[test]
fn every_finding_must_be_accepted_first() {
    let mut model = confirming(vec![null_route(), Finding::new(FindingName::StoreMissing, "")]);
    assert!(!send_at(&mut model, 20_000));
    act(&mut model, Action::Accept);
    assert!(!send_at(&mut model, 30_000));
    act(&mut model, Action::Accept);
    assert!(send_at(&mut model, 40_000));
}

#[test]
fn a_send_blocker_cannot_be_accepted() {
    let mut model = confirming(vec![Finding::new(FindingName::SaasSyncFlagOff, "")]);
    act(&mut model, Action::Accept);
    assert!(!send_at(&mut model, 60_000));
}

#[test]
fn without_a_plan_p_only_hints() {
    let mut model = loaded();
    assert_eq!(act(&mut model, Action::Send), []);
    assert!(model.toast.as_ref().unwrap().text.contains("p shows"));
}

#[test]
fn a_page_is_filled_by_its_own_answer_and_stopped_when_it_is_closed() {
    let mut model = loaded();
    let [Effect::Compare { generation }] = act(&mut model, Action::Changes)[..] else {
        panic!("d asks for a comparison");
    };
    let page = |text: &str| Ok(vec![(Tone::Plain, text.to_owned())]);
    let stale = Generation(generation.0 + 1000);
    let result = page("stale");
    update(
        &mut model,
        Message::PageReady {
            generation: stale,
            result,
        },
    );
    assert!(matches!(&model.overlay, Some(Overlay::Page(page)) if page.awaited == Some(generation)));
    let result = page("answer");
    update(&mut model, Message::PageReady { generation, result });
    assert!(matches!(&model.overlay, Some(Overlay::Page(page)) if page.lines[0].1 == "answer"));
    act(&mut model, Action::Back);
    let [Effect::Compare { generation }] = act(&mut model, Action::Changes)[..] else {
        panic!("d asks again");
    };
    assert_eq!(act(&mut model, Action::Back), [Effect::Stop { generation }]);
    let result = page("late");
    update(&mut model, Message::PageReady { generation, result });
    assert!(model.overlay.is_none(), "a closed page stays closed");
}

#[test]
fn a_change_that_cannot_be_read_stays_to_be_mended() {
    let mut model = loaded();
    press(&mut model, "wG<enter>");
    update(&mut model, Message::Pasted("project_key".to_owned()));
    assert_eq!(act(&mut model, Action::Open), []);
    assert!(model.toast.as_ref().unwrap().text.contains("KEY=VALUE"));
    let typed = what_if(&model).typing.as_ref().unwrap();
    assert_eq!(typed.value(), "project_key");
    update(&mut model, Message::Pasted("=ACME".to_owned()));
    assert!(matches!(
        act(&mut model, Action::Open)[..],
        [Effect::WhatIf { .. }]
    ));
}

#[test]
fn changes_on_disk_are_listed_and_move_nothing() {
    let mut model = loaded();
    act(&mut model, Action::ShowSources);
    for verdict in [Verdict::Blocked, Verdict::Routed] {
        let mut next = snapshot("b");
        next.evaluation.verdict = verdict;
        next.seen = Seen {
            verdict,
            ..Seen::default()
        };
        reload(&mut model, next);
    }
    assert_eq!(model.events.len(), 1, "the same look twice is no event");
    assert_eq!(model.section, Section::Sources);
    act(&mut model, Action::Events);
    let Some(Overlay::Page(page)) = &model.overlay else {
        panic!("E lists the events");
    };
    assert!(page.lines[0].1.contains("blocked -> routed"), "{:?}", page.lines);
}

#[test]
fn only_send_sends() {
    for action in Action::ALL.iter().filter(|action| **action != Action::Send) {
        let mut model = confirming(Vec::new());
        update(&mut model, Message::Tick(Duration::from_mins(1)));
        let effects = act(&mut model, *action);
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Send { .. })),
            "{action:?}"
        );
    }
    let mut model = confirming(Vec::new());
    update(&mut model, Message::Tick(Duration::from_mins(1)));
    assert_eq!(update(&mut model, Message::Pasted("P\nP".to_owned())), []);
}

#[test]
fn a_plan_goes_stale_when_an_input_changes() {
    let mut model = confirming(Vec::new());
    let effects = act(&mut model, Action::Reload);
    let [Effect::Load { generation }] = effects[..] else {
        panic!("r loads");
    };
    let result = Ok(snapshot("b"));
    update(&mut model, Message::Loaded { generation, result });
    assert!(!send_at(&mut model, 60_000));
    assert!(model.toast.as_ref().unwrap().text.contains("config.yaml changed"));
}

#[test]
fn answers_to_earlier_requests_are_dropped() {
    let mut model = loaded();
    act(&mut model, Action::Reload);
    let generation = Generation(1);
    let result = Err("old".to_owned());
    update(&mut model, Message::Loaded { generation, result });
    assert_eq!(model.load_trouble, None);
    act(&mut model, Action::Plan);
    let result = Ok(plan(77, Vec::new()));
    let effects = update(&mut model, Message::PlanReady { generation, result });
    assert_eq!(effects, [Effect::DropPlan { plan_id: 77 }]);
    assert!(matches!(model.publish, Publish::Planning { .. }));
}

#[test]
fn esc_never_quits_and_q_quits_at_the_top_only() {
    let mut model = loaded();
    for _ in 0..9 {
        act(&mut model, Action::Back);
    }
    assert!(!model.quit);
    for open in [Action::Help, Action::CopyMenu, Action::Open, Action::Plan] {
        act(&mut model, open);
        act(&mut model, Action::Quit);
        assert!(!model.quit, "{open:?}");
    }
    act(&mut model, Action::Quit);
    assert!(model.quit);
}

#[test]
fn quitting_asks_once_while_an_answer_is_awaited() {
    let mut model = confirming(Vec::new());
    assert!(send_at(&mut model, 60_000));
    act(&mut model, Action::Exit);
    assert!(!model.quit);
    act(&mut model, Action::Exit);
    assert!(model.quit);
}

#[test]
fn the_route_section_opens_on_the_cause() {
    let model = loaded();
    assert_eq!(model.section, Section::Route);
    assert_eq!(
        model.finding().unwrap().name,
        FindingName::ProviderSpellingMismatch
    );
}

/// A cause that comes up is shown where nobody has chosen another finding, and moves nobody who has.
#[test]
fn the_cursor_stays_on_the_cause_until_it_is_moved() {
    let note = || Finding::new(FindingName::IssueUnmapped, "");
    let with = |findings: Vec<Finding>| {
        let mut snapshot = snapshot("a");
        snapshot.evaluation.findings = findings;
        snapshot
    };
    let mut model = loaded();
    reload(&mut model, with(vec![note()]));
    reload(&mut model, with(vec![null_route(), note()]));
    assert_eq!(model.cursor(), 0, "nobody chose the note");
    act(&mut model, Action::Down);
    reload(
        &mut model,
        with(vec![
            null_route(),
            Finding::new(FindingName::StoreEmpty, ""),
            note(),
        ]),
    );
    assert_eq!(model.cursor(), 2, "it stays on the note");
    reload(&mut model, with(vec![note()]));
    act(&mut model, Action::Open);
    reload(&mut model, with(vec![null_route(), note()]));
    assert_eq!(model.cursor(), 1, "it is read");
}

#[test]
fn a_hypothesis_changes_one_input_after_the_other_and_ends_with_esc() {
    let mut model = loaded();
    press(&mut model, "w");
    assert!(what_if(&model).hypothesis.is_some() && what_if(&model).changes.is_empty());
    press(&mut model, "<enter>jira<enter>");
    let set = Change::set("binding.provider=jira").unwrap();
    assert_eq!(what_if(&model).changes, std::slice::from_ref(&set));
    press(&mut model, "jx");
    let unset = Change::unset("credentials.api_token").unwrap();
    assert_eq!(what_if(&model).changes, [set, unset.clone()]);
    press(&mut model, "kx");
    assert_eq!(what_if(&model).changes, [unset], "x puts the real one back");
    press(&mut model, "G<enter>KEY=a=b<enter>");
    assert_eq!(what_if(&model).changes.len(), 2);
    press(&mut model, "<enter>typed<esc>");
    assert!(what_if(&model).typing.is_none(), "esc stops typing first");
    press(&mut model, "<esc>");
    assert!(model.overlay.is_none());
    press(&mut model, "w");
    assert!(what_if(&model).changes.is_empty(), "the hypothesis is gone");
}

#[test]
fn a_hypothesis_is_never_published() {
    let mut model = loaded();
    press(&mut model, "w<enter>jira<enter>");
    for action in [Action::Plan, Action::Send, Action::Plan, Action::Send] {
        assert_eq!(act(&mut model, action), []);
        assert!(model.toast.as_ref().unwrap().text.contains("cannot be published"));
    }
    assert!(matches!(model.publish, Publish::Idle));
    let mut model = confirming(Vec::new());
    press(&mut model, "w");
    assert!(
        model.overlay.is_none(),
        "and a plan is not what a hypothesis is about"
    );
}

#[test]
fn changes_that_cannot_be_made_are_taken_back_and_late_answers_dropped() {
    let mut model = loaded();
    press(&mut model, "w");
    act(&mut model, Action::Open);
    update(
        &mut model,
        Message::Text(tui_input::InputRequest::InsertChar('x')),
    );
    let [Effect::WhatIf { generation, .. }] = act(&mut model, Action::Open)[..] else {
        panic!("enter tries it");
    };
    let late = Generation(generation.0 - 1);
    let result = Ok(hypothesis(&[]));
    update(
        &mut model,
        Message::WhatIfReady {
            generation: late,
            result,
        },
    );
    assert!(what_if(&model).awaited.is_some());
    let result = Err("config.yaml cannot be parsed".to_owned());
    update(&mut model, Message::WhatIfReady { generation, result });
    assert!(what_if(&model).changes.is_empty() && what_if(&model).awaited.is_none());
    assert!(model.toast.as_ref().unwrap().text.contains("cannot be parsed"));
    act(&mut model, Action::TakeAway);
    let stop = act(&mut model, Action::Back);
    assert!(matches!(stop[..], [Effect::Stop { .. }]));
    let result = Ok(hypothesis(&[]));
    let generation = Generation(generation.0 + 1);
    update(&mut model, Message::WhatIfReady { generation, result });
    assert!(model.overlay.is_none());
}

#[test]
fn a_hypothesis_follows_the_files() {
    let mut model = loaded();
    press(&mut model, "w<enter>jira<enter>");
    let effects = reload(&mut model, snapshot("b"));
    let again = effects.iter().find_map(|effect| match effect {
        Effect::WhatIf { changes, .. } => Some(changes.len()),
        _ => None,
    });
    assert_eq!(again, Some(1));
}

#[test]
fn a_secret_that_is_typed_is_not_shown() {
    let mut model = loaded();
    press(&mut model, "wj<enter>hunter2");
    assert_eq!(what_if(&model).shown("hunter2"), "•••••••");
    press(&mut model, "<esc>G<enter>");
    assert_eq!(what_if(&model).shown("token=hunter2"), "token=•••••••");
    assert_eq!(what_if(&model).shown("project_key=ACME"), "project_key=ACME");
    assert_eq!(what_if(&model).shown("base_url=h://u:p@h"), "base_url=•••••••••");
    press(&mut model, "token=hunter2<enter>");
    assert!(!format!("{:?}", model.overlay).contains("hunter2"));
}

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
fn the_palette_does_everything_but_send() {
    let mut model = confirming(Vec::new());
    act(&mut model, Action::Back);
    press(&mut model, ":shissues<enter>");
    assert_eq!(model.section, Section::Issues);
    for typed in [":send<enter>", ":send frozen<enter>", ":P<enter>"] {
        let mut model = in_issues();
        update(&mut model, Message::Tick(Duration::from_mins(1)));
        press(&mut model, typed);
        assert!(!matches!(model.publish, Publish::Sending(_)), "{typed}");
    }
    let all = choices("");
    for action in Action::ALL {
        let inner = [
            Action::Send,
            Action::Palette,
            Action::PickNext,
            Action::PickPrevious,
        ];
        let listed = all.contains(&Choice::Action(*action));
        assert_eq!(listed, !inner.contains(action), "{action:?}");
        if listed {
            let best = choices(&action.words()).into_iter().next();
            assert_eq!(best, Some(Choice::Action(*action)), "its own name finds it first");
        }
    }
    let mut model = in_issues();
    press(&mut model, ":<down><down><up>");
    assert!(matches!(&model.overlay, Some(Overlay::Palette(palette)) if palette.picked == 1));
    press(&mut model, "<esc>");
    assert!(model.overlay.is_none());
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

#[test]
fn the_mouse_is_off_until_it_is_asked_for_and_selects_what_was_clicked() {
    let mut model = in_issues();
    assert!(!model.mouse.on);
    assert_eq!(act(&mut model, Action::Mouse), [Effect::Mouse(true)]);
    draw(&mut model);
    // Title, tabs, border, heading: the first row is the fifth line.
    update(&mut model, Message::Click { x: 3, y: 7 });
    assert_eq!(at(&model), 3);
    update(&mut model, Message::Wheel { down: true });
    assert_eq!(at(&model), 6);
    update(&mut model, Message::Wheel { down: false });
    update(&mut model, Message::Click { x: 90, y: 29 });
    assert_eq!(at(&model), 3);
    act(&mut model, Action::Open);
    draw(&mut model);
    update(&mut model, Message::Click { x: 3, y: 4 });
    assert_eq!((at(&model), model.detail), (0, false));
    update(&mut model, Message::Click { x: 3, y: 1 });
    assert_eq!(model.section, Section::Route);
    assert_eq!(act(&mut model, Action::Mouse), [Effect::Mouse(false)]);
}

#[test]
fn a_click_neither_accepts_nor_sends_nor_leaves_a_plan() {
    let mut model = confirming(vec![null_route()]);
    draw(&mut model);
    for y in 0..SIZE.height {
        for x in (0..SIZE.width).step_by(7) {
            assert_eq!(update(&mut model, Message::Click { x, y }), []);
        }
    }
    let Publish::Confirming(confirming) = &model.publish else {
        panic!("the plan is gone");
    };
    assert!(confirming.accepted.is_empty());
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
            row.published.as_mut().unwrap().key = Some("ACME-1000000".to_owned());
            row.wp_ids = vec!["WP00000".to_owned()];
        }
        let text = catseye::tui::frame::text_of(&screen(&mut model));
        let line = text.lines().find(|line| line.contains("ACME-1000000 ")).unwrap();
        assert!(line.contains(" WP00000 "), "{text}");
    }
}

/// The screen as text.
fn shown(model: &mut Model) -> String {
    let drawn = screen(model);
    let rows = drawn.content.chunks(usize::from(drawn.area.width));
    let line = |row: &[ratatui::buffer::Cell]| {
        row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n"
    };
    rows.map(line).collect()
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

#[test]
fn what_a_key_cannot_do_is_told_and_its_hint_is_dim() {
    let mut model = loaded();
    for (section, action, reason) in [
        (
            Action::ShowJournal,
            Action::Resend,
            "only an attempt whose outcome is unknown is sent again",
        ),
        (Action::ShowJournal, Action::Open, "there is nothing to open here"),
        (Action::ShowCheckpoint, Action::Search, "nothing to search here"),
        (
            Action::ShowSources,
            Action::Edit,
            "no line of a file to edit here",
        ),
        (Action::ShowIssues, Action::Browse, "there is no URL here"),
        (Action::ShowMappings, Action::Bytes, "no value here"),
        (
            Action::ShowRoute,
            Action::SearchNext,
            "nothing searched for yet: /",
        ),
    ] {
        act(&mut model, section);
        assert_eq!(hindrance(&model, action).as_deref(), Some(reason), "{section:?}");
        assert!(act(&mut model, action).is_empty());
        assert_eq!(
            model.toast.as_ref().map(|toast| toast.text.as_str()),
            Some(reason)
        );
    }
    let plan = confirming(vec![null_route()]);
    let accepted_first = hindrance(&plan, Action::Send).unwrap();
    assert!(accepted_first.starts_with("accept first"), "{accepted_first}");
    assert_eq!(hindrance(&confirming(Vec::new()), Action::Send), None);
}

#[test]
fn quitting_has_a_copy_kept_by_others_or_says_once_that_it_goes() {
    let copied = |model: &mut Model, held| {
        let result = Ok("value, 4 bytes: copied".to_owned());
        let terminal_bytes = None;
        update(
            model,
            Message::Copied {
                result,
                terminal_bytes,
                held,
            },
        );
    };
    let mut model = loaded();
    copied(&mut model, false);
    assert!(act(&mut model, Action::Quit).is_empty() && model.quit);

    let mut model = loaded();
    copied(&mut model, true);
    assert_eq!(act(&mut model, Action::Quit), [Effect::HandOver]);
    assert!(!model.quit, "it waits for the answer");
    let lost = |terminal_bytes| Message::HandedOver {
        kept: false,
        terminal_bytes,
    };
    let bytes = vec![7];
    assert_eq!(
        update(&mut model, lost(Some(bytes.clone()))),
        [Effect::WriteTerminal(bytes)]
    );
    let told = model.toast.as_ref().unwrap().text.clone();
    assert!(
        told.contains("ends with catseye") && told.contains("y > writes a file"),
        "{told}"
    );
    assert!(
        act(&mut model, Action::Quit).is_empty() && model.quit,
        "asked once"
    );

    let mut model = loaded();
    copied(&mut model, true);
    act(&mut model, Action::Exit);
    let kept = Message::HandedOver {
        kept: true,
        terminal_bytes: None,
    };
    update(&mut model, kept);
    assert!(model.quit);
}

#[test]
fn every_action_has_a_handler_and_one_line_in_the_help() {
    for action in Action::ALL {
        let mut model = loaded();
        act(&mut model, *action);
        let told = model.toast.as_ref().map(|toast| toast.text.as_str());
        assert_ne!(told, Some("not in the copy menu"), "{action:?}");
    }
    let mut model = loaded();
    let size = Size {
        width: 200,
        height: 100,
    };
    update(&mut model, Message::Resized(size));
    act(&mut model, Action::Help);
    let help = shown(&mut model);
    for row in catseye::tui::keymap::BINDINGS {
        let line = format!("{:<13} {}", catseye::tui::keymap::keys_text(row), row.help);
        let lines = help.lines().filter(|shown| {
            let shown = shown.trim_matches(['║', ' ']);
            shown.ends_with(row.help) && line.split_whitespace().eq(shown.split_whitespace())
        });
        assert_eq!(lines.count(), 1, "{line}\n{help}");
    }
}
