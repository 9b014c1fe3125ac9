//! The what-if overlay: changed, taken back, never published, its secrets never shown.

use catseye::app::action::Action;
use catseye::app::effect::{Effect, Generation};
use catseye::app::message::Message;
use catseye::app::publish::Publish;
use catseye::app::update::update;
use catseye::domain::what_if::Change;

use super::world::*;

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
