//! Popularity: Zipf's law over populations too large for a slot to each.

use crate::draws::Draws;
use crate::weights::Weights;

/// Into so many equal parts each octave of ranks is cut, where it has more ranks than that.
const PARTS: u32 = 32;

/// Zipf's law with exponent 1 over the ranks `0..n`, by two draws at most and a few hundred slots: the ranks are gathered
/// into blocks, each drawn by the whole weight of its ranks. The first 63 blocks are a rank each, and the others a 32nd part
/// of an octave, within which ranks are drawn alike: no rank is off from its share by more than two of a hundred.
pub(crate) struct Zipf {
    weights: Weights,
    blocks: Box<[Block]>,
}

/// Ranks that follow each other.
struct Block {
    first: u32,
    ranks: u32,
}

impl Zipf {
    /// The law over this many ranks, of which there is at least one. Takes a division for each.
    pub(crate) fn new(count: u32) -> Self {
        let mut blocks = Vec::new();
        let mut first = 0;
        while first < count.max(1) {
            let ranks = (1 << (first + 1).ilog2()) / PARTS;
            let ranks = ranks.clamp(1, count.max(1) - first);
            blocks.push(Block { first, ranks });
            first += ranks;
        }
        // The first rank weighs 2^31, and a block less than it.
        let weight = |block: &Block| {
            let ranks = block.first..block.first + block.ranks;
            (ranks.map(|rank| (1_u64 << 48) / u64::from(rank + 1)).sum::<u64>() >> 17) as u32
        };
        Self { weights: Weights::new(blocks.iter().map(weight)), blocks: blocks.into() }
    }

    /// How many ranks there are.
    pub(crate) fn ranks(&self) -> u32 {
        self.blocks.last().map_or(0, |block| block.first + block.ranks)
    }

    /// One rank.
    #[inline]
    pub(crate) fn draw(&self, draws: &mut Draws) -> u32 {
        let block = &self.blocks[self.weights.draw(draws)];
        if block.ranks == 1 { block.first } else { block.first + draws.below(block.ranks) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rank_has_its_share_and_no_other_is_drawn() {
        let mut draws = Draws::new("test", 1, 0);
        for count in [1_u32, 2, 3, 31, 33, 100, 1000] {
            let law = Zipf::new(count);
            let mut drawn = vec![0_u32; count as usize];
            for _ in 0..1_000_000 {
                drawn[law.draw(&mut draws) as usize] += 1;
            }
            let harmonic: f64 = (1..=count).map(|rank| 1.0 / f64::from(rank)).sum();
            for (rank, &drawn) in drawn.iter().enumerate() {
                let expected = 1_000_000.0 / harmonic / (rank + 1) as f64;
                // Five deviations of what is drawn at random, and what the blocks are off.
                let off = 5.0 * expected.sqrt() + expected * 0.02;
                assert!(
                    (f64::from(drawn) - expected).abs() < off,
                    "{drawn} of {rank} of {count}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn blocks_tile_the_ranks() {
        for count in [0, 1, 64, 65, 262_143, 262_144, 1 << 20] {
            let law = Zipf::new(count);
            let mut next = 0;
            for block in &law.blocks {
                assert_eq!(block.first, next);
                assert!(block.ranks > 0 && (block.ranks == 1 || block.ranks * PARTS <= block.first + 1));
                next += block.ranks;
            }
            assert_eq!(next, count.max(1));
            assert!(law.blocks.len() < 700);
        }
    }
}
