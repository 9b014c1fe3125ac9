//! All issues of a system in publish order, rewritten by several threads: each takes the next range of identities and
//! has a connection of its own, and what they make is handed over in order.
//!
//! Memory is bounded: nobody takes a range that is far ahead of the one that is handed over, and a range with long
//! rows is handed over in parts when its turn has come.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::audit::{Halt, OneState};
use super::desk::{Desk, Range, StopOnPanic};
use super::issue_walk::{self, Mark, Walk};
use super::long::{self, LongRow};
use super::matching::{Mappings, Matched};
use super::open::open_patiently;
use super::portion::Portion;
use super::rows::go_on;
use super::walk::{Direction, Texts};
use super::{Access, Snapshot, Store, StoreError};
use crate::domain::window::RowKey;

/// Rows of a range, those of other systems included.
const RANGE_ROWS: usize = 1_024;
/// More threads would wait for the one that takes what they make.
const MAX_THREADS: usize = 4;

/// Whose issues to read, and what to join them with.
pub(super) struct Task<'a> {
    pub(super) system: &'a str,
    pub(super) mappings: Option<&'a Mappings>,
    pub(super) cancel: &'a AtomicBool,
}

/// Takes rows in publish order, with how many per cent of the table are read where that is known; gives the buffer
/// back.
pub(super) type Take<'a> = &'a mut dyn FnMut(Portion, Option<u8>) -> Result<Vec<u8>, Halt>;

/// Reads all issues; `take` gets them in publish order and gives their buffers back. Returns which mappings met their
/// issue.
pub(super) fn issues(store: &Store, task: &Task, take: Take<'_>) -> Result<Option<Matched>, Halt> {
    let desk = Desk::default();
    let mut rewriter = Rewriter::new(store, task);
    // Most stores end with the first range: no thread is needed for them.
    let threads = match store.access {
        Access::Copy { .. } => 1,
        _ => thread::available_parallelism()
            .map_or(1, NonZero::get)
            .min(MAX_THREADS),
    };
    while let Some(range) = desk.claim(|from| rewriter.end_of_range(from))? {
        rewriter.range(&range, Vec::new(), &mut |portion, _| take(portion, None))?;
        desk.advance(range.number + 1);
        if threads > 1 {
            break;
        }
    }
    let first = rewriter.matched;
    if desk.is_empty() {
        return Ok(first);
    }
    let others = share(store, task, &desk, threads, take)?;
    Ok(together(first, others))
}

/// Shares the remaining ranges out among threads and hands over what they make.
fn share(
    store: &Store,
    task: &Task,
    desk: &Desk,
    threads: usize,
    take: Take<'_>,
) -> Result<Option<Matched>, Halt> {
    thread::scope(|scope| {
        let (deliver, deliveries) = sync_channel(threads);
        let (path, patience) = (store.path(), store.patience);
        let name = thread::current().name().unwrap_or("catseye").to_owned();
        let mut workers = Vec::new();
        desk.expect_scout();
        for number in 0..threads {
            let deliver = deliver.clone();
            let scouts = number == 0;
            let work = move || work(path, patience, task, (desk, scouts), &deliver);
            match thread::Builder::new()
                .name(name.clone())
                .spawn_scoped(scope, work)
            {
                Ok(worker) => workers.push(worker),
                Err(error) if workers.is_empty() => {
                    return Err(StoreError::Unreadable(format!("starting a thread: {error}")).into());
                }
                Err(_) => break,
            }
        }
        drop(deliver);
        let guard = StopOnPanic(desk);
        let end = hand_over(desk, deliveries, take);
        drop(guard);
        desk.stop();
        let mut matched = None;
        for worker in workers {
            let theirs = worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            matched = together(matched, theirs);
        }
        end.map(|()| matched)
    })
}

fn together(some: Option<Matched>, others: Option<Matched>) -> Option<Matched> {
    match (some, others) {
        (Some(mut all), Some(others)) => {
            all.add(&others);
            Some(all)
        }
        (some, others) => some.or(others),
    }
}

/// What a thread delivers.
enum Delivery {
    /// Rows of a range; whether they are its last.
    Rows {
        range: u64,
        portion: Box<Portion>,
        last: bool,
    },
    /// It had to stop.
    Stopped(Halt),
}

