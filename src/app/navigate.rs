//! Moving: between sections, along lists, rows, the tree and texts, and to what was searched for.

use super::action::Context;
use super::copy::cursor_line;
use super::effect::{Effect, Table};
use super::model::{Model, Section, Toast};
use super::publish::Publish;
use super::tree::{self, Node, TreeLine};
use super::what_if;
use super::window::Keyed;
use crate::domain::window::{PageFrom, RowKey};

/// Shows a section.
pub(super) fn show(model: &mut Model, section: Section) {
    model.section = section;
    model.detail = false;
    model.source_line = 0;
    model.scroll = 0;
}

/// Moves the cursor, or scrolls the text that has the focus.
pub(super) fn move_by(model: &mut Model, delta: isize) {
    let page = |model: &Model| delta.unsigned_abs() > 1 || model.findings().is_empty();
    match model.context() {
        Context::Route | Context::Sources | Context::Journal => {
            let last = list_len(model, model.section).saturating_sub(1);
            let cursor = &mut model.cursors[model.section as usize];
            *cursor = cursor.saturating_add_signed(delta).min(last);
        }
        Context::Detail if model.section == Section::Sources => {
            let lines = model.source().map_or(0, |source| source.values.len());
            let line = model.source_line.saturating_add_signed(delta);
            model.source_line = line.min(lines.saturating_sub(1));
        }
        Context::Rows if model.section == Section::Issues => model.issues.move_by(delta),
        Context::Rows => model.mappings.move_by(delta),
        Context::Payload => move_in_tree(model, delta),
        // Its pages scroll what comes of the changes.
        Context::WhatIf if delta.unsigned_abs() == 1 => what_if::move_by(model, delta),
        Context::Plan if !page(model) => {
            if let Publish::Confirming(confirming) = &mut model.publish {
                let last = confirming.plan.findings.len().saturating_sub(1);
                confirming.cursor = confirming.cursor.saturating_add_signed(delta).min(last);
            }
        }
        _ => model.scroll = model.scroll.saturating_add_signed(delta).min(model.overflow),
    }
}

/// Goes to the first or the last line.
pub(super) fn edge(model: &mut Model, last: bool) -> Vec<Effect> {
    let table = match model.section {
        Section::Issues => Table::Issues,
        _ => Table::Mappings,
    };
    match model.context() {
        Context::Rows if model.has_rows() => {
            let from = if last { PageFrom::End } else { PageFrom::Start };
            let at_hand = match table {
                Table::Issues => to_edge(&mut model.issues, last),
                Table::Mappings => to_edge(&mut model.mappings, last),
            };
            if at_hand {
                Vec::new()
            } else {
                vec![model.fetch(table, from, 0)]
            }
        }
        Context::Payload => {
            let lines = tree::lines(model);
            let line = if last { lines.last() } else { lines.first() };
            if let Some(line) = line {
                set_node(model, line.node.clone());
            }
            Vec::new()
        }
        Context::WhatIf => {
            what_if::move_by(model, if last { isize::MAX / 2 } else { isize::MIN / 2 });
            Vec::new()
        }
        _ => {
            // Far enough for any list or text, and no overflow when added.
            move_by(model, if last { isize::MAX / 2 } else { isize::MIN / 2 });
            Vec::new()
        }
    }
}

fn to_edge<T: Keyed>(window: &mut super::window::Window<T>, last: bool) -> bool {
    let Some(page) = &window.page else {
        return true;
    };
    let more = if last { page.more_after } else { page.more_before };
    if !more {
        window.move_by(if last { isize::MAX / 2 } else { isize::MIN / 2 });
    }
    !more
}

/// How many lines a section's list has.
pub(super) fn list_len(model: &Model, section: Section) -> usize {
    let Some(snapshot) = &model.snapshot else {
        return 0;
    };
    match section {
        Section::Route => snapshot.evaluation.findings.len(),
        Section::Sources => snapshot.sources.len(),
        Section::Journal => snapshot.attempts.len(),
        _ => 0,
    }
}

