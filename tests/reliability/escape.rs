//! S1, S2, S4, R12: hostile text in every field of every screen and in all that is printed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use catseye::domain::safe::{Safe, SafeText, escape_hidden};
use catseye::tui::view::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::corpus::{must_not_pass, random, strings};
use super::dice::{Dice, figure, how_many};
use super::stage::{CONFIG, Inspector, Parts, World, bytes_of, payload};

/// Strings that share a world.
const BATCH: usize = 60;
const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (41, 11)];
/// Keys to every screen and panel.
const SCREENS: [&str; 16] = [
    "1",
    "1<enter>",
    "2",
    "2<enter>",
    "3",
    "3<enter>",
    "4",
    "5",
    "5jjjjjjjjl",
    "6",
    "6j<enter>",
    "6jj<enter>",
    "7",
    "p",
    "w",
    "y",
];

/// Whether a terminal is told nothing but where to draw, in what colour, and what to show.
#[derive(Default)]
struct Strict {
    bad: Vec<String>,
}

impl vte::Perform for Strict {
    fn print(&mut self, c: char) {
        if must_not_pass(c) {
            self.bad.push(format!("U+{:04X}", c as u32));
        }
    }

    fn execute(&mut self, byte: u8) {
        self.bad.push(format!("control {byte:02x}"));
    }

    fn csi_dispatch(&mut self, _: &vte::Params, intermediates: &[u8], _: bool, action: char) {
        if !matches!(action, 'm' | 'H') || !intermediates.is_empty() {
            self.bad.push(format!("CSI {action}"));
        }
    }

    fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
        self.bad.push("OSC".to_owned());
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        self.bad.push(format!("ESC {byte:02x}"));
    }

    fn hook(&mut self, _: &vte::Params, _: &[u8], _: bool, _: char) {
        self.bad.push("DCS".to_owned());
    }
}

fn bad_in(bytes: &[u8]) -> Vec<String> {
    let mut strict = Strict::default();
    vte::Parser::new().advance(&mut strict, bytes);
    strict.bad
}

fn hostile_world(texts: &[String]) -> World {
    let all = texts.join(" ");
    // What is in YAML and TOML stands there as escapes, which every reader turns back.
    let quoted = |text: &str| {
        let escaped: String = text
            .chars()
            .map(|c| match c as u32 {
                0x20..0x7f if c != '"' && c != '\\' => c.to_string(),
                code => format!("\\U{code:08x}"),
            })
            .collect();
        format!("\"{escaped}\"")
    };
    let toml = quoted(&all.replace('\u{0}', ""));
    let config = format!(
        "tracker:\n  provider: jira\n  workspace: {0}\n  doctrine: {{mode: {0}, field_owners: {{status: {0}}}}}\n\
         project: {{uuid: {0}, slug: {0}}}\n",
        quoted(&all)
    );
    let issues = texts
        .iter()
        .enumerate()
        .map(|(at, text)| {
            (
                format!("jira:{at:04}:{}", text.replace('\u{0}', "")),
                payload(text, &all, text),
            )
        })
        .chain([("jira:bad".to_owned(), format!("{{\"title\": \"{all}"))])
        .take(texts.len())
        .collect();
    let mapping = |(at, text): (usize, &String)| {
        let text = text.replace('\u{0}', "");
        [format!("{text}{at}"), text.clone(), text.clone(), text]
    };
    World::new(&Parts {
        config,
        credentials: format!(
            "[tracker.providers.jira]\nproject_key = {toml}\nusername = {toml}\n\"x y\" = {toml}\n"
        ),
        issues,
        mappings: texts.iter().enumerate().map(mapping).collect(),
        cursor: all,
    })
}

