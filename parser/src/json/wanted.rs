//! The keys whose values are wanted.

use super::unescape;

/// The wanted keys.
#[derive(Clone)]
pub(crate) struct Wanted {
    keys: Vec<Box<[u8]>>,
    /// Those keys, a bit for each, that have a length and a last byte in common, more or less ([`alike`]): most keys of a
    /// log are not wanted, and this tells it of nearly all.
    alike: [u64; ALIKE],
}

/// How many kinds of keys are told apart before they are compared.
const ALIKE: usize = 64;

/// Of which kind a key is.
#[inline]
fn alike(key: &[u8]) -> usize {
    let last = key.last().map_or(0, |&byte| usize::from(byte));
    (last ^ key.len() << 3) % ALIKE
}

impl Wanted {
    /// At most as many keys as there are bits to capture them by; those beyond are never found.
    pub(crate) const MOST: usize = u64::BITS as usize;

    pub(crate) fn new(keys: &[&str]) -> Self {
        let keys: Vec<Box<[u8]>> = keys.iter().take(Self::MOST).map(|key| key.as_bytes().into()).collect();
        let mut kinds = [0; ALIKE];
        for (place, key) in keys.iter().enumerate() {
            kinds[alike(key)] |= 1 << place;
        }
        Self { keys, alike: kinds }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        self.keys.len() as u32
    }

    /// The position of a key that stands in the text as `raw`, with escapes or without.
    #[inline]
    pub(crate) fn find(&self, raw: &[u8], escaped: bool) -> Option<u8> {
        if escaped { self.find_plain(&unescape(raw)) } else { self.find_plain(raw) }
    }

    /// The first that is this key.
    #[inline]
    fn find_plain(&self, key: &[u8]) -> Option<u8> {
        let mut rest = self.alike[alike(key)];
        while rest != 0 {
            let place = rest.trailing_zeros();
            if *self.keys[place as usize] == *key {
                // There are fewer than 256.
                return Some(place as u8);
            }
            rest &= rest - 1;
        }
        None
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