/// Takes deliveries until all ranges are done, in the order of the ranges.
fn hand_over(desk: &Desk, deliveries: Receiver<Delivery>, take: Take<'_>) -> Result<(), Halt> {
    let mut early = BTreeMap::new();
    let mut turn = desk.turn();
    for delivery in deliveries {
        let (range, portion, last) = match delivery {
            Delivery::Rows { range, portion, last } => (range, portion, last),
            Delivery::Stopped(halt) => return Err(halt),
        };
        if range != turn {
            // Only whole ranges come before their turn.
            early.insert(range, portion);
            continue;
        }
        desk.give_back(take(*portion, desk.percent())?);
        if last {
            turn += 1;
            while let Some(portion) = early.remove(&turn) {
                desk.give_back(take(*portion, desk.percent())?);
                turn += 1;
            }
            desk.advance(turn);
        }
    }
    Ok(())
}

/// One thread: takes ranges until none is left. Returns which mappings its issues matched.
fn work(
    path: &Path,
    patience: Duration,
    task: &Task,
    desk: (&Desk, bool),
    deliver: &SyncSender<Delivery>,
) -> Option<Matched> {
    let _guard = StopOnPanic(desk.0);
    match rewrite_all(path, patience, task, desk, deliver) {
        Ok(matched) => matched,
        Err(halt) => {
            // Nobody listens any more only when another one stopped first.
            let _ = deliver.send(Delivery::Stopped(halt));
            None
        }
    }
}

fn rewrite_all(
    path: &Path,
    patience: Duration,
    task: &Task,
    (desk, scouts): (&Desk, bool),
    deliver: &SyncSender<Delivery>,
) -> Result<Option<Matched>, Halt> {
    let own = match open_patiently(path, patience) {
        Err(StoreError::Moved) => return Err(Halt::Changed),
        opened => opened?,
    };
    let mut rewriter = Rewriter::new(&own, task);
    if scouts {
        desk.scout(|from| rewriter.end_of_range(from))?;
    }
    while let Some(range) = desk.claim(|from| rewriter.end_of_range(from))? {
        let number = range.number;
        rewriter.range(&range, desk.buffer(), &mut |portion, last| {
            let in_turn = last || desk.wait_for(number);
            let rows = Delivery::Rows {
                range: number,
                portion: Box::new(portion),
                last,
            };
            if in_turn && deliver.send(rows).is_ok() {
                Ok(desk.buffer())
            } else {
                Err(StoreError::Cancelled.into())
            }
        })?;
    }
    Ok(rewriter.matched)
}

/// Reads ranges through one connection.
struct Rewriter<'a> {
    store: &'a Store,
    task: &'a Task<'a>,
    matched: Option<Matched>,
    state: OneState<'a>,
}

impl<'a> Rewriter<'a> {
    fn new(store: &'a Store, task: &'a Task<'a>) -> Self {
        Self {
            store,
            task,
            matched: task.mappings.map(Mappings::unmatched),
            state: OneState::new(task.cancel),
        }
    }

    /// The identity with which a range ends that starts here.
    fn end_of_range(&mut self, start: &Mark) -> Result<Option<RowKey>, Halt> {
        go_on(self.task.cancel)?;
        let read = |snapshot: &Snapshot| issue_walk::key_behind(snapshot, start, RANGE_ROWS);
        self.state.read(self.store, read)
    }

    /// Reads a range in short transactions. `emit` gets its rows, the last ones with `true`, and gives a buffer back.
    fn range(
        &mut self,
        range: &Range,
        buffer: Vec<u8>,
        emit: &mut dyn FnMut(Portion, bool) -> Result<Vec<u8>, Halt>,
    ) -> Result<(), Halt> {
        let task = self.task;
        let walk = Walk {
            system: task.system,
            direction: Direction::Forward,
            until: range.until.as_ref(),
            texts: Texts::Beginnings,
        };
        let mut mark = range.start.clone();
        let mut portion = Portion::into_buffer(buffer);
        loop {
            go_on(task.cancel)?;
            let Self { matched, state, .. } = self;
            let long = state.read(self.store, |snapshot| {
                issue_walk::chunk(snapshot, &walk, &mut mark, |row| {
                    portion.issue(row, task.mappings.zip(matched.as_mut()));
                    portion.step()
                })
            })?;
            if let Some(row) = long {
                portion = self.long_row(row, portion, emit)?;
            }
            if matches!(mark, Mark::Done) {
                emit(portion, true)?;
                return Ok(());
            }
            if portion.is_full() {
                portion = Portion::into_buffer(emit(portion, false)?);
            }
        }
    }

