//! Rules about the text between and inside tokens where ruamel.yaml's scanner differs from the parser
//! (reference 6; research/parsers.md section 4, P6 and E3-E6, and section 5).

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::fault::Fault;

/// Characters that break lines for ruamel.yaml but not for the parser: next line, line and paragraph separator.
const SPECIAL_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// What a stretch of the text is; everything else lies between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Comment,
    Anchor,
    Alias,
    Tag,
    Plain,
    Quoted,
    Block,
}

/// The tokens of the text and the outermost flow collections, in order of their start after sorting.
pub(super) struct Layout<'a> {
    text: &'a str,
    tokens: Vec<(Range<usize>, Token)>,
    flows: Vec<Range<usize>>,
    open_flows: Vec<usize>,
}

impl<'a> Layout<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            tokens: Vec::new(),
            flows: Vec::new(),
            open_flows: Vec::new(),
        }
    }

    pub fn add(&mut self, range: Range<usize>, token: Token) {
        self.tokens.push((range, token));
    }

    pub fn start_flow(&mut self, start: usize) {
        self.open_flows.push(start);
    }

    pub fn end_flow(&mut self, end: usize) {
        if let Some(start) = self.open_flows.pop()
            && self.open_flows.is_empty()
        {
            self.flows.push(start..end);
        }
    }

    /// Notes a scalar and gives its value and range as ruamel.yaml sees them.
    pub fn add_scalar(
        &mut self,
        value: &str,
        range: Range<usize>,
        style: ScalarStyle,
        in_flow: bool,
        is_key: bool,
    ) -> Result<(String, Range<usize>), Fault> {
        let token = match style {
            ScalarStyle::Plain => Token::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Token::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Token::Block,
        };
        self.add(range.clone(), token);
        let written = self.text.get(range.clone()).unwrap_or_default();
        if token == Token::Plain {
            if let Some(at) = written.find('\t') {
                let at = range.start + at;
                return Err(Fault::syntax(at..at + 1, "a tab inside a plain scalar"));
            }
            if in_flow {
                self.check_plain_in_flow(&range, written)?;
            }
        }
        if !has_special_break(written) {
            return Ok((value.to_owned(), range));
        }
        let is_simple = token != Token::Block && !is_key && !written.contains(['\n', '\\']);
        let folded = if is_simple {
            fold_special_breaks(value, token == Token::Plain)
        } else {
            None
        };
        let value = folded
            .ok_or_else(|| Fault::not_modelled(range.clone(), "an unusual line break inside a value"))?;
        let is_edge = |c: char| token == Token::Plain && (c == ' ' || SPECIAL_BREAKS.contains(&c));
        let start = range.end - written.trim_start_matches(is_edge).len();
        let end = start + self.text[start..range.end].trim_end_matches(is_edge).len();
        Ok((value, start..end))
    }

    /// Where ruamel.yaml's plain scalars in flow collections follow rules of their own.
    fn check_plain_in_flow(&self, range: &Range<usize>, written: &str) -> Result<(), Fault> {
        let rest = &self.text[range.end..];
        let colon_belongs = rest
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with([',', '[', ']', '{', '}']));
        if written.starts_with(['?', ':']) || colon_belongs {
            return Err(Fault::not_modelled(
                range.clone(),
                "a plain scalar next to an indicator in a flow collection",
            ));
        }
        Ok(())
    }

    /// Checks everything that the events alone do not show.
    pub fn check(mut self) -> Result<(), Fault> {
        self.tokens.sort_by_key(|(range, _)| range.start);
        let mut end = 0;
        for (range, token) in &self.tokens {
            self.check_gap(end..range.start.max(end))?;
            self.check_token(range, *token)?;
            end = end.max(range.end);
        }
        self.check_gap(end..self.text.len())
    }

    fn check_token(&self, range: &Range<usize>, token: Token) -> Result<(), Fault> {
        let written = self.text.get(range.clone()).unwrap_or_default();
        let odd = match token {
            Token::Comment => {
                let after = written
                    .find(SPECIAL_BREAKS)
                    .map(|at| written[at..].trim_start_matches(|c| c == ' ' || SPECIAL_BREAKS.contains(&c)));
                if after.is_some_and(|after| !after.is_empty()) {
                    return Err(Fault::syntax(
                        range.clone(),
                        "an unusual line break ends this comment early",
                    ));
                }
                false
            }
            Token::Tag => !is_ordinary_tag(written) || !self.ends_at_space(range.end),
            Token::Anchor | Token::Alias => {
                let name = written.get(1..).unwrap_or_default();
                let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                name.is_empty() || !name.chars().all(is_word)
            }
            Token::Plain | Token::Quoted | Token::Block => false,
        };
        if odd {
            return Err(Fault::not_modelled(
                range.clone(),
                "an unusual spelling of a tag, anchor or alias",
            ));
        }
        Ok(())
    }

    fn ends_at_space(&self, end: usize) -> bool {
        let rest = &self.text[end..];
        rest.is_empty() || rest.starts_with([' ', '\n'])
    }

    /// Between tokens only indicators, blanks and line feeds are expected.
    fn check_gap(&self, gap: Range<usize>) -> Result<(), Fault> {
        let written = self.text.get(gap.clone()).unwrap_or_default();
        for (offset, c) in written.char_indices() {
            let at = gap.start + offset;
            if c == '\t' && !self.in_flow(at) && !self.is_blank_after_empty_line(at) {
                return Err(Fault::syntax(
                    at..at + 1,
                    "found a tab that cannot start any token",
                ));
            }
            if SPECIAL_BREAKS.contains(&c) {
                return Err(Fault::not_modelled(
                    at..at + c.len_utf8(),
                    "an unusual line break between values",
                ));
            }
            if c == '%' && is_odd_directive(&self.text[at..]) {
                return Err(Fault::syntax(at..at + 1, "not a directive"));
            }
        }
        Ok(())
    }

    fn in_flow(&self, at: usize) -> bool {
        let index = self.flows.partition_point(|flow| flow.start <= at);
        index
            .checked_sub(1)
            .is_some_and(|last| self.flows[last].contains(&at))
    }

    /// ruamel.yaml skips tabs on a white line that directly follows an empty one.
    fn is_blank_after_empty_line(&self, at: usize) -> bool {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[line_start..].split('\n').next().unwrap_or_default();
        line.chars().all(|c| matches!(c, ' ' | '\t')) && self.text[..line_start].ends_with("\n\n")
    }
}

