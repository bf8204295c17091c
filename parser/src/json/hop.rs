//! The fast reader of one object: hops from key to key.
//!
//! A log has few keys, and after a given one nearly always the same comes next. So each key that was seen is kept with
//! what stands around it, and with the one that followed it last; where that is found again, comparing it takes the
//! place of scanning it and of looking it up. It is a guess that costs little if it is wrong, and nothing depends on it:
//! a comparison that succeeds proves the very bytes that scanning would have found.
//!
//! It accepts only what [`super::Walker`] accepts, with the same result. Where it gives up, the line may be anything:
//! then the walker tells.

use super::{Captures, Kind, Span, Wanted, lanes, scan};

/// How much of a key and what stands around it is kept. Longer ones are not.
const LONGEST: usize = 32;
/// How many places there are for keys.
const PLACES: usize = 256;
/// Where a key would be kept that comes before the first: none is.
const START: u16 = PLACES as u16 - 1;
/// How many places are looked at for one key.
const PROBES: usize = 4;
/// No wanted key.
const UNWANTED: u8 = u8::MAX;

/// Reads lines for some wanted keys.
pub(crate) struct Hopper {
    wanted: Wanted,
    /// The keys that were seen, each at a place given by its bytes or at one of the next.
    seen: Box<[Seen; PLACES]>,
}

/// A key that was seen. It fills one line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Seen {
    /// The brace or comma before the key, the key with its quotes, the colon and, if the value is a string, that one's
    /// opening quote, with the spaces between; the rest is zeros.
    bytes: [u8; LONGEST],
    /// A bit for each byte of the rest.
    rest: u32,
    length: u8,
    /// Whether the value is a string.
    is_text: bool,
    /// The position of the key among the wanted ones, or [`UNWANTED`].
    wanted: u8,
    /// Where the keys are kept that followed this one: the first that did, and the last that was another.
    next: [u16; 2],
}

/// A line that was read.
pub(crate) struct Line {
    /// Where its text ends, and where the next line begins.
    pub(crate) end: usize,
    pub(crate) next: usize,
    /// If it is not, it must still be checked for UTF-8.
    pub(crate) is_ascii: bool,
}

/// A string: where its closing quote is, and what it holds.
struct Scanned {
    end: usize,
    escaped: bool,
    is_ascii: bool,
}

/// What may stand next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Key,
    Value,
    CommaOrEnd,
}

