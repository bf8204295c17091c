//! The CDN counter: who asks rubygems.org for its indexes, by date, with which versions.
//!
//! # What is counted
//!
//! A record counts if its `request_path` is exactly `/latest_specs.4.8.gz`, `/prerelease_specs.4.8.gz`,
//! `/specs.4.8.gz` or `/versions`, or is `/api/v1/dependencies` with an empty `request_query`: `""`, `null` or no
//! such key. It is counted under its date, the first ten bytes of `timestamp`, which must read `YYYY-MM-DD` with a
//! month up to 12 and a day up to 31; without one it is [`Count::undated`].
//!
//! Its values are the `tls_cipher`, if that is a string, and what the user agent tells ([`crate::Agent`]), if that
//! is a string. Every value that is there counts, the empty one too. A client is a `client_ip`; all that lack one,
//! or hold something that is not an address, are the one client `0.0.0.0` and are told in [`Count::unaddressed`].
//! So whatever a record lacks costs what it lacks and nothing else.
//!
//! # Agents that are not known
//!
//! Of a user agent that is neither of Bundler nor of `RubyGems` nothing is counted ([`crate::Agent::Other`]). One that
//! is a name alone, or a name and a version (`curl/7.1`: a product of RFC 9110), tells what it is; any other is *not
//! known*: no grammar tells what it says. [`Counting::unknown`] keeps those of the requests that are counted.

mod tables;

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::answer::{Count, Dimension};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::format::Formats;
use crate::read::{Reader, Totals};
use crate::segments::{self, Reads};
use crate::together::{self, Open, Told};
use tables::Tables;

/// How it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counting {
    /// How much of an input is held.
    pub limits: Limits,
    /// How long the times are that requests are counted by.
    pub by: Interval,
    /// Whether distinct clients are estimated, in at most 16 KiB for each value, with a relative standard error of
    /// [`crate::STANDARD_ERROR`]; up to 512 of a value are exact all the same.
    pub approximate: bool,
    /// Whether agents that are not known are kept.
    pub unknown: bool,
}

/// How long a time is that requests are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interval {
    /// A day as it is written: `2018-04-16`.
    #[default]
    Day,
    /// An hour as it is written: `2018-04-16T04`. A request without one has no date either.
    Hour,
}

/// Counts one input after another.
///
/// It holds a buffer and the answer's distinct values: each value once per date, at most 32 bytes for each distinct
/// address under it, and mostly a bit for each address of the date.
///
/// ```
/// let log = br#"{"timestamp":"2018-04-16 04:59:59","client_ip":"192.0.2.7","request_path":"/versions","tls_cipher":"A"}"#;
/// let mut counter = parser::Counter::new();
/// counter.read(log.as_slice(), &mut |bad| eprintln!("line {}: {}", bad.line, bad.reason))?;
/// let count = counter.finish();
/// assert_eq!(count.stats["2018-04-16"].values(parser::Dimension::TlsCipher)["A"].total, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Counter {
    reader: Reader,
    tables: Tables,
}

impl Counter {
    /// A counter that has counted nothing.
    pub fn new() -> Self {
        Self::within(Limits::default())
    }

    /// A counter with limits of its own.
    pub fn within(limits: Limits) -> Self {
        Self::counting(Counting { limits, ..Counting::default() })
    }

    /// A counter that counts in a way of its own.
    pub fn counting(counting: Counting) -> Self {
        let reader = Reader::new(&tables::KEYS, counting.limits);
        Self { reader, tables: Tables::new(counting) }
    }

    /// Counts a file from its start to its end, on several threads if it can be read at any place: with the same answer,
    /// and the same bad lines in the same order. Each thread has tables of its own, put together at the end.
    ///
    /// # Errors
    /// As [`Counter::read`]; if a file breaks off in its midst, lines after that place may be counted too.
    pub fn read_file(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        segments::read_file(self, file, threads, on_bad, &mut |_| ControlFlow::Continue(()))
    }

    /// Counts several inputs at once, each on one thread, which has tables of its own. What comes of them is told in
    /// their order, until `told` breaks; some more may have been counted then.
    pub fn read_together(&mut self, inputs: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        together::read(self, inputs, threads, open, told, |counter, input, lane| {
            counter.read(input.source, &mut |bad| lane.bad(bad))
        });
    }

    /// Counts one input to its end. Several add up.
    ///
    /// # Errors
    /// What the source gives, all lines before that being counted; or a [`crate::Refusal`].
    pub fn read(&mut self, source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let tables = &mut self.tables;
        self.reader.read(source, on_bad, |record| {
            tables.add(record, &mut |_, _, _| ());
            ControlFlow::Continue(())
        })
    }

    /// Counts lines that are in memory, as a stream hands them over: see [`Reader::lines`]. What is counted of them is told to
    /// `on_value` as it is counted: the date, the dimension, and the value.
    ///
    /// ```
    /// let line = br#"{"timestamp":"2018-04-16 04:59:59","request_path":"/versions","tls_cipher":"A"}"#;
    /// let mut counter = parser::Counter::new();
    /// let mut seen = Vec::new();
    /// counter.lines(line, &mut |_| (), |date, dimension, value| {
    ///     seen.push((date.to_vec(), dimension, value.to_vec()));
    /// });
    /// assert_eq!(seen, [(b"2018-04-16".to_vec(), parser::Dimension::TlsCipher, b"A".to_vec())]);
    /// assert_eq!(counter.totals().records, 1);
    /// ```
    pub fn lines(
        &mut self,
        text: &[u8],
        on_bad: &mut dyn FnMut(BadLine),
        mut on_value: impl FnMut(&[u8], Dimension, &[u8]),
    ) {
        let tables = &mut self.tables;
        self.reader.lines(text, on_bad, |record| {
            tables.add(record, &mut on_value);
            ControlFlow::Continue(())
        });
    }

    /// The same, of these formats only.
    #[must_use]
    pub fn reading(mut self, formats: Formats) -> Self {
        self.reader = self.reader.reading(formats);
        self
    }

    /// What was seen so far.
    pub fn totals(&self) -> Totals {
        self.reader.totals()
    }

    /// The answer.
    pub fn finish(self) -> Count {
        self.tables.finish(self.reader.totals())
    }
}

impl Reads for Counter {
    type Out = ();

    fn fork(&self) -> Self {
        let tables = Tables::new(self.tables.counting());
        Self { reader: self.reader.fork(), tables }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> ((), io::Result<()>) {
        let Self { reader, tables } = self;
        let read = reader.read_part(source, is_start, None, on_bad, |record| {
            tables.add(record, &mut |_, _, _| ());
            ControlFlow::Continue(())
        });
        ((), read)
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
        self.tables.take_in(other.tables);
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}
