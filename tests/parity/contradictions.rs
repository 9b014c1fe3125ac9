//! `catseye check --json` in every recorded world: verdict, route, body and findings never contradict each other, and
//! every position lies where it says.

use std::process::Command;

use serde_json::Value;

use crate::world::World;

/// What is wrong with what `check` says of a world; nothing when all is well.
pub fn of(world: &World) -> std::io::Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().canonicalize()?.join("world");
    std::fs::create_dir_all(&root)?;
    world.materialise(&root)?;
    let filled = |text: &str| {
        text.replace("{root}", &root.to_string_lossy())
            .replace("{port}", "9")
    };
    let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args(["check", "--json"])
        .args(world.args.iter().map(|argument| filled(argument)))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("TMPDIR", folder.path())
        .envs(world.env.iter().map(|(name, value)| (name, filled(value))))
        .current_dir(root.join(&world.cwd))
        .output()?;
    let check: Value = match serde_json::from_slice(&output.stdout) {
        Ok(check) => check,
        Err(error) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(vec![format!("no JSON: {error}: {said}")]);
        }
    };
    let mut wrong = verdict(&check, output.status.code());
    for finding in check["findings"].as_array().into_iter().flatten() {
        wrong.extend(finding_holds(&check, finding));
    }
    Ok(wrong)
}

fn has(check: &Value, severity: &str) -> bool {
    let findings = check["findings"].as_array().into_iter().flatten();
    findings.clone().any(|finding| finding["severity"] == severity)
}

fn verdict(check: &Value, code: Option<i32>) -> Vec<String> {
    let verdict = check["verdict"].as_str().unwrap_or_default();
    let routing = &check["routing"];
    let (kind, id) = (
        &routing["external_resource_type"],
        &routing["external_resource_id"],
    );
    let mut wrong = Vec::new();
    let mut holds = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!("{verdict}: {what}"));
        }
    };
    holds(
        "one routing field is null without the other",
        kind.is_null() == id.is_null(),
    );
    let busy = check["findings"].to_string().contains("\"store-busy\"");
    match verdict {
        "routed" => {
            holds("the exit code is not 0", code == Some(0));
            holds("the route is null", !kind.is_null());
            holds("there is no plan", !check["plan"].is_null());
            holds(
                "there is a cause",
                !has(check, "blocker") && !has(check, "null-route"),
            );
        }
        "null-route" => {
            holds("the exit code is not 1", code == Some(1));
            holds("the route is set", kind.is_null());
            holds("there is no plan", !check["plan"].is_null());
            holds(
                "there is no cause",
                has(check, "null-route") && !has(check, "blocker"),
            );
        }
        _ => {
            holds("the exit code is not 2", code == Some(2));
            holds("there is a plan", check["plan"].is_null());
            holds("there is no cause", has(check, "blocker") || busy);
        }
    }
    wrong
}

fn finding_holds(check: &Value, finding: &Value) -> Vec<String> {
    let name = finding["name"].as_str().unwrap_or_default();
    let mut wrong = Vec::new();
    let evidence = finding["evidence"].as_array().cloned().unwrap_or_default();
    let fixes = finding["fixes"].as_array().map_or(0, Vec::len);
    if finding["severity"] != "note" && (evidence.is_empty() || fixes == 0) {
        wrong.push(format!("{name} has no evidence or no fix"));
    }
    if evidence.len() > 20 {
        wrong.push(format!("{name} has {} evidences", evidence.len()));
    }
    let names: Vec<_> = check["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|other| &other["name"])
        .collect();
    if names.iter().filter(|other| ***other == finding["name"]).count() != 1 {
        wrong.push(format!("{name} is told twice"));
    }
    if !finding["explained_by"].is_null() && !names.contains(&&finding["explained_by"]) {
        wrong.push(format!("{name} is explained by what is not there"));
    }
    for place in &evidence {
        let (Some(file), Some(start), Some(end)) = (
            place["file"].as_str(),
            place["start"].as_u64(),
            place["end"].as_u64(),
        ) else {
            continue;
        };
        let bytes = std::fs::read(file).unwrap_or_default();
        let inside = start <= end && end <= bytes.len() as u64;
        if !inside || place["line"].as_u64().is_none_or(|line| line == 0) {
            wrong.push(format!("{name} points outside of {file}: {place}"));
        }
    }
    wrong
}
