//! Whole tables, read for a filter or an order beside the windows.

use std::sync::Arc;

use super::rows::find;
use super::{Shared, Sift, lock};
use crate::app::effect::{Generation, Table};
use crate::app::message::Message;
use crate::domain::window::Arrange;
use crate::sources::store::{Issues, Mappings, Progress};

impl Shared {
    /// Counts the hits of a search. Without an answer there is no count, and nothing else is lost.
    pub(super) fn count(
        &self,
        generation: Generation,
        table: Table,
        arrange: &Arrange,
        text: &str,
        send: &mut dyn FnMut(Message),
    ) {
        let cancel = self.jobs.get(generation).cancel;
        let find = find(text, true, None, arrange);
        let counted = self.through(&self.sift_store, |store, at| {
            let mut progress = |found| {
                send(Message::Counted {
                    generation,
                    found,
                    all: false,
                });
            };
            match table {
                Table::Issues => store
                    .rows_of::<Issues>(&at.system, &cancel)
                    .count(&find, &mut progress),
                Table::Mappings => store
                    .rows_of::<Mappings>(&at.system, &cancel)
                    .count(&find, &mut progress),
            }
        });
        if let Ok(found) = counted {
            send(Message::Counted {
                generation,
                found,
                all: true,
            });
        }
    }

    /// Reads a whole table; what was found is kept for the windows.
    pub(super) fn sift(
        &self,
        generation: Generation,
        table: Table,
        arrange: &Arrange,
        send: &mut dyn FnMut(Message),
    ) -> Result<u64, String> {
        let cancel = self.jobs.get(generation).cancel;
        let (at, sifted) = self.through(&self.sift_store, |store, at| {
            let mut progress = |Progress { read, found }| {
                send(Message::SiftProgress {
                    generation,
                    read,
                    found,
                });
            };
            let sifted = match table {
                Table::Issues => store
                    .rows_of::<Issues>(&at.system, &cancel)
                    .sift(arrange, &mut progress)?,
                Table::Mappings => store
                    .rows_of::<Mappings>(&at.system, &cancel)
                    .sift(arrange, &mut progress)?,
            };
            Ok((at.clone(), sifted))
        })?;
        let found = sifted.found;
        lock(&self.sifted)[table as usize] = Some(Arc::new(Sift {
            at,
            arrange: arrange.clone(),
            sifted,
        }));
        Ok(found)
    }
}
