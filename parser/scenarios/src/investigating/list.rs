//! The plain way: every entry a struct with strings of its own, every question a walk over all of them.
//!
//! It is what one writes first, with serde and the standard library's collections, and it knows this one form of a log
//! only.

use super::{Facts, Form};
use crate::truth;
use harness::subject::{Corpus, Error, Unsuited};
use parser::{Clock, Time};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};

/// What a line says.
#[derive(Deserialize)]
struct Said {
    timestamp: String,
    level: String,
    thread_id: String,
    correlation_id: String,
    service: String,
    message: String,
    span_id: Option<String>,
    parent_span_id: Option<String>,
}

/// An entry.
pub(super) struct Line {
    /// Its line, from 1.
    pub(super) number: u64,
    /// The line itself.
    pub(super) text: String,
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    pub(super) level: String,
    pub(super) thread: String,
    pub(super) correlation: String,
    pub(super) service: String,
    pub(super) message: String,
    pub(super) span: Option<String>,
    pub(super) parent: Option<String>,
}

impl Line {
    pub(super) fn errs(&self) -> bool {
        self.level == "ERROR"
    }
}

/// All entries of a log, in the order of its lines.
pub(super) struct List {
    pub(super) lines: Vec<Line>,
    pub(super) facts: Facts,
}

impl List {
    /// Reads a log.
    ///
    /// # Errors
    /// [`Unsuited`]: a line is not of the form, or there is none.
    pub(super) fn read(corpus: &Corpus) -> Result<Self, Error> {
        let lines = read(corpus)?;
        let names = |of: fn(&Line) -> &String| -> Vec<String> {
            lines.iter().map(of).collect::<BTreeSet<_>>().into_iter().cloned().collect()
        };
        let times = || lines.iter().map(|line| line.time);
        let facts = Facts {
            threads: names(|line| &line.thread),
            correlations: names(|line| &line.correlation),
            errors: lines.iter().filter(|line| line.errs()).count(),
            span: (times().min().unwrap_or(0), times().max().unwrap_or(0)),
        };
        Ok(Self { lines, facts })
    }

    /// Whether the log holds what is asked for.
    pub(super) fn suits(&self, form: Form) -> Result<(), Error> {
        if self.facts.errors == 0 {
            return Err(Unsuited("none of its records is of the level ERROR".to_owned()).into());
        }
        if form == Form::Spans && self.lines.iter().any(|line| line.span.is_none()) {
            return Err(Unsuited("not all of its records have spans".to_owned()).into());
        }
        if self.lines.windows(2).any(|pair| pair[0].time > pair[1].time) {
            return Err(Unsuited("its records are not in the order of their times".to_owned()).into());
        }
        let mut first = HashMap::new();
        for line in self.lines.iter().rev() {
            first.insert(line.span.as_deref(), line.number);
        }
        let early = |line: &&Line| {
            let parent = line.parent.as_deref().and_then(|parent| first.get(&Some(parent)));
            parent.is_some_and(|parent| first.get(&line.span.as_deref()) <= Some(parent))
        };
        if let Some(line) = self.lines.iter().find(early) {
            return Err(
                Unsuited(format!("the parent of its record on line {} comes after it", line.number)).into()
            );
        }
        Ok(())
    }

    /// Holds the list against every fact of the truth that it can tell.
    pub(super) fn agrees(&self, truth: &Value) -> Result<(), Error> {
        let told = |what: &str, expected: u64, found: u64| {
            if expected == found {
                return Ok(());
            }
            Err(Error::from(format!("{what}: the plain list has {found}, the truth knows {expected}")))
        };
        let number = |key, found: usize| told(key, truth::number(truth, key)?, found as u64);
        number("records", self.lines.len())?;
        let with = |has: fn(&Line) -> bool| self.lines.iter().filter(|line| has(line)).count();
        number("spans", with(|line| line.span.is_some()))?;
        number("parents", with(|line| line.parent.is_some()))?;
        number("timeouts", with(|line| line.errs() && line.message.contains("timeout")))?;
        let counts = |key, of: fn(&Line) -> &str| -> Result<(), Error> {
            let found = counted(self.lines.iter().map(of));
            for (name, count) in truth::entries(truth, key)? {
                told(name, count.as_u64().unwrap_or_default(), found.get(name).copied().unwrap_or_default())?;
            }
            Ok(())
        };
        counts("threads", |line| &line.thread)?;
        counts("correlations", |line| &line.correlation)?;
        counts("services", |line| &line.service)?;
        for (name, level) in truth::entries(truth, "levels")? {
            let of_level = || self.lines.iter().filter(|line| line.level == name);
            told(name, truth::number(level, "records")?, of_level().count() as u64)?;
            let sum = |of: fn(&Line) -> u64| of_level().map(of).sum();
            told(name, truth::number(level, "line_sum")?, sum(|line| line.number))?;
            told(name, truth::number(level, "bytes")?, sum(|line| line.text.len() as u64))?;
        }
        let clock = Clock::now();
        for (key, found) in [("first_timestamp", self.facts.span.0), ("last_timestamp", self.facts.span.1)] {
            let time = truth[key].as_str().and_then(|text| Time::parse(text.as_bytes(), &clock));
            told(key, time.map_or(0, Time::nanos) as u64, found as u64)?;
        }
        Ok(())
    }

    /// The entries that fit, in the order of their times.
    pub(super) fn search(&self, fits: impl Fn(&Line) -> bool) -> Vec<&Line> {
        let mut found: Vec<&Line> = self.lines.iter().filter(|line| fits(line)).collect();
        found.sort_by_key(|line| line.time);
        found
    }
}

/// Reads the entries of a log, and nothing besides.
pub(super) fn read(corpus: &Corpus) -> Result<Vec<Line>, Error> {
    let clock = Clock::now();
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(BufReader::new(corpus.open()?).lines()) {
        let unsuited =
            |why: String| Unsuited(format!("its line {number} is no entry of the flat form: {why}"));
        let text = text.map_err(|error| unsuited(error.to_string()))?;
        let said: Said = serde_json::from_str(&text).map_err(|error| unsuited(error.to_string()))?;
        let time = Time::parse(said.timestamp.as_bytes(), &clock)
            .ok_or_else(|| unsuited(format!("{:?} is no time", said.timestamp)))?;
        lines.push(Line {
            number,
            text,
            time: time.nanos(),
            level: said.level,
            thread: said.thread_id,
            correlation: said.correlation_id,
            service: said.service,
            message: said.message,
            span: said.span_id,
            parent: said.parent_span_id,
        });
    }
    if lines.is_empty() {
        return Err(Unsuited("it has no lines".to_owned()).into());
    }
    Ok(lines)
}

/// How often each name occurs.
pub(super) fn counted<'n>(names: impl Iterator<Item = &'n str>) -> HashMap<&'n str, u64> {
    let mut counts = HashMap::new();
    for name in names {
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

/// A message with its numbers, and its hexadecimal names of six letters or more, as `0`.
pub(super) fn template(message: &str) -> String {
    let mut template = String::new();
    let mut rest = message;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        template.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..end];
        rest = &rest[end..];
        let has_digit = word.chars().any(|c| c.is_ascii_digit());
        if has_digit && word.len() >= 6 && word.chars().all(|c| c.is_ascii_hexdigit()) {
            template.push('0');
            continue;
        }
        for (at, c) in word.char_indices() {
            if !c.is_ascii_digit() {
                template.push(c);
            } else if !word[..at].ends_with(|before: char| before.is_ascii_digit()) {
                template.push('0');
            }
        }
    }
    template.push_str(rest);
    template
}
