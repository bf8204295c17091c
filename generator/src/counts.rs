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

/// What the records of one level add up to.
#[derive(Clone, Copy, Default)]
struct Level {
    records: u64,
    bytes: u64,
    line_sum: u64,
}

/// Records by level, so that a search for each can be checked.
#[derive(Clone)]
pub(crate) struct Levels {
    names: &'static [&'static str],
    sums: Box<[Level]>,
}

impl Levels {
    /// No records of levels with these names yet.
    pub(crate) fn new(names: &'static [&'static str]) -> Self {
        Self { names, sums: vec![Level::default(); names.len()].into() }
    }

    /// A record with its number, from 1, and its length without the last newline.
    #[inline]
    pub(crate) fn add(&mut self, level: usize, number: u64, bytes: u64) {
        let sums = &mut self.sums[level];
        sums.records += 1;
        sums.bytes += bytes;
        sums.line_sum += number;
    }

    /// Adds what another part of the log has.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, other) in self.sums.iter_mut().zip(&other.sums) {
            own.records += other.records;
            own.bytes += other.bytes;
            own.line_sum += other.line_sum;
        }
    }

    /// Writes `levels`: for each that came its records, their bytes, and the sum of their numbers.
    pub(crate) fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        truth.key("levels")?;
        let mut levels = JsonObject::open(truth.value())?;
        for (name, level) in self.names.iter().zip(&self.sums).filter(|(_, level)| level.records > 0) {
            levels.key(name)?;
            let mut sums = JsonObject::open(levels.value())?;
            sums.number("records", level.records)?;
            sums.number("bytes", level.bytes)?;
            sums.number("line_sum", level.line_sum)?;
            sums.close()?;
        }
        levels.close()
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
