//! Columns of numbers, packed by blocks: each value takes as many bits as its block of 128 needs.
//!
//! This is frame-of-reference coding (Goldstein, Ramakrishnan, Shaft: "Compressing Relations and Indexes", ICDE
//! 1998): a block keeps its smallest value, and of each value what it is above that, in the bits that the largest
//! needs. A value is found in constant time. Offsets that grow, times, and ids of few names become 0 to 4 bytes each.

use std::ops::Range;

/// Values in a block.
pub(super) const BLOCK: usize = 128;

/// A column of numbers that is complete.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    length: usize,
    heads: Vec<Head>,
    words: Vec<u64>,
}

/// Where a block stands and how it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    smallest: u64,
    /// The first of its words, times 128, plus the bits of a value (0 to 64).
    place: u64,
}

impl Head {
    fn bits(self) -> u32 {
        (self.place & 127) as u32
    }

    fn first_word(self) -> usize {
        (self.place >> 7) as usize
    }
}

impl Packed {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The value at a position, which must be below the length; 0 beyond it.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> u64 {
        let Some(&head) = self.heads.get(at / BLOCK) else { return 0 };
        head.smallest.wrapping_add(self.above(head, at % BLOCK))
    }

    /// What the value at a position of a block is above the block's smallest.
    #[inline]
    fn above(&self, head: Head, within: usize) -> u64 {
        let bits = head.bits();
        if bits == 0 {
            return 0;
        }
        let bit = within * bits as usize;
        let (word, shift) = (head.first_word() + bit / 64, (bit % 64) as u32);
        let low = self.words.get(word).copied().unwrap_or(0) >> shift;
        // The mask drops it again where the value ends in the first word: that is cheaper than a branch.
        let high = self.words.get(word + 1).copied().unwrap_or(0) << 1 << (63 - shift);
        (low | high) & mask(bits)
    }

    /// The smallest value; none, if there are no values.
    pub(crate) fn smallest(&self) -> Option<u64> {
        self.heads.iter().map(|head| head.smallest).min()
    }

    /// Is no value above this? Most blocks tell it by their head.
    pub(super) fn is_within(&self, most: u64) -> bool {
        let heads = self.heads.iter().enumerate();
        let mut beyond = heads.filter(|(_, head)| {
            head.smallest.checked_add(mask(head.bits())).is_none_or(|largest| largest > most)
        });
        beyond.all(|(block, _)| {
            let mut within = true;
            self.for_each(block * BLOCK..(block + 1) * BLOCK, |_, value| within &= value <= most);
            within
        })
    }

    /// Calls `each` with the position and value of all in a range, faster than one by one.
    #[inline]
    pub(crate) fn for_each(&self, range: Range<usize>, mut each: impl FnMut(usize, u64)) {
        let end = range.end.min(self.length);
        let mut at = range.start;
        while at < end {
            let Some(&head) = self.heads.get(at / BLOCK) else { return };
            let stop = ((at / BLOCK + 1) * BLOCK).min(end);
            let bits = head.bits();
            if bits == 0 {
                (at..stop).for_each(|at| each(at, head.smallest));
                at = stop;
                continue;
            }
            let bit = at % BLOCK * bits as usize;
            let first = head.first_word() + bit / 64;
            let mut words = self.words.get(first..).unwrap_or_default().iter();
            // What is left of the word that was reached, and how many bits that is.
            let mut word = words.next().copied().unwrap_or(0) >> (bit % 64);
            let mut left = 64 - (bit % 64) as u32;
            for at in at..stop {
                let above = if left >= bits {
                    let above = word;
                    word = word >> 1 >> (bits - 1);
                    left -= bits;
                    above
                } else {
                    let next = words.next().copied().unwrap_or(0);
                    let above = word | next << left;
                    word = next >> 1 >> (bits - left - 1);
                    left += 64 - bits;
                    above
                };
                each(at, head.smallest.wrapping_add(above & mask(bits)));
            }
            at = stop;
        }
    }

