//! From the text of a filter to its terms.

use std::borrow::Cow;
use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};

use super::{Field, FilterError, Subject, Term, Test};

/// Most bytes that a compiled regular expression may take.
const MAX_EXPRESSION: usize = 1 << 20;

/// Reads term after term.
pub(super) struct Reader<'a> {
    rest: &'a str,
    subject: Subject,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, subject: Subject) -> Self {
        let rest = text.trim();
        Self { rest, subject }
    }

    pub(super) fn terms(mut self) -> Result<Vec<Term>, FilterError> {
        let mut terms = Vec::new();
        while !self.rest.is_empty() {
            terms.push(self.term()?);
            self.rest = self.rest.trim_start();
        }
        Ok(terms)
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let negated = self.skip("!");
        if negated && self.at_end() {
            return Err(FilterError::NothingBehind("!".to_owned()));
        }
        let field = self.field()?;
        let test = match field {
            None => self.test(None)?,
            Some(field) if self.at_end() => {
                return Err(FilterError::NothingBehind(format!("{}:", field.name())));
            }
            Some(field) => self.field_test(field)?,
        };
        Ok(Term { negated, field, test })
    }

    /// A field's name with its colon, if one comes next.
    fn field(&mut self) -> Result<Option<Field>, FilterError> {
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters == 0 || !self.rest[letters..].starts_with(':') {
            return Ok(None);
        }
        let name = self.rest[..letters].to_ascii_lowercase();
        let known = self.subject.fields().iter().find(|field| field.name() == name);
        let Some(field) = known else {
            let known = self.subject.names();
            return Err(FilterError::NoSuchField { name, known });
        };
        self.rest = &self.rest[letters + 1..];
        Ok(Some(*field))
    }

    fn field_test(&mut self, field: Field) -> Result<Test, FilterError> {
        const COMPARISONS: [(&str, &[Ordering]); 4] = [
            (">=", &[Ordering::Greater, Ordering::Equal]),
            ("<=", &[Ordering::Less, Ordering::Equal]),
            (">", &[Ordering::Greater]),
            ("<", &[Ordering::Less]),
        ];
        for (sign, orders) in COMPARISONS {
            if self.skip(sign) {
                return Ok(Test::Compares(orders, self.text(sign)?.to_lowercase()));
            }
        }
        if self.skip("=") {
            return Ok(Test::Is(self.text("=")?.to_lowercase()));
        }
        self.test(Some(field))
    }

    fn test(&mut self, field: Option<Field>) -> Result<Test, FilterError> {
        if self.skip("/") {
            return self.expression().map(Test::Matches);
        }
        if self.skip("~") {
            return Ok(Test::Like(self.text("~")?.into_owned()));
        }
        let quoted = self.rest.starts_with('"');
        let text = self.text("\"")?.to_lowercase();
        let Some(field) = field else {
            return Ok(Test::Holds(text));
        };
        if text == "null" && !quoted {
            return Ok(Test::Absent);
        }
        let known = field.values();
        if !known.is_empty() && !known.contains(&text.as_str()) {
            return Err(FilterError::NoSuchValue {
                field: field.name(),
                value: text,
                known: known.join(" "),
            });
        }
        Ok(if field.is_whole() {
            Test::Is(text)
        } else {
            Test::Holds(text)
        })
    }

    /// A text up to the next blank, or in quotes; never an empty one.
    fn text(&mut self, behind: &str) -> Result<Cow<'a, str>, FilterError> {
        let text = if self.skip("\"") {
            self.up_to('"').ok_or(FilterError::OpenQuote)?
        } else {
            let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            Cow::Borrowed(text)
        };
        if text.is_empty() {
            return Err(FilterError::NothingBehind(behind.to_owned()));
        }
        Ok(text)
    }

    fn expression(&mut self) -> Result<Regex, FilterError> {
        let expression = self.up_to('/').ok_or(FilterError::OpenExpression)?.into_owned();
        if expression.is_empty() {
            return Err(FilterError::NothingBehind("/".to_owned()));
        }
        RegexBuilder::new(&expression)
            .case_insensitive(true)
            .size_limit(MAX_EXPRESSION)
            .dfa_size_limit(MAX_EXPRESSION)
            .build()
            .map_err(|error| {
                let words = error.to_string();
                let reason = words.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ").to_owned();
                FilterError::Expression { expression, reason }
            })
    }

    /// The text before a closing character, which a backslash makes an ordinary one; the rest starts behind it.
    fn up_to(&mut self, close: char) -> Option<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        let mut from = 0;
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == close {
                let last = &self.rest[from..at];
                self.rest = &self.rest[at + c.len_utf8()..];
                return Some(text + last);
            }
            if c == '\\' && chars.next().is_some_and(|(_, next)| next == close) {
                text += &self.rest[from..at];
                from = at + 1;
            }
        }
        None
    }

    fn skip(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(char::is_whitespace)
    }
}
