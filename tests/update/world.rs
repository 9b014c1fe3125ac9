//! A project, rows and answers as the worker would give them, without files and threads.

use std::path::PathBuf;
use std::time::Duration;

use catseye::app::action::Action;
use catseye::app::effect::{Effect, Table};
use catseye::app::message::Message;
use catseye::app::model::{Model, Overlay, Size};
use catseye::app::publish::{PlanFacts, SendEnd};
use catseye::app::snapshot::{InputMark, Snapshot};
use catseye::app::update::update;
use catseye::app::what_if::{Hypothesis, InputLine, WhatIf};
use catseye::domain::catalogue::FindingName;
use catseye::domain::evaluation::{
    BindingFacts, BodyFacts, CredentialFacts, Evaluation, Routing, StoreFacts, StoreState, TokenSource,
    Verdict,
};
use catseye::domain::events::Seen;
use catseye::domain::finding::{Bases, Finding, Fix, Place, Range};
use catseye::domain::issue::Issue;
use catseye::domain::mapping::Mapping;
use catseye::domain::what_if::{Change, Difference, Target};
use catseye::domain::window::{
    Arrange, IssueFacts, IssueRow, MappingRow, Page, PageFrom, RowKey, RowTrouble,
};
use catseye::tui::input;
use catseye::tui::keymap::{Keymap, parse_keys};
use catseye::tui::look::Look;
use catseye::tui::theme::Theme;
use catseye::tui::view;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event;
use ratatui::layout::Rect;

pub const SIZE: Size = Size {
    width: 100,
    height: 30,
};

pub const ROWS: u64 = 5000;

pub fn mark(text: &str) -> Vec<InputMark> {
    vec![InputMark {
        name: "config.yaml".to_owned(),
        mark: text.to_owned(),
    }]
}

pub fn null_route() -> Finding {
    let path = PathBuf::from("/p/.kittify/config.yaml");
    let range = Range {
        line: 7,
        column: 13,
        start: 142,
        end: 146,
    };
    let range = Some(range);
    Finding::new(
        FindingName::ProviderSpellingMismatch,
        "Jira is not jira \u{202e} 支払い",
    )
    .at(Place::File { path, range }, "looked up as it stands")
    .fix(Fix::command("bind it again", "spec-kitty tracker bind"))
}

pub fn snapshot(mark_text: &str) -> Box<Snapshot> {
    Box::new(Snapshot {
        evaluation: Evaluation {
            verdict: Verdict::NullRoute,
            project_root: Some(PathBuf::from("/p")),
            project_uuid: None,
            project_slug: Some("acme".to_owned()),
            binding: Some(BindingFacts {
                provider: "Jira".to_owned(),
                normalized_provider: "jira".to_owned(),
                workspace: "acme.example".to_owned(),
                doctrine_mode: "split_ownership".to_owned(),
                doctrine_field_owners: vec![("title".to_owned(), "external".to_owned())],
            }),
            newer: None,
            routing: Some(Routing {
                route: None,
                trace: Vec::new(),
            }),
            credentials: CredentialFacts {
                path: PathBuf::from("/h/credentials"),
                table: None,
                keys: Vec::new(),
                token_source: TokenSource::None,
            },
            store: StoreFacts {
                path: Some(PathBuf::from("/h/trackers/x.db")),
                scope: None,
                state: Some(StoreState::Ok),
                issues: Some(ROWS),
                mappings: Some(ROWS),
            },
            stores: Vec::new(),
            checkpoint: None,
            plan: None,
            origins: Vec::new(),
            findings: vec![null_route()],
        },
        inputs: mark(mark_text),
        snippets: Vec::new(),
        sources: Vec::new(),
        attempts: Vec::new(),
        open_attempts: Vec::new(),
        rows_checked: true,
        seen: Seen::default(),
        as_of: "14:02:31".to_owned(),
        bases: Bases::default(),
        scene: None,
    })
}

pub fn plan(id: u64, findings: Vec<Finding>) -> Box<PlanFacts> {
    Box::new(PlanFacts {
        plan_id: id,
        frozen_at: "14:02:32".to_owned(),
        inputs: mark("a"),
        url: "https://s.example/api".to_owned(),
        way: "http://127.0.0.1:9, no proxy".to_owned(),
        resends: None,
        headers: Vec::new(),
        auth: "none".to_owned(),
        route: None,
        issues: 1,
        mappings: 0,
        idempotency_key: "k".to_owned(),
        idempotency_preimage: "jira|a".to_owned(),
        body: BodyFacts {
            bytes: 9,
            blake3: [0; 32],
        },
        held: None,
        since_last: Vec::new(),
        findings,
    })
}