    /// Calls `each` with the value at each of some positions, in their order; positions in a row are unpacked by
    /// blocks.
    #[inline]
    pub(crate) fn for_each_of(&self, positions: &[u32], mut each: impl FnMut(u32, u64)) {
        match positions {
            [first, .., last]
                if (last.wrapping_sub(*first)) as usize == positions.len() - 1 && positions.is_sorted() =>
            {
                let range = *first as usize..*last as usize + 1;
                self.for_each(range, |at, value| each(at as u32, value));
            }
            _ => positions.iter().for_each(|&at| each(at, self.get(at as usize))),
        }
    }

    /// The first position of a range whose value is not below `least`, where values grow along the range.
    pub(crate) fn lower_bound(&self, range: Range<usize>, least: u64) -> usize {
        let (mut low, mut high) = (range.start, range.end.min(self.length));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < least {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Bytes of memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.heads.capacity() * size_of::<Head>() + self.words.capacity() * size_of::<u64>()
    }

    /// Its parts as they are saved: the heads, two words each, then the words, all little-endian.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let counts = [self.length as u64, self.heads.len() as u64, self.words.len() as u64];
        let heads = self.heads.iter().flat_map(|head| [head.smallest, head.place]);
        for number in counts.into_iter().chain(heads).chain(self.words.iter().copied()) {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Reads what [`Packed::write`] wrote, from the front of `bytes`; `None` if it is not that.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let [length, heads, words] = [take_word(bytes)?, take_word(bytes)?, take_word(bytes)?];
        let size = heads.checked_mul(16)?.checked_add(words.checked_mul(8)?)?;
        if size > bytes.len() as u64 || heads != length.div_ceil(BLOCK as u64) {
            return None;
        }
        let head = |bytes: &mut &[u8]| Some(Head { smallest: take_word(bytes)?, place: take_word(bytes)? });
        let heads: Vec<Head> = (0..heads).map(|_| head(bytes)).collect::<Option<_>>()?;
        let words = (0..words).map(|_| take_word(bytes)).collect::<Option<_>>()?;
        let length = usize::try_from(length).ok()?;
        heads.iter().all(|head| head.bits() <= 64).then_some(Self { length, heads, words })
    }
}

fn take_word(bytes: &mut &[u8]) -> Option<u64> {
    let (word, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*word))
}

