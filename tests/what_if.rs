//! What-if held against really editing the files: the same evaluation apart from places, over many spellings of both
//! files; the edits that it offers carried out; secrets never told.
// A shell carries its commands out.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a failed step fails the test; tables are long"
)]

use std::cell::RefCell;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use catseye::domain::evaluate::evaluate;
use catseye::domain::evaluation::{Evaluation, Verdict};
use catseye::domain::finding::{Edit, Fix, Place};
use catseye::domain::inputs::{Given, GivenBy, Inputs};
use catseye::domain::snippet::Snippet;
use catseye::domain::what_if::{Applied, Change, WhatIfError, make_real};
use catseye::scene::Scene;
use catseye::sources::environment::Surroundings;
use catseye::sources::load::{Journal, Rows, load, load_what_if};
use proptest::prelude::*;

const SECRETS: [&str; 3] = ["canary-tok.en", "canary-new", "canary-pw"];
const CONFIG: &str = "tracker:\n  provider: jira\n  workspace: acme.atlassian.net\n";
const CREDENTIALS: &str = "[tracker.providers.jira]\nbase_url = \"https://acme.atlassian.net\"\nemail = \"dana@acme.example\"\napi_token = \"canary-tok.en\"\nproject_key = \"ACME\"\n";

/// A scene's store and home under files of our own.
struct World {
    scene: Scene,
    surroundings: Surroundings,
}

impl World {
    fn new() -> Self {
        let scene = Scene::enter("healthy-jira").unwrap();
        Self {
            surroundings: scene.surroundings(),
            scene,
        }
    }

    fn write(&self, config: Option<&str>, credentials: Option<&str>) {
        let config_path = self.scene.sandbox.project().join(".kittify/config.yaml");
        for (path, text) in [
            (config_path, config),
            (self.scene.sandbox.home().join("credentials"), credentials),
        ] {
            match text {
                Some(text) => fs::write(path, text).unwrap(),
                None => fs::remove_file(path).unwrap_or_default(),
            }
        }
    }

    fn real(&self) -> Inputs {
        load(
            &self.surroundings,
            Journal::default(),
            rows(&AtomicBool::new(false)),
        )
        .inputs
    }

    fn supposed(&self, changes: &[Change]) -> Result<(Inputs, Vec<Applied>), WhatIfError> {
        let never = AtomicBool::new(false);
        let supposed = load_what_if(&self.surroundings, Journal::default(), changes, rows(&never))?;
        Ok((supposed.loaded.inputs, supposed.applied))
    }

    /// Carries out the fixes in their order; `None` when one is neither an edit nor about the server.
    fn carry_out(&mut self, fixes: &[Fix]) -> Option<()> {
        for fix in fixes {
            if let Some(edit) = &fix.edit {
                carry_out(edit);
            } else if let Some(command) = fix
                .command
                .as_ref()
                .filter(|command| command.starts_with("export SAAS_API_URL="))
            {
                let value = exported(command);
                let by = GivenBy::Variable("SAAS_API_URL");
                let given = (!value.is_empty()).then_some(Given { value, by });
                self.surroundings.environment.server_url = given;
            } else if fix.command.as_deref() == Some("unset SAAS_API_URL") {
                self.surroundings.environment.server_url = None;
            } else {
                return None;
            }
        }
        Some(())
    }
}

fn rows(never: &AtomicBool) -> Rows<'_> {
    // The progress is of no interest, and lives as long as the test.
    Rows::Audit {
        keep_body: false,
        cancel: never,
        progress: Box::leak(Box::new(|_| {})),
    }
}

/// What a shell makes of the command.
fn exported(command: &str) -> String {
    let script = format!("{command}; printf %s \"$SAAS_API_URL\"");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).unwrap()
}

fn carry_out(edit: &Edit) {
    let text = fs::read_to_string(&edit.file).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if edit.old.is_empty() {
        lines.insert(edit.line - 1, edit.new.clone());
    } else {
        let line = &mut lines[edit.line - 1];
        assert!(line.contains(&edit.old), "{edit:?} is not in {line:?}");
        *line = line.replacen(&edit.old, &edit.new, 1);
    }
    fs::write(&edit.file, lines.join("\n") + "\n").unwrap();
}

