//! The YAML reader on its own: against a second reader on the files that both understand, its spans, and whatever
//! bytes a file may hold.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catseye::domain::json::loads;
use catseye::domain::node::{Node, Span, SyntaxErrorKind, Value};
use catseye::sources::yaml;
use proptest::prelude::*;

/// What a span covers on disk.
fn slice(bytes: &[u8], span: Span) -> &str {
    std::str::from_utf8(&bytes[span.start..span.end]).unwrap()
}

/// The node at a path of keys.
fn at<'a>(root: &'a Node, path: &[&str]) -> &'a Node {
    path.iter().fold(root, |node, key| &node.get(key).unwrap().value)
}

const CONFIG: &str = "# spec-kitty
tracker:
  provider: &p jira   # a comment
  workspace: \"acme.atlassian.net\"
  doctrine: {mode: !x split, field_owners: {title: 'external'}}
  agents:
    - claude
    - codex

project:
  uuid: 2001-12-14T21:59:43Z
  notes: |
    one
    two
  slug:
";

#[test]
fn spans_cover_the_values_as_they_lie_on_disk() {
    let root = yaml::parse(CONFIG.as_bytes()).unwrap();
    for (path, expected) in [
        (&["tracker", "provider"][..], "jira"),
        (&["tracker", "workspace"], "\"acme.atlassian.net\""),
        (&["tracker", "doctrine", "mode"], "split"),
        (&["tracker", "doctrine", "field_owners"], "{title: 'external'}"),
        (&["tracker", "agents"], "- claude\n    - codex"),
        (&["project", "uuid"], "2001-12-14T21:59:43Z"),
        (&["project", "notes"], "one\n    two\n"),
        (&["project", "slug"], ""),
    ] {
        assert_eq!(
            slice(CONFIG.as_bytes(), at(&root, path).span),
            expected,
            "{path:?}"
        );
    }
    let slug = at(&root, &["project", "slug"]).span;
    assert!(
        CONFIG[..slug.start].ends_with("slug:"),
        "an absent value stands behind its colon"
    );
    let key = root.get("tracker").unwrap().key.span;
    assert_eq!(slice(CONFIG.as_bytes(), key), "tracker");
}

#[test]
fn spans_of_sequences_start_at_their_first_dash() {
    for (file, expected) in [
        ("x:\n- a\n- b\n", "- a\n- b"),
        ("x: &s # c\n- - a\n  - b\ny: 1\n", "- - a\n  - b"),
        ("x:\n-   # c\n\n  a\n", "-   # c\n\n  a"),
        ("x:\n-\n-\n", "-\n-"),
        ("x:\n  - a\n", "- a"),
        ("x:\n  - |\n  - a\n", "- |\n  - a"),
        ("x:\n  ? - a\n  : - b\n", "? - a\n  : - b"),
    ] {
        let root = yaml::parse(file.as_bytes()).unwrap();
        assert_eq!(slice(file.as_bytes(), at(&root, &["x"]).span), expected, "{file}");
    }
    let file = "x:\n-\n- a\n";
    let root = yaml::parse(file.as_bytes()).unwrap();
    let Value::List(items) = &at(&root, &["x"]).value else {
        panic!("no list");
    };
    let absent = items[0].span.start;
    assert!(
        file[..absent].ends_with(":\n-"),
        "an absent item stands behind its dash"
    );
}

#[test]
fn spans_count_the_mark_and_carriage_returns() {
    let disk = format!("\u{feff}{}", CONFIG.replace('\n', "\r\n"));
    let root = yaml::parse(disk.as_bytes()).unwrap();
    let plain = yaml::parse(CONFIG.as_bytes()).unwrap();
    for path in [
        &["tracker", "provider"][..],
        &["tracker", "doctrine"],
        &["project", "uuid"],
    ] {
        let expected = slice(CONFIG.as_bytes(), at(&plain, path).span);
        assert_eq!(slice(disk.as_bytes(), at(&root, path).span), expected, "{path:?}");
    }
    let notes = at(&root, &["project", "notes"]);
    assert_eq!(notes.text().unwrap(), &"one\ntwo\n");
    assert_eq!(slice(disk.as_bytes(), notes.span), "one\r\n    two\r\n");
}

