//! Several bytes at a time: where a string stops being plain.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = ONES << 7;
const QUOTE: u64 = b'"' as u64;
const BACKSLASH: u64 = b'\\' as u64;

/// Whether a byte may not stand in a string as itself.
#[inline]
pub(super) fn is_stop(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The position of the first byte that stops; 8 if there is none.
#[inline]
pub(super) fn first_stop(bytes: [u8; 8]) -> usize {
    let word = u64::from_le_bytes(bytes);
    // A byte less than what is subtracted from it borrows, which sets its high bit. Above the first such byte a
    // borrow may set others, which does no harm as only the first is asked for.
    let control = word.wrapping_sub(ONES * 0x20);
    let quote = (word ^ (ONES * QUOTE)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * BACKSLASH)).wrapping_sub(ONES);
    let stops = (control | quote | backslash) & !word & HIGH;
    (stops.trailing_zeros() / 8) as usize
}

/// Whether none of the bytes stops; a loop that the compiler turns into vector instructions.
#[inline]
pub(super) fn is_plain(bytes: &[u8; 32]) -> bool {
    let stop = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    bytes.iter().fold(0, |stops, &byte| stops | stop(byte)) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{first_stop, is_plain, is_stop};

    #[test]
    fn every_byte_in_every_place() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                let mut bytes = [b'x'; 8];
                bytes[place] = byte;
                assert_eq!(first_stop(bytes), if is_stop(byte) { place } else { 8 }, "{byte:#x} at {place}");
            }
            for place in 0..32 {
                let mut bytes = [0x80; 32];
                bytes[place] = byte;
                assert_eq!(is_plain(&bytes), !is_stop(byte), "{byte:#x} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_search(bytes: [u8; 8]) {
            prop_assert_eq!(first_stop(bytes), bytes.iter().position(|&b| is_stop(b)).unwrap_or(8));
        }
    }
}
