//! Finds the records that a condition holds for.
//!
//! Where the condition tells what must stand in the text of each match, lines in which it does not stand are passed over
//! unread, faster than they could be read; the others are read, and the condition is put to what was read, so nothing
//! that only looks like a match is one. What is passed over is not validated: bad lines among it are not reported, unless
//! the filter is [strict](Filter::strict).

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::expression::{Columns, Expression};
use crate::format::Formats;
use crate::json::Sieve;
use crate::level::Level;
use crate::read::{Reader, Record, Totals};
use crate::segments::{self, Reads, Segments, lock};
use crate::time::{Clock, Times};
use crate::together::{self, Event, Open, Told};

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Filter {
    pub(crate) expression: Expression,
    pub(crate) columns: Columns,
    sieve: Option<Sieve>,
}

impl Filter {
    /// The records that an expression holds for, which asked for these columns.
    pub fn new(expression: Expression, columns: Columns) -> Self {
        let sieve = expression.needles().map(|needles| Sieve::new(&needles));
        Self { expression, columns, sieve }
    }

    /// The records of a level, under whichever of its names. It is told by the first of the keys `level`, `severity` and
    /// `log_level` that holds a string that is not empty; a record without one has no level.
    pub fn level(level: Level) -> Self {
        let mut columns = Columns::new();
        Self::new(Expression::level(level, &mut columns), columns)
    }

    /// The same, but every line is read and validated.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { sieve: None, ..self }
    }

    /// The columns that it tests of which no record can have any, if records have only these keys: such a test holds for
    /// none.
    pub fn lacks(&self, keys: &[&str]) -> Vec<&str> {
        let mut lacking: Vec<&str> = Vec::new();
        for column in self.expression.tested() {
            if !lacking.contains(&column.name()) && !column.keys(&self.columns).any(|key| keys.contains(&key))
            {
                lacking.push(column.name());
            }
        }
        lacking
    }
}

/// A record that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match<'a> {
    /// The number of its line in the input, from 1.
    pub line: u64,
    /// Where its line starts in the input, in bytes from 0.
    pub offset: u64,
    /// The line as it stands there, without its line feed and without a byte-order mark or NULs before it.
    pub bytes: &'a [u8],
}

impl<'a> Match<'a> {
    fn of(record: &Record<'a>) -> Self {
        Self { line: record.line, offset: record.offset, bytes: record.bytes() }
    }
}

/// What a search has seen, up to where it ended or was stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Lines of any kind, blank ones included.
    pub lines: u64,
    /// Lines that are records, of those that were read: of all of them if the filter is strict.
    pub records: u64,
    /// Records that matched.
    pub matches: u64,
    /// Lines that are bad, of those that were read.
    pub bad: u64,
}

