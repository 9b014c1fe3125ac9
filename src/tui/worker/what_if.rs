//! Everything once more with some inputs changed in memory.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Shared;
use crate::app::effect::Generation;
use crate::app::message::Message;
use crate::app::what_if::{Hypothesis, InputLine};
use crate::domain::evaluate::evaluate;
use crate::domain::inputs::Inputs;
use crate::domain::what_if::{Applied, Change, WhatIfError, changeable, difference, make_real};
use crate::sources::load::{Rows, load_what_if};

impl Shared {
    /// Real and hypothetical, read one after the other; without changes the real one alone.
    pub(super) fn what_if(&self, generation: Generation, changes: &[Change], send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        let real = self.audit(generation, false, &cancel, send).inputs;
        let result = self.hypothesis(&real, changes, &cancel);
        if cancel.load(Ordering::SeqCst) {
            return;
        }
        let result = result.map(Box::new).map_err(|error| error.to_string());
        send(Message::WhatIfReady { generation, result });
    }

    fn hypothesis(
        &self,
        real: &Inputs,
        changes: &[Change],
        cancel: &AtomicBool,
    ) -> Result<Hypothesis, WhatIfError> {
        let (supposed, applied) = if changes.is_empty() {
            (real.clone(), Vec::new())
        } else {
            let rows = Rows::Audit {
                keep_body: false,
                cancel,
                progress: &mut |_| {},
            };
            let supposed = load_what_if(&self.setup.surroundings, self.journal(), changes, rows)?;
            (supposed.loaded.inputs, supposed.applied)
        };
        let (now, then) = (evaluate(real), evaluate(&supposed));
        Ok(Hypothesis {
            inputs: lines(&supposed, applied),
            difference: difference(&now, &then),
            fixes: make_real(real, &supposed, &then, changes),
            verdict: then.verdict,
            route: then.routing.and_then(|routing| routing.route),
        })
    }
}

/// The inputs, those that are changed with their real value.
fn lines(supposed: &Inputs, applied: Vec<Applied>) -> Vec<InputLine> {
    let line = |(target, value)| InputLine {
        target,
        value,
        real: None,
    };
    let mut lines: Vec<InputLine> = changeable(supposed).into_iter().map(line).collect();
    for change in applied {
        match lines.iter_mut().find(|line| line.target == change.target) {
            Some(line) => line.real = Some(change.old),
            // A credential that was taken away is no longer in its table.
            None => lines.push(InputLine {
                target: change.target,
                value: change.new,
                real: Some(change.old),
            }),
        }
    }
    lines
}
