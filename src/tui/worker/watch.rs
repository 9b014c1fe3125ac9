//! The inspector's watch over its inputs.

use super::{Shared, Worker, lock};
use crate::domain::inputs::Inputs;
use crate::sources::watch::Rest;

pub use crate::sources::watch::LOOK_EVERY;

impl Shared {
    /// Remembers what the inputs looked like when they were about to be read.
    pub(super) fn remember_look(&self) {
        let mut seen = lock(&self.seen);
        *seen = seen.again();
    }

    /// Looks at these inputs from now on.
    pub(super) fn watch(&self, inputs: &Inputs) {
        let mut seen = lock(&self.seen);
        *seen = seen.of(inputs);
    }
}

/// Compares looks; one for each thread that watches.
pub struct Watcher {
    worker: Worker,
    rest: Rest,
}

impl Watcher {
    /// A watcher that has reported nothing.
    pub fn new(worker: Worker) -> Self {
        Self {
            worker,
            rest: Rest::default(),
        }
    }

    /// Looks once: whether the inputs differ from what was read and have come to rest, or have not for long.
    pub fn has_changed(&mut self) -> bool {
        let seen = lock(&self.worker.0.seen).clone();
        self.rest.has_changed(&seen)
    }
}