/// A model with the snapshot loaded and nothing under way.
pub fn loaded() -> Model {
    let mut model = Model::new(SIZE);
    let [Effect::Load { generation }] = update(&mut model, Message::Started)[..] else {
        panic!("the start loads");
    };
    let result = Ok(snapshot("a"));
    update(&mut model, Message::Loaded { generation, result });
    model
}

/// An input changed and is read again as this; what that asks for.
pub fn reload(model: &mut Model, snapshot: Box<Snapshot>) -> Vec<Effect> {
    let [Effect::Load { generation }] = update(model, Message::SourcesChanged)[..] else {
        panic!("a change is read");
    };
    let result = Ok(snapshot);
    update(model, Message::Loaded { generation, result })
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    update(model, Message::Action(action))
}

/// A model in front of a plan that was drawn at 10 s.
pub fn confirming(findings: Vec<Finding>) -> Model {
    let mut model = loaded();
    let [Effect::BuildPlan { generation }] = act(&mut model, Action::Plan)[..] else {
        panic!("p builds a plan");
    };
    let result = Ok(plan(generation.0, findings));
    update(&mut model, Message::PlanReady { generation, result });
    drawn(&mut model, 10_000);
    model
}

pub fn drawn(model: &mut Model, ms: u64) {
    let now = Duration::from_millis(ms);
    let spots = Vec::new();
    update(
        model,
        Message::Drawn {
            now,
            overflow: 0,
            spots,
        },
    );
}

pub fn send_at(model: &mut Model, ms: u64) -> bool {
    update(model, Message::Tick(Duration::from_millis(ms)));
    let effects = act(model, Action::Send);
    effects.iter().any(|effect| matches!(effect, Effect::Send { .. }))
}

pub fn issue_row(number: u64) -> IssueRow {
    let trouble = RowTrouble {
        json_path: "title".to_owned(),
        reason: "KeyError: 'title'".to_owned(),
    };
    let issue = IssueFacts {
        issue: Issue {
            title: "支払い 👩\u{200d}🚀".to_owned(),
            body: Some("one\ntwo \u{1b}[31m".to_owned()),
            ..Issue::default()
        },
        json: r#"{"ref":{"id":"1"},"labels":["a"]}"#.to_owned(),
        ..IssueFacts::default()
    };
    IssueRow {
        rowid: 1,
        key: key(number),
        identity: format!("jira:{number}"),
        published: if number % 7 == 3 { Err(trouble) } else { Ok(issue) },
        wp_ids: Vec::new(),
    }
}

pub fn mapping_row(number: u64) -> MappingRow {
    MappingRow {
        rowid: 1,
        key: key(number),
        mapping: Mapping {
            wp_id: format!("WP{number}"),
            system: "jira".to_owned(),
            workspace: "w".to_owned(),
            external_id: number.to_string(),
            external_key: None,
            external_url: None,
            created_at: String::new(),
            updated_at: String::new(),
        },
        issue: None,
        json: "{}".to_owned(),
    }
}

pub fn key(number: u64) -> RowKey {
    RowKey::Text(number.to_be_bytes().to_vec())
}

pub fn number(key: &RowKey) -> u64 {
    match key {
        RowKey::Text(bytes) => u64::from_be_bytes(bytes[..].try_into().unwrap()),
        other => panic!("not one of ours: {other:?}"),
    }
}

/// What the worker would answer: all rows, or through a filter every tenth. A page looks at 100 rows at most.
pub fn page<T>(from: &PageFrom, limit: usize, arrange: &Arrange, row: fn(u64) -> T) -> Page<T> {
    let limit = (limit as u64).min(100);
    let first = match from {
        PageFrom::Start => 0,
        PageFrom::End => ROWS - limit,
        PageFrom::After(key) => number(key) + 1,
        PageFrom::At(key) => number(key),
        PageFrom::Before(key) => number(key).saturating_sub(limit),
        PageFrom::Row(row) => (*row).min(ROWS - 1),
        PageFrom::Percent(percent) => (ROWS - 1) * u64::from(*percent) / 100,
    };
    let end = match from {
        PageFrom::Before(key) => number(key),
        _ => (first + limit).min(ROWS),
    };
    let step = if arrange.filter.is_some() { 10 } else { 1 };
    let seen = |number| arrange.filter.is_some().then(|| key(number));
    Page {
        rows: (first..end)
            .filter(|number| number % step == 0)
            .map(row)
            .collect(),
        more_before: first > 0,
        more_after: end < ROWS,
        first_seen: seen(first),
        last_seen: seen(end.saturating_sub(1)),
        rows_before: Some(first.div_ceil(step)),
    }
}

