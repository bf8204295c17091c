//! Reads all fields that an index is made of, and counts what they hold.
//!
//! Each field goes by several keys ([`KEYS`]); the first of them, in that order, that holds something usable tells
//! the value. Usable is a string that is not empty or, for all but level and service, a number, which counts as it
//! is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::names::{Ids, Names};
use crate::read::{Reader, Record, Totals};
use crate::segments::{self, Reads};
use crate::value::Value;

/// The keys of all fields; each field's are together.
pub const KEYS: [&str; 21] = [
    "level",
    "severity",
    "log_level",
    "service",
    "service_name",
    "serviceName",
    "thread",
    "thread_id",
    "tid",
    "threadId",
    "thread_name",
    "threadName",
    "correlation_id",
    "request_id",
    "req_id",
    "trace_id",
    "traceId",
    "span_id",
    "spanId",
    "parent_span_id",
    "parentSpanId",
];
const LEVEL: u64 = keys(0, 3);
const SERVICE: u64 = keys(3, 6);
const THREAD: u64 = keys(6, 12);
const CORRELATION: u64 = keys(12, 15);
const TRACE: u64 = keys(15, 17);
const SPAN: u64 = keys(17, 19);
const PARENT: u64 = keys(19, 21);

/// The keys from one place to another, a bit for each.
const fn keys(from: u32, to: u32) -> u64 {
    (1 << to) - (1 << from)
}

/// What tallying gives: exact counts, by the value as it is written (escapes decoded).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines of any kind, blank ones included.
    pub lines: u64,
    /// Lines that are records.
    pub records: u64,
    /// Lines that are bad.
    pub bad: u64,
    /// Records by level.
    pub levels: BTreeMap<String, u64>,
    /// Records by service.
    pub services: BTreeMap<String, u64>,
    /// Records by thread.
    pub threads: BTreeMap<String, u64>,
    /// Records by correlation.
    pub correlations: BTreeMap<String, u64>,
    /// Distinct traces.
    pub traces: u64,
    /// Records that have a span.
    pub spans: u64,
    /// Records that have a parent span.
    pub parents: u64,
}

/// Tallies one input.
///
/// # Errors
/// What the source gives; or a [`crate::Refusal`].
pub fn tally(source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Tally> {
    tally_within(source, Limits::default(), on_bad)
}

/// The same, with limits of one's own.
///
/// # Errors
/// As [`tally()`].
pub fn tally_within(source: impl Read, limits: Limits, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Tally> {
    let mut tallier = Tallier::new(limits);
    tallier.part(source, true, on_bad)?;
    Ok(tallier.finish())
}

/// Tallies a file from its start to its end, on several threads if it is long enough and can be read at any place.
///
/// # Errors
/// As [`tally()`].
pub fn tally_file(
    file: &File,
    threads: NonZeroUsize,
    on_bad: &mut (dyn FnMut(BadLine) + Send),
) -> io::Result<Tally> {
    let mut tallier = Tallier::new(Limits::default());
    segments::read_file(&mut tallier, file, threads, on_bad, &mut |_| ControlFlow::Continue(()))?;
    Ok(tallier.finish())
}

/// Tallies parts of an input.
pub(crate) struct Tallier {
    reader: Reader,
    tables: Tables,
}

impl Tallier {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { reader: Reader::new(&KEYS, limits), tables: Tables::default() }
    }

    fn part(&mut self, source: impl Read, is_start: bool, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let Self { reader, tables } = self;
        reader.read_part(source, is_start, None, on_bad, |record| {
            tables.add(record);
            ControlFlow::Continue(())
        })
    }

    pub(crate) fn finish(self) -> Tally {
        let Self { reader, tables } = self;
        let totals = reader.totals();
        Tally {
            lines: totals.lines,
            records: totals.records,
            bad: totals.bad,
            levels: tables.levels.finish(),
            services: tables.services.finish(),
            threads: tables.threads.finish(),
            correlations: tables.correlations.finish(),
            traces: tables.traces.len(),
            spans: tables.spans,
            parents: tables.parents,
        }
    }
}

impl Reads for Tallier {
    type Out = ();

    fn fork(&self) -> Self {
        Self { reader: self.reader.fork(), tables: Tables::default() }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> ((), io::Result<()>) {
        ((), self.part(source, is_start, on_bad))
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
        self.tables.take_in(other.tables);
    }
}

#[derive(Default)]
struct Tables {
    levels: Names,
    services: Names,
    threads: Names,
    correlations: Names,
    traces: Ids,
    spans: u64,
    parents: u64,
}

impl Tables {
    #[inline]
    fn add(&mut self, record: &Record<'_>) {
        count(&mut self.levels, record, LEVEL, name);
        count(&mut self.services, record, SERVICE, name);
        count(&mut self.threads, record, THREAD, id);
        count(&mut self.correlations, record, CORRELATION, id);
        match record.plain(TRACE) {
            Some((trace, _)) => self.traces.add(trace),
            None => record.first(TRACE, id).iter().for_each(|trace| self.traces.add(trace)),
        }
        self.spans += u64::from(has_id(record, SPAN));
        self.parents += u64::from(has_id(record, PARENT));
    }

    fn take_in(&mut self, other: Self) {
        self.levels.take_in(other.levels);
        self.services.take_in(other.services);
        self.threads.take_in(other.threads);
        self.correlations.take_in(other.correlations);
        self.traces.take_in(other.traces);
        self.spans += other.spans;
        self.parents += other.parents;
    }
}

/// Counts the first usable value under one of some keys. Nearly always it is plain.
#[inline]
fn count(names: &mut Names, record: &Record<'_>, keys: u64, usable: fn(Value<'_>) -> Option<Cow<'_, [u8]>>) {
    match record.plain(keys) {
        Some((name, from)) => names.add(name, from),
        None => record.first(keys, usable).iter().for_each(|name| names.add(name, name)),
    }
}

#[inline]
fn has_id(record: &Record<'_>, keys: u64) -> bool {
    record.plain(keys).is_some() || record.first(keys, is_id).is_some()
}

/// A string that is not empty.
#[inline]
fn name(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    // No escape stands for nothing.
    value.text().filter(|text| !text.is_empty())
}

/// The same, or a number.
#[inline]
fn id(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Number(number) => Some(Cow::Borrowed(number)),
        other => name(other),
    }
}

/// Whether there is one.
#[inline]
fn is_id(value: Value<'_>) -> Option<()> {
    match value {
        Value::Number(_) => Some(()),
        Value::Text(text) => (!text.raw.is_empty()).then_some(()),
        Value::Bool(_) | Value::Null | Value::Other => None,
    }
}
