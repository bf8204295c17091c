//! JSON: a general walker, and a fast reader that hops from value to value.

mod fields;
mod hop;
mod hopper;
mod lanes;
mod marks;
mod scan;
mod sieve;
mod stops;
mod unescape;
mod walk;
mod wanted;

use crate::format::Known;
#[cfg(feature = "sqlite")]
pub(crate) use fields::decoded;
pub(crate) use fields::find;
#[cfg(feature = "sqlite")]
pub(crate) use fields::{Fields, Raw};
pub(crate) use hopper::Hopper;
pub(crate) use lanes::{Everywhere, Lanes, WIDTH};
pub(crate) use marks::Marks;
pub(crate) use sieve::{Caught, Sieve};
pub(crate) use unescape::unescape;
pub(crate) use walk::Walker;
pub(crate) use wanted::Wanted;

/// A wanted value in the text it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: Kind,
}

/// What a span holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string without a backslash; the span excludes its quotes.
    Plain,
    /// A string with a backslash.
    Escaped,
    /// A number, `true`, `false` or `null`.
    Bare,
    /// An array or an object; the span is its first byte.
    Container,
    /// A name that the format knows and that does not stand in the text: the span is empty. Never of JSON.
    Known(Known),
}

/// The wanted values of one line, by the position of their key among the wanted keys.
pub(crate) struct Captures {
    /// A bit for each key that was found; the spans of the others are left from earlier lines.
    present: u64,
    spans: Box<[Span; Wanted::MOST]>,
}

impl Captures {
    pub(crate) fn new() -> Self {
        let empty = Span { start: 0, end: 0, kind: Kind::Container };
        Self { present: 0, spans: Box::new([empty; Wanted::MOST]) }
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.present = 0;
    }

    /// `key` must be below [`Wanted::MOST`].
    #[inline]
    pub(crate) fn set(&mut self, key: u8, span: Span) {
        let key = usize::from(key) % Wanted::MOST;
        self.spans[key] = span;
        self.present |= 1 << key;
    }

    /// The same for all keys of these bits.
    #[inline]
    pub(crate) fn set_all(&mut self, keys: u64, span: Span) {
        let mut rest = keys;
        while rest != 0 {
            self.spans[rest.trailing_zeros() as usize % Wanted::MOST] = span;
            rest &= rest - 1;
        }
        self.present |= keys;
    }

    /// Whether some wanted key was not found.
    pub(crate) fn lacks_some(&self, wanted: &Wanted) -> bool {
        self.present.count_ones() < wanted.len()
    }

    #[inline]
    pub(crate) fn get(&self, key: usize) -> Option<Span> {
        let span = *self.spans.get(key)?;
        (self.present >> key & 1 == 1).then_some(span)
    }
}

/// Whether a text is a number of JSON, and nothing else.
#[inline]
pub(crate) fn scan_number(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'-' | b'0'..=b'9')) && scan::bare(text, 0) == Ok(text.len())
}
