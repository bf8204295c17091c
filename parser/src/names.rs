//! Names counted and ids told apart, most of them without a look into a general table.
//!
//! The names of a log's columns are few and short. One of up to 15 bytes is a number of 16: its bytes and its length, and
//! is found by that in a table of its own, in a few instructions and without a branch on its length.

use std::collections::BTreeMap;
use std::mem;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

/// Names and how often each came.
pub(crate) struct Names {
    /// Those of up to 15 bytes; among the others too, if they came here late or were counted elsewhere.
    short: Box<[Short]>,
    /// How many there are of these.
    shorts: usize,
    /// All others, and short ones for which there was no place: who can choose names can choose them so.
    others: HashMap<Box<[u8]>, u64, RandomState>,
}

/// A name of up to 15 bytes.
#[derive(Clone, Copy, Default)]
struct Short {
    /// Its bytes, zeros, and its length.
    key: u128,
    /// 0 where there is none.
    count: u64,
}

/// The longest of the short ones.
const SHORT: usize = 15;
/// So many places are looked at for a name.
const PROBES: usize = 4;
/// At first there are as many places, and at most.
const PLACES: (usize, usize) = (1 << 6, 1 << 14);
/// So many times as many places there are as names, until there are the most.
const ROOM: usize = 4;

/// A number that tells a name of up to 15 bytes, which begins `from`: that of the empty name alone is 0.
#[inline]
pub(crate) fn short_key(name: &[u8], from: &[u8]) -> Option<u128> {
    if name.len() > SHORT {
        return None;
    }
    let bytes = match from.first_chunk() {
        Some(bytes) => u128::from_le_bytes(*bytes) & ((1 << (8 * name.len())) - 1),
        None => name.iter().rev().fold(0, |key, &byte| key << 8 | u128::from(byte)),
    };
    Some(bytes | (name.len() as u128) << (8 * SHORT))
}

impl Short {
    fn name(&self) -> String {
        let bytes = self.key.to_le_bytes();
        let length = usize::from(bytes[SHORT]).min(SHORT);
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}

/// Where the name of a key is looked for first, in a table of any size. Fibonacci hashing (Knuth, vol. 3, 6.4).
#[inline]
pub(crate) fn first_place(key: u128) -> usize {
    let folded = (key as u64).rotate_left(23) ^ (key >> 64) as u64;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize
}

impl Default for Names {
    fn default() -> Self {
        Self { short: vec![Short::default(); PLACES.0].into(), shorts: 0, others: HashMap::default() }
    }
}

impl Names {
    /// Counts a name. What is after it in `from`, which begins with it, may be looked at and means nothing.
    #[inline]
    pub(crate) fn add(&mut self, name: &[u8], from: &[u8]) {
        let key = short_key(name, from);
        if let Some(key) = key {
            let at = first_place(key) & (self.short.len() - 1);
            if let Some(short) = self.short.get_mut(at)
                && short.key == key
                && short.count > 0
            {
                short.count += 1;
                return;
            }
        }
        self.add_otherwise(name, key);
    }

    #[inline(never)]
    fn add_otherwise(&mut self, name: &[u8], key: Option<u128>) {
        if let Some(key) = key
            && let Some(short) = place(&mut self.short, key)
        {
            self.shorts += usize::from(short.count == 0);
            short.key = key;
            short.count += 1;
            self.make_room();
            return;
        }
        if let Some(count) = self.others.get_mut(name) {
            *count += 1;
        } else {
            self.others.insert(name.into(), 1);
        }
    }