#[inline]
fn mask(bits: u32) -> u64 {
    if bits == 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// A column that grows at its end.
pub(crate) struct Packer {
    done: Packed,
    block: [u64; BLOCK],
    in_block: usize,
}

impl Default for Packer {
    fn default() -> Self {
        Self { done: Packed::default(), block: [0; BLOCK], in_block: 0 }
    }
}

impl Packer {
    /// A column that goes on after the first `length` values of a complete one.
    pub(crate) fn after(mut packed: Packed, length: usize) -> Self {
        let length = length.min(packed.length);
        let (full, rest) = (length / BLOCK, length % BLOCK);
        let mut packer = Self { in_block: rest, ..Self::default() };
        for at in 0..rest {
            packer.block[at] = packed.get(full * BLOCK + at);
        }
        if let Some(head) = packed.heads.get(full) {
            packed.words.truncate(head.first_word());
        }
        packed.heads.truncate(full);
        packed.length = full * BLOCK;
        packer.done = packed;
        packer
    }

    #[inline]
    pub(crate) fn push(&mut self, value: u64) {
        self.block[self.in_block] = value;
        self.in_block += 1;
        if self.in_block == BLOCK {
            self.pack();
        }
    }

    /// How many values it has.
    pub(crate) fn len(&self) -> usize {
        self.done.length + self.in_block
    }

    fn pack(&mut self) {
        let values = &mut self.block[..self.in_block];
        let (smallest, largest) =
            values.iter().fold((u64::MAX, 0), |(low, high), &value| (low.min(value), high.max(value)));
        let bits = u64::BITS - (largest - smallest).leading_zeros();
        let first_word = self.done.words.len() as u64;
        self.done.heads.push(Head { smallest, place: first_word << 7 | u64::from(bits) });
        self.done.length += self.in_block;
        if bits > 0 {
            let (mut word, mut filled) = (0_u64, 0);
            for value in values {
                let above = *value - smallest;
                word |= above << filled;
                filled += bits;
                if filled >= 64 {
                    self.done.words.push(word);
                    filled -= 64;
                    // What of the value did not fit, if anything.
                    word = if filled == 0 { 0 } else { above >> (bits - filled) };
                }
            }
            if filled > 0 {
                self.done.words.push(word);
            }
        }
        self.in_block = 0;
    }

    /// The complete column, in no more memory than it needs.
    pub(crate) fn finish(mut self) -> Packed {
        if self.in_block > 0 {
            self.pack();
        }
        self.done.heads.shrink_to_fit();
        self.done.words.shrink_to_fit();
        self.done
    }
}

impl FromIterator<u64> for Packed {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut packer = Packer::default();
        for value in values {
            packer.push(value);
        }
        packer.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Packed, Packer};

    fn values() -> impl Strategy<Value = Vec<u64>> {
        let narrow = prop::collection::vec(0..20_u64, 0..400);
        let wide = prop::collection::vec(any::<u64>(), 0..400);
        let mixed =
            prop::collection::vec(prop_oneof![Just(0), 5..9_u64, Just(u64::MAX), any::<u64>()], 0..400);
        prop_oneof![narrow, wide, mixed]
    }

    proptest! {
        #[test]
        fn what_is_packed_is_got_back(values in values()) {
            let packed: Packed = values.iter().copied().collect();
            prop_assert_eq!(packed.len(), values.len());
            prop_assert!(values.iter().enumerate().all(|(at, &value)| packed.get(at) == value));
            let mut walked = Vec::new();
            packed.for_each(0..values.len(), |at, value| walked.push((at, value)));
            prop_assert_eq!(walked, values.iter().copied().enumerate().collect::<Vec<_>>());
            for most in values.iter().copied().chain([0, 8, u64::MAX - 1, u64::MAX]) {
                prop_assert_eq!(packed.is_within(most), values.iter().all(|&value| value <= most));
            }
            let mut saved = Vec::new();
            packed.write(&mut saved);
            saved.push(7);
            let mut rest = saved.as_slice();
            prop_assert_eq!(Packed::read(&mut rest), Some(packed));
            prop_assert_eq!(rest, [7]);
        }

        #[test]
        fn a_column_goes_on_where_another_is_cut(values in values(), cut in 0..500_usize) {
            let packed: Packed = values.iter().copied().collect();
            let cut = cut.min(values.len());
            let mut packer = Packer::after(packed.clone(), cut);
            prop_assert_eq!(packer.len(), cut);
            values[cut..].iter().for_each(|&value| packer.push(value));
            prop_assert_eq!(packer.finish(), packed);
        }

        #[test]
        fn a_bound_is_where_a_plain_search_finds_it(mut values in values(), least in 0..25_u64) {
            values.sort_unstable();
            let packed: Packed = values.iter().copied().collect();
            prop_assert_eq!(packed.lower_bound(0..values.len(), least), values.partition_point(|v| *v < least));
        }
    }

    #[test]
    fn equal_values_take_no_bits_and_cut_bytes_are_no_column() {
        let packed: Packed = std::iter::repeat_n(1 << 40, 10 * BLOCK).collect();
        assert!(packed.words.is_empty());
        let mut saved = Vec::new();
        packed.write(&mut saved);
        for length in 0..saved.len() {
            assert_eq!(Packed::read(&mut &saved[..length]), None);
        }
    }
}
