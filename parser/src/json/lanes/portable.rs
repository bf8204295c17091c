//! In ordinary arithmetic on words, for all other processors. The high bit of a byte tells.

use super::{Lanes, WIDTH};

#[derive(Clone, Copy)]
pub(crate) struct Portable;

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

impl Lanes for Portable {
    #[inline]
    fn stops(self, bytes: &[u8; WIDTH]) -> u32 {
        mask(bytes, stops)
    }

    #[inline]
    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32 {
        mask(bytes, |word| stops(word) | word)
    }

    #[inline]
    fn gaps(self, bytes: &[u8; WIDTH]) -> u32 {
        bytes.iter().rev().fold(0, |mask, &byte| mask << 1 | u32::from(byte <= b' ' || !byte.is_ascii()))
    }

    #[inline]
    fn digits(self, bytes: &[u8; WIDTH]) -> u32 {
        bytes.iter().rev().fold(0, |mask, byte| mask << 1 | u32::from(byte.is_ascii_digit()))
    }

    #[inline]
    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        a.iter().zip(b).rev().fold(0, |mask, (a, b)| mask << 1 | u32::from(a == b))
    }
}

#[inline]
fn stops(word: u64) -> u64 {
    let all = |byte: u8| ONES * u64::from(byte);
    zeros(word & all(0xe0)) | zeros(word ^ all(b'"')) | zeros(word ^ all(b'\\'))
}

/// The high bit of each byte that is zero (Warren, Hacker's Delight, 6-1).
#[inline]
fn zeros(word: u64) -> u64 {
    !(((word & !HIGH) + !HIGH) | word) & HIGH
}

#[inline]
fn mask(bytes: &[u8; WIDTH], mark: impl Fn(u64) -> u64) -> u32 {
    let (words, _) = bytes.as_chunks();
    words.iter().rev().fold(0, |mask, word| {
        // The multiplication moves the eight high bits side by side into the topmost byte.
        let marked = (mark(u64::from_le_bytes(*word)) & HIGH) >> 7;
        mask << 8 | (marked.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    })
}
