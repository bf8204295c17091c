//! One cell under one profiler: a process, and what is told of it.

use super::perf::Perf;
use crate::process::{self, Conditions, Ended};
use crate::subject::{Subject, Task};
use harness::judge::profile::dhat;
use harness::judge::profile::stacks::{self, Cut, Raw};
use harness::judge::profile::visit::{self, Answered, Repeated};
use harness::judge::wire::Schema;
use harness::judge::wire::profile::{
    CPU_SCHEMA, CPU_VERSION, Frame, HeapStory, MEMORY_SCHEMA, MEMORY_VERSION, Memory, Origin, Profile,
    RssStory, Sampler,
};
use std::path::Path;

/// More sites than this are not listed; dhat's own file has them all.
const MOST_SITES: usize = 100;
/// Fewer samples than this make no picture: a share of one of them is five in a hundred.
const FEWEST_SAMPLES: u64 = 20;

/// How a cell is sampled.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// For so many seconds.
    pub seconds: u64,
    /// So often a second of CPU time.
    pub frequency: u64,
}

/// A cell that is profiled.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The binaries.
    pub subject: &'a Subject,
    /// The scenario, by the name that the run has for it.
    pub scenario: &'a str,
    /// The variant's name.
    pub variant: &'a str,
    /// What is asked.
    pub task: Task<'a>,
    /// The right answers.
    pub answers: &'a [String],
    /// How its process is started.
    pub conditions: &'a Conditions,
    /// Where what is found comes from.
    pub origin: &'a Origin,
}

/// Why there is no profile, and what mends it.
#[derive(Debug)]
pub struct Why {
    /// What happened.
    pub reason: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Why {
    fn only(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: None }
    }
}

type Told<T> = Result<T, Why>;

impl Cell<'_> {
    /// Samples it from inside.
    pub fn pprof(&self, rate: Rate) -> Told<Profile> {
        let ended = self.run(&rate.arguments(rate.frequency))?;
        let repeated = self.right(visit::profile(&ended.stdout))?;
        let frame = |&at: &u32| repeated.frames.get(at as usize).cloned();
        let raw = repeated.stacks.iter().map(|stack| Raw {
            frames: stack.frames.iter().filter_map(frame).collect(),
            samples: stack.samples,
            is_child: false,
        });
        let cut = stacks::measured(raw);
        self.profile(Sampler::Pprof, rate, &repeated, cut)
    }

    /// Samples it, and what it starts, from outside.
    pub fn perf(&self, rate: Rate, perf: &Perf, scratch: &Path) -> Told<Profile> {
        let arguments = self.subject.request("visit", Some(self.task), &rate.arguments(0));
        let (ended, raw) = perf
            .record(&self.subject.binary, &arguments, rate.frequency, self.conditions, scratch)
            .map_err(Why::only)?;
        let repeated = self.right(visit::profile(&ended.stdout))?;
        self.profile(Sampler::Perf, rate, &repeated, stacks::measured(raw))
    }

    fn profile(&self, sampler: Sampler, rate: Rate, repeated: &Repeated, cut: Cut) -> Told<Profile> {
        let Cut { frames, stacks, left_out, unrooted } = cut;
        let profile = Profile {
            schema: Schema::new(CPU_SCHEMA, CPU_VERSION),
            origin: self.origin.clone(),
            scenario: self.scenario.to_owned(),
            variant: self.variant.to_owned(),
            sampler,
            asked_hz: rate.frequency,
            elapsed_ns: repeated.elapsed_ns,
            cpu_ns: repeated.cpu_ns,
            iterations: repeated.iterations,
            left_out,
            unrooted,
            frames,
            stacks,
        };
        let samples = profile.samples();
        if samples < FEWEST_SAMPLES {
            return Err(Why {
                reason: format!(
                    "only {samples} samples fell into the measured part ({left_out} outside it) in {:.1} s of CPU time",
                    profile.cpu_ns as f64 / 1e9
                ),
                remedy: Some(format!("--seconds {}, or a higher --frequency", (rate.seconds * 4).min(600))),
            });
        }
        Ok(profile)
    }

    /// The heap, in a build for it; dhat's own file goes to `keep`.
    pub fn heap(&self, keep: &Path) -> Told<Memory> {
        let keep_text = keep.display().to_string();
        let ended = self.run(&[("instrument", "heap".to_owned()), ("keep", keep_text)])?;
        let (reading, series) = self.right(visit::heap(&ended.stdout))?;
        let text = std::fs::read(keep)
            .map_err(|error| Why::only(format!("dhat's file {} can't be read: {error}", keep.display())))?;
        let mut sites = dhat::sites(&text)
            .map_err(|why| Why::only(format!("dhat's file {} can't be read: {why}", keep.display())))?;
        let sites_in_all = sites.len() as u64;
        sites.truncate(MOST_SITES);
        Ok(Memory { heap: Some(HeapStory { reading, sites, sites_in_all, series }), ..self.memory() })
    }

    /// Resident memory over time.
    pub fn rss(&self) -> Told<Memory> {
        let ended = self.run(&[("instrument", "rss".to_owned()), ("series", "true".to_owned())])?;
        let (reading, series) = self.right(visit::rss(&ended.stdout))?;
        Ok(Memory { rss: Some(RssStory { reading, series }), ..self.memory() })
    }

    fn memory(&self) -> Memory {
        Memory {
            schema: Schema::new(MEMORY_SCHEMA, MEMORY_VERSION),
            origin: self.origin.clone(),
            scenario: self.scenario.to_owned(),
            variant: self.variant.to_owned(),
            heap: None,
            rss: None,
        }
    }

    fn run(&self, more: &[(&str, String)]) -> Told<Ended> {
        let arguments = self.subject.request("visit", Some(self.task), more);
        process::run(&self.subject.binary, &arguments, self.conditions)
            .map_err(|failure| Why::only(format!("it {failure}")))
    }

    /// The reading, if the answers that it came with are right.
    fn right<T>(&self, answered: Result<Answered<T>, harness::judge::wire::sample::Failure>) -> Told<T> {
        let Answered { answers, reading } = answered.map_err(|failure| Why::only(format!("it {failure}")))?;
        let wrong = answers.iter().zip(self.answers).position(|(given, right)| given != right);
        match wrong {
            _ if answers.is_empty() => Err(Why::only("it gave no answer")),
            Some(query) => Err(Why::only(format!(
                "it gave a wrong answer to query {query}: what it does is not the work"
            ))),
            None => Ok(reading),
        }
    }
}

impl Rate {
    fn arguments(self, frequency: u64) -> [(&'static str, String); 3] {
        [
            ("instrument", "profile".to_owned()),
            ("seconds", self.seconds.to_string()),
            ("frequency", frequency.to_string()),
        ]
    }
}

/// The frames of a stack that has only names.
pub fn named(names: impl Iterator<Item = String>) -> Vec<Frame> {
    names.map(|function| Frame { function, ..Frame::default() }).collect()
}
