//! C2: what is copied as a command reaches the program exactly, through a real shell, and holds no secret.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use catseye::domain::safe::Safe;
use catseye::domain::shell;

use super::corpus::{random, strings};
use super::dice::{Dice, figure, how_many};
use super::stage::{Parts, World};

const TOKEN: &str = "canary-curl-0123456789";

/// Texts that a shell is tempted by.
fn hostile(count: usize) -> Vec<String> {
    let mut dice = Dice::of("c2");
    let traps = [
        "'",
        "\"",
        "`id`",
        "$(id)",
        "$HOME",
        "\\",
        "\\\\",
        "!",
        "!!",
        "&& echo x",
        "; x",
        "| x",
        "> x",
        "#",
        "~",
        "*",
        "?",
        "[a]",
        "{a,b}",
        "%s",
        "%",
        "\n",
        "\r",
        "\t",
        "é",
        "\u{202e}",
        "\u{1b}[31m",
        "-n",
        "--",
        "=",
        " ",
        "\u{9b}",
        "\\047",
    ];
    let corpus = strings();
    (0..count)
        .map(|at| {
            let mut text = String::new();
            for _ in 0..=dice.below(6) {
                text += *dice.pick::<&str>(&traps);
                text += &random(&mut dice, 2);
            }
            if at % 3 == 0 {
                text += dice.pick::<String>(&corpus);
            }
            // An argument ends at a zero byte; a break at the end is what printf's substitution would lose.
            let text = text.replace('\u{0}', "");
            text.chars().take(300).collect()
        })
        .collect()
}

#[test]
fn c2_quoted_text_is_exact_for_a_shell() {
    let texts: Vec<String> = hostile(2_000)
        .iter()
        .map(|text| text.trim_end_matches('\n').to_owned())
        .collect();
    let mut script = String::new();
    for text in &texts {
        let quoted = shell::quote(text);
        assert_eq!(Safe::line(&quoted).as_str(), quoted, "printed as it is");
        script += &format!("printf '%s\\000' {quoted}\n");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    fs::write(&file, script).unwrap();
    let output = Command::new("sh")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed: Vec<&[u8]> = output.stdout.split(|byte| *byte == 0).collect();
    assert_eq!(printed.len(), texts.len() + 1);
    for (text, printed) in texts.iter().zip(printed) {
        assert_eq!(String::from_utf8_lossy(printed), *text);
    }
    figure("C2", format!("{} hostile texts exact through sh", texts.len()));
}

/// `catseye curl` run by `sh` from hostile folders, with a curl that writes down what it was given.
#[test]
fn c2_the_curl_command_runs_as_it_is_printed() {
    let texts: Vec<String> = hostile(2_000)
        .into_iter()
        .map(|text| {
            text.replace(['/', '\n'], "_")
                .chars()
                .take(40)
                .collect::<String>()
        })
        .filter(|text| !matches!(text.as_str(), "" | "." | ".."))
        .collect();
    let count = how_many(12, texts.len());
    for text in texts.iter().take(count) {
        run_curl_in(text);
    }
    figure(
        "C2 curl",
        format!("{count} printed commands ran exactly, 0 secrets in them"),
    );
}

/// A folder with programs `curl`, which writes down its arguments and its input, and `catseye`.
fn programs(world: &World) -> PathBuf {
    let bin = world.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let fake = format!(
        "#!/bin/sh\nfor argument in \"$@\"; do printf '%s\\n' \"$argument\"; done > {0}.args\ncat > {0}.body\n",
        shell::quote(&world.path("given").to_string_lossy())
    );
    fs::write(bin.join("curl"), fake).unwrap();
    fs::set_permissions(bin.join("curl"), fs::Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_catseye"), bin.join("catseye")).unwrap();
    bin
}

fn run_curl_in(folder: &str) {
    let world = World::new(&Parts::default());
    let hostile = world.path(folder);
    fs::rename(world.path("project"), &hostile).unwrap();
    fs::create_dir_all(world.path("project")).unwrap();
    let bin = programs(&world);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let project = format!("--project={}", hostile.display());
    let run = |command: &mut Command| {
        command
            .env("SAAS_API_URL", "https://h.example/x%20y'z")
            .env("SAAS_AUTH_TOKEN", TOKEN)
            .env("PATH", &path)
            .output()
            .unwrap()
    };
    let printed = run(&mut world.command(&[&project, "curl"]));
    assert!(printed.status.success(), "{folder:?}: {printed:?}");
    let command = String::from_utf8(printed.stdout).unwrap();
    assert!(!command.contains(TOKEN));
    let body = run(&mut world.command(&[&project, "payload"])).stdout;
    let mut shell = world.program("sh");
    let ran = run(shell.args(["-c", &command]).current_dir(world.folder.path()));
    assert!(ran.status.success(), "{folder:?}: {command}: {ran:?}");
    let arguments = fs::read_to_string(world.path("given.args")).unwrap();
    assert!(
        arguments.contains(&format!("Authorization: Bearer {TOKEN}\n")),
        "from the environment"
    );
    assert_eq!(fs::read(world.path("given.body")).unwrap(), body, "{folder:?}");
}
