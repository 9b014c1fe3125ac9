//! Windows of rows and searches, through one connection that is opened again when the store was replaced.

use std::sync::atomic::AtomicBool;

use super::{RowsAt, Shared, lock};
use crate::app::effect::{Generation, Table};
use crate::app::message::Message;
use crate::domain::window::{PageFrom, RowKey};
use crate::sources::store::{self, Direction, Find, Opened, Store, StoreError};

impl Shared {
    pub(super) fn page(
        &self,
        generation: Generation,
        table: Table,
        from: &PageFrom,
        limit: usize,
    ) -> Message {
        let cancel = self.jobs.get(generation).cancel;
        match table {
            Table::Issues => Message::IssuesLoaded {
                generation,
                result: self.with_store(|store, at| store.issues(&at.system, from.clone(), limit, &cancel)),
            },
            Table::Mappings => Message::MappingsLoaded {
                generation,
                result: self.with_store(|store, at| store.mappings(&at.system, from.clone(), limit, &cancel)),
            },
        }
    }

    pub(super) fn search(
        &self,
        generation: Generation,
        table: Table,
        text: &str,
        behind: Option<RowKey>,
        forward: bool,
    ) -> Result<Option<RowKey>, String> {
        let cancel = self.jobs.get(generation).cancel;
        let direction = if forward {
            Direction::Forward
        } else {
            Direction::Backward
        };
        let find = Find {
            text,
            direction,
            behind,
        };
        self.with_store(|store, at| find_row(store, at, table, &find, &cancel))
    }

    fn with_store<T>(&self, read: impl Fn(&Store, &RowsAt) -> Result<T, StoreError>) -> Result<T, String> {
        let at = lock(&self.rows_at).clone().ok_or("there is no store")?;
        let mut cached = lock(&self.store);
        if let Some((_, store)) = cached.as_ref().filter(|(path, _)| *path == at.path) {
            match read(store, &at) {
                Err(StoreError::Moved) => {}
                answer => return answer.map_err(|error| error.to_string()),
            }
        }
        // The old connection goes first: it may hold a private copy of the file.
        *cached = None;
        let store = match store::open(&at.path) {
            Opened::Ready(store) => store,
            Opened::NotUsable { state, trouble } => return Err(format!("{}: {trouble}", state.name())),
        };
        let answer = read(&store, &at).map_err(|error| error.to_string());
        *cached = Some((at.path, store));
        answer
    }
}

fn find_row(
    store: &Store,
    at: &RowsAt,
    table: Table,
    find: &Find<'_>,
    cancel: &AtomicBool,
) -> Result<Option<RowKey>, StoreError> {
    match table {
        Table::Issues => store.find_issue(&at.system, find, cancel, &mut |_| {}),
        Table::Mappings => store.find_mapping(find, cancel, &mut |_| {}),
    }
}
