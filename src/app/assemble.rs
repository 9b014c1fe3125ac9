//! Makes the snapshot that the inspector shows out of inputs and evaluation: sources with their values, the text
//! around evidence, marks that tell when an input changed. Secrets are masked here and never get further.

use super::snapshot::{InputMark, Snapshot, SourceFile, SourceValue};
use crate::domain::evaluation::{Evaluation, KnownStore, StoreState};
use crate::domain::events::Seen;
use crate::domain::figures::grouped;
use crate::domain::finding::Bases;
use crate::domain::inputs::{
    FileInput, FileState, GivenBy, Inputs, NEWER_HOME_VARIABLE, SERVER_VARIABLE, SYNC_VARIABLE,
    TOKEN_VARIABLE,
};
use crate::domain::journal::unresolved;
use crate::domain::mask::Masker;
use crate::domain::node::{Node, Value};
use crate::domain::provenance::{fed_by_line, fed_by_name};
use crate::domain::secret::{Secret, is_public, without_user_info};
use crate::domain::snippet::Snippet;
use crate::domain::store_listing::{self, StoreListing};

/// Most values listed of one file.
const MAX_VALUES: usize = 200;

/// Makes the snapshot.
pub fn assemble(inputs: &Inputs, evaluation: Evaluation, masker: &Masker, as_of: String) -> Snapshot {
    let bases = Bases::new(evaluation.project_root.as_deref(), &inputs.environment);
    let mut sources = vec![project(inputs)];
    sources.extend(inputs.config.as_ref().map(config));
    sources.push(credentials(&inputs.credentials, masker));
    sources.extend(store(inputs, &evaluation));
    let others = evaluation.stores.iter().filter(|known| !known.in_use);
    sources.extend(others.map(other_store));
    sources.push(environment(inputs, masker));
    for source in &mut sources {
        for value in &mut source.values {
            let fed = match (&source.path, value.line) {
                (Some(path), Some(line)) => fed_by_line(&evaluation.origins, path, line),
                (Some(_), None) => Vec::new(),
                (None, _) => fed_by_name(&evaluation.origins, &value.name),
            };
            value.feeds = fed.into_iter().map(str::to_owned).collect();
        }
    }
    Snapshot {
        inputs: marks(inputs, masker),
        snippets: snippets(inputs, &evaluation),
        sources,
        attempts: inputs.journal.iter().rev().cloned().collect(),
        open_attempts: unresolved(&inputs.journal)
            .map(|open| open.record.id.clone())
            .collect(),
        rows_checked: inputs
            .store
            .as_ref()
            .is_none_or(|store| store.rows.is_some() || store.trouble.is_some()),
        seen: Seen::of(inputs, &evaluation),
        as_of,
        bases,
        scene: None,
        evaluation,
    }
}

/// One mark an input; of the store what its files look like.
pub fn marks(inputs: &Inputs, masker: &Masker) -> Vec<InputMark> {
    let mark = |name: &str, mark: String| InputMark {
        name: name.to_owned(),
        mark,
    };
    let file = |file: &FileInput| match &file.state {
        FileState::Missing => "missing".to_owned(),
        FileState::Unreadable(reason) => reason.clone(),
        FileState::Invalid(_) | FileState::Loaded(_) => masker.mark(file.text.bytes()),
    };
    let mut marks = vec![mark("credentials", file(&inputs.credentials))];
    marks.extend(
        inputs
            .config
            .as_ref()
            .map(|config| mark("config.yaml", file(config))),
    );
    marks.extend(
        inputs
            .store
            .as_ref()
            .map(|store| mark("store", format!("{} {}", store.path.display(), store.mark))),
    );
    marks
}

fn project(inputs: &Inputs) -> SourceFile {
    let steps = inputs.project.steps.iter().enumerate();
    SourceFile {
        role: "project",
        path: inputs.project.root.clone(),
        state: if inputs.project.root.is_some() {
            "found"
        } else {
            "not found"
        }
        .to_owned(),
        good: inputs.project.root.is_some(),
        values: steps
            .map(|(at, step)| value(format!("step {}", at + 1), step.clone()))
            .collect(),
    }
}

fn file(role: &'static str, input: &FileInput, values: Vec<SourceValue>) -> SourceFile {
    let state = match &input.state {
        FileState::Missing => "missing".to_owned(),
        FileState::Unreadable(reason) => format!("cannot be read: {reason}"),
        FileState::Invalid(error) => format!("invalid: {}", error.message),
        FileState::Loaded(_) => format!("ok, {} bytes", grouped(input.text.bytes().len() as u64)),
    };
    let good = matches!(input.state, FileState::Loaded(_));
    SourceFile {
        role,
        path: Some(input.path.clone()),
        state,
        good,
        values,
    }
}

fn config(input: &FileInput) -> SourceFile {
    let mut values = Vec::new();
    if let Some(root) = input.root() {
        flatten(input, root, "", &mut values, &|_, node| node.str().to_display());
    }
    file("config", input, values)
}

fn credentials(input: &FileInput, masker: &Masker) -> SourceFile {
    let mut values = Vec::new();
    if let Some(root) = input.root() {
        flatten(input, root, "", &mut values, &|key, node| {
            let text = node.str().to_display();
            if is_public(key, &text) {
                text
            } else {
                masker.mask(&Secret::of_file(text))
            }
        });
    }
    file("credentials", input, values)
}

