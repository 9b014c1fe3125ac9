//! What `json.loads` raises (reference 23).

use std::fmt;

use crate::domain::python::number::too_many_digits;

/// Why `json.loads` raises; `Display` gives Python's class and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// `JSONDecodeError`.
    Decode {
        /// What the scanner says before the position.
        message: &'static str,
        /// The byte it points at.
        at: usize,
        /// Line, counted from 1 at each `\n`.
        line: usize,
        /// Column in code points, from 1.
        column: usize,
        /// Code points before the place.
        char: usize,
    },
    /// `RecursionError`: more than [`MAX_DEPTH`](super::MAX_DEPTH) containers.
    TooDeep {
        /// "array" or "object".
        container: &'static str,
        /// The byte of its bracket.
        at: usize,
    },
    /// `ValueError`: an integer with more than [`MAX_INT_DIGITS`](crate::domain::python::number::MAX_INT_DIGITS) digits.
    IntTooLong {
        /// How many it has.
        digits: usize,
        /// The byte of its first.
        at: usize,
    },
}

impl JsonError {
    /// The byte of the text that the error points at.
    pub fn at(&self) -> usize {
        match self {
            Self::Decode { at, .. } | Self::TooDeep { at, .. } | Self::IntTooLong { at, .. } => *at,
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode {
                message,
                line,
                column,
                char,
                ..
            } => {
                write!(
                    f,
                    "JSONDecodeError: {message}: line {line} column {column} (char {char})"
                )
            }
            Self::TooDeep { container, .. } => write!(
                f,
                "RecursionError: maximum recursion depth exceeded while decoding a JSON {container} from a unicode string"
            ),
            Self::IntTooLong { digits, .. } => write!(f, "ValueError: {}", too_many_digits(*digits)),
        }
    }
}

impl std::error::Error for JsonError {}
