//! From the parser's events to an arena of nodes; an alias is the number of the node it names.
//!
//! Also holds the rules of the event level where ruamel.yaml and the parser differ (research/parsers.md section 4,
//! E1, E2, E7, and section 5).

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle, YamlVersion,
};

use super::fault::Fault;
use super::layout::{self, Layout, Place, Token};
use super::resolve::Version;

/// Nested collections: ruamel.yaml fails at 248, a few earlier inside a CLI.
const MAX_DEPTH: usize = 240;

/// A composed document.
pub(super) struct Document {
    pub nodes: Vec<Composed>,
    /// `None` for an empty file.
    pub root: Option<usize>,
    pub version: Version,
}

/// A node as written.
pub(super) struct Composed {
    pub content: Content,
    pub tag: Option<Tag>,
    pub anchored: bool,
    /// The value's own text, without tag and anchor.
    pub range: Range<usize>,
}

/// What a node holds.
pub(super) enum Content {
    Scalar(String, ScalarStyle),
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
}

/// An explicit tag.
pub(super) struct Tag {
    /// The whole tag, handles expanded.
    pub uri: String,
    /// Written with a handle (`!x`, `!!str`), not as `!<...>`.
    pub has_handle: bool,
}

/// Parses and composes the only document.
pub(super) fn compose(text: &str) -> Result<Document, Fault> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        block_scalar_eof_without_line_feed: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut composer = Composer {
        text,
        document: Document {
            nodes: Vec::new(),
            root: None,
            version: Version::V1_2,
        },
        open: Vec::new(),
        anchors: HashMap::new(),
        layout: Layout::new(text),
        documents: 0,
        last_end: 0,
    };
    match composer.run(options) {
        Ok(()) => Ok(composer.document),
        Err(fault) if composer.has_block_scalar_root() => Err(below_block_scalar(fault.range)),
        Err(fault) => Err(fault),
    }
}

struct Composer<'a> {
    text: &'a str,
    document: Document,
    open: Vec<Open>,
    /// The latest node of each anchor's number.
    anchors: HashMap<usize, usize>,
    layout: Layout<'a>,
    documents: usize,
    /// Where the last node, tag or anchor ended: an absent node stands behind it.
    last_end: usize,
}

/// A collection whose end has not come yet.
struct Open {
    node: usize,
    flow: bool,
    /// A mapping's key that waits for its value.
    key: Option<usize>,
}

