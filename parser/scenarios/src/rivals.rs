//! Rivals: the work of the suites `tally` and `search` as one would write it on sonic-rs and simd-json, the answers the same.
//!
//! They are given what helps them: lines in a buffer that they may write to, borrowed fields, the same hash tables. They do
//! not say which line is bad and why, and do not look for the other names of a key in the order of their rank.

use crate::limits::each_line;
use crate::searching::{self, Hits};
use crate::tallying;
use harness::answer::Answer;
use harness::subject::{Corpus, Error, Scenario, Unsuited, Work};
use hashbrown::{HashMap, HashSet};
use parser::{Level, Tally};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sonic_rs::JsonValueTrait;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        tallying::scenario("tally/sonic-rs", "the same by a struct that borrows, on sonic-rs")
            .expecting(|corpus| json_only(corpus).and_then(|()| tallying::expect(corpus)))
            .working(|corpus| Ok(TallyFile { corpus: corpus.clone(), read: sonic })),
        tallying::scenario("tally/simd-json", "the same by a struct that borrows, on simd-json")
            .expecting(|corpus| json_only(corpus).and_then(|()| tallying::expect(corpus)))
            .working(|corpus| Ok(TallyFile { corpus: corpus.clone(), read: simd })),
        searching::scenario(
            "search/sonic-rs",
            "the same by sonic-rs, which reads the one field and skips the others",
        )
        .expecting(|corpus| json_only(corpus).and_then(|()| searching::expect_levels(corpus)))
        .working(|corpus| Ok(SearchFile { corpus: corpus.clone() })),
    ]
}

/// The libraries read JSON and nothing else, and end at the first line that is none.
fn json_only(corpus: &Corpus) -> Result<(), Error> {
    let mut number = 0;
    each_line(corpus.open()?, |line| {
        number += 1;
        let is_object = line.trim_ascii_start().starts_with(b"{");
        if !is_object || serde_json::from_slice::<IgnoredAny>(line).is_err() {
            return Err(Unsuited(format!(
                "its line {number} is no JSON object, and others are not read here"
            ))
            .into());
        }
        Ok(())
    })
}

/// A string that borrows where it has no escapes; serde would copy an `Option<Cow<str>>`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of an index.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, alias = "severity", alias = "log_level")]
    level: Option<Text<'a>>,
    #[serde(borrow, alias = "service_name", alias = "serviceName")]
    service: Option<Text<'a>>,
    #[serde(
        borrow,
        alias = "thread_id",
        alias = "tid",
        alias = "threadId",
        alias = "thread_name",
        alias = "threadName"
    )]
    thread: Option<Text<'a>>,
    #[serde(borrow, alias = "request_id", alias = "req_id")]
    correlation_id: Option<Text<'a>>,
    #[serde(borrow, alias = "traceId")]
    trace_id: Option<Text<'a>>,
    #[serde(borrow, alias = "spanId")]
    span_id: Option<Text<'a>>,
    #[serde(borrow, alias = "parentSpanId")]
    parent_span_id: Option<Text<'a>>,
}

type Reading = for<'a> fn(&'a mut [u8]) -> Result<Entry<'a>, Error>;

fn sonic(line: &mut [u8]) -> Result<Entry<'_>, Error> {
    Ok(sonic_rs::from_slice(line)?)
}

fn simd(line: &mut [u8]) -> Result<Entry<'_>, Error> {
    Ok(simd_json::from_slice(line)?)
}

struct TallyFile {
    corpus: Corpus,
    read: Reading,
}

type Counts = HashMap<String, u64, foldhash::fast::RandomState>;

#[derive(Default)]
struct Tables {
    levels: Counts,
    services: Counts,
    threads: Counts,
    correlations: Counts,
    traces: HashSet<String, foldhash::fast::RandomState>,
    spans: u64,
    parents: u64,
}

impl Tables {
    fn add(&mut self, entry: &Entry<'_>) {
        let counted = [
            (&mut self.levels, &entry.level),
            (&mut self.services, &entry.service),
            (&mut self.threads, &entry.thread),
            (&mut self.correlations, &entry.correlation_id),
        ];
        for (counts, value) in counted {
            if let Some(value) = value {
                *counts.entry_ref(value.0.as_ref()).or_insert(0) += 1;
            }
        }
        if let Some(trace) = &entry.trace_id {
            self.traces.get_or_insert_with(trace.0.as_ref(), |trace: &str| trace.to_owned());
        }
        self.spans += u64::from(entry.span_id.is_some());
        self.parents += u64::from(entry.parent_span_id.is_some());
    }
}

impl Work for TallyFile {
    type Output = Tally;

    fn run(&mut self, _query: usize) -> Result<Tally, Error> {
        let mut tables = Tables::default();
        let mut records = 0;
        each_line(self.corpus.open()?, |line| {
            tables.add(&(self.read)(line)?);
            records += 1;
            Ok(())
        })?;
        let sorted = |counts: Counts| -> BTreeMap<String, u64> { counts.into_iter().collect() };
        Ok(Tally {
            lines: records,
            records,
            bad: 0,
            levels: sorted(tables.levels),
            services: sorted(tables.services),
            threads: sorted(tables.threads),
            correlations: sorted(tables.correlations),
            traces: tables.traces.len() as u64,
            spans: tables.spans,
            parents: tables.parents,
        })
    }

    fn answer(&self, tally: &Tally) -> Answer {
        tallying::of_tally(tally)
    }
}

struct SearchFile {
    corpus: Corpus,
}

impl Work for SearchFile {
    type Output = Hits;

    fn run(&mut self, query: usize) -> Result<Hits, Error> {
        let wanted = searching::level(query);
        let (mut hits, mut number) = (Hits::default(), 0);
        each_line(self.corpus.open()?, |line| {
            number += 1;
            let found = sonic_rs::get_from_slice(line, &["level"]).ok();
            if found.as_ref().and_then(|found| found.as_str()).and_then(Level::from_name) == Some(wanted) {
                hits.add(number, line.len() as u64);
            }
            Ok(())
        })?;
        Ok(hits)
    }

    fn answer(&self, hits: &Hits) -> Answer {
        searching::of_hits(hits)
    }
}
