//! Bytes that are near: they are found by looking at many at a time, since a call of memchr costs more than a few bytes.

use crate::json::{Everywhere, Lanes, WIDTH};

/// Where a byte is first in a part of a line.
#[inline]
pub(super) fn find(line: &[u8], start: usize, end: usize, byte: u8) -> Option<usize> {
    find_either(line, start, end, byte, byte)
}

/// Where one of two bytes is first in a part of a line.
#[inline]
pub(super) fn find_either(line: &[u8], start: usize, end: usize, one: u8, other: u8) -> Option<usize> {
    let mut at = start;
    while at < end {
        let Some(window) = line.get(at..).and_then(<[u8]>::first_chunk) else {
            return memchr::memchr2(one, other, line.get(at..end)?).map(|found| at + found);
        };
        let found = Everywhere.equal(window, &[one; WIDTH]) | Everywhere.equal(window, &[other; WIDTH]);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize).filter(|&at| at < end);
        }
        at += WIDTH;
    }
    None
}

/// Where a byte is in a line, one place after the other.
pub(super) struct Each<'a> {
    line: &'a [u8],
    byte: u8,
    /// Where those bytes begin of which `found` has a bit for each that is it.
    from: usize,
    found: u64,
}

/// How many bytes [`Each`] looks at together.
const TOGETHER: usize = 2 * WIDTH;

impl<'a> Each<'a> {
    /// Those from `from` on.
    #[inline]
    pub(super) fn of(line: &'a [u8], from: usize, byte: u8) -> Self {
        let mut each = Self { line, byte, from, found: 0 };
        each.look();
        each
    }

    #[inline]
    fn look(&mut self) {
        let rest = self.line.get(self.from..).unwrap_or_default();
        self.found = match rest.first_chunk::<TOGETHER>() {
            Some(window) => {
                let (halves, _) = window.as_chunks();
                let equal = |half| u64::from(Everywhere.equal(half, &[self.byte; WIDTH]));
                equal(&halves[0]) | equal(&halves[1]) << WIDTH
            }
            None => rest.iter().rev().fold(0, |found, &byte| found << 1 | u64::from(byte == self.byte)),
        };
    }
}

impl Iterator for Each<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.from += TOGETHER;
            if self.from >= self.line.len() {
                return None;
            }
            self.look();
        }
        let place = self.from + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Each, find, find_either};

    proptest! {
        #[test]
        fn what_is_found_is_what_plain_code_finds(
            line in prop::collection::vec(prop::sample::select(b"abcdefgh ".to_vec()), 0..300),
            from: prop::sample::Index,
            length: prop::sample::Index,
        ) {
            let start = from.index(line.len() + 1);
            let end = start + length.index(line.len() - start + 1);
            let first = |bytes: &[u8]| {
                line[start..end].iter().position(|byte| bytes.contains(byte)).map(|at| start + at)
            };
            prop_assert_eq!(find(&line, start, end, b' '), first(b" "));
            prop_assert_eq!(find_either(&line, start, end, b' ', b'a'), first(b" a"));
            let all: Vec<_> = (start..end).filter(|&at| line[at] == b' ').collect();
            prop_assert_eq!(Each::of(&line[..end], start, b' ').collect::<Vec<_>>(), all);
        }
    }
}
