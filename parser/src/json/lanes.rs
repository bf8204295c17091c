//! Many bytes at a time: where a string stops being plain, where a number's digits end.

#[cfg(not(target_arch = "x86_64"))]
use self::portable::{not_digits, stops};
#[cfg(target_arch = "x86_64")]
use self::sse2::{not_digits, stops};

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
        (Some(low), Some(high)) => stops(low) | stops(high) << 16,
        _ => 0,
    }
}

/// How many digits the bytes begin with.
#[inline]
pub(super) fn digits(bytes: &[u8; 16]) -> usize {
    (not_digits(bytes) | 1 << 16).trailing_zeros() as usize
}

/// By the instructions that every x86-64 processor has.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use safe_arch::{
        add_i8_m128i, bitor_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, m128i, max_u8_m128i,
        min_u8_m128i, move_mask_i8_m128i, set_splat_i8_m128i,
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
    pub(super) fn not_digits(bytes: &[u8; 16]) -> u32 {
        let value = add_i8_m128i(load_unaligned_m128i(bytes), set_splat_i8_m128i(b'0'.wrapping_neg() as i8));
        mask(cmp_eq_mask_i8_m128i(max_u8_m128i(value, set_splat_i8_m128i(10)), value))
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
    pub(super) fn not_digits(bytes: &[u8; 16]) -> u32 {
        mask(bytes, |word| {
            let value = word ^ (ONES * 0x30);
            value.wrapping_add(ONES * 0x76) | value
        })
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

    use super::{digits, is_stop, portable, stop_mask};

    fn check(bytes: [u8; 16]) -> Result<(), TestCaseError> {
        let stop = bytes.iter().position(|&b| is_stop(b)).unwrap_or(16);
        prop_assert_eq!((portable::stops(&bytes) | 1 << 16).trailing_zeros() as usize, stop);
        for before in [0, 7, 16] {
            let mut more = [b' '; 32];
            more[before..before + 16].copy_from_slice(&bytes);
            let found = stop_mask(&more).trailing_zeros() as usize;
            prop_assert_eq!(found, if stop == 16 { 32 } else { before + stop });
        }
        let digit = bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(16);
        prop_assert_eq!(digits(&bytes), digit);
        prop_assert_eq!((portable::not_digits(&bytes) | 1 << 16).trailing_zeros() as usize, digit);
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
    }
}