#[test]
fn s1_nothing_hostile_reaches_the_terminal() {
    let strings = strings();
    assert!(strings.len() >= 3000, "{}", strings.len());
    // A stride in the quick size, its start another one for each seed.
    let batches: Vec<&[String]> = strings.chunks(BATCH).collect();
    let wanted = how_many(16, batches.len());
    let step = (batches.len() / wanted).max(1);
    let mut frames = 0;
    let mut done = 0;
    for batch in batches.iter().step_by(step) {
        let world = hostile_world(batch);
        for (width, height) in SIZES {
            let mut inspector = Inspector::new(&world, None);
            inspector.resize(width, height);
            for keys in SCREENS {
                inspector.press(keys);
                let bad = bad_in(&bytes_of(&inspector.draw()));
                assert!(bad.is_empty(), "{keys} at {width}x{height}: {bad:?} of {batch:?}");
                inspector.press("<esc>");
                frames += 1;
            }
            // Down the whole list.
            inspector.press("2");
            for _ in 0..=batch.len() / usize::from(height) {
                inspector.press("<c-d>");
                let bad = bad_in(&bytes_of(&inspector.draw()));
                assert!(bad.is_empty(), "{bad:?} of {batch:?}");
                frames += 1;
            }
        }
        done += batch.len();
    }
    // Every string alone passes the one boundary of them all.
    for string in &strings {
        let safe = Safe::line(string);
        let bad = bad_in(safe.as_str().as_bytes());
        assert!(bad.is_empty(), "{bad:?} of {string:?}");
        assert!(
            safe.as_str()
                .split("⟨")
                .all(|part| part.len() <= string.len() + 64)
        );
        assert_eq!(Safe::line(safe.as_str()), safe, "made safe twice");
    }
    let all = strings.len();
    figure(
        "S1",
        format!("0 bytes outside the allow-list of {all} strings, {done} of them in {frames} frames"),
    );
}

#[test]
fn s1_nothing_hostile_is_printed() {
    let strings = strings();
    let batches: Vec<&[String]> = strings.chunks(BATCH).collect();
    let wanted = how_many(5, batches.len());
    let mut printed = 0;
    for batch in batches.iter().step_by((batches.len() / wanted).max(1)) {
        let world = hostile_world(batch);
        for arguments in [
            &["check"] as &[_],
            &["check", "--json"],
            &["issues"],
            &["issues", "--json"],
            &["mappings"],
            &["mappings", "--json"],
            &["why", "workspace"],
            &["payload", "--pretty"],
            &["paths"],
            &["curl"],
            &["publish", "--yes"],
            &["check", "--set", "binding.workspace=\u{1b}]0;x\u{7}\u{202e}"],
            &["explain", "\u{1b}[31m\u{202e}"],
            &["no-such-\u{1b}]52;c;eA==\u{7}\u{202e}"],
        ] {
            let output = world.command(arguments).output().unwrap();
            for bytes in [&output.stdout, &output.stderr] {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let bad: Vec<char> = text.chars().filter(|c| *c != '\n' && must_not_pass(*c)).collect();
                assert!(bad.is_empty(), "{arguments:?}: {bad:?} of {batch:?}");
            }
            assert!(
                !matches!(output.status.code(), None | Some(70 | 101)),
                "{arguments:?}: {output:?}"
            );
            printed += 1;
        }
    }
    figure(
        "S1 printed",
        format!("0 raw characters in {printed} outputs of 14 commands"),
    );
}

#[test]
fn s1_copies_are_safe_to_paste() {
    for string in strings() {
        let text = SafeText::of(&string);
        let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!text.as_str().contains(acts), "{string:?}");
        assert!(!text.as_str().ends_with('\n'), "{string:?}");
        assert_eq!(
            catseye::domain::hidden::first_hidden(text.as_str()),
            None,
            "{string:?}"
        );
    }
}

