//! Carrying out fixes: an edit as it says, a command in a shell with the user's variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use catseye::domain::finding::{Edit, Finding, Fix};

use super::world::World;

/// What stands for words in capitals that only the user knows.
const KNOWN: [(&str, &str); 3] = [
    ("WORKSPACE", "acme.example"),
    ("PROVIDER", "jira"),
    ("https://HOST", "https://h.example"),
];

/// Fixes whose command looks or asks and mends nothing by itself.
const LOOKS: [&str; 4] = [
    "catseye demo",
    "diff ",
    "spec-kitty tracker sync push",
    "spec-kitty init",
];

/// How commands are run.
#[derive(Default)]
pub struct Shell {
    /// First on PATH, with `spec-kitty` and `sqlite3` in it; without it no command is run: `cargo test` has none.
    pub bin: Option<PathBuf>,
}

/// The first fix that can be carried out, and the world after it; `false` when there is none.
pub fn mend(world: &mut World, finding: &Finding, shell: &Shell) -> bool {
    let fix = finding.fixes.iter().find(|fix| works(fix, shell));
    let Some(fix) = fix else { return false };
    carry_out(world, fix, shell).unwrap();
    true
}

/// Whether a fix can be carried out here.
pub fn works(fix: &Fix, shell: &Shell) -> bool {
    match (&fix.command, &shell.bin) {
        (None, _) => fix.edit.is_some(),
        (Some(command), Some(_)) => !LOOKS.iter().any(|looks| command.starts_with(looks)),
        (Some(_), None) => false,
    }
}

/// Edits, then runs.
pub fn carry_out(world: &mut World, fix: &Fix, shell: &Shell) -> Result<(), String> {
    if let Some(edit) = &fix.edit {
        apply(edit);
    }
    if let (Some(command), Some(bin)) = (&fix.command, &shell.bin) {
        run(world, command, bin)?;
    }
    Ok(())
}

/// Replaces the first `old` on the line, or inserts a line.
fn apply(edit: &Edit) {
    let text = fs::read_to_string(&edit.file).unwrap();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if edit.old.is_empty() {
        if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
            last.push('\n');
        }
        lines.insert((edit.line - 1).min(lines.len()), format!("{}\n", edit.new));
    } else {
        let line = &mut lines[edit.line - 1];
        assert!(line.contains(&edit.old), "{edit:?} on {line:?}");
        *line = line.replacen(&edit.old, &edit.new, 1);
    }
    fs::write(&edit.file, lines.concat()).unwrap();
}

fn run(world: &mut World, command: &str, bin: &Path) -> Result<(), String> {
    let mut command = command.to_owned();
    for (unknown, known) in KNOWN {
        command = command.replace(unknown, known);
    }
    let (pulled, after) = (world.path("pulled"), world.path("variables"));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let script = format!(
        "{command}\nstatus=$?\nenv -0 > {}\nexit $status\n",
        after.display()
    );
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .current_dir(world.path(&world.start))
        .env_clear()
        .envs(&world.variables)
        .envs(credentials())
        .env("PATH", path)
        .env("HOME", world.path("home"))
        .env("LANG", "C.UTF-8")
        .env("PULLED", &pulled)
        .stdin(fs::File::open(answers(world)).unwrap());
    let output = shell.output().unwrap();
    if !output.status.success() {
        return Err(format!("{command}\n{output:?}"));
    }
    let variables = fs::read(&after).unwrap();
    let variables: BTreeMap<String, String> = variables
        .split(|byte| *byte == 0)
        .filter_map(|line| String::from_utf8(line.to_vec()).ok())
        .filter_map(|line| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .filter(|(name, _)| is_ours(name))
        .collect();
    world.variables = variables;
    if fs::remove_file(&pulled).is_ok() {
        world.pull();
    }
    Ok(())
}

/// The variables that a `bind` asks for.
fn credentials() -> [(&'static str, &'static str); 9] {
    [
        ("JIRA_BASE_URL", "https://acme.example"),
        ("JIRA_EMAIL", "a@b.example"),
        ("JIRA_API_TOKEN", "s3cret-0123456789"),
        ("JIRA_PROJECT_KEY", "ACME"),
        ("JIRA_PROJECTKEY", "ACME"),
        ("LINEAR_API_KEY", "s3cret-0123456789"),
        ("LINEAR_TEAM_ID", "9cfb482a-81e3-4154-b5b9-2c805e70a02d"),
        ("GITHUB_TOKEN", "s3cret-0123456789"),
        ("SERVER", "https://h.example"),
    ]
}

fn is_ours(name: &str) -> bool {
    name.starts_with("SAAS_")
        || name.starts_with("SPEC_KITTY_")
        || name.to_ascii_uppercase().ends_with("_PROXY")
}

/// What the user types when asked.
fn answers(world: &World) -> PathBuf {
    let path = world.path("answers");
    fs::write(&path, "saas-token-0123456789\n").unwrap();
    path
}
