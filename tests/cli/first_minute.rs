//! Somebody who has just installed it: wherever it is started, it says the next step.

use std::process::{Command, Output};

use super::world::{World, code, err, out};

fn catseye(folder: &std::path::Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catseye"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null());
    command.output().unwrap()
}

#[test]
fn a_scene_is_not_mixed_with_a_project_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, flag) in [
        (
            &["check", "--scene", "spelling", "--project", "."][..],
            "--project",
        ),
        (&["--home", "/h", "payload", "--scene", "spelling"], "--home"),
        (&["demo", "--server-url", "https://h.example"], "--server-url"),
    ] {
        let output = catseye(folder.path(), arguments, &[]);
        assert_eq!((code(&output), out(&output).as_str()), (64, ""), "{arguments:?}");
        assert!(
            err(&output).contains(&format!("leave {flag} away")),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn outside_a_project_every_command_leads_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let home = [("HOME", folder.path().to_str().unwrap())];
    let plain = catseye(folder.path(), &[], &home);
    assert_eq!(code(&plain), 2);
    let last = out(&plain).lines().last().unwrap().to_owned();
    assert_eq!(
        last,
        "next: Change into the project or pass --project DIR; `catseye demo` has projects to look at"
    );
    assert!(
        err(&plain).contains("standard input is not a terminal") && err(&plain).contains("catseye frame"),
        "{}",
        err(&plain)
    );
    for arguments in [
        &["payload"][..],
        &["curl"],
        &["issues"],
        &["mappings"],
        &["diff"],
        &["why", "provider"],
        &["publish", "--yes"],
    ] {
        let output = catseye(folder.path(), arguments, &home);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = err(&output);
        assert!(
            said.contains("No .kittify/ in") && said.contains("catseye demo"),
            "{arguments:?}: {said}"
        );
    }
    let frame = out(&catseye(folder.path(), &["frame"], &home));
    assert!(
        frame.contains("project-not-found") && frame.contains("catseye demo"),
        "{frame}"
    );
    let journal = catseye(folder.path(), &["journal"], &home);
    assert!(
        err(&journal).contains("catseye publish --yes"),
        "{}",
        err(&journal)
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn without_a_usable_home_it_says_what_to_do() {
    let world = World::new();
    let project = world.path("project");
    for (home, expected) in [
        // Python takes it for the root folder (reference A14).
        (Some(""), "credentials-file-missing"),
        (Some("/nonexistent"), "credentials-file-missing"),
        (Some("~"), "HOME begins with ~"),
    ] {
        let variables: Vec<(&str, &str)> = home.map(|home| ("HOME", home)).into_iter().collect();
        let output = catseye(&project, &["check"], &variables);
        let said = out(&output);
        assert!(code(&output) != 0 && said.contains(expected), "{home:?}: {said}");
        // With the root folder as home no path is shortened to `~`.
        assert_eq!(said.contains("~/"), home != Some(""), "{home:?}: {said}");
        assert!(said.lines().last().unwrap().starts_with("next: "), "{said}");
    }
    // The user database knows one.
    let unset = catseye(&project, &["check"], &[]);
    assert!(out(&unset).lines().last().unwrap().starts_with("next: "));
}

#[test]
fn without_a_store_it_says_how_to_get_one() {
    let world = World::new();
    std::fs::remove_dir_all(world.path("home/.spec-kitty/trackers")).unwrap();
    let said = out(&world.run(&["check", "--server-url", "http://127.0.0.1:9"]));
    assert!(said.contains("store-missing"), "{said}");
    assert!(said.contains("spec-kitty tracker sync pull"), "{said}");
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("next: ") && last.contains("spec-kitty tracker sync pull"),
        "{last}"
    );
    for command in ["issues", "mappings"] {
        let output = world.run(&[command]);
        assert_eq!((code(&output), out(&output).as_str()), (0, ""), "{command}");
        let said = err(&output);
        assert!(
            said.contains("no rows: ") && said.contains("catseye check"),
            "{command}: {said}"
        );
    }
}

#[test]
fn the_scene_of_the_demo_without_a_terminal_ends_with_its_fix() {
    let folder = tempfile::tempdir().unwrap();
    let output = catseye(folder.path(), &["demo"], &[]);
    assert_eq!(code(&output), 1);
    let unknown = catseye(folder.path(), &["demo", "--scene", "speling"], &[]);
    assert_eq!(code(&unknown), 64);
    assert!(
        err(&unknown).contains("unsupported-provider"),
        "{}",
        err(&unknown)
    );
    assert!(
        out(&output).trim_end().ends_with("Jira -> jira"),
        "{}",
        out(&output)
    );
}
