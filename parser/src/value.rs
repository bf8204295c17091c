//! The values of fields, as they stand in the input.

use std::borrow::Cow;

use crate::json::unescape;

/// The value of a field. It borrows from the input; nothing is converted until it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string.
    Text(Text<'a>),
    /// A number, as it is written.
    Number(&'a [u8]),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// An array or an object.
    Other,
}

impl<'a> Value<'a> {
    /// A number, `true`, `false` or `null`, as it is written.
    #[inline]
    pub(crate) fn of_bare(raw: &'a [u8]) -> Self {
        match raw.first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            _ => Self::Number(raw),
        }
    }

    /// The string, with its escapes decoded.
    pub fn text(self) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(text) => Some(text.decode()),
            _ => None,
        }
    }
}

/// A string of the input, between its quotes. Its bytes are UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// The bytes as they stand in the input.
    pub raw: &'a [u8],
    /// Whether there is a backslash among them.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// The string that is meant: borrowed, unless escapes have to be decoded.
    pub fn decode(self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}
