//! Filters and orders of the tables: typed, picked, worked out off the UI thread, taken back step by step.

use tui_input::Input;

use super::effect::{Effect, Generation, List, Table};
use super::model::{Model, Overlay, Section, Toast};
use super::rows::in_window;
use super::window::{Found, Sifting, Window};
use super::{search, update};
use crate::domain::filter::{Field, Filter};
use crate::domain::sort::Sort;
use crate::domain::window::{Arrange, Keyed, PageFrom};

/// The menu of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortMenu {
    /// The table.
    pub table: Table,
    /// The line under the cursor; the first is the publish order.
    pub cursor: usize,
    /// The greatest first.
    pub descending: bool,
}

impl SortMenu {
    /// The fields behind the first line.
    pub fn fields(&self) -> &'static [Field] {
        self.table.subject().sortable()
    }

    /// The order under the cursor; `None` is the publish order.
    pub fn sort(&self) -> Option<Sort> {
        let field = *self.fields().get(self.cursor.checked_sub(1)?)?;
        Some(Sort {
            field,
            descending: self.descending,
        })
    }
}

/// The table of the section that is shown.
pub(super) fn table(model: &Model) -> Option<Table> {
    match model.section {
        Section::Issues => Some(Table::Issues),
        Section::Mappings => Some(Table::Mappings),
        _ => None,
    }
}

/// The section's table, when it has rows.
pub(super) fn table_at_hand(model: &Model) -> Option<Table> {
    table(model).filter(|_| model.has_rows())
}

/// Asks for a filter; the one in force can be changed.
pub(super) fn ask_filter(model: &mut Model) {
    let Some(table) = table_at_hand(model) else {
        return;
    };
    let filter = model.arranged(List::of(table)).filter.as_ref();
    let text = filter.map(|filter| filter.text().to_owned()).unwrap_or_default();
    update::open(model, Overlay::Filter(Input::new(text)));
}

/// Takes the filter that was typed; a wrong one stays to be mended.
pub(super) fn take_filter(model: &mut Model, input: Input) -> Vec<Effect> {
    let Some(table) = table(model) else {
        return Vec::new();
    };
    match Filter::parse(input.value(), table.subject()) {
        Ok(filter) => {
            let sort = model.arranged(List::of(table)).sort;
            arrange(model, table, Arrange { filter, sort })
        }
        Err(error) => {
            model.toast = Some(Toast::bad(error.to_string()));
            model.overlay = Some(Overlay::Filter(input));
            Vec::new()
        }
    }
}

/// Opens the menu of orders; in it, turns the order round.
pub(super) fn ask_sort(model: &mut Model) {
    if let Some(Overlay::Sort(menu)) = &mut model.overlay {
        menu.descending = !menu.descending;
        return;
    }
    let Some(table) = table_at_hand(model) else {
        return;
    };
    let sort = model.arranged(List::of(table)).sort;
    let mut menu = SortMenu {
        table,
        cursor: 0,
        descending: sort.is_some_and(|sort| sort.descending),
    };
    let place = sort.and_then(|sort| menu.fields().iter().position(|field| *field == sort.field));
    menu.cursor = place.map_or(0, |place| place + 1);
    update::open(model, Overlay::Sort(menu));
}

/// Moves in the menu of orders.
pub(super) fn move_in_menu(model: &mut Model, delta: isize) {
    if let Some(Overlay::Sort(menu)) = &mut model.overlay {
        let last = menu.fields().len();
        menu.cursor = menu.cursor.saturating_add_signed(delta).min(last);
    }
}

/// Takes the order that was picked.
pub(super) fn take_sort(model: &mut Model, menu: SortMenu) -> Vec<Effect> {
    let filter = model.arranged(List::of(menu.table)).filter.clone();
    let sort = menu.sort();
    arrange(model, menu.table, Arrange { filter, sort })
}