impl Composer<'_> {
    fn run(&mut self, options: Options) -> Result<(), Fault> {
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = event.map_err(|error| self.scan_fault(&error))?;
            self.take(event, &span)?;
        }
        if self.layout.check()? && self.has_block_scalar_root() {
            return Err(below_block_scalar(0..self.text.len()));
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Fault> {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(_, version) => return self.start_document(version, range),
            Event::Comment(..) => self.layout.add(range, Token::Comment),
            Event::Anchor(..) => {
                self.last_end = self.last_end.max(range.end);
                self.layout.add(range, Token::Anchor);
            }
            Event::Alias(anchor) => {
                self.last_end = range.end;
                self.layout.add(range.clone(), Token::Alias);
                return self.alias(anchor, range);
            }
            Event::Scalar(value, style, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), span);
                return self.scalar(&value, style, anchor, tag, range);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), span);
                return self.start(Content::Sequence(Vec::new()), style, anchor, tag, range);
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), span);
                return self.start(Content::Mapping(Vec::new()), style, anchor, tag, range);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.end(range),
            _ => {}
        }
        Ok(())
    }

    fn start_document(&mut self, version: Option<YamlVersion>, range: Range<usize>) -> Result<(), Fault> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Fault::syntax(
                range,
                "expected a single document, but found another",
            ));
        }
        match version.map(|version| (version.major, version.minor)) {
            None | Some((1, 2)) => Ok(()),
            Some((1, 1)) => {
                self.document.version = Version::V1_1;
                Ok(())
            }
            Some(_) => Err(Fault::syntax(range, "only YAML 1.1 and 1.2 can be read")),
        }
    }

    fn has_block_scalar_root(&self) -> bool {
        let root = self.document.root.map(|root| &self.document.nodes[root].content);
        matches!(
            root,
            Some(Content::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded))
        )
    }

    fn tag(&mut self, tag: Option<&granit_parser::Tag>, span: &Span) -> Option<Tag> {
        let tag = tag?;
        if let Some(range) = span.tag_span().and_then(|span| span.byte_range()) {
            self.last_end = self.last_end.max(range.end);
            self.layout.add(range, Token::Tag);
        }
        let (handle, suffix) = tag.parts();
        let (written_handle, _) = tag.original_parts();
        Some(Tag {
            uri: format!("{handle}{suffix}"),
            has_handle: !written_handle.is_empty(),
        })
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Fault> {
        let Some(&node) = self.anchors.get(&anchor) else {
            return Err(Fault::syntax(range, "found undefined alias"));
        };
        if self.open.iter().any(|open| open.node == node) {
            return Err(Fault::not_modelled(range, "a value that contains itself"));
        }
        self.attach(node, range)
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Tag>,
        range: Range<usize>,
    ) -> Result<(), Fault> {
        let absent = style == ScalarStyle::Plain && range.is_empty();
        let place = Place {
            in_flow: self.open.last().is_some_and(|open| open.flow),
            is_key: self.awaits_key(),
            older: self.document.version == Version::V1_1,
        };
        let (value, range) = if absent {
            if place.is_key && place.older {
                return Err(Fault::not_modelled(range, "an empty key in YAML 1.1"));
            }
            let at = layout::place_of_absent(self.text, self.last_end);
            (String::new(), at..at)
        } else {
            self.layout.add_scalar(value, range, style, place)?
        };
        self.last_end = range.end;
        let node = self.push(Content::Scalar(value, style), anchor, tag, range.clone());
        self.attach(node, range)
    }

    fn start(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        tag: Option<Tag>,
        mut range: Range<usize>,
    ) -> Result<(), Fault> {
        let flow = style == StructureStyle::Flow;
        if !flow && matches!(content, Content::Sequence(_)) && self.in_mapping() {
            range.start = layout::start_of_sequence(self.text, range.start);
        }
        self.last_end = if flow { range.end } else { range.start };
        if flow {
            self.layout.start_flow(range.start);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::not_modelled(range, "nested too deep"));
        }
        let node = self.push(content, anchor, tag, range);
        self.open.push(Open {
            node,
            flow,
            key: None,
        });
        Ok(())
    }

    fn end(&mut self, range: Range<usize>) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if open.flow {
            self.layout.end_flow(range.end);
            self.last_end = self.last_end.max(range.end);
        }
        // A block collection's end comes behind blank lines and comments: it ends where its last child does.
        let node = &mut self.document.nodes[open.node];
        node.range.end = self.last_end.max(node.range.start);
        let range = node.range.clone();
        self.attach(open.node, range)
    }

    fn push(&mut self, content: Content, anchor: usize, tag: Option<Tag>, range: Range<usize>) -> usize {
        let node = self.document.nodes.len();
        self.document.nodes.push(Composed {
            content,
            tag,
            anchored: anchor != 0,
            range,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        node
    }

    fn in_mapping(&self) -> bool {
        let content = self
            .open
            .last()
            .map(|open| &self.document.nodes[open.node].content);
        matches!(content, Some(Content::Mapping(_)))
    }

    fn awaits_key(&self) -> bool {
        self.in_mapping() && self.open.last().is_some_and(|open| open.key.is_none())
    }

    /// Makes the node a child of the innermost open collection; `range` is where it is named.
    fn attach(&mut self, node: usize, range: Range<usize>) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else {
            self.document.root = Some(node);
            return Ok(());
        };
        let Composed {
            content,
            range: parent,
            ..
        } = &mut self.document.nodes[open.node];
        match content {
            Content::Scalar(..) => {}
            Content::Sequence(items) => items.push(node),
            Content::Mapping(pairs) => {
                if let Some(key) = open.key.take() {
                    pairs.push((key, node));
                    return Ok(());
                }
                open.key = Some(node);
                if open.flow {
                    return layout::check_flow_key(self.text, range, parent.start);
                }
            }
        }
        Ok(())
    }

    /// The parser's error in our words: none of its messages is kept that quotes the file.
    fn scan_fault(&self, error: &ScanError) -> Fault {
        let text = self.text;
        let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
        let rest = text.get(at..).unwrap_or_default();
        let length = rest
            .chars()
            .next()
            .filter(|&c| c != '\n')
            .map_or(0, char::len_utf8);
        let range = at..at + length;
        let message = match error.kind() {
            ErrorKind::UnexpectedCharacter { .. } => "a character that cannot start any token".to_owned(),
            ErrorKind::MismatchedFlowCollectionEnd { .. } => "mismatched bracket".to_owned(),
            ErrorKind::Custom(_) | ErrorKind::InputDecoding { .. } | ErrorKind::InputIo { .. } => {
                "not valid YAML".to_owned()
            }
            kind => kind.to_string(),
        };
        // As the root, ruamel.yaml reads a block scalar without indentation.
        let tab_in_root = matches!(error.kind(), ErrorKind::TabAtBlockScalarStart) && self.open.is_empty();
        if layout::has_special_break(text) || tab_in_root || is_leniency_of_ruamel(error.kind(), text, at) {
            Fault::not_modelled(range, message)
        } else {
            Fault::syntax(range, message)
        }
    }
}

