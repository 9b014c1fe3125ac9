//! `catseye why FIELD`: where a payload value comes from.

use std::io;
use std::sync::atomic::AtomicBool;

use super::output::{Paint, exit, say, say_findings, write_text};
use super::session::{Picture, Session};
use crate::domain::finding::Bases;
use crate::domain::provenance::{NoOrigin, Origin, of_issue, of_mapping};
use crate::domain::safe::Safe;
use crate::domain::snippet::Snippet;
use crate::domain::window::{IssueRow, Keyed, MappingRow, Page, PageFrom};
use crate::sources::store::{Opened, Store, StoreError, open};

/// Rows read at a time on the way to the one that is meant.
const WINDOW: usize = 500;

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
        Err(Trouble::Usage(words)) => {
            say(&words);
            Ok(exit::USAGE)
        }
        Err(Trouble::Nothing(words)) => {
            say(&words);
            say_findings(picture.blockers());
            Ok(exit::NO_BODY)
        }
    }
}

fn find(picture: &Picture, field: &str) -> Result<Origin, Trouble> {
    let origins = &picture.evaluation.origins;
    if let Some(origin) = origins.iter().find(|origin| origin.field == field) {
        return Ok(origin.clone());
    }
    for table in ["issues", "mappings"] {
        let Some(rest) = field.strip_prefix(table).and_then(|rest| rest.strip_prefix('[')) else {
            continue;
        };
        let Some((row, path)) = rest.split_once(']') else {
            return Err(Trouble::Usage(format!("{field:?} lacks the ] behind the row")));
        };
        let path = path.strip_prefix('.').unwrap_or(path);
        let row = row.parse().map_or(Row::Name(row), Row::Number);
        return of_row(picture, table == "issues", &row, field, path);
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
    issues: bool,
    row: &Row<'_>,
    field: &str,
    path: &str,
) -> Result<Origin, Trouble> {
    let nothing = |words: String| Trouble::Nothing(words);
    let store_path = picture.evaluation.store.path.as_deref();
    let binding = picture.evaluation.binding.as_ref();
    let (Some(store_path), Some(binding)) = (store_path, binding) else {
        return Err(nothing("there is no store: see `catseye check`".to_owned()));
    };
    let store = match open(store_path) {
        Opened::Ready(store) => store,
        Opened::NotUsable { trouble, .. } => return Err(nothing(format!("the store: {trouble}"))),
    };
    let system = &binding.normalized_provider;
    let no_row = || nothing(format!("there is no row for {field}"));
    let in_store = |error: StoreError| nothing(format!("reading the store: {error}"));
    let origin = if issues {
        let row = nth_issue(&store, system, row)
            .map_err(in_store)?
            .ok_or_else(no_row)?;
        of_issue(&row, store_path, field, path)
    } else {
        let row = nth_mapping(&store, system, row)
            .map_err(in_store)?
            .ok_or_else(no_row)?;
        of_mapping(&row, store_path, field, path)
    };
    origin.map_err(|error| match error {
        NoOrigin::NoField(..) => Trouble::Usage(error.to_string()),
        NoOrigin::Refused(_) => Trouble::Nothing(error.to_string()),
    })
}

fn nth_issue(store: &Store, system: &str, wanted: &Row<'_>) -> Result<Option<IssueRow>, StoreError> {
    let never = AtomicBool::new(false);
    let is_named = |row: &IssueRow, name: &str| {
        let key = row.published.as_ref().ok().and_then(|facts| facts.key.as_deref());
        key == Some(name) || row.identity == name
    };
    walk(
        wanted,
        |from| store.issues(system, from, WINDOW, &never),
        is_named,
    )
}

fn nth_mapping(store: &Store, system: &str, wanted: &Row<'_>) -> Result<Option<MappingRow>, StoreError> {
    let never = AtomicBool::new(false);
    walk(
        wanted,
        |from| store.mappings(system, from, WINDOW, &never),
        |row, name| row.wp_id == name,
    )
}

/// Goes through the windows to the row that is meant.
fn walk<T: Keyed>(
    wanted: &Row<'_>,
    fetch: impl Fn(PageFrom) -> Result<Page<T>, StoreError>,
    is_named: impl Fn(&T, &str) -> bool,
) -> Result<Option<T>, StoreError> {
    let mut from = PageFrom::Start;
    let mut passed = 0;
    loop {
        let page = fetch(from)?;
        let next = page.next();
        let count = page.rows.len();
        let found = page
            .rows
            .into_iter()
            .enumerate()
            .find(|(index, row)| match wanted {
                Row::Number(number) => passed + index == *number,
                Row::Name(name) => is_named(row, name),
            });
        if let Some((_, row)) = found {
            return Ok(Some(row));
        }
        passed += count;
        match next {
            Some(next) => from = next,
            None => return Ok(None),
        }
    }
}

fn print(origin: &Origin, picture: &Picture, bases: &Bases, paint: Paint) -> io::Result<()> {
    write_text(|out| {
        let head = format!("{} is {}", origin.field, origin.value);
        writeln!(out, "{}", paint.bold(Safe::line(&head).as_str()))?;
        for step in &origin.steps {
            let made = if step.input.is_empty() || step.input == step.output {
                step.output.clone()
            } else {
                format!("{} -> {}", step.input, step.output)
            };
            writeln!(out, "  {}", Safe::line(&step.rule))?;
            writeln!(out, "      {}", Safe::line(&made))?;
            let Some(place) = &step.place else { continue };
            let shown = Safe::line(&place.shown(bases));
            writeln!(out, "      {} {shown}", paint.place("-->"))?;
            if let Some(snippet) = Snippet::of(&picture.inputs, place) {
                let line = snippet.laid_out(100, |text| Safe::line(text).into_string());
                let bar = paint.place("|");
                writeln!(out, "      {bar} {}", line.text)?;
                let carets = paint.good(&"^".repeat(line.cells));
                writeln!(out, "      {bar} {}{carets}", " ".repeat(line.before))?;
            }
        }
        Ok(())
    })
}
