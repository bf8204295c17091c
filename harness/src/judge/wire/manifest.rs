//! `manifest.json`: what was planned, built and set up, complete before the first visit.

use super::Schema;
use super::calibration::Cited;
pub use super::machine::{Caches, Machine};
use super::results::{BinaryFacts, Metric, Skip};
use super::sample::{Disturbance, Instrument};
use crate::answer::Digest;
use crate::judge::order;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Schema name of `manifest.json`.
pub const SCHEMA: &str = "assay.manifest";
/// Newest version of `manifest.json` that this build writes and reads.
pub const VERSION: u32 = 3;

/// All that a run is made of, apart from its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// The run's name: its folder.
    pub run: String,
    /// When it began, RFC 3339 in UTC.
    pub began: String,
    /// The command line that began it.
    pub command: Vec<String>,
    /// The preset.
    pub preset: String,
    /// The user's own input, where the run is not on generated corpora.
    pub input: Vec<String>,
    /// The machine.
    pub machine: Machine,
    /// What compiled everything that is compared.
    pub toolchain: Toolchain,
    /// Where the subject's source stood.
    pub source: Source,
    /// The builds, those for the heap among them.
    pub builds: Vec<Build>,
    /// The corpora that scenarios read.
    pub corpora: Vec<Corpus>,
    /// The scenarios that are visited.
    pub scenarios: Vec<Scenario>,
    /// What is visited, how often, in which order, and how it is judged.
    pub experiment: Experiment,
    /// What was asked for and could not be done here.
    pub skipped: Vec<Skip>,
    /// What was planned and failed before the first visit, such as a build.
    pub failed: Vec<Skip>,
    /// Cells that answered wrongly on a small corpus, and are not visited.
    pub broken: Vec<BrokenCell>,
    /// What disturbs measurement on this machine, each with its remedy.
    pub warnings: Vec<String>,
    /// What the newest calibration of this machine says; absent where there is none.
    #[serde(default)]
    pub calibration: Option<Cited>,
}

/// A cell that was found broken before it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrokenCell {
    /// Scenario.
    pub scenario: String,
    /// Variant.
    pub variant: String,
    /// What it did instead of answering rightly.
    pub reason: String,
}

/// The toolchain of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Toolchain {
    /// How a user names it.
    pub name: String,
    /// First line of `rustc --version --verbose`.
    pub rustc: String,
    /// First line of `cargo --version`.
    pub cargo: String,
    /// The host's target triple, which is built for.
    pub host: String,
    /// rustc's LLVM.
    pub llvm: String,
    /// Where the std of each target comes from, by triple.
    pub stds: BTreeMap<String, String>,
    /// The llvm-profdata that merges profiles, where a fitting one was found.
    pub profdata: Option<String>,
    /// The llvm-bolt, where a fitting one was found.
    pub bolt: Option<String>,
    /// The host's C library, as `ldd --version` has it.
    pub libc: Option<String>,
}

/// Where the subject's source stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The git revision, where there is one.
    pub revision: Option<String>,
    /// Did the work tree differ from it?
    pub dirty: bool,
}

/// One build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The variant's short name.
    pub variant: String,
    /// In words.
    pub about: String,
    /// The axes.
    pub axes: BTreeMap<String, String>,
    /// Every command that was run for it, in order.
    pub commands: Vec<Vec<String>>,
    /// The environment that those commands were given on top of the caller's, less what changes builds.
    pub environment: BTreeMap<String, String>,
    /// The environment that its measured processes get on top of an empty one.
    #[serde(default)]
    pub run_environment: BTreeMap<String, String>,
    /// The measured binary.
    pub binary: BinaryFacts,
    /// The subject's own command.
    pub command: Option<BinaryFacts>,
    /// Another variant with the very same binaries.
    pub identical_to: Option<String>,
    /// In a calibration, a slow-down of known size: it reads on past the end of its corpus, one line for every so many.
    #[serde(default)]
    pub twice_every: Option<u32>,
}

