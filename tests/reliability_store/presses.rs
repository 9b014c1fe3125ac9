//! P6: however keys are hammered, held or pasted, a confirmed dialog sends once. And an unknown attempt goes out again
//! by keypress, through a real terminal.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use catseye::app::action::Action;
use catseye::app::effect::{Effect, Generation};
use catseye::app::message::Message;
use catseye::app::model::{Model, Size};
use catseye::app::publish::{ARMING, PlanFacts, SendEnd};
use catseye::app::update::update;
use catseye::domain::catalogue::FindingName;
use catseye::domain::evaluation::BodyFacts;
use catseye::domain::finding::Finding;
use catseye::domain::publish::{Outcome, Report};
use catseye::tui::input;
use catseye::tui::keymap::{Keymap, parse_keys};
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::dice::{Dice, figure, how_many, seed};
use crate::place::{Place, TOKEN};
use crate::pty::{self, Pty};
use crate::support::fault_server::Server;

fn facts(id: u64, needs_consent: bool) -> Box<PlanFacts> {
    let finding = Finding::new(FindingName::StoreMissing, "missing");
    Box::new(PlanFacts {
        plan_id: id,
        frozen_at: String::new(),
        inputs: Vec::new(),
        url: "https://s.example/".to_owned(),
        way: "https://s.example:443, no proxy".to_owned(),
        resends: None,
        headers: Vec::new(),
        auth: String::new(),
        route: None,
        issues: 0,
        mappings: 0,
        idempotency_key: "k".to_owned(),
        idempotency_preimage: "k".to_owned(),
        body: BodyFacts {
            bytes: 9,
            blake3: [0; 32],
        },
        held: None,
        since_last: Vec::new(),
        findings: needs_consent.then_some(finding).into_iter().collect(),
    })
}

/// The inspector with time, plans and answers that come when the dice say so.
struct Desk {
    model: Model,
    now: Duration,
    planning: Vec<Generation>,
    sending: Vec<Generation>,
    /// Sends of each plan.
    sent: BTreeMap<u64, usize>,
    /// When the plan on the screen was first drawn, and when `P` was last pressed since.
    drawn: Option<Duration>,
    pressed: Option<Duration>,
    consents: bool,
}

impl Desk {
    fn take(&mut self, message: Message) {
        for effect in update(&mut self.model, message) {
            match effect {
                Effect::BuildPlan { generation } => {
                    self.planning.push(generation);
                    (self.drawn, self.pressed) = (None, None);
                }
                Effect::Send {
                    generation,
                    plan_id,
                    accepted,
                } => {
                    *self.sent.entry(plan_id).or_default() += 1;
                    self.sending.push(generation);
                    let rested = |since: Option<Duration>| {
                        since.is_some_and(|at| self.now.saturating_sub(at) >= ARMING)
                    };
                    assert!(
                        rested(self.drawn),
                        "sent before it was on screen for half a second"
                    );
                    assert!(
                        self.pressed.is_none() || rested(self.pressed),
                        "sent by a held key"
                    );
                    assert!(
                        !self.consents || accepted == [FindingName::StoreMissing],
                        "sent without consent"
                    );
                }
                _ => {}
            }
        }
    }

    fn press(&mut self, text: &str, kind: KeyEventKind) {
        let code = match text {
            "<enter>" => KeyCode::Enter,
            "<esc>" => KeyCode::Esc,
            text => KeyCode::Char(text.chars().next().unwrap()),
        };
        let shift = if text == "P" {
            KeyModifiers::SHIFT
        } else {
            KeyModifiers::NONE
        };
        let event = KeyEvent::new_with_kind(code, shift, kind);
        if let Some(message) = input::message(Event::Key(event), self.model.context(), &Keymap::default()) {
            let sends = matches!(message, Message::Action(Action::Send));
            self.take(message);
            if sends {
                self.pressed = Some(self.now);
            }
        }
    }

    fn draw(&mut self) {
        let now = self.now;
        self.take(Message::Drawn {
            now,
            overflow: 0,
            spots: Vec::new(),
        });
        if matches!(self.model.publish, catseye::app::publish::Publish::Confirming(_)) {
            self.drawn.get_or_insert(now);
        }
    }
}

