//! The visit protocol: what a measured binary is asked, and how it answers.
//!
//! Each request is one start of the binary; the answer is one JSON object on one line of standard
//! output that carries the protocol's version. Words in capitals are arguments:
//!
//! | request | answer |
//! |---|---|
//! | `describe` | `allocator`, and `scenarios` with `name`, `version`, `about`, `corpus`, `queries`, `whole_command`, `all_cpus`, `arrivals_per_second`, `beside` |
//! | `expect --scenario S --corpus F [--truth T]` | `bytes`, `records`, `answers`; or `unsuited` with the reason |
//! | `calibrate --scenario S --corpus F [--command C] --batch-ns N` | `iterations` |
//! | `visit --instrument clock --scenario S --corpus F [--command C] --iterations N --batches B` | `answers`, `clock` |
//! | the same with `--cold true`, instead of iterations and batches | `cold`, and the same of one iteration without a warm-up |
//! | `visit --instrument latency --scenario S --corpus F [--command C] --rate N --arrivals N` | `answers`, `latency` |
//! | `visit --instrument rss` or `heap`, `--scenario S --corpus F` | `answers`, `rss` or `heap` |
//! | `visit --instrument count --scenario S --corpus F --passes N` | `answers`, `count`: run under a counter of instructions |
//! | `train --scenario S --corpus F [--command C] --passes N` | `passes`: a fixed number of passes over the queries and no stopwatch |
//!
//! With `--bytes N` no more than that is read of the corpus. Version 1 of the protocol knew neither this nor `count`.
//!
//! An answer that changes within a visit gives `inconsistent` with the two digests. Exit codes: 0
//! answered, 1 the scenario failed, 2 wrong usage; the reason goes to standard error.

use super::clock::{self, Batch, Cell};
use super::json::Object;
use super::latency::{self, Pace};
use super::scenario::{Corpus, Error, Scenario, Unsuited};
use super::{count, rss};
use crate::PROTOCOL;
use crate::answer::Answer;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Most batches that one visit times.
const MOST_BATCHES: u64 = 64;

