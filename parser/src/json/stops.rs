//! Where the strings of a block may end.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

use super::lanes::{Marking, STRIDE};

/// A bit for each byte of a block, the first the lowest, set if the byte may not stand in a string as itself or is not
/// ASCII: where a string begins is known, so the next such byte is its end, or something rare.
///
/// The bits are found in one pass that waits for nothing, and some thousand bytes before they are needed. To look for
/// each string's end where it begins would be a chain of loads and comparisons, each waiting for the one before.
#[derive(Default)]
pub(super) struct Stops {
    bits: Vec<u8>,
}

impl Stops {
    /// Looks at another block.
    #[inline(always)]
    pub(super) fn mark(&mut self, marking: impl Marking, block: &[u8]) {
        self.mark_by::<false>(marking, block);
    }

    /// The same for what stands without quotes, which spaces end and quotes and backslashes do not.
    #[inline(always)]
    pub(super) fn mark_gaps(&mut self, marking: impl Marking, block: &[u8]) {
        self.mark_by::<true>(marking, block);
    }

    // Not by a function that is handed over: it would not be compiled for the instructions of the caller.
    #[inline(always)]
    fn mark_by<const GAPS: bool>(&mut self, marking: impl Marking, block: &[u8]) {
        let (chunks, last) = block.as_chunks();
        let known = chunks.len() * STRIDE / 8;
        // What comes after the block is stops, and the last word is whole.
        self.bits.resize(known + STRIDE / 8 + 8, 0xff);
        self.bits[known..].fill(0xff);
        let (words, _) = self.bits.as_chunks_mut();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            let bits = if GAPS { marking.mark_gaps(chunk) } else { marking.mark_stops(chunk) };
            *word = bits.to_le_bytes();
        }
        let mut chunk = [0; STRIDE];
        chunk[..last.len()].copy_from_slice(last);
        let bits = if GAPS { marking.mark_gaps(&chunk) } else { marking.mark_stops(&chunk) };
        words[chunks.len()] = bits.to_le_bytes();
    }

    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        View { bits: &self.bits }
    }

    #[inline]
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        self.view().next(at)
    }
}

/// The stops of a block.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    bits: &'a [u8],
}

impl View<'_> {
    /// The first stop of the block at or after `at`; `None` or a place after the block if there is none.
    #[inline(always)]
    pub(super) fn next(self, at: usize) -> Option<usize> {
        // Written so that one comparison is left of the checks.
        let mut at = at as u32 as usize;
        loop {
            let first = at / 8;
            let bits = self.bits.get(first..first + 8)?.first_chunk()?;
            let bits = u64::from_le_bytes(*bits) >> (at % 8);
            if bits != 0 {
                return Some(at + bits.trailing_zeros() as usize);
            }
            at = (first + 8) * 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    #[cfg(target_arch = "x86_64")]
    use super::super::lanes::{Avx512, say_skipped};
    use super::super::lanes::{Each, Marking, STRIDE, is_stop};
    use super::Stops;

    /// Finds from every place, past the end too, what a plain search finds.
    fn check_by(
        marking: impl Marking + std::fmt::Debug,
        stops: &mut Stops,
        block: &[u8],
    ) -> Result<(), TestCaseError> {
        stops.mark(marking, block);
        for at in 0..block.len() + 2 * STRIDE {
            let rest = block.get(at..).unwrap_or_default();
            let first =
                rest.iter().position(|&byte| is_stop(byte) || !byte.is_ascii()).map(|first| at + first);
            // What it says of places after the block means nothing.
            let found = stops.next(at).filter(|&found| found < block.len());
            prop_assert_eq!(found, first, "{:?} from {} of {:?}", marking, at, block);
        }
        stops.mark_gaps(marking, block);
        for at in 0..block.len() + 2 * STRIDE {
            let rest = block.get(at..).unwrap_or_default();
            let first =
                rest.iter().position(|&byte| byte <= b' ' || !byte.is_ascii()).map(|first| at + first);
            let found = stops.next(at).filter(|&found| found < block.len());
            prop_assert_eq!(found, first, "{:?}, gaps from {} of {:?}", marking, at, block);
        }
        Ok(())
    }

    fn check(stops: &mut Stops, block: &[u8]) -> Result<(), TestCaseError> {
        Each::all().into_iter().try_for_each(|lanes| check_by(lanes, stops, block))?;
        #[cfg(target_arch = "x86_64")]
        match Avx512::detect() {
            Some(marking) => check_by(marking, stops, block)?,
            None => say_skipped("this processor lacks AVX-512 F or BW, so nothing is marked by them"),
        }
        Ok(())
    }

    #[test]
    fn every_length_with_one_stop_or_none() {
        let mut stops = Stops::default();
        for length in 0..3 * STRIDE {
            let mut block = vec![b'x'; length];
            check(&mut stops, &block).expect("there is none");
            for place in (0..length).step_by(7).chain(length.checked_sub(1)) {
                block[place] = b'"';
                check(&mut stops, &block).expect("there is one");
                block[place] = b'x';
            }
        }
    }

    proptest! {
        /// One block after another, longer and shorter ones: nothing is left of those before.
        #[test]
        fn any_blocks(
            blocks in prop::collection::vec(
                prop::collection::vec(
                    prop_oneof![12 => select(b"az09 {}:,[]".to_vec()), 1 => any::<u8>()],
                    0..5 * STRIDE,
                ),
                1..4,
            ),
        ) {
            let mut stops = Stops::default();
            blocks.iter().try_for_each(|block| check(&mut stops, block))?;
        }
    }
}
