//! Pages that need a load of their own: changes since the last publish.

use super::Shared;
use crate::app::effect::Generation;
use crate::app::message::Message;
use crate::app::page::{PageLine, Tone};
use crate::domain::comparison::Mark;
use crate::domain::evaluate::evaluate;
use crate::domain::plan::Plan;
use crate::sinks::compare::{MAX_BODY, compare};

/// Rows of each table that a page lists.
const MOST: usize = 500;

impl Shared {
    /// The body beside the last delivered one.
    pub(super) fn compared(&self, generation: Generation, send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        let loaded = self.audit(generation, true, &cancel, send);
        let evaluation = evaluate(&loaded.inputs);
        let result = match (Plan::freeze(&loaded.inputs, &evaluation), loaded.body) {
            (Ok(plan), Some(body)) => {
                let journal = &self.setup.journal;
                match compare(journal, &loaded.inputs.journal, &plan, body.reader(), MAX_BODY) {
                    Ok(Some(comparison)) => {
                        let lines = comparison.lines(MOST).into_iter();
                        Ok(lines.map(|(mark, text)| toned(mark, text)).collect())
                    }
                    Ok(None) => Err("nothing was delivered for this binding from here yet".to_owned()),
                    Err(error) => Err(format!("comparing the bodies: {error}")),
                }
            }
            _ => Err("no body can be built: section 1 says why".to_owned()),
        };
        send(Message::PageReady { generation, result });
    }
}

fn toned(mark: Mark, text: String) -> PageLine {
    match mark {
        Mark::Head => (Tone::Head, text),
        Mark::Warning => (Tone::Changed, format!("! {text}")),
        Mark::Added => (Tone::Good, format!("+ {text}")),
        Mark::Removed => (Tone::Bad, format!("- {text}")),
        Mark::Changed => (Tone::Changed, format!("~ {text}")),
        Mark::Note => (Tone::Dim, text),
    }
}
