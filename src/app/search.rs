//! Searching: along a list at hand, or along the rows of the store, with a count of all hits.

use super::copy::cursor_line;
use super::effect::{Effect, Generation, List};
use super::model::{Model, Section, Toast};
use super::navigate::{self, list_len, list_of};
use crate::domain::filter::Filter;
use crate::domain::window::RowKey;

/// The text last searched for.
#[derive(Debug, Default)]
pub struct Search {
    /// The text.
    pub text: String,
    /// A search under way, and in which list.
    pub awaited: Option<(Generation, List)>,
    /// How many rows it has passed.
    pub passed: u64,
    /// The hits in a list, as far as they are counted.
    pub hits: Option<Hits>,
}

/// How many hits a search has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    /// The request.
    pub generation: Generation,
    /// In which list.
    pub list: List,
    /// How many, so far.
    pub found: u64,
    /// Whether that is all.
    pub all: bool,
}

/// Searches from the cursor on.
pub(super) fn search(model: &mut Model, forward: bool) -> Vec<Effect> {
    match model.section {
        Section::Route | Section::Sources | Section::Journal => {
            search_list(model, forward);
            return Vec::new();
        }
        Section::Checkpoint => return Vec::new(),
        Section::Issues | Section::Mappings | Section::Payload => {}
    }
    if !model.has_rows() {
        model.toast = Some(Toast::plain("there are no rows to search"));
        return Vec::new();
    }
    let list = list_of(model);
    let mut effects = count_hits(model, list);
    let generation = model.next_generation();
    model.search.awaited = Some((generation, list));
    model.search.passed = 0;
    effects.push(Effect::Search {
        generation,
        list,
        arrange: model.arranged(list).clone(),
        text: model.search.text.clone(),
        from: model.current_key(list),
        forward,
    });
    effects
}

/// Has the hits in a list counted, unless they are or are being so. What is a hit only through a join is not counted.
fn count_hits(model: &mut Model, list: List) -> Vec<Effect> {
    let arrange = model.arranged(list).clone();
    let joined = arrange.filter.as_ref().is_some_and(Filter::needs_join);
    if joined || model.search.hits.is_some_and(|hits| hits.list == list) {
        return Vec::new();
    }
    let generation = model.next_generation();
    model.search.hits = Some(Hits {
        generation,
        list,
        found: 0,
        all: false,
    });
    vec![Effect::Count {
        generation,
        list,
        arrange,
        text: model.search.text.clone(),
    }]
}

/// Counts anew what was counted: the rows, or which of them are shown, are others now.
pub(super) fn count_again(model: &mut Model) -> Vec<Effect> {
    match model.search.hits.take() {
        Some(hits) if model.has_rows() => count_hits(model, hits.list),
        _ => Vec::new(),
    }
}

/// Takes in how many hits there are.
pub(super) fn counted(model: &mut Model, generation: Generation, found: u64, all: bool) {
    if let Some(hits) = model
        .search
        .hits
        .as_mut()
        .filter(|hits| hits.generation == generation)
    {
        (hits.found, hits.all) = (found, all);
    }
}

/// The hits in the list that is shown: `"refund" 3 hits`.
pub fn hits_shown(model: &Model) -> Option<String> {
    let has_rows = matches!(
        model.section,
        Section::Issues | Section::Mappings | Section::Payload
    );
    let hits = model.search.hits.filter(|hits| hits.list == list_of(model))?;
    let unit = if hits.found == 1 { "hit" } else { "hits" };
    let so_far = if hits.all { "" } else { " so far" };
    has_rows.then(|| format!("\"{}\" {} {unit}{so_far}", model.search.text, hits.found))
}

fn search_list(model: &mut Model, forward: bool) {
    let wanted = model.search.text.to_lowercase();
    let (length, start) = (list_len(model, model.section), model.cursor());
    let hit = (1..=length)
        .map(|step| if forward { start + step } else { start + length - step } % length)
        .find(|&index| cursor_line(model, index).to_lowercase().contains(&wanted));
    match hit {
        Some(index) => model.cursors[model.section as usize] = index,
        None => model.toast = Some(Toast::plain(format!("\"{}\" not found here", model.search.text))),
    }
}

/// A search has ended.
pub(super) fn searched(
    model: &mut Model,
    generation: Generation,
    result: Result<Option<RowKey>, String>,
) -> Vec<Effect> {
    let Some((_, list)) = model
        .search
        .awaited
        .take_if(|(awaited, _)| *awaited == generation)
    else {
        return Vec::new();
    };
    match result {
        Ok(Some(key)) => navigate::found(model, list, key),
        Ok(None) => {
            model.toast = Some(Toast::plain(format!("\"{}\": no further hit", model.search.text)));
            Vec::new()
        }
        Err(reason) => {
            model.toast = Some(Toast::bad(format!("search stopped: {reason}")));
            Vec::new()
        }
    }
}