#[test]
fn errors_point_at_the_offending_bytes_and_hold_no_text_of_the_file() {
    for (file, kind, offending) in [
        ("a: secret\na: other\n", SyntaxErrorKind::Syntax, "a"),
        ("a: b\nx: *secret\n", SyntaxErrorKind::Syntax, "*"),
        ("a:\tsecret\n", SyntaxErrorKind::Syntax, "\t"),
        ("a: !!int secret\n", SyntaxErrorKind::Syntax, "secret"),
        ("a: @secret\n", SyntaxErrorKind::Syntax, "@"),
        ("a: &secret [*secret]\n", SyntaxErrorKind::NotModelled, "*secret"),
        ("secret: 2026-02-30\n", SyntaxErrorKind::Syntax, "2026-02-30"),
        ("secret: \u{7}\n", SyntaxErrorKind::Encoding, "\u{7}"),
    ] {
        let error = yaml::parse(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind, kind, "{file:?}");
        assert_eq!(slice(file.as_bytes(), error.span), offending, "{file:?}");
        assert!(!error.message.contains("secret"), "{file:?}: {}", error.message);
    }
}

#[test]
fn values_print_as_python_prints_them() {
    for (file, expected) in [
        ("x: {.nan: 1, '1': 2, 1: 3}", "{nan: 1, '1': 2, 1: 3}"),
        (
            "x: [2001-12-14, 2001-12-14 1:00:00]",
            "[datetime.date(2001, 12, 14), datetime.datetime(2001, 12, 14, 1, 0)]",
        ),
        (
            "x: [!foo b, '=', =]",
            "[TaggedScalar(value='b', style=None, tag=Tag('!foo')), '=', \
             TaggedScalar(value='=', style=None, tag=Tag('tag:yaml.org,2002:value'))]",
        ),
        ("x: !!set {a, 1, [b]}", "set(odict_keys(['a', 1, ('b',)]))"),
        ("x: !!omap [{b: 1}, {c: [2]}]", "{'b': 1, 'c': [2]}"),
        (
            "x: {? {a: 1} : 2, ? [] : 3}",
            "{ordereddict([('a', 1)]): 2, (): 3}",
        ),
        ("x: !!binary 'aGVs bG8='", "b'hello'"),
        ("x: [&a true, *a, ! '5', !!int '0b11']", "[1, 1, 5, 3]"),
        (
            "x: {<<: [{a: 1}, {a: 2, b: 3}], c: 4}",
            "{'c': 4, 'a': 1, 'b': 3}",
        ),
        ("x: [0x_1F, -0, 1_0.5, 0123, .5e3]", "[31, 0, 10.5, 123, '.5e3']"),
        (
            "%YAML 1.1\n---\nx: [017, 1:30, 1:30.5, yes, 0o17]",
            "[15, 90, 90.5, True, '0o17']",
        ),
    ] {
        let root = yaml::parse(file.as_bytes()).unwrap();
        assert_eq!(at(&root, &["x"]).str(), expected, "{file}");
    }
}

#[test]
fn rejects_what_python_cannot_construct() {
    for file in [
        "{1: a, 1.0: b}",
        "{true: a, 1: b}",
        "{.nan: a, .NaN: b}",
        "{2001-12-14T1:00:00Z: 1, 2001-12-14T2:00:00+01:00: 2}",
        "? [[]]\n: 1",
        "? {a: []}\n: 1",
        "? !!set {a}\n: 1",
        "!!set {a, a}",
        "!!omap [{a: 1}, {a: 2}]",
        "!!omap {a: 1}",
        "!!map [x]",
        "!!null [x]",
        "a: +_",
        "a: ._",
        "a: !!bool maybe",
        "a: !!binary a",
        "<<: [[]]",
        "<<: {}\n<<: {}",
        "a: 1\n\n\t\nb: 2",
        "a: |\n    \n  b\n   \n",
        "a: 1\n...\n...\n",
    ] {
        let error = yaml::parse(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::Syntax, "{file}: {error:?}");
    }
}

