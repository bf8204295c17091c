//! The keys whose values are wanted.

use super::unescape;

/// The wanted keys.
#[derive(Clone)]
pub(crate) struct Wanted {
    keys: Vec<Box<[u8]>>,
}

impl Wanted {
    /// At most as many keys as there are bits to capture them by; those beyond are never found.
    pub(crate) const MOST: usize = u64::BITS as usize;

    pub(crate) fn new(keys: &[&str]) -> Self {
        Self { keys: keys.iter().take(Self::MOST).map(|key| key.as_bytes().into()).collect() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        self.keys.len() as u32
    }

    /// The position of a key that stands in the text as `raw`, with escapes or without.
    pub(crate) fn find(&self, raw: &[u8], escaped: bool) -> Option<u8> {
        let at = if escaped {
            let key = unescape(raw);
            self.keys.iter().position(|name| **name == *key)
        } else {
            self.keys.iter().position(|name| **name == *raw)
        };
        // There are fewer than 256.
        at.map(|at| at as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn keys_are_found_escaped_or_not_and_no_others() {
        let names = ["level", "", "a", "trace_id", "span_id"];
        let wanted = Wanted::new(&names);
        for (place, name) in names.into_iter().enumerate() {
            assert_eq!(wanted.find(name.as_bytes(), false), Some(place as u8));
        }
        assert_eq!(wanted.find(b"lev\\u0065l", true), Some(0));
        for other in ["b", "Level", "levex", "lxvel", "trace-id"] {
            assert_eq!(wanted.find(other.as_bytes(), false), None, "{other}");
        }
    }
}
