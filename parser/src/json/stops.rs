//! Where the strings of a block may end.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

use super::lanes::{Lanes, WIDTH};

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
    pub(super) fn mark(&mut self, lanes: impl Lanes, block: &[u8]) {
        self.mark_by::<false>(lanes, block);
    }

    /// The same for what stands without quotes, which spaces end and quotes and backslashes do not.
    #[inline(always)]
    pub(super) fn mark_gaps(&mut self, lanes: impl Lanes, block: &[u8]) {
        self.mark_by::<true>(lanes, block);
    }

    // Not by a function that is handed over: it would not be compiled for the instructions of the caller.
    #[inline(always)]
    fn mark_by<const GAPS: bool>(&mut self, lanes: impl Lanes, block: &[u8]) {
        let (chunks, last) = block.as_chunks();
        let known = chunks.len() * WIDTH / 8;
        // What comes after the block is stops, and the last word is whole.
        self.bits.resize(known + WIDTH / 8 + 8, 0xff);
        self.bits[known..].fill(0xff);
        let (words, _) = self.bits.as_chunks_mut();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            let bits = if GAPS { lanes.gaps(chunk) } else { lanes.stops_or_high(chunk) };
            *word = bits.to_le_bytes();
        }
        let mut chunk = [0; WIDTH];
        chunk[..last.len()].copy_from_slice(last);
        let bits = if GAPS { lanes.gaps(&chunk) } else { lanes.stops_or_high(&chunk) };
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

    use super::super::lanes::{Each, WIDTH, is_stop};
    use super::Stops;

    /// Finds from every place, past the end too, what a plain search finds.
    fn check(stops: &mut Stops, block: &[u8]) -> Result<(), TestCaseError> {
        for lanes in Each::all() {
            stops.mark(lanes, block);
            for at in 0..block.len() + 2 * WIDTH {
                let rest = block.get(at..).unwrap_or_default();
                let first =
                    rest.iter().position(|&byte| is_stop(byte) || !byte.is_ascii()).map(|first| at + first);
                // What it says of places after the block means nothing.
                let found = stops.next(at).filter(|&found| found < block.len());
                prop_assert_eq!(found, first, "{:?} from {} of {:?}", lanes, at, block);
            }
            stops.mark_gaps(lanes, block);
            for at in 0..block.len() + 2 * WIDTH {
                let rest = block.get(at..).unwrap_or_default();
                let first =
                    rest.iter().position(|&byte| byte <= b' ' || !byte.is_ascii()).map(|first| at + first);
                let found = stops.next(at).filter(|&found| found < block.len());
                prop_assert_eq!(found, first, "{:?}, gaps from {} of {:?}", lanes, at, block);
            }
        }
        Ok(())
    }

    #[test]
    fn every_length_with_one_stop_or_none() {
        let mut stops = Stops::default();
        for length in 0..5 * WIDTH {
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
                    0..10 * WIDTH,
                ),
                1..4,
            ),
        ) {
            let mut stops = Stops::default();
            blocks.iter().try_for_each(|block| check(&mut stops, block))?;
        }
    }
}
