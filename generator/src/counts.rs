//! What truths are added up in: counts by name, time ranges, exact sets.

use std::io;

use crate::truth::JsonObject;

/// How often each of a fixed number of names came.
#[derive(Clone)]
pub(crate) struct Counts {
    counts: Box<[u64]>,
}

impl Counts {
    /// None of `names` names came yet.
    pub(crate) fn new(names: usize) -> Self {
        Self { counts: vec![0; names].into() }
    }

    /// One more, or several.
    #[inline]
    pub(crate) fn add(&mut self, name: usize, more: u64) {
        self.counts[name] += more;
    }

    /// All of them together.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Adds what another part of the log counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own += other;
        }
    }

    /// Writes an object of names and their counts, those that never came left out.
    pub(crate) fn write<N: AsRef<str>>(
        &self,
        truth: &mut JsonObject<'_>,
        key: &str,
        name: impl Fn(usize) -> N,
    ) -> io::Result<()> {
        truth.key(key)?;
        let mut object = JsonObject::open(truth.value())?;
        for (index, &count) in self.counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
            object.number(name(index).as_ref(), count)?;
        }
        object.close()
    }
}

/// The earliest and the latest of some times.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extent {
    ends: Option<(u64, u64)>,
}

impl Extent {
    /// Takes in a time.
    #[inline]
    pub(crate) fn add(&mut self, time: u64) {
        let (first, last) = self.ends.unwrap_or((time, time));
        self.ends = Some((first.min(time), last.max(time)));
    }

    /// Takes in those of another part of the log.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some((first, last)) = other.ends {
            self.add(first);
            self.add(last);
        }
    }

    /// Writes `first_timestamp` and `last_timestamp` as `text` tells them, or null for both where there were none.
    pub(crate) fn write(self, truth: &mut JsonObject<'_>, text: impl Fn(u64) -> Vec<u8>) -> io::Result<()> {
        let (first, last) = self.ends.unzip();
        for (key, time) in [("first_timestamp", first), ("last_timestamp", last)] {
            truth.key(key)?;
            let text = time.map(|time| String::from_utf8_lossy(&text(time)).into_owned());
            serde_json::to_writer(truth.value(), &text)?;
        }
        Ok(())
    }
}

/// An exact set of numbers below a bound, a bit each.
#[derive(Clone)]
pub(crate) struct Distinct {
    bits: Box<[u64]>,
}

impl Distinct {
    /// The empty set of numbers below `bound`.
    pub(crate) fn new(bound: u32) -> Self {
        Self { bits: vec![0; bound.div_ceil(64) as usize].into() }
    }

    /// Takes in a number below the bound.
    #[inline]
    pub(crate) fn add(&mut self, number: u32) {
        self.bits[number as usize / 64] |= 1 << (number % 64);
    }

    /// Takes in those of another part of the log.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, other) in self.bits.iter_mut().zip(&other.bits) {
            *own |= other;
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.bits.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}