    /// Adds a row with a long payload to a portion, which is handed on as often as it is full.
    fn long_row(
        &mut self,
        row: LongRow,
        mut portion: Portion,
        emit: &mut dyn FnMut(Portion, bool) -> Result<Vec<u8>, Halt>,
    ) -> Result<Portion, Halt> {
        let (store, task) = (self.store, self.task);
        let Self { matched, state, .. } = self;
        let cut = long::cut(store, state, row, task.cancel)?;
        state.read(store, |snapshot| {
            issue_walk::long_row(snapshot, row, cut.as_ref(), |row| {
                portion.issue(row, task.mappings.zip(matched.as_mut()));
            })
        })?;
        let cuts = std::mem::take(&mut portion.cuts);
        let mut tails: Vec<Vec<u8>> = cuts
            .into_iter()
            .rev()
            .map(|end| portion.bytes.split_off(end))
            .collect();
        for rest in cut.iter().flat_map(|cut| &cut.rests) {
            long::published(store, state, row, rest, task.cancel, &mut |json| {
                portion.bytes.extend_from_slice(json.as_bytes());
                if portion.is_full() {
                    portion = Portion::within_row(emit(std::mem::take(&mut portion), false)?);
                }
                Ok(())
            })?;
            portion.bytes.append(&mut tails.pop().unwrap_or_default());
        }
        Ok(portion)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use rusqlite::Connection;

    use super::super::audit::AuditError;
    use super::*;

    /// A store of many ranges.
    fn store(folder: &Path) -> Store {
        let path = folder.join("store.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT, payload TEXT);
                 WITH RECURSIVE n(i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)
                 INSERT INTO tracker_issues SELECT 'jira:' || i, 'jira',
                     '{\"ref\":{\"system\":\"jira\",\"workspace\":\"w\",\"id\":\"' || i || '\"}}' FROM n;",
            )
            .unwrap();
        drop(connection);
        open_patiently(&path, Duration::ZERO).unwrap()
    }

    #[test]
    fn rows_are_handed_over_in_order_and_a_panic_lets_everybody_go() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let cancel = AtomicBool::new(false);
        let task = Task {
            system: "jira",
            mappings: None,
            cancel: &cancel,
        };
        let mut firsts = Vec::new();
        let mut rows = 0;
        let read = issues(&store, &task, &mut |portion, _| {
            rows += portion.rows;
            firsts.extend(portion.first);
            Ok(portion.bytes)
        });
        assert!(read.is_ok());
        assert_eq!(rows, 10_000);
        assert!(firsts.len() > 8);
        let key = |number: usize| RowKey::Text(format!("jira:{}", 10_000 + number * RANGE_ROWS).into_bytes());
        let expected: Vec<RowKey> = (0..firsts.len()).map(key).collect();
        assert_eq!(firsts, expected);

        let mut taken = 0;
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            issues(&store, &task, &mut |portion, _| {
                taken += 1;
                assert!(taken < 4, "enough");
                Ok(portion.bytes)
            })
        }));
        assert!(panicked.is_err());
    }

    /// What is asked for next waits behind it.
    #[test]
    fn a_cancelled_read_does_not_wait_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let writer = Connection::open(folder.path().join("store.db")).unwrap();
        writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let read = |cancel: bool| {
            let cancel = AtomicBool::new(cancel);
            match OneState::new(&cancel).read(&store, |_| Ok(())) {
                Err(Halt::Failed(AuditError::Store(error))) => Some(error),
                _ => None,
            }
        };
        assert_eq!(read(false), Some(StoreError::Busy));
        assert_eq!(read(true), Some(StoreError::Cancelled));
    }
}
