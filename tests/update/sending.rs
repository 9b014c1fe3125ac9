//! Sending: half a second, one key, everything accepted, nothing stale.

use std::time::Duration;

use catseye::app::action::Action;
use catseye::app::effect::Effect;
use catseye::app::message::Message;
use catseye::app::publish::Publish;
use catseye::app::update::update;
use catseye::domain::catalogue::FindingName;
use catseye::domain::finding::Finding;

use super::world::*;

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
fn where_nothing_is_to_be_accepted_that_is_said() {
    let mut model = confirming(Vec::new());
    act(&mut model, Action::Accept);
    let told = model.toast.as_ref().map(|toast| toast.text.as_str());
    assert_eq!(told, Some("nothing needs to be accepted"));
    let mut model = confirming(vec![null_route()]);
    act(&mut model, Action::Accept);
    assert_eq!(model.toast, None);
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

#[test]
fn quitting_asks_once_while_an_answer_is_awaited() {
    let mut model = confirming(Vec::new());
    assert!(send_at(&mut model, 60_000));
    act(&mut model, Action::Exit);
    assert!(!model.quit);
    act(&mut model, Action::Exit);
    assert!(model.quit);
}
