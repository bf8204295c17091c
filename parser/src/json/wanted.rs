//! The keys whose values are wanted.

use super::unescape;

/// The wanted keys. Most keys of a line are none of them, which mostly the length alone tells.
pub(crate) struct Wanted {
    keys: Vec<Box<[u8]>>,
    /// A bit for each length that a wanted key has, modulo 64.
    lengths: u64,
}

impl Wanted {
    /// At most as many keys as there are bits to capture them by; those beyond are never found.
    pub(crate) const MOST: usize = u64::BITS as usize;

    pub(crate) fn new(keys: &[&str]) -> Self {
        let keys: Vec<Box<[u8]>> = keys.iter().take(Self::MOST).map(|key| key.as_bytes().into()).collect();
        let lengths = keys.iter().fold(0, |lengths, key| lengths | 1 << (key.len() % 64));
        Self { keys, lengths }
    }

    /// No keys.
    pub(crate) const fn none() -> Self {
        Self { keys: Vec::new(), lengths: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The position of a key that stands in the text as `raw`, with escapes or without.
    #[inline]
    pub(super) fn find(&self, raw: &[u8], escaped: bool) -> Option<usize> {
        if escaped {
            let key = unescape(raw);
            self.keys.iter().position(|name| **name == *key)
        } else if self.lengths >> (raw.len() % 64) & 1 == 1 {
            self.keys.iter().position(|name| **name == *raw)
        } else {
            None
        }
    }
}
