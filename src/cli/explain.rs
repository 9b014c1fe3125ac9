//! `catseye explain`: what a finding means, how it comes about, how to mend it.

use std::io::{self, Write};

use super::output::{exit, say, write_text};
use crate::domain::catalogue::{CATALOGUE, Entry, by_text, entry};

/// Explains one finding or lists all; returns the exit code.
pub fn run(name: Option<&str>) -> io::Result<u8> {
    let Some(name) = name else {
        write_text(|out| CATALOGUE.iter().try_for_each(|row| list(out, row)))?;
        return Ok(0);
    };
    let Some(found) = by_text(name) else {
        say(&format!(
            "no finding is called {name:?}; `catseye explain` lists them all"
        ));
        return Ok(exit::USAGE);
    };
    write_text(|out| explain(out, entry(found)))?;
    Ok(0)
}

fn list(out: &mut dyn Write, row: &Entry) -> io::Result<()> {
    writeln!(out, "{:<13} {:<34} {}", row.severity.name(), row.text, row.title)
}

fn explain(out: &mut dyn Write, row: &Entry) -> io::Result<()> {
    writeln!(out, "{} ({})\n{}\n", row.text, row.severity.name(), row.title)?;
    for paragraph in [row.meaning, row.remedy] {
        for line in fill(paragraph, 78) {
            writeln!(out, "  {line}")?;
        }
        writeln!(out)?;
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
