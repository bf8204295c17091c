//! The keys whose values are wanted.

use super::unescape;

/// The wanted keys. Most keys of a line are none of them, which mostly a glance tells.
pub(crate) struct Wanted {
    keys: Vec<Box<[u8]>>,
    /// A bit for what a glance at each wanted key gives.
    glances: u64,
}

impl Wanted {
    /// At most as many keys as there are bits to capture them by; those beyond are never found.
    pub(crate) const MOST: usize = u64::BITS as usize;

    pub(crate) fn new(keys: &[&str]) -> Self {
        let keys: Vec<Box<[u8]>> = keys.iter().take(Self::MOST).map(|key| key.as_bytes().into()).collect();
        let glances = keys.iter().fold(0, |glances, key| glances | 1 << glance(key));
        Self { keys, glances }
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
        } else if self.glances >> glance(raw) & 1 == 1 {
            self.keys.iter().position(|name| **name == *raw)
        } else {
            None
        }
    }
}

/// A number below 64 made of a key's length and its ends.
#[inline]
fn glance(key: &[u8]) -> usize {
    let end = |byte: Option<&u8>| byte.copied().unwrap_or_default() as usize;
    (key.len() + 5 * end(key.first()) + 11 * end(key.last())) % 64
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn keys_are_found_escaped_or_not_and_no_others() {
        let names = ["level", "", "a", "trace_id", "span_id"];
        let wanted = Wanted::new(&names);
        for (place, name) in names.into_iter().enumerate() {
            assert_eq!(wanted.find(name.as_bytes(), false), Some(place));
        }
        assert_eq!(wanted.find(b"lev\\u0065l", true), Some(0));
        for other in ["b", "Level", "levex", "lxvel", "trace-id"] {
            assert_eq!(wanted.find(other.as_bytes(), false), None, "{other}");
        }
    }
}
