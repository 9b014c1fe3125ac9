//! `evaluate` on worlds built in memory: the root finding of each cause, its place to the byte, and that verdict, route,
//! plan and findings never contradict each other.
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a failed step fails the test; tables are long"
)]

use std::sync::Arc;

use catseye::domain::catalogue::FindingName as Name;
use catseye::domain::evaluate::evaluate;
use catseye::domain::evaluation::{BodyFacts, Evaluation, StoreState, Verdict};
use catseye::domain::finding::{Finding, Place};
use catseye::domain::inputs::{
    Environment, FileInput, FileState, Given, GivenBy, Inputs, ProjectInput, StoreInput,
};
use catseye::domain::node::{Node, SyntaxError};
use catseye::domain::position::SourceText;
use catseye::domain::row_facts::{Group, RowFacts, Sighting};
use catseye::domain::secret::Secret;
use catseye::sources::{toml, yaml};

const CONFIG: &str =
    "project: {uuid: 550e8400, slug: demo}\ntracker:\n  provider: jira\n  workspace: acme.example\n";
const CREDENTIALS: &str = "[tracker.providers.jira]\nbase_url = \"https://acme.example\"\napi_token = \"s3cret\"\nproject_key = \"ACME\"\n";

fn file(path: &str, text: &str, parse: fn(&[u8]) -> Result<Node, SyntaxError>) -> FileInput {
    let state =
        parse(text.as_bytes()).map_or_else(FileState::Invalid, |root| FileState::Loaded(Arc::new(root)));
    FileInput {
        path: path.into(),
        state,
        text: Arc::new(SourceText::new(text.as_bytes().to_vec())),
        mode: Some(0o600),
    }
}

fn group(value: &str, count: u64) -> Group {
    Group {
        value: value.to_owned(),
        count,
        first: Sighting::default(),
    }
}

/// A world in which nothing is wrong but what the two files say.
fn world(config: &str, credentials: &str) -> Inputs {
    let rows = RowFacts {
        issues: 2,
        mappings: 1,
        key_prefixes: vec![group("ACME", 2)],
        body: Some(BodyFacts {
            bytes: 9,
            blake3: [7; 32],
        }),
        ..RowFacts::default()
    };
    Inputs {
        environment: Environment {
            saas_sync_flag: Some("1".into()),
            server_url: Some(Given {
                value: "https://h.example".into(),
                by: GivenBy::Flag("--server-url"),
            }),
            auth_token: Some(Given {
                value: Secret::new("t".into()),
                by: GivenBy::Variable("SAAS_AUTH_TOKEN"),
            }),
            ..Environment::default()
        },
        project: ProjectInput {
            start: "/p".into(),
            root: Some("/p".into()),
            steps: Vec::new(),
            is_home: false,
            ignored_config: None,
        },
        config: Some(file("config.yaml", config, yaml::parse)),
        credentials: file("credentials", credentials, toml::parse),
        store: Some(StoreInput {
            path: "/h/trackers/x.db".into(),
            mark: String::new(),
            state: StoreState::Ok,
            trouble: None,
            checkpoint: None,
            rows: Some(rows),
        }),
        stores: Vec::new(),
        journal: Vec::new(),
        journal_path: "/s/journal.jsonl".into(),
        journal_trouble: None,
        spool_trouble: None,
        broken: Vec::new(),
    }
}

/// Evaluates and checks what must hold in any world.
fn evaluated(inputs: &Inputs) -> Evaluation {
    let evaluation = evaluate(inputs);
    assert_eq!(evaluation.verdict == Verdict::Blocked, evaluation.plan.is_none());
    let route = evaluation
        .routing
        .as_ref()
        .and_then(|routing| routing.route.as_ref());
    assert!(evaluation.verdict != Verdict::Routed || route.is_some());
    assert!(evaluation.verdict != Verdict::NullRoute || route.is_none());
    for finding in &evaluation.findings {
        assert!(
            !finding.evidence.is_empty() && !finding.fixes.is_empty(),
            "{finding:?}"
        );
        assert!(!format!("{finding:?}").contains("s3cret"), "{finding:?}");
    }
    evaluation
}

fn root(evaluation: &Evaluation) -> &Finding {
    evaluation.findings.first().unwrap()
}

