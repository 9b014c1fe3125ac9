//! Any size, any keys, answers in any order, twice, too late or failed: nothing panics, every frame is whole, and only
//! a confirmed plan is sent, once.

use std::collections::HashSet;
use std::time::Duration;

use catseye::app::action::Action;
use catseye::app::effect::{Effect, Generation};
use catseye::app::message::Message;
use catseye::app::model::{Model, Size};
use catseye::app::update::update;
use catseye::domain::publish::Phase;
use catseye::domain::row_facts::RowsRead;
use catseye::tui::input;
use catseye::tui::keymap::{BINDINGS, Key, Keymap};
use proptest::prelude::*;
use proptest::sample::Index;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{Event, KeyEventKind};

use super::world::{answer, screen};

/// The least screen that shows more than a notice.
const LEAST: Size = Size {
    width: 40,
    height: 10,
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Key(Index),
    Held(Index),
    Letter(char),
    Answer(Index),
    AnswerTwice(Index),
    Failure(Index),
    Tick(u64),
    Resize(u16, u16),
    Changed,
    Paste(String),
    Click(u16, u16),
    Wheel(bool),
    Progress(Index),
    Broke,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        12 => index().prop_map(Step::Key),
        2 => index().prop_map(Step::Held),
        3 => prop::sample::select(vec!['a', 'P', 'p', '1', '5', '0', '%', '@', '~', '/', ':', ' ', '支']).prop_map(Step::Letter),
        8 => index().prop_map(Step::Answer),
        2 => index().prop_map(Step::AnswerTwice),
        2 => index().prop_map(Step::Failure),
        3 => (0..2_000_u64).prop_map(Step::Tick),
        1 => (0..=300_u16, 0..=100_u16).prop_map(|(width, height)| Step::Resize(width, height)),
        1 => Just(Step::Changed),
        1 => "[pP\n\u{202e}x]{0,9}".prop_map(Step::Paste),
        1 => (0..300_u16, 0..100_u16).prop_map(|(x, y)| Step::Click(x, y)),
        1 => any::<bool>().prop_map(Step::Wheel),
        1 => index().prop_map(Step::Progress),
        1 => Just(Step::Broke),
    ]
}

/// The inspector, and the answers that are still on their way to it.
struct Session {
    model: Model,
    on_the_way: Vec<Effect>,
    sent: HashSet<u64>,
}

impl Session {
    fn new(size: Size) -> Self {
        let mut session = Self {
            model: Model::new(size),
            on_the_way: Vec::new(),
            sent: HashSet::new(),
        };
        session.take(Message::Started);
        session
    }

    fn take(&mut self, message: Message) {
        let sends = matches!(message, Message::Action(Action::Send));
        for effect in update(&mut self.model, message) {
            if let Effect::Send { plan_id, .. } = &effect {
                assert!(sends, "only the one key sends");
                assert!(self.sent.insert(*plan_id), "a plan is sent once");
            }
            self.on_the_way.push(effect);
        }
    }

    fn key(&mut self, key: Key, kind: KeyEventKind) {
        let mut event = key.event();
        event.kind = kind;
        if let Some(message) = input::message(Event::Key(event), self.model.context(), &Keymap::default()) {
            assert!(
                kind == KeyEventKind::Press || !matches!(message, Message::Action(Action::Send)),
                "a held key never sends"
            );
            self.take(message);
        }
    }

    /// An answer that is on its way; the newest where the index has nothing to choose from.
    fn answer(&mut self, index: Index, keep: bool) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = index.index(self.on_the_way.len());
        let effect = if keep {
            self.on_the_way[at].clone()
        } else {
            self.on_the_way.remove(at)
        };
        if let Some(message) = answer(effect) {
            self.take(message);
        }
    }

    fn step(&mut self, step: Step) {
        let bound = |index: Index| {
            let keys: Vec<Key> = BINDINGS.iter().flat_map(|row| row.keys.iter().copied()).collect();
            keys[index.index(keys.len())]
        };
        match step {
            Step::Key(index) => self.key(bound(index), KeyEventKind::Press),
            Step::Held(index) => {
                for _ in 0..5 {
                    self.key(bound(index), KeyEventKind::Repeat);
                }
                self.key(bound(index), KeyEventKind::Release);
            }
            Step::Letter(letter) => {
                let keys = catseye::tui::keymap::parse_keys(&letter.to_string());
                keys.into_iter()
                    .flatten()
                    .for_each(|key| self.key(key, KeyEventKind::Press));
            }
            Step::Answer(index) => self.answer(index, false),
            Step::AnswerTwice(index) => self.answer(index, true),
            Step::Failure(index) => {
                if let Some(effect) = pick(&self.on_the_way, index) {
                    for message in failures(effect) {
                        self.take(message);
                    }
                }
            }
            Step::Tick(ms) => {
                let later = self.model.now + Duration::from_millis(ms);
                self.take(Message::Tick(later));
            }
            Step::Resize(width, height) => self.take(Message::Resized(Size { width, height })),
            Step::Changed => self.take(Message::SourcesChanged),
            Step::Paste(text) => self.take(Message::Pasted(text)),
            Step::Click(x, y) => self.take(Message::Click { x, y }),
            Step::Wheel(down) => self.take(Message::Wheel { down }),
            Step::Progress(index) => {
                if let Some(effect) = pick(&self.on_the_way, index) {
                    for message in progress(effect) {
                        self.take(message);
                    }
                }
            }
            Step::Broke => self.take(Message::Broke("a thread broke".to_owned())),
        }
    }
}

