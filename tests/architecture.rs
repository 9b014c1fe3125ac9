//! The house keeps its shape: which layer may use which, what stays out of the pure ones, how long a file may be
//! (design section 6).
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// A part of `src/` and the layers that it may name with `crate::`.
const LAYERS: &[(&str, &[&str])] = &[
    ("platform", &["platform"]),
    ("domain", &["domain"]),
    ("sources", &["sources", "domain", "platform"]),
    ("sinks", &["sinks", "domain", "platform"]),
    ("scene", &["scene", "domain", "sources", "platform"]),
    ("prove", &["prove", "domain", "sources", "scene"]),
    ("app", &["app", "domain"]),
    (
        "tui/worker",
        &[
            "tui", "app", "domain", "sources", "sinks", "scene", "process", "platform",
        ],
    ),
    ("tui", &["tui", "app", "domain", "process", "platform"]),
    ("cli", &["cli", "domain", "sources", "sinks", "prove", "platform"]),
];

/// Text that may stand only in these places.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("rusqlite::", &["sources/store", "scene/store.rs", "scene/mod.rs"]),
    ("ureq::", &["sinks/wire"]),
    ("arboard::", &["sinks/clipboard"]),
    ("rustix::", &["platform/unix.rs"]),
    ("winapi_util::", &["platform/windows.rs"]),
    ("std::os::", &["platform"]),
    ("cfg(unix", &["platform"]),
    ("cfg(windows", &["platform"]),
    ("cfg(target_os", &["platform"]),
    ("signal_hook::", &["platform/unix.rs", "cli/watch.rs"]),
    ("ratatui::", &["tui"]),
    (
        "std::process::Command",
        &[
            "platform",
            "tui/editor.rs",
            "sinks/browser.rs",
            "sinks/clipboard",
            "prove/run.rs",
            "process.rs",
        ],
    ),
    (
        "std::env::",
        &[
            "platform",
            "sources/environment.rs",
            "sources/machine.rs",
            "sources/store",
            "sinks/clipboard",
            "cli/output.rs",
            "cli/prove.rs",
            "prove/run.rs",
            "tui/editor.rs",
            "inspector.rs",
            "process.rs",
        ],
    ),
    // Text from outside has no way around `Safe`: ratatui's texts and widgets are named in one file, which takes safe
    // runs alone, and one file writes to the standard streams, which takes safe text alone.
    ("ratatui::text", TEXT),
    ("ratatui::widgets", TEXT),
    ("ratatui::prelude", &[]),
    (".set_string", TEXT),
    (".set_line", TEXT),
    (".set_span", TEXT),
    (".set_symbol", TEXT),
    (".set_char", TEXT),
    (".render(", &["tui/view/text/lines.rs", "lib.rs"]),
    ("Span::styled", TEXT),
    ("Span::raw", TEXT),
    ("Line::styled", TEXT),
    ("Line::raw", TEXT),
    ("Line::from", TEXT),
    (
        "stdout()",
        &[
            "cli/output.rs",
            "cli/payload.rs",
            "tui/terminal.rs",
            "inspector.rs",
            "platform",
            // Asks whether it is a terminal and how large; writes nothing.
            "sources/machine.rs",
        ],
    ),
    ("stderr()", &["cli/output.rs", "lib.rs"]),
    ("println!", &[]),
    ("print!(", &[]),
    (
        "print_raw(",
        &["cli/output.rs", "cli/payload.rs", "cli/manual.rs"],
    ),
    // A title or a link would be another way to the terminal.
    ("SetTitle", &[]),
];

/// The one file that turns safe runs into what ratatui draws.
const TEXT: &[&str] = &["tui/view/text/lines.rs"];

/// What stands between the outside and [`catseye::domain::safe::Safe`]: only that module can make one.
#[test]
fn safe_text_is_made_in_one_place() {
    let safe = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/safe.rs")).unwrap();
    assert!(safe.contains("pub struct Safe(String);"));
    let lines =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/view/text/lines.rs")).unwrap();
    assert!(lines.contains("pub struct Drawn(Line<'static>);"));
    // Whatever takes text there makes it a safe run first.
    let taken = lines.split("\npub fn ").skip(1).filter(|function| {
        let (head, body) = function.split_once(" {\n").unwrap();
        head.contains("str") && !body.contains("clean(") && !body.contains("run(")
    });
    let names: Vec<&str> = taken.filter_map(|function| function.split('(').next()).collect();
    assert!(names.is_empty(), "text that is not cleaned: {names:?}");
}

/// What the pure layers do without.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::thread",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "TcpStream",
    "jiff::",
];

const MAX_LINES: usize = 450;

/// A source file without its comments and unit tests.
struct Source {
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let source = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let path = file
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        Source {
            path,
            code: code_of(&text),
        }
    };
    files.into_iter().map(source).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn code_of(text: &str) -> String {
    // Only a module of tests ends what counts; a single item for tests does not hide the rest.
    let production = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    production
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first names behind a prefix, also in a list: `a` and `b` of `crate::{a::x, b}`.
fn names_behind(code: &str, prefix: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut named = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split("};").next().unwrap_or_default();
                let mut depth = 0;
                let outer = |c: char| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == ',' && depth == 0
                };
                named.extend(list.split(outer).map(|part| word(part.trim())));
            }
            None => named.push(word(rest)),
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

