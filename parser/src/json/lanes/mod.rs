//! Many bytes at a time: where a string stops being plain, which bytes are digits, which are equal.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(test)]
mod each;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(any(test, not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))))]
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
#[cfg(test)]
pub(super) use each::Each;
#[cfg(all(test, target_arch = "x86_64"))]
pub(super) use each::say_skipped;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub(crate) use neon::Neon as Everywhere;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little"))))]
pub(crate) use portable::Portable as Everywhere;
#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::Sse2 as Everywhere;

/// How many bytes are looked at together.
pub(crate) const WIDTH: usize = 32;
/// How many are marked together.
pub(super) const STRIDE: usize = 64;

/// A way to look at many bytes. Each question is answered by a bit for each byte, the first the lowest.
pub(crate) trait Lanes: Copy {
    /// Which bytes may not stand in a string as themselves.
    fn stops(self, bytes: &[u8; WIDTH]) -> u32;

    /// Which bytes may not stand in a string as themselves or are not ASCII.
    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32;

    /// Which bytes are spaces or controls or are not ASCII.
    fn gaps(self, bytes: &[u8; WIDTH]) -> u32;

    /// Which bytes are decimal digits.
    fn digits(self, bytes: &[u8; WIDTH]) -> u32;

    /// Which bytes are the same in both.
    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32;
}

/// A way to mark the bytes of a block, a bit for each, the first the lowest.
pub(super) trait Marking: Copy {
    /// Which bytes may not stand in a string as themselves or are not ASCII.
    fn mark_stops(self, bytes: &[u8; STRIDE]) -> u64;

    /// Which bytes are spaces or controls or are not ASCII.
    fn mark_gaps(self, bytes: &[u8; STRIDE]) -> u64;
}

impl<L: Lanes> Marking for L {
    #[inline(always)]
    fn mark_stops(self, bytes: &[u8; STRIDE]) -> u64 {
        let (halves, _) = bytes.as_chunks();
        joined(self.stops_or_high(&halves[0]), self.stops_or_high(&halves[1]))
    }

    #[inline(always)]
    fn mark_gaps(self, bytes: &[u8; STRIDE]) -> u64 {
        let (halves, _) = bytes.as_chunks();
        joined(self.gaps(&halves[0]), self.gaps(&halves[1]))
    }
}

#[inline(always)]
fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << WIDTH
}

/// Whether a byte may not stand in a string as itself.
#[inline]
pub(super) fn is_stop(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Each, Lanes, WIDTH, is_stop};

    fn mask(bytes: &[u8; WIDTH], is: impl Fn(usize, u8) -> bool) -> u32 {
        bytes.iter().enumerate().rev().fold(0, |mask, (at, &byte)| mask << 1 | u32::from(is(at, byte)))
    }

    fn check_one(lanes: Each, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> Result<(), TestCaseError> {
        prop_assert_eq!(lanes.stops(a), mask(a, |_, byte| is_stop(byte)), "{:?}", lanes);
        let odd = mask(a, |_, byte| is_stop(byte) || !byte.is_ascii());
        prop_assert_eq!(lanes.stops_or_high(a), odd, "{:?}", lanes);
        let gaps = mask(a, |_, byte| byte <= b' ' || !byte.is_ascii());
        prop_assert_eq!(lanes.gaps(a), gaps, "{:?}", lanes);
        prop_assert_eq!(lanes.digits(a), mask(a, |_, byte| byte.is_ascii_digit()), "{:?}", lanes);
        prop_assert_eq!(lanes.equal(a, b), mask(a, |at, byte| byte == b[at]), "{:?}", lanes);
        Ok(())
    }

    /// Every way gives what plain code gives.
    fn check(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> Result<(), TestCaseError> {
        Each::all().into_iter().try_for_each(|lanes| check_one(lanes, a, b))
    }

    #[test]
    fn every_byte_in_every_place() {
        for byte in 0..=255 {
            for place in 0..WIDTH {
                for around in [b'x', b'7', b'0', b'9', 0x80, 0xff, b' '] {
                    let mut bytes = [around; WIDTH];
                    bytes[place] = byte;
                    check(&bytes, &[around; WIDTH]).expect("all ways agree with a plain search");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes(a: [u8; WIDTH], changes: [bool; WIDTH]) {
            let mut b = a;
            b.iter_mut().zip(changes).for_each(|(byte, change)| *byte ^= u8::from(change));
            check(&a, &b)?;
        }
    }
}
