//! How many different things there are, about, in little memory: `HyperLogLog`.
//!
//! After Flajolet, Fusy, Gandouet and Meunier, "`HyperLogLog`: the analysis of a near-optimal cardinality estimation
//! algorithm" (2007), with 64-bit hashes; the estimate is that of Ertl, "New cardinality estimation algorithms for
//! `HyperLogLog` sketches" (2017, algorithm 6), which needs no tables and no correction for few or many. Few things are kept
//! as they are, so that their number is exact.

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use crate::address::Address;

/// Bits of a hash that choose a register.
const PRECISION: u32 = 14;
const REGISTERS: usize = 1 << PRECISION;
/// The other bits, whose leading zeros a register counts.
const REST: u32 = u64::BITS - PRECISION;
/// Up to so many things are kept as they are.
const FEW: usize = 512;

/// The relative standard error of an approximate count for more than some hundred things, 1.04 / sqrt(16384): two of three
/// estimates are nearer to the truth than this, 19 of 20 nearer than twice this.
pub const STANDARD_ERROR: f64 = 1.04 / 128.0;

/// A set of things by their hashes, of which only the size can be told. It takes at most some 16 KiB.
#[derive(Debug, Clone)]
pub(crate) enum Sketch {
    Few(HashSet<u64, RandomState>),
    /// The most leading zeros, and one, of all hashes that chose a register.
    Many(Box<[u8]>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self::Few(HashSet::default())
    }
}

impl Sketch {
    pub(crate) fn insert(&mut self, hash: u64) {
        match self {
            Self::Few(hashes) => {
                hashes.insert(hash);
                if hashes.len() > FEW {
                    let mut registers = vec![0; REGISTERS].into_boxed_slice();
                    hashes.iter().for_each(|&hash| count(&mut registers, hash));
                    *self = Self::Many(registers);
                }
            }
            Self::Many(registers) => count(registers, hash),
        }
    }

    /// Puts in whatever is in another.
    pub(crate) fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::Few(hashes)) => hashes.into_iter().for_each(|hash| self.insert(hash)),
            (Self::Many(registers), Self::Many(others)) => {
                registers
                    .iter_mut()
                    .zip(others)
                    .for_each(|(register, other)| *register = other.max(*register));
            }
            (Self::Few(hashes), Self::Many(mut registers)) => {
                hashes.iter().for_each(|&hash| count(&mut registers, hash));
                *self = Self::Many(registers);
            }
        }
    }

    /// How many things there are, about; exactly, if they are few.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Few(hashes) => hashes.len() as u64,
            Self::Many(registers) => estimate(registers).round() as u64,
        }
    }
}

fn count(registers: &mut [u8], hash: u64) {
    let zeros = (hash << PRECISION).leading_zeros().min(REST) as u8 + 1;
    if let Some(register) = registers.get_mut((hash >> REST) as usize) {
        *register = zeros.max(*register);
    }
}

fn estimate(registers: &[u8]) -> f64 {
    let mut multiplicities = [0.0; REST as usize + 2];
    for &register in registers {
        multiplicities[usize::from(register)] += 1.0;
    }
    let [none, some @ .., all] = multiplicities;
    let m = REGISTERS as f64;
    let mut z = m * tau(1.0 - all / m);
    for multiplicity in some.into_iter().rev() {
        z = 0.5 * (z + multiplicity);
    }
    z += m * sigma(none / m);
    m / (2.0 * std::f64::consts::LN_2) * (m / z)
}

/// x + the sum of x^(2^k) 2^(k-1) for k from 1 on.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// A third of 1 - x - the sum of (1 - x^(2^-k))^2 2^-k for k from 1 on.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

/// A hash whose every bit depends on every bit of a number: the finaliser of `SplitMix64` (Steele, Lea and Flood 2014). The
/// same on every machine, so that the same log gives the same estimate.
fn mix(mut number: u64) -> u64 {
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

pub(crate) fn hash_address(address: Address) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    // Else `::` would be taken for 0.0.0.0, since the hash of 0 is 0.
    const OTHER: u64 = 0xd6e8_feb8_6659_fd93;
    match address {
        Address::V4(address) => mix(u64::from(address).wrapping_add(GOLDEN)),
        Address::V6(address) => mix(mix(address as u64 ^ OTHER) ^ (address >> 64) as u64 ^ GOLDEN),
    }
}

pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]);
    words.fold(mix(bytes.len() as u64 + 1), |hash, word| {
        mix(hash.rotate_left(23) ^ u64::from_le_bytes(*word).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

#[cfg(test)]
mod tests {
    use super::{FEW, STANDARD_ERROR, Sketch, hash_address, hash_bytes};
    use crate::address::Address;

    fn of(hashes: impl Iterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::default();
        hashes.for_each(|hash| {
            sketch.insert(hash);
            sketch.insert(hash);
        });
        sketch
    }

    #[test]
    fn few_are_counted_exactly() {
        for number in [0, 1, 100, FEW] {
            let sketch = of((0..number as u32).map(|n| hash_address(Address::V4(n))));
            assert_eq!(sketch.len(), number as u64);
        }
    }

    /// The error is what is stated, over runs of addresses side by side and far apart, of both kinds, and of names.
    #[test]
    fn the_error_is_what_is_stated() {
        let kinds: [fn(u64, u64) -> u64; 4] = [
            |run, n| hash_address(Address::V4((run << 20 | n) as u32)),
            |run, n| {
                hash_address(Address::V6(0x2001_0db8_u128 << 96 | u128::from(run) << 64 | u128::from(n)))
            },
            |run, n| hash_address(Address::V6(u128::from(run) << 100 | u128::from(n) << 64 | 1)),
            |run, n| hash_bytes(format!("client-{run}-{n}").as_bytes()),
        ];
        for number in [600, 3000, 16_384, 50_000, 200_000] {
            let mut squares = 0.0;
            let runs = 40;
            for run in 0..runs {
                let sketch = of((0..number).map(|n| kinds[run as usize % 4](run, n)));
                let error = sketch.len() as f64 / number as f64 - 1.0;
                assert!(error.abs() < 5.0 * STANDARD_ERROR, "{error} of {number} in run {run}");
                squares += error * error;
            }
            let spread = (squares / runs as f64).sqrt();
            assert!(spread < 1.35 * STANDARD_ERROR, "{spread} of {number}");
        }
    }

    #[test]
    fn merging_is_the_same_as_counting_together() {
        let hash = |n: u32| hash_address(Address::V4(n));
        for (a, b) in
            [(0..10, 5..20), (0..400, 300..600), (0..5000, 10..20), (10..20, 0..5000), (0..3000, 2000..9000)]
        {
            let mut merged = of(a.clone().map(hash));
            merged.merge(of(b.clone().map(hash)));
            assert_eq!(merged.len(), of(a.chain(b).map(hash)).len());
        }
    }
}
