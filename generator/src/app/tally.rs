//! What is known of an application log, added up from what is drawn.

use std::io;

use super::line::{Line, moment, write_correlation, write_thread};
use super::requests::{CORRELATION_OCTAVES, WORKERS};
use super::vocabulary::{LEVELS, SERVICES};
use crate::text::Buffer;
use crate::truth::{Facts, JsonObject};

const THREADS: usize = SERVICES.len() * WORKERS as usize;
const CORRELATIONS: usize = 1 << CORRELATION_OCTAVES;

/// The records of one level.
#[derive(Clone, Copy, Default)]
struct Level {
    records: u64,
    bytes: u64,
    line_sum: u64,
}

/// Facts about an application log. Of one size, however long the log is.
pub(crate) struct Tally {
    /// The earliest and the latest time, in microseconds.
    span: Option<(u64, u64)>,
    levels: [Level; LEVELS.len()],
    services: [u64; SERVICES.len()],
    threads: [u64; THREADS],
    correlations: [u64; CORRELATIONS],
    traces: u64,
    spans: u64,
    parents: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            span: None,
            levels: Default::default(),
            services: Default::default(),
            threads: [0; THREADS],
            correlations: [0; CORRELATIONS],
            traces: 0,
            spans: 0,
            parents: 0,
        }
    }

    /// Counts a line with its number, from 1, and its length without the newline.
    pub(super) fn count(&mut self, line: &Line<'_>, number: u64, bytes: u64) {
        let (first, last) = self.span.unwrap_or((line.micros, line.micros));
        self.span = Some((first.min(line.micros), last.max(line.micros)));
        let level = &mut self.levels[line.level];
        level.records += 1;
        level.bytes += bytes;
        level.line_sum += number;
        self.services[usize::from(line.service)] += 1;
        self.threads[usize::from(line.thread)] += 1;
        if let Some(place) = &line.place {
            self.correlations[usize::from(place.correlation)] += 1;
            self.traces += u64::from(place.is_first);
            self.spans += 1;
            self.parents += u64::from(place.span.parent.is_some());
        }
    }
}

impl Facts for Tally {
    fn merge(&mut self, other: Self) {
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, another) => one.or(another),
        };
        for (level, other) in self.levels.iter_mut().zip(other.levels) {
            level.records += other.records;
            level.bytes += other.bytes;
            level.line_sum += other.line_sum;
        }
        add(&mut self.services, &other.services);
        add(&mut self.threads, &other.threads);
        add(&mut self.correlations, &other.correlations);
        self.traces += other.traces;
        self.spans += other.spans;
        self.parents += other.parents;
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        let (first, last) = self.span.unzip();
        for (key, micros) in [("first_timestamp", first), ("last_timestamp", last)] {
            truth.key(key)?;
            let text = micros.map(|micros| String::from_utf8_lossy(&moment(micros)).into_owned());
            serde_json::to_writer(truth.value(), &text)?;
        }
        truth.key("levels")?;
        let mut levels = JsonObject::open(truth.value())?;
        for ((name, _), level) in LEVELS.iter().zip(&self.levels).filter(|(_, level)| level.records > 0) {
            levels.key(name)?;
            let mut sums = JsonObject::open(levels.value())?;
            sums.number("records", level.records)?;
            sums.number("bytes", level.bytes)?;
            sums.number("line_sum", level.line_sum)?;
            sums.close()?;
        }
        levels.close()?;
        write_counts(truth, "services", &self.services, |index, out| {
            out.extend_from_slice(SERVICES[index].0.as_bytes());
        })?;
        write_counts(truth, "threads", &self.threads, |index, out| write_thread(out, index as u8))?;
        write_counts(truth, "correlations", &self.correlations, |index, out| {
            write_correlation(out, index as u16);
        })?;
        truth.number("traces", self.traces)?;
        truth.number("spans", self.spans)?;
        truth.number("parents", self.parents)
    }
}

fn add(counts: &mut [u64], others: &[u64]) {
    for (count, other) in counts.iter_mut().zip(others) {
        *count += other;
    }
}

/// An object of names and their counts, those that never occurred left out.
fn write_counts(
    truth: &mut JsonObject<'_>,
    key: &str,
    counts: &[u64],
    write_name: impl Fn(usize, &mut Buffer),
) -> io::Result<()> {
    truth.key(key)?;
    let mut object = JsonObject::open(truth.value())?;
    let mut name = Buffer::new();
    for (index, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
        name.clear();
        write_name(index, &mut name);
        object.number(&String::from_utf8_lossy(&name), count)?;
    }
    object.close()
}
