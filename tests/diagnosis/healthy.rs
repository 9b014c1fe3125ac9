//! Healthy projects of all providers in many shapes: nothing above a note, but the null route that a provider has by
//! its nature.

use super::names;
use super::world::{CONFIG, CREDENTIALS, JIRA, Tracker, World, holds};

struct Shape {
    tracker: Tracker,
    config: String,
    credentials: String,
}

fn shape(tracker: &Tracker, config: &str, credentials: &str) -> Shape {
    Shape {
        tracker: tracker.clone(),
        config: config.to_owned(),
        credentials: credentials.to_owned(),
    }
}

/// The jira project, its files written in other ways.
fn jira_shapes() -> Vec<Shape> {
    let configs = [
        CONFIG.to_owned(),
        CONFIG.replace('\n', "\r\n"),
        format!("\u{feff}{CONFIG}"),
        CONFIG.replace("provider: jira", "provider: 'jira'"),
        CONFIG.replace("provider: jira", "provider: \"jira\"   # the tracker"),
        CONFIG.replace("provider: jira", "provider: ' jira '"),
        CONFIG.replace("workspace: acme.example", "workspace: >-\n    acme.example"),
        CONFIG.replace("workspace: acme.example", "workspace: https://ACME.example/"),
        "tracker: {provider: jira, workspace: acme.example}\nproject: {uuid: 1, slug: demo}\n".to_owned(),
        format!("%YAML 1.2\n---\n{CONFIG}...\n"),
        format!("{CONFIG}  doctrine:\n    mode: spec_kitty_authoritative\n    field_owners: {{}}\n"),
        format!(
            "{CONFIG}  doctrine:\n    mode: split_ownership\n    field_owners:\n      status: local\n      1: true\n"
        ),
        format!(
            "base: &base\n  provider: jira\n  workspace: acme.example\n{}",
            CONFIG.replace("  provider: jira\n  workspace: acme.example\n", "  <<: *base\n")
        ),
        format!("{CONFIG}agents: [claude, codex]\nvcs:\n  type: git\n"),
        format!("{CONFIG}sync:\n  enabled: true\n"),
    ];
    let credentials = [
        CREDENTIALS.to_owned(),
        CREDENTIALS.replace('\n', "\r\n"),
        CREDENTIALS.replace("\"ACME\"", "'ACME'   # the key"),
        CREDENTIALS.replace("[tracker.providers.jira]", "[tracker.providers.\"jira\"]"),
        CREDENTIALS.replace("project_key", "\"project_key\""),
        format!("[user]\nusername = \"a@b.example\"\n\n{CREDENTIALS}"),
        format!("{CREDENTIALS}team_slug = \"payments\"\n"),
        format!("{CREDENTIALS}server_url = \"https://acme.example\"\n"),
        "[tracker]\n[tracker.providers]\njira = {base_url = \"https://acme.example\", project_key = \"A_1\"}\n".to_owned(),
        "tracker.providers.jira.project_key = \"ACME\"\n".to_owned(),
        format!("{CREDENTIALS}\n[tracker.providers.linear]\nteam_id = \"t\"\napi_key = \"s3cret\"\n"),
    ];
    let with_config = configs.iter().map(|config| shape(&JIRA, config, CREDENTIALS));
    let with_credentials = credentials
        .iter()
        .map(|credentials| shape(&JIRA, CONFIG, credentials));
    with_config.chain(with_credentials).collect()
}

fn other(
    system: &'static str,
    workspace: &'static str,
    issue_workspace: &'static str,
    credentials: &str,
) -> Shape {
    let tracker = Tracker {
        system,
        issue_workspace,
        prefix: "#",
    };
    let config = CONFIG.replace("jira", system).replace("acme.example", workspace);
    shape(
        &tracker,
        &config,
        &format!("[tracker.providers.{system}]\n{credentials}"),
    )
}

fn other_shapes() -> Vec<Shape> {
    let uuid = "team_id = \"9cfb482a-81e3-4154-b5b9-2c805e70a02d\"\napi_key = \"s3cret\"\n";
    vec![
        other("linear", "acme", "acme", uuid),
        other("linear", "Acme Inc", "Acme Inc", uuid),
        other(
            "github",
            "acme/payments",
            "acme/payments",
            "owner = \"acme\"\nrepo = \"payments\"\ntoken = \"s3cret\"\n",
        ),
        other(
            "github",
            "acme",
            "acme/payments",
            "owner = \"acme\"\nrepo = \"payments\"\ntoken = \"s3cret\"\n",
        ),
        other(
            "gitlab",
            "acme",
            "4711",
            "project_id = \"4711\"\ntoken = \"s3cret\"\n",
        ),
        other(
            "azure_devops",
            "acme",
            "acme/payments",
            "organization = \"acme\"\nproject = \"payments\"\npat = \"s3cret\"\n",
        ),
        other("beads", "local-work", "local-work", "command = \"bd\"\n"),
        other("fp", "local-work", "local-work", "command = \"fp\"\n"),
    ]
}

#[test]
fn healthy_projects_have_nothing_above_a_note() {
    let shapes: Vec<Shape> = jira_shapes().into_iter().chain(other_shapes()).collect();
    assert!(shapes.len() >= 30);
    let mut wrong = Vec::new();
    for Shape {
        tracker,
        config,
        credentials,
    } in shapes
    {
        let by_nature: &[&str] = match tracker.system {
            "jira" | "linear" => &[],
            _ => &["provider-not-routable"],
        };
        let mut tracker = tracker;
        if credentials.contains("A_1") {
            tracker.prefix = "A_1-";
        }
        let world = World::empty(tracker);
        world.config(&config);
        world.credentials(&credentials);
        world.pull();
        let (inputs, evaluation) = world.look();
        holds(&inputs, &evaluation);
        let names = names(&evaluation);
        if names != by_nature || evaluation.store.issues != Some(2) {
            wrong.push(format!("{names:?} {:?}\n{config}{credentials}", evaluation.store));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}
