//! What was counted so far: groups, and the distinct values in them.

use std::mem;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::Group;
use crate::clients::ClientSet;
use crate::sketch::{self, Sketch};

/// The groups by their values, which are put together by [`put`].
#[derive(Default)]
pub(super) struct Tables {
    counted: u64,
    groups: HashMap<Box<[u8]>, Seen, RandomState>,
    /// The distinct values, numbered as they come.
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
}

#[derive(Default)]
struct Seen {
    count: u64,
    numbers: ClientSet,
    /// Instead of them, if that will do.
    sketch: Option<Box<Sketch>>,
}

impl Tables {
    /// How many records were added.
    pub(super) fn counted(&self) -> u64 {
        self.counted
    }

    /// The groups in any order, each of so many values.
    pub(super) fn finish(self, width: usize) -> Vec<Group> {
        let groups = self.groups.into_iter().map(|(values, seen)| Group {
            values: take(&values, width),
            count: seen.count,
            distinct: seen.sketch.map_or(seen.numbers.len(), |sketch| sketch.len()),
        });
        groups.collect()
    }

    /// Adds a record with these values, and one of what is to be distinct.
    #[inline]
    pub(super) fn add(&mut self, values: &[u8], distinct: Option<&[u8]>, approximate: bool) {
        self.counted += 1;
        let number = match distinct {
            Some(value) if !approximate => Some(self.number(value)),
            _ => None,
        };
        let seen = match self.groups.get_mut(values) {
            Some(seen) => seen,
            None => self.groups.entry(values.into()).or_default(),
        };
        seen.count += 1;
        match (distinct, number) {
            (_, Some(number)) => seen.numbers.insert(number),
            (Some(value), None) => seen.sketch.get_or_insert_default().insert(sketch::hash_bytes(value)),
            (None, None) => {}
        }
    }

    fn number(&mut self, value: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(value) {
            return number;
        }
        // More would take more memory than there is.
        let number = self.numbers.len() as u32;
        self.numbers.insert(value.into(), number);
        number
    }

    /// Puts in whatever another's tables have. It takes as long as the smaller ones are large.
    pub(super) fn take_in(&mut self, mut other: Self) {
        if other.counted > self.counted {
            mem::swap(self, &mut other);
        }
        self.counted += other.counted;
        let mut numbers = vec![0; other.numbers.len()];
        for (value, theirs) in other.numbers {
            if let Some(place) = numbers.get_mut(theirs as usize) {
                *place = self.number(&value);
            }
        }
        for (values, seen) in other.groups {
            let mine = self.groups.entry(values).or_default();
            mine.count += seen.count;
            if let Some(sketch) = seen.sketch {
                mine.sketch.get_or_insert_default().merge(*sketch);
            }
            let theirs = seen.numbers.iter().filter_map(|number| numbers.get(number as usize));
            theirs.for_each(|&number| mine.numbers.insert(number));
        }
    }
}

/// Appends a value, so that it can be told where it ends: its length and one, or 0 for none, before it.
pub(super) fn put(values: &mut Vec<u8>, value: Option<&[u8]>) {
    // No line is longer.
    let length = value.map_or(0, |value| value.len() as u32 + 1);
    values.extend_from_slice(&length.to_le_bytes());
    values.extend_from_slice(value.unwrap_or_default());
}

/// The values that were put.
fn take(mut values: &[u8], width: usize) -> Vec<Option<String>> {
    (0..width)
        .map(|_| {
            let (length, rest) = values.split_first_chunk()?;
            let length = u32::from_le_bytes(*length) as usize;
            let (value, rest) = rest.split_at_checked(length.saturating_sub(1))?;
            values = rest;
            (length > 0).then(|| String::from_utf8_lossy(value).into_owned())
        })
        .collect()
}
