//! A look at many bytes at once: where something may be, and where lines end.

#[cfg(target_arch = "x86_64")]
mod x86;

/// How many bytes are looked at together.
pub(super) const WIDTH: usize = 64;
/// How many bytes a window has: as many bytes of a needle are looked for.
pub(super) const WINDOW: usize = 4;
/// What places look at.
const SIGHT: usize = WIDTH + WINDOW - 1;

/// Each byte as often as bytes are looked at together.
type Splat = [u8; WIDTH];

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    windows: Box<[[Splat; WINDOW]]>,
    /// Bits that are set in what is looked at, by the place in a window: so letters are found in either case.
    loose: [Splat; WINDOW],
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
    /// A bit for each place where something begins that was looked for; 0 at the end of the text.
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
                eprintln!("skipped: this processor lacks AVX2 or AVX-512, so nothing is tested by them");
            }
        }
        all
    }
}

impl Looks {
    /// Looks for these windows, each byte with the bits of `loose` set; for the first two bytes of an escape; and for line
    /// feeds after which no object begins, and colours.
    pub(super) fn new(windows: &[[u8; WINDOW]], loose: [u8; WINDOW], escape: Option<&[u8]>) -> Self {
        let splat = |byte| [byte; WIDTH];
        let loosened = |window: &[u8; WINDOW]| std::array::from_fn(|nth| splat(window[nth] | loose[nth]));
        // Where all bits are loose, every byte is as one that has all.
        let (escaped, escaped_loose) = match escape {
            Some([_, second, ..]) => (*second, 0),
            Some(_) => (0xff, 0xff),
            // Only a line feed after which comes nothing that is looked for.
            None => (0, 0),
        };
        Self {
            windows: windows.iter().map(loosened).collect(),
            loose: loose.map(splat),
            escaped: splat(escaped),
            escaped_loose: splat(escaped_loose),
            backslash: splat(if escape.is_some() { b'\\' } else { b'\n' }),
            start: splat(b'{'),
            colour: splat(super::COLOUR),
        }
    }

    /// Looks at a text from `at` on, to the first place that shows something.
    pub(super) fn next(&self, way: Way, text: &[u8], at: usize) -> Seen {
        match way {
            Way::Plain => next_by(text, at, |sight| self.look(sight)),
            #[cfg(target_arch = "x86_64")]
            Way::Avx2(way) => x86::next_by_avx2(way, self, text, at),
            #[cfg(target_arch = "x86_64")]
            Way::Avx512(way) => x86::next_by_avx512(way, self, text, at),
        }
    }

    /// Which places show something, and which are line feeds, in plain code.
    #[expect(clippy::needless_bitwise_bool, reason = "without branches it is compiled to lanes")]
    fn look(&self, sight: &[u8; SIGHT]) -> (u64, u64) {
        let (mut shown, mut feeds) = ([false; WIDTH], [false; WIDTH]);
        for place in 0..WIDTH {
            let next = sight[place + 1];
            feeds[place] = sight[place] == b'\n';
            shown[place] = (feeds[place] & (next != self.start[0]))
                | (sight[place] == self.colour[0])
                | ((sight[place] == self.backslash[0]) & (next | self.escaped_loose[0] == self.escaped[0]));
        }
        for window in &self.windows {
            for place in 0..WIDTH {
                shown[place] |= (sight[place] | self.loose[0][0] == window[0][0])
                    & (sight[place + 1] | self.loose[1][0] == window[1][0])
                    & (sight[place + 2] | self.loose[2][0] == window[2][0])
                    & (sight[place + 3] | self.loose[3][0] == window[3][0]);
            }
        }
        (mask(&shown), mask(&feeds))
    }
}

/// Looks from `at` on, by `look`, which tells of places what shows something and what is a line feed.
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
    while at < text.len() {
        // What comes after the text begins no line that is no object.
        let mut sight = [b'{'; SIGHT];
        let rest = &text[at..];
        let length = rest.len().min(SIGHT);
        sight[..length].copy_from_slice(&rest[..length]);
        let (shown, feeds) = look(&sight);
        if shown.any() {
            return Seen { at, shown: shown.all(), feeds: feeds.all(), feeds_before };
        }
        feeds_before += u64::from(feeds.count());
        at += WIDTH;
    }
    Seen { at: text.len(), shown: 0, feeds: 0, feeds_before }
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