fn changes(texts: &[&str]) -> Vec<Change> {
    let change = |text: &&str| match text.strip_prefix('-') {
        Some(path) => Change::unset(path).unwrap(),
        None => Change::set(text).unwrap(),
    };
    texts.iter().map(change).collect()
}

/// All that an evaluation says, without places and the edits of fixes.
fn told(evaluation: &Evaluation) -> String {
    let Evaluation {
        verdict,
        binding,
        routing,
        credentials,
        store,
        checkpoint,
        plan,
        findings,
        ..
    } = evaluation;
    let mut told =
        format!("{verdict:?}\n{binding:?}\n{credentials:?}\n{store:?}\n{checkpoint:?}\n{plan:?}\n");
    if let Some(routing) = routing {
        writeln!(told, "{:?}", routing.route).unwrap();
        for step in &routing.trace {
            writeln!(told, "{} {} {:?}", step.step, step.input, step.output).unwrap();
        }
    }
    for finding in findings {
        let labels: Vec<_> = finding.evidence.iter().map(|evidence| &evidence.label).collect();
        // A line number is a place.
        let command = |fix: &Fix| {
            let command = fix.command.clone();
            command.filter(|command| !command.starts_with("sed "))
        };
        let fixes: Vec<_> = finding
            .fixes
            .iter()
            .map(|fix| (&fix.text, command(fix)))
            .collect();
        let root = finding.explained_by;
        writeln!(
            told,
            "{:?} {} {root:?} {labels:?} {fixes:?}",
            finding.name, finding.detail
        )
        .unwrap();
    }
    told
}

#[test]
fn a_hypothesis_is_what_the_edited_files_would_give() {
    let newer = "tracker:\n  provider: jira\n  binding_ref: x\n";
    let key_only = CREDENTIALS.replace("project_key = \"ACME\"\n", "");
    let cases: &[(&str, &str, &[&str], &str, &str)] = &[
        (
            &CONFIG.replace("jira", "Jira"),
            CREDENTIALS,
            &["binding.provider=jira"],
            CONFIG,
            CREDENTIALS,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["binding.provider=Atlassian"],
            &CONFIG.replace("jira", "Atlassian"),
            CREDENTIALS,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["binding.workspace= 12345 "],
            &CONFIG.replace("acme.atlassian.net", "\" 12345 \""),
            CREDENTIALS,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["-binding.workspace"],
            "tracker:\n  provider: jira\n",
            CREDENTIALS,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["binding.doctrine_mode=nope"],
            &format!("{CONFIG}  doctrine:\n    mode: nope\n"),
            CREDENTIALS,
        ),
        (
            newer,
            CREDENTIALS,
            &["binding.workspace=w"],
            &format!("{newer}  workspace: w\n"),
            CREDENTIALS,
        ),
        (
            "project: {}\n",
            CREDENTIALS,
            &["binding.workspace=w", "binding.provider=jira"],
            "project: {}\ntracker: {provider: jira, workspace: w}\n",
            CREDENTIALS,
        ),
        (
            "tracker:\n",
            CREDENTIALS,
            &["binding.provider=jira"],
            "tracker: {provider: jira}\n",
            CREDENTIALS,
        ),
        (
            CONFIG,
            &key_only,
            &["credentials.project_key=ACME"],
            CONFIG,
            CREDENTIALS,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["-credentials.project_key"],
            CONFIG,
            &key_only,
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["credentials.project_key= "],
            CONFIG,
            &CREDENTIALS.replace("\"ACME\"", "\" \""),
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["credentials.team_slug=t"],
            CONFIG,
            &format!("{CREDENTIALS}team_slug = \"t\"\n"),
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["credentials.token=canary-new"],
            CONFIG,
            &format!("{CREDENTIALS}token = \"canary-new\"\n"),
        ),
        (
            CONFIG,
            CREDENTIALS,
            &["credentials.team_id=t", "binding.provider=linear"],
            &CONFIG.replace("jira", "linear"),
            &format!("{CREDENTIALS}[tracker.providers.linear]\nteam_id = \"t\"\n"),
        ),
        (
            CONFIG,
            "[tokens]\naccess = \"x\"\n",
            &["credentials.project_key=ACME"],
            CONFIG,
            "[tokens]\naccess = \"x\"\n[tracker.providers.jira]\nproject_key = \"ACME\"\n",
        ),
    ];
    let world = World::new();
    for (config, credentials, texts, config_after, credentials_after) in cases {
        world.write(Some(config), Some(credentials));
        let supposed = evaluate(&world.supposed(&changes(texts)).unwrap().0);
        world.write(Some(config_after), Some(credentials_after));
        let real = evaluate(&world.real());
        // A key that is new stands first in the hypothesis, last in some of these files.
        let sorted = |evaluation: &Evaluation| {
            let mut evaluation = evaluation.clone();
            evaluation.credentials.keys.sort();
            for finding in &mut evaluation.findings {
                for fix in &mut finding.fixes {
                    let words = fix.command.take().map(|command| {
                        let mut words: Vec<_> =
                            command.split("--").map(|word| word.trim().to_owned()).collect();
                        words.sort();
                        words.join("--")
                    });
                    fix.command = words;
                    let mut words: Vec<_> = fix.text.split([' ', ',']).collect();
                    words.sort_unstable();
                    fix.text = words.join(" ");
                }
            }
            told(&evaluation)
        };
        assert_eq!(sorted(&supposed), sorted(&real), "{texts:?}");
    }
}