impl Hopper {
    pub(crate) fn new(wanted: Wanted) -> Self {
        // Its bytes are those of no key, so it is never found.
        let none = Seen {
            bytes: [0; LONGEST],
            rest: 0,
            length: 0,
            is_text: false,
            wanted: UNWANTED,
            next: [START; 2],
        };
        Self { wanted, seen: Box::new([none; PLACES]) }
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Reads the line that `text` begins with into `captures`; `None` if it may be anything.
    pub(crate) fn read(&mut self, text: &[u8], captures: &mut Captures) -> Option<Line> {
        captures.clear();
        let mut open = Open::default();
        let mut is_ascii = true;
        // The key that came last, and the wanted one whose value comes next.
        let mut last = START;
        let mut wanted = UNWANTED;
        let mut at = 0;
        if text.first() != Some(&b'{') {
            return None;
        }
        let mut next = Next::Value;
        loop {
            // At the brace or comma before the key.
            if next == Next::Key {
                let [first, other] = self.seen[last as usize % PLACES].next;
                last = if self.seen[first as usize % PLACES].is_at(text, at) {
                    first
                } else if self.seen[other as usize % PLACES].is_at(text, at) {
                    other
                } else {
                    self.find(text, at, last)?
                };
                let key = &self.seen[last as usize % PLACES];
                at += key.length as usize;
                wanted = if open.depth == 1 { key.wanted } else { UNWANTED };
                if key.is_text {
                    let string = string(text, at)?;
                    is_ascii &= string.is_ascii;
                    if wanted != UNWANTED {
                        captures.set(wanted as usize, text_span(at, &string));
                    }
                    at = string.end + 1;
                    if text.get(at) == Some(&b',') {
                        continue;
                    }
                    next = Next::CommaOrEnd;
                } else {
                    next = Next::Value;
                }
            }
            if next == Next::Value {
                match text.get(at)? {
                    b'"' => {
                        at += 1;
                        let string = string(text, at)?;
                        is_ascii &= string.is_ascii;
                        captures.set(wanted as usize, text_span(at, &string));
                        at = string.end + 1;
                    }
                    &byte @ (b'{' | b'[') => {
                        captures.set(wanted as usize, Span { start: 0, end: 0, kind: Kind::Container });
                        wanted = UNWANTED;
                        open.push(byte == b'{')?;
                        let inside = after_space(text, at + 1);
                        match (byte, text.get(inside)?) {
                            (b'{', b'}') | (b'[', b']') => at = inside,
                            (b'[', _) => {
                                at = inside;
                                continue;
                            }
                            _ => {
                                next = Next::Key;
                                continue;
                            }
                        }
                    }
                    _ => {
                        let end = scan::bare(text, at).ok()?;
                        let span = Span { start: at as u32, end: end as u32, kind: Kind::Bare };
                        captures.set(wanted as usize, span);
                        at = end;
                    }
                }
                wanted = UNWANTED;
            }
            at = after_space(text, at);
            match text.get(at)? {
                b',' if open.in_object() => next = Next::Key,
                b',' => {
                    at = after_space(text, at + 1);
                    next = Next::Value;
                }
                &byte @ (b'}' | b']') if open.in_object() == (byte == b'}') => {
                    at += 1;
                    open.pop();
                    if open.depth == 0 {
                        let end = after_space(text, at);
                        let next = end + line_end(text.get(end..)?)?;
                        return Some(Line { end, next, is_ascii });
                    }
                    next = Next::CommaOrEnd;
                }
                _ => return None,
            }
        }
    }

    /// Finds the key after the brace or comma at `at`, and keeps it; where it is kept.
    fn find(&mut self, text: &[u8], at: usize, last: u16) -> Option<u16> {
        let Self { seen, wanted } = self;
        let quote = after_space(text, at + 1);
        if text.get(quote) != Some(&b'"') {
            return None;
        }
        let end = quote + 1 + lanes_run(text, quote + 1)?;
        // Keys with white space before the colon, with escapes or beyond ASCII are for the walker.
        let [b'"', b':'] = *text.get(end..)?.first_chunk()? else { return None };
        let value = after_space(text, end + 2);
        let is_text = text.get(value) == Some(&b'"');
        let length = value - at + usize::from(is_text);
        let bytes = text.get(at..at + length).filter(|_| length <= LONGEST)?;
        let name = text.get(quote + 1..end)?;
        let start = place(text.get(quote + 1..)?.first_chunk()?, name.len(), is_text);
        let probed = (start..start + PROBES).map(|place| place % (PLACES - 1));
        let found = probed.clone().find(|&place| seen[place].length == 0 || seen[place].is_at(text, at));
        let place = found.unwrap_or(start);
        let slot = &mut seen[place];
        if slot.length == 0 || found.is_none() {
            let mut kept = [0; LONGEST];
            kept[..length].copy_from_slice(bytes);
            *slot = Seen {
                bytes: kept,
                rest: u32::MAX.checked_shl(length as u32).unwrap_or(0),
                length: length as u8,
                is_text,
                wanted: wanted.find(name, false).map_or(UNWANTED, |key| key as u8),
                next: [START; 2],
            };
        }
        let place = place as u16;
        let next = &mut seen[last as usize % PLACES].next;
        next[usize::from(next[0] != START)] = place;
        Some(place)
    }
}

/// Where a key of this length is looked for first, by its first sixteen bytes (Fibonacci hashing; Knuth, vol. 3, 6.4).
fn place(window: &[u8; 16], length: usize, is_text: bool) -> usize {
    let own = u128::from_le_bytes(*window)
        & u128::MAX.checked_shr(128 - 8 * length.clamp(1, 16) as u32).unwrap_or(0);
    let folded =
        own as u64 ^ ((own >> 64) as u64).rotate_left(23) ^ (length as u64) << 1 ^ u64::from(is_text);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % (PLACES - 1)
}

impl Seen {
    /// Whether this stands at `at`.
    #[inline]
    fn is_at(&self, text: &[u8], at: usize) -> bool {
        let window = text.get(at..).and_then(<[u8]>::first_chunk);
        window.is_some_and(|window| lanes::equal(window, &self.bytes) | self.rest == u32::MAX)
    }
}

/// How many bytes from `at` on are ASCII and may stand in a string as themselves; `None` if the text ends too soon to
/// tell.
#[inline]
fn lanes_run(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if let Some(length) = lanes::plain_ascii(rest.first_chunk()?) {
        return Some(length as usize);
    }
    // Most strings end within the first window; those that do not are long.
    let mut from = 16;
    loop {
        let window = rest.get(from..)?.first_chunk()?;
        if let Some(length) = lanes::plain_ascii_wide(window) {
            return Some(from + length as usize);
        }
        from += window.len();
    }
}

/// Scans the string whose first byte after the opening quote is at `at`.
#[inline]
fn string(text: &[u8], at: usize) -> Option<Scanned> {
    let end = at + lanes_run(text, at)?;
    if text.get(end) == Some(&b'"') {
        return Some(Scanned { end, escaped: false, is_ascii: true });
    }
    odd_string(text, at)
}

#[cold]
fn odd_string(text: &[u8], at: usize) -> Option<Scanned> {
    let string = scan::string(text, at).ok().filter(|string| !string.lone_surrogate)?;
    Some(Scanned { end: string.quote, escaped: string.escaped, is_ascii: false })
}

#[inline]
fn text_span(at: usize, string: &Scanned) -> Span {
    let kind = if string.escaped { Kind::Escaped } else { Kind::Plain };
    Span { start: at as u32, end: string.end as u32, kind }
}

/// Other white space than spaces is for the walker.
#[inline]
fn after_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// How long the line end is that a text begins with.
#[inline]
fn line_end(text: &[u8]) -> Option<usize> {
    match text {
        [] => Some(0),
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// The containers that are open, a bit each, the innermost lowest: set for an object.
#[derive(Default)]
struct Open {
    objects: u64,
    depth: u32,
}

impl Open {
    #[inline]
    fn push(&mut self, object: bool) -> Option<()> {
        if self.depth == u64::BITS {
            return None;
        }
        self.objects = self.objects << 1 | u64::from(object);
        self.depth += 1;
        Some(())
    }

    #[inline]
    fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    #[inline]
    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}
