//! Does what the core asks for, off the UI thread: the one part of the inspector that reads and writes the outside.
//!
//! Clones share everything; each of the runtime's threads has one, and `frame` calls one directly.

mod copy;
pub(in crate::tui) mod jobs;
mod load;
mod pages;
mod plan;
mod rows;
mod sift;
pub mod watch;
mod what_if;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::effect::{Effect, Generation, Table};
use crate::app::message::Message;
use crate::app::publish::SendEnd;
use crate::app::snapshot::SceneFacts;
use crate::domain::anchors::RowAnchors;
use crate::domain::mask::Masker;
use crate::domain::web_link::WebLink;
use crate::domain::window::Arrange;
use crate::process;
use crate::scene::Receiver;
use crate::sinks::browser;
use crate::sinks::clipboard::{Clipboard, ClipboardEnvironment};
use crate::sinks::journal::Journal;
use crate::sources::environment::Surroundings;
use crate::sources::store::{Sifted, Store};
use crate::sources::watch::Look;

use jobs::Jobs;
use plan::Frozen;

/// Where the inspector stands and what it may do.
pub struct Setup {
    /// Files, variables, flags.
    pub surroundings: Surroundings,
    /// The journal.
    pub journal: Journal,
    /// How long each step of a publish may take.
    pub timeout: Duration,
    /// Why nothing is sent from here, if so: `--read-only`, or a frame outside of a scene.
    pub held: Option<&'static str>,
    /// Whether copies are made, and editor and browser opened; a frame outside of a scene does none of it.
    pub copies: bool,
    /// The command that prints the same payload, for the curl command.
    pub payload_command: String,
    /// Ways to copy.
    pub clipboard: ClipboardEnvironment,
    /// Makes the masks of secrets.
    pub masker: Masker,
    /// The scene that is shown, if one is.
    pub scene: Option<SceneSetup>,
    /// The time of day, as it is shown.
    pub time_of_day: fn() -> String,
}

/// A scene and its server.
pub struct SceneSetup {
    /// What the inspector shows of it.
    pub facts: SceneFacts,
    /// What takes its publishes.
    pub receiver: Arc<Receiver>,
    /// Its private folder, which goes with it.
    pub folder: PathBuf,
}

/// Performs effects.
#[derive(Clone)]
pub struct Worker(Arc<Shared>);

struct Shared {
    setup: Setup,
    jobs: Jobs,
    /// Where the rows are, by the last load.
    rows_at: Mutex<Option<RowsAt>>,
    /// Known places in the tables, by the last audit.
    places: Mutex<Option<Arc<Places>>>,
    /// What filters and orders found, by table.
    sifted: Mutex<[Option<Arc<Sift>>; 2]>,
    /// The connection that windows are read through.
    store: KeptStore,
    /// The connections of searches and of whole tables, so that no window waits for one.
    search_store: KeptStore,
    sift_store: KeptStore,
    /// The frozen request.
    plan: Mutex<Option<Frozen>>,
    clipboard: Mutex<Clipboard>,
    /// What the inputs looked like when they were read.
    seen: Mutex<Look>,
}

/// A connection that is kept, with the path that it was opened at.
type KeptStore = Mutex<Option<(PathBuf, Store)>>;

/// The store and whose issues of it count.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RowsAt {
    path: PathBuf,
    system: String,
}

/// Known places in the tables.
struct Places {
    at: RowsAt,
    anchors: RowAnchors,
    issues: u64,
    mappings: u64,
}

/// What a walk along a whole table found.
struct Sift {
    at: RowsAt,
    arrange: Arrange,
    sifted: Sifted,
}

/// Takes what a thread that panicked left: all that is kept here is replaced whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which thread performs an effect, so that reading rows never waits for an audit, nor either for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Loads and audits.
    Load,
    /// Windows of rows.
    Rows,
    /// Searches.
    Search,
    /// Whole tables for a filter, an order, or a count.
    Sift,
    /// Plans and publishes.
    Act,
    /// Copies: a clipboard that hangs keeps nothing else waiting.
    Copy,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 6] = [
        Self::Load,
        Self::Rows,
        Self::Search,
        Self::Sift,
        Self::Act,
        Self::Copy,
    ];

    /// The lane of an effect; `None` for what the owner of the terminal does itself.
    pub fn of(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Load { .. } => Some(Self::Load),
            Effect::LoadPage { .. } | Effect::Seek { .. } | Effect::Locate { .. } => Some(Self::Rows),
            Effect::Search { .. } => Some(Self::Search),
            Effect::Sift { .. } | Effect::Count { .. } => Some(Self::Sift),
            Effect::BuildPlan { .. }
            | Effect::PlanAgain { .. }
            | Effect::Compare { .. }
            | Effect::WhatIf { .. }
            | Effect::DropPlan { .. }
            | Effect::Send { .. }
            | Effect::Browse(_) => Some(Self::Act),
            Effect::Copy { .. } | Effect::HandOver => Some(Self::Copy),
            Effect::Stop { .. }
            | Effect::WriteTerminal(_)
            | Effect::Edit { .. }
            | Effect::Mouse(_)
            | Effect::Suspend => None,
        }
    }
}

impl Worker {
    /// Whether copies are made, and editor and browser opened.
    pub fn acts(&self) -> bool {
        self.0.setup.copies
    }

    /// Takes the scene's folder away, for a process that is about to die.
    pub fn leave_scene(&self) {
        if let Some(scene) = &self.0.setup.scene {
            // Nobody is left to be told.
            let _ = std::fs::remove_dir_all(&scene.folder);
        }
    }

