//! What stands between two values, and what was seen there before.
//!
//! A log has few keys, and after a given one nearly always the same comes next: between two values stand a quote, a
//! comma, the next key, a colon, a quote; or braces, or the end of the line. Each such run of bytes that was seen is kept
//! as a [`Hop`], with what it means, and with those that followed it. Where it is found again, comparing it takes the
//! place of scanning it, of checking it and of looking the key up. It is a guess that costs little if it is wrong, and
//! nothing depends on it: a comparison that succeeds proves the very bytes that scanning would have found.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

use super::lanes::{Everywhere, Lanes, WIDTH};
use super::{Wanted, scan};

/// How many places there are for hops.
const PLACES: usize = 256;
/// How many of them are found by their bytes.
const KEPT: usize = PLACES - 2;
/// How many hops are kept that followed one, beside the usual one.
const FOLLOWERS: usize = 8;
/// How many places are looked at for one hop.
const PROBES: usize = 4;

/// Where a hop is.
pub(super) type Place = u8;
/// Where the hop would be that comes before the first: none is.
pub(super) const START: Place = 255;
/// Where the hop is that is not kept, being too long.
const PASSING: Place = 254;

/// No wanted key.
pub(super) const UNWANTED: u8 = u8::MAX;

/// Where a reader stands in a line, all that tells what may come next: below, what it stands at; above that the
/// containers that are open, a bit each, the innermost lowest, set for an object; above these a one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u64);

/// What a reader stands at, a bit each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Before a hop: the line's first byte. After one: the line's end.
    Edge = 0,
    /// Before a hop: a string's closing quote. After one: the string's first byte.
    Text = 1,
    /// Before a hop: the first byte after a number or a word. After one: its first byte.
    Bare = 2,
    /// The first byte inside a container.
    Inside = 4,
}

/// What stood between two values.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Hop {
    bytes: [u8; WIDTH],
    before: State,
    after: State,
    /// A bit for each of `bytes` that is not part of the hop; none, if it is too long to be kept.
    rest: u32,
    length: u8,
    /// The position of the key among the wanted ones, or [`UNWANTED`].
    wanted: u8,
    /// Where the hop is that follows this one most, as far as is known. It is tried first; that it stays the same for
    /// long, right or wrong, lets the processor foresee what comes of it.
    usual: Place,
    /// By how many votes it is the usual one.
    votes: u8,
    /// Where the last ones are that followed it, by a few of their bytes.
    followers: [Place; FOLLOWERS],
}

const _: () = assert!(size_of::<Hop>() == 64, "a hop fills one line of the cache");

/// The hops that were seen.
pub(super) struct Hops {
    places: [Hop; PLACES],
}

impl State {
    pub(super) const START: Self = Self(1 << Self::LOW);
    /// It never comes.
    const NONE: Self = Self(0);
    /// How many bits tell what it stands at.
    const LOW: u32 = 3;

    #[inline]
    pub(super) fn is_at(self, what: At) -> bool {
        let bit = what as u64;
        if bit == 0 { self.0.trailing_zeros() >= Self::LOW } else { self.0 & bit != 0 }
    }

    fn standing(self, at: At) -> Self {
        Self(self.0 >> Self::LOW << Self::LOW | at as u64)
    }

    /// Inside one container more; `None`, if there are too many.
    fn opened(self, object: bool) -> Option<Self> {
        let inside = Self((self.0 >> Self::LOW << 1 | u64::from(object)) << Self::LOW).standing(At::Inside);
        (self.0.leading_zeros() > 0).then_some(inside)
    }

    /// Inside one container less.
    fn closed(self) -> Self {
        Self(self.0 >> Self::LOW >> 1 << Self::LOW)
    }

    fn depth(self) -> u32 {
        u64::BITS - 1 - Self::LOW - self.0.leading_zeros()
    }

    fn in_object(self) -> bool {
        self.depth() > 0 && self.0 >> Self::LOW & 1 == 1
    }
}

impl Hop {
    const NONE: Self = Self {
        bytes: [0; WIDTH],
        before: State::NONE,
        after: State::NONE,
        rest: 0,
        length: 0,
        wanted: UNWANTED,
        usual: START,
        votes: 0,
        followers: [START; FOLLOWERS],
    };

    #[inline]
    pub(super) fn length(&self) -> usize {
        self.length as usize
    }

    /// Where the reader stands after it.
    #[inline]
    pub(super) fn after(&self) -> State {
        self.after
    }

    /// The wanted key whose value comes next.
    #[inline]
    pub(super) fn wanted(&self) -> u8 {
        self.wanted
    }

    #[cfg(test)]
    pub(super) fn usual(&self) -> Place {
        self.usual
    }

    /// Whether it stands at the start of `window`, for a reader in `state`.
    #[inline(always)]
    fn stands_in(&self, lanes: impl Lanes, window: &[u8; WIDTH], state: State) -> bool {
        self.before == state
            && lanes.equal(window, &self.bytes) | self.rest == u32::MAX
            && (!self.after.is_at(At::Bare) || self.is_before_bare(window))
    }

