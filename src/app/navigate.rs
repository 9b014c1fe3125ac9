//! Moving: between sections, along lists, rows, the tree and texts, and to what was searched for.

use super::action::Context;
use super::arrange;
use super::effect::{Effect, List, Table};
use super::model::{Model, Section, Toast};
use super::outline::Outline;
use super::publish::Publish;
use super::row_lines::RowLine;
use super::rows::in_window;
use super::tree::{self, Node, TreeLine};
use super::what_if;
use super::window::Window;
use crate::domain::window::{Keyed, PageFrom, RowKey};

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
        Context::Rows => in_window!(&mut model, list_of(model), |window| window.move_by(delta)),
        Context::Payload => move_in_tree(model, delta),
        Context::SortMenu => arrange::move_in_menu(model, delta),
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
    let far = if last { isize::MAX / 2 } else { isize::MIN / 2 };
    match model.context() {
        Context::Rows if model.has_rows() => {
            let list = list_of(model);
            let at_hand = in_window!(&mut model, list, |window| to_edge(window, last));
            if at_hand {
                return Vec::new();
            }
            let from = if last { PageFrom::End } else { PageFrom::Start };
            return vec![model.fetch(list, from, 0)];
        }
        Context::Payload => {
            let outline = Outline::of(model);
            let at = if last { outline.len().saturating_sub(1) } else { 0 };
            if let Some(line) = outline.line(at) {
                set_node(model, line.node);
            }
        }
        Context::WhatIf => what_if::move_by(model, far),
        // Far enough for any list or text, and no overflow when added.
        _ => move_by(model, far),
    }
    Vec::new()
}

/// The list that the section shows, or the part of the body that the cursor is in.
pub(super) fn list_of(model: &Model) -> List {
    match model.section {
        Section::Issues => List::Issues,
        Section::Payload => List::in_body(tree::table_of(&model.tree.cursor).unwrap_or(Table::Issues)),
        _ => List::Mappings,
    }
}

fn to_edge<T: Keyed>(window: &mut Window<T>, last: bool) -> bool {
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
    match section {
        Section::Route => model.findings().len(),
        Section::Sources => model.sources().len(),
        Section::Journal => model.attempts().len(),
        _ => 0,
    }
}

fn move_in_tree(model: &mut Model, delta: isize) {
    let outline = Outline::of(model);
    let from = outline.cursor();
    let to = from
        .saturating_add_signed(delta)
        .min(outline.len().saturating_sub(1));
    // Rows that are not at hand are not jumped over: the cursor stops before them until they are there.
    let to = outline.before_gap(from, to);
    if let Some(line) = outline.line(to) {
        set_node(model, line.node);
    }
}

/// Puts the tree's cursor on a node, and the window's on the row that it belongs to.
fn set_node(model: &mut Model, node: Node) {
    if let Node::Row(table, key) | Node::Line(table, key, _) = &node {
        in_window!(&mut model, List::in_body(*table), |window| window.select(key));
    }
    model.tree.cursor = node;
}

/// `l` and enter: opens the fold under the cursor. `h`: closes it, or the one around it.
pub(super) fn fold(model: &mut Model, open: bool) {
    let outline = Outline::of(model);
    let at = outline.cursor();
    let Some(line) = outline.line(at) else {
        return;
    };
    if open {
        if line.fold == Some(false) {
            model.tree.open.insert(line.node);
            model.unfold_rows();
        }
        return;
    }
    let target = if line.fold == Some(true) {
        Some(line)
    } else {
        outline.around(at)
    };
    if let Some(target) = target {
        model.tree.open.remove(&target.node);
        model.unfold_rows();
        set_node(model, target.node);
    }
}

/// Whether the line under the cursor has no fold.
pub(super) fn is_leaf(model: &Model) -> bool {
    let outline = Outline::of(model);
    outline
        .line(outline.cursor())
        .is_some_and(|line| line.fold.is_none())
}

/// `H`: closes all folds.
pub(super) fn fold_all(model: &mut Model) {
    let field = match &model.tree.cursor {
        Node::Member(field, _) => Some(*field),
        other => tree::table_of(other).map(Table::field),
    };
    model.tree.open.clear();
    model.unfold_rows();
    if let Some(field) = field {
        model.tree.cursor = Node::Field(field);
    }
}

/// `L`: opens all closed folds of the lowest level that has some, of the rows at hand.
pub(super) fn unfold_level(model: &mut Model) {
    let outline = Outline::of(model);
    let lines = (0..outline.len()).filter_map(|index| outline.line(index));
    let closed: Vec<TreeLine> = lines.filter(|line| line.fold == Some(false)).collect();
    let lowest = closed.iter().map(|line| line.depth).min();
    let nodes = closed.into_iter().filter(|line| Some(line.depth) == lowest);
    model.tree.open.extend(nodes.map(|line| line.node));
    model.unfold_rows();
}

/// Rows of the body have come: unfolds those that were, and goes to the one that was to be gone to.
pub(super) fn body_rows_came(model: &mut Model) {
    model.unfold_rows();
    take_aim(model);
}

/// Puts the tree's cursor where it was to go as soon as the row is there.
pub(super) fn take_aim(model: &mut Model) {
    let Some(aim) = model.tree.aim.take() else { return };
    let list = List::in_body(aim.table);
    let Some(key) = model.current_key(list) else {
        return;
    };
    model.tree.open.insert(Node::Field(aim.table.field()));
    model.tree.cursor = Node::Row(aim.table, key.clone());
    if aim.member.is_empty() {
        return;
    }
    model.tree.open.insert(model.tree.cursor.clone());
    model.unfold_rows();
    let is_member = |line: &RowLine| line.path.strip_prefix('.') == Some(&aim.member);
    let lines = model.tree.lines(aim.table, &key).unwrap_or_default();
    match lines.iter().position(is_member) {
        Some(line) => model.tree.cursor = Node::Line(aim.table, key, line),
        None => model.toast = Some(Toast::plain(format!("no {} in this row", aim.member))),
    }
}

/// Stops the walks to rows of the body.
pub(super) fn stop_body(model: &mut Model) -> Vec<Effect> {
    let mut stopped = model.body_issues.stop();
    stopped.extend(model.body_mappings.stop());
    stopped
}

/// Shows a row in the body.
pub(super) fn to_body_row(model: &mut Model, table: Table, key: RowKey) -> Vec<Effect> {
    show(model, Section::Payload);
    found(model, List::in_body(table), key)
}

/// Goes to a row: one that a search found, or that something else leads to.
pub(super) fn found(model: &mut Model, list: List, key: RowKey) -> Vec<Effect> {
    let at_hand = in_window!(&mut model, list, |window| window.select(&key));
    if matches!(list, List::BodyIssues | List::BodyMappings) {
        let table = list.table();
        model.tree.open.insert(Node::Field(table.field()));
        model.tree.cursor = Node::Row(table, key.clone());
    }
    if at_hand {
        return Vec::new();
    }
    let from = in_window!(&mut model, list, |window| window.jump(key));
    vec![model.fetch(list, from, 0)]
}
