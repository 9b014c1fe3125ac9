//! The one table of exit codes: README and `--help` say the same, and each code is met.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Command;

use super::publish::OK;
use super::support::fault_server::Server;
use super::world::{World, code, out};

/// Needs the real spec-kitty: `.ci/run` meets the first, `prove::tells_what_differs` what the second looks like.
const ELSEWHERE: [(&str, i32); 2] = [("prove", 0), ("prove", 1)];

/// The table's rows: commands and words.
fn readme() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let section = text.split("### Exit codes\n").nth(1).unwrap();
    let rows = section.lines().skip(3).map_while(|line| line.strip_prefix("| "));
    rows.map(|row| {
        let (commands, words) = row.trim_end_matches(" |").split_once(" | ").unwrap();
        (commands.to_owned(), words.to_owned())
    })
    .collect()
}

/// Each command with each code that the table names.
fn promised() -> BTreeSet<(String, i32)> {
    let mut promised = BTreeSet::new();
    for (commands, words) in readme() {
        for command in commands.split(", ") {
            let codes = words
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|word| word.parse().ok());
            promised.extend(codes.map(|code| (command.to_owned(), code)));
        }
    }
    promised
}

#[test]
fn help_and_readme_have_the_same_table() {
    let help = out(&World::new().run(&["--help"]));
    let table = help.split("Exit codes:\n").nth(1).unwrap();
    let words: Vec<&str> = table.split_whitespace().collect();
    let expected: Vec<String> = readme().into_iter().map(|(a, b)| format!("{a} {b}")).collect();
    assert_eq!(words.join(" "), expected.join(" "));
}

#[test]
fn each_code_of_the_table_is_met_and_no_other() {
    let mut met: BTreeSet<(String, i32)> = BTreeSet::new();
    let mut meet = |command: &str, code: i32| met.insert((command.to_owned(), code));
    let world = World::new();
    for command in ["payload", "curl", "issues", "mappings", "journal"] {
        meet(
            command,
            code(&world.run(&[command, "--server-url", "http://127.0.0.1:9"])),
        );
    }
    meet("why", code(&world.run(&["why", "external_resource_id"])));
    meet("why", code(&world.run(&["why", "issues[99].title"])));
    meet("check", code(&world.run(&["check"])));
    meet("check", code(&world.run(&["check", "--strict"])));
    meet("diff", code(&world.run(&["diff"])));
    meet(
        "prove",
        code(&world.run(&["prove", "--python", "/nonexistent/python"])),
    );
    meet("all", code(&world.run(&["keys"])));
    meet("all", code(&world.run(&["nonsense"])));
    meet("all", no_room(&world));
    let file = world.path("report.txt");
    meet(
        "report",
        code(&world.run(&["report", "--output", file.to_str().unwrap()])),
    );
    meet("report", code(&world.run(&["report", "--output", "/"])));
    publishes(&world, &mut meet);
    world.write(
        "project/.kittify/config.yaml",
        "tracker:\n  provider: Jira\n  workspace: acme.example\n",
    );
    meet("check", code(&world.run(&["check"])));
    world.write("project/.kittify/config.yaml", "tracker: [\n");
    for command in ["payload", "curl", "issues", "mappings", "check"] {
        meet(command, code(&world.run(&[command])));
    }
    meet("publish", code(&world.run(&["publish", "--yes"])));
    // Whatever else there is: the row for all is enough for it, or it has one of its own.
    for command in commands() {
        let code = code(&world.run(&[&command]));
        if ![0, 64].contains(&code) {
            meet(&command, code);
        }
    }
    std::fs::remove_file(world.path("state/catseye/journal.jsonl")).unwrap();
    std::fs::create_dir(world.path("state/catseye/journal.jsonl")).unwrap();
    meet("journal", code(&world.run(&["journal"])));
    met.extend(ELSEWHERE.map(|(command, code)| (command.to_owned(), code)));
    assert_eq!(met, promised());
}

/// The names of all commands that neither open the inspector nor write a file, as `--help` lists them.
fn commands() -> Vec<String> {
    let help = out(&World::new().run(&["--help"]));
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let lines = list.lines().filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter_map(|line| line.split(' ').next());
    let names: Vec<String> = names
        .filter(|name| !["", "demo", "report"].contains(name))
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 15, "{help}");
    names
}

/// Prints to a file that may not grow.
fn no_room(world: &World) -> i32 {
    let mut shell = Command::new("bash");
    shell
        .args([
            "-c",
            "ulimit -f 0; exec \"$0\" keys",
            env!("CARGO_BIN_EXE_catseye"),
        ])
        .stdout(File::create(world.path("no-room")).unwrap());
    shell.status().unwrap().code().unwrap()
}

/// Every end of a publish that gets as far as a plan, and the diffs afterwards.
fn publishes(world: &World, meet: &mut dyn FnMut(&str, i32) -> bool) {
    let server = Server::answering([OK, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ""]);
    for _ in 0..3 {
        let published = world.run(&["publish", "--yes", "--server-url", &server.url()]);
        meet("publish", code(&published));
    }
    server.finish();
    meet(
        "publish",
        code(&world.run(&["publish", "--yes", "--server-url", "http://127.0.0.1:9"])),
    );
    meet("publish", code(&world.run(&["publish", "--yes"])));
    meet(
        "diff",
        code(&world.run(&["diff", "--server-url", "http://127.0.0.1:9"])),
    );
    world.issue("a", &super::world::payload("1", "ACME-1", "Another"));
    meet(
        "diff",
        code(&world.run(&["diff", "--server-url", "http://127.0.0.1:9"])),
    );
}