/// The bytes that a finding's first evidence points at.
fn pointed_at(inputs: &Inputs, finding: &Finding) -> String {
    let Place::File {
        path,
        range: Some(range),
    } = &finding.evidence[0].place
    else {
        return String::new();
    };
    let config = inputs.config.as_ref().filter(|config| config.path == *path);
    let text = &config.unwrap_or(&inputs.credentials).text;
    String::from_utf8(text.bytes()[range.start..range.end].to_vec()).unwrap()
}

#[test]
fn each_cause_in_the_files_is_named_at_its_bytes() {
    let jira = "[tracker.providers.jira]\n";
    for (config, credentials, name, bytes) in [
        ("tracker: [\n", CREDENTIALS, Name::ConfigInvalid, None),
        (
            "project: {}\n",
            CREDENTIALS,
            Name::TrackerSectionMissing,
            Some(""),
        ),
        (
            "tracker: 3\n",
            CREDENTIALS,
            Name::TrackerSectionMissing,
            Some("tracker"),
        ),
        (
            "tracker: {workspace: w}\n",
            CREDENTIALS,
            Name::ProviderMissing,
            Some("tracker"),
        ),
        (
            "tracker: {provider: true, workspace: w}\n",
            CREDENTIALS,
            Name::ProviderMissing,
            Some("true"),
        ),
        (
            "tracker: {provider: jira, workspace: 12345}\n",
            CREDENTIALS,
            Name::WorkspaceMissing,
            Some("12345"),
        ),
        (
            "tracker: {provider: jira, workspace: ' '}\n",
            CREDENTIALS,
            Name::WorkspaceMissing,
            Some("' '"),
        ),
        (CONFIG, "x = [\n", Name::CredentialsInvalid, None),
        (CONFIG, "# nothing\n", Name::CredentialsEmpty, Some("")),
        (
            CONFIG,
            "[tokens]\naccess = \"x\"\n",
            Name::CredentialsOverwrittenByLogin,
            Some("[tokens]"),
        ),
        (
            CONFIG,
            "[tracker]\nx = 1\n",
            Name::CredentialsTableMissing,
            Some("[tracker]"),
        ),
        (
            CONFIG,
            "tracker = 1\n",
            Name::CredentialsTableMissing,
            Some("tracker"),
        ),
        (
            CONFIG,
            "[providers.jira]\nproject_key = \"A\"\n",
            Name::CredentialsTableMissing,
            Some(""),
        ),
        (
            CONFIG,
            "[tracker.providers.linear]\nteam_id = \"A\"\n",
            Name::ProviderCredentialsMissing,
            None,
        ),
        (
            CONFIG,
            "[tracker.providers.Jira]\nproject_key = \"A\"\n",
            Name::ProviderSpellingMismatch,
            Some("jira"),
        ),
        (
            CONFIG,
            jira,
            Name::RoutingKeyMissing,
            Some("[tracker.providers.jira]"),
        ),
        (
            CONFIG,
            &format!("{jira}project_key = \" \"\n"),
            Name::RoutingKeyBlank,
            Some("\" \""),
        ),
        (
            "tracker: {provider: github, workspace: w}\n",
            CREDENTIALS,
            Name::ProviderNotRoutable,
            Some("github"),
        ),
        (
            "tracker: {provider: jira-cloud, workspace: w}\n",
            CREDENTIALS,
            Name::ProviderUnknown,
            Some("jira-cloud"),
        ),
        (
            &format!("{CONFIG}  egress: refused\n"),
            CREDENTIALS,
            Name::EgressRefused,
            Some("refused"),
        ),
        (
            &format!("{CONFIG}  egress: permitted\n"),
            CREDENTIALS,
            Name::BoundByNewerSpecKitty,
            Some("egress"),
        ),
    ] {
        let inputs = world(config, credentials);
        let evaluation = evaluated(&inputs);
        assert_eq!(root(&evaluation).name, name, "{config}{credentials}");
        if let Some(bytes) = bytes {
            assert_eq!(pointed_at(&inputs, root(&evaluation)), bytes, "{name:?}");
        }
    }
}

#[test]
fn a_missing_workspace_of_a_newer_project_is_explained_by_it() {
    let inputs = world(
        "tracker: {provider: jira, binding_ref: b, project_slug: s}\n",
        CREDENTIALS,
    );
    let evaluation = evaluated(&inputs);
    assert_eq!(root(&evaluation).name, Name::BoundByNewerSpecKitty);
    assert_eq!(evaluation.findings[1].name, Name::WorkspaceMissing);
    assert_eq!(
        evaluation.findings[1].explained_by,
        Some(Name::BoundByNewerSpecKitty)
    );
}

