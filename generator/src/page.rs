//! What a shape writes a chunk to: the records, one after the other, and what is counted of each.

use crate::text::Buffer;

/// A chunk under construction. A shape appends each record to [`Page::out`] and then says [`Page::end`].
pub(crate) struct Page<'a, F> {
    out: &'a mut Buffer,
    facts: &'a mut F,
    /// What is told of each record; `None` where nobody asks.
    told: Option<&'a mut Buffer>,
    /// Records at the beginning of the chunk that are drawn only because those behind them are wanted.
    skip: u32,
    /// Where the record that is being written begins.
    start: usize,
    /// Its number among those that are wanted, from 1.
    number: u64,
}

impl<'a, F> Page<'a, F> {
    /// A page that drops the first `skip` records of the chunk and numbers the others from `number`.
    pub(crate) fn new(
        out: &'a mut Buffer,
        facts: &'a mut F,
        told: Option<&'a mut Buffer>,
        skip: u32,
        number: u64,
    ) -> Self {
        let start = out.len();
        Self { out, facts, told, skip, start, number }
    }

    /// Where the next record goes: appended, with its newlines.
    #[inline]
    pub(crate) fn out(&mut self) -> &mut Buffer {
        self.out
    }

    /// Ends the record that was appended. `count` adds it to the facts, given its number in the output, from 1; it is not
    /// called for a record that is not part of what is asked for, or that no reader can read any more. Returns whether it was called: what counts
    /// firsts (the first record of a trace) must count the first that was *counted*, not the first that was drawn.
    #[inline]
    pub(crate) fn end(&mut self, count: impl FnOnce(&mut F, u64)) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            self.out.truncate(self.start);
            return false;
        }
        count(self.facts, self.number);
        self.number += 1;
        self.start = self.out.len();
        true
    }

    /// The facts, for what is known only at the end of a chunk.
    pub(crate) fn facts(&mut self) -> &mut F {
        self.facts
    }

    /// Where facts about the record that is being written can be told, as `,"key":value` each; `None` where nobody asks.
    /// To be called before [`Page::end`].
    // Shapes that tell nothing but what is in their lines do not ask.
    #[allow(dead_code)]
    #[inline]
    pub(crate) fn told(&mut self) -> Option<&mut Buffer> {
        if self.skip > 0 { None } else { self.told.as_deref_mut() }
    }
}
