//! A look at many bytes at once: where something may be, and where lines end.

#[cfg(target_arch = "x86_64")]
mod x86;

use crate::expression::Escape;
#[cfg(all(test, target_arch = "x86_64"))]
use crate::json::lanes::say_skipped;

/// How many bytes are looked at together.
pub(super) const WIDTH: usize = 64;
/// How many bytes a window spans.
pub(super) const WINDOW: usize = 4;
/// The places in a window that are looked at: three bytes tell nearly as much as four, and each costs.
pub(super) const LOOKED_AT: [usize; 3] = [0, 1, 3];
/// What places look at.
const SIGHT: usize = WIDTH + WINDOW - 1;

/// A byte as often as bytes are looked at together.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Splat([u8; WIDTH]);

/// A window, by the places in it that are looked at.
type Window = [Splat; LOOKED_AT.len()];

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    windows: Box<[Window]>,
    /// Bits that are set in what is looked at, by the place in a window: so letters are found in either case.
    loose: Window,
    /// A second byte that makes a backslash an escape, and the bits that do not matter in it.
    escaped: Splat,
    escaped_loose: Splat,
    /// A backslash, if escapes are looked for; else what no text has twice, being a line feed too.
    backslash: Splat,
    /// What comes after a line feed in most lines.
    start: Splat,
    /// What colours begin with; where they are, a line may be of another format.
    colour: Splat,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// From where on it was seen; what lies before shows nothing.
    pub(super) at: usize,
    /// A bit for each place where something begins that was looked for; none, where the looking ended without.
    pub(super) shown: u64,
    /// A bit for each line feed.
    pub(super) feeds: u64,
    /// How many line feeds lie before.
    pub(super) feeds_before: u64,
}

/// How it is looked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
}

impl Way {
    /// The fastest that this processor has.
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(way) = x86::Avx512::detect() {
            return Self::Avx512(way);
        } else if let Some(way) = x86::Avx2::detect() {
            return Self::Avx2(way);
        }
        Self::Plain
    }

    /// All that this processor has; says so where one is skipped.
    #[cfg(test)]
    pub(super) fn all() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "only x86-64 has others"))]
        let mut all = vec![Self::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(x86::Avx2::detect().map(Self::Avx2));
            all.extend(x86::Avx512::detect().map(Self::Avx512));
            if all.len() < 3 {
                say_skipped("this processor lacks AVX2 or AVX-512, so nothing is looked for by them");
            }
        }
        all
    }
}

impl Looks {
    /// Looks for these windows, each byte with the bits of `loose` set; for the first two bytes of an escape; and for line
    /// feeds after which no object begins, and colours.
    pub(super) fn new(windows: &[[u8; WINDOW]], loose: [u8; WINDOW], escape: Option<Escape>) -> Self {
        let splat = |byte| Splat([byte; WIDTH]);
        let loosened = |window: &[u8; WINDOW]| LOOKED_AT.map(|nth| splat(window[nth] | loose[nth]));
        // Where all bits are loose, every byte is as one that has all.
        let (escaped, escaped_loose) = match escape {
            Some(Escape::Unicode(_)) => (b'u', 0),
            Some(Escape::Any) => (0xff, 0xff),
            // Only a line feed after which comes nothing that is looked for.
            None => (0, 0),
        };
        Self {
            windows: windows.iter().map(loosened).collect(),
            loose: LOOKED_AT.map(|nth| splat(loose[nth])),
            escaped: splat(escaped),
            escaped_loose: splat(escaped_loose),
            backslash: splat(if escape.is_some() { b'\\' } else { b'\n' }),
            start: splat(b'{'),
            colour: splat(super::COLOUR),
        }
    }

    /// Looks at a text from `at` on, to the first place that shows something.
    pub(super) fn next(&self, way: Way, text: &[u8], at: usize) -> Seen {
        let seen = self.next_whole(way, text, at);
        if seen.shown == 0 && seen.at < text.len() { self.last(way, text, seen) } else { seen }
    }