    fn make_room(&mut self) {
        if self.shorts * ROOM <= self.short.len() || self.short.len() >= PLACES.1 {
            return;
        }
        let more = vec![Short::default(); 2 * self.short.len()].into();
        for short in mem::replace(&mut self.short, more) {
            if short.count == 0 {
                continue;
            }
            if let Some(place) = place(&mut self.short, short.key) {
                *place = short;
            } else {
                self.shorts -= 1;
                *self.others.entry(short.name().into_bytes().into()).or_default() += short.count;
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn take_in(&mut self, counted: Self) {
        for short in counted.short.into_iter().filter(|short| short.count > 0) {
            *self.others.entry(short.name().into_bytes().into()).or_default() += short.count;
        }
        for (name, count) in counted.others {
            *self.others.entry(name).or_default() += count;
        }
    }

    pub(crate) fn finish(self) -> BTreeMap<String, u64> {
        let others = self.others.into_iter();
        let others = others.map(|(name, count)| (String::from_utf8_lossy(&name).into_owned(), count));
        let shorts = self.short.iter().filter(|short| short.count > 0);
        let mut all = BTreeMap::new();
        for (name, count) in shorts.map(|short| (short.name(), short.count)).chain(others) {
            *all.entry(name).or_default() += count;
        }
        all
    }
}

/// The place of a key, which may be free; `None`, if there is none for it.
fn place(places: &mut [Short], key: u128) -> Option<&mut Short> {
    let first = first_place(key);
    let most = places.len() - 1;
    let is_it = |at: &usize| places.get(*at).is_some_and(|short| short.count == 0 || short.key == key);
    let at = (first..first + PROBES).map(|at| at & most).find(is_it)?;
    places.get_mut(at)
}

/// How many ids are kept near.
const IDS: usize = 1024;

/// Distinct ids. One of 32 small hexadecimal digits, as traces have by W3C Trace Context, is kept as a number.
pub(crate) struct Ids {
    near: Box<[u128; IDS]>,
    numbers: HashSet<u128, RandomState>,
    others: HashSet<Box<[u8]>, RandomState>,
}

impl Default for Ids {
    fn default() -> Self {
        let mut ids =
            Self { near: Box::new([0; IDS]), numbers: HashSet::default(), others: HashSet::default() };
        // Zero is near from the start, and so is another number at its place.
        ids.near[0] = 1 << 127;
        ids
    }
}

impl Ids {
    #[inline]
    pub(crate) fn add(&mut self, id: &[u8]) {
        if let Some(number) = id.try_into().ok().and_then(hexadecimal) {
            // Ids are random, so that any bits will do.
            let near = &mut self.near[number as usize % IDS];
            if *near != number {
                *near = number;
                self.numbers.insert(number);
            }
        } else if !self.others.contains(id) {
            self.others.insert(id.into());
        }
    }

    /// Adds what was seen elsewhere.
    pub(crate) fn take_in(&mut self, mut seen: Self) {
        if seen.len() > self.len() {
            mem::swap(self, &mut seen);
        }
        self.numbers.extend(seen.numbers);
        self.others.extend(seen.others);
    }

    pub(crate) fn len(&self) -> u64 {
        (self.numbers.len() + self.others.len()) as u64
    }
}

/// A number that tells 32 small hexadecimal digits; another for any others.
#[inline]
fn hexadecimal(digits: &[u8; 32]) -> Option<u128> {
    let are_digits = digits
        .iter()
        .fold(true, |all, &byte| all & ((byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6)));
    if !are_digits {
        return None;
    }
    let (words, _) = digits.as_chunks();
    let mut number = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        // Letters are 9 more than their low four bits tell. Then what is in each byte is moved side by side.
        let nibbles = (word & 0x0f0f_0f0f_0f0f_0f0f) + (word >> 6 & 0x0101_0101_0101_0101) * 9;
        let bytes = (nibbles << 4 | nibbles >> 8) & 0x00ff_00ff_00ff_00ff;
        let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
        number = number << 32 | u128::from((pairs | pairs >> 16) as u32);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use proptest::prelude::*;

    use super::{Ids, Names, hexadecimal};

    proptest! {
        #[test]
        fn names_are_counted_like_by_any_map(names in prop::collection::vec("[a-c]{0,18}|[a-z]{0,2}|[\\x00a]{0,3}", 0..600)) {
            let (mut counted, mut elsewhere, mut plain) = (Names::default(), Names::default(), BTreeMap::new());
            for name in &names {
                let from = format!("{name}\" and what comes after it");
                counted.add(name.as_bytes(), name.as_bytes());
                counted.add(name.as_bytes(), from.as_bytes());
                *plain.entry(name.clone()).or_insert(0_u64) += 2;
                if name.len() % 3 == 0 {
                    elsewhere.add(name.as_bytes(), name.as_bytes());
                    *plain.entry(name.clone()).or_insert(0_u64) += 1;
                }
            }
            counted.take_in(elsewhere);
            prop_assert_eq!(counted.finish(), plain);
        }

        #[test]
        fn ids_are_told_apart_like_by_any_set(ids in prop::collection::vec("[0a]{32}|[0-9a-f]{32}|[0-9A-F]{31,33}|.{0,3}", 0..300)) {
            let (mut seen, mut plain) = (Ids::default(), HashSet::new());
            for id in &ids {
                seen.add(id.as_bytes());
                plain.insert(id.clone());
                prop_assert_eq!(seen.len(), plain.len() as u64);
            }
            let mut elsewhere = Ids::default();
            ids.iter().step_by(2).for_each(|id| elsewhere.add(id.as_bytes()));
            elsewhere.add(b"only there");
            seen.take_in(elsewhere);
            prop_assert_eq!(seen.len(), plain.len() as u64 + 1);
        }

        #[test]
        fn different_digits_are_different_numbers(a in "[0-9a-f]{32}", place in 0..32_usize, other in "[0-9a-f]") {
            let mut b = a.clone();
            b.replace_range(place..=place, &other);
            let number = |text: &str| hexadecimal(text.as_bytes().try_into().expect("32 bytes"));
            prop_assert!(number(&a).is_some());
            prop_assert_eq!(number(&a) == number(&b), a == b);
        }
    }

    #[test]
    fn nothing_but_small_hexadecimal_digits_is_a_number() {
        for byte in 0..=255 {
            let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            for place in 0..32 {
                let mut digits = [b'7'; 32];
                digits[place] = byte;
                assert_eq!(hexadecimal(&digits).is_some(), is_digit);
            }
        }
    }

    /// More than there can be places for, so that all ways are gone.
    #[test]
    fn very_many_names_are_counted() {
        let mut names = Names::default();
        let many = 3 * super::PLACES.1;
        for n in (0..many).chain(0..many).chain(0..7) {
            let name = format!("name-{n}");
            names.add(name.as_bytes(), name.as_bytes());
        }
        assert!(!names.others.is_empty());
        let counts = names.finish();
        assert_eq!(counts.len(), many);
        assert!(
            counts
                .iter()
                .all(|(name, &count)| count == 2 + u64::from(name.len() == 6 && name < &"name-7".to_owned()))
        );
    }

    #[test]
    fn an_id_of_zeros_counts() {
        let mut ids = Ids::default();
        ids.add(&[b'0'; 32]);
        assert_eq!(ids.len(), 1);
    }
}
