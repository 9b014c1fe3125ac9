//! Loading: first what needs no rows, so that the route is on screen at once; then with every row checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Places, RowsAt, Shared, lock};
use crate::app::assemble::assemble;
use crate::app::effect::Generation;
use crate::app::message::Message;
use crate::domain::evaluate::evaluate;
use crate::domain::evaluation::Evaluation;
use crate::domain::row_facts::RowsRead;
use crate::sources::load::{self, Journal, Loaded, Rows};

/// How often a pass tells how far it has come.
const TELL_EVERY: Duration = Duration::from_millis(50);

impl Shared {
    pub(super) fn load(&self, generation: Generation, send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        self.remember_look();
        let first = self.read(Rows::Skip);
        self.watch(&first.inputs);
        let (rows_checked, message) = self.assembled(generation, &first);
        send(message);
        if rows_checked || cancel.load(Ordering::SeqCst) {
            return;
        }
        let loaded = self.audit(generation, false, &cancel, send);
        if !cancel.load(Ordering::SeqCst) {
            send(self.assembled(generation, &loaded).1);
        }
    }

    /// Reads everything with the rows, telling how many are done.
    pub(super) fn audit(
        &self,
        generation: Generation,
        keep_body: bool,
        cancel: &AtomicBool,
        send: &mut dyn FnMut(Message),
    ) -> Loaded {
        let mut told = None;
        let mut progress = |done: RowsRead| {
            // Each answer is drawn: more of them would only take time from the reading.
            if told.is_none_or(|at: Instant| at.elapsed() >= TELL_EVERY) {
                told = Some(Instant::now());
                send(Message::RowsProgress { generation, done });
            }
        };
        self.read(Rows::Audit {
            keep_body,
            cancel,
            progress: &mut progress,
        })
    }

    /// Reads everything with the rows, telling nobody.
    pub(super) fn audit_silently(&self, keep_body: bool) -> Loaded {
        self.read(Rows::Audit {
            keep_body,
            cancel: &AtomicBool::new(false),
            progress: &mut |_| {},
        })
    }

    /// Reads everything.
    pub(super) fn read(&self, rows: Rows<'_>) -> Loaded {
        load::load(&self.setup.surroundings, self.journal(), rows)
    }

    /// Earlier publishes.
    pub(super) fn journal(&self) -> Journal {
        let journal = &self.setup.journal;
        // A journal that cannot be read stops a publish by itself, when the attempt is to be written.
        let attempts = journal.read().map(|history| history.attempts);
        Journal {
            path: journal.path(),
            attempts: attempts.unwrap_or_default(),
        }
    }

    /// Keeps the places that an audit found; those of an earlier one serve until then.
    fn keep_places(&self, at: Option<RowsAt>, loaded: &Loaded) {
        let rows = loaded.inputs.store.as_ref().and_then(|store| store.rows.as_ref());
        if let (Some(at), Some(rows)) = (at, rows) {
            *lock(&self.places) = Some(Arc::new(Places {
                at,
                anchors: loaded.anchors.clone(),
                issues: rows.issues,
                mappings: rows.mappings,
            }));
        }
    }

    fn assembled(&self, generation: Generation, loaded: &Loaded) -> (bool, Message) {
        let evaluation = evaluate(&loaded.inputs);
        let at = rows_at(&evaluation);
        (*lock(&self.rows_at)).clone_from(&at);
        self.keep_places(at, loaded);
        let as_of = (self.setup.time_of_day)();
        let mut snapshot = assemble(&loaded.inputs, evaluation, &self.setup.masker, as_of);
        snapshot.scene = self.setup.scene.as_ref().map(|scene| scene.facts.clone());
        let rows_checked = snapshot.rows_checked;
        let message = Message::Loaded {
            generation,
            result: Ok(Box::new(snapshot)),
        };
        (rows_checked, message)
    }
}

fn rows_at(evaluation: &Evaluation) -> Option<RowsAt> {
    Some(RowsAt {
        path: evaluation.store.path.clone()?,
        system: evaluation.binding.as_ref()?.normalized_provider.clone(),
    })
}