    /// A worker that has read nothing yet.
    pub fn new(setup: Setup) -> Self {
        let clipboard = Clipboard::new(setup.clipboard.clone());
        Self(Arc::new(Shared {
            setup,
            jobs: Jobs::default(),
            rows_at: Mutex::default(),
            places: Mutex::default(),
            sifted: Mutex::default(),
            store: Mutex::default(),
            search_store: Mutex::default(),
            sift_store: Mutex::default(),
            plan: Mutex::default(),
            clipboard: Mutex::new(clipboard),
            seen: Mutex::default(),
        }))
    }

    /// Makes an effect known before it waits in its lane, so that it can be stopped, and stops what it replaces.
    pub fn announce(&self, effect: &Effect) {
        self.0.jobs.announce(effect);
    }

    /// Stops a job: its answer, if any, tells so.
    pub fn stop(&self, generation: Generation) {
        self.0.jobs.stop(generation);
    }

    /// Performs one effect; `send` takes its answers. A panic becomes an answer too.
    pub fn perform(&self, effect: &Effect, send: &mut dyn FnMut(Message)) {
        let done = catch_unwind(AssertUnwindSafe(|| self.0.perform(effect, send)));
        if done.is_err() {
            let told = what_broke();
            if let Some(answer) = broken(effect, told.clone()) {
                send(answer);
                send(Message::Broke(told));
            }
        }
        if let Some(generation) = jobs::generation(effect) {
            self.0.jobs.finish(generation);
        }
    }
}

impl Shared {
    fn perform(&self, effect: &Effect, send: &mut dyn FnMut(Message)) {
        match effect {
            Effect::Load { generation } => self.load(*generation, send),
            Effect::LoadPage { .. } | Effect::Search { .. } | Effect::Seek { .. } | Effect::Locate { .. } => {
                self.rows(effect, send);
            }
            Effect::Count {
                generation,
                list,
                arrange,
                text,
            } => self.count(*generation, list.table(), arrange, text, send),
            Effect::Sift {
                generation,
                table,
                arrange,
            } => {
                let result = self.sift(*generation, *table, arrange, send);
                send(Message::Sifted {
                    generation: *generation,
                    result,
                });
            }
            Effect::BuildPlan { generation } => self.build_plan(*generation, send),
            Effect::PlanAgain { generation, attempt } => {
                let result = self.plan_again(*generation, attempt);
                send(Message::PlanReady {
                    generation: *generation,
                    result,
                });
            }
            Effect::Compare { generation } => self.compared(*generation, send),
            Effect::WhatIf { generation, changes } => self.what_if(*generation, changes, send),
            Effect::DropPlan { plan_id } => drop(lock(&self.plan).take_if(|frozen| frozen.id == *plan_id)),
            Effect::Send {
                generation,
                plan_id,
                accepted,
            } => self.send(*generation, *plan_id, accepted, send),
            Effect::Copy { content, to_file } => send(self.copy(content, *to_file)),
            Effect::HandOver => send(self.hand_over()),
            Effect::Stop { generation } => self.jobs.stop(*generation),
            Effect::Browse(link) => send(Message::Browsed(self.browse(link))),
            Effect::WriteTerminal(_) | Effect::Edit { .. } | Effect::Mouse(_) | Effect::Suspend => {}
        }
    }
}

impl Shared {
    fn browse(&self, link: &WebLink) -> Result<String, String> {
        if !self.setup.copies {
            return Err("a frame opens nothing but in a scene".to_owned());
        }
        browser::open(link).map(|opener| format!("{} opened by {opener}", link.host))
    }
}

/// What the panic said that has just been caught.
pub fn what_broke() -> String {
    process::last_panic().unwrap_or_else(|| "an internal error".to_owned())
}

/// What to answer when the performance of an effect panics; a count that breaks is not told.
fn broken(effect: &Effect, told: String) -> Option<Message> {
    Some(match *effect {
        Effect::Load { generation } => Message::Loaded {
            generation,
            result: Err(told),
        },
        Effect::LoadPage { generation, list, .. } => match list.table() {
            Table::Issues => Message::IssuesLoaded {
                generation,
                result: Err(told),
            },
            Table::Mappings => Message::MappingsLoaded {
                generation,
                result: Err(told),
            },
        },
        Effect::Search { generation, .. } => Message::SearchHit {
            generation,
            result: Err(told),
        },
        Effect::Sift { generation, .. } => Message::Sifted {
            generation,
            result: Err(told),
        },
        Effect::Seek { generation, .. } => Message::Sought {
            generation,
            result: Err(told),
        },
        Effect::Locate { generation, .. } => Message::Located {
            generation,
            result: Err(told),
        },
        Effect::BuildPlan { generation } | Effect::PlanAgain { generation, .. } => Message::PlanReady {
            generation,
            result: Err(told),
        },
        Effect::WhatIf { generation, .. } => Message::WhatIfReady {
            generation,
            result: Err(told),
        },
        Effect::Compare { generation } => Message::PageReady {
            generation,
            result: Err(told),
        },
        _ => return broken_act(effect, told),
    })
}

/// [`broken`] for what acts on the outside.
fn broken_act(effect: &Effect, told: String) -> Option<Message> {
    Some(match *effect {
        Effect::Send { generation, .. } => Message::SendFinished {
            generation,
            end: Box::new(SendEnd::NotTried(told)),
        },
        Effect::Copy { .. } => Message::Copied {
            result: Err(told),
            osc52: None,
            held: false,
        },
        Effect::HandOver => Message::HandedOver {
            kept: false,
            osc52: None,
        },
        Effect::Browse(_) => Message::Browsed(Err(told)),
        _ => return None,
    })
}