#[test]
fn comments_that_ruamel_cannot_keep_refuse_the_file() {
    for file in [
        "a: # c\n  x\n\nb: 1\n",
        "a: # c\n  x\n   \n",
        "a:\n  b: # c\n    # d\n    &b x\n      y\n\n# e\n",
        ": # c\n  ~\n\n",
    ] {
        let error = yaml::parse(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::Syntax, "{file}: {error:?}");
        assert_eq!(slice(file.as_bytes(), error.span), "# c", "{file}");
    }
    for file in [
        "a: # c\n  x\nb: 1\n",
        "a: x # c\n\nb: 1\n",
        "a: # c\n  'x'\n\nb: 1\n",
        "a: # c\n  !t x\n\nb: 1\n",
        "a: # c\n  - x\n\nb: 1\n",
        "a: # c\n  x: y\n\nb: 1\n",
        "a: {b: # c\n  x\n\n  }\n",
        "a: # c\n  x\n\n...\n",
        "a: &x # c\n  x\n\nb: 1\n",
        "- # c\n  x\n\n",
        "!a: # c\nx\n\n",
        "a: | # c\n  x\n\nb: 1\n",
    ] {
        assert!(yaml::parse(file.as_bytes()).is_ok(), "{file}");
    }
    // Around block scalars it depends on still more.
    for file in ["a: # c\n  |\n  x\n\nb: 1\n", "a:\n\n  | # c\n  x\n"] {
        let error = yaml::parse(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::NotModelled, "{file}: {error:?}");
    }
}

#[test]
fn block_scalars_and_tabs_at_the_edge_are_refused_or_not_modelled() {
    for (file, kind) in [
        ("a: |\t", SyntaxErrorKind::Syntax),
        ("a: >2\t# c", SyntaxErrorKind::Syntax),
        ("a: |\n\tx\n", SyntaxErrorKind::Syntax),
        // ruamel.yaml reads these, in its own way.
        ("|\n\tx\n", SyntaxErrorKind::NotModelled),
        ("|\n...\n{", SyntaxErrorKind::NotModelled),
        ("a: |\n  \n # c\nb: 1\n", SyntaxErrorKind::NotModelled),
        ("?\n\n \t: a\n", SyntaxErrorKind::NotModelled),
        ("\n\n\u{2029}\t", SyntaxErrorKind::NotModelled),
    ] {
        let error = yaml::parse(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind, kind, "{file}: {error:?}");
    }
    for file in ["a: |", "a: |\n\n  \n", "a: | # c"] {
        let root = yaml::parse(file.as_bytes()).unwrap();
        assert_eq!(at(&root, &["a"]).str(), "", "{file}");
        assert!(
            slice(file.as_bytes(), at(&root, &["a"]).span).trim().is_empty(),
            "{file}"
        );
    }
}

#[test]
fn aliases_share_their_value_and_cannot_explode() {
    let mut bomb = String::from("a0: &a0 [x, x]\n");
    for level in 1..60 {
        let below = level - 1;
        writeln!(bomb, "a{level}: &a{level} [*a{below}, *a{below}]").unwrap();
    }
    let root = yaml::parse(bomb.as_bytes()).unwrap();
    assert!(at(&root, &["a59"]).str().byte_len() < 1 << 21);
    let merges = "b: &b {x: 1}\n".to_owned() + &"c: {<<: *b}\n".replace('c', "d");
    let root = yaml::parse(merges.as_bytes()).unwrap();
    assert_eq!(at(&root, &["d", "x"]).str(), "1");
}

#[test]
fn deep_files_are_refused_without_a_crash() {
    let deep = format!("a: {}{}", "[".repeat(239), "]".repeat(239));
    assert!(yaml::parse(deep.as_bytes()).is_ok());
    let lines: Vec<String> = (0..230).map(|depth| " ".repeat(depth) + "- ").collect();
    let mixed = lines.join("\n") + &"[".repeat(230);
    assert!(yaml::parse(mixed.as_bytes()).is_err());
    let deeper = "[".repeat(100_000);
    assert!(yaml::parse(deeper.as_bytes()).is_err());
}

#[test]
fn long_files_are_read_in_one_pass() {
    for (start, piece, end) in [
        ("", "\n\n\t", "\na: 1\n"),
        ("a: 'x'\n\n", "\t", "\n"),
        ("a:\n", "- \"\\ud800\"\n", ""),
        ("a: # c\n", "  # c\n", "  x\n"),
    ] {
        let file = start.to_owned() + &piece.repeat(100_000) + end;
        assert!(yaml::parse(file.as_bytes()).is_ok(), "{piece:?}");
    }
}

/// What another reader makes of the file; the notations of `config()` mean the same to both.
fn other(value: &serde_yaml::Value) -> String {
    match value {
        serde_yaml::Value::Null => "None".to_owned(),
        serde_yaml::Value::Bool(truth) => if *truth { "True" } else { "False" }.to_owned(),
        serde_yaml::Value::Number(number) => number.to_string(),
        serde_yaml::Value::String(text) => format!("{text:?}"),
        serde_yaml::Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(other).collect();
            format!("[{}]", items.join(", "))
        }
        serde_yaml::Value::Mapping(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", other(key), other(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        serde_yaml::Value::Tagged(_) => "tagged".to_owned(),
    }
}

