//! What stands between two values, and what was seen there before.
//!
//! A log has few keys, and after a given one nearly always the same comes next: between two values stand a quote, a
//! comma, the next key, a colon, a quote; or braces, or the end of the line. Each such run of bytes that was seen is kept
//! as a [`Hop`], with what it means. Where it is found again, comparing it takes the place of scanning it, of checking it
//! and of looking the key up. It is a guess that costs little if it is wrong, and nothing depends on it: a comparison
//! that succeeds proves the very bytes that scanning would have found.
//!
//! Which hop to compare with is foreseen by the [`Trail`] of the last few: where each service writes its keys in an order
//! of its own, one key tells little about the next, and three tell nearly all.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

use super::lanes::{Everywhere, Lanes, WIDTH};
use super::{Captures, Wanted, scan};

/// How many places there are for hops.
const PLACES: usize = 256;
/// How many of them are found by their bytes.
const KEPT: usize = PLACES - 2;
/// How many trails are told apart: what is kept of them fills half of a first-level cache's set of lines.
const TRAILS: usize = 1 << 12;
/// How many of those are kept that come instead of what is usual.
const OTHERS: usize = 1 << 12;
/// How many places are looked at for one hop.
const PROBES: usize = 4;

/// Where a hop is.
pub(super) type Place = u8;
/// Where the hop would be that comes before the first: none is.
pub(super) const START: Place = 255;
/// Where the hop is that is not kept, being too long.
const PASSING: Place = 254;

/// No wanted key.
pub(super) const UNWANTED: u8 = Captures::UNWANTED;

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
    /// Its bit among the wanted ones, or none.
    bit: u64,
}

const _: () = assert!(size_of::<Hop>() == 64, "a hop fills one line of the cache");

/// The hops that were seen.
pub(super) struct Hops {
    places: [Hop; PLACES],
    /// Where the hop is that comes most after each trail, as far as is known. It is tried first; that it stays the same for
    /// long, right or wrong, lets the processor foresee what comes of it.
    usual: [Place; TRAILS],
    /// Where one is that came instead, by its own bytes ([`nth_other`]): of several orders of keys one comes as often as
    /// another, and a line in an order of its own has trails that were never seen.
    others: [Place; OTHERS],
    /// By how many votes the usual hop is the usual one.
    votes: [u8; TRAILS],
}

/// A hash of the last four hops of a line.
#[derive(Clone, Copy, Default)]
pub(super) struct Trail(u16);

impl Trail {
    /// The trail that a hop leads on.
    #[inline]
    pub(super) fn after(self, place: Place) -> Self {
        Self(self.0 << 3 ^ (u16::from(place) * 5))
    }

    #[inline]
    fn index(self) -> usize {
        usize::from(self.0) % TRAILS
    }
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
        bit: 0,
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

    /// The same as a bit.
    #[inline]
    pub(super) fn bit(&self) -> u64 {
        self.bit
    }

    /// Whether it stands at the start of `window`, for a reader in `state`; if it stands before a number or a word,
    /// whether one begins after it is still to be seen.
    #[inline(always)]
    fn may_stand_in(&self, lanes: impl Lanes, window: &[u8; WIDTH], state: State) -> bool {
        self.before == state && lanes.equal(window, &self.bytes) | self.rest == u32::MAX
    }

    #[inline(always)]
    fn stands_in(&self, lanes: impl Lanes, window: &[u8; WIDTH], state: State) -> bool {
        self.may_stand_in(lanes, window, state)
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
        hop.bit = if wanted == UNWANTED { 0 } else { 1 << wanted };
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
        Self {
            places: [Hop::NONE; PLACES],
            usual: [START; TRAILS],
            others: [START; OTHERS],
            votes: [0; TRAILS],
        }
    }

    #[inline]
    pub(super) fn get(&self, place: Place) -> &Hop {
        &self.places[place as usize]
    }

    #[cfg(test)]
    pub(super) fn usual(&self, trail: Trail) -> Place {
        self.usual[trail.index()]
    }

    /// Where the hop is that a window begins with, if it is the usual one after this trail. If it stands before a
    /// number or a word, whether one begins after it is still to be seen.
    #[inline(always)]
    pub(super) fn foreseen(
        &self,
        lanes: impl Lanes,
        trail: Trail,
        window: &[u8; WIDTH],
        state: State,
    ) -> Option<Place> {
        let usual = self.usual[trail.index()];
        self.get(usual).may_stand_in(lanes, window, state).then_some(usual)
    }

    /// Keeps that the hop at `place` came after this trail, of which nothing may be known.
    #[inline]
    fn take(&mut self, trail: Trail, window: &[u8; WIDTH], place: Place) {
        let usual = &mut self.usual[trail.index()];
        if *usual == START {
            *usual = place;
        } else {
            self.others[nth_other(window)] = place;
        }
    }

