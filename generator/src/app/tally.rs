//! What is known of an application log, added up from what is drawn.

use std::io;

use super::line::{Line, moment, write_correlation, write_thread};
use super::tree::Trees;
use super::vocabulary::{LEVELS, SERVICES};
use super::walk::{Act, Event};
use crate::counts::{Counts, Extent, Levels};
use crate::text::Buffer;
use crate::truth::{Facts, JsonObject};

/// Facts about an application log. Of one size, however long the log is.
pub(crate) struct Tally {
    extent: Extent,
    levels: Levels,
    services: Counts,
    threads: Counts,
    correlations: Counts,
    spans: u64,
    parents: u64,
    retries: u64,
    fallbacks: u64,
    pub(super) trees: Trees,
}

impl Tally {
    pub(super) fn new(workers: u32, correlations: u32) -> Self {
        Self {
            extent: Extent::default(),
            levels: Levels::new(&LEVELS),
            services: Counts::new(SERVICES.len()),
            threads: Counts::new(SERVICES.len() * workers as usize),
            correlations: Counts::new(correlations as usize),
            spans: 0,
            parents: 0,
            retries: 0,
            fallbacks: 0,
            trees: Trees::new(),
        }
    }

    /// Counts a line with its number, from 1, and its length without the newline.
    #[inline]
    pub(super) fn count(&mut self, line: &Line<'_>, event: &Event, number: u64, bytes: u64) {
        self.extent.add(line.micros);
        self.levels.add(line.level, number, bytes);
        self.services.add(usize::from(line.service), 1);
        self.threads.add(usize::from(line.thread), 1);
        if let Some(place) = &line.place {
            self.correlations.add(usize::from(place.trace.correlation), 1);
            self.spans += 1;
            self.parents += u64::from(place.parent.is_some());
            self.retries += u64::from(event.act == Act::Retry);
            self.fallbacks += u64::from(event.act == Act::Fallback);
        }
    }
}

impl Facts for Tally {
    fn merge(&mut self, other: Self) {
        self.extent.merge(other.extent);
        self.levels.merge(&other.levels);
        self.services.merge(&other.services);
        self.threads.merge(&other.threads);
        self.correlations.merge(&other.correlations);
        self.spans += other.spans;
        self.parents += other.parents;
        self.retries += other.retries;
        self.fallbacks += other.fallbacks;
        self.trees.merge(other.trees);
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        self.extent.write(truth, moment)?;
        self.levels.write(truth)?;
        self.services.write(truth, "services", |index| SERVICES[index])?;
        self.threads.write(truth, "threads", |index| text(|out| write_thread(out, index as u8)))?;
        self.correlations
            .write(truth, "correlations", |index| text(|out| write_correlation(out, index as u16)))?;
        truth.number("traces", self.trees.traces())?;
        truth.number("spans", self.spans)?;
        truth.number("parents", self.parents)?;
        truth.number("retries", self.retries)?;
        truth.number("fallbacks", self.fallbacks)?;
        self.trees.write(truth)
    }
}

fn text(write: impl FnOnce(&mut Buffer)) -> String {
    let mut out = Buffer::new();
    write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}
