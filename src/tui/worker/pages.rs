//! Pages that need a load of their own: changes since the last publish, a hypothesis.

use super::Shared;
use crate::app::effect::Generation;
use crate::app::message::Message;
use crate::app::page::{Page, Tone};
use crate::domain::comparison::Mark;
use crate::domain::evaluate::evaluate;
use crate::domain::plan::Plan;
use crate::domain::what_if::{self, Change};
use crate::sinks::compare::compare;
use crate::sources::load::{Rows, load_what_if};

/// Rows of each table that a page lists.
const MOST: usize = 500;

impl Shared {
    /// The body beside the last delivered one.
    pub(super) fn compared(&self, generation: Generation, send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        let loaded = self.audit(generation, true, &cancel, send);
        let evaluation = evaluate(&loaded.inputs);
        let title = "Since the last delivered publish";
        let result = match (Plan::freeze(&loaded.inputs, &evaluation), loaded.body) {
            (Ok(plan), Some(body)) => {
                let journal = &self.setup.journal;
                match compare(journal, &loaded.inputs.journal, &plan, body.reader()) {
                    Ok(Some(comparison)) => {
                        let lines = comparison.lines(MOST).into_iter();
                        Ok(Page::new(
                            title,
                            lines.map(|(mark, text)| toned(mark, text)).collect(),
                        ))
                    }
                    Ok(None) => Err("nothing was delivered for this binding from here yet".to_owned()),
                    Err(error) => Err(format!("comparing the bodies: {error}")),
                }
            }
            _ => Err("no body can be built: section 1 says why".to_owned()),
        };
        send(Message::PageReady { generation, result });
    }

    /// Everything once more with some inputs changed in memory.
    pub(super) fn what_if(&self, generation: Generation, changes: &[Change], send: &mut dyn FnMut(Message)) {
        let cancel = self.jobs.get(generation).cancel;
        let real = self.audit(generation, false, &cancel, send);
        let rows = Rows::Audit {
            keep_body: false,
            cancel: &cancel,
            progress: &mut |_| {},
        };
        let hypothetical = load_what_if(&self.setup.surroundings, self.journal(), changes, rows);
        let result = hypothetical
            .map_err(|error| error.to_string())
            .map(|hypothetical| {
                let (now, then) = (evaluate(&real.inputs), evaluate(&hypothetical.inputs));
                let mut lines = vec![(
                    Tone::Dim,
                    "in memory only: nothing is written, and nothing of this can be sent".to_owned(),
                )];
                for row in what_if::beside(&now, &then) {
                    if row.real == row.hypothetical {
                        lines.push((Tone::Plain, format!("{:<9} {}", row.name, row.real)));
                    } else {
                        lines.push((Tone::Bad, format!("{:<9} {}", row.name, row.real)));
                        lines.push((Tone::Good, format!("{:>9} {}", "→", row.hypothetical)));
                    }
                }
                let fixes = what_if::make_real(&real.inputs, &hypothetical.inputs, &then, changes);
                let mut page = Page::new("What if", lines);
                page.lines.push((Tone::Plain, String::new()));
                page.lines
                    .push((Tone::Head, "To make it real (y copies)".to_owned()));
                for fix in &fixes {
                    page.lines.push((Tone::Plain, fix.text.clone()));
                    let steps = fix.steps();
                    page.lines
                        .extend(steps.iter().map(|step| (Tone::Changed, step.clone())));
                }
                page.copy = fixes.first().map(crate::domain::finding::Fix::to_copy);
                page
            });
        send(Message::PageReady { generation, result });
    }
}

fn toned(mark: Mark, text: String) -> (Tone, String) {
    match mark {
        Mark::Head => (Tone::Head, text),
        Mark::Warning => (Tone::Changed, format!("! {text}")),
        Mark::Added => (Tone::Good, format!("+ {text}")),
        Mark::Removed => (Tone::Bad, format!("- {text}")),
        Mark::Changed => (Tone::Changed, format!("~ {text}")),
        Mark::Note => (Tone::Dim, text),
    }
}
