//! The lines of a file around a place, for evidence as compilers show it. Secrets are masked here: what leaves this
//! module may be shown, once it has gone through [`super::safe::Safe`].

use std::path::{Path, PathBuf};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::finding::{Place, Range};
use super::inputs::{FileInput, Inputs};
use super::mask::masked;
use super::node::Span;

/// Lines shown before the one that is meant.
const LINES_BEFORE: usize = 2;

/// A place with the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The file.
    pub path: PathBuf,
    /// The bytes meant.
    pub range: Range,
    /// The lines before, with their numbers.
    pub lines_before: Vec<(usize, String)>,
    /// On the line that is meant: what stands before the marked text.
    pub before: String,
    /// The marked text as far as it is on this line; empty for a place between characters.
    pub marked: String,
    /// What stands behind it.
    pub after: String,
}

/// A marked line that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidOut {
    /// The line, cut on the left when its marked part would not be seen.
    pub text: String,
    /// Cells before the marked part.
    pub before: usize,
    /// Cells of the marked part, at least one.
    pub cells: usize,
}

impl Snippet {
    /// The snippet of a place in config.yaml or the credentials; `None` for other places and for whole files.
    pub fn of(inputs: &Inputs, place: &Place) -> Option<Self> {
        let Place::File {
            path,
            range: Some(range),
        } = place
        else {
            return None;
        };
        let source = Source::of(inputs, path)?;
        let line = source.file.text.line_span(range.line)?;
        let start = range.start.clamp(line.start, line.end);
        let end = range.end.clamp(start, line.end);
        let between = |start, end| source.show(Span { start, end });
        let lines_before = (range.line.saturating_sub(LINES_BEFORE).max(1)..range.line)
            .filter_map(|number| Some((number, source.show(source.file.text.line_span(number)?))));
        Some(Self {
            path: path.clone(),
            range: *range,
            lines_before: lines_before.collect(),
            before: between(line.start, start),
            marked: between(start, end),
            after: between(end, line.end),
        })
    }

    /// The marked line made safe by `clean`, for so many cells.
    pub fn laid_out(&self, room: usize, clean: fn(&str) -> String) -> LaidOut {
        let marked = clean(&self.marked);
        let kept = tail(&clean(&self.before), room / 2);
        let before = width(&kept);
        LaidOut {
            cells: width(&marked).clamp(1, room.saturating_sub(before).max(1)),
            text: format!("{kept}{marked}{}", clean(&self.after)),
            before,
        }
    }
}

/// A file whose lines may be shown, in part.
struct Source<'a> {
    file: &'a FileInput,
    secret: bool,
}

impl<'a> Source<'a> {
    fn of(inputs: &'a Inputs, path: &Path) -> Option<Self> {
        let config = inputs.config.as_ref().filter(|config| config.path == path);
        let open = config.map(|file| Self { file, secret: false });
        let credentials = Some(&inputs.credentials).filter(|file| file.path == path);
        open.or_else(|| credentials.map(|file| Self { file, secret: true }))
    }

    fn show(&self, span: Span) -> String {
        if self.secret {
            return masked(self.file, span);
        }
        let bytes = self.file.text.bytes().get(span.start..span.end);
        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
    }
}

/// The cells that a text takes.
fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The last part of a text, with `…` when something was cut.
fn tail(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += width(cluster);
        if used > cells {
            break;
        }
        from = at;
    }
    format!("…{}", &text[from..])
}