    /// Whether a number or a word can begin after it: before a string or a container stands the same and a byte more,
    /// and in an empty array the same, which is nothing.
    #[inline]
    fn is_before_bare(&self, window: &[u8; WIDTH]) -> bool {
        // Neither a space nor a quote; neither a bracket nor a brace, opening or closing. These differ in no other than
        // the masked bits, and so do a few bytes that begin no value.
        const MASKED: u8 = (b'[' ^ b']') | (b'[' ^ b'{');
        const BRACKET: u8 = b'[' & !MASKED;
        window.get(self.length()).is_some_and(|&byte| byte > b'"' && byte & !MASKED != BRACKET)
    }

    fn is_free_for(&self, other: &Self) -> bool {
        self.before == State::NONE || self.is_same(other)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.before == other.before && self.length == other.length && self.bytes == other.bytes
    }

    /// Reads a hop by the grammar of RFC 8259. One that ends with the text, and not with a line feed, would be found
    /// again before others: none is kept, being as long as a window, which is never beyond the text.
    fn read(text: &[u8], at: usize, before: State, wanted: &Wanted) -> Option<Self> {
        let mut cursor = Cursor { text, at };
        let (after, wanted) = cursor.hop(before, wanted)?;
        let read = text.get(at..cursor.at)?;
        let mut hop = Self { before, after, length: u8::try_from(read.len()).ok()?, wanted, ..Self::NONE };
        if let Some(bytes) = hop.bytes.get_mut(..read.len())
            && read.len() < WIDTH
        {
            bytes.copy_from_slice(read);
            hop.rest = u32::MAX << hop.length;
        }
        Some(hop)
    }
}

impl Hops {
    pub(super) fn new() -> Self {
        Self { places: [Hop::NONE; PLACES] }
    }

    #[inline]
    pub(super) fn get(&self, place: Place) -> &Hop {
        &self.places[place as usize]
    }

    /// Whether one of those that followed the hop at `last` stands in `window` again; where it is.
    #[inline(always)]
    pub(super) fn again(
        &self,
        lanes: impl Lanes,
        last: Place,
        window: &[u8; WIDTH],
        state: State,
    ) -> Option<Place> {
        let last = self.get(last);
        if self.get(last.usual).stands_in(lanes, window, state) {
            return Some(last.usual);
        }
        let follower = last.followers[follower_slot(window)];
        self.get(follower).stands_in(lanes, window, state).then_some(follower)
    }

    /// Tells that the hop at `place` followed the one at `last`: the usual one becomes what follows more often than
    /// not, if anything does (Boyer and Moore's majority vote).
    #[inline(always)]
    pub(super) fn vote(&mut self, last: Place, place: Place) {
        let last = &mut self.places[last as usize];
        if last.usual == place {
            last.votes = last.votes.saturating_add(1);
        } else if last.votes == 0 {
            last.usual = place;
            last.votes = 1;
        } else {
            last.votes -= 1;
        }
    }

    /// Finds the hop at `at`, and keeps that it followed the one at `last`; `None` if what stands there is none, or one
    /// that is left to the walker.
    #[inline(never)]
    pub(super) fn find(
        &mut self,
        text: &[u8],
        at: usize,
        state: State,
        last: Place,
        wanted: &Wanted,
    ) -> Option<Place> {
        let window = text.get(at..)?.first_chunk()?;
        let place = match self.look_up(window, state) {
            Some(place) => place,
            None => self.keep(Hop::read(text, at, state, wanted)?),
        };
        let last = &mut self.places[last as usize];
        last.followers[follower_slot(window)] = place;
        if last.usual == START {
            last.usual = place;
        }
        Some(place)
    }

    /// Where the hop is kept that a window begins with, if it was seen and has a key.
    fn look_up(&self, window: &[u8; WIDTH], state: State) -> Option<Place> {
        let mut probed = probes(hash(window, state));
        let place = probed.find(|&place| self.places[place].stands_in(Everywhere, window, state))?;
        Some(place as Place)
    }

    fn keep(&mut self, hop: Hop) -> Place {
        if hop.rest == 0 {
            // It is not to be found here.
            self.places[PASSING as usize] = Hop { before: State::NONE, ..hop };
            return PASSING;
        }
        let mut probed = probes(hash(&hop.bytes, hop.before));
        let first = probed.clone().next().unwrap_or_default();
        let place = probed.find(|&place| self.places[place].is_free_for(&hop)).unwrap_or(first);
        if !self.places[place].is_same(&hop) {
            self.places[place] = hop;
        }
        place as Place
    }
}

/// Which of the followers a window may begin with, by the start of its key.
#[inline]
fn follower_slot(window: &[u8; WIDTH]) -> usize {
    let start = window[3..].first_chunk().copied().unwrap_or_default();
    (u32::from_le_bytes(start).wrapping_mul(0x9e37_79b9) >> 29) as usize % FOLLOWERS
}