#[test]
fn environment_and_store_have_their_findings() {
    type Change = fn(&mut Inputs);
    let changes: [(Change, Name); 12] = [
        (|inputs| inputs.config = None, Name::ProjectNotFound),
        (
            |inputs| inputs.environment.saas_sync_flag = Some("y".into()),
            Name::SaasSyncFlagOff,
        ),
        (
            |inputs| inputs.environment.server_url = None,
            Name::ServerUrlMissing,
        ),
        (
            |inputs| inputs.environment.server_url.as_mut().unwrap().value = "http://u:p@h".into(),
            Name::ServerUrlInvalid,
        ),
        (
            |inputs| inputs.environment.server_url.as_mut().unwrap().value = "http://h".into(),
            Name::InsecureTransport,
        ),
        (
            |inputs| inputs.environment.auth_token.as_mut().unwrap().value = Secret::new("t\n".into()),
            Name::TokenNotEncodable,
        ),
        (
            |inputs| inputs.credentials.state = FileState::Missing,
            Name::CredentialsFileMissing,
        ),
        (
            |inputs| inputs.store.as_mut().unwrap().state = StoreState::Missing,
            Name::StoreMissing,
        ),
        (
            |inputs| inputs.store.as_mut().unwrap().state = StoreState::Unreadable,
            Name::StoreUnreadable,
        ),
        (
            |inputs| inputs.store.as_mut().unwrap().state = StoreState::Invalid,
            Name::StoreInvalid,
        ),
        (
            |inputs| inputs.store.as_mut().unwrap().state = StoreState::Busy,
            Name::StoreBusy,
        ),
        (
            |inputs| inputs.broken.push("it broke".into()),
            Name::InternalError,
        ),
    ];
    for (change, name) in changes {
        let mut inputs = world(CONFIG, CREDENTIALS);
        change(&mut inputs);
        let evaluation = evaluated(&inputs);
        assert!(
            evaluation.findings.iter().any(|finding| finding.name == name),
            "{name:?}"
        );
    }
    let mut inputs = world(CONFIG, &CREDENTIALS.replace("ACME", "BETA"));
    assert_eq!(root(&evaluated(&inputs)).name, Name::RoutingIdDisagreesWithIssues);
    inputs = world(CONFIG, &format!("{CREDENTIALS}token = \"s3cret\"\n"));
    inputs.environment.auth_token = None;
    assert_eq!(root(&evaluated(&inputs)).name, Name::ProviderTokenAsBearer);
}

#[test]
fn healthy_worlds_have_no_finding() {
    for (config, credentials) in [
        (CONFIG, CREDENTIALS),
        (
            "tracker: {provider: ' jira ', workspace: ' https://ACME.example/ '}\nproject: {uuid: 1, slug: 2}\n",
            CREDENTIALS,
        ),
        (
            "tracker: {provider: linear, workspace: w}\nproject: {uuid: 1, slug: 2}\n",
            "[tracker.providers.linear]\nteam_id = \"9cfb482a\"\n",
        ),
        (
            "tracker: {provider: jira, workspace: yes}\nproject: {uuid: 1, slug: 2}\n",
            "tracker.providers.jira.project_key = 'ACME'\n",
        ),
    ] {
        let evaluation = evaluated(&world(config, credentials));
        assert_eq!(
            (evaluation.verdict, evaluation.findings.len()),
            (Verdict::Routed, 0),
            "{config}"
        );
    }
}

#[test]
fn an_edit_that_is_offered_mends_its_finding() {
    for (config, credentials, name) in [
        (
            CONFIG.replace("jira", "Jira"),
            CREDENTIALS.to_owned(),
            Name::ProviderSpellingMismatch,
        ),
        (
            CONFIG.replace("jira", "jira-cloud"),
            CREDENTIALS.to_owned(),
            Name::ProviderUnknown,
        ),
        (
            CONFIG.replace("acme.example", "12345"),
            CREDENTIALS.to_owned(),
            Name::WorkspaceMissing,
        ),
        (
            CONFIG.to_owned(),
            CREDENTIALS.replace("project_key", "projectKey"),
            Name::RoutingKeyMissing,
        ),
    ] {
        let evaluation = evaluated(&world(&config, &credentials));
        let finding = evaluation
            .findings
            .iter()
            .find(|finding| finding.name == name)
            .unwrap();
        let edit = finding.fixes.iter().find_map(|fix| fix.edit.clone()).unwrap();
        let mend = |text: &str, path: &str| {
            if edit.file.to_str() != Some(path) {
                return text.to_owned();
            }
            let lines = text.lines().enumerate().map(|(at, line)| {
                if at + 1 == edit.line {
                    line.replacen(&edit.old, &edit.new, 1)
                } else {
                    line.to_owned()
                }
            });
            lines.map(|line| line + "\n").collect()
        };
        let mended = world(&mend(&config, "config.yaml"), &mend(&credentials, "credentials"));
        assert!(
            evaluated(&mended)
                .findings
                .iter()
                .all(|finding| finding.name != name),
            "{name:?}"
        );
    }
}