/// Answers one request. A measured binary's `main` is a call of this.
pub fn main(scenarios: &[Scenario], allocator: &str) -> ExitCode {
    let request = match Request::parse(std::env::args_os().skip(1)) {
        Ok(request) => request,
        Err(why) => {
            eprintln!(
                "{why}\nthis binary is measured by `cargo xtask bench`; its protocol is in harness::subject::visit"
            );
            return ExitCode::from(2);
        }
    };
    match answer(scenarios, allocator, &request) {
        // Without a reader of the answer there is nobody to tell of the failure but by the exit code.
        Ok(object) => match writeln!(std::io::stdout(), "{}", object.finish()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(why) => {
            eprintln!("{}: {why}", request.verb);
            ExitCode::FAILURE
        }
    }
}

fn answer(scenarios: &[Scenario], allocator: &str, request: &Request) -> Result<Object, Error> {
    let head = Object::new().number("protocol", u64::from(PROTOCOL));
    if request.verb == "describe" {
        let each = scenarios.iter().map(|scenario| {
            Object::new()
                .text("name", scenario.name)
                .number("version", u64::from(scenario.version))
                .text("about", scenario.about)
                .text("corpus", scenario.corpus)
                .number("queries", scenario.queries as u64)
                .boolean("whole_command", scenario.is_whole_command())
                .boolean("all_cpus", scenario.is_on_all_cpus())
                .number("arrivals_per_second", scenario.arrivals_per_second())
                .texts("beside", scenario.is_beside())
        });
        return Ok(head.text("allocator", allocator).objects("scenarios", each));
    }
    let name = request.text("scenario")?;
    let scenario = scenarios.iter().find(|scenario| scenario.name == name).ok_or_else(|| {
        let known: Vec<&str> = scenarios.iter().map(|scenario| scenario.name).collect();
        format!("there is no scenario {name:?}; there are {}", known.join(", "))
    })?;
    let corpus = Corpus {
        path: request.path("corpus").ok_or("--corpus is missing")?,
        truth: request.path("truth"),
        bytes: request.value("bytes").map(|_| request.number("bytes")).transpose()?,
    };
    if request.verb == "expect" {
        return match scenario.expect(&corpus) {
            Ok(expected) => Ok(head
                .number("bytes", expected.bytes)
                .number("records", expected.records)
                .texts("answers", expected.answers)),
            Err(error) if error.is::<Unsuited>() => Ok(head.text("unsuited", &error.to_string())),
            Err(error) => Err(error),
        };
    }
    let mut cell = scenario.prepare(&corpus, request.path("command").as_deref())?;
    match request.verb.as_str() {
        "calibrate" => {
            let batch = Duration::from_nanos(request.number("batch-ns")?);
            Ok(head.number("iterations", clock::calibrate(&mut *cell, batch)?))
        }
        "train" => {
            let passes = request.number("passes")?;
            for _ in 0..passes {
                for query in 0..cell.queries() {
                    cell.once(query, &mut || ())?;
                }
            }
            Ok(head.number("passes", passes))
        }
        "visit" => visit(head, &mut *cell, request),
        verb => Err(format!("{verb:?} is not a request of the visit protocol").into()),
    }
}

fn visit(head: Object, cell: &mut dyn Cell, request: &Request) -> Result<Object, Error> {
    let (key, (answers, reading)) = match request.text("instrument")? {
        "clock" => {
            if request.flag("cold")? {
                let (answers, reading) = time_cold(cell)?;
                return Ok(head.boolean("cold", true).texts("answers", answers).object("clock", reading));
            }
            let (iterations, batches) = (request.number("iterations")?.max(1), request.number("batches")?);
            match time(cell, iterations, batches.clamp(1, MOST_BATCHES))? {
                Ok(timed) => ("clock", timed),
                Err(changed) => return Ok(head.text("inconsistent", &changed)),
            }
        }
        "latency" => {
            let pace = Pace::new(request.number("rate")?, request.number("arrivals")?)?;
            let answers = ask_all(cell)?;
            match latency::read(cell, pace, &answers)? {
                Ok(reading) => ("latency", (answers, reading)),
                Err(changed) => return Ok(head.text("inconsistent", &changed)),
            }
        }
        "rss" => ("rss", rss::read(cell)?),
        "count" => ("count", count::read(cell, request.number("passes")?)?),
        #[cfg(feature = "dhat")]
        "heap" => ("heap", super::heap::read(cell)?),
        #[cfg(not(feature = "dhat"))]
        "heap" => {
            return Err(
                "this build has no dhat: the heap is read in a build of its own, with the feature dhat"
                    .into(),
            );
        }
        other => return Err(format!("{other:?} is not an instrument of this build").into()),
    };
    Ok(head.texts("answers", answers).object(key, reading))
}

/// Asks every query once, which also warms caches and branch predictors.
fn ask_all(cell: &mut dyn Cell) -> Result<Vec<Answer>, Error> {
    (0..cell.queries()).map(|query| cell.once(query, &mut || ())).collect()
}

/// Asks every query once, then times the batches. The inner error tells of an answer that changed.
fn time(
    cell: &mut dyn Cell,
    iterations: u64,
    batches: u64,
) -> Result<Result<(Vec<Answer>, Object), String>, Error> {
    let answers = ask_all(cell)?;
    let mut timed: Vec<Batch> = Vec::with_capacity(batches as usize);
    for _ in 0..batches {
        let batch = cell.batch(iterations)?;
        let (query, now) = batch.last;
        if answers.get(query) != Some(&now) {
            return Ok(Err(format!("query {query}: first {:?}, then {now}", answers.get(query))));
        }
        timed.push(batch);
    }
    Ok(Ok((answers, reading(iterations, &timed))))
}

/// Times the first query once, with nothing before it: what lies on the disk is read inside the timed part.
fn time_cold(cell: &mut dyn Cell) -> Result<(Vec<Answer>, Object), Error> {
    let batch = cell.batch(1)?;
    Ok((vec![batch.last.1], reading(1, &[batch])))
}

fn reading(iterations: u64, timed: &[Batch]) -> Object {
    let each = timed.iter().map(|batch| {
        Object::new()
            .number("ns", batch.elapsed.as_nanos() as u64)
            .number("cpu_ns", batch.used.cpu_ns)
            .number("minor_faults", batch.used.minor_faults)
            .number("major_faults", batch.used.major_faults)
            .number("involuntary_switches", batch.used.involuntary_switches)
            .number("read_bytes", batch.used.read_bytes)
    });
    Object::new()
        .number("iterations", iterations)
        .number("reading_ns", clock::reading_cost().as_nanos() as u64)
        .objects("batches", each)
}

/// A verb and its `--key value` pairs.
#[derive(Debug)]
struct Request {
    verb: String,
    pairs: Vec<(String, OsString)>,
}

impl Request {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let verb = arguments.next().and_then(|verb| verb.into_string().ok()).ok_or("no request")?;
        let verbs = ["describe", "expect", "calibrate", "visit", "train"];
        if !verbs.contains(&verb.as_str()) {
            return Err(format!("{verb:?} is not a request; there are {}", verbs.join(", ")));
        }
        let mut pairs = Vec::new();
        while let Some(key) = arguments.next() {
            let key = key.to_string_lossy().into_owned();
            let name = key.strip_prefix("--").ok_or_else(|| format!("{key:?} is not a --key"))?;
            let value = arguments.next().ok_or_else(|| format!("{key} wants a value"))?;
            pairs.push((name.to_owned(), value));
        }
        Ok(Self { verb, pairs })
    }

    fn value(&self, key: &str) -> Option<&OsString> {
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.value(key).map(PathBuf::from)
    }

    fn text(&self, key: &str) -> Result<&str, Error> {
        let value = self.value(key).ok_or_else(|| format!("--{key} is missing"))?;
        value.to_str().ok_or_else(|| format!("--{key} {} is not UTF-8", value.display()).into())
    }

    /// `true` or `false`; false where it is not given.
    fn flag(&self, key: &str) -> Result<bool, Error> {
        match self.value(key) {
            None => Ok(false),
            Some(_) => Ok(self.text(key)?.parse().map_err(|_| format!("--{key} is true or false"))?),
        }
    }

    fn number(&self, key: &str) -> Result<u64, Error> {
        let text = self.text(key)?;
        text.parse().map_err(|_| format!("--{key} {text:?} is not a number").into())
    }
}
