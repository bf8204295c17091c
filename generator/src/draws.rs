//! Draws: every random choice of a corpus, taken from a `ChaCha` stream in integer arithmetic only.
//!
//! No floating point is used anywhere in drawing, so a corpus does not depend on a platform's mathematics
//! library, its rounding or its byte order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream that the tables of a shape are drawn from. Chunks use the streams from 0 up.
pub(crate) const TABLES_STREAM: u64 = u64::MAX;

/// A source of draws: one stream of `ChaCha8` under a key made of the shape's name and the seed.
pub(crate) struct Draws {
    rng: ChaCha8Rng,
}

impl Draws {
    /// Starts stream `stream` of (`shape`, `seed`) at its beginning.
    ///
    /// The key is spelled out here, byte by byte, rather than left to `seed_from_u64`, whose expansion has changed
    /// between releases of the crate.
    pub(crate) fn new(shape: &str, seed: u64, stream: u64) -> Self {
        let mut key = *b"assay generator:\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (slot, byte) in key[16..24].iter_mut().zip(shape.bytes()) {
            *slot = byte;
        }
        key[24..].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self { rng }
    }

    /// 32 uniform bits.
    #[inline]
    pub(crate) fn word(&mut self) -> u32 {
        self.rng.next_u32()
    }

    /// 64 uniform bits.
    #[inline]
    pub(crate) fn long(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A number in `0..bound`, by multiply and shift: off from uniform by less than `bound` in 2^32.
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(bound)) >> 32) as u32
    }

    /// True in `share` of 1,000 draws.
    #[inline]
    pub(crate) fn per_mille(&mut self, share: u32) -> bool {
        self.below(1000) < share
    }

    /// A magnitude of at most `2^bits - 2`: small numbers are common, large ones are not rare. With one added, it is as
    /// likely in one octave `2^k..2^(k+1)` as in another, and in one place of it as in another.
    #[inline]
    pub(crate) fn magnitude(&mut self, bits: u32) -> u32 {
        let product = u64::from(self.word()) * u64::from(bits);
        let octave = (product >> 32) as u32;
        let within = (product & u64::from(u32::MAX)) << octave >> 32;
        (1 << octave) + within as u32 - 1
    }
}

/// A bijection on 64 bits that leaves no visible pattern (the finaliser of `SplitMix64`): turns numbers that count into
/// ids that look drawn and never collide, and keys into choices that stay the same whenever they are asked for.
#[inline]
pub(crate) const fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_and_seeds_and_shapes_differ() {
        let first = |shape, seed, stream| Draws::new(shape, seed, stream).long();
        let all = [first("cdn", 1, 0), first("cdn", 1, 1), first("cdn", 2, 0), first("app", 1, 0)];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one));
        }
        assert_eq!(first("cdn", 1, 0), first("cdn", 1, 0));
    }

    #[test]
    fn magnitudes_are_as_likely_in_one_octave_as_in_another() {
        let mut draws = Draws::new("test", 1, 0);
        let mut octaves = [0_u32; 18];
        for _ in 0..180_000 {
            let magnitude = draws.magnitude(18);
            assert!(magnitude < (1 << 18) - 1);
            octaves[(magnitude + 1).ilog2() as usize] += 1;
        }
        assert!(octaves.iter().all(|&count| (9_500..10_500).contains(&count)), "{octaves:?}");
    }

    #[test]
    fn below_reaches_both_ends() {
        let mut draws = Draws::new("test", 2, 0);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[draws.below(7) as usize] = true;
        }
        assert_eq!(seen, [true; 7]);
    }
}
