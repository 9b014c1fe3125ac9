//! `catseye explain`: what a finding means, how it comes about, how to mend it.

use std::io;

use super::output::{Out, exit, print, refuse, told};
use crate::domain::catalogue::{CATALOGUE, Entry, by_text, entry};

/// Explains one finding or lists all; returns the exit code.
pub fn run(name: Option<&str>) -> io::Result<u8> {
    let Some(name) = name else {
        print(|out| CATALOGUE.iter().try_for_each(|row| list(out, row)))?;
        return Ok(0);
    };
    let Some(found) = by_text(name) else {
        let why = format!("no finding is called {name:?}; `catseye explain` lists them all");
        return refuse(exit::USAGE, &why);
    };
    print(|out| explain(out, entry(found)))?;
    Ok(0)
}

fn list(out: &mut Out<'_>, row: &Entry) -> io::Result<()> {
    let told = told!("{:<13} {:<34} {}", row.severity.name(), row.text, row.title);
    out.line([told])
}

fn explain(out: &mut Out<'_>, row: &Entry) -> io::Result<()> {
    out.line([told!("{} ({})", row.text, row.severity.name())])?;
    out.line([told!("{}", row.title)])?;
    out.blank()?;
    for paragraph in [row.meaning, row.remedy] {
        for line in fill(paragraph, 78) {
            out.line([told!("  {line}")])?;
        }
        out.blank()?;
    }
    Ok(())
}

/// Breaks text of our own into lines of at most so many characters.
fn fill(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = lines
            .last()
            .is_some_and(|line| line.is_empty() || line.len() + 1 + word.len() <= width);
        if !fits {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
