//! Reads all fields that an index is made of, and counts what they hold.
//!
//! Each field goes by several keys ([`KEYS`]); the first of them, in that order, that holds something usable tells
//! the value. Usable is a string that is not empty or, for all but level and service, a number, which counts as it
//! is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::names::{Ids, Names};
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