fn pick(effects: &[Effect], index: Index) -> Option<&Effect> {
    (!effects.is_empty()).then(|| index.get(effects))
}

fn generation(effect: &Effect) -> Option<Generation> {
    match effect {
        Effect::Load { generation }
        | Effect::LoadPage { generation, .. }
        | Effect::Sift { generation, .. }
        | Effect::Seek { generation, .. }
        | Effect::Search { generation, .. }
        | Effect::Locate { generation, .. }
        | Effect::Count { generation, .. }
        | Effect::BuildPlan { generation }
        | Effect::WhatIf { generation, .. }
        | Effect::Compare { generation }
        | Effect::Send { generation, .. } => Some(*generation),
        _ => None,
    }
}

/// What is answered where something breaks.
fn failures(effect: &Effect) -> Vec<Message> {
    let told = || "it broke \u{1b}[31m".to_owned();
    let Some(generation) = generation(effect) else {
        return Vec::new();
    };
    match effect {
        Effect::Load { .. } => vec![Message::Loaded {
            generation,
            result: Err(told()),
        }],
        Effect::LoadPage { .. } => vec![
            Message::IssuesLoaded {
                generation,
                result: Err(told()),
            },
            Message::MappingsLoaded {
                generation,
                result: Err(told()),
            },
        ],
        Effect::BuildPlan { .. } => vec![Message::PlanReady {
            generation,
            result: Err(told()),
        }],
        Effect::WhatIf { .. } => vec![Message::WhatIfReady {
            generation,
            result: Err(told()),
        }],
        Effect::Compare { .. } => vec![Message::PageReady {
            generation,
            result: Err(told()),
        }],
        Effect::Locate { .. } => vec![Message::Located {
            generation,
            result: Err(told()),
        }],
        Effect::Search { .. } => vec![Message::SearchHit {
            generation,
            result: Ok(None),
        }],
        Effect::Seek { .. } => vec![Message::Sought {
            generation,
            result: Err(told()),
        }],
        Effect::Sift { .. } => vec![Message::Sifted {
            generation,
            result: Err(told()),
        }],
        _ => Vec::new(),
    }
}

/// What is told while something goes on.
fn progress(effect: &Effect) -> Vec<Message> {
    let Some(generation) = generation(effect) else {
        return Vec::new();
    };
    vec![
        Message::RowsProgress {
            generation,
            done: RowsRead::default(),
        },
        Message::Passed {
            generation,
            rows: 3_000,
        },
        Message::Counted {
            generation,
            found: 7,
            all: false,
        },
        Message::SiftProgress {
            generation,
            read: 10,
            found: 1,
        },
        Message::SendProgress {
            generation,
            phase: Phase::Prepare,
            sent: 4,
        },
    ]
}

/// Boxes are whole, one has the focus, and the verdict is told.
fn hold(model: &Model, drawn: &Buffer) -> Result<(), TestCaseError> {
    let area = drawn.area;
    if area.width < LEAST.width || area.height < LEAST.height {
        return Ok(());
    }
    let at = |x: u16, y: u16| drawn[(x, y)].symbol();
    let line = |y: u16| (0..area.width).map(|x| at(x, y)).collect::<String>();
    if model.snapshot.is_some() {
        let verdict = line(0).contains("NULL ROUTE") || line(0).contains("WHAT-IF");
        prop_assert!(verdict, "{}", line(0));
    }
    let mut focused = 0;
    for y in 0..area.height {
        for x in 0..area.width {
            let (right, below, down, along) = match at(x, y) {
                "╔" => ("╗", "╚", "║", "═"),
                "┌" => ("┐", "└", "│", "─"),
                _ => continue,
            };
            focused += usize::from(right == "╗");
            let end = (x..area.width).find(|x| at(*x, y) == right);
            let foot = (y..area.height).find(|y| at(x, *y) == below);
            let (Some(end), Some(foot)) = (end, foot) else {
                return Err(TestCaseError::fail(format!("a box is not closed: {drawn:?}")));
            };
            for side in y + 1..foot {
                prop_assert!(
                    at(x, side) == down && matches!(at(end, side), side if side == down || is_bar(side)),
                    "{drawn:?}"
                );
            }
            prop_assert!((x + 1..end).any(|x| at(x, foot) == along), "{drawn:?}");
        }
    }
    prop_assert_eq!(focused, 1, "one pane has the focus: {:?}", drawn);
    Ok(())
}

/// What a scroll bar draws on a border, and what stands there while the place is not known.
fn is_bar(symbol: &str) -> bool {
    matches!(symbol, "█" | "┃" | "▲" | "▼" | "⋯")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_frame_is_whole_and_nothing_is_sent_by_accident(
        width in 0_u16..=300,
        height in 0_u16..=100,
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let mut session = Session::new(Size { width, height });
        for step in steps {
            let told = format!("{step:?}");
            session.step(step);
            let drawn = screen(&mut session.model);
            hold(&session.model, &drawn).map_err(|error| TestCaseError::fail(format!("after {told}: {error}")))?;
        }
    }
}