#[test]
fn s2_random_text_never_panics_and_stays_in_its_area() {
    let mut dice = Dice::of("s2");
    let renders = how_many(200_000, 20_000_000);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 204, 8));
    for _ in 0..renders / 4 {
        let string = random(&mut dice, 60);
        let area = Rect::new(
            2,
            2,
            1 + u16::try_from(dice.below(200)).unwrap(),
            1 + u16::try_from(dice.below(4)).unwrap(),
        );
        let cells = usize::from(area.width);
        let done = catch_unwind(AssertUnwindSafe(|| {
            let runs = [text::plain(&string), text::run(&string, Style::new().bold())];
            text::draw_lines(
                &text::wrap(&runs, cells, dice.below(12)),
                dice.below(3),
                area,
                &mut buffer,
            );
            text::put(&runs, area, &mut buffer);
            assert!(text::width(&text::fit(&string, cells)) == cells);
            text::draw_lines(&[text::line(&runs, cells)], 0, area, &mut buffer);
        }));
        assert!(done.is_ok(), "{string:?} in {area:?}");
        for y in 0..8 {
            for x in 0..204 {
                let inside = area.contains((x, y).into());
                let blank = buffer[(x, y)].symbol() == " " || buffer[(x, y)].symbol().is_empty();
                assert!(inside || blank, "{string:?} in {area:?} drew at {x},{y}");
            }
        }
        buffer.reset();
    }
    let mut screens = 0;
    for _ in 0..how_many(6, 600) {
        let texts: Vec<String> = (0..12).map(|_| random(&mut dice, 40)).collect();
        let world = hostile_world(&texts);
        let mut inspector = Inspector::new(&world, None);
        for keys in SCREENS {
            let size = |dice: &mut Dice, most| 1 + u16::try_from(dice.below(most)).unwrap();
            inspector.resize(size(&mut dice, 200), size(&mut dice, 60));
            inspector.press(keys);
            inspector.draw();
            inspector.press("<esc>");
            screens += 1;
        }
    }
    figure(
        "S2",
        format!("0 panics, 0 cells outside in {renders} renders and {screens} screens"),
    );
}

/// Whatever is changed has a mark, and the payload tells it exactly.
#[test]
fn s4_nothing_is_hidden() {
    let strings = strings();
    let mut changed = 0;
    for string in &strings {
        let safe = Safe::line(string);
        let shown = safe.as_str();
        let mut rest = shown;
        let mut characters = string.chars().peekable();
        // Read along: each character is there, or its mark is.
        while let Some(c) = characters.next() {
            let token = format!("⟨U+{:04X}⟩", c as u32);
            let picture = match c {
                '\t' => "␉   ".to_owned(),
                '\n' => "⏎".to_owned(),
                '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap().to_string(),
                '\u{7f}' => "␡".to_owned(),
                _ => token.clone(),
            };
            rest = rest.strip_prefix('◌').filter(|_| c != '◌').unwrap_or(rest);
            if let Some(behind) = rest.strip_prefix(c) {
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix(&picture) {
                rest = behind;
                changed += 1;
            } else if let Some((count, behind)) =
                rest.strip_prefix("⟨+").and_then(|rest| rest.split_once('⟩'))
            {
                // So many of an emoji sequence, this one included.
                for _ in 1..count.parse::<usize>().unwrap() {
                    characters.next().unwrap();
                }
                rest = behind;
                changed += 1;
            } else {
                panic!("U+{:04X} of {string:?} has no mark in {shown:?}", c as u32);
            }
        }
        assert_eq!(rest, "", "{string:?}");
        let json = serde_json::to_string(string).unwrap();
        let escaped = escape_hidden(&json);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), *string);
        assert!(!escaped.contains(must_not_pass), "{string:?}");
    }
    figure(
        "S4",
        format!(
            "{changed} changed characters of {} strings, each with a mark, each exact in the payload",
            strings.len()
        ),
    );
}

