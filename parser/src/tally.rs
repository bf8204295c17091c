//! Reads all fields that an index is made of, and counts what they hold.
//!
//! Each field goes by several keys ([`KEYS`]); the first of them, in that order, that holds something usable tells
//! the value. Usable is a string that is not empty or, for all but level and service, a number, which counts as it
//! is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::{ControlFlow, Range};

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::read::{Reader, Record};
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
const LEVEL: Range<usize> = 0..3;
const SERVICE: Range<usize> = 3..6;
const THREAD: Range<usize> = 6..12;
const CORRELATION: Range<usize> = 12..15;
const TRACE: Range<usize> = 15..17;
const SPAN: Range<usize> = 17..19;
const PARENT: Range<usize> = 19..21;

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
    let mut reader = Reader::new(&KEYS, limits);
    let mut tables = Tables::default();
    reader.read(source, on_bad, |record| {
        tables.add(record);
        ControlFlow::Continue(())
    })?;
    let totals = reader.totals();
    Ok(Tally {
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
    })
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
    fn add(&mut self, record: &Record<'_>) {
        if let Some(level) = first(record, LEVEL, as_name) {
            self.levels.add(&level);
        }
        if let Some(service) = first(record, SERVICE, as_name) {
            self.services.add(&service);
        }
        if let Some(thread) = first(record, THREAD, as_id) {
            self.threads.add(&thread);
        }
        if let Some(correlation) = first(record, CORRELATION, as_id) {
            self.correlations.add(&correlation);
        }
        if let Some(trace) = first(record, TRACE, as_id) {
            self.traces.add(&trace);
        }
        self.spans += u64::from(first(record, SPAN, as_id).is_some());
        self.parents += u64::from(first(record, PARENT, as_id).is_some());
    }
}

/// The first usable value under one of some keys.
#[inline]
fn first<'a>(
    record: &Record<'a>,
    keys: Range<usize>,
    usable: fn(Value<'a>) -> Option<Cow<'a, [u8]>>,
) -> Option<Cow<'a, [u8]>> {
    keys.into_iter().find_map(|key| record.value(key).and_then(usable))
}

#[inline]
fn as_name(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    value.text().filter(|text| !text.is_empty())
}

#[inline]
fn as_id(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Number(number) => Some(Cow::Borrowed(number)),
        other => as_name(other),
    }
}

/// Names and how often each came.
#[derive(Default)]
struct Names {
    counts: HashMap<Box<[u8]>, u64, RandomState>,
}

impl Names {
    fn add(&mut self, name: &[u8]) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
        } else {
            self.counts.insert(name.into(), 1);
        }
    }

    fn finish(self) -> BTreeMap<String, u64> {
        let text = |name: Box<[u8]>| String::from_utf8_lossy(&name).into_owned();
        self.counts.into_iter().map(|(name, count)| (text(name), count)).collect()
    }
}

/// Distinct ids. One of 32 small hexadecimal digits, as traces have by W3C Trace Context, is kept as a number.
#[derive(Default)]
struct Ids {
    numbers: HashSet<u128, RandomState>,
    others: HashSet<Box<[u8]>, RandomState>,
}

impl Ids {
    fn add(&mut self, id: &[u8]) {
        if let Some(number) = hex128(id) {
            self.numbers.insert(number);
        } else if !self.others.contains(id) {
            self.others.insert(id.into());
        }
    }

    fn len(&self) -> u64 {
        (self.numbers.len() + self.others.len()) as u64
    }
}

fn hex128(id: &[u8]) -> Option<u128> {
    let digits: &[u8; 32] = id.try_into().ok()?;
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number << 4 | u128::from(digit - b'0')),
        b'a'..=b'f' => Some(number << 4 | u128::from(digit - b'a' + 10)),
        _ => None,
    })
}
