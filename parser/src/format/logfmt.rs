//! logfmt: `key=value key="a value" flag`, as <https://pkg.go.dev/github.com/kr/logfmt> reads it, and more strictly where
//! another line could be taken for it: it begins with a pair and has two at least; each key is a name.

use crate::json::{Captures, Everywhere, Kind, Lanes, Span, WIDTH, Wanted, scan_number};

/// How many keys are remembered; a power of two.
const SLOTS: usize = 64;
/// The longest key that is remembered.
const LONGEST: usize = 16;

/// Remembers which keys are wanted: a log has few.
pub(crate) struct Keys {
    slots: Box<[Slot; SLOTS]>,
}

#[derive(Clone, Copy)]
struct Slot {
    bytes: u128,
    length: u8,
    key: Key,
}

/// What a key is.
#[derive(Clone, Copy)]
enum Key {
    /// Wanted; its place among the wanted keys.
    Wanted(u8),
    Unwanted,
    /// No name, so the line is of another format.
    NoName,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self { slots: Box::new([Slot { bytes: 0, length: 0, key: Key::NoName }; SLOTS]) }
    }

    /// What stands at `start..end`.
    #[inline]
    fn find(&mut self, line: &[u8], start: usize, end: usize, wanted: &Wanted) -> Key {
        let length = end - start;
        if length > LONGEST {
            return look_up(&line[start..end], wanted);
        }
        let bytes = line[start..].first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [0; LONGEST];
            bytes[..length].copy_from_slice(&line[start..end]);
            bytes
        });
        let bytes = u128::from_le_bytes(bytes);
        // What is after the key is moved out; of no key, nothing is left.
        let key = bytes.checked_shl(8 * (LONGEST - length) as u32).unwrap_or(0);
        // Fibonacci hashing (Knuth, vol. 3, 6.4).
        let folded = (key >> 64) as u64 ^ (key as u64).rotate_left(32);
        let place = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % SLOTS;
        let slot = &mut self.slots[place];
        if slot.bytes != key || usize::from(slot.length) != length {
            *slot = Slot { bytes: key, length: length as u8, key: look_up(&line[start..end], wanted) };
        }
        slot.key
    }
}

#[cold]
#[inline(never)]
fn look_up(key: &[u8], wanted: &Wanted) -> Key {
    if key.is_empty() || !key.iter().all(|&byte| is_in_key(byte)) {
        return Key::NoName;
    }
    wanted.find(key, false).map_or(Key::Unwanted, Key::Wanted)
}

pub(super) fn is_in_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'/' | b':' | b'#')
        || !byte.is_ascii()
}

/// Reads a line; `None`, if it is of another format.
#[inline]
pub(super) fn read(line: &[u8], keys: &mut Keys, wanted: &Wanted, captures: &mut Captures) -> Option<()> {
    let mut marks = Marks::new(line);
    let mut pairs = 0_u32;
    let mut at = 0;
    while at < line.len() {
        if line[at] == b' ' {
            at += 1;
            continue;
        }
        let key_end = marks.next(at);
        let key = keys.find(line, at, key_end, wanted);
        if matches!(key, Key::NoName) {
            return None;
        }
        if line.get(key_end) != Some(&b'=') {
            if pairs == 0 || line.get(key_end) == Some(&b'"') {
                return None;
            }
            at = key_end + 1;
            continue;
        }
        pairs += 1;
        let mut start = key_end + 1;
        let (end, kind);
        if line.get(start) == Some(&b'"') {
            start += 1;
            let (quote, escaped) = super::access::quoted_end(line, start)?;
            if !matches!(line.get(quote + 1), None | Some(b' ')) {
                return None;
            }
            (end, kind) = (quote, if escaped { Kind::Escaped } else { Kind::Plain });
            at = quote + 2;
        } else {
            end = marks.next_space(start);
            kind = Kind::Plain;
            at = end + 1;
        }
        if let Key::Wanted(place) = key
            && start <= end
        {
            let is_number = line[key_end + 1..].first() != Some(&b'"') && scan_number(&line[start..end]);
            let kind = if is_number { Kind::Bare } else { kind };
            captures.set(place, Span { start: start as u32, end: end as u32, kind });
        }
    }
    (pairs >= 2).then_some(())
}

/// Finds the next space, equals sign or quote, by bits for a window of the line at a time.
struct Marks<'a> {
    line: &'a [u8],
    /// Where the window starts.
    window: usize,
    spaces: u32,
    others: u32,
}

impl<'a> Marks<'a> {
    #[inline]
    fn new(line: &'a [u8]) -> Self {
        let mut marks = Self { line, window: 0, spaces: 0, others: 0 };
        marks.load(0);
        marks
    }

    #[inline]
    fn load(&mut self, at: usize) {
        let mut last = [0; WIDTH];
        let rest = self.line.get(at..).unwrap_or_default();
        let bytes = rest.first_chunk().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        self.window = at;
        self.spaces = Everywhere.equal(bytes, &[b' '; WIDTH]);
        self.others = Everywhere.equal(bytes, &[b'='; WIDTH]) | Everywhere.equal(bytes, &[b'"'; WIDTH]);
    }

    /// Where the next of all three is, from `at` on, or the line's end.
    #[inline]
    fn next(&mut self, at: usize) -> usize {
        self.find(at, |marks| marks.spaces | marks.others)
    }

    /// Where the next space is, from `at` on, or the line's end.
    #[inline]
    fn next_space(&mut self, at: usize) -> usize {
        self.find(at, |marks| marks.spaces)
    }

    #[inline]
    fn find(&mut self, mut at: usize, bits: impl Fn(&Self) -> u32) -> usize {
        loop {
            if at >= self.line.len() {
                return self.line.len();
            }
            if at >= self.window + WIDTH {
                self.load(at);
            }
            let found = bits(self) >> (at - self.window);
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at = self.window + WIDTH;
        }
    }
}
