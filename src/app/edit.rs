//! `e`: the line of a file to edit.

use std::path::PathBuf;

use super::effect::Effect;
use super::model::{Model, Section};
use crate::domain::finding::{Finding, Place};

/// Opens the editor.
pub(super) fn edit(model: &Model) -> Vec<Effect> {
    let line = line(model).map(|(file, line)| Effect::Edit { file, line });
    line.into_iter().collect()
}

/// The file and line that belong to what is under the cursor.
pub(super) fn line(model: &Model) -> Option<(PathBuf, usize)> {
    if model.section != Section::Sources {
        return model.finding().and_then(of_finding);
    }
    let source = model.source()?;
    let under_cursor = model.source_value().and_then(|value| value.line);
    let line = under_cursor.or_else(|| source.values.iter().find_map(|value| value.line));
    Some((source.path.clone()?, line.unwrap_or(1)))
}

/// Where a fix edits, else the first evidence in a file.
fn of_finding(finding: &Finding) -> Option<(PathBuf, usize)> {
    let by_fix = finding.fixes.iter().find_map(|fix| fix.edit.as_ref());
    let by_evidence = || {
        finding
            .evidence
            .iter()
            .find_map(|evidence| match &evidence.place {
                Place::File { path, range } => Some((path.clone(), range.map_or(1, |range| range.line))),
                _ => None,
            })
    };
    by_fix
        .map(|edit| (edit.file.clone(), edit.line))
        .or_else(by_evidence)
}