    /// Tells that the hop at `place` came after this trail: the usual one becomes what comes more often than not, if
    /// anything does (Boyer and Moore's majority vote).
    #[inline(always)]
    pub(super) fn vote(&mut self, trail: Trail, place: Place) {
        let (usual, votes) = (&mut self.usual[trail.index()], &mut self.votes[trail.index()]);
        if *usual == place {
            *votes = votes.saturating_add(1);
        } else if *votes == 0 {
            *usual = place;
            *votes = 1;
        } else {
            *votes -= 1;
        }
    }

    /// Finds the hop at `at`, and keeps that it came after this trail; `None` if what stands there is none, or one that
    /// is left to the walker.
    #[inline]
    pub(super) fn find(
        &mut self,
        text: &[u8],
        at: usize,
        state: State,
        trail: Trail,
        wanted: &Wanted,
    ) -> Option<Place> {
        let window = text.get(at..)?.first_chunk()?;
        let other = self.others[nth_other(window)];
        if self.get(other).stands_in(Everywhere, window, state) {
            return Some(other);
        }
        let place = match self.look_up(window, state) {
            Some(place) => place,
            None => self.keep(Hop::read(text, at, state, wanted)?),
        };
        self.take(trail, window, place);
        Some(place)
    }

    /// Finds the hop at `at` if it is another than the one before a number or a word, which begins like it; that one
    /// comes first from then on. `None` as from [`Hops::find`], or if it is the same: of two that are not, at most one can be
    /// found at a place, so that asking again ends.
    #[cold]
    #[inline(never)]
    pub(super) fn find_other(
        &mut self,
        text: &[u8],
        at: usize,
        state: State,
        trail: Trail,
        not: Place,
        wanted: &Wanted,
    ) -> Option<()> {
        let before = *self.get(not);
        let window = text.get(at..)?.first_chunk()?;
        let found = self.find(text, at, state, trail, wanted)?;
        self.usual[trail.index()] = found;
        self.others[nth_other(window)] = not;
        // It may have been given the place of the one before.
        (!self.get(found).is_same(&before)).then_some(())
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

/// Where it is kept that a hop came instead of the usual one, where a window begins with it. Eight bytes from the midst of
/// its key on tell it from others, mostly: what has the same is looked up.
#[inline]
fn nth_other(window: &[u8; WIDTH]) -> usize {
    let bytes = window[5..].first_chunk().copied().unwrap_or_default();
    (u64::from_le_bytes(bytes).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize % OTHERS
}

/// The places where a hop may be.
fn probes(hash: u64) -> impl Iterator<Item = usize> + Clone {
    let start = hash as usize % KEPT;
    (start..start + PROBES).map(|place| place % KEPT)
}

/// A hash of the hop that a window begins with, if it has a key or ends the line; of anything, if not. It is made of the
/// first and last eight bytes up to the key's closing quote or past the line feed, by Fibonacci hashing (Knuth, vol. 3,
/// 6.4).
fn hash(window: &[u8; WIDTH], before: State) -> u64 {
    let feeds = Everywhere.equal(window, &[b'\n'; WIDTH]);
    // Those before the first feed.
    let in_line = !feeds & feeds.wrapping_sub(1);
    let quotes = Everywhere.equal(window, &[b'"'; WIDTH]) & in_line;
    let of_key = if before.is_at(At::Text) { quotes & quotes.wrapping_sub(1) } else { quotes };
    let closing = of_key & of_key.wrapping_sub(1);
    let end = if closing == 0 { in_line.trailing_ones() + 1 } else { closing.trailing_zeros() } as usize;
    let end = end.clamp(1, WIDTH);
    // What is after the end is moved out.
    let from = end.max(8);
    let shift = 8 * 8_usize.saturating_sub(end);
    let word = |end: usize| match window.get(end - 8..end).and_then(|word| word.first_chunk()) {
        Some(word) => u64::from_le_bytes(*word) << shift,
        None => 0,
    };
    let folded = word(8).rotate_left(29) ^ word(from) ^ before.0.rotate_left(11) ^ end as u64;
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

    use super::{Hops, Place, Trail};

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
                hops.vote(Trail::default(), place);
            }
            prop_assert_eq!(hops.usual[0], USUAL);
        }
    }

    #[test]
    fn one_unusual_line_does_not_unseat_the_usual_hop_nor_keep_it_from_its_seat() {
        let mut hops = Hops::new();
        for place in [1, 2, 2] {
            hops.vote(Trail::default(), place);
        }
        assert_eq!(hops.usual[0], 2);
        (0..1000).for_each(|_| hops.vote(Trail::default(), 2));
        hops.vote(Trail::default(), 1);
        assert_eq!(hops.usual[0], 2);
    }
}
