//! The index fields, plainly. What they are is documented at [`crate::tally`](mod@crate::tally).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Set;
use super::lines::{self, Fields, number, text};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::tally::{KEYS, Tally};

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
    let mut tally = Tally::default();
    let mut traces = Set::default();
    let totals = lines::read::<Wanted>(source, limits, on_bad, |_, entry: Entry<'_>| {
        add(&mut tally.levels, name(&entry, &["level", "severity", "log_level"]));
        add(&mut tally.services, name(&entry, &["service", "service_name", "serviceName"]));
        let thread = ["thread", "thread_id", "tid", "threadId", "thread_name", "threadName"];
        add(&mut tally.threads, id(&entry, &thread));
        add(&mut tally.correlations, id(&entry, &["correlation_id", "request_id", "req_id"]));
        if let Some(trace) = id(&entry, &["trace_id", "traceId"])
            && !traces.contains(&*trace)
        {
            traces.insert(trace.into_owned());
        }
        tally.spans += u64::from(id(&entry, &["span_id", "spanId"]).is_some());
        tally.parents += u64::from(id(&entry, &["parent_span_id", "parentSpanId"]).is_some());
        ControlFlow::Continue(())
    })?;
    let traces = traces.len() as u64;
    Ok(Tally { lines: totals.lines, records: totals.records, bad: totals.bad, traces, ..tally })
}

fn add(counts: &mut BTreeMap<String, u64>, name: Option<Cow<'_, str>>) {
    let Some(name) = name else { return };
    if let Some(count) = counts.get_mut(&*name) {
        *count += 1;
    } else {
        counts.insert(name.into_owned(), 1);
    }
}

/// The first string under these keys that is not empty.
pub(super) fn name<'a>(entry: &Entry<'a>, keys: &[&str]) -> Option<Cow<'a, str>> {
    keys.iter().find_map(|key| text(entry.value(key)).filter(|text| !text.is_empty()))
}

/// The first number or string that is not empty under these keys.
fn id<'a>(entry: &Entry<'a>, keys: &[&str]) -> Option<Cow<'a, str>> {
    keys.iter().find_map(|key| match number(entry.value(key)) {
        Some(number) => Some(Cow::Borrowed(number)),
        None => name(entry, &[key]),
    })
}

/// The values of the keys of an index.
#[derive(Default)]
pub(super) struct Entry<'a> {
    values: [Option<&'a RawValue>; KEYS.len()],
}

impl<'a> Entry<'a> {
    fn value(&self, key: &str) -> Option<&'a RawValue> {
        KEYS.iter().position(|known| *known == key).and_then(|place| self.values[place])
    }
}

pub(super) struct Wanted;

impl Fields for Wanted {
    type Of<'a> = Entry<'a>;
}

impl<'de> Deserialize<'de> for Entry<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log entry, as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entry = Entry::default();
        while let Some(key) = map.next_key::<lines::Key<'de>>()? {
            match KEYS.iter().position(|known| *known == key.0) {
                Some(place) => entry.values[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(entry)
    }
}