/// The same for ours.
fn ours(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => format!("{:?}", text.as_str().unwrap()),
        Value::Scalar(scalar) => scalar.str.to_display(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| ours(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}: {}", ours(&entry.key), ours(&entry.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Scalars of the common subset, as `bind` and people write them.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z.@/-]{0,12}",
        "[a-z]{1,5} [a-zé]{1,5}",
        "'[ -&(-~é]{0,10}'",
        "\"[ !#-\\[\\]-~é]{0,10}\"",
        "[1-9][0-9]{0,8}",
        "[1-9][0-9]{0,3}\\.[0-9]{0,3}[1-9]",
        prop::sample::select(vec![
            "true",
            "false",
            "null",
            "~",
            "''",
            "\"a\\tb\\u00e9\"",
            "acme.atlassian.net"
        ])
        .prop_map(str::to_owned),
    ]
}

/// A small configuration: block tables with a flow value here and there.
fn config() -> impl Strategy<Value = String> {
    let flow = prop_oneof![
        prop::collection::vec(scalar(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        prop::collection::vec(("[a-z]{1,6}", scalar()), 0..3).prop_map(|pairs| {
            let pairs: Vec<String> = pairs
                .into_iter()
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }),
    ];
    let value = prop_oneof![4 => scalar(), 1 => flow];
    let entry = ("[a-z_]{1,8}", value, any::<bool>());
    let section = ("[a-z]{1,8}", prop::collection::vec(entry, 1..5), any::<bool>());
    prop::collection::vec(section, 1..4).prop_map(|sections| {
        let mut file = String::new();
        for (name, entries, list) in sections {
            writeln!(file, "{name}:").unwrap();
            for (key, value, comment) in entries {
                let lead = if list { "-".to_owned() } else { format!("{key}:") };
                let tail = if comment { "  # why" } else { "" };
                writeln!(file, "  {lead} {value}{tail}").unwrap();
            }
        }
        file
    })
}

/// The recorded files.
fn recorded() -> Vec<Vec<u8>> {
    let path = format!("{}/tests/vectors/config.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|line| {
            let vector = loads(line).unwrap();
            let encoded = vector.get("in_b64").unwrap().text().unwrap();
            STANDARD.decode(encoded.as_str().unwrap()).unwrap()
        })
        .collect()
}

proptest! {
    #[test]
    fn agrees_with_another_reader_on_ordinary_files(file in config()) {
        let second = serde_yaml::from_str::<serde_yaml::Value>(&file);
        match (yaml::parse(file.as_bytes()), second) {
            (Ok(node), Ok(value)) => prop_assert_eq!(ours(&node), other(&value), "{}", file),
            (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) if error.kind == SyntaxErrorKind::NotModelled => {}
            (first, second) => prop_assert!(false, "{file}\n{first:?}\n{second:?}"),
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_within_the_file(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = yaml::parse(&bytes) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= bytes.len());
        }
    }

    #[test]
    fn damaged_files_are_read_or_refused_within_the_file(
        file in prop::sample::select(recorded()),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), "[-:,\\[\\]{}#&*!|>'\"%@` \n\r\t\u{85}\u{2028}\u{feff}\\\\ud80<=?0~]{0,3}"),
            1..4,
        ),
    ) {
        let mut bytes = file;
        for (index, text) in edits {
            let at = index.index(bytes.len() + 1);
            bytes.splice(at..at, text.into_bytes());
        }
        if let Err(error) = yaml::parse(&bytes) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= bytes.len());
        }
    }
}

#[test]
fn line_breaks_of_other_kinds_at_the_end_of_a_line_are_no_value() {
    // As ruamel.yaml 0.19.1 reads them.
    for text in [
        "x: \u{85}\ny: 1\n",
        "x: \u{85} \ny: 1\n",
        "x: \u{2028}\ny: 1\n",
        "x: \u{85}\u{85}\n# c\ny: 1\n",
    ] {
        let root = yaml::parse(text.as_bytes()).unwrap();
        assert!(root.get("x").unwrap().value.is_null(), "{text:?}");
        assert_eq!(root.get("y").unwrap().value.str(), "1", "{text:?}");
    }
    // Where the value goes on, or in a flow collection, it is not modelled.
    for text in ["x: \u{85}\n  z\n", "x: [\u{85}]\n"] {
        assert!(yaml::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}