/// The places where a hop may be.
fn probes(hash: u64) -> impl Iterator<Item = usize> + Clone {
    let start = hash as usize % KEPT;
    (start..start + PROBES).map(|place| place % KEPT)
}

/// A hash of the hop that a window begins with, if it has a key; of anything, if not. It is made of the first and last
/// eight bytes up to the key's closing quote, by Fibonacci hashing (Knuth, vol. 3, 6.4).
fn hash(window: &[u8; WIDTH], before: State) -> u64 {
    let quotes = Everywhere.equal(window, &[b'"'; WIDTH]);
    let of_key = if before.is_at(At::Text) { quotes & quotes.wrapping_sub(1) } else { quotes };
    let closing = (of_key & of_key.wrapping_sub(1)).trailing_zeros() as usize;
    let end = closing.max(8);
    // What is after the quote is moved out.
    let word = |end: usize| match window.get(end - 8..end).and_then(|word| word.first_chunk()) {
        Some(word) => u64::from_le_bytes(*word) << (8 * (8 - closing.clamp(1, 8))),
        None => 0,
    };
    let folded = word(8).rotate_left(29) ^ word(end) ^ before.0.rotate_left(11) ^ closing as u64;
    folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// Reads along a text.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Steps over a hop: where it leads, and the wanted key it ends with.
    fn hop(&mut self, before: State, wanted: &Wanted) -> Option<(State, u8)> {
        let mut state = before;
        let mut is_first = before.is_at(At::Inside);
        if before.is_at(At::Edge) {
            self.take(b'{')?;
            state = state.opened(true)?;
            is_first = true;
        } else if before.is_at(At::Text) {
            self.take(b'"')?;
        }
        loop {
            self.skip_spaces();
            match self.peek() {
                Some(b'}') if state.in_object() => state = state.closed(),
                Some(b']') if !state.in_object() && state.depth() > 0 => state = state.closed(),
                _ => break,
            }
            is_first = false;
            self.at += 1;
            if state.depth() == 0 {
                self.skip_spaces();
                self.take_line_end()?;
                return Some((state.standing(At::Edge), UNWANTED));
            }
        }
        if !is_first {
            self.take(b',')?;
            self.skip_spaces();
        }
        let mut key = UNWANTED;
        if state.in_object() {
            let name = self.take_key()?;
            if state.depth() == 1 {
                key = wanted.find(name, false).unwrap_or(UNWANTED);
            }
            self.skip_spaces();
        }
        let after = match self.peek()? {
            b'"' => {
                self.at += 1;
                state.standing(At::Text)
            }
            byte @ (b'{' | b'[') => {
                self.at += 1;
                state.opened(byte == b'{')?
            }
            _ => state.standing(At::Bare),
        };
        Some((after, key))
    }

    /// A key with its quotes and its colon. Keys with white space before the colon, with escapes or beyond ASCII are for
    /// the walker.
    fn take_key(&mut self) -> Option<&[u8]> {
        self.take(b'"')?;
        let start = self.at;
        self.at = scan::plain_run(self.text, start);
        let end = self.at;
        self.take(b'"')?;
        self.take(b':')?;
        self.text.get(start..end).filter(|name| name.is_ascii())
    }

    fn take_line_end(&mut self) -> Option<()> {
        match self.text.get(self.at..)? {
            [] => {}
            [b'\n', ..] => self.at += 1,
            [b'\r', b'\n', ..] => self.at += 2,
            _ => return None,
        }
        Some(())
    }

    /// Other white space than spaces is for the walker.
    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.at += 1;
        (self.text.get(self.at - 1) == Some(&byte)).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Hops, Place};

    const USUAL: Place = 200;

    /// What followed, in any order: one more often than all else together.
    fn followed() -> impl Strategy<Value = Vec<Place>> {
        prop::collection::vec(0..6_u8, 0..100).prop_flat_map(|others| {
            let most = vec![USUAL; others.len() + 1];
            Just([others, most].concat()).prop_shuffle()
        })
    }

    proptest! {
        #[test]
        fn what_follows_more_often_than_all_else_is_the_usual(followed in followed()) {
            let mut hops = Hops::new();
            for place in followed {
                hops.vote(0, place);
            }
            prop_assert_eq!(hops.get(0).usual(), USUAL);
        }
    }

    #[test]
    fn one_unusual_line_does_not_unseat_the_usual_hop_nor_keep_it_from_its_seat() {
        let mut hops = Hops::new();
        for place in [1, 2, 2] {
            hops.vote(0, place);
        }
        assert_eq!(hops.get(0).usual(), 2);
        (0..1000).for_each(|_| hops.vote(0, 2));
        hops.vote(0, 1);
        assert_eq!(hops.get(0).usual(), 2);
    }
}