/// As the root, ruamel.yaml reads even document markers into a block scalar.
fn below_block_scalar(range: Range<usize>) -> Fault {
    Fault::not_modelled(range, "more text below a block scalar that is the whole document")
}

/// Errors of the parser where ruamel.yaml can be more lenient.
fn is_leniency_of_ruamel(kind: &ErrorKind, text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let block_scalar_without_indent =
        matches!(kind, ErrorKind::SimpleKeyExpected) && rest.starts_with(['|', '>']);
    let comment_below_blank_lines =
        matches!(kind, ErrorKind::InvalidBlockScalarIndent) && rest.starts_with('#');
    let odd_tag = matches!(
        kind,
        ErrorKind::MissingTagUri
            | ErrorKind::InvalidTagTerminator
            | ErrorKind::InvalidGlobalTagCharacter
            | ErrorKind::InvalidTagEscape
            | ErrorKind::InvalidTagUtf8LeadingByte
            | ErrorKind::InvalidTagUtf8TrailingByte
            | ErrorKind::InvalidTagUtf8
    );
    // ruamel.yaml takes brackets into a tag.
    let bracket_in_tag = text.split([' ', '\n']).any(|word| {
        let word = word.trim_start_matches(['[', '{', ',']);
        word.starts_with('!') && word.contains(['[', ']', '{', '}', ','])
    });
    let white = layout::white_above(text, at);
    let tab_after_empty_line = white.contains("\n\n") && (white.contains('\t') || rest.starts_with('\t'));
    let limit_or_flow_indicator = matches!(
        kind,
        ErrorKind::RecursionLimitExceeded
            | ErrorKind::DirectiveByteLimitExceeded { .. }
            | ErrorKind::TooManyReservedDirectiveParams { .. }
            | ErrorKind::YamlVersionTooLong
            | ErrorKind::CommentNotSeparated
            | ErrorKind::PlainScalarStartsWithDashFlowIndicator
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::InvalidColonPlacement
    );
    block_scalar_without_indent
        || comment_below_blank_lines
        || odd_tag
        || bracket_in_tag
        || tab_after_empty_line
        || limit_or_flow_indicator
}
