//! What would make a hypothesis real: edits of the lines that hold the values, else the one `bind` that does it all; for
//! a project of a newer spec-kitty edits alone, since `bind` would erase its keys (reference 2.3).

use super::super::credentials::ProviderTable;
use super::super::evaluation::Evaluation;
use super::super::finding::{Edit, Fix};
use super::super::fixes::{self, DOCTRINE_MODES, edit, insert_key, toml_text, yaml_scalar};
use super::super::inputs::{FileInput, GivenBy, Inputs, SERVER_VARIABLE};
use super::super::node::{Entry, Node, Span};
use super::super::routing::KNOWN_PROVIDERS;
use super::super::secret::is_public;
use super::super::shell;
use super::{Change, Target, provider};

/// The fixes, in the order in which they are carried out: edits of a file from its end to its beginning, so that line
/// numbers hold.
pub fn make_real(
    real: &Inputs,
    hypothetical: &Inputs,
    evaluation: &Evaluation,
    changes: &[Change],
) -> Vec<Fix> {
    let (server, files): (Vec<&Change>, Vec<&Change>) = changes
        .iter()
        .filter(|change| !is_so_already(real, hypothetical, change))
        .partition(|change| change.target == Target::ServerUrl);
    let edits: Vec<Option<Fix>> = files
        .iter()
        .map(|change| file_edit(real, hypothetical, change))
        .collect();
    let bind = || bind(hypothetical, evaluation);
    let mut fixes = match edits.iter().any(Option::is_none).then(bind).flatten() {
        Some(bind) => vec![bind],
        None => edits
            .into_iter()
            .zip(files)
            .map(|(edit, change)| edit.unwrap_or_else(|| by_hand(hypothetical, change)))
            .collect(),
    };
    fixes.sort_by_key(|fix| {
        fix.edit.as_ref().map(|edit| {
            let inserts = edit.old.is_empty();
            (edit.file.clone(), usize::MAX - edit.line, inserts)
        })
    });
    fixes.extend(server.into_iter().map(|change| server_url(real, change)));
    fixes
}

/// Whether the input has this value: nothing has to be done for it.
fn is_so_already(real: &Inputs, hypothetical: &Inputs, change: &Change) -> bool {
    let node = match &change.target {
        Target::ServerUrl => {
            let given = real.environment.server_url.as_ref();
            return given.map(|given| given.value.as_str()) == change.text();
        }
        Target::Credential(key) => provider(hypothetical)
            .and_then(|provider| real.provider_table(&provider)?.get(key))
            .map(|entry| entry.value.as_ref()),
        target => {
            let mut node = real.config.as_ref().and_then(FileInput::root).map(AsRef::as_ref);
            for key in target.config_path().unwrap_or_default() {
                node = node.and_then(|node| Some(node.get(key)?.value.as_ref()));
            }
            node
        }
    };
    same(node, change)
}

/// Whether a value is the text that a change gives, or is away where it takes away.
fn same(node: Option<&Node>, change: &Change) -> bool {
    match (node, change.text()) {
        (None, None) => true,
        (Some(node), Some(text)) => node.text().is_some_and(|known| *known == text),
        _ => false,
    }
}

/// `bind` with all that the hypothesis has, when it would write just that: it normalises the provider, knows three
/// doctrine modes, and cannot leave a table without keys.
fn bind(hypothetical: &Inputs, evaluation: &Evaluation) -> Option<Fix> {
    let binding = evaluation.binding.as_ref()?;
    let writes_it = binding.provider == binding.normalized_provider
        && KNOWN_PROVIDERS.contains(&binding.provider.as_str())
        && DOCTRINE_MODES.contains(&binding.doctrine_mode.as_str())
        && evaluation.newer.is_none();
    let table = hypothetical.provider_table(&binding.provider);
    let empty = table.is_some_and(|table| table.entries().is_empty());
    (writes_it && !empty).then(|| fixes::bind(binding, table, &[]))
}

fn by_hand(hypothetical: &Inputs, change: &Change) -> Fix {
    let value = change.text().filter(|value| change.target.shows(value));
    let place = match &change.target {
        Target::Credential(key) => {
            let provider = provider(hypothetical).unwrap_or_default();
            format!("{key} of [tracker.providers.{provider}] in the credentials file")
        }
        target => format!("{target} in config.yaml"),
    };
    Fix::text(match (value, &change.value) {
        (Some(value), _) => format!("Set {place} to {value:?} by hand"),
        (None, Some(_)) => format!("Set {place} by hand"),
        (None, None) => format!("Take {place} away by hand"),
    })
}

fn server_url(real: &Inputs, change: &Change) -> Fix {
    let flag = real
        .environment
        .server_url
        .as_ref()
        .is_some_and(|given| matches!(given.by, GivenBy::Flag(_)));
    let without_flag = if flag { ", and leave --server-url out" } else { "" };
    match change.text() {
        Some(url) if is_public("server_url", url) => Fix::command(
            format!("Set it in this shell{without_flag}"),
            format!("export {SERVER_VARIABLE}={}", shell::quote(url)),
        ),
        Some(_) => Fix::text(format!(
            "Set {SERVER_VARIABLE} in this shell{without_flag}; the URL holds a password and is not shown"
        )),
        None => Fix::command(
            format!("Take it out of this shell{without_flag}"),
            format!("unset {SERVER_VARIABLE}"),
        ),
    }
}