/// The line of the tree under the cursor.
pub fn tree_position(model: &Model, lines: &[TreeLine]) -> usize {
    let find = |node: &Node| lines.iter().position(|line| line.node == *node);
    let cursor = &model.tree.cursor;
    let table = tree::table_of(cursor).map(|table| match table {
        Table::Issues => Node::Field("issues"),
        Table::Mappings => Node::Field("mappings"),
    });
    find(cursor).or_else(|| find(&table?)).unwrap_or(0)
}

fn move_in_tree(model: &mut Model, delta: isize) {
    let lines = tree::lines(model);
    let from = tree_position(model, &lines);
    let to = from
        .saturating_add_signed(delta)
        .min(lines.len().saturating_sub(1));
    // Rows that are not at hand are not jumped over: the cursor stops before them until they are there.
    let is_gap = |index: &usize| matches!(lines[*index].node, Node::Gap(_));
    let to = if to > from {
        (from + 1..=to).find(is_gap).map_or(to, |gap| gap - 1)
    } else {
        (to..from).rev().find(is_gap).map_or(to, |gap| gap + 1)
    };
    if let Some(line) = lines.get(to) {
        set_node(model, line.node.clone());
    }
}

/// Puts the tree's cursor on a node, and the window's on the row that it belongs to.
fn set_node(model: &mut Model, node: Node) {
    let row = match &node {
        Node::Line(row, _) => row,
        other => other,
    };
    match row {
        Node::Issue(key) => {
            model.issues.select(key);
        }
        Node::Mapping(key) => {
            model.mappings.select(key);
        }
        _ => {}
    }
    model.tree.cursor = node;
}

/// `l` and enter: opens the fold under the cursor. `h`: closes it, or the one around it.
pub(super) fn fold(model: &mut Model, open: bool) {
    let lines = tree::lines(model);
    let position = tree_position(model, &lines);
    let Some(line) = lines.get(position) else {
        return;
    };
    if open {
        if line.fold == Some(false) {
            model.tree.open.insert(line.node.clone());
        }
        return;
    }
    let around = |depth: usize| {
        lines[..=position]
            .iter()
            .rev()
            .find(move |line| line.depth < depth)
    };
    let target = if line.fold == Some(true) {
        Some(line)
    } else {
        around(line.depth)
    };
    if let Some(target) = target {
        model.tree.open.remove(&target.node);
        set_node(model, target.node.clone());
    }
}

/// Searches from the cursor on.
pub(super) fn search(model: &mut Model, forward: bool) -> Vec<Effect> {
    if model.search.text.is_empty() {
        model.toast = Some(Toast::plain("nothing searched for yet: /"));
        return Vec::new();
    }
    let from = match model.section {
        Section::Issues | Section::Payload => model.issues.current().map(|row| row.key.clone()),
        _ => model.mappings.current().map(|row| row.key.clone()),
    };
    let table = match model.section {
        Section::Issues | Section::Payload => Table::Issues,
        Section::Mappings => Table::Mappings,
        Section::Route | Section::Sources | Section::Journal => {
            search_list(model, forward);
            return Vec::new();
        }
        Section::Checkpoint => return Vec::new(),
    };
    if !model.has_rows() {
        model.toast = Some(Toast::plain("there are no rows to search"));
        return Vec::new();
    }
    let generation = model.next_generation();
    model.search.awaited = Some((generation, table));
    vec![Effect::Search {
        generation,
        table,
        text: model.search.text.clone(),
        from,
        forward,
    }]
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

/// Goes to the row that a search found.
pub(super) fn found(model: &mut Model, table: Table, key: RowKey) -> Vec<Effect> {
    let at_hand = match table {
        Table::Issues => model.issues.select(&key),
        Table::Mappings => model.mappings.select(&key),
    };
    if model.section == Section::Payload {
        model.tree.open.insert(Node::Field("issues"));
        model.tree.cursor = Node::Issue(key.clone());
    }
    if at_hand {
        return Vec::new();
    }
    let from = match table {
        Table::Issues => model.issues.jump(key),
        Table::Mappings => model.mappings.jump(key),
    };
    vec![model.fetch(table, from, 0)]
}
