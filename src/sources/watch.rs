//! Notices that an input changed: first by `stat`, which takes no lock and opens nothing, then by the store's own
//! version (research/reliability.md 1.4).
//!
//! Polling and not notifications: editors replace files by renaming, folders come and go, and a handful of `stat` calls
//! costs nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::stamp::{self, Stamp};
use super::store::{Store, open_to_watch};
use crate::domain::inputs::Inputs;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A store under steady change is read again at least this often.
const AT_LEAST_EVERY: Duration = Duration::from_millis(750);
/// Two changes within a tick of the file system's clock look like one: a file that changed so short before it was
/// read, or later, may have changed again since.
const TICK: Duration = Duration::from_millis(50);

/// The stat of each path, `None` where there is nothing.
type Stats = Vec<(PathBuf, Option<Stamp>)>;

/// What the inputs looked like when reading them began.
#[derive(Clone, Debug)]
pub struct Look {
    begun: SystemTime,
    stats: Stats,
    store: Option<PathBuf>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            begun: SystemTime::UNIX_EPOCH,
            stats: Stats::new(),
            store: None,
        }
    }
}

fn stats(paths: impl IntoIterator<Item = PathBuf>) -> Stats {
    let stat = |path: PathBuf| {
        let stamp = Stamp::at(&path);
        (path, stamp)
    };
    paths.into_iter().map(stat).collect()
}

impl Look {
    /// The same paths, looked at now; to be taken before reading begins.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            begun: SystemTime::now(),
            stats: self.stats_now(),
            store: self.store.clone(),
        }
    }

    fn stats_now(&self) -> Stats {
        stats(self.stats.iter().map(|(path, _)| path.clone()))
    }

    /// The paths of these inputs. One that was looked at before they were read keeps what it looked like then; a new
    /// one is looked at now, and a change since reading began shows by its time.
    #[must_use]
    pub fn of(&self, inputs: &Inputs) -> Self {
        let mut paths = vec![inputs.credentials.path.clone(), inputs.journal_path.clone()];
        match &inputs.config {
            Some(config) => paths.push(config.path.clone()),
            None => paths.push(inputs.project.start.join(".kittify")),
        }
        let store = inputs.store.as_ref().map(|store| store.path.clone());
        if let Some(store) = &store {
            paths.extend(stamp::with_sidecars(store));
        }
        let mut stats = stats(paths);
        for (path, stat) in &mut stats {
            if let Some((_, before)) = self.stats.iter().find(|(known, _)| known == path) {
                *stat = *before;
            }
        }
        Self {
            begun: self.begun,
            stats,
            store,
        }
    }

    /// When the files last changed, unless that was long enough before they were read.
    fn doubt(&self) -> Option<SystemTime> {
        let times = self.stats.iter().filter_map(|(_, stat)| stat.as_ref()?.changed);
        times.max().filter(|changed| *changed + TICK > self.begun)
    }
}

/// Waits for a change to come to rest; one for each thread that watches.
#[derive(Debug, Default)]
pub struct Rest {
    last: Stats,
    reported: Option<(SystemTime, Stats)>,
    /// What was read once more because its time proved nothing.
    doubted: Stats,
    pulse: Pulse,
    changing_since: Option<Instant>,
}

impl Rest {
    /// Looks once: whether the inputs differ from what was read and have come to rest, or have not for long.
    pub fn has_changed(&mut self, seen: &Look) -> bool {
        let now = seen.stats_now();
        let at_rest = now == self.last;
        self.last.clone_from(&now);
        let committed = self.pulse.committed(seen.store.as_deref(), &now);
        let moved = now != seen.stats || committed.is_some_and(|at| seen.begun < at);
        // Read once more when the time of the change is over: the next reading is then beyond doubt.
        let doubtful = seen.doubt().is_some_and(|changed| {
            let over = SystemTime::now()
                .duration_since(changed)
                .map_or(true, |age| age > TICK);
            over && self.doubted != seen.stats
        });
        let was_reported = self
            .reported
            .as_ref()
            .is_some_and(|(begun, stats)| *begun == seen.begun && *stats == now);
        if !(moved || doubtful) || was_reported {
            self.changing_since = None;
            return false;
        }
        let since = *self.changing_since.get_or_insert_with(Instant::now);
        let report = at_rest || since.elapsed() >= AT_LEAST_EVERY;
        if report {
            if !moved {
                self.doubted.clone_from(&seen.stats);
            }
            self.reported = Some((seen.begun, now));
            self.changing_since = None;
        }
        report
    }
}

/// The store's own count of commits, asked through a connection that does nothing else.
#[derive(Debug, Default)]
struct Pulse {
    store: Option<Store>,
    /// What was there when the store was opened, or could not be.
    tried: Option<(PathBuf, Option<Stamp>)>,
    version: Option<i64>,
    committed: Option<SystemTime>,
}

impl Pulse {
    /// When a commit was last noticed.
    fn committed(&mut self, path: Option<&Path>, now: &Stats) -> Option<SystemTime> {
        let there = path.map(|path| {
            let known = now.iter().find(|(known, _)| known == path);
            (path.to_owned(), known.and_then(|(_, stat)| *stat))
        });
        let same = match (&self.tried, &there) {
            (Some((tried, before)), Some((path, stat))) => {
                let id = |stat: &Option<Stamp>| stat.map(|stat| stat.id);
                // A store that could not be opened is tried again when it changes.
                tried == path && id(before) == id(stat) && (self.store.is_some() || before == stat)
            }
            (tried, there) => tried.is_none() && there.is_none(),
        };
        if !same {
            (self.store, self.version) = (None, None);
            self.store = path.and_then(open_to_watch);
            self.tried = there;
        }
        match self.store.as_ref().map(Store::version) {
            Some(Ok(Some(version))) => {
                if self
                    .version
                    .replace(version)
                    .is_some_and(|before| before != version)
                {
                    self.committed = Some(SystemTime::now());
                }
            }
            Some(Ok(None)) | None => {}
            // Replaced, gone or broken: `stat` tells, and what comes next is opened anew.
            Some(Err(_)) => (self.store, self.tried) = (None, None),
        }
        self.committed
    }
}
