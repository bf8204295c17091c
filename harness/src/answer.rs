//! The answer: a digest of every value that a scenario produces.

use std::fmt;

/// A 128-bit digest of what a scenario produced, by FNV-1a.
///
/// It tells wrong answers from right ones; it is no defence against a forger. The algorithm and
/// its constants are those of RFC 9923 ("The FNV Non-Cryptographic Hash Algorithm"), so that a
/// digest made by one build equals the digest made by any other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer(u128);

impl Answer {
    /// The lower half, as a seed for what is derived from the digested values.
    pub fn low64(self) -> u64 {
        self.0 as u64
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({self})")
    }
}

/// Collects values into an [`Answer`].
///
/// Every value is framed (text and bytes by their length, numbers by their width), so `"ab", "c"`
/// and `"a", "bc"` differ.
///
/// ```
/// use harness::answer::Digest;
/// let one = Digest::new().text("ab").text("c").number(3).finish();
/// let two = Digest::new().text("a").text("bc").number(3).finish();
/// assert_ne!(one, two);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Digest(u128);

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl Digest {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + (1 << 8) + 0x3b;

    /// A digest of nothing yet.
    pub fn new() -> Self {
        Self(Self::OFFSET)
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(Self::PRIME);
        }
        self
    }

    /// Adds bytes, framed by their length.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.raw(&(bytes.len() as u64).to_le_bytes()).raw(bytes)
    }

    /// Adds a text, framed by its length.
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Adds a number.
    pub fn number(self, number: u64) -> Self {
        self.raw(&number.to_le_bytes())
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Answer {
        Answer(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_published_fnv1a_128_vectors() {
        let of = |text: &str| Digest::new().raw(text.as_bytes()).finish().to_string();
        assert_eq!(of(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(of("a"), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(of("foobar"), "343e1662793c64bf6f0d3597ba446f18");
    }

    #[test]
    fn frames_its_parts() {
        let split = Digest::new().text("ab").text("c").finish();
        assert_ne!(split, Digest::new().text("a").text("bc").finish());
        assert_ne!(split, Digest::new().text("abc").finish());
        assert_ne!(Digest::new().number(1).finish(), Digest::new().number(256).finish());
    }
}