#[test]
fn missing_files_are_made_and_broken_ones_are_named() {
    let world = World::new();
    world.write(None, None);
    let all = changes(&[
        "binding.provider=jira",
        "binding.workspace=w",
        "credentials.project_key=ACME",
    ]);
    let supposed = evaluate(&world.supposed(&all).unwrap().0);
    assert_eq!(supposed.verdict, Verdict::Routed);
    let refused = |texts: &[&str]| world.supposed(&changes(texts)).unwrap_err().to_string();
    assert!(refused(&["credentials.project_key=A"]).contains("no provider"));
    world.write(Some("tracker: ["), Some("[tracker"));
    assert!(refused(&["binding.provider=jira"]).contains("config.yaml cannot be parsed"));
    world.write(Some(CONFIG), Some("[tracker"));
    assert!(refused(&["credentials.project_key=A"]).contains("credentials cannot be parsed"));
    world.write(Some("tracker: text\n"), Some("tracker = \"canary-pw\"\n"));
    let said = refused(&["binding.provider=jira"]);
    assert!(said.contains("text at tracker, which is no table"), "{said}");
    world.write(Some(CONFIG), Some("tracker = \"canary-pw\"\n"));
    assert!(!refused(&["credentials.project_key=A"]).contains("canary"));
}

#[test]
fn bind_is_offered_only_where_it_writes_what_is_supposed() {
    let world = World::new();
    let fixes = |config: &str, credentials: &str, texts: &[&str]| {
        world.write(Some(config), Some(credentials));
        let changes = changes(texts);
        let (supposed, _) = world.supposed(&changes).unwrap();
        make_real(&world.real(), &supposed, &evaluate(&supposed), &changes)
    };
    let bind = fixes(CONFIG, CREDENTIALS, &["credentials.api_token=canary-new"]);
    let command = bind[0].command.as_ref().unwrap();
    assert!(
        command.contains("--credential api_token=\"$JIRA_API_TOKEN\""),
        "{command}"
    );
    let anchored = CONFIG.replace("jira", "&p jira") + "project: {slug: *p}\n";
    for (config, credentials, texts) in [
        // It would lower the provider's case, erase newer keys, ask for a table's usual keys, refuse the mode.
        (anchored.as_str(), CREDENTIALS, ["binding.provider=JIRA"]),
        (
            "tracker:\n  provider: jira\n  workspace: w\n  binding_ref: x\n",
            CREDENTIALS,
            ["credentials.api_token=canary-new"],
        ),
        (
            CONFIG,
            "[tracker.providers.jira]\napi_token = \"canary-pw\"\n",
            ["-credentials.api_token"],
        ),
        (
            "tracker: {provider: jira, workspace: w}\n",
            CREDENTIALS,
            ["binding.doctrine_mode=nope"],
        ),
    ] {
        let fixes = fixes(config, credentials, &texts);
        assert!(
            fixes
                .iter()
                .all(|fix| fix.command.is_none() && fix.edit.is_none()),
            "{texts:?}: {fixes:?}"
        );
    }
}

