//! Talks to a measured binary: the judge's end of the visit protocol.

use crate::callgrind::Callgrind;
use crate::error::{Error, Result};
use crate::process::{self, Conditions, Ended};
use harness::judge::protocol::{self, Calibrated, Description, Expected};
use harness::judge::wire::sample::{Count, Failure, Instrument, Measured, Outcome, Reading};
use serde::de::DeserializeOwned;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A measured binary and the subject's command of the same variant.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The measured binary.
    pub binary: PathBuf,
    /// The subject's own command.
    pub command: Option<PathBuf>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The scenario, by the name under which the binary declares it.
    pub scenario: &'a str,
    /// Its input.
    pub corpus: &'a Path,
    /// How much of it is read, where that is not all.
    pub bytes: Option<u64>,
}

impl<'a> Task<'a> {
    /// On a whole corpus.
    pub fn new(scenario: &'a str, corpus: &'a Path) -> Self {
        Self { scenario, corpus, bytes: None }
    }
}

/// A finished visit.
#[derive(Debug)]
pub struct Visit {
    /// What came of it.
    pub outcome: Outcome,
    /// From the process's start to its end; the limit or zero where it failed.
    pub took: Duration,
}

impl Subject {
    /// The arguments of a request, with `more` of them at the end.
    pub fn request(&self, verb: &str, task: Option<Task<'_>>, more: &[(&str, String)]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![verb.into()];
        if let Some(task) = task {
            arguments.extend([
                "--scenario".into(),
                task.scenario.into(),
                "--corpus".into(),
                task.corpus.into(),
            ]);
            if let Some(bytes) = task.bytes {
                arguments.extend(["--bytes".into(), bytes.to_string().into()]);
            }
            if let Some(command) = &self.command {
                arguments.extend(["--command".into(), command.into()]);
            }
        }
        for (key, value) in more {
            arguments.extend([format!("--{key}").into(), value.into()]);
        }
        arguments
    }

    fn ask<T: DeserializeOwned>(&self, arguments: &[OsString], conditions: &Conditions) -> Result<T> {
        let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        let asking = || format!("asking {} for `{}`", self.binary.display(), words.join(" "));
        let Ended { stdout, .. } = process::run(&self.binary, arguments, conditions)
            .map_err(|failure| Error::Failed(format!("{}: it {failure}", asking())))?;
        protocol::read(&stdout).map_err(|why| Error::Failed(format!("{}: {why}", asking())))
    }

    /// Its scenarios and its allocator.
    pub fn describe(&self, conditions: &Conditions) -> Result<Description> {
        self.ask(&self.request("describe", None, &[]), conditions)
    }

    /// The right answers of a scenario on a corpus, from its truth or from a plain reader.
    pub fn expect(&self, task: Task<'_>, truth: Option<&Path>, conditions: &Conditions) -> Result<Expected> {
        let mut arguments = self.request("expect", Some(task), &[]);
        if let Some(truth) = truth {
            arguments.extend(["--truth".into(), truth.into()]);
        }
        self.ask(&arguments, conditions)
    }

    /// How many iterations fill a batch.
    pub fn calibrate(&self, task: Task<'_>, batch: Duration, conditions: &Conditions) -> Result<u64> {
        let more = [("batch-ns", batch.as_nanos().to_string())];
        let calibrated: Calibrated = self.ask(&self.request("calibrate", Some(task), &more), conditions)?;
        Ok(calibrated.iterations)
    }

    /// A fixed number of passes over a scenario's queries, without a stopwatch.
    pub fn train(&self, task: Task<'_>, passes: u64, conditions: &Conditions) -> Result<()> {
        let request = self.request("train", Some(task), &[("passes", passes.to_string())]);
        self.ask(&request, conditions).map(|_: serde_json::Value| ())
    }

    /// One visit; `extent` says how much of it, in the arguments that the instrument has.
    pub fn visit(
        &self,
        instrument: Instrument,
        task: Task<'_>,
        extent: &[(&str, u64)],
        conditions: &Conditions,
    ) -> Visit {
        let mut more = vec![("instrument", instrument.name().to_owned())];
        more.extend(extent.iter().map(|(key, value)| (*key, value.to_string())));
        match process::run(&self.binary, &self.request("visit", Some(task), &more), conditions) {
            Ok(Ended { stdout, took, .. }) => {
                Visit { outcome: protocol::read_visit(instrument, &stdout), took }
            }
            Err(failure @ Failure::TimedOut { .. }) => {
                Visit { outcome: Outcome::Failed(failure), took: conditions.limit }
            }
            Err(failure) => Visit { outcome: Outcome::Failed(failure), took: Duration::ZERO },
        }
    }

    /// One visit of the clock without a warm-up, after whose file was put out of the page cache.
    pub fn visit_cold(&self, task: Task<'_>, conditions: &Conditions) -> Visit {
        let more = [("instrument", Instrument::Clock.name().to_owned()), ("cold", "true".to_owned())];
        match process::run(&self.binary, &self.request("visit", Some(task), &more), conditions) {
            Ok(Ended { stdout, took, .. }) => Visit { outcome: protocol::read_cold(&stdout), took },
            Err(failure @ Failure::TimedOut { .. }) => {
                Visit { outcome: Outcome::Failed(failure), took: conditions.limit }
            }
            Err(failure) => Visit { outcome: Outcome::Failed(failure), took: Duration::ZERO },
        }
    }

    /// One visit of `count`: two processes under the counter, one pass over the queries apart.
    pub fn count(&self, task: Task<'_>, counter: &Callgrind, conditions: &Conditions) -> Visit {
        let counted = |passes: u64| {
            let more = [("instrument", Instrument::Count.name().to_owned()), ("passes", passes.to_string())];
            let (ended, instructions) =
                counter.count(&self.binary, &self.request("visit", Some(task), &more), conditions)?;
            let (answers, counted) = protocol::read_counted(&ended.stdout, instructions)?;
            Ok((answers, counted, ended.took))
        };
        let both = counted(1).and_then(|fewer| Ok((fewer, counted(2)?)));
        match both {
            Ok(((answers, fewer, first), (_, more, second))) => Visit {
                outcome: Outcome::Measured(Measured {
                    answers,
                    reading: Reading::Count(Count { fewer, more }),
                }),
                took: first + second,
            },
            Err(failure) => Visit { outcome: Outcome::Failed(failure), took: Duration::ZERO },
        }
    }
}
