//! Weighted choice in one draw: the alias method, built and asked in integers.

use crate::draws::Draws;

/// A distribution over `0..n` from which one draw takes one value, in constant time.
///
/// Built by Vose's method in exact integer arithmetic. A weight of zero is never chosen.
pub(crate) struct Weights {
    slots: Box<[Slot]>,
}

/// One of `n` equal slots: below the threshold it stands for itself, above it for its alias.
struct Slot {
    threshold: u32,
    alias: u32,
}

impl Weights {
    /// Builds the table; the distribution over an empty or all-zero list is "always 0".
    pub(crate) fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let weights: Vec<u64> = weights.into_iter().map(u64::from).collect();
        let total: u64 = weights.iter().sum();
        let count = weights.len() as u64;
        if total == 0 {
            return Self { slots: Box::new([Slot { threshold: 0, alias: 0 }]) };
        }
        let mut left: Vec<u64> = weights.iter().map(|weight| weight * count).collect();
        let mut slots: Vec<Slot> =
            (0..weights.len() as u32).map(|own| Slot { threshold: u32::MAX, alias: own }).collect();
        let (mut poor, mut rich): (Vec<usize>, Vec<usize>) =
            (0..left.len()).partition(|&slot| left[slot] < total);
        while let Some(&giver) = rich.last() {
            let Some(taker) = poor.pop() else { break };
            slots[taker] = Slot {
                threshold: ((u128::from(left[taker]) << 32) / u128::from(total)) as u32,
                alias: giver as u32,
            };
            left[giver] -= total - left[taker];
            if left[giver] < total {
                rich.pop();
                poor.push(giver);
            }
        }
        Self { slots: slots.into() }
    }

    /// Zipf's law over `count` ranks with exponent 1, flattened at its head by `offset`.
    pub(crate) fn zipf(count: usize, offset: u32) -> Self {
        Self::new((0..count as u32).map(|rank| 1_000_000 / (rank + 1 + offset)))
    }

    /// One value, by one draw.
    #[inline]
    pub(crate) fn draw(&self, draws: &mut Draws) -> usize {
        self.choose(draws.word())
    }

    /// The value that 32 uniform bits stand for: for choices that must come out the same each time.
    #[inline]
    pub(crate) fn choose(&self, bits: u32) -> usize {
        let product = u64::from(bits) * self.slots.len() as u64;
        let own = (product >> 32) as usize;
        let slot = &self.slots[own];
        if (product as u32) < slot.threshold { own } else { slot.alias as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_follow_the_weights() {
        let weights = [5_u32, 0, 1, 94, 400, 500];
        let table = Weights::new(weights);
        let mut draws = Draws::new("test", 3, 0);
        let mut counts = [0_u32; 6];
        for _ in 0..1_000_000 {
            counts[table.draw(&mut draws)] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, weight) in counts.iter().zip(weights) {
            let expected = weight * 1000;
            assert!(count.abs_diff(expected) <= 100 + expected / 50, "{counts:?}");
        }
    }

    #[test]
    fn degenerate_tables_answer() {
        assert_eq!(Weights::new([]).choose(u32::MAX), 0);
        assert_eq!(Weights::new([0, 0]).choose(7), 0);
        assert_eq!(Weights::new([3]).choose(u32::MAX), 0);
    }
}