/// What is as it is supposed to be needs no step.
#[test]
fn nothing_is_to_be_done_for_what_is_so_already() {
    let world = World::new();
    for (texts, steps) in [
        (&["binding.provider=jira"] as &[&str], 0),
        (&["-credentials.nope", "-binding.doctrine_mode"], 0),
        (&["credentials.api_token=canary-tok.en"], 0),
        (&["binding.provider=jira", "credentials.project_key=BETA"], 1),
        (&["credentials.project_key=ACME", "-credentials.email"], 1),
    ] {
        world.write(Some(CONFIG), Some(CREDENTIALS));
        let changes = changes(texts);
        let (supposed, _) = world.supposed(&changes).unwrap();
        let fixes = make_real(&world.real(), &supposed, &evaluate(&supposed), &changes);
        assert_eq!(fixes.len(), steps, "{texts:?}: {fixes:?}");
    }
    // A number is not the text of its digits.
    world.write(Some(CONFIG), Some(&CREDENTIALS.replace("\"ACME\"", "1")));
    let changes = changes(&["credentials.project_key=1"]);
    let (supposed, _) = world.supposed(&changes).unwrap();
    assert_eq!(
        make_real(&world.real(), &supposed, &evaluate(&supposed), &changes).len(),
        1
    );
}

/// The bytes of secrets that are no longer in the tree are not in the text either, and lines stay where they are.
#[test]
fn a_secret_that_is_replaced_or_taken_away_is_shown_nowhere() {
    let world = World::new();
    let credentials = "[tracker.providers.jira]\nbase_url = \"https://u:canary-pw@acme.example\"\nprojectKey = 1\napi_token = \"\"\"\ncanary-tok.en\n\"\"\"\n";
    world.write(Some(CONFIG), Some(credentials));
    let all = changes(&[
        "credentials.base_url=https://acme.example",
        "-credentials.api_token",
    ]);
    let (supposed, applied) = world.supposed(&all).unwrap();
    let text = String::from_utf8(supposed.credentials.text.bytes().to_vec()).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(text.lines().count(), credentials.lines().count());
    assert!(!format!("{applied:?}").contains("canary"));
    assert_eq!(applied[0].old.as_deref(), Some("••••••••"));
    let evaluation = evaluate(&supposed);
    let places = evaluation.findings.iter().flat_map(|finding| &finding.evidence);
    let shown: Vec<_> = places
        .filter_map(|evidence| Snippet::of(&supposed, &evidence.place))
        .collect();
    assert!(!shown.is_empty() && !format!("{shown:?}").contains("canary"));
}

fn config() -> impl Strategy<Value = String> {
    let provider = prop::sample::select(vec![
        "",
        "  provider: jira\n",
        "  provider: 'Jira'  # by hand\n",
        "  \"provider\": \"jira\"\n",
        "  provider: provider\n",
        "  provider: &p linear\n",
        "  provider: !!str jira\n",
        "  provider: |-\n    jira\n",
        "  provider: 12\n",
        "  provider:\n    github\n",
        "  <<: {provider: jira}\n",
    ]);
    let workspace = prop::sample::select(vec![
        "",
        "  workspace: acme.atlassian.net\n",
        "  workspace: \"w # x\" # y\n",
        "  workspace:\n",
        "  binding_ref: x\n",
    ]);
    let doctrine = prop::sample::select(vec![
        "",
        "  doctrine:\n    mode: split_ownership\n",
        "  doctrine: {mode: nope, field_owners: {}}\n",
        "  doctrine:\n",
        "  doctrine:\n      field_owners:\n        status: local\n",
    ]);
    let flow = prop::sample::select(vec![
        "tracker: {provider: jira, workspace: w}\n",
        "tracker: {\n  provider: jira,\n  workspace: w }\n",
        "tracker:\n",
        "project: {slug: x}\n",
        "",
    ]);
    let block = (provider, workspace, doctrine).prop_map(|(p, w, d)| format!("# bound\ntracker:\n{p}{w}{d}"));
    prop_oneof![4 => block, 1 => flow.prop_map(str::to_owned)]
}