/// Puts a filter and an order into force: a filter at once, an order when all rows were read for it.
pub(super) fn arrange(model: &mut Model, table: Table, arrange: Arrange) -> Vec<Effect> {
    let generation = model.next_generation();
    let list = List::of(table);
    let (mut effects, from) = in_window!(&mut model, list, |window| begin(
        window, table, generation, arrange
    ));
    effects.extend(from.map(|from| model.fetch(list, from, 0)));
    effects.extend(search::count_again(model));
    effects
}

/// What is to be done, and where to read the window.
fn begin<T: Keyed>(
    window: &mut Window<T>,
    table: Table,
    generation: Generation,
    arrange: Arrange,
) -> (Vec<Effect>, Option<PageFrom>) {
    let mut effects = window.stop();
    if !arrange.is_plain() {
        effects.push(sift(window, table, generation, arrange.clone()));
    }
    let from = arrange.sort.is_none().then(|| {
        window.found = None;
        window.reopen(arrange)
    });
    (effects, from)
}

/// Has the whole table read for a filter and an order; the order comes into force with the end.
fn sift<T: Keyed>(window: &mut Window<T>, table: Table, generation: Generation, arrange: Arrange) -> Effect {
    window.sifting = Some(Sifting {
        generation,
        read: 0,
        found: 0,
        then: arrange.sort.map(|_| arrange.clone()),
    });
    Effect::Sift {
        generation,
        table,
        arrange,
    }
}

/// Reads a table again for what it is arranged by.
pub(super) fn again(model: &mut Model, table: Table) -> Option<Effect> {
    let arrange = model.arranged(List::of(table)).clone();
    if arrange.is_plain() {
        return None;
    }
    let generation = model.next_generation();
    Some(in_window!(&mut model, List::of(table), |window| sift(
        window, table, generation, arrange
    )))
}

/// The table is being read.
pub(super) fn progress(model: &mut Model, generation: Generation, read: u64, found: u64) {
    for sifting in [&mut model.issues.sifting, &mut model.mappings.sifting] {
        if let Some(sifting) = sifting
            .as_mut()
            .filter(|sifting| sifting.generation == generation)
        {
            (sifting.read, sifting.found) = (read, found);
        }
    }
}

/// The table was read.
pub(super) fn sifted(model: &mut Model, generation: Generation, result: &Result<u64, String>) -> Vec<Effect> {
    let sifts = |list: &List| in_window!(&model, *list, |window| window.sifts(generation));
    let Some(list) = List::ALL.into_iter().find(sifts) else {
        return Vec::new();
    };
    let (at_least, from) = in_window!(&mut model, list, |window| (
        window.rows().len(),
        end(window, result)
    ));
    if let Err(reason) = result {
        model.toast = Some(Toast::bad(format!("not read to the end: {reason}")));
    }
    let fetch = |from| model.fetch(list, from, at_least);
    from.map(fetch).into_iter().collect()
}

/// Where to read the window again, when another order comes into force.
fn end<T: Keyed>(window: &mut Window<T>, result: &Result<u64, String>) -> Option<PageFrom> {
    let sifting = window.sifting.take()?;
    let Ok(rows) = *result else {
        return None;
    };
    window.found = Some(Found {
        rows,
        stopped_at: None,
    });
    let Some(then) = sifting.then else {
        window.renumber = true;
        return None;
    };
    Some(window.reopen(then))
}

/// One step back: stops what is under way, then takes the filter back, then the order.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let Some(table) = table(model) else {
        return Vec::new();
    };
    let stopped = in_window!(&mut model, List::of(table), |window| window.stop());
    if !stopped.is_empty() {
        return stopped;
    }
    let Arrange { filter, sort } = model.arranged(List::of(table)).clone();
    match (filter, sort) {
        (Some(_), sort) => arrange(model, table, Arrange { filter: None, sort }),
        (None, Some(_)) => arrange(model, table, Arrange::default()),
        (None, None) => Vec::new(),
    }
}
