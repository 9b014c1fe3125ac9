//! The inspector's core by its messages: what sends and what never does, stale answers, steps back; and no size and
//! no sequence of keys that makes it or the views panic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod any_order;
mod hypothesis;
mod rows;
mod sending;
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
use catseye::domain::osc52::{Osc52, Through};

use world::*;

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
        let osc52 = None;
        update(model, Message::Copied { result, osc52, held });
    };
    let mut model = loaded();
    copied(&mut model, false);
    assert!(act(&mut model, Action::Quit).is_empty() && model.quit);

    let mut model = loaded();
    copied(&mut model, true);
    assert_eq!(act(&mut model, Action::Quit), [Effect::HandOver]);
    assert!(!model.quit, "it waits for the answer");
    let lost = |osc52| Message::HandedOver { kept: false, osc52 };
    let sequence = Osc52::of("text", Through::Nothing).unwrap();
    assert_eq!(
        update(&mut model, lost(Some(sequence.clone()))),
        [Effect::WriteTerminal(sequence)]
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
        osc52: None,
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
    let keys = catseye::tui::keymap::Keymap::default();
    for row in keys.rows() {
        let line = format!("{:<13} {}", keys.pressed(row), row.help);
        let lines = help.lines().filter(|shown| {
            let shown = shown.trim_matches(['║', ' ']);
            shown.ends_with(row.help) && line.split_whitespace().eq(shown.split_whitespace())
        });
        assert_eq!(lines.count(), 1, "{line}\n{help}");
    }
}
