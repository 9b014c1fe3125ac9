//! Windows of rows and searches, through one connection that is opened again when the store was replaced.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::{Places, RowsAt, Shared, Sift, lock};
use crate::app::effect::{Effect, Generation, Table};
use crate::app::message::Message;
use crate::domain::anchors::Anchors;
use crate::domain::window::{Arrange, IssueRow, MappingRow, Page, PageFrom, RowKey};
use crate::sources::store::{self, Direction, Find, Lens, Opened, Order, Store, StoreError, Texts};

/// What is known of the places of the rows that a list shows.
pub(super) struct Known {
    places: Option<Arc<Places>>,
    sift: Option<Arc<Sift>>,
}

impl Known {
    fn lens<'a>(&'a self, table: Table, at: &'a RowsAt, arrange: &'a Arrange) -> Lens<'a> {
        let lens = Lens {
            filter: arrange.filter.as_ref(),
            texts: Texts::Beginnings,
            ..Lens::plain(&at.system)
        };
        if arrange.filter.is_some() {
            let sifted = self.sift.as_ref().map(|sift| &sift.sifted);
            return match sifted.map(|sifted| (&sifted.order, sifted.found)) {
                Some((Order::Publish(anchors), found)) => with(lens, anchors, found),
                _ => lens,
            };
        }
        match (self.places.as_deref(), table) {
            (Some(places), Table::Issues) => with(lens, &places.anchors.issues, places.issues),
            (Some(places), Table::Mappings) => with(lens, &places.anchors.mappings, places.mappings),
            (None, _) => lens,
        }
    }

    /// The first rows of an order that is not the publish order.
    fn kept(&self) -> Option<&[RowKey]> {
        match self.sift.as_ref().map(|sift| &sift.sifted.order) {
            Some(Order::Kept(keys)) => Some(keys),
            _ => None,
        }
    }
}

fn with<'a>(lens: Lens<'a>, anchors: &'a Anchors, total: u64) -> Lens<'a> {
    Lens {
        anchors: Some(anchors),
        total: Some(total),
        ..lens
    }
}

impl Shared {
    /// Windows, searches and places of bytes.
    pub(super) fn rows(&self, effect: Effect, send: &mut dyn FnMut(Message)) {
        match effect {
            Effect::LoadPage {
                generation,
                list,
                from,
                limit,
                arrange,
            } => {
                let page = Wanted { from, limit, arrange };
                let message = match list.table() {
                    Table::Issues => Message::IssuesLoaded {
                        generation,
                        result: self.issues(generation, &page, send),
                    },
                    Table::Mappings => Message::MappingsLoaded {
                        generation,
                        result: self.mappings(generation, &page, send),
                    },
                };
                send(message);
            }
            Effect::Search {
                generation,
                list,
                arrange,
                text,
                from,
                forward,
            } => {
                let find = Find {
                    text: &text,
                    direction: if forward {
                        Direction::Forward
                    } else {
                        Direction::Backward
                    },
                    behind: from,
                    filter: arrange.filter.as_ref(),
                };
                let result = self.search(generation, list.table(), &arrange, &find, send);
                send(Message::SearchHit { generation, result });
            }
            Effect::Seek { generation, offset } => {
                let result = self.seek(generation, offset);
                send(Message::Sought { generation, result });
            }
            Effect::Locate {
                generation,
                table,
                key,
            } => {
                let result = self.locate(generation, table, &key);
                send(Message::Located { generation, result });
            }
            _ => {}
        }
    }

    fn issues(
        &self,
        generation: Generation,
        page: &Wanted,
        send: &mut dyn FnMut(Message),
    ) -> Result<Page<IssueRow>, String> {
        let cancel = self.jobs.get(generation).cancel;
        self.with_store(|store, at| {
            let known = self.known(Table::Issues, at, &page.arrange);
            if page.arrange.sort.is_some() {
                let keys = known.kept().unwrap_or_default();
                return store.kept_issues(&at.system, keys, &page.from, page.limit, &cancel);
            }
            let lens = known.lens(Table::Issues, at, &page.arrange);
            let mut passed = |rows| send(Message::Passed { generation, rows });
            store.issues_through(&lens, page.from.clone(), page.limit, &cancel, &mut passed)
        })
    }

