//! Lines that are not records, and why.

use std::fmt;

/// A line that is neither blank nor a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the input, from 1.
    pub line: u64,
    /// Where it starts in the input, in bytes from 0.
    pub offset: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a line. Where several things are, the first in this order is told, except that
/// [`Reason::LoneSurrogate`] is told only of lines that are right in all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Longer than [`crate::Limits::line`]; it was skipped unread.
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// It is of no format that is known, nor part of the record before it.
    Unrecognised,
    /// It does not start with `{`, where JSON alone is read.
    NotAnObject,
    /// The line ended inside its object.
    CutShort,
    /// Not JSON, or something follows the object.
    Malformed,
    /// A `\u` escape names half a surrogate pair.
    LoneSurrogate,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than a line may be; skipped",
            Self::NotUtf8 => "not UTF-8",
            Self::Unrecognised => "of no format that is known",
            Self::NotAnObject => "not a JSON object",
            Self::CutShort => "ends inside its JSON object",
            Self::Malformed => "not valid JSON",
            Self::LoneSurrogate => "escapes half a surrogate pair, which no text has",
        })
    }
}
