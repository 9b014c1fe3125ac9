//! Where ruamel.yaml fails at comments and empty lines. It keeps them with the tokens beside them, and raises an error
//! where a plain or block scalar gets two for one place.

use std::ops::Range;

use super::fault::Fault;
use super::layout::{Layout, Token};

/// The comments above a scalar that nothing but an anchor parts from it.
#[derive(Default)]
struct Lead {
    /// The first of them.
    comment: Option<Range<usize>>,
    /// The first of them stands behind the colon of a key in block style.
    behind_colon: bool,
    anchored: bool,
}

impl Layout<'_> {
    /// A comment behind the key's colon, the plain value below it, and an empty line below that.
    pub fn check_plain(&self, index: usize) -> Result<(), Fault> {
        let range = &self.tokens[index].0;
        let lead = self.lead(index, range.start);
        let (above, below) = self.text.split_at(self.blank_end(range.end));
        match lead.comment {
            Some(comment)
                if lead.behind_colon && trailing_newlines(above) > 1 && !is_document_marker(above, below) =>
            {
                let message = "ruamel.yaml cannot keep a comment here and the empty line below the value; \
                               put it on a line of its own";
                Err(Fault::syntax(comment, message))
            }
            _ => Ok(()),
        }
    }

    /// The same around a block scalar, and a comment in its header below another comment or an empty line; without an
    /// indentation indicator, no blank line at its start may be indented more than the first one, and neither may the
    /// first line of content.
    pub fn check_block(&self, index: usize) -> Result<(), Fault> {
        let range = &self.tokens[index].0;
        let (header, has_comment) = self.block_header(index);
        if is_indented_later(&self.text[header..]) {
            let message = "more indented follow up line than first in a block scalar";
            return Err(Fault::syntax(range.clone(), message));
        }
        let lead = self.lead(index, header);
        let two_at_end =
            lead.behind_colon && trailing_newlines(&self.text[header..self.blank_end(range.end)]) > 1;
        let two_at_start = has_comment
            && (!lead.behind_colon || lead.anchored)
            && (lead.comment.is_some() || trailing_newlines(&self.text[..header]) > 1);
        if two_at_end || two_at_start {
            return Err(Fault::not_modelled(
                range.clone(),
                "comments around a block scalar",
            ));
        }
        Ok(())
    }

    /// Where the header of a block scalar starts, and whether it has a comment.
    fn block_header(&self, index: usize) -> (usize, bool) {
        let above = self.text[..self.tokens[index].0.start].trim_end_matches([' ', '\n']);
        let comment = self.tokens[..index]
            .last()
            .filter(|(range, token)| *token == Token::Comment && range.end >= above.len());
        let end = comment.map_or(above.len(), |(range, _)| range.start);
        let start = self.text[..end].rfind(['|', '>']).unwrap_or(end);
        (start, comment.is_some())
    }

    /// What leads to the scalar with this index, whose text or header has this start.
    fn lead(&self, index: usize, scalar: usize) -> Lead {
        let mut lead = Lead::default();
        let (mut end, mut start) = (0, scalar);
        let above = self.tokens[..index].iter().rev();
        for (range, token) in above.skip_while(|(range, _)| range.start > scalar) {
            let between = self.text.get(range.end..start).unwrap_or_default();
            let is_beside = between.trim().is_empty();
            match token {
                Token::Comment if is_beside => lead.comment = Some(range.clone()),
                Token::Anchor if is_beside && !lead.anchored => lead.anchored = true,
                _ => {
                    end = range.end;
                    break;
                }
            }
            start = range.start;
        }
        lead.behind_colon = lead.comment.as_ref().is_some_and(|comment| {
            let before = self.text.get(end..comment.start).unwrap_or_default();
            before.trim_end_matches(' ').ends_with(':') && !self.in_flow(comment.start)
        });
        lead
    }

    /// Behind the spaces and line feeds that start here.
    fn blank_end(&self, start: usize) -> usize {
        self.text.len() - self.text[start..].trim_start_matches([' ', '\n']).len()
    }
}

/// Whether a line starts between these texts, with `---` or `...`.
fn is_document_marker(above: &str, below: &str) -> bool {
    let behind = below.strip_prefix("---").or_else(|| below.strip_prefix("..."));
    above.ends_with('\n') && behind.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']))
}

/// How many line feeds are among the spaces and line feeds at the end.
fn trailing_newlines(text: &str) -> usize {
    let content = text.trim_end_matches([' ', '\n']);
    text[content.len()..].matches('\n').count()
}

/// Whether the first line below the header of a block scalar is blank, and a later one at its start more indented.
fn is_indented_later(block: &str) -> bool {
    let (header, body) = block.split_once('\n').unwrap_or_default();
    let mut indicators = header.chars().take_while(|&c| c != ' ');
    let blank = &body[..body.len() - body.trim_start_matches([' ', '\n']).len()];
    let mut indents = blank.split('\n').map(str::len);
    let first = indents.next().unwrap_or_default();
    first > 0 && indents.any(|indent| indent > first) && !indicators.any(|c| c.is_ascii_digit())
}