/// Whether the text has a line break that the parser does not take for one.
pub(super) fn has_special_break(text: &str) -> bool {
    text.contains(SPECIAL_BREAKS)
}

/// Folds line breaks that the parser took for content: a next line becomes a space, the separators stay, blanks
/// around them go. `None` where what follows could be more than content.
fn fold_special_breaks(value: &str, plain: bool) -> Option<String> {
    let is_break = |c: char| SPECIAL_BREAKS.contains(&c);
    let is_gap = |c: char| c == ' ' || is_break(c);
    let mut rest = if plain { value.trim_matches(is_gap) } else { value };
    let mut folded = String::with_capacity(rest.len());
    while let Some(at) = rest.find(is_break) {
        folded.push_str(rest[..at].trim_end_matches(' '));
        let after = rest[at..].trim_start_matches(is_gap);
        let breaks: Vec<char> = rest[at..rest.len() - after.len()]
            .chars()
            .filter(|&c| is_break(c))
            .map(|c| if c == '\u{85}' { '\n' } else { c })
            .collect();
        match breaks.as_slice() {
            ['\n'] => folded.push(' '),
            ['\n', more @ ..] => folded.extend(more),
            all => folded.extend(all),
        }
        if !after.starts_with(char::is_alphanumeric) {
            return None;
        }
        rest = after;
    }
    folded.push_str(rest);
    Some(folded)
}

/// A key of a flow mapping must be there, and stand on one line with its colon.
pub(super) fn check_flow_key(text: &str, range: Range<usize>) -> Result<(), Fault> {
    let key = text.get(range.clone()).unwrap_or_default();
    let rest = text.get(range.end..).unwrap_or_default();
    let is_ordinary = if rest.trim_start_matches([' ', '\t']).starts_with(':') {
        !key.is_empty() && !key.contains('\n')
    } else {
        !key.is_empty() && !skip_layout(rest).starts_with(':')
    };
    if is_ordinary {
        Ok(())
    } else {
        Err(Fault::not_modelled(
            range,
            "a key of a flow mapping that is empty or spans lines",
        ))
    }
}

/// Where an absent value belongs: behind the indicator that follows what was read last.
pub(super) fn place_of_absent(text: &str, last_end: usize) -> usize {
    let rest = skip_layout(text.get(last_end..).unwrap_or_default());
    if rest.starts_with([':', '-', '?']) {
        text.len() - rest.len() + 1
    } else {
        last_end
    }
}

/// Skips blanks, line feeds and comments.
fn skip_layout(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n']);
        if !text.starts_with('#') {
            return text;
        }
        text = text.find('\n').map_or("", |newline| &text[newline..]);
    }
}

/// `!`, `!word`, `!!word`, `!handle!word` or `!<...>` without escapes.
fn is_ordinary_tag(written: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    let rest = written.strip_prefix('!').unwrap_or(written);
    if let Some(verbatim) = rest.strip_prefix('<') {
        let uri = verbatim.strip_suffix('>').unwrap_or_default();
        return !uri.is_empty() && uri.chars().all(|c| is_word(c) || c == ',' || c == '!');
    }
    let (handle, suffix) = rest.split_once('!').unwrap_or(("", rest));
    let is_handle = handle.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_handle && suffix.chars().all(is_word)
}

/// ruamel.yaml wants `%name` and a space or line break; the text starts at the percent sign.
fn is_odd_directive(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let rest = text.trim_start_matches('%');
    let after = rest.trim_start_matches(is_name);
    after.len() == rest.len() || !(after.is_empty() || after.starts_with([' ', '\n']))
}
