//! A finding as a good compiler prints it: what is wrong, the lines with carets and labels, what it explains, fixes.

use std::io;

use super::output::{Out, Paint, Told, told};
use crate::domain::finding::{Bases, Evidence, Finding, Fix, Place, Severity};
use crate::domain::inputs::Inputs;
use crate::domain::safe::Safe;
use crate::domain::snippet::Snippet;

/// Places printed of one finding; the rest is counted.
const MAX_PRINTED: usize = 5;
/// Columns that a source line may take.
const ROOM: usize = 110;

/// What printing findings needs besides them.
#[derive(Clone, Copy)]
pub struct Printer<'a> {
    /// For the lines around a place.
    pub inputs: &'a Inputs,
    /// What paths are shown relative to.
    pub bases: &'a Bases,
    /// Colours, or none.
    pub paint: Paint,
}

impl Printer<'_> {
    /// Prints a finding; `explains` names those that it explains.
    pub fn finding(&self, out: &mut Out<'_>, finding: &Finding, explains: &[&str]) -> io::Result<()> {
        let head = format!("{}: {}", finding.severity().name(), finding.name.as_str());
        let head = self.paint.severity(finding.severity(), &head);
        out.line([head, told!("  "), self.paint.bold(finding.title())])?;
        out.line([told!("  {}", finding.detail)])?;
        let mut before = None;
        for evidence in finding.evidence.iter().take(MAX_PRINTED) {
            self.evidence(out, finding.severity(), evidence, before)?;
            before = Some(&evidence.place);
        }
        let places = finding.evidence.len() as u64;
        let all = if places == 1 { 1 } else { finding.count.max(places) };
        let more = all.saturating_sub(MAX_PRINTED as u64);
        if more > 0 && places > 0 {
            out.line([told!("  ... and {more} more")])?;
        }
        let mut relation = |text: String| out.line([told!("   "), self.paint.dim(&format!("= {text}"))]);
        if let Some(root) = finding.explained_by {
            relation(format!("explained by {}: mend that first", root.as_str()))?;
        }
        if !explains.is_empty() {
            relation(format!("explains {}", explains.join(", ")))?;
        }
        for fix in &finding.fixes {
            self.fix(out, fix)?;
        }
        Ok(())
    }

    fn fix(&self, out: &mut Out<'_>, fix: &Fix) -> io::Result<()> {
        out.line([told!("  "), self.paint.good("fix:"), told!(" {}", fix.text)])?;
        if let Some(command) = &fix.command {
            out.line([told!("       "), self.paint.bold(&format!("$ {command}"))])?;
        }
        let Some(edit) = &fix.edit else { return Ok(()) };
        let place = self.bases.shorten(&edit.file);
        out.line([told!("       {place}:{}", edit.line)])?;
        if !edit.old.is_empty() {
            out.line([told!("       - {}", edit.old)])?;
        }
        for line in edit.new.split('\n') {
            out.line([told!("       + {line}")])?;
        }
        Ok(())
    }

    fn evidence(
        &self,
        out: &mut Out<'_>,
        severity: Severity,
        evidence: &Evidence,
        before: Option<&Place>,
    ) -> io::Result<()> {
        let first = before.is_none();
        let arrow = self.paint.place(if first { "-->" } else { ":::" });
        let place = evidence.place.shown(self.bases);
        let Some(snippet) = Snippet::of(self.inputs, &evidence.place) else {
            let rest = told!(" {place}  {}", evidence.label);
            return out.line([told!("  "), arrow, rest]);
        };
        out.line([told!("  "), arrow, told!(" {place}")])?;
        let gutter = snippet.range.line.to_string().len().max(3);
        let bar = |number: Option<usize>| {
            let number = number.map_or(String::new(), |number| number.to_string());
            self.paint.place(&format!("{number:>gutter$} |"))
        };
        let lines_before = if before.is_some_and(|before| before.same_file(&evidence.place)) {
            &[]
        } else {
            snippet.lines_before.as_slice()
        };
        for (number, text) in lines_before {
            let text: String = Safe::line(text).into_string().chars().take(ROOM).collect();
            out.line([bar(Some(*number)), told!(" "), self.paint.dim(&text)])?;
        }
        let line = snippet.laid_out(ROOM, |text| Safe::line(text).into_string());
        let shown: String = line.text.chars().take(ROOM).collect();
        out.line([bar(Some(snippet.range.line)), told!(" {shown}")])?;
        let caret = if first { "^" } else { "-" };
        let marks = format!("{} {}", caret.repeat(line.cells), evidence.label);
        let marks = if first {
            self.paint.severity(severity, &marks)
        } else {
            self.paint.place(&marks)
        };
        out.line([bar(None), Told::blanks(line.before + 1), marks])
    }

    /// A fix on one line: what to do, then the command or the edit.
    pub fn fix_line(&self, fix: &Fix) -> String {
        let mut line = fix.text.clone();
        if let Some(command) = &fix.command {
            line += &format!(": {command}");
        }
        if let Some(edit) = &fix.edit {
            let place = format!("{}:{}", self.bases.shorten(&edit.file), edit.line);
            line += &if edit.old.is_empty() {
                format!(": {place}: insert {}", edit.new)
            } else {
                format!(": {place}: {} -> {}", edit.old, edit.new)
            };
        }
        Safe::line(&line).into_string()
    }
}