/// A corpus as it lay there when the run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// Its name.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The file.
    pub file: PathBuf,
    /// The command that made it; empty for the user's own input.
    pub command: Vec<String>,
}

/// A scenario that is visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// `suite/name` or `suite/name/scale`.
    pub name: String,
    /// The name under which the measured binary declares it: without the scale of a user's own file.
    pub declared: String,
    /// Version of what it measures.
    pub version: u32,
    /// What runs, in a sentence.
    pub about: String,
    /// Name of its corpus.
    pub corpus: String,
    /// Is the subject's command timed whole?
    pub whole_command: bool,
    /// Does it work with a thread per CPU? It is then not pinned.
    pub all_cpus: bool,
    /// Bytes that one iteration reads.
    pub bytes: u64,
    /// Records that one iteration reads.
    pub records: u64,
    /// The right answer to each of its queries.
    pub answers: Vec<String>,
    /// In a calibration, what is read where one of so many lines is read twice, by that number. All of it lies in one file.
    #[serde(default)]
    pub twice: BTreeMap<u32, Twice>,
    /// Iterations per timed batch, calibrated once on the reference and shared by all variants.
    pub iterations: u64,
    /// How many of its iterations arrive each second under `latency`; 0 where that is not read.
    #[serde(default)]
    pub arrivals_per_second: u64,
    /// The scenarios that its speed is set beside: limits and rivals. Some may not be in the run.
    #[serde(default)]
    pub beside: Vec<String>,
}

/// What is read of a longer corpus, and what has to be answered then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Twice {
    /// Bytes that are read.
    pub bytes: u64,
    /// The right answer to each query.
    pub answers: Vec<String>,
}

impl Scenario {
    /// How many bytes of its corpus an arm reads that reads one of so many lines twice; `None` for all.
    pub fn read_by(&self, twice_every: Option<u32>) -> Option<u64> {
        match twice_every {
            Some(every) => self.twice.get(&every).map(|twice| twice.bytes),
            None => (!self.twice.is_empty()).then_some(self.bytes),
        }
    }
}

/// What is visited, how often, in which order, and how it is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The variant that the others are compared with.
    pub reference: String,
    /// Name of the control.
    pub control: String,
    /// Every variant that is visited, the reference among them, the control not.
    pub variants: Vec<String>,
    /// Names of the heap builds: one per target, the reference's first; none where there are none. Version 1 had one, or
    /// null, and called it `heap`.
    #[serde(alias = "heap", deserialize_with = "one_or_several")]
    pub heaps: Vec<String>,
    /// When a block counts as disturbed; version 1 had no such rule.
    #[serde(default)]
    pub disturbance: Option<DisturbanceRule>,
    /// Seed of all orders.
    pub seed: u64,
    /// Per instrument: what is visited, in the order in which the instruments come.
    pub instruments: Vec<InstrumentPlan>,
    /// What the number of the clock's blocks was planned by, in words; earlier builds did not say.
    #[serde(default)]
    pub planned_by: Option<String>,
    /// Is the corpus put out of the page cache before each visit? A visit is then one iteration without a warm-up.
    #[serde(default)]
    pub cold: bool,
    /// Does each timed visit run a copy of its binary that nobody ran yet? Earlier builds ran one file all along.
    #[serde(default)]
    pub fresh_copies: bool,
    /// How often a block is measured again in which a visit failed in a way that may pass: it was killed from outside, took
    /// too long or was not started. Earlier builds did not.
    #[serde(default)]
    pub second_tries: u32,
    /// Timed batches in one visit of the clock.
    pub batches: u32,
    /// Arrivals in one visit of `latency`.
    #[serde(default)]
    pub arrivals: u64,
    /// A visit is stopped after this many seconds.
    pub time_limit: u64,
    /// A visit is stopped when it and all that it started hold more bytes of anonymous memory than this.
    #[serde(default)]
    pub memory_limit: Option<u64>,
    /// Nominal coverage of the intervals.
    pub confidence: f64,
    /// Smallest change worth telling, per metric; fixed before the run.
    pub margins: Vec<Margin>,
    /// The family of each judgement and its test, in words.
    pub judgement: String,
}