/// The layers that a file names: by `crate::`, by the crate's own name, or by enough `super::` to reach the root.
fn layers_named(path: &str, code: &str) -> Vec<String> {
    let mut named = names_behind(code, "crate::");
    named.extend(names_behind(code, "catseye::"));
    let parts = path
        .trim_end_matches("/mod.rs")
        .trim_end_matches(".rs")
        .split('/')
        .count();
    named.extend(names_behind(code, &"super::".repeat(parts)));
    named
}

fn forbidden_layers(source: &Source) -> Vec<String> {
    let layer = LAYERS
        .iter()
        .find(|(layer, _)| source.path.starts_with(&format!("{layer}/")));
    let Some((_, allowed)) = layer else {
        return Vec::new();
    };
    layers_named(&source.path, &source.code)
        .into_iter()
        .filter(|named| !allowed.contains(&named.as_str()))
        .collect()
}

fn out_of_place(source: &Source) -> Vec<&'static str> {
    let strays = ONLY_IN.iter().filter(|(text, places)| {
        source.code.contains(text) && !places.iter().any(|place| source.path.starts_with(place))
    });
    strays.map(|(text, _)| *text).collect()
}

fn impure(source: &Source) -> Vec<&'static str> {
    let pure = ["domain/", "app/"]
        .iter()
        .any(|layer| source.path.starts_with(layer));
    let listed = names_behind(&source.code, "use std::");
    let is_named = |text: &str| {
        let module = text.strip_prefix("std::");
        source.code.contains(text) || module.is_some_and(|module| listed.iter().any(|name| name == module))
    };
    IMPURE
        .iter()
        .copied()
        .filter(|text| pure && is_named(text))
        .collect()
}

/// Collects the complaints about every file; there must be none.
fn hold(complain: impl Fn(&Source) -> Vec<String>) {
    let complaints: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            complain(source)
                .into_iter()
                .map(|complaint| format!("{}: {complaint}", source.path))
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn strings(texts: Vec<&'static str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

#[test]
fn layers_use_only_what_lies_below_them() {
    hold(forbidden_layers);
}

#[test]
fn libraries_stay_where_they_belong() {
    hold(|source| strings(out_of_place(source)));
}

#[test]
fn domain_and_app_touch_nothing_outside() {
    hold(|source| strings(impure(source)));
}

#[test]
fn views_only_read_and_never_let_ratatui_wrap() {
    hold(|source| {
        let view = source.path.starts_with("tui/view");
        let mutates = view && source.code.contains("&mut Model");
        // ratatui's Wrap panics on some text (ratatui#2679).
        let wraps = source.path.starts_with("tui/") && source.code.contains("Wrap {");
        [(mutates, "&mut Model"), (wraps, "Wrap")]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, what)| (*what).to_owned())
            .collect()
    });
}

#[test]
fn files_stay_short_enough_to_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    hold(|source| {
        let text = fs::read_to_string(root.join(&source.path)).unwrap();
        let lines = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .lines()
            .count();
        (lines > MAX_LINES)
            .then(|| format!("{lines} lines"))
            .into_iter()
            .collect()
    });
}

#[test]
fn the_rules_bite() {
    let source = |path: &str, code: &str| Source {
        path: path.to_owned(),
        code: code_of(code),
    };
    let bad = source(
        "domain/plan.rs",
        "use crate::{domain::plan, sources::load};\nlet x = std::env::var(\"A\");",
    );
    assert_eq!(forbidden_layers(&bad), ["sources"]);
    assert_eq!(impure(&bad), ["std::env"]);
    assert_eq!(out_of_place(&bad), ["std::env::"]);
    assert_eq!(
        forbidden_layers(&source("cli/x.rs", "use crate::tui::keymap;")),
        ["tui"]
    );
    assert_eq!(
        forbidden_layers(&source("tui/view/x.rs", "crate::sinks::wire::send()")),
        ["sinks"]
    );
    for sly in [
        "use super::super::tui::keymap;",
        "use catseye::tui::keymap;",
        "use crate::{domain::{a, b}, tui};",
    ] {
        assert_eq!(forbidden_layers(&source("app/x.rs", sly)), ["tui"], "{sly}");
    }
    assert_eq!(impure(&source("domain/x.rs", "use std::{fmt, fs};")), ["std::fs"]);
    let hidden = "#[cfg(test)]\nuse std::fmt;\nuse crate::tui::keymap;";
    assert_eq!(forbidden_layers(&source("app/x.rs", hidden)), ["tui"]);
    assert!(forbidden_layers(&source("tui/worker/x.rs", "use crate::sinks::wire;")).is_empty());
    assert!(
        forbidden_layers(&source(
            "app/x.rs",
            "// use crate::tui;\n#[cfg(test)]\nmod tests {\nuse crate::tui;"
        ))
        .is_empty()
    );
}
