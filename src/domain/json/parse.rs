//! `json.loads` as CPython 3.11's C scanner does it: what it accepts beyond JSON, and its errors (reference 23).

use super::{Json, JsonError, JsonValue, Member};
use crate::domain::node::Span;
use crate::domain::python::PyStr;
use crate::domain::python::number::MAX_INT_DIGITS;

/// How many containers may stand inside each other. Python's limit of 1000 counts the frames of the command as well;
/// `spec-kitty tracker sync publish` (3.0.0, typer 0.24.1) leaves this many to the payload.
pub const MAX_DEPTH: usize = 968;

/// `json.loads(text)`.
pub fn loads(text: &str) -> Result<Json, JsonError> {
    let mut scanner = Scanner { text, at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(scanner.error("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
    }
    scanner.skip_space();
    let json = scanner.value()?;
    scanner.skip_space();
    if scanner.at < text.len() {
        return Err(scanner.error("Extra data", scanner.at));
    }
    Ok(json)
}

/// A container whose end has not been seen.
enum Open {
    List {
        start: usize,
        items: Vec<Json>,
    },
    Object {
        start: usize,
        members: Vec<Member>,
        key: PyStr,
    },
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    /// One value with all that it holds. Keeps the open containers on the heap, so depth never costs stack.
    fn value(&mut self) -> Result<Json, JsonError> {
        let mut open = Vec::new();
        loop {
            let Some(mut json) = self.scalar_or_open(&mut open)? else {
                continue;
            };
            loop {
                match open.pop() {
                    None => return Ok(json),
                    Some(Open::List { start, mut items }) => {
                        items.push(json);
                        if self.ends_with(b']')? {
                            json = self.close(start, JsonValue::List(items));
                            continue;
                        }
                        open.push(Open::List { start, items });
                    }
                    Some(Open::Object {
                        start,
                        mut members,
                        key,
                    }) => {
                        members.push(Member { key, value: json });
                        if self.ends_with(b'}')? {
                            json = self.close(start, JsonValue::Object(last_wins(members)));
                            continue;
                        }
                        let key = self.key()?;
                        open.push(Open::Object { start, members, key });
                    }
                }
                break;
            }
        }
    }

    /// A scalar or an empty container; `None` when a container was opened and its first value comes next.
    fn scalar_or_open(&mut self, open: &mut Vec<Open>) -> Result<Option<Json>, JsonError> {
        let start = self.at;
        let container = match self.peek() {
            Some(b'[') => "array",
            Some(b'{') => "object",
            _ => return self.scalar().map(Some),
        };
        if open.len() >= MAX_DEPTH {
            return Err(JsonError::TooDeep { container, at: start });
        }
        self.at += 1;
        self.skip_space();
        if container == "array" {
            if self.eat(b']') {
                return Ok(Some(self.close(start, JsonValue::List(Vec::new()))));
            }
            let items = Vec::new();
            open.push(Open::List { start, items });
        } else {
            if self.eat(b'}') {
                return Ok(Some(self.close(start, JsonValue::Object(Vec::new()))));
            }
            let key = self.key()?;
            let members = Vec::new();
            open.push(Open::Object { start, members, key });
        }
        Ok(None)
    }

    /// A key with its colon, up to the value.
    fn key(&mut self) -> Result<PyStr, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("Expecting property name enclosed in double quotes", self.at));
        }
        let key = self.string()?;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.error("Expecting ':' delimiter", self.at));
        }
        self.skip_space();
        Ok(key)
    }

    /// Behind a member or item: whether the container ends here, else past the comma.
    fn ends_with(&mut self, bracket: u8) -> Result<bool, JsonError> {
        self.skip_space();
        if self.eat(bracket) {
            return Ok(true);
        }
        if !self.eat(b',') {
            return Err(self.error("Expecting ',' delimiter", self.at));
        }
        self.skip_space();
        Ok(false)
    }

    fn scalar(&mut self) -> Result<Json, JsonError> {
        const WORDS: [(&str, JsonValue); 6] = [
            ("null", JsonValue::Null),
            ("true", JsonValue::Bool(true)),
            ("false", JsonValue::Bool(false)),
            ("NaN", JsonValue::Float(f64::NAN)),
            ("Infinity", JsonValue::Float(f64::INFINITY)),
            ("-Infinity", JsonValue::Float(f64::NEG_INFINITY)),
        ];
        let start = self.at;
        if self.peek() == Some(b'"') {
            let text = self.string()?;
            return Ok(self.close(start, JsonValue::Text(text)));
        }
        let rest = &self.text[start..];
        for (word, value) in WORDS {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(self.close(start, value));
            }
        }
        self.number()
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        self.eat(b'-');
        let first = self.at;
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => {
                self.at = start;
                return Err(self.error("Expecting value", start));
            }
        }
        let digits = self.at - first;
        let fraction = self.eat_fraction();
        let exponent = self.eat_exponent();
        let text = &self.text[start..self.at];
        if fraction || exponent {
            // The grammar above is a part of what Rust reads; both round to nearest, ties to even.
            let value = text.parse().unwrap_or(f64::NAN);
            return Ok(self.close(start, JsonValue::Float(value)));
        }
        if digits > MAX_INT_DIGITS {
            return Err(JsonError::IntTooLong { digits, at: start });
        }
        let text = if text == "-0" { "0" } else { text };
        Ok(self.close(start, JsonValue::Integer(text.to_owned())))
    }

    /// `.` with at least one digit; otherwise the number ends before it.
    fn eat_fraction(&mut self) -> bool {
        let next = self.text.as_bytes().get(self.at + 1);
        if self.peek() != Some(b'.') || !next.is_some_and(u8::is_ascii_digit) {
            return false;
        }
        self.at += 1;
        self.skip_digits();
        true
    }

    /// `e`, a sign or none, and at least one digit; otherwise the number ends before it.
    fn eat_exponent(&mut self) -> bool {
        let before = self.at;
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                self.skip_digits();
                return true;
            }
            self.at = before;
        }
        false
    }

    /// A string, from its opening quote.
    fn string(&mut self) -> Result<PyStr, JsonError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut text = PyStr::new();
        self.at += 1;
        loop {
            let run = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.at += 1;
            }
            text.push_str(&self.text[run..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') if self.at + 1 < bytes.len() => text.push(self.escape()?),
                Some(b'\\') | None => return Err(self.error("Unterminated string starting at", start)),
                Some(_) => return Err(self.error("Invalid control character at", self.at)),
            }
        }
    }

    /// An escape, from its backslash; two that make a surrogate pair are one character.
    fn escape(&mut self) -> Result<u32, JsonError> {
        let backslash = self.at;
        let c = self.text.as_bytes()[backslash + 1];
        if c == b'u' {
            let high = self.hex_escape()?;
            if (0xD800..0xDC00).contains(&high) && self.text[self.at..].starts_with("\\u") {
                let behind_high = self.at;
                let low = self.hex_escape()?;
                if (0xDC00..0xE000).contains(&low) {
                    return Ok(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                }
                self.at = behind_high;
            }
            return Ok(high);
        }
        self.at += 2;
        match c {
            b'"' | b'\\' | b'/' => Ok(u32::from(c)),
            b'b' => Ok(0x08),
            b'f' => Ok(0x0C),
            b'n' => Ok(0x0A),
            b'r' => Ok(0x0D),
            b't' => Ok(0x09),
            _ => Err(self.error("Invalid \\escape", backslash)),
        }
    }

    /// `\uXXXX`, from its backslash. A text that ends with the fourth digit is as wrong to Python as a bad digit.
    fn hex_escape(&mut self) -> Result<u32, JsonError> {
        let letter = self.at + 1;
        let bytes = self.text.as_bytes();
        let digits = match bytes.get(letter + 1..letter + 5) {
            Some(digits) if letter + 5 < bytes.len() && digits.iter().all(u8::is_ascii_hexdigit) => digits,
            _ => return Err(self.error("Invalid \\uXXXX escape", letter)),
        };
        self.at = letter + 5;
        Ok(digits.iter().fold(0, |value, &digit| {
            (value << 4) | char::from(digit).to_digit(16).unwrap_or(0)
        }))
    }

    fn close(&self, start: usize, value: JsonValue) -> Json {
        let end = self.at;
        let span = Span { start, end };
        Json { value, span }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A `JSONDecodeError` that points at a byte; Python counts code points.
    fn error(&self, message: &'static str, at: usize) -> JsonError {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        JsonError::Decode {
            message,
            at,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            char: before.chars().count(),
        }
    }
}

