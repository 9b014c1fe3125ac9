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

/// Where a scalar stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub in_flow: bool,
    pub is_key: bool,
    /// In a document of YAML 1.1.
    pub older: bool,
}

/// The tokens of the text and the outermost flow collections, in order of their start after sorting.
pub(super) struct Layout<'a> {
    pub text: &'a str,
    pub tokens: Vec<(Range<usize>, Token)>,
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
        mut range: Range<usize>,
        style: ScalarStyle,
        place: Place,
    ) -> Result<(String, Range<usize>), Fault> {
        let token = match style {
            ScalarStyle::Plain => Token::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Token::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Token::Block,
        };
        let mut written = self.text.get(range.clone()).unwrap_or_default();
        let is_empty = token == Token::Block && value.trim_matches('\n').is_empty();
        if is_empty && written.starts_with(['|', '>']) {
            // At the end of the file the parser counts the header to an empty block scalar.
            let header = written.find('\n').map_or(written.len(), |newline| newline + 1);
            range.start += header;
            written = &written[header..];
        }
        self.add(range.clone(), token);
        if token == Token::Plain {
            if let Some(at) = written.find('\t').filter(|_| !has_special_break(written)) {
                let at = range.start + at;
                return Err(Fault::syntax(at..at + 1, "a tab inside a plain scalar"));
            }
            if place.in_flow {
                self.check_plain_in_flow(&range, written, place.older)?;
            }
        }
        if !has_special_break(written) {
            // The parser counts the indentation of the next line to a block scalar.
            let kept = written.trim_end_matches(' ');
            let is_indentation = token == Token::Block && (kept.is_empty() || kept.ends_with('\n'));
            let end = if is_indentation {
                range.start + kept.len()
            } else {
                range.end
            };
            return Ok((value.to_owned(), range.start..end));
        }
        let is_simple = token != Token::Block && !place.is_key && !written.contains(['\n', '\t', '\\']);
        let is_gap = |c: char| c == ' ' || SPECIAL_BREAKS.contains(&c);
        if is_simple && token == Token::Plain && !place.in_flow && written.chars().all(is_gap) {
            // Line breaks at the end of a line and nothing else: the value is absent.
            return Ok((String::new(), range.start..range.start));
        }
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
    fn check_plain_in_flow(&self, range: &Range<usize>, written: &str, older: bool) -> Result<(), Fault> {
        let rest = &self.text[range.end..];
        let colon_belongs = rest
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with([',', '[', ']', '{', '}']));
        if written.starts_with(['?', ':']) || colon_belongs || (older && written.contains('?')) {
            return Err(Fault::not_modelled(
                range.clone(),
                "a plain scalar next to an indicator in a flow collection",
            ));
        }
        Ok(())
    }

    /// Checks everything that the events alone do not show; says whether the document has an end mark (`...`).
    pub fn check(&mut self) -> Result<bool, Fault> {
        let first = skip_layout(self.text);
        let starts_line =
            first.len() == self.text.len() || self.text[..self.text.len() - first.len()].ends_with('\n');
        let ends_document = first
            .strip_prefix("...")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\n']));
        if starts_line && ends_document {
            return Err(Fault::syntax(0..0, "a document end without a document"));
        }
        self.tokens.sort_by_key(|(range, _)| range.start);
        let mut end = 0;
        let mut previous = None;
        let mut document_ends = 0;
        for (index, (range, token)) in self.tokens.iter().enumerate() {
            document_ends += self.check_gap(end..range.start.max(end), previous)?;
            self.check_token(range, *token)?;
            match token {
                Token::Plain => self.check_plain(index)?,
                Token::Block => self.check_block(index)?,
                _ => {}
            }
            end = end.max(range.end);
            previous = Some(*token);
        }
        document_ends += self.check_gap(end..self.text.len(), previous)?;
        if document_ends > 1 {
            return Err(Fault::syntax(end..self.text.len(), "a second document end"));
        }
        Ok(document_ends == 1)
    }

    fn check_token(&self, range: &Range<usize>, token: Token) -> Result<(), Fault> {
        let written = self.text.get(range.clone()).unwrap_or_default();
        let odd = match token {
            Token::Comment => {
                let after = written
                    .find(SPECIAL_BREAKS)
                    .map(|at| written[at..].trim_start_matches(|c| c == ' ' || SPECIAL_BREAKS.contains(&c)));
                if after.is_some_and(|after| !after.is_empty()) {
                    return Err(Fault::not_modelled(
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

    /// Between tokens only indicators, blanks and line feeds are expected. Counts the document ends (`...`).
    fn check_gap(&self, gap: Range<usize>, previous: Option<Token>) -> Result<usize, Fault> {
        let mut document_ends = 0;
        let written = self.text.get(gap.clone()).unwrap_or_default();
        let indicators = written.len() - written.trim_start().len();
        let mut line_is_checked = false;
        for (offset, c) in written.char_indices() {
            let at = gap.start + offset;
            line_is_checked &= c != '\n';
            if c == '\t' && !line_is_checked && !self.in_flow(at) {
                self.check_tab(at, previous.filter(|_| offset < indicators))?;
                // Nothing but blanks follows in it.
                line_is_checked = true;
            }
            if SPECIAL_BREAKS.contains(&c) {
                return Err(Fault::not_modelled(
                    at..at + c.len_utf8(),
                    "an unusual line break between values",
                ));
            }
            let starts_line = at == 0 || self.text[..at].ends_with('\n');
            document_ends += usize::from(starts_line && self.text[at..].starts_with("..."));
            if c == '%' && starts_line && is_odd_directive(&self.text[at..]) {
                return Err(Fault::syntax(at..at + 1, "not a directive"));
            }
        }
        Ok(document_ends)
    }

    pub fn in_flow(&self, at: usize) -> bool {
        let index = self.flows.partition_point(|flow| flow.start <= at);
        index
            .checked_sub(1)
            .is_some_and(|last| self.flows[last].contains(&at))
    }

    /// Below an empty line ruamel.yaml skips tabs that start a line, but not where it keeps the line breaks behind a
    /// token. `behind` is the token before the blanks and line breaks around the tab; `None` stands for an indicator.
    fn check_tab(&self, at: usize, behind: Option<Token>) -> Result<(), Fault> {
        let is_blank = |c: char| matches!(c, ' ' | '\t');
        let line_start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let starts_line = self.text[line_start..at].chars().all(is_blank);
        let rest = self.text[at..].trim_start_matches(is_blank);
        let ends_line = rest.is_empty() || rest.starts_with('\n');
        let directly = self.text[..line_start].ends_with("\n\n");
        let keeps_breaks = matches!(behind, Some(Token::Plain | Token::Block));
        if starts_line && ends_line && directly && matches!(behind, None | Some(Token::Quoted)) {
            return Ok(());
        }
        let white = white_above(self.text, at);
        if has_special_break(white) || (starts_line && !keeps_breaks && white.contains("\n\n")) {
            let message = "a tab that starts a line below an empty one";
            Err(Fault::not_modelled(at..at + 1, message))
        } else {
            let message = "found a tab that cannot start any token";
            Err(Fault::syntax(at..at + 1, message))
        }
    }
}

/// The blanks and line breaks of every kind before this place.
pub(super) fn white_above(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let content = before.trim_end_matches(|c| matches!(c, ' ' | '\t' | '\n') || SPECIAL_BREAKS.contains(&c));
    &before[content.len()..]
}

/// Whether the text has a line break that the parser does not take for one.
pub(super) fn has_special_break(text: &str) -> bool {
    text.contains(SPECIAL_BREAKS)
}

/// Folds line breaks that the parser took for content: a next line becomes a space, the separators stay, blanks
/// around them go. `None` where the text around could be more than content: an indicator, a comment.
fn fold_special_breaks(value: &str, plain: bool) -> Option<String> {
    let is_break = |c: char| SPECIAL_BREAKS.contains(&c);
    let is_gap = |c: char| c == ' ' || is_break(c);
    let mut rest = value;
    let mut folded = String::with_capacity(rest.len());
    while let Some(at) = rest.find(is_break) {
        let before = rest[..at].trim_end_matches(' ');
        let after = rest[at..].trim_start_matches(is_gap);
        let at_edge = plain && (after.is_empty() || (before.is_empty() && folded.is_empty()));
        let is_ordinary =
            |text: &str, end: fn(&str) -> Option<char>| end(text).is_none_or(char::is_alphanumeric);
        if !is_ordinary(after, |text| text.chars().next())
            || (plain && !is_ordinary(before, |text| text.chars().next_back()))
        {
            return None;
        }
        folded.push_str(before);
        let breaks: Vec<char> = rest[at..rest.len() - after.len()]
            .chars()
            .filter(|&c| is_break(c))
            .map(|c| if c == '\u{85}' { '\n' } else { c })
            .collect();
        match breaks.as_slice() {
            _ if at_edge => {}
            ['\n'] => folded.push(' '),
            ['\n', more @ ..] => folded.extend(more),
            all => folded.extend(all),
        }
        rest = after;
    }
    folded.push_str(rest);
    // Nothing but line breaks is no scalar at all.
    (!plain || !folded.is_empty()).then_some(folded)
}

/// A key of a flow mapping must be there, and stand on one line with its colon; only behind a quoted key between
/// braces may the value follow the colon at once. `start` is where the mapping starts.
pub(super) fn check_flow_key(text: &str, range: Range<usize>, start: usize) -> Result<(), Fault> {
    let key = text.get(range.clone()).unwrap_or_default();
    let rest = text.get(range.end..).unwrap_or_default();
    let is_ordinary = match rest.trim_start_matches([' ', '\t']).strip_prefix(':') {
        Some(value) => {
            let braces = text.get(start..).is_some_and(|mapping| mapping.starts_with('{'));
            let quoted = key.starts_with(['"', '\'']);
            !key.contains('\n') && (value.starts_with([' ', '\t', '\n']) || (braces && quoted))
        }
        None => !skip_layout(rest).starts_with(':'),
    };
    if is_ordinary && !key.is_empty() {
        Ok(())
    } else {
        Err(Fault::not_modelled(
            range,
            "a key of a flow mapping in an unusual form",
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

/// Where a block sequence in a mapping starts. Without indentation the parser tells a place behind its first dash.
pub(super) fn start_of_sequence(text: &str, told: usize) -> usize {
    let line = text[..told].rfind('\n').map_or(0, |newline| newline + 1);
    let content = text[line..told].trim_start_matches(' ');
    match content.strip_prefix('-') {
        Some(between) if skip_layout(between).is_empty() => told - content.len(),
        _ => told,
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
    let rest = text.strip_prefix('%').unwrap_or(text);
    let after = rest.trim_start_matches(is_name);
    after.len() == rest.len() || !(after.is_empty() || after.starts_with([' ', '\n']))
}