    fn mappings(
        &self,
        generation: Generation,
        page: &Wanted,
        send: &mut dyn FnMut(Message),
    ) -> Result<Page<MappingRow>, String> {
        let cancel = self.jobs.get(generation).cancel;
        self.with_store(|store, at| {
            let known = self.known(Table::Mappings, at, &page.arrange);
            if page.arrange.sort.is_some() {
                let keys = known.kept().unwrap_or_default();
                return store.kept_mappings(&at.system, keys, &page.from, page.limit, &cancel);
            }
            let lens = known.lens(Table::Mappings, at, &page.arrange);
            let mut passed = |rows| send(Message::Passed { generation, rows });
            store.mappings_through(&lens, page.from.clone(), page.limit, &cancel, &mut passed)
        })
    }

    fn search(
        &self,
        generation: Generation,
        table: Table,
        arrange: &Arrange,
        find: &Find<'_>,
        send: &mut dyn FnMut(Message),
    ) -> Result<Option<RowKey>, String> {
        let cancel: &AtomicBool = &self.jobs.get(generation).cancel;
        self.through(&self.search_store, |store, at| {
            let mut passed = |rows| send(Message::Passed { generation, rows });
            let known = self.known(table, at, arrange);
            let kept = known.kept().filter(|_| arrange.sort.is_some());
            match (table, kept) {
                (Table::Issues, None) => store.find_issue(&at.system, find, cancel, &mut passed),
                (Table::Issues, Some(keys)) => store.find_kept_issue(&at.system, find, keys, cancel),
                (Table::Mappings, None) => store.find_mapping(find, cancel, &mut passed),
                (Table::Mappings, Some(keys)) => store.find_kept_mapping(&at.system, find, keys, cancel),
            }
        })
    }

    /// The row that holds a byte of the body.
    fn seek(&self, generation: Generation, offset: u64) -> Result<(Table, RowKey), String> {
        let cancel = self.jobs.get(generation).cancel;
        let places = lock(&self.places).clone();
        let places = places.ok_or("the rows are still being checked: their bytes are not known yet")?;
        let begins = |anchors: &Anchors| anchors.all().first().and_then(|anchor| anchor.offset);
        let (issues, mappings) = (&places.anchors.issues, &places.anchors.mappings);
        let first = begins(issues).or(begins(mappings));
        let first = first.ok_or("no row has a byte: no body can be built, or it holds no rows")?;
        if offset < first {
            return Err(format!(
                "byte {offset} lies before the rows, which begin at byte {first}"
            ));
        }
        let table = if begins(mappings).is_some_and(|begin| begin <= offset) {
            Table::Mappings
        } else {
            Table::Issues
        };
        let key = self.with_store(|store, at| match table {
            Table::Issues => store.issue_at_byte(&at.system, issues, offset, &cancel),
            Table::Mappings => store.mapping_at_byte(&at.system, mappings, offset, &cancel),
        })?;
        let key = key.ok_or_else(|| format!("byte {offset} lies behind the rows"))?;
        Ok((table, key))
    }

    /// Where a row begins in the body.
    fn locate(&self, generation: Generation, table: Table, key: &RowKey) -> Result<u64, String> {
        let cancel = self.jobs.get(generation).cancel;
        let places = lock(&self.places).clone();
        let places = places.ok_or("where it is in the body is known when the rows are checked")?;
        let begin = self.with_store(|store, at| match table {
            Table::Issues => store.byte_of_issue(&at.system, &places.anchors.issues, key, &cancel),
            Table::Mappings => store.byte_of_mapping(&at.system, &places.anchors.mappings, key, &cancel),
        })?;
        begin.ok_or_else(|| "where it is in the body is not known: no body can be built".to_owned())
    }

    /// What is known of a table's places, if it is of the store and the arrangement that are asked for.
    fn known(&self, table: Table, at: &RowsAt, arrange: &Arrange) -> Known {
        let places = lock(&self.places).clone();
        let sift = lock(&self.sifted)[table as usize].clone();
        Known {
            places: places.filter(|places| places.at == *at),
            sift: sift.filter(|sift| sift.at == *at && sift.arrange == *arrange),
        }
    }

    fn with_store<T>(&self, read: impl FnMut(&Store, &RowsAt) -> Result<T, StoreError>) -> Result<T, String> {
        self.through(&self.store, read)
    }

    /// Reads through a connection that is kept.
    pub(super) fn through<T>(
        &self,
        kept: &Mutex<Option<(PathBuf, Store)>>,
        mut read: impl FnMut(&Store, &RowsAt) -> Result<T, StoreError>,
    ) -> Result<T, String> {
        let at = lock(&self.rows_at).clone().ok_or("there is no store")?;
        let mut cached = lock(kept);
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

/// A page that is asked for.
struct Wanted {
    from: PageFrom,
    limit: usize,
    arrange: Arrange,
}
