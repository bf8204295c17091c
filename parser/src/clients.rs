//! Sets of clients, exact and small.
//!
//! A day numbers its clients as they come, so that an address is looked up once for a record, and the set of those seen
//! with a value is one of small numbers: a table while they are few, a bit for each number once that takes less.

use std::iter;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::address::Address;

/// The clients of a day, numbered from 0.
#[derive(Default)]
pub(crate) struct Clients {
    v4: HashMap<u32, u32, RandomState>,
    v6: HashMap<u128, u32, RandomState>,
}

impl Clients {
    /// The client's number; a new one, if it was not seen before.
    pub(crate) fn number(&mut self, address: Address) -> u32 {
        // More would take more memory than there is.
        let next = (self.v4.len() + self.v6.len()) as u32;
        match address {
            Address::V4(address) => *self.v4.entry(address).or_insert(next),
            Address::V6(address) => *self.v6.entry(address).or_insert(next),
        }
    }

    /// The client's number, if it was seen before.
    pub(crate) fn get(&self, address: Address) -> Option<u32> {
        match address {
            Address::V4(address) => self.v4.get(&address).copied(),
            Address::V6(address) => self.v6.get(&address).copied(),
        }
    }

    /// Takes in the clients of another day's table; their numbers here, by their numbers there.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<u32> {
        let mut numbers = vec![0; other.v4.len() + other.v6.len()];
        let v4 = other.v4.iter().map(|(&address, &number)| (Address::V4(address), number));
        let v6 = other.v6.iter().map(|(&address, &number)| (Address::V6(address), number));
        for (address, number) in v4.chain(v6) {
            if let Some(place) = numbers.get_mut(number as usize) {
                *place = self.number(address);
            }
        }
        numbers
    }
}

/// A set of clients' numbers. It takes at most 32 bytes for each.
#[derive(Default)]
pub(crate) struct ClientSet {
    count: u64,
    few: HashSet<u32, RandomState>,
    /// A bit for each number up to some highest one; empty as long as they are few.
    many: Vec<u64>,
}

impl ClientSet {
    /// So many bits may the set spend on a client when it becomes one of bits; and before it ceases to be.
    const MOST_BITS: (u64, u64) = (64, 128);
    /// Below this many clients bits are not worth it.
    const FEW: u64 = 16;

    /// How many clients there are.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    pub(crate) fn insert(&mut self, number: u32) {
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if let Some(word) = self.many.get_mut(word) {
            self.count += u64::from(*word & bit == 0);
            *word |= bit;
        } else if self.many.is_empty() {
            self.insert_into_few(number);
        } else if u64::from(number) <= self.count * Self::MOST_BITS.1 {
            self.many.resize(word + 1, 0);
            self.many[word] |= bit;
            self.count += 1;
        } else {
            self.few = self.numbers().collect();
            self.many = Vec::new();
            self.insert_into_few(number);
        }
    }

    fn insert_into_few(&mut self, number: u32) {
        if !self.few.insert(number) {
            return;
        }
        self.count += 1;
        // Numbers come in nearly rising order, so the last is not far below the highest.
        if self.count >= Self::FEW && u64::from(number) <= self.count * Self::MOST_BITS.0 {
            let highest = self.few.iter().copied().max().unwrap_or(number);
            if u64::from(highest) <= self.count * Self::MOST_BITS.0 {
                self.many = vec![0; highest as usize / 64 + 1];
                for number in std::mem::take(&mut self.few) {
                    self.many[number as usize / 64] |= 1 << (number % 64);
                }
            }
        }
    }

    /// Its numbers, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.few.iter().copied().chain(self.numbers())
    }

    /// The numbers of a set of bits.
    fn numbers(&self) -> impl Iterator<Item = u32> {
        self.many.iter().enumerate().flat_map(|(nth, &word)| bits(word).map(move |bit| nth as u32 * 64 + bit))
    }
}

/// The places of the bits that are set, from the lowest on.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros());
        word &= word.wrapping_sub(1);
        bit
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{Address, ClientSet, Clients};

    #[test]
    fn clients_keep_their_numbers() {
        let mut clients = Clients::default();
        let addresses = [Address::V4(7), Address::V6(7), Address::V4(0), Address::V6(u128::MAX)];
        for _ in 0..2 {
            assert_eq!(addresses.map(|address| clients.number(address)), [0, 1, 2, 3]);
        }
    }

    #[test]
    fn clients_are_taken_in_under_numbers_of_their_own() {
        let (mut clients, mut others) = (Clients::default(), Clients::default());
        let _ = [1, 2, 3].map(|n| clients.number(Address::V4(n)));
        let _ = [Address::V6(1), Address::V4(3), Address::V4(1), Address::V4(9)].map(|a| others.number(a));
        assert_eq!(clients.take_in(&others)[1..3], [2, 0]);
        assert_eq!(clients.number(Address::V4(10)), 5);
    }

    #[test]
    fn a_set_goes_to_bits_and_back() {
        let mut set = ClientSet::default();
        (0..100).for_each(|number| set.insert(number));
        assert!(!set.many.is_empty());
        set.insert(1_000_000);
        assert!(set.many.is_empty());
        (0..101).for_each(|number| set.insert(number));
        assert_eq!(set.len(), 102);
        assert!(set.many.is_empty(), "its highest number is too high for bits");
    }

    proptest! {
        #[test]
        fn counts_like_any_other_set(
            runs in prop::collection::vec((0..200_000_u32, 1..300_u32, 1..50_usize), 1..20),
        ) {
            let (mut set, mut plain) = (ClientSet::default(), HashSet::new());
            for (start, length, step) in runs {
                for number in (start..start + length).step_by(step) {
                    set.insert(number);
                    plain.insert(number);
                }
                prop_assert_eq!(set.len(), plain.len() as u64);
                prop_assert_eq!(&set.iter().collect::<HashSet<_>>(), &plain);
            }
        }
    }
}
