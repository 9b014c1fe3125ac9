//! The jobs that are queued or under way, and how to stop them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;
use crate::app::effect::{Effect, Generation, List, Table};
use crate::sinks::wire::Watch;

/// The ways to stop a job.
#[derive(Clone)]
pub(super) struct Job {
    kind: Kind,
    /// Set to stop reading.
    pub cancel: Arc<AtomicBool>,
    /// Stops a request.
    pub watch: Arc<Watch>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Load,
    Page(List),
    Sift(Table),
    Seek,
    Locate,
    Count,
    Search,
    Plan,
    Reading,
    Send,
}

impl Job {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            cancel: Arc::default(),
            watch: Arc::default(),
        }
    }

    fn stop(&self) {
        self.cancel.store(true, Ordering::SeqCst);
        self.watch.cancel();
    }
}

/// All jobs by their generation.
#[derive(Default)]
pub(super) struct Jobs(Mutex<BTreeMap<Generation, Job>>);

/// The generation of an effect that is a job.
pub(super) fn generation(effect: &Effect) -> Option<Generation> {
    kind(effect).map(|(generation, _)| generation)
}

fn kind(effect: &Effect) -> Option<(Generation, Kind)> {
    match effect {
        Effect::Load { generation } => Some((*generation, Kind::Load)),
        Effect::LoadPage { generation, list, .. } => Some((*generation, Kind::Page(*list))),
        Effect::Sift {
            generation, table, ..
        } => Some((*generation, Kind::Sift(*table))),
        Effect::Seek { generation, .. } => Some((*generation, Kind::Seek)),
        Effect::Locate { generation, .. } => Some((*generation, Kind::Locate)),
        Effect::Count { generation, .. } => Some((*generation, Kind::Count)),
        Effect::Search { generation, .. } => Some((*generation, Kind::Search)),
        Effect::BuildPlan { generation } | Effect::PlanAgain { generation, .. } => {
            Some((*generation, Kind::Plan))
        }
        Effect::Compare { generation } | Effect::WhatIf { generation, .. } => {
            Some((*generation, Kind::Reading))
        }
        Effect::Send { generation, .. } => Some((*generation, Kind::Send)),
        _ => None,
    }
}

impl Jobs {
    /// Notes a job, and stops an earlier one whose answer no longer counts. A publish is never stopped by another job.
    pub fn announce(&self, effect: &Effect) {
        let Some((generation, kind)) = kind(effect) else {
            return;
        };
        let mut jobs = lock(&self.0);
        let replaced = jobs.values().filter(|job| kind != Kind::Send && job.kind == kind);
        replaced.for_each(Job::stop);
        jobs.insert(generation, Job::new(kind));
    }

    /// The job of a generation; one that was not announced cannot be stopped.
    pub fn get(&self, generation: Generation) -> Job {
        let job = lock(&self.0).get(&generation).cloned();
        job.unwrap_or_else(|| Job::new(Kind::Load))
    }

    /// Stops a job.
    pub fn stop(&self, generation: Generation) {
        if let Some(job) = lock(&self.0).get(&generation) {
            job.stop();
        }
    }

    /// Forgets a job.
    pub fn finish(&self, generation: Generation) {
        lock(&self.0).remove(&generation);
    }
}

/// What the worker's threads are called.
const THREAD_NAME: &str = "catseye-worker";

/// A thread of the worker.
pub(in crate::tui) fn thread() -> std::thread::Builder {
    std::thread::Builder::new().name(THREAD_NAME.to_owned())
}
