//! The header: where we are and what the verdict is; then the tabs with their counts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::View;
use super::text::{Run, Runs, compact, plain, put, run, runs_width, width};
use crate::app::model::Section;
use crate::app::spot::SpotOf;
use crate::app::what_if::Hypothesis;
use crate::domain::evaluation::{Evaluation, Verdict};
use crate::domain::finding::{Finding, Severity};

/// Project and binding on the left, the verdict on the right: it is never cut for the left.
pub fn title(view: View<'_>, area: Rect, buf: &mut Buffer) {
    let cells = usize::from(area.width);
    let verdict = verdict(view);
    let verdict_cells = runs_width(&verdict).min(cells);
    let mut left = vec![run(" catseye", view.theme.strong())];
    if let Some(evaluation) = view.model.evaluation() {
        if let Some(name) = project_name(evaluation) {
            left.push(plain(format!("  {name}")));
        }
        if let Some(binding) = &evaluation.binding {
            left.push(run(
                format!("  {} · {}", binding.provider, binding.workspace),
                view.theme.dim(),
            ));
        }
    }
    let room = cells.saturating_sub(verdict_cells + 2);
    let room = Rect {
        width: u16::try_from(room).unwrap_or(area.width),
        ..area
    };
    put(&left, room, buf);
    let x = area
        .right()
        .saturating_sub(u16::try_from(verdict_cells).unwrap_or(area.width));
    let width = u16::try_from(verdict_cells).unwrap_or(area.width);
    put(&verdict, Rect { x, width, ..area }, buf);
}

fn project_name(evaluation: &Evaluation) -> Option<String> {
    let folder = evaluation.project_root.as_ref()?.file_name()?;
    let folder = folder.to_string_lossy().into_owned();
    Some(evaluation.project_slug.clone().unwrap_or(folder))
}

/// `ROUTED ✓ jira_project / ACME`, `NULL ROUTE ✗ provider-spelling-mismatch +1`, `BLOCKED ✗ config-invalid`.
fn verdict(view: View<'_>) -> Runs {
    let theme = view.theme;
    if let Some(what_if) = view.model.what_if() {
        return supposed(view, what_if.hypothesis.as_deref());
    }
    let Some(evaluation) = view.model.evaluation() else {
        return vec![run("READING … ", theme.dim())];
    };
    let causes = || {
        let mut names = view
            .model
            .deciding_findings()
            .map(|finding| finding.name.as_str());
        let first = names.next().unwrap_or_default();
        match names.count() {
            0 => format!("{first} "),
            more => format!("{first} +{more} "),
        }
    };
    match evaluation.verdict {
        Verdict::Routed => {
            let route = evaluation.route();
            let text = route.map(|route| format!("{} / {} ", route.resource_type, route.resource_id));
            vec![run("ROUTED ✓ ", theme.good()), plain(text.unwrap_or_default())]
        }
        Verdict::NullRoute => vec![run("NULL ROUTE ✗ ", theme.bad()), run(causes(), theme.bad())],
        Verdict::Blocked => vec![run("BLOCKED ✗ ", theme.bad()), run(causes(), theme.bad())],
    }
}

/// ` WHAT-IF ` before the hypothetical verdict: what follows is not what is real.
fn supposed(view: View<'_>, hypothesis: Option<&Hypothesis>) -> Runs {
    let theme = view.theme;
    let mut runs = vec![run(" WHAT-IF ", theme.selected())];
    let Some(hypothesis) = hypothesis else {
        return runs;
    };
    runs.push(match (hypothesis.verdict, &hypothesis.route) {
        (Verdict::Routed, Some(route)) => plain(format!(
            " routed {} / {} ",
            route.resource_type, route.resource_id
        )),
        (Verdict::Blocked, _) => plain(" blocked "),
        _ => plain(" null route "),
    });
    runs
}

/// The tabs: with names where they fit, else short names, else numbers; the section that is shown always has its name.
pub fn tabs(view: View<'_>, area: Rect, buf: &mut Buffer) {
    let cells = usize::from(area.width);
    if view.model.what_if().is_some() {
        let text = " what-if: in memory only. Nothing is written, nothing of this can be sent";
        let text = [run(text, view.theme.strong())];
        put(&text, area, buf);
        return;
    }
    let variants = [
        (Section::title as fn(Section) -> &'static str, " "),
        (short, ""),
        (|_| "", " "),
    ];
    let all = variants.map(|(name, gap)| tab_runs(view, name, gap));
    let fitting = all
        .iter()
        .find(|runs| runs_width(runs) <= cells)
        .unwrap_or(&all[2]);
    put(fitting, area, buf);
    // A tab and the gap behind it, after a blank.
    let mut x = area.x + 1;
    for (section, tab) in Section::ALL.into_iter().zip(fitting[1..].chunks(2)) {
        let width = u16::try_from(runs_width(tab)).unwrap_or(0);
        let room = Rect { x, width, ..area };
        view.spot(room.intersection(area), SpotOf::Tab(section));
        x = x.saturating_add(width);
    }
}

fn short(section: Section) -> &'static str {
    match section {
        Section::Mappings => "Maps",
        Section::Checkpoint => "Check",
        Section::Payload => "Body",
        other => other.title(),
    }
}

fn tab_runs(view: View<'_>, name: fn(Section) -> &'static str, gap: &str) -> Runs {
    let mut runs = vec![plain(" ")];
    for (index, section) in Section::ALL.into_iter().enumerate() {
        let active = view.model.section == section;
        let name = if active { section.title() } else { name(section) };
        let parts = [
            (index + 1).to_string(),
            name.to_owned(),
            count(view, section).unwrap_or_default(),
        ];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| width(part) > 0)
            .collect();
        runs.push(tab(view, active, &parts.join(" ")));
        runs.push(run(gap, Style::new()));
    }
    runs
}

fn tab(view: View<'_>, active: bool, text: &str) -> Run {
    if active {
        run(format!("[{text}]"), view.theme.strong())
    } else {
        run(format!(" {text} "), view.theme.dim())
    }
}

fn count(view: View<'_>, section: Section) -> Option<String> {
    let evaluation = view.model.evaluation()?;
    // While rows are checked their numbers grow.
    let so_far = view.model.rows_checked.filter(|_| view.model.loading.is_some());
    let growing = |rows: u64| format!("{}…", compact(rows));
    if let (Some(so_far), None, None) = (so_far, evaluation.store.issues, evaluation.store.mappings) {
        match section {
            Section::Issues => return Some(growing(so_far.issues)),
            Section::Mappings => return Some(growing(so_far.mappings)),
            _ => {}
        }
    }
    let count = match section {
        Section::Route => {
            let matters = |finding: &&Finding| finding.severity() < Severity::Note;
            Some(evaluation.findings.iter().filter(matters).count() as u64).filter(|count| *count > 0)
        }
        Section::Issues => evaluation.store.issues,
        Section::Mappings => evaluation.store.mappings,
        Section::Journal => Some(view.model.attempts().len() as u64).filter(|count| *count > 0),
        _ => None,
    };
    count.map(compact)
}