#[test]
fn a_newer_project_is_never_told_to_bind() {
    let config = format!("{CONFIG}  egress: permitted\n");
    for credentials in ["", "[tokens]\nx = 1\n", "[tracker.providers.jira]\nx = 1\n"] {
        let evaluation = evaluated(&world(&config, credentials));
        let commands = evaluation
            .findings
            .iter()
            .flat_map(|finding| &finding.fixes)
            .filter_map(|fix| fix.command.as_ref());
        assert!(
            commands
                .into_iter()
                .all(|command| !command.contains("tracker bind")),
            "{credentials}"
        );
    }
    let typed = world(
        "tracker: {provider: jira, workspace: 12345, binding_ref: b}\n",
        CREDENTIALS,
    );
    let evaluation = evaluated(&typed);
    let missing = evaluation
        .findings
        .iter()
        .find(|finding| finding.name == Name::WorkspaceMissing)
        .unwrap();
    assert_eq!(
        missing.explained_by, None,
        "the newer spec-kitty did not write the number"
    );
}

#[test]
fn more_key_prefixes_than_are_counted_prove_nothing() {
    let mut inputs = world(CONFIG, &CREDENTIALS.replace("ACME", "BETA"));
    let rows = inputs.store.as_mut().unwrap().rows.as_mut().unwrap();
    rows.key_prefixes = (0..64).map(|number| group(&format!("P{number}"), 1)).collect();
    rows.other_keys = 1;
    assert_eq!(evaluated(&inputs).findings.len(), 0);
}

/// What a flag gave is not mended by a variable, which counts less.
#[test]
fn what_a_flag_gave_is_mended_at_the_flag() {
    let given = |text: &str, by| Given {
        value: text.to_owned(),
        by,
    };
    for (url, token, name, place) in [
        ("", "t", Name::ServerUrlMissing, "--server-url"),
        ("ftp://h", "t", Name::ServerUrlInvalid, "--server-url"),
        ("https://h.example", "", Name::TokenMissing, "--auth-token"),
        (
            "https://h.example",
            "t\n",
            Name::TokenNotEncodable,
            "--auth-token",
        ),
    ] {
        let mut inputs = world(CONFIG, CREDENTIALS);
        inputs.environment.server_url = Some(given(url, GivenBy::Flag("--server-url")));
        inputs.environment.auth_token = Some(Given {
            value: Secret::new(token.to_owned()),
            by: GivenBy::Flag("--auth-token"),
        });
        let evaluation = evaluate(&inputs);
        let finding = evaluation
            .findings
            .iter()
            .find(|finding| finding.name == name)
            .unwrap();
        assert_eq!(finding.evidence[0].place, Place::Flag(place), "{name:?}");
        for fix in &finding.fixes {
            assert!(fix.command.is_none() && fix.text.contains(place), "{fix:?}");
        }
    }
}

/// The switch that every command needs while the flag is off is not put into quoted values.
#[test]
fn a_value_that_looks_like_a_command_stays_as_it_is() {
    let workspace = "a && spec-kitty tracker b";
    let config = CONFIG.replace("acme.example", &format!("\"{workspace}\""));
    let mut inputs = world(&config, &CREDENTIALS.replace("project_key", "project"));
    inputs.environment.saas_sync_flag = None;
    let evaluation = evaluate(&inputs);
    let finding = evaluation
        .findings
        .iter()
        .find(|finding| finding.name == Name::RoutingKeyMissing);
    let bind = finding.unwrap().fixes.last().unwrap().command.clone().unwrap();
    assert!(
        bind.starts_with("SPEC_KITTY_ENABLE_SAAS_SYNC=1 spec-kitty tracker bind "),
        "{bind}"
    );
    assert!(bind.contains(&format!("--workspace '{workspace}'")), "{bind}");
}