/// The edit of a file that makes a change real; `None` where no edit of one line does.
fn file_edit(real: &Inputs, hypothetical: &Inputs, change: &Change) -> Option<Fix> {
    let (file, text) = match &change.target {
        Target::Credential(key) => {
            let provider = provider(hypothetical)?;
            let file = &real.credentials;
            (
                file,
                credential(file, real.provider_table(&provider)?, key, change.text())?,
            )
        }
        target => {
            let file = real.config.as_ref()?;
            let supposed = hypothetical.config.as_ref()?.root()?;
            (
                file,
                config(file, supposed, target.config_path()?, change.text())?,
            )
        }
    };
    let does = if change.value.is_some() {
        "Write"
    } else {
        "Take away"
    };
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    Some(Fix::edit(
        format!("{does} {} in {name}", change.target),
        Some(text),
    ))
}

fn config(file: &FileInput, supposed: &Node, path: &[&str], value: Option<&str>) -> Option<Edit> {
    let mut node = file.root()?.as_ref();
    let mut supposed = Some(supposed);
    for (depth, key) in path.iter().enumerate() {
        let last = depth + 1 == path.len();
        match (node.get(key), value) {
            (Some(entry), Some(value)) if last => return replace(file, entry, ':', &yaml_scalar(value)),
            // What is left of a section without keys is null, which is no section.
            (Some(entry), None) if last => {
                let left = supposed.and_then(Node::entries).unwrap_or_default();
                return remove(file, entry, ':').filter(|_| !left.is_empty());
            }
            (Some(entry), _) => node = &entry.value,
            (None, Some(value)) if depth > 0 => return insert(file, node, &path[depth..], value),
            (None, _) => return None,
        }
        supposed = supposed.and_then(|supposed| Some(supposed.get(key)?.value.as_ref()));
    }
    None
}

fn credential(file: &FileInput, table: ProviderTable<'_>, key: &str, value: Option<&str>) -> Option<Edit> {
    if value.is_some_and(|value| !is_public(key, value)) {
        return None;
    }
    match (table.get(key), value) {
        (Some(entry), _) if !is_public(key, &entry.value.str().to_display()) => None,
        (Some(entry), Some(value)) => replace(file, entry, '=', &toml_text(value)),
        (Some(entry), None) => remove(file, entry, '='),
        (None, None) => None,
        (None, Some(value)) => {
            let header = line_of(file, table.span())?;
            let is_header = blank(header.before) && ends_here(header.behind);
            insert_key(file, table.span(), key, value).filter(|_| is_header)
        }
    }
}

/// Replaces an entry's value: alone where that is unambiguous on its line, else with the key.
fn replace(file: &FileInput, entry: &Entry, separator: char, new: &str) -> Option<Edit> {
    let whole = pair(entry);
    let between = separator_of(file, entry, separator)?;
    edit(file, entry.value.span, new).or_else(|| {
        let key = file.text.text_of(entry.key.span)?;
        // An empty value may follow the colon at once, another may not.
        let gap = if between.ends_with(separator) { " " } else { "" };
        edit(file, whole, &format!("{key}{between}{gap}{new}"))
    })
}

/// Takes an entry away that has its line for itself.
fn remove(file: &FileInput, entry: &Entry, separator: char) -> Option<Edit> {
    separator_of(file, entry, separator)?;
    let line = line_of(file, pair(entry))?;
    let alone = blank(line.before) && ends_here(line.behind);
    alone.then(|| edit(file, pair(entry), "")).flatten()
}

/// Inserts a value, with the tables on the way to it, as the first of a block mapping's lines.
fn insert(file: &FileInput, mapping: &Node, path: &[&str], value: &str) -> Option<Edit> {
    let within = |entry: &&Entry| (mapping.span.start..mapping.span.end).contains(&entry.key.span.start);
    let first = mapping.entries()?.iter().filter(within);
    let first = first.min_by_key(|entry| entry.key.span.start)?.key.span;
    let line = line_of(file, first)?;
    let flow = file.text.text_of(mapping.span)?.starts_with('{');
    if flow || line.before.is_empty() || !line.before.chars().all(|c| c == ' ') {
        return None;
    }
    let mut lines = Vec::new();
    for (depth, key) in path.iter().enumerate() {
        let indent = line.before.repeat(1 + depth);
        let value = if depth + 1 == path.len() {
            format!(" {}", yaml_scalar(value))
        } else {
            String::new()
        };
        lines.push(format!("{indent}{key}:{value}"));
    }
    Some(Edit {
        file: file.path.clone(),
        line: line.number,
        old: String::new(),
        new: lines.join("\n"),
    })
}

/// A span with what is around it on its one line.
struct InLine<'a> {
    number: usize,
    before: &'a str,
    behind: &'a str,
}

fn line_of(file: &FileInput, span: Span) -> Option<InLine<'_>> {
    let number = file.text.start_of(span).line;
    let bounds = file.text.line_span(number)?;
    let part = |start, end| file.text.text_of(Span { start, end });
    (span.end <= bounds.end).then_some(())?;
    Some(InLine {
        number,
        before: part(bounds.start, span.start)?,
        behind: part(span.end, bounds.end)?,
    })
}

fn pair(entry: &Entry) -> Span {
    Span {
        start: entry.key.span.start,
        end: entry.value.span.end,
    }
}

/// What stands between key and value, when that is the separator alone: no anchor whose aliases would change along, no
/// tag, no alias to a value elsewhere.
fn separator_of<'a>(file: &'a FileInput, entry: &Entry, separator: char) -> Option<&'a str> {
    let (start, end) = (entry.key.span.end, entry.value.span.start);
    let between = file.text.text_of(Span { start, end }).filter(|_| start < end)?;
    (between.trim().strip_prefix(separator) == Some("")).then_some(between)
}

fn blank(text: &str) -> bool {
    text.chars().all(|c| c == ' ' || c == '\t')
}

/// Nothing but blanks, or a comment.
fn ends_here(behind: &str) -> bool {
    blank(behind) || (behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#'))
}
