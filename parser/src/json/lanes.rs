//! Many bytes at a time: where a string stops being plain, where a number's digits end, which bytes are equal.

#[cfg(not(target_arch = "x86_64"))]
use self::portable as best;
#[cfg(target_arch = "x86_64")]
use self::sse2 as best;

/// Whether a byte may not stand in a string as itself.
#[inline]
pub(super) fn is_stop(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// A bit for each byte, the first the lowest: whether it stops. Only the lowest bit that is set is sure to be right.
#[inline]
pub(super) fn stop_mask(bytes: &[u8; 32]) -> u32 {
    let (low, high) = bytes.split_at(16);
    match (low.first_chunk(), high.first_chunk()) {
        (Some(low), Some(high)) => best::stops(low) | best::stops(high) << 16,
        _ => 0,
    }
}

/// Where the first byte is that stops or is not ASCII.
#[inline]
pub(super) fn plain_ascii(bytes: &[u8; 16]) -> Option<u32> {
    let others = best::stops_or_high(bytes);
    if others == 0 { None } else { Some(others.trailing_zeros()) }
}

/// The same of twice as many.
#[inline]
pub(super) fn plain_ascii_wide(bytes: &[u8; 32]) -> Option<u32> {
    let others = match bytes.as_chunks().0 {
        [low, high] => best::stops_or_high(low) | best::stops_or_high(high) << 16,
        _ => 0,
    };
    if others == 0 { None } else { Some(others.trailing_zeros()) }
}

/// A bit for each byte that is the same in both.
#[inline]
pub(super) fn equal(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    match (a.as_chunks().0, b.as_chunks().0) {
        ([a_low, a_high], [b_low, b_high]) => best::equal(a_low, b_low) | best::equal(a_high, b_high) << 16,
        _ => 0,
    }
}

/// By the instructions that every x86-64 processor has.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use safe_arch::{
        bitor_m128i, cmp_eq_mask_i8_m128i, cmp_gt_mask_i8_m128i, load_unaligned_m128i, m128i, min_u8_m128i,
        move_mask_i8_m128i, set_splat_i8_m128i,
    };

    #[inline]
    pub(super) fn stops(bytes: &[u8; 16]) -> u32 {
        let lanes = load_unaligned_m128i(bytes);
        let quote = cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'"' as i8));
        let backslash = cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'\\' as i8));
        let control = cmp_eq_mask_i8_m128i(min_u8_m128i(lanes, set_splat_i8_m128i(0x1f)), lanes);
        mask(bitor_m128i(bitor_m128i(quote, backslash), control))
    }

    #[inline]
    pub(super) fn stops_or_high(bytes: &[u8; 16]) -> u32 {
        let lanes = load_unaligned_m128i(bytes);
        let quote = cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'"' as i8));
        let backslash = cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'\\' as i8));
        // As signed numbers those that are not ASCII are below zero.
        let other = cmp_gt_mask_i8_m128i(set_splat_i8_m128i(0x20), lanes);
        mask(bitor_m128i(bitor_m128i(quote, backslash), other))
    }

    #[inline]
    pub(super) fn equal(a: &[u8; 16], b: &[u8; 16]) -> u32 {
        mask(cmp_eq_mask_i8_m128i(load_unaligned_m128i(a), load_unaligned_m128i(b)))
    }

    #[inline]
    fn mask(lanes: m128i) -> u32 {
        // Sixteen bits, so it is never negative.
        move_mask_i8_m128i(lanes) as u32
    }
}

/// In ordinary arithmetic on words, for all other processors. The high bit of a byte tells, and only of the first that
/// counts: above it others may be set by a carry or borrow.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    const QUOTE: u64 = ONES * b'"' as u64;
    const BACKSLASH: u64 = ONES * b'\\' as u64;

    #[inline]
    pub(super) fn stops(bytes: &[u8; 16]) -> u32 {
        mask(bytes, |word| {
            let control = word.wrapping_sub(ONES * 0x20);
            let quote = (word ^ QUOTE).wrapping_sub(ONES);
            let backslash = (word ^ BACKSLASH).wrapping_sub(ONES);
            (control | quote | backslash) & !word
        })
    }

    #[inline]
    pub(super) fn stops_or_high(bytes: &[u8; 16]) -> u32 {
        stops(bytes) | mask(bytes, |word| word)
    }

    #[inline]
    pub(super) fn equal(a: &[u8; 16], b: &[u8; 16]) -> u32 {
        a.iter().zip(b).rev().fold(0, |mask, (a, b)| mask << 1 | u32::from(a == b))
    }

    #[inline]
    fn mask(bytes: &[u8; 16], mark: impl Fn(u64) -> u64) -> u32 {
        // The multiplication moves the eight high bits side by side into the topmost byte.
        let gather = |word: u64| ((mark(word) & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let whole = u128::from_le_bytes(*bytes);
        (gather(whole as u64) | gather((whole >> 64) as u64) << 8) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{best, equal, is_stop, plain_ascii, portable, stop_mask};

    fn check(bytes: [u8; 16]) -> Result<(), TestCaseError> {
        let stop = bytes.iter().position(|&b| is_stop(b)).unwrap_or(16);
        prop_assert_eq!((portable::stops(&bytes) | 1 << 16).trailing_zeros() as usize, stop);
        for before in [0, 7, 16] {
            let mut more = [b' '; 32];
            more[before..before + 16].copy_from_slice(&bytes);
            let found = stop_mask(&more).trailing_zeros() as usize;
            prop_assert_eq!(found, if stop == 16 { 32 } else { before + stop });
        }
        let odd = bytes.iter().position(|&b| is_stop(b) || !b.is_ascii());
        prop_assert_eq!(plain_ascii(&bytes).map(|at| at as usize), odd);
        prop_assert_eq!(
            (portable::stops_or_high(&bytes) | 1 << 16).trailing_zeros() as usize,
            odd.unwrap_or(16)
        );
        Ok(())
    }

    #[test]
    fn every_byte_in_every_place() {
        for byte in 0..=255 {
            for place in 0..16 {
                for around in [b'x', b'7', b'0', b'9', 0x80, 0xff, b' '] {
                    let mut bytes = [around; 16];
                    bytes[place] = byte;
                    check(bytes).expect("both ways agree with a plain search");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes: [u8; 16]) {
            check(bytes)?;
        }

        #[test]
        fn equal_bytes_are_told(a: [u8; 32], changes: [bool; 32]) {
            let mut b = a;
            b.iter_mut().zip(changes).for_each(|(byte, change)| *byte ^= u8::from(change));
            let expected = changes.iter().rev().fold(0_u32, |mask, change| mask << 1 | u32::from(!change));
            prop_assert_eq!(equal(&a, &b), expected);
            let (a, b) = (a.first_chunk().expect("16 of 32 bytes"), b.first_chunk().expect("16 of 32 bytes"));
            prop_assert_eq!(portable::equal(a, b), best::equal(a, b));
        }
    }
}
