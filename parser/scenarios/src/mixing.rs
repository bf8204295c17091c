//! Values as parts of sums that do not depend on their order, at a fraction of what it takes to find the values.

/// One multiplication carries every bit into the upper half, whence a shift brings it down again.
#[inline]
pub(crate) fn mix(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Mixes bytes in, and how many they are.
#[inline]
pub(crate) fn mix_bytes(state: u64, bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(mix(state, bytes.len() as u64), |mixed, eight| {
        let mut word = [0; 8];
        word[..eight.len()].copy_from_slice(eight);
        mix(mixed, u64::from_le_bytes(word))
    })
}
