//! A row's JSON with a line for each member. It is walked along once, when the row is unfolded or read again: each line
//! keeps which value it shows, so that no frame looks through a row of megabytes.

use std::ops::Range;

/// Most lines of one row's JSON that are shown.
const MAX_LINES: usize = 400;
/// Most bytes of one of these lines.
const MAX_LINE_BYTES: usize = 16 << 10;

/// A line, and the value that it begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLine {
    /// The value's own text, indented. A string of megabytes is one line: enough of it is kept to fill any screen.
    pub text: String,
    /// The value's path in the row: `.ref.id`, `.labels[0]`; empty for the row itself.
    pub path: String,
    /// The bytes of the row that it takes.
    pub value: Range<usize>,
}

/// The lines of compact JSON, the values' own text untouched.
pub fn row_lines(json: &str) -> Vec<RowLine> {
    let mut walk = Walk {
        json,
        at: 0,
        lines: Vec::new(),
    };
    walk.value(String::new(), String::new(), 0);
    if walk.is_full() {
        walk.push("…".to_owned(), String::new(), 0);
    }
    walk.lines
}

struct Walk<'a> {
    json: &'a str,
    at: usize,
    lines: Vec<RowLine>,
}

impl<'a> Walk<'a> {
    fn is_full(&self) -> bool {
        self.lines.len() > MAX_LINES
    }

    /// A line that shows what begins at `begin` and ends here.
    fn push(&mut self, text: String, path: String, begin: usize) {
        self.lines.push(RowLine {
            text,
            path,
            value: begin..self.at,
        });
    }

    fn rest(&self) -> &'a [u8] {
        &self.json.as_bytes()[self.at..]
    }

    /// The lines of the value that begins here; `lead` stands before it.
    fn value(&mut self, mut lead: String, path: String, depth: usize) {
        let begin = self.at;
        let (open, close) = match self.rest() {
            [b'{', inner, ..] if *inner != b'}' => ('{', '}'),
            [b'[', inner, ..] if *inner != b']' => ('[', ']'),
            _ => {
                self.skip();
                let text = &self.json[begin..self.at];
                lead += &text[..text.floor_char_boundary(MAX_LINE_BYTES)];
                return self.push(lead, path, begin);
            }
        };
        let first = self.lines.len();
        lead.push(open);
        self.push(lead, path.clone(), begin);
        let indent = "  ".repeat(depth + 1);
        for item in 0_usize.. {
            // Over the bracket or the comma.
            self.at += 1;
            if self.is_full() {
                break;
            }
            let (mut lead, mut member) = (indent.clone(), path.clone());
            if open == '{' {
                let name = self.name();
                lead += name;
                member.push('.');
                member += &serde_json::from_str::<String>(name.trim_end_matches(':')).unwrap_or_default();
            } else {
                member += &format!("[{item}]");
            }
            self.value(lead, member, depth + 1);
            if self.rest().first() != Some(&b',') {
                break;
            }
            if let Some(line) = self.lines.last_mut() {
                line.text.push(',');
            }
        }
        if self.is_full() {
            self.skip_out();
        } else {
            self.at += usize::from(!self.rest().is_empty());
            self.push(format!("{}{close}", "  ".repeat(depth)), path, begin);
        }
        self.lines[first].value.end = self.at;
    }

    /// Goes over a name and its colon.
    fn name(&mut self) -> &'a str {
        let begin = self.at;
        self.skip();
        self.at += usize::from(self.rest().first() == Some(&b':'));
        &self.json[begin..self.at]
    }

    /// Goes over a scalar, or over an object or array that is empty.
    fn skip(&mut self) {
        self.at += match self.rest() {
            [b'"', text @ ..] => 1 + string_end(text),
            [b'{' | b'[', b'}' | b']', ..] => 2,
            rest => rest
                .iter()
                .position(|byte| matches!(byte, b',' | b']' | b'}' | b':'))
                .unwrap_or(rest.len()),
        };
    }

    /// Goes behind the object or array that surrounds this place.
    fn skip_out(&mut self) {
        let mut depth = 1;
        while let [byte, rest @ ..] = self.rest() {
            self.at += 1;
            match byte {
                b'"' => self.at += string_end(rest),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// How many bytes a string takes behind its opening quote.
fn string_end(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        at += found + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at = (at + 1).min(text.len());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn breaks_json_into_lines_without_touching_strings() {
        let lines = row_lines(r#"{"a":[],"b":"x, {\"y\":[","c":{"d":null,"e":[1,2]}}"#);
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let expected = [
            "{",
            r#"  "a":[],"#,
            r#"  "b":"x, {\"y\":[","#,
            r#"  "c":{"#,
            r#"    "d":null,"#,
            r#"    "e":["#,
            "      1,",
            "      2",
            "    ]",
            "  }",
            "}",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_line_keeps_its_value() {
        let json = r#"{"ref":{"id":"1"},"labels":["a","b[{"],"raw":{},"a\"b":1}"#;
        let lines = row_lines(json);
        let of = |text: &str| {
            let line = lines.iter().find(|line| line.text.trim() == text).unwrap();
            (line.path.as_str(), &json[line.value.clone()])
        };
        assert_eq!(of(r#""id":"1""#), (".ref.id", r#""1""#));
        assert_eq!(of(r#""b[{""#), (".labels[1]", r#""b[{""#));
        assert_eq!(of(r#""raw":{},"#), (".raw", "{}"));
        assert_eq!(of(r#""labels":["#), (".labels", r#"["a","b[{"]"#));
        assert_eq!(of("],"), (".labels", r#"["a","b[{"]"#));
        assert_eq!(of(r#""a\"b":1"#), (r#".a"b"#, "1"));
        assert_eq!(of("{"), ("", json));
    }

    #[test]
    fn a_row_too_long_to_show_is_cut_and_keeps_its_values() {
        let items: Vec<String> = (0..1000).map(|item| format!("[\"]{item}\"]")).collect();
        let json = format!(r#"{{"a":{{"b":[{}]}},"c":1}}"#, items.join(","));
        let lines = row_lines(&json);
        assert_eq!(lines.len(), MAX_LINES + 2);
        assert_eq!(lines.last().unwrap().text, "…");
        assert_eq!(json[lines[0].value.clone()], json);
        let inner = format!("[{}]", items.join(","));
        assert_eq!(json[lines[2].value.clone()], inner);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(deep[row_lines(&deep)[1].value.clone()].len(), deep.len() - 2);
        let long = format!("[\"{}\"]", "支".repeat(MAX_LINE_BYTES));
        assert!(row_lines(&long)[1].text.len() <= MAX_LINE_BYTES + 2);
    }

    fn json() -> impl Strategy<Value = Value> {
        let text = || "[\\PC\"\\\\{}\\[\\],:\n]{0,6}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            text().prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(text(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_every_value_is_one(value in json()) {
            let json = value.to_string();
            let lines = row_lines(&json);
            let joined: String = lines.iter().map(|line| line.text.trim_start_matches(' ')).collect();
            prop_assert_eq!(&joined, &json);
            for line in lines {
                prop_assert!(serde_json::from_str::<Value>(&json[line.value]).is_ok());
            }
        }

        #[test]
        fn what_is_no_json_does_no_harm(text in "[\\PC\"\\\\{}\\[\\],:0]{0,40}") {
            row_lines(&text);
        }
    }
}