/// The payload section tells hidden characters by the escapes that JSON has for them.
#[test]
fn s4_the_payload_shows_the_escaped_truth() {
    let hostile = "pay\u{200b}pal \u{202e}x 👩\u{200d}🚀 \u{9b}2J \u{1b}[31m";
    let parts = Parts {
        config: CONFIG.replace("acme.example", "\"w\\u202Eev\\u200Bil\""),
        issues: vec![("a".to_owned(), payload(hostile, hostile, "l"))],
        ..Parts::default()
    };
    let world = World::new(&parts);
    let mut inspector = Inspector::new(&world, None);
    inspector.resize(200, 60);
    inspector.press("5jjjjjjjjlj");
    let frame = catseye::tui::frame::text_of(&inspector.draw());
    assert!(frame.contains(r"w\u202eev\u200bil"), "{frame}");
    assert!(
        frame.contains(r"pay\u200bpal \u202ex 👩\u200d🚀 \u009b2J \u001b[31m"),
        "{frame}"
    );
}

/// Sizes that nobody meant: what is looked at for a frame does not grow with them.
#[test]
fn r12_hostile_sizes_make_small_frames() {
    let big = how_many(1, 8) << 20;
    let marks = "\u{301}".repeat(big);
    let lines = "x\n".repeat(big);
    let cases = [
        ("body", "b".repeat(8 * big)),
        ("lines", lines),
        ("marks", format!("a{marks}")),
        ("line", "支".repeat(big)),
        ("blanks", " ".repeat(big)),
    ];
    for (name, text) in cases {
        let world = World::new(&Parts {
            issues: vec![("a".to_owned(), payload(&text, &text, "l"))],
            ..Parts::default()
        });
        let mut inspector = Inspector::new(&world, None);
        for (width, height) in SIZES {
            inspector.resize(width, height);
            for keys in ["2", "2<enter>", "5", "<esc>1"] {
                inspector.press(keys);
                let bytes = bytes_of(&inspector.draw());
                let most = usize::from(width) * usize::from(height) * 40;
                assert!(bytes.len() < most, "{name} {keys}: {} bytes", bytes.len());
            }
        }
    }
    let labels: Vec<String> = (0..how_many(10_000, 100_000))
        .map(|at| format!("label-{at}"))
        .collect();
    let mut value: serde_json::Value = serde_json::from_str(&payload("t", "b", "l")).unwrap();
    value["labels"] = serde_json::json!(labels);
    let world = World::new(&Parts {
        issues: vec![("a".to_owned(), value.to_string())],
        ..Parts::default()
    });
    let mut inspector = Inspector::new(&world, None);
    inspector.press("2<enter>");
    assert!(bytes_of(&inspector.draw()).len() < 80 * 24 * 40);
    figure(
        "R12",
        format!(
            "frames stay below 40 bytes a cell for texts of {big} and {} bytes",
            8 * big
        ),
    );
}

/// What is too long to be held is told wherever it is shown, and never copied in part.
#[test]
fn s4_of_a_long_text_only_the_beginning_is_there_and_said_to_be() {
    let world = World::new(&Parts {
        issues: vec![("a".to_owned(), payload("short", &"b".repeat(6 << 20), "l"))],
        ..Parts::default()
    });
    let mut inspector = Inspector::new(&world, None);
    inspector.resize(200, 60);
    let mut shows = |keys: &str, said: &[&str]| {
        inspector.press(keys);
        let frame = catseye::tui::frame::text_of(&inspector.draw());
        for text in said {
            assert!(frame.contains(text), "no {text} after {keys}: {frame}");
        }
    };
    shows(
        "2<enter>",
        &[
            "5,242 kB of body are sent that are not shown here",
            "sent       6,291 kB",
            "── body, its first 1,048 kB ──",
        ],
    );
    shows("<esc>bG", &["bytes more: only the beginning is here"]);
    shows(
        "y",
        &["\n only the beginning is here, y > b writes the whole body to a file"],
    );
    shows(
        "<esc>yj",
        &["only the beginning is here, y > b writes the whole body to a file"],
    );
    shows("<esc>yv", &["value, 7 bytes"]);
    shows("5jjjjjjjjlj", &["issues[0], 6,291 kB"]);
}
