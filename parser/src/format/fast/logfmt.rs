//! Logfmt: which key comes next is predicted from the key before and compared.

use super::super::logfmt::is_in_key;
use super::Block;
use crate::json::{Captures, Everywhere, Kind, Lanes, Span, WIDTH, Wanted, scan_number};

/// How many keys are remembered; a power of two.
const SLOTS: usize = 128;

/// The keys that were seen, and which came after which.
pub(super) struct Pairs {
    slots: Box<[Slot; SLOTS]>,
}

/// A key. It is whatever was put there last: what it says is compared with the line.
#[derive(Clone, Copy)]
struct Slot {
    /// The key and its equals sign, and anything after that.
    bytes: [u8; WIDTH],
    /// A bit for each byte of the two that counts.
    counts: u32,
    /// The same of the first half of them, a byte of ones for each.
    low_counts: u128,
    /// How many these are; none of a slot that is empty.
    length: u8,
    /// The place among the wanted keys, if it is one.
    place: Option<u8>,
    /// The slots of what came after it last, and before that.
    next: [u8; 2],
}

impl Slot {
    const EMPTY: Self =
        Self { bytes: [0; WIDTH], counts: 0, low_counts: 0, length: 0, place: None, next: [0; 2] };

    #[inline]
    fn fits(&self, window: &[u8; WIDTH]) -> bool {
        // Most keys are short, and of these two words are all.
        if self.length.wrapping_sub(1) < (WIDTH / 2) as u8 {
            let differs = (low(window) ^ low(&self.bytes)) & self.low_counts;
            return differs == 0;
        }
        let differs = !Everywhere.equal(window, &self.bytes) & self.counts;
        differs == 0 && self.length > 0
    }
}

/// The first half of a window.
#[inline]
fn low(window: &[u8; WIDTH]) -> u128 {
    window.first_chunk().map_or(0, |half| u128::from_le_bytes(*half))
}

impl Pairs {
    pub(super) fn new() -> Self {
        Self { slots: Box::new([Slot::EMPTY; SLOTS]) }
    }

    #[inline]
    fn slot(&self, slot: u8) -> &Slot {
        &self.slots[usize::from(slot) % SLOTS]
    }

    /// The slot of the key that a window begins with, after that of slot `last`.
    #[inline]
    fn after(&mut self, last: u8, window: &[u8; WIDTH], wanted: &Wanted) -> Option<u8> {
        let [first, second] = self.slot(last).next;
        if self.slot(first).fits(window) {
            return Some(first);
        }
        let found = if self.slot(second).fits(window) { second } else { self.find(window, wanted)? };
        self.slots[usize::from(last) % SLOTS].next = [found, first];
        Some(found)
    }

    /// The slot of the key that a window begins with, if it has one and its equals sign.
    #[inline(never)]
    fn find(&mut self, window: &[u8; WIDTH], wanted: &Wanted) -> Option<u8> {
        let equals = Everywhere.equal(window, &[b'='; WIDTH]);
        let length = equals.trailing_zeros() as usize;
        if length == 0 || length >= WIDTH {
            return None;
        }
        let key = &window[..length];
        let last = match key.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => key.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        // Fibonacci hashing (Knuth, vol. 3, 6.4).
        let place = (last.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % SLOTS;
        let slot = &mut self.slots[place];
        if !slot.fits(window) || usize::from(slot.length) != length + 1 {
            if !key.iter().all(|&byte| is_in_key(byte) && byte.is_ascii()) {
                return None;
            }
            *slot = Slot {
                bytes: *window,
                counts: u32::MAX >> (WIDTH - 1 - length),
                low_counts: u128::MAX >> (8 * (WIDTH / 2).saturating_sub(length + 1)),
                length: length as u8 + 1,
                place: wanted.find(key, false),
                next: slot.next,
            };
        }
        // There are fewer than 256.
        Some(place as u8)
    }
}

/// Reads the line that starts at `start`; where the next one starts.
#[inline(never)]
pub(super) fn read(
    block: Block<'_>,
    start: usize,
    pairs: &mut Pairs,
    wanted: &Wanted,
    captures: &mut Captures,
) -> Option<usize> {
    if !matches!(block.get(start)?, b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@') {
        return None;
    }
    let mut at = start;
    let mut key = 0;
    let mut count = 0_u32;
    loop {
        let window = block.bytes.get(at..)?.first_chunk()?;
        key = pairs.after(key, window, wanted)?;
        let Slot { length, place, .. } = *pairs.slot(key);
        let value = at + usize::from(length);
        count += 1;
        let (from, to, kind);
        if block.get(value)? == b'"' {
            let (end, escaped) = block.quoted(value + 1)?;
            (from, to, at) = (value + 1, end, end + 1);
            kind = if escaped { Kind::Escaped } else { Kind::Plain };
        } else {
            at = block.marks.bare_end(value)?;
            (from, to) = (value, at);
            let is_number = place.is_some() && is_number(block.bytes.get(value..at)?);
            kind = if is_number { Kind::Bare } else { Kind::Plain };
        }
        if let Some(place) = place {
            captures.set(place, Span { start: (from - start) as u32, end: (to - start) as u32, kind });
        }
        if block.get(at)? == b' ' {
            at += 1;
            while block.get(at)? == b' ' {
                at += 1;
            }
            if !matches!(block.get(at)?, b'\n' | b'\r') {
                continue;
            }
        }
        let end = block.after_line_end(at)?;
        return (count >= 2).then_some(end);
    }
}

/// Whether a value is a number as JSON writes it. Few are: most others are told by their ends.
#[inline]
fn is_number(value: &[u8]) -> bool {
    matches!(value, [b'-' | b'0'..=b'9', ..])
        && value.last().is_some_and(u8::is_ascii_digit)
        && scan_number(value)
}