fn credentials() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        CREDENTIALS,
        "[tracker.providers.jira]\n",
        "[tracker.providers.Jira] # capital\n'project_key' = 'A' # key\napi_token='canary-tok.en'",
        "[tracker.providers]\njira = {project_key = \"A\", base_url = \"https://u:canary-pw@h\", x = \"canary-new\"}\n",
        "[tracker]\nproviders.jira.project_key = \"A\"\nproviders.linear.team_id = \"t\"\n",
        "[tokens]\naccess = \"canary-tok.en\"\n",
        "[tracker.providers.linear]\nteam_id = 5\nserver_url = '''https://h\nx'''\n",
        "# nothing\n",
    ])
    .prop_map(str::to_owned)
}

fn some_changes() -> impl Strategy<Value = Vec<Change>> {
    let value = prop_oneof![
        prop::sample::select(vec![
            "jira",
            "Jira",
            "linear",
            "ACME",
            "true",
            "",
            " ",
            "a: b # c",
            "'\"\\",
            "a\nb",
            "12",
            "split_ownership",
            "https://h.example",
            "https://u:canary-pw@h",
            "\u{85}\u{2028}é",
            "{x}",
            "canary-new"
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
    ];
    let path = prop::sample::select(vec![
        "binding.provider",
        "binding.workspace",
        "binding.doctrine_mode",
        "credentials.project_key",
        "credentials.team_id",
        "credentials.base_url",
        "credentials.api_token",
        "credentials.x",
        "server_url",
    ]);
    let change = (path, prop::option::weighted(0.75, value)).prop_map(|(path, value)| match value {
        // What is published, or under a public key and no password, is no secret.
        Some(value)
            if path.starts_with("binding")
                || path.ends_with("_key")
                || path.ends_with("_id")
                || path.ends_with("_url") && !value.contains("://") =>
        {
            Change::set(&format!("{path}={}", value.replace("canary", "plain"))).unwrap()
        }
        Some(value) => Change::set(&format!("{path}={value}")).unwrap(),
        None => Change::unset(path).unwrap(),
    });
    prop::collection::vec(change, 1..4).prop_map(|mut changes: Vec<Change>| {
        let mut seen = Vec::new();
        changes.retain(|change| {
            let new = !seen.contains(&change.target);
            seen.push(change.target.clone());
            new
        });
        changes
    })
}

thread_local! {
    // One for all cases, which goes with the test's thread.
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_that_are_offered_make_the_hypothesis_real(
        config in config(),
        credentials in credentials(),
        changes in some_changes(),
    ) {
        WORLD.with_borrow_mut(|world| makes_it_real(world, &config, &credentials, &changes))?;
    }
}

fn makes_it_real(
    world: &mut World,
    config: &str,
    credentials: &str,
    changes: &[Change],
) -> Result<(), TestCaseError> {
    world.surroundings = world.scene.surroundings();
    world.write(Some(config), Some(credentials));
    let real = world.real();
    let Ok((supposed, applied)) = world.supposed(changes) else {
        return Ok(());
    };
    let evaluation = evaluate(&supposed);
    let fixes = make_real(&real, &supposed, &evaluation, changes);
    let shown = Evaluation {
        // Holds what scopes are hashed from; shown is its preimage, which is masked.
        stores: Vec::new(),
        ..evaluation.clone()
    };
    let said = format!("{applied:?}{fixes:?}{shown:?}");
    for secret in SECRETS {
        prop_assert!(!said.contains(secret), "{secret}: {said}");
    }
    for evidence in evaluation.findings.iter().flat_map(|finding| &finding.evidence) {
        if let Place::File {
            path,
            range: Some(range),
        } = &evidence.place
        {
            let length = length(path);
            prop_assert!(
                range.start <= range.end && range.end <= length,
                "{range:?} of {length}"
            );
        }
    }
    if world.carry_out(&fixes).is_some() {
        let after = evaluate(&world.real());
        prop_assert_eq!(told(&evaluation), told(&after), "{:?}\n{}", fixes, config);
    }
    Ok(())
}

fn length(path: &Path) -> usize {
    match fs::metadata(path) {
        Ok(file) => usize::try_from(file.len()).unwrap(),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}
