//! The facts of a shape whose records are counted by columns: one set of names each, of a fixed size.

use std::io;

use crate::counts::{Counts, Extent, Levels};
use crate::truth::{Facts, JsonObject};

/// Something that records are counted by.
pub(crate) struct Column {
    /// Its key in the truth.
    pub(crate) key: &'static str,
    /// How many names it has.
    pub(crate) names: usize,
    /// A name, by its place.
    pub(crate) name: fn(usize) -> String,
}

/// What a shape counts. Columns and sums are meant by their places.
pub(crate) struct Plan {
    /// Names of levels; none where records have none.
    pub(crate) levels: &'static [&'static str],
    pub(crate) columns: &'static [Column],
    /// Keys of what is only added up.
    pub(crate) sums: &'static [&'static str],
    /// A time, in microseconds since 1970, as the log writes it.
    pub(crate) moment: fn(u64) -> Vec<u8>,
}

/// Facts by a plan. Of one size, however long the log is.
pub(crate) struct Columns {
    plan: &'static Plan,
    extent: Extent,
    levels: Levels,
    counts: Vec<Counts>,
    sums: Vec<u64>,
}

impl Columns {
    /// Nothing counted yet.
    pub(crate) fn new(plan: &'static Plan) -> Self {
        Self {
            plan,
            extent: Extent::default(),
            levels: Levels::new(plan.levels),
            counts: plan.columns.iter().map(|column| Counts::new(column.names)).collect(),
            sums: vec![0; plan.sums.len()],
        }
    }

    /// A record: its time in microseconds since 1970, its level, its number from 1, its length without the last
    /// newline.
    #[inline]
    pub(crate) fn record(&mut self, micros: u64, level: usize, number: u64, bytes: u64) {
        self.extent.add(micros);
        self.levels.add(level, number, bytes);
    }

    /// The time of a record whose shape has no levels.
    #[inline]
    pub(crate) fn time(&mut self, micros: u64) {
        self.extent.add(micros);
    }

    /// The record has this name in this column.
    #[inline]
    pub(crate) fn count(&mut self, column: usize, name: usize) {
        self.counts[column].add(name, 1);
    }

    /// The record adds this much to this sum.
    #[inline]
    pub(crate) fn add(&mut self, sum: usize, more: u64) {
        self.sums[sum] += more;
    }
}

impl Facts for Columns {
    fn merge(&mut self, other: Self) {
        self.extent.merge(other.extent);
        self.levels.merge(&other.levels);
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            own.merge(other);
        }
        for (own, other) in self.sums.iter_mut().zip(&other.sums) {
            *own += other;
        }
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        self.extent.write(truth, self.plan.moment)?;
        if !self.plan.levels.is_empty() {
            self.levels.write(truth)?;
        }
        for (column, counts) in self.plan.columns.iter().zip(&self.counts) {
            counts.write(truth, column.key, column.name)?;
        }
        for (key, sum) in self.plan.sums.iter().zip(&self.sums) {
            truth.number(key, *sum)?;
        }
        Ok(())
    }
}
