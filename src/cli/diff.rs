//! `catseye diff`: what changed since the last delivered publish of this binding.

use std::io;

use serde::Serialize;

use super::output::{exit, print, refuse, told};
use super::session::Session;
use crate::domain::changes::{ChangeKind, FieldChange, RowChange};
use crate::domain::comparison::{BodyComparison, Comparison, Mark};
use crate::domain::plan::Plan;
use crate::sinks::compare::{MAX_BODY, compare};

/// Rows of each table that are printed; `--json` has all.
const MOST: usize = 200;

/// A line of `--json`: the first tells about the whole, each further one a field or a row.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Summary {
        attempt: &'a str,
        time: &'a str,
        same_body: bool,
        same_key: bool,
        detail: Option<&'a str>,
    },
    Field(Field<'a>),
    Row {
        table: &'static str,
        name: &'a str,
        change: &'static str,
        fields: Vec<Field<'a>>,
    },
}

#[derive(Serialize)]
struct Field<'a> {
    path: &'a str,
    old: &'a str,
    new: &'a str,
}

/// Compares and prints; returns the exit code.
pub fn run(session: &Session, json: bool) -> io::Result<u8> {
    let picture = session.picture(true);
    let (Ok(plan), Some(body)) = (Plan::freeze(&picture.inputs, &picture.evaluation), &picture.body) else {
        return picture.refuse();
    };
    let Some(comparison) = compare(
        &session.journal,
        &picture.inputs.journal,
        &plan,
        body.reader(),
        MAX_BODY,
    )?
    else {
        let why =
            "nothing was delivered for this binding from this machine yet; `catseye publish` keeps a record";
        return refuse(exit::TROUBLE, &why);
    };
    if json {
        print_json(&comparison)?;
    } else {
        print(|out| {
            for (mark, line) in comparison.lines(MOST) {
                out.line([told!("{}{line}", sign(mark))])?;
            }
            Ok(())
        })?;
    }
    Ok(if comparison.is_same() { 0 } else { exit::DIFFERS })
}

fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Head => "",
        Mark::Warning => "! ",
        Mark::Added => "+ ",
        Mark::Removed => "- ",
        Mark::Changed => "~ ",
        Mark::Note => "  ",
    }
}

fn print_json(comparison: &Comparison) -> io::Result<()> {
    let mut lines = vec![Line::Summary {
        attempt: &comparison.attempt,
        time: &comparison.time,
        same_body: comparison.is_same(),
        same_key: comparison.same_key,
        detail: match &comparison.body {
            BodyComparison::Unknown(why) => Some(why),
            BodyComparison::Same | BodyComparison::Changed(_) => None,
        },
    }];
    if let BodyComparison::Changed(changes) = &comparison.body {
        lines.extend(changes.head.iter().map(|change| Line::Field(field(change))));
        lines.extend(changes.issues.iter().map(|row| row_line("issues", row)));
        lines.extend(changes.mappings.iter().map(|row| row_line("mappings", row)));
    }
    print(|out| lines.iter().try_for_each(|line| out.json(line, false)))
}

fn field(FieldChange { path, old, new }: &FieldChange) -> Field<'_> {
    Field { path, old, new }
}

fn row_line<'a>(table: &'static str, row: &'a RowChange) -> Line<'a> {
    let (change, fields): (_, &[FieldChange]) = match &row.kind {
        ChangeKind::Added => ("added", &[]),
        ChangeKind::Removed => ("removed", &[]),
        ChangeKind::Changed(fields) => ("changed", fields),
    };
    Line::Row {
        table,
        name: &row.name,
        change,
        fields: fields.iter().map(field).collect(),
    }
}
