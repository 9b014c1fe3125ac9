//! Text that attacks terminals: every control, format and ignorable character, real sequences, emoji, floods.

use std::collections::BTreeSet;

use super::dice::Dice;

/// Python's `unicodedata`-free list of what must never reach a terminal as it is: Cc, Cf, default-ignorables, line and
/// paragraph separators, fillers, private use, non-characters (Unicode 16).
pub fn must_not_pass(c: char) -> bool {
    let code = c as u32;
    c.is_control()
        || matches!(code,
            0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x115F..=0x1160
            | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164
            | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0xFFFE..=0xFFFF | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF | 0xF0000..=0x0010_FFFF)
        || code & 0xFFFE == 0xFFFE
}

/// All strings, each once.
pub fn strings() -> Vec<String> {
    let mut all = BTreeSet::new();
    // Every such character: the planes of private use by their ends.
    let every = (0..=0x0010_FFFF_u32).filter(|code| !(0xF0010..0x0010_FFF0).contains(code));
    let every = every.filter_map(char::from_u32).filter(|c| must_not_pass(*c));
    let private = |c: &char| !(0xE010..0xF8F0).contains(&(*c as u32));
    for c in every.filter(private) {
        all.insert(format!("a{c}b"));
    }
    all.extend(sequences());
    all.extend(emoji());
    all.extend(floods());
    all.into_iter().collect()
}

/// How control sequences end.
const ENDS: &[&str] = &[
    "2J", "H", "31m", "?1049l", "?1049h", "?25l", "?2004h", "6n", "5n", "c", "21t", "?1000h", "r", "s", "u",
    "8;1;1t", "3J", "!p", "20h", "4h", "1;1H", "999C", "999D", "201~", "0$~", ">c", "=c", "?6c", "?62c",
];

/// What operating system commands say.
const COMMANDS: &[&str] = &[
    "0;title",
    "2;title",
    "52;c;cm0gLXJmIC8=",
    "52;p;?",
    "8;;http://x.example",
    "4;1;?",
    "10;?",
    "11;?",
    "104",
    "1337;File=:AA==",
    "9;note",
    "777;notify;a;b",
    "50;x",
    "7;file:///etc",
    "133;A",
    "99;;x",
    "5522;x",
];

/// Characters that hide, move and join.
const OTHERS: &[&str] = &[
    "\rroot# ",
    "\u{8}\u{8}\u{8}ok",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\u{7}\u{7}",
    "\u{e}x\u{f}",
    "\u{0}x",
    "\u{5}",
    "\u{202e}gnp.exe",
    "\u{2066}x\u{2069}",
    "pay\u{200b}pal",
    "\u{feff}x",
    "x\u{ad}y",
    "a\u{2028}b",
    "\u{85}",
    "\u{e0041}\u{e0042}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}",
    "\u{301}x",
    "🌞b",
    "\u{3164}",
    "\u{2800}\u{2800}",
];

/// Sequences that did harm somewhere.
fn sequences() -> Vec<String> {
    let mut all = Vec::new();
    for introducer in ["\u{1b}[", "\u{9b}"] {
        for end in ENDS {
            all.push(format!("x{introducer}{end}y"));
        }
    }
    for (start, ends) in [
        ("\u{1b}]", ["\u{7}", "\u{1b}\\", "\u{9c}", ""]),
        ("\u{9d}", ["\u{7}", "\u{1b}\\", "\u{9c}", ""]),
    ] {
        for text in COMMANDS {
            for end in ends {
                all.push(format!("x{start}{text}{end}y"));
            }
        }
    }
    for (start, text) in [
        ("\u{1b}P", "q#0;2;0;0;0~"),
        ("\u{90}", "+q544e"),
        ("\u{1b}P", "$qm"),
        ("\u{1b}P", "tmux;\u{1b}\u{1b}]52;c;eA==\u{7}"),
        ("\u{1b}_", "Ga=T;AAAA"),
        ("\u{9f}", "Gq"),
        ("\u{1b}^", "pm"),
        ("\u{9e}", "pm"),
        ("\u{1b}X", "sos"),
        ("\u{98}", "sos"),
    ] {
        for end in ["\u{1b}\\", "\u{9c}", "\u{7}", ""] {
            all.push(format!("x{start}{text}{end}y"));
        }
    }
    for end in "cDEMHNOZ78=>#6n|}~%@(0)B*<+A".chars() {
        all.push(format!("x\u{1b}{end}y"));
    }
    for text in OTHERS {
        all.push((*text).to_owned());
        all.push(format!("tail {text}"));
        all.push(format!("{text} \u{1b}[0m {text}"));
    }
    all
}

/// Every skin tone, presentation and pair of what emoji are made of.
fn emoji() -> Vec<String> {
    let bases: Vec<char> = [
        0x1F300..=0x1F5FF,
        0x1F600..=0x1F64F,
        0x1F680..=0x1F6FF,
        0x1F900..=0x1F9FF,
        0x2600..=0x27BF,
    ]
    .into_iter()
    .flatten()
    .filter_map(char::from_u32)
    .collect();
    let mut all = Vec::new();
    for (at, base) in bases.iter().enumerate() {
        all.push(base.to_string());
        all.push(format!("{base}\u{fe0f}"));
        let tone = char::from_u32(0x1F3FB + u32::try_from(at % 5).unwrap()).unwrap();
        all.push(format!("{base}{tone}"));
        let other = bases[(at * 7 + 3) % bases.len()];
        all.push(format!("{base}\u{200d}{other}\u{fe0f}"));
    }
    for (first, second) in ('\u{1f1e6}'..='\u{1f1ff}').zip('\u{1f1e8}'..='\u{1f1ff}') {
        all.push(format!("{first}{second}"));
    }
    all.extend(('0'..='9').map(|digit| format!("{digit}\u{fe0f}\u{20e3}")));
    all
}

fn floods() -> Vec<String> {
    vec![
        format!("a{}", "\u{301}".repeat(2000)),
        "\u{300}".repeat(500),
        "क्".repeat(300),
        "\u{1f468}\u{200d}".repeat(200),
        "\u{1160}".repeat(100),
        "ᄀ".repeat(100),
        "\u{202a}".repeat(300),
        "한".repeat(400),
        format!("e{}", "\u{20dd}".repeat(40)),
        "x".repeat(20_000),
    ]
}

/// A random text out of what breaks things.
pub fn random(dice: &mut Dice, longest: usize) -> String {
    const ALPHABET: [&str; 34] = [
        "a",
        "b",
        " ",
        "  ",
        "Z9",
        "-",
        "é",
        "e\u{301}",
        "\u{301}",
        "\u{20dd}",
        "🌞",
        "👩\u{200d}🚀",
        "🇩🇪",
        "\u{1f1e6}",
        "支",
        "払い",
        "한",
        "\u{200b}",
        "\u{202e}",
        "\u{1b}[31m",
        "\t",
        "\n",
        "\r",
        "\u{9b}",
        "\u{fe0f}",
        "❤\u{fe0f}",
        "👍\u{1f3fd}",
        "क्ष",
        "\u{e0041}",
        "\u{0}",
        "ﷺ",
        "…",
        "\u{3164}",
        "ｗ",
    ];
    (0..dice.below(longest + 1))
        .map(|_| *dice.pick(&ALPHABET))
        .collect()
}