/// `dict` of these pairs: a repeated key keeps its first place and takes the last value.
fn last_wins(members: Vec<Member>) -> Vec<Member> {
    let mut by_key: Vec<usize> = (0..members.len()).collect();
    by_key.sort_by(|&a, &b| members[a].key.cmp(&members[b].key));
    let same = |a: &usize, b: &usize| members[*a].key == members[*b].key;
    if by_key.windows(2).all(|pair| !same(&pair[0], &pair[1])) {
        return members;
    }
    let mut last_value: Vec<Option<usize>> = vec![None; members.len()];
    for run in by_key.chunk_by(same) {
        last_value[run[0]] = run.last().copied();
    }
    let (keys, mut values): (Vec<_>, Vec<_>) = members
        .into_iter()
        .map(|member| (member.key, Some(member.value)))
        .unzip();
    let value_of = |(key, last): (PyStr, Option<usize>)| {
        Some(Member {
            key,
            value: values.get_mut(last?)?.take()?,
        })
    };
    keys.into_iter().zip(last_value).filter_map(value_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        loads(text).unwrap_err().to_string()
    }

    #[test]
    fn raises_what_python_raises() {
        let cases = [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("{\"a\"", "Expecting ':' delimiter: line 1 column 5 (char 4)"),
            (
                "{\"a\":1 \"b\"",
                "Expecting ',' delimiter: line 1 column 8 (char 7)",
            ),
            (
                "{\"é\":\n\n 1,}",
                "Expecting property name enclosed in double quotes: line 3 column 4 (char 10)",
            ),
            (
                "\"abc",
                "Unterminated string starting at: line 1 column 1 (char 0)",
            ),
            (
                "\"abc\\",
                "Unterminated string starting at: line 1 column 1 (char 0)",
            ),
            ("\"a\\x\"", "Invalid \\escape: line 1 column 3 (char 2)"),
            ("\"\\u12g4\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"\\u1234", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            (
                "\"\u{1f}\"",
                "Invalid control character at: line 1 column 2 (char 1)",
            ),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("1. ", "Extra data: line 1 column 2 (char 1)"),
            ("2e+", "Extra data: line 1 column 2 (char 1)"),
            ("\u{a0}1", "Expecting value: line 1 column 1 (char 0)"),
        ];
        for (text, message) in cases {
            assert_eq!(error(text), format!("JSONDecodeError: {message}"), "{text:?}");
        }
    }

    #[test]
    fn refuses_integers_that_python_refuses() {
        assert!(loads(&"9".repeat(4300)).is_ok());
        assert!(error(&format!("-{}", "9".repeat(4301))).contains("value has 4301 digits"));
    }

    #[test]
    fn nests_as_deep_as_the_command_can() {
        assert!(loads(&("[".repeat(968) + &"]".repeat(968))).is_ok());
        assert_eq!(
            error(&("[".repeat(968) + "{\"a\":1}")),
            "RecursionError: maximum recursion depth exceeded while decoding a JSON object from a unicode string"
        );
        assert!(error(&"{\"a\":[".repeat(1_000_000)).starts_with("RecursionError"));
    }
}