#[test]
fn no_burst_of_keys_sends_twice() {
    let bursts = how_many(1_000, 10_000);
    assert!(parse_keys("pPa<enter><esc> ").is_ok());
    let mut sends = 0;
    for case in 0..bursts {
        let mut dice = Dice::at(seed(), "presses", case as u64);
        let mut desk = Desk {
            model: Model::new(Size {
                width: 100,
                height: 30,
            }),
            now: Duration::from_secs(1),
            planning: Vec::new(),
            sending: Vec::new(),
            sent: BTreeMap::new(),
            drawn: None,
            pressed: None,
            consents: dice.chance(30),
        };
        desk.take(Message::Started);
        for _ in 0..dice.below(80) {
            let pause = *dice.pick(&[0, 1, 1, 5, 30, 30, 200, 499, 500, 501, 2_000]);
            desk.now += Duration::from_millis(pause);
            let now = desk.now;
            if dice.chance(70) {
                desk.take(Message::Tick(now));
            }
            match dice.below(10) {
                0 | 1 => desk.draw(),
                2 => {
                    if let Some(generation) = desk.planning.pop() {
                        let facts = facts(generation.0, desk.consents);
                        desk.take(Message::PlanReady {
                            generation,
                            result: Ok(facts),
                        });
                    }
                }
                3 => {
                    if let Some(generation) = desk.sending.pop() {
                        let end = Box::new(SendEnd::Report(Box::new(report()), Vec::new()));
                        desk.take(Message::SendFinished { generation, end });
                    }
                }
                4 => desk.take(Message::Pasted("pPPP\n".to_owned())),
                5 => desk.press("P", KeyEventKind::Repeat),
                _ => {
                    let key = *dice.pick(&[
                        "P", "P", "P", "p", "p", "a", "a", "<enter>", "<esc>", " ", "y", "7", "R",
                    ]);
                    // Seen to the millisecond, as the loop does before it draws.
                    desk.take(Message::Tick(now));
                    desk.press(key, KeyEventKind::Press);
                }
            }
        }
        for (plan, times) in &desk.sent {
            assert_eq!(*times, 1, "case {case}: plan {plan}");
            sends += 1;
        }
    }
    assert!(sends > 0);
    figure(
        "P6",
        format_args!("{bursts} bursts, {sends} plans sent, each once"),
    );
}

fn report() -> Report {
    Report {
        outcome: Outcome::Unknown,
        answer: None,
        failure: None,
        bytes_sent: 9,
        body_bytes: 9,
        elapsed: Duration::ZERO,
        first_byte: None,
        proxy: None,
    }
}

/// A journal with an unknown attempt, and the inspector on it.
#[test]
fn an_unknown_attempt_is_sent_again_by_keypress() {
    let place = Place::new(3);
    let server = Server::answering(["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]);
    let url = server.url();
    place.leave_an_open_attempt(&url);
    let mut command = pty::command(env!("CARGO_BIN_EXE_catseye"), &[]);
    command.cwd(place.path("project"));
    command.env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1");
    command.env("SAAS_AUTH_TOKEN", TOKEN);
    command.env("HOME", place.path("home"));
    command.env("XDG_STATE_HOME", place.path("state"));
    let mut terminal = Pty::start(command, 140, 40);
    terminal.until_shown("1 earlier publish has no known outcome");
    terminal.press("7");
    terminal.until_shown("R send again");
    terminal.press("R");
    terminal.until_shown("sends exactly these");
    let since = Instant::now();
    while since.elapsed() < ARMING + Duration::from_millis(100) {
        std::thread::yield_now();
    }
    terminal.press("P");
    terminal.until_shown("DELIVERED");
    terminal.press("\u{3}");
    terminal.ended("ctrl-c");
    let seen = server.finish();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].body == seen[1].body, "the same bytes");
    assert_eq!(
        seen[0].header("idempotency-key"),
        seen[1].header("idempotency-key")
    );
    let outcomes: Vec<_> = place
        .journal()
        .iter()
        .map(|attempt| attempt["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["unknown", "delivered"]);
    assert!(
        fs::read_dir(place.path("state/catseye/snapshots"))
            .unwrap()
            .count()
            == 1
    );
}
