//! Windows of rows and searches, through one connection that is opened again when the store was replaced.

use std::sync::Arc;

use super::{KeptStore, Places, RowsAt, Shared, Sift, lock};
use crate::app::effect::{Effect, Generation, Table};
use crate::app::message::Message;
use crate::domain::anchors::Anchors;
use crate::domain::window::{Arrange, Page, PageFrom, RowKey};
use crate::sources::store::{
    self, Direction, Find, Issues, Kind, Lens, Mappings, Order, Store, StoreError, Texts,
};

/// What is known of the places of the rows that a list shows.
pub(super) struct Known {
    places: Option<Arc<Places>>,
    sift: Option<Arc<Sift>>,
}

impl Known {
    fn lens<'a>(&'a self, table: Table, arrange: &'a Arrange) -> Lens<'a> {
        let lens = Lens {
            filter: arrange.filter.as_ref(),
            texts: Texts::Beginnings,
            ..Lens::default()
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
    pub(super) fn rows(&self, effect: &Effect, send: &mut dyn FnMut(Message)) {
        match effect {
            Effect::LoadPage {
                generation,
                list,
                from,
                limit,
                arrange,
            } => {
                let generation = *generation;
                let page = Wanted {
                    from,
                    limit: *limit,
                    arrange,
                };
                let message = match list.table() {
                    Table::Issues => Message::IssuesLoaded {
                        generation,
                        result: self.page::<Issues>(generation, Table::Issues, &page, send),
                    },
                    Table::Mappings => Message::MappingsLoaded {
                        generation,
                        result: self.page::<Mappings>(generation, Table::Mappings, &page, send),
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
                let (generation, table) = (*generation, list.table());
                let find = find(text, *forward, from.as_ref(), arrange);
                let result = match table {
                    Table::Issues => self.search::<Issues>(generation, table, arrange, &find, send),
                    Table::Mappings => self.search::<Mappings>(generation, table, arrange, &find, send),
                };
                send(Message::SearchHit { generation, result });
            }
            Effect::Seek { generation, offset } => send(Message::Sought {
                generation: *generation,
                result: self.seek(*generation, *offset),
            }),
            Effect::Locate {
                generation,
                table,
                key,
            } => send(Message::Located {
                generation: *generation,
                result: self.locate(*generation, *table, key),
            }),
            _ => {}
        }
    }

    fn page<K: Kind>(
        &self,
        generation: Generation,
        table: Table,
        page: &Wanted<'_>,
        send: &mut dyn FnMut(Message),
    ) -> Result<Page<K::Row>, String> {
        let cancel = self.jobs.get(generation).cancel;
        self.with_store(|store, at| {
            let known = self.known(table, at, page.arrange);
            let rows = store.rows_of::<K>(&at.system, &cancel);
            if page.arrange.sort.is_some() {
                return rows.kept(known.kept().unwrap_or_default(), page.from, page.limit);
            }
            let lens = known.lens(table, page.arrange);
            let mut passed = |rows| send(Message::Passed { generation, rows });
            rows.window(&lens, page.from.clone(), page.limit, &mut passed)
        })
    }

    fn search<K: Kind>(
        &self,
        generation: Generation,
        table: Table,
        arrange: &Arrange,
        find: &Find<'_>,
        send: &mut dyn FnMut(Message),
    ) -> Result<Option<RowKey>, String> {
        let cancel = self.jobs.get(generation).cancel;
        self.through(&self.search_store, |store, at| {
            let known = self.known(table, at, arrange);
            let rows = store.rows_of::<K>(&at.system, &cancel);
            match known.kept().filter(|_| arrange.sort.is_some()) {
                Some(keys) => rows.find_kept(find, keys),
                None => rows.find(find, &mut |rows| send(Message::Passed { generation, rows })),
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
            Table::Issues => store
                .rows_of::<Issues>(&at.system, &cancel)
                .at_byte(issues, offset),
            Table::Mappings => store
                .rows_of::<Mappings>(&at.system, &cancel)
                .at_byte(mappings, offset),
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
            Table::Issues => store
                .rows_of::<Issues>(&at.system, &cancel)
                .byte_of(&places.anchors.issues, key),
            Table::Mappings => store
                .rows_of::<Mappings>(&at.system, &cancel)
                .byte_of(&places.anchors.mappings, key),
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
        kept: &KeptStore,
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
        let store = store::open(&at.path).map_err(|error| format!("{}: {error}", error.state().name()))?;
        let answer = read(&store, &at).map_err(|error| error.to_string());
        *cached = Some((at.path, store));
        answer
    }
}

/// What a search looks for from a row on.
pub(super) fn find<'a>(
    text: &'a str,
    forward: bool,
    behind: Option<&RowKey>,
    arrange: &'a Arrange,
) -> Find<'a> {
    Find {
        text,
        direction: if forward {
            Direction::Forward
        } else {
            Direction::Backward
        },
        behind: behind.cloned(),
        filter: arrange.filter.as_ref(),
    }
}

/// A page that is asked for.
struct Wanted<'a> {
    from: &'a PageFrom,
    limit: usize,
    arrange: &'a Arrange,
}