/// When a block counts as disturbed and is measured again as a whole. Fixed before the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DisturbanceRule {
    /// More than this share of the block's time was stolen by the hypervisor.
    pub steal: f64,
    /// More than this share of it went to other processes, on the CPUs that the subject could use.
    pub others: f64,
    /// Less than this many nanoseconds in a block is nothing: the kernel counts in ticks.
    pub least_ns: u64,
    /// At most this share of a scenario's blocks is measured again.
    pub replacements: f64,
}

/// What one instrument visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InstrumentPlan {
    /// Which.
    pub instrument: Instrument,
    /// How many blocks of each scenario.
    pub blocks: u32,
    /// The scenarios.
    pub scenarios: Vec<String>,
}

/// Smallest change worth telling in one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// The metric.
    pub metric: Metric,
    /// As a fraction: 0.01 is 1 %.
    pub relative: f64,
    /// In the metric's unit; 0 for none. The larger of the two applies.
    pub absolute: f64,
}

fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        Several(Vec<String>),
        One(Option<String>),
    }
    Ok(match Names::deserialize(from)? {
        Names::Several(names) => names,
        Names::One(name) => name.into_iter().collect(),
    })
}

impl DisturbanceRule {
    /// Is a block disturbed that took this long in all its visits, of which this was taken from it?
    pub fn is_disturbed(&self, took_ns: u64, taken: Disturbance) -> bool {
        let past = |ns: u64, share: f64| ns >= self.least_ns && ns as f64 > share * took_ns as f64;
        past(taken.steal_ns, self.steal) || past(taken.others_ns, self.others)
    }

    /// How many of so many blocks may be measured again.
    pub fn most_replacements(&self, blocks: u32) -> u32 {
        (f64::from(blocks) * self.replacements) as u32
    }
}

impl Experiment {
    /// Everything that stands in a block of `instrument`: the variants and the control, or the
    /// heap builds.
    pub fn arms(&self, instrument: Instrument) -> Vec<&str> {
        match instrument {
            Instrument::Heap => self.heaps.iter().map(String::as_str).collect(),
            // It is compared with itself from visit to visit: a control would tell no more.
            Instrument::Count => self.variants.iter().map(String::as_str).collect(),
            Instrument::Clock | Instrument::Latency | Instrument::Rss => {
                self.variants.iter().map(String::as_str).chain([self.control.as_str()]).collect()
            }
        }
    }

    /// The order of each block of `scenario` under `instrument`: places into [`arms`](Self::arms).
    pub fn orders(&self, plan: &InstrumentPlan, scenario: &str) -> Vec<Vec<usize>> {
        let digest = Digest::new().number(self.seed).text(plan.instrument.name()).text(scenario);
        order::williams(self.arms(plan.instrument).len(), plan.blocks as usize, digest.finish().low64())
    }
}

impl Manifest {
    /// The build that an arm is: the control is the reference again.
    pub fn build_of(&self, arm: &str) -> Option<&Build> {
        let Experiment { control, reference, .. } = &self.experiment;
        let variant = if arm == control { reference } else { arm };
        self.builds.iter().find(|build| build.variant == variant)
    }

    /// The user's own files that it measured on, where they lay; none, if its corpora were made.
    pub fn input_files(&self) -> Vec<PathBuf> {
        if self.input.is_empty() {
            return Vec::new();
        }
        self.corpora.iter().filter(|c| c.command.is_empty()).map(|corpus| corpus.file.clone()).collect()
    }

    /// The right answers of an arm in a scenario.
    pub fn answers(&self, scenario: &str, arm: &str) -> Option<&[String]> {
        let scenario = self.scenario(scenario)?;
        match self.build_of(arm).and_then(|build| build.twice_every) {
            Some(every) => scenario.twice.get(&every).map(|twice| twice.answers.as_slice()),
            None => Some(&scenario.answers),
        }
    }

    /// The scenario called `name`.
    pub fn scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }
}
