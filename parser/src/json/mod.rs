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
    /// Those of the wanted keys, and places where the others' may be written.
    spans: Box<Spans>,
}

/// As many as are told apart by a few bits.
pub(crate) type Spans = [Span; 2 * Wanted::MOST];

/// The captures of a line that is being read: none, until it is read to its end.
pub(crate) struct Refill<'a> {
    now: u64,
    present: &'a mut u64,
    spans: &'a mut Spans,
}

impl Refill<'_> {
    /// Sets the span of a key that is wanted, with its bit; or of [`Captures::UNWANTED`], with none.
    #[inline]
    pub(crate) fn set(&mut self, key: u8, bit: u64, span: Span) {
        self.spans[usize::from(key) % (2 * Wanted::MOST)] = span;
        self.now |= bit;
    }

    /// The spans that were set, of keys that are wanted and of [`Captures::UNWANTED`].
    #[inline]
    pub(crate) fn spans(&mut self) -> &mut Spans {
        self.spans
    }

    /// The line was read.
    #[inline]
    pub(crate) fn finish(self) {
        *self.present = self.now;
    }
}

impl Captures {
    /// In the place of a key that is not wanted.
    pub(crate) const UNWANTED: u8 = Wanted::MOST as u8;

    pub(crate) fn new() -> Self {
        let empty = Span { start: 0, end: 0, kind: Kind::Container };
        Self { present: 0, spans: Box::new([empty; 2 * Wanted::MOST]) }
    }

    /// Begins with another line.
    #[inline]
    pub(crate) fn refill(&mut self) -> Refill<'_> {
        self.present = 0;
        Refill { now: 0, present: &mut self.present, spans: &mut self.spans }
    }

    /// A bit for each key that was found.
    #[inline]
    pub(crate) fn present(&self) -> u64 {
        self.present
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
        // Those beyond are not of wanted keys.
        let bit = 1_u64.checked_shl(u32::try_from(key).ok()?)?;
        let span = *self.spans.get(key)?;
        (self.present & bit != 0).then_some(span)
    }
}

/// Whether a text is a number of JSON, and nothing else.
#[inline]
pub(crate) fn scan_number(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'-' | b'0'..=b'9')) && scan::bare(text, 0) == Ok(text.len())
}