/// Searches one input, handing each match to `sink` until that breaks.
///
/// # Errors
/// What the source gives, after all lines that came before; or a [`crate::Refusal`].
pub fn search(
    source: impl Read,
    filter: &Filter,
    on_bad: &mut dyn FnMut(BadLine),
    sink: &mut dyn FnMut(Match<'_>) -> ControlFlow<()>,
) -> io::Result<Found> {
    search_within(source, filter, Limits::default(), on_bad, sink)
}

/// The same, with limits of one's own.
///
/// # Errors
/// As [`search()`].
pub fn search_within(
    source: impl Read,
    filter: &Filter,
    limits: Limits,
    on_bad: &mut dyn FnMut(BadLine),
    sink: &mut dyn FnMut(Match<'_>) -> ControlFlow<()>,
) -> io::Result<Found> {
    let mut searcher = Searcher::new(filter, limits, Clock::now());
    searcher.read(source, on_bad, |record| sink(Match::of(record)))?;
    let (totals, matches) = (searcher.totals(), searcher.matches());
    Ok(Found { lines: totals.lines, records: totals.records, matches, bad: totals.bad })
}

/// Searches one input after another, and keeps what it learnt of them.
///
/// It holds a buffer of [`Limits::chunk`] bytes while it reads, or of the longest line.
pub struct Searcher<'a> {
    filter: &'a Filter,
    reader: Reader,
    times: Times,
    matches: u64,
    /// Whether parts keep their matches, or only count them.
    keeps: bool,
    /// What parts kept their matches in, and the next ones will: memory that is given back and asked for anew for each
    /// part costs the kernel more than the search.
    spare: Arc<Mutex<Vec<Hits>>>,
}

impl<'a> Searcher<'a> {
    /// A searcher that has seen nothing. Times that do not say all of themselves are read by `clock`.
    pub fn new(filter: &'a Filter, limits: Limits, clock: Clock) -> Self {
        let reader = Reader::new(&filter.columns.keys(), limits);
        Self { filter, reader, times: Times::new(clock), matches: 0, keeps: true, spare: Arc::default() }
    }

    /// The same, of these formats only.
    #[must_use]
    pub fn reading(mut self, formats: Formats) -> Self {
        self.reader = self.reader.reading(formats);
        self
    }

    /// Reads times that do not say all of themselves by another clock from the next input on.
    pub fn set_clock(&mut self, clock: Clock) {
        self.times = Times::new(clock);
    }

    /// What was seen so far; see [`Found`] for what is not seen.
    pub fn totals(&self) -> Totals {
        self.reader.totals()
    }

    /// How many records matched so far.
    pub fn matches(&self) -> u64 {
        self.matches
    }

    /// Searches one input, handing each match to `sink` until that breaks.
    ///
    /// # Errors
    /// As [`search()`].
    pub fn read(
        &mut self,
        source: impl Read,
        on_bad: &mut dyn FnMut(BadLine),
        sink: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.part(source, true, on_bad, sink)
    }

    /// Searches a file from its start to its end, on several threads if it can be read at any place: each match is handed to
    /// `sink`, in order, until that breaks. Some MiB after that may have been searched too; they are counted in
    /// [`Searcher::totals`], and not in [`Searcher::matches`].
    ///
    /// # Errors
    /// As [`search()`].
    pub fn read_file(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
        sink: &mut (dyn FnMut(Match<'_>) -> ControlFlow<()> + Send),
    ) -> io::Result<()> {
        let segments = match Segments::of(file)? {
            Some(segments) if threads.get() > 1 => segments,
            _ => {
                let mut sink = |record: &Record<'_>| sink(Match::of(record));
                return self.read(file, &mut |bad| on_bad(bad), &mut sink);
            }
        };
        let mut matches = self.matches;
        self.keeps = true;
        let spare = Arc::clone(&self.spare);
        let read = segments::read(self, &segments, threads, on_bad, &mut |part| {
            let mut rest = part.out.bytes.as_slice();
            for hit in &part.out.places {
                let (bytes, after) = rest.split_at_checked(hit.length).unwrap_or((rest, &[]));
                rest = after;
                matches += 1;
                sink(Match { line: hit.line + part.lines_before, offset: hit.offset + part.offset, bytes })?;
            }
            lock(&spare).push(part.out.cleared());
            ControlFlow::Continue(())
        });
        self.matches = matches;
        read
    }

    /// Searches a file like [`Searcher::read_file`], and only counts what matches, in [`Searcher::matches`]: no match is
    /// copied from thread to thread.
    ///
    /// # Errors
    /// As [`search()`].
    pub fn count_file(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        let segments = match Segments::of(file)? {
            Some(segments) if threads.get() > 1 => segments,
            _ => return self.read(file, &mut |bad| on_bad(bad), |_| ControlFlow::Continue(())),
        };
        let mut matches = self.matches;
        self.keeps = false;
        let read = segments::read(self, &segments, threads, on_bad, &mut |part| {
            matches += part.out.matches;
            ControlFlow::Continue(())
        });
        self.matches = matches;
        read
    }

    /// Searches several inputs at once, each on one thread. What comes of them is told in their order, until `told`
    /// breaks; some more may have been searched then, as by [`Searcher::read_file`].
    pub fn read_together(&mut self, inputs: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        let mut matches = 0;
        let mut tell = |input, event: Event<'_>| {
            matches += u64::from(matches!(event, Event::Found(_)));
            told(input, event)
        };
        together::read(self, inputs, threads, open, &mut tell, |searcher, input, lane| {
            searcher.set_clock(input.clock);
            let found = |record: &Record<'_>| lane.found(Match::of(record));
            searcher.part(input.source, true, &mut |bad| lane.bad(bad), found)
        });
        self.matches += matches;
    }

    /// Reads one input whole, handing each record to `sink` with whether it matches until that breaks: for who wants to
    /// see what stands beside a match.
    ///
    /// # Errors
    /// As [`search()`].
    pub fn read_all(
        &mut self,
        source: impl Read,
        on_bad: &mut dyn FnMut(BadLine),
        mut sink: impl FnMut(&Record<'_>, bool) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let Self { filter, reader, times, matches, .. } = self;
        reader.read(source, on_bad, |record| {
            let is_match = filter.expression.holds(record, times);
            *matches += u64::from(is_match);
            sink(record, is_match)
        })
    }

    fn part(
        &mut self,
        source: impl Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
        mut sink: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let Self { filter, reader, times, matches, .. } = self;
        reader.read_part(source, is_start, filter.sieve.as_ref(), on_bad, |record| {
            if !filter.expression.holds(record, times) {
                return ControlFlow::Continue(());
            }
            *matches += 1;
            sink(record)
        })
    }
}

/// The matches of a part of a file, their bytes one after another.
#[derive(Default)]
pub(crate) struct Hits {
    matches: u64,
    /// Where they are, if they are kept.
    places: Vec<Hit>,
    bytes: Vec<u8>,
}

#[cfg(test)]
impl IntoIterator for Hits {
    type Item = (u64, u64, Vec<u8>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        let mut at = 0;
        let hits = self.places.iter().map(|hit| {
            at += hit.length;
            (hit.line, hit.offset, self.bytes[at - hit.length..at].to_vec())
        });
        hits.collect::<Vec<_>>().into_iter()
    }
}

struct Hit {
    line: u64,
    offset: u64,
    length: usize,
}

impl Hits {
    /// None, with room for as many as there were.
    fn cleared(mut self) -> Self {
        self.matches = 0;
        self.places.clear();
        self.bytes.clear();
        self
    }

    fn add(&mut self, record: &Record<'_>) {
        let bytes = record.bytes();
        self.matches += 1;
        self.places.push(Hit { line: record.line, offset: record.offset, length: bytes.len() });
        self.bytes.extend_from_slice(bytes);
    }
}

impl Reads for Searcher<'_> {
    type Out = Hits;

    fn fork(&self) -> Self {
        let (times, spare) = (self.times.clone(), Arc::clone(&self.spare));
        Self { filter: self.filter, reader: self.reader.fork(), times, matches: 0, keeps: self.keeps, spare }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> (Hits, io::Result<()>) {
        let (keeps, mut found) = (self.keeps, lock(&self.spare).pop().unwrap_or_default());
        let read = self.part(source, is_start, on_bad, |record| {
            if keeps {
                found.add(record);
            } else {
                found.matches += 1;
            }
            ControlFlow::Continue(())
        });
        (found, read)
    }

    fn read_rest(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
        take: &mut dyn FnMut(Hits) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.part(source, is_start, on_bad, |record| {
            let mut found = Hits::default();
            found.add(record);
            take(found)
        })
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
    }
}
