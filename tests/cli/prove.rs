//! `prove` with stand-ins for spec-kitty, for how the process is handled; the real one is a step of `.ci/run`.

use std::os::unix::fs::PermissionsExt;

use super::world::{World, code, err, out};

/// Puts a `spec-kitty` on PATH that names this version and runs this script otherwise.
fn with_stand_in(world: &World, version: &str, script: &str) -> std::process::Output {
    let file = world.path("bin/spec-kitty");
    let text = format!(
        "#!/bin/bash\nif [ \"$1\" = --version ]; then echo spec-kitty-cli version {version}; exit; fi\n{script}\n"
    );
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.program("catseye");
    world.finish(command.args(["prove", "--server-url", "https://h.example"]))
}

/// Sends a body to the server that publish was called with.
const SENDS: &str = r#"
url=$6; port=${url##*:}
exec 3<>/dev/tcp/127.0.0.1/$port
printf 'POST /api/v1/connectors/trackers/snapshots/ HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"provider":"jirb"}' >&3
cat <&3
"#;

#[test]
fn tells_what_differs() {
    let world = World::new();
    let differs = with_stand_in(&world, "3.0.0", SENDS);
    assert_eq!(code(&differs), 1, "{}", err(&differs));
    let said = out(&differs);
    assert!(
        said.contains("body: byte 16, at provider")
            && said.contains("Idempotency-Key: spec-kitty sends none"),
        "{said}"
    );
    let refuses = with_stand_in(&world, "2.1.0", "echo 'Tracker is not configured.' >&2; exit 1");
    assert_eq!(code(&refuses), 1);
    assert!(out(&refuses).contains("Tracker is not configured."));
    let newer = with_stand_in(&world, "3.2.7", "echo refused $# >&2; exit 1");
    assert_eq!(code(&newer), 2);
    assert!(err(&newer).contains("3.2.7 does not publish snapshots") && err(&newer).contains("refused 3"));
}

#[test]
fn says_what_to_install_where_there_is_none() {
    let world = World::new();
    let mut command = world.command(&["prove"]);
    let output = world.finish(command.env("PATH", "/nonexistent"));
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("no `spec-kitty` on PATH") && err(&output).contains("pip install"));
    let output = world.run(&["prove", "--python", "/nonexistent/python"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("/nonexistent/python"));
}