/// The values of a tree by their dotted names; `show` turns the value under a key into text.
fn flatten(
    input: &FileInput,
    node: &Node,
    name: &str,
    values: &mut Vec<SourceValue>,
    show: &dyn Fn(&str, &Node) -> String,
) {
    for entry in node.entries().unwrap_or_default() {
        let key = entry.key.str().to_display();
        let full = if name.is_empty() {
            key.clone()
        } else {
            format!("{name}.{key}")
        };
        match &entry.value.value {
            Value::Table(_) if values.len() < MAX_VALUES => flatten(input, &entry.value, &full, values, show),
            _ if values.len() < MAX_VALUES => {
                let line = Some(input.text.start_of(entry.key.span).line);
                values.push(SourceValue {
                    name: full,
                    value: show(&key, &entry.value),
                    line,
                    feeds: Vec::new(),
                });
            }
            _ => {}
        }
    }
}

fn store(inputs: &Inputs, evaluation: &Evaluation) -> Option<SourceFile> {
    let store = inputs.store.as_ref()?;
    let scope = evaluation.store.scope.as_ref()?;
    let mut values = vec![
        value("scope", scope.name.clone()),
        value("hashed from", scope.preimage.clone()),
    ];
    if let Some(rows) = &store.rows {
        values.push(value("issues", rows.issues.to_string()));
        values.push(value("mappings", rows.mappings.to_string()));
    }
    if let Some(known) = evaluation.stores.iter().find(|known| known.in_use) {
        values.extend(held(&known.listing));
    }
    let state = match &store.trouble {
        Some(trouble) => format!("{}: {trouble}", store.state.name()),
        None => store.state.name().to_owned(),
    };
    let good = matches!(store.state, StoreState::Ok | StoreState::Empty);
    Some(SourceFile {
        role: "store",
        path: Some(store.path.clone()),
        state,
        good,
        values,
    })
}

/// A store beside the one in use, with what would lead to it.
fn other_store(known: &KnownStore) -> SourceFile {
    let listing = &known.listing;
    let mut values: Vec<SourceValue> = listing
        .systems
        .iter()
        .map(|(system, issues)| value(format!("{system} issues"), store_listing::counted(*issues)))
        .collect();
    values.push(value("mappings", store_listing::counted(listing.mappings)));
    values.extend(held(listing));
    values.push(value(
        "hashed from",
        match &known.texts {
            Some(texts) => texts.preimage(),
            None => "inputs that no file names any more".to_owned(),
        },
    ));
    for difference in &known.differs {
        values.push(value(
            format!("{} was", difference.part.name()),
            difference.shown_there(),
        ));
    }
    SourceFile {
        role: "other store",
        path: Some(listing.path.clone()),
        state: match &listing.trouble {
            Some(trouble) => format!("not in use, {}: {trouble}", listing.state.name()),
            None => "not in use".to_owned(),
        },
        good: true,
        values,
    }
}

/// Workspaces, checkpoints and age of a store.
fn held(listing: &StoreListing) -> impl Iterator<Item = SourceValue> {
    let workspaces = listing
        .workspaces
        .iter()
        .map(|workspace| value("workspace", workspace));
    let checkpoints = listing
        .checkpoints
        .iter()
        .map(|row| value("checkpoint", &row.key));
    let newest = listing
        .newest_update
        .iter()
        .map(|time| value("newest update", time));
    workspaces.chain(checkpoints).chain(newest)
}

fn environment(inputs: &Inputs, masker: &Masker) -> SourceFile {
    let environment = &inputs.environment;
    let by = |by: GivenBy| match by {
        GivenBy::Flag(flag) => flag.to_owned(),
        GivenBy::Variable(variable) => format!("${variable}"),
    };
    let variable = |name: &str, text: &str| value(format!("${name}"), text);
    let flag = environment.saas_sync_flag.as_deref();
    let mut values = vec![variable(SYNC_VARIABLE, flag.unwrap_or("not set"))];
    values.push(match &environment.server_url {
        Some(given) => value(by(given.by), without_user_info(&given.value)),
        None => variable(SERVER_VARIABLE, "not set"),
    });
    values.push(match &environment.auth_token {
        Some(given) => value(by(given.by), masker.mask(&given.value)),
        None => variable(TOKEN_VARIABLE, "not set"),
    });
    let newer_home = match &environment.spec_kitty_home {
        Some(home) => &format!("{home} (read by 3.2.3 and newer)"),
        None => "not set; 3.2.3 and newer read it",
    };
    values.push(variable(NEWER_HOME_VARIABLE, newer_home));
    let more = format!("more variables for 3.2.7 and newer, in .kittify/ and in ${NEWER_HOME_VARIABLE}");
    values.push(value(".kitty.env", more));
    if let Some(sessions) = &environment.session_folder {
        let text = format!("{} (3.1.2 and newer keep their login there)", sessions.display());
        values.push(value("sessions", text));
    }
    SourceFile {
        role: "environment",
        path: None,
        state: "flags and variables".to_owned(),
        good: true,
        values,
    }
}

fn value(name: impl Into<String>, value: impl Into<String>) -> SourceValue {
    SourceValue {
        name: name.into(),
        value: value.into(),
        line: None,
        feeds: Vec::new(),
    }
}

/// The text around every place that findings name.
fn snippets(inputs: &Inputs, evaluation: &Evaluation) -> Vec<Snippet> {
    let evidence = evaluation.findings.iter().flat_map(|finding| &finding.evidence);
    evidence
        .filter_map(|evidence| Snippet::of(inputs, &evidence.place))
        .collect()
}
