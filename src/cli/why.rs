//! `catseye why FIELD`: where a payload value comes from.

use std::io;
use std::sync::atomic::AtomicBool;

use super::output::{self, Paint, Told, exit, refuse, say, told};
use super::rows::{Table, WINDOW, rows};
use super::session::{Picture, Session};
use crate::domain::finding::Bases;
use crate::domain::provenance::{NoOrigin, Origin, of_issue, of_mapping};
use crate::domain::safe::Safe;
use crate::domain::snippet::Snippet;
use crate::domain::window::{IssueRow, MappingRow};
use crate::sources::store::{Store, StoreError, open};

/// A row of a table: by its number from 0, or by what people call it.
enum Row<'a> {
    Number(usize),
    Name(&'a str),
}

/// Why there is no answer.
enum Trouble {
    /// The field is not one.
    Usage(String),
    /// It is one, but there is none here.
    Nothing(String),
}

/// Explains a field; returns the exit code.
pub fn run(session: &Session, field: &str, paint: Paint) -> io::Result<u8> {
    let picture = session.picture(false);
    match find(&picture, field) {
        Ok(origin) => {
            let bases = session.bases(&picture.evaluation);
            print(&origin, &picture, &bases, paint)?;
            Ok(0)
        }
        Err(Trouble::Usage(words)) => refuse(exit::USAGE, &words),
        Err(Trouble::Nothing(words)) => {
            say(&words);
            picture.refuse()
        }
    }
}

fn find(picture: &Picture, field: &str) -> Result<Origin, Trouble> {
    let origins = &picture.evaluation.origins;
    if let Some(origin) = origins.iter().find(|origin| origin.field == field) {
        return Ok(origin.clone());
    }
    for (name, table) in [("issues", Table::Issues), ("mappings", Table::Mappings)] {
        let Some(rest) = field.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')) else {
            continue;
        };
        let Some((row, path)) = rest.split_once(']') else {
            return Err(Trouble::Usage(format!("{field:?} lacks the ] behind the row")));
        };
        let path = path.strip_prefix('.').unwrap_or(path);
        let row = row.parse().map_or(Row::Name(row), Row::Number);
        return of_row(picture, table, &row, field, path);
    }
    if origins.is_empty() {
        return Err(Trouble::Nothing(
            "nothing is derived here: see `catseye check`".to_owned(),
        ));
    }
    let known: Vec<&str> = origins.iter().map(|origin| origin.field.as_str()).collect();
    Err(Trouble::Usage(format!(
        "there is no field {field:?}; there are {}, issues[N].FIELD and mappings[N].FIELD",
        known.join(", ")
    )))
}

fn of_row(
    picture: &Picture,
    table: Table,
    row: &Row<'_>,
    field: &str,
    path: &str,
) -> Result<Origin, Trouble> {
    let store_path = picture.evaluation.store.path.as_deref();
    let binding = picture.evaluation.binding.as_ref();
    let (Some(store_path), Some(binding)) = (store_path, binding) else {
        return Err(Trouble::Nothing(
            "there is no store: see `catseye check`".to_owned(),
        ));
    };
    let store = open(store_path).map_err(|error| Trouble::Nothing(format!("the store: {error}")))?;
    let system = &binding.normalized_provider;
    let found = match table {
        Table::Issues => find_issue(&store, system, row)
            .map(|found| found.map(|row| of_issue(&row, store_path, field, path))),
        Table::Mappings => find_mapping(&store, system, row)
            .map(|found| found.map(|row| of_mapping(&row, store_path, field, path))),
    };
    let origin = found
        .map_err(|error| Trouble::Nothing(format!("reading the store: {error}")))?
        .ok_or_else(|| Trouble::Nothing(format!("there is no row for {field}")))?;
    origin.map_err(|error| match error {
        NoOrigin::NoField(..) => Trouble::Usage(error.to_string()),
        NoOrigin::Refused(_) => Trouble::Nothing(error.to_string()),
    })
}

fn find_issue(store: &Store, system: &str, wanted: &Row<'_>) -> Result<Option<IssueRow>, StoreError> {
    let is_named = |row: &IssueRow, name: &str| {
        let key = row
            .published
            .as_ref()
            .ok()
            .and_then(|facts| facts.issue.reference.key.as_deref());
        key == Some(name) || row.identity == name
    };
    let issues = rows(|from| store.issues(system, from, WINDOW, &AtomicBool::new(false)));
    find_row(issues, wanted, is_named)
}

fn find_mapping(store: &Store, system: &str, wanted: &Row<'_>) -> Result<Option<MappingRow>, StoreError> {
    let mappings = rows(|from| store.mappings(system, from, WINDOW, &AtomicBool::new(false)));
    find_row(mappings, wanted, |row, name| row.mapping.wp_id == name)
}

fn find_row<T>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    wanted: &Row<'_>,
    is_named: impl Fn(&T, &str) -> bool,
) -> Result<Option<T>, StoreError> {
    for (at, row) in rows.enumerate() {
        let row = row?;
        let is_meant = match wanted {
            Row::Number(number) => at == *number,
            Row::Name(name) => is_named(&row, name),
        };
        if is_meant {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn print(origin: &Origin, picture: &Picture, bases: &Bases, paint: Paint) -> io::Result<()> {
    output::print(|out| {
        let head = format!("{} is {}", origin.field, origin.value);
        out.line([paint.bold(&head)])?;
        for step in &origin.steps {
            let made = if step.input.is_empty() || step.input == step.output {
                step.output.clone()
            } else {
                format!("{} -> {}", step.input, step.output)
            };
            out.line([told!("  {}", step.rule)])?;
            out.line([told!("      {made}")])?;
            let Some(place) = &step.place else { continue };
            let shown = told!(" {}", place.shown(bases));
            out.line([Told::blanks(6), paint.place("-->"), shown])?;
            if let Some(snippet) = Snippet::of(&picture.inputs, place) {
                let line = snippet.laid_out(100, |text| Safe::line(text).into_string());
                let bar = || paint.place("|");
                out.line([Told::blanks(6), bar(), told!(" {}", line.text)])?;
                let carets = paint.good(&"^".repeat(line.cells));
                out.line([Told::blanks(6), bar(), Told::blanks(line.before + 1), carets])?;
            }
        }
        Ok(())
    })
}
