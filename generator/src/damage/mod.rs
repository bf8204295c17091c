//! Damage: lines as they reach readers when something went wrong, and what a reader must make of each.
//!
//! Which records are damaged, and how, is drawn from a stream of its own for each chunk: the others are those of the
//! undamaged corpus, byte for byte, and every damage stays within its record's line. What the reader must answer follows
//! the rules that the crate `parser` documents: a line is a record, blank, or bad for one reason.

mod apply;
mod fields;
mod kind;
mod tally;

pub use kind::{Answer, Damage, Kind, Reason, WrongDamage};

pub(crate) use apply::{Fill, Line, apply};
pub(crate) use tally::Tally;

use crate::draws::{Draws, scramble};

/// The longest line that a reader by `parser`'s rules accepts unless it is told otherwise, in bytes.
pub(crate) const LONGEST_LINE: u64 = 16 << 20;

/// Which records of a chunk are damaged: one question for each record, in order.
pub(crate) struct Hits<'a> {
    damage: &'a Damage,
    draws: Draws,
}

impl<'a> Hits<'a> {
    pub(crate) fn new(damage: &'a Damage, seed: u64, chunk: u64) -> Self {
        Self { damage, draws: Draws::new("damage", seed, chunk) }
    }

    /// What happens to the next record. Draws the same number of times whatever its bytes are.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Kind, Bits)> {
        if self.draws.below(1_000_000) >= self.damage.per_million() {
            return None;
        }
        let mut bits = Bits(self.draws.long());
        self.damage.choose(&mut bits).map(|kind| (kind, bits))
    }

    /// Whether the last line is to lack its newline.
    pub(crate) fn cuts_last_newline(&self) -> bool {
        self.damage.has(Kind::NoLastNewline)
    }
}

/// As many numbers as one damage needs, all from one draw.
pub(crate) struct Bits(u64);

impl Bits {
    /// A number in `0..bound`; 0 where there is none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = scramble(self.0);
        ((u128::from(self.0) * bound as u128) >> 64) as usize
    }
}