    /// The same, to where less than a sight is left.
    fn next_whole(&self, way: Way, text: &[u8], at: usize) -> Seen {
        match way {
            Way::Plain => next_by(text, at, |sight| self.look(sight)),
            #[cfg(target_arch = "x86_64")]
            Way::Avx2(way) => x86::next_by_avx2(way, self, text, at),
            #[cfg(target_arch = "x86_64")]
            Way::Avx512(way) => x86::next_by_avx512(way, self, text, at),
        }
    }

    /// Looks at what is left of a text.
    #[inline(never)]
    fn last(&self, way: Way, text: &[u8], before: Seen) -> Seen {
        // What comes after the text begins no line that is no object.
        let mut padded = [b'{'; WIDTH + SIGHT];
        let rest = &text[before.at..];
        let length = rest.len().min(padded.len());
        padded[..length].copy_from_slice(&rest[..length]);
        let sights = if rest.len() > WIDTH { padded.len() } else { SIGHT };
        let seen = self.next_whole(way, &padded[..sights], 0);
        Seen {
            at: (before.at + seen.at).min(text.len()),
            feeds_before: before.feeds_before + seen.feeds_before,
            ..seen
        }
    }

    /// Which places show something, and which are line feeds, in plain code: without branches it is compiled to lanes.
    fn look(&self, sight: &[u8; SIGHT]) -> (u64, u64) {
        let (mut shown, mut feeds) = ([false; WIDTH], [false; WIDTH]);
        for place in 0..WIDTH {
            let next = sight[place + 1];
            feeds[place] = sight[place] == b'\n';
            shown[place] = (feeds[place] & (next != self.start.byte()))
                | (sight[place] == self.colour.byte())
                | ((sight[place] == self.backslash.byte())
                    & (next | self.escaped_loose.byte() == self.escaped.byte()));
        }
        let [a, b, c] = LOOKED_AT;
        let [loose_a, loose_b, loose_c] = &self.loose;
        for [in_a, in_b, in_c] in &self.windows {
            for place in 0..WIDTH {
                shown[place] |= (sight[place + a] | loose_a.byte() == in_a.byte())
                    & (sight[place + b] | loose_b.byte() == in_b.byte())
                    & (sight[place + c] | loose_c.byte() == in_c.byte());
            }
        }
        (mask(&shown), mask(&feeds))
    }
}

impl Splat {
    fn byte(&self) -> u8 {
        self.0[0]
    }
}

/// Looks from `at` on, by `look`, which tells of places what shows something and what is a line feed, to where less than
/// a sight is left.
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
#[inline(always)]
fn next_by<B: Bits>(text: &[u8], mut at: usize, look: impl Fn(&[u8; SIGHT]) -> (B, B)) -> Seen {
    let mut feeds_before = 0;
    while let Some(sight) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let (shown, feeds) = look(sight);
        if shown.any() {
            return Seen { at, shown: shown.all(), feeds: feeds.all(), feeds_before };
        }
        feeds_before += u64::from(feeds.count());
        at += WIDTH;
    }
    Seen { at, shown: 0, feeds: 0, feeds_before }
}

/// A bit for each place, the first the lowest. Halves are put together late: where they are put together at once, LLVM 21
/// undoes the masks that lanes give and goes bit by bit.
trait Bits: Copy {
    fn any(self) -> bool;
    fn count(self) -> u32;
    fn all(self) -> u64;
}

impl Bits for u64 {
    #[inline]
    fn any(self) -> bool {
        self != 0
    }

    #[inline]
    fn count(self) -> u32 {
        self.count_ones()
    }

    #[inline]
    fn all(self) -> u64 {
        self
    }
}

impl Bits for [u32; 2] {
    #[inline]
    fn any(self) -> bool {
        self[0] | self[1] != 0
    }

    #[inline]
    fn count(self) -> u32 {
        self[0].count_ones() + self[1].count_ones()
    }

    #[inline]
    fn all(self) -> u64 {
        u64::from(self[0]) | u64::from(self[1]) << 32
    }
}

/// A bit for each place that is marked.
fn mask(marked: &[bool; WIDTH]) -> u64 {
    let (eights, _) = marked.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| {
        // The multiplication moves the eight bits side by side into the topmost byte.
        let word = u64::from_le_bytes(eight.map(u8::from));
        mask << 8 | word.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}
