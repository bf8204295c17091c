//! Guesses at what comes next in a line, from all that came before in it.
//!
//! Lines of one kind go the same way through the graph of shapes from their start to their end. So what is expected
//! next depends on the whole path, not only on the last node: where two orders of keys share a pair of neighbours, each
//! goes on its own way after it.

use super::graph::NOWHERE;

/// How many guesses are kept: 64 KiB. A log has some dozens of paths that are worth one.
const ROOM: usize = 1 << 14;
/// How often a guess may be wrong, less how often it is right.
const MOST_DOUBT: u8 = 2;

/// The nodes since the start of a line, as a hash of their numbers. Two paths of one hash cost a wrong guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path(u64);

impl Path {
    /// 2^64 divided by the golden ratio: multiplied with it, small numbers are spread over the upper bits.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// No nodes.
    pub(super) const START: Self = Self(Self::STEP);

    /// The path that goes on to a node.
    #[inline]
    pub(super) fn and(self, node: u16) -> Self {
        Self((self.0 ^ u64::from(node)).wrapping_mul(Self::STEP))
    }

    #[inline]
    fn place(self) -> usize {
        (self.0 >> (u64::BITS - ROOM.ilog2())) as usize
    }

    #[inline]
    fn tag(self) -> u8 {
        self.0 as u8
    }
}

/// What is expected after a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    next: u16,
    tag: u8,
    /// How often it was wrong, less how often it was right since.
    doubt: u8,
}

impl Guess {
    const NONE: Self = Self { next: NOWHERE, tag: 0, doubt: 0 };

    #[inline]
    pub(super) fn next(self) -> u16 {
        self.next
    }

    #[inline]
    pub(super) fn was_right(&mut self) {
        if self.doubt > 0 {
            self.doubt -= 1;
        }
    }

    /// Another node has followed the path. It is expected from now on if the guess was of another path, or is wrong
    /// more often than right: so a guess stays as long as it is good, whatever is rare.
    pub(super) fn was_wrong(&mut self, path: Path, next: u16) {
        if self.tag != path.tag() || self.next == NOWHERE || self.doubt >= MOST_DOUBT {
            *self = Self { next, tag: path.tag(), doubt: 0 };
        } else {
            self.doubt += 1;
        }
    }
}

/// Guesses by path.
pub(super) struct Guesses(Box<[Guess]>);

impl Guesses {
    pub(super) fn new() -> Self {
        Self(vec![Guess::NONE; ROOM].into_boxed_slice())
    }

    pub(super) fn forget(&mut self) {
        self.0.fill(Guess::NONE);
    }

    /// The guess at what follows a path, or the one that may be replaced by it: of two places that it may be kept at,
    /// the second if the first is taken by another path.
    #[inline]
    pub(super) fn after(&mut self, path: Path) -> &mut Guess {
        let first = path.place();
        let guess = self.0[first];
        let is_taken = guess.tag != path.tag() && guess.next != NOWHERE;
        &mut self.0[(first ^ usize::from(is_taken)) % ROOM]
    }
}

#[cfg(test)]
mod tests {
    use super::{Guesses, NOWHERE, Path};

    #[test]
    fn a_guess_is_kept_for_its_path_while_it_is_mostly_right() {
        let mut guesses = Guesses::new();
        let path = Path::START.and(1).and(2);
        assert_eq!(guesses.after(path).next(), NOWHERE);
        guesses.after(path).was_wrong(path, 7);
        assert_eq!(guesses.after(path).next(), 7);
        assert_eq!(guesses.after(Path::START.and(2).and(1)).next(), NOWHERE);
        for _ in 0..10 {
            guesses.after(path).was_wrong(path, 8);
            guesses.after(path).was_right();
        }
        assert_eq!(guesses.after(path).next(), 7);
        for _ in 0..3 {
            guesses.after(path).was_wrong(path, 8);
        }
        assert_eq!(guesses.after(path).next(), 8);
    }

    #[test]
    fn two_paths_that_meet_in_one_place_are_both_kept() {
        let mut guesses = Guesses::new();
        let paths = || (0..u16::MAX).map(|node| Path::START.and(node));
        let one = Path::START.and(0);
        let other = paths().find(|path| path.place() == one.place() && path.tag() != one.tag());
        let other = other.expect("there are more paths than places");
        guesses.after(one).was_wrong(one, 1);
        guesses.after(other).was_wrong(other, 2);
        assert_eq!((guesses.after(one).next(), guesses.after(other).next()), (1, 2));
    }
}