/// What the worker would make of some changes, all inputs listed.
pub fn hypothesis(changes: &[Change]) -> Box<Hypothesis> {
    let line = |target: Target| {
        let change = changes.iter().find(|change| change.target == target);
        let real = Some("••••••••".to_owned());
        InputLine {
            value: change.map_or(real.clone(), |change| change.value.as_ref().and(real.clone())),
            real: change.map(|_| real),
            target,
        }
    };
    let targets = [Target::Provider, Target::Credential("api_token".to_owned())];
    Box::new(Hypothesis {
        inputs: targets.into_iter().map(line).collect(),
        difference: Difference {
            facts: Vec::new(),
            gone: vec![FindingName::ProviderSpellingMismatch],
            new: Vec::new(),
        },
        verdict: Verdict::NullRoute,
        route: None,
        fixes: changes
            .iter()
            .map(|_| Fix::command("so", "spec-kitty \u{202e}"))
            .collect(),
    })
}

/// Answers an effect as the worker would.
pub fn answer(effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::Load { generation } => Message::Loaded {
            generation,
            result: Ok(snapshot("a")),
        },
        Effect::Sift {
            generation, arrange, ..
        } => Message::Sifted {
            generation,
            result: Ok(if arrange.filter.is_some() { ROWS / 10 } else { ROWS }),
        },
        Effect::Seek { generation, offset } => Message::Sought {
            generation,
            result: if offset < 100 {
                Err("before the rows".to_owned())
            } else {
                Ok((Table::Issues, key((offset / 100).min(ROWS - 1))))
            },
        },
        Effect::Locate { generation, key, .. } => Message::Located {
            generation,
            result: Ok(100 * number(&key)),
        },
        Effect::Count { generation, .. } => Message::Counted {
            generation,
            found: ROWS / 4,
            all: true,
        },
        Effect::Search { generation, .. } => Message::SearchHit {
            generation,
            result: Ok(Some(key(ROWS / 2))),
        },
        Effect::BuildPlan { generation } => Message::PlanReady {
            generation,
            result: Ok(plan(generation.0, vec![null_route()])),
        },
        Effect::WhatIf { generation, changes } => Message::WhatIfReady {
            generation,
            result: Ok(hypothesis(&changes)),
        },
        Effect::Send { generation, .. } => Message::SendFinished {
            generation,
            end: Box::new(SendEnd::NotTried("test".to_owned())),
        },
        other => return rows(other),
    })
}

/// The window that an effect asks for.
fn rows(effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::LoadPage {
            generation,
            list,
            from,
            limit,
            arrange,
        } if list.table() == Table::Issues => Message::IssuesLoaded {
            generation,
            result: Ok(page(&from, limit, &arrange, issue_row)),
        },
        Effect::LoadPage {
            generation,
            from,
            limit,
            arrange,
            ..
        } => Message::MappingsLoaded {
            generation,
            result: Ok(page(&from, limit, &arrange, mapping_row)),
        },
        _ => return None,
    })
}

/// Takes a message and all that it causes.
pub fn settle(model: &mut Model, message: Message) {
    let mut messages = vec![message];
    while let Some(message) = messages.pop() {
        messages.extend(update(model, message).into_iter().filter_map(answer));
    }
}

pub fn press(model: &mut Model, keys: &str) {
    for key in parse_keys(keys).unwrap() {
        if let Some(message) = input::message(Event::Key(key.event()), model.context(), &Keymap::default()) {
            settle(model, message);
        }
    }
}

pub fn what_if(model: &Model) -> &WhatIf {
    match &model.overlay {
        Some(Overlay::WhatIf(what_if)) => what_if,
        other => panic!("no hypothesis: {other:?}"),
    }
}

pub fn draw(model: &mut Model) {
    screen(model);
}

pub fn screen(model: &mut Model) -> Buffer {
    let area = Rect::new(0, 0, model.size.width, model.size.height);
    let look = Look::new(Theme {
        colour: true,
        ..Theme::default()
    });
    let mut buffer = Buffer::empty(area);
    let drawn = view::draw(model, &look, area, &mut buffer);
    let now = model.now;
    update(model, drawn.message(now));
    buffer
}

/// The screen as text, cell by cell.
pub fn shown(model: &mut Model) -> String {
    let drawn = screen(model);
    let rows = drawn.content.chunks(usize::from(drawn.area.width));
    let line = |row: &[ratatui::buffer::Cell]| {
        row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n"
    };
    rows.map(line).collect()
}

pub fn at(model: &Model) -> u64 {
    number(&model.issues.current().unwrap().key)
}

/// A model in section 2.
pub fn in_issues() -> Model {
    let mut model = Model::new(SIZE);
    settle(&mut model, Message::Started);
    press(&mut model, "2");
    model
}
