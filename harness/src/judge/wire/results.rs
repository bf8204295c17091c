//! `results.json`: a pure function of the manifest and the samples; every report is made from it.

use super::Schema;
use super::calibration::Cited;
use super::profile::Profiles;
use super::sample::{Histogram, Instrument, Pages};
use crate::judge::label::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Schema name of `results.json`.
pub const SCHEMA: &str = "assay.results";
/// Newest version of `results.json` that this build writes and reads.
pub const VERSION: u32 = 2;

/// All that a run found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// What was run, when, on what.
    pub provenance: Provenance,
    /// Name of the variant that the others are compared with.
    pub reference: String,
    /// Name of the control: the reference's binary again under another path.
    pub control: String,
    /// The metrics that were judged, with their margins.
    pub metrics: Vec<MetricFacts>,
    /// Every variant that was built, in the order of the plan; the reference is among them, the control is not.
    pub variants: Vec<VariantFacts>,
    /// Every scenario that was measured, in the order of the plan.
    pub scenarios: Vec<ScenarioFacts>,
    /// Per scenario, variant (the control included) and metric: the samples and their summary.
    pub cells: Vec<Cell>,
    /// Each variant against the reference, per scenario and metric. The controls are not among them.
    pub comparisons: Vec<Comparison>,
    /// The control against the reference, per scenario and metric: a family of its own.
    pub controls: Vec<Comparison>,
    /// What dhat saw, per scenario. dhat wraps the system's allocator: one reading serves all variants.
    pub heap: Vec<HeapFacts>,
    /// Resident memory by kind, per scenario and variant.
    pub memory: Vec<MemoryFacts>,
    /// Instructions, where they were counted. They compare near twins, such as two commits, and never rank builds.
    #[serde(default)]
    pub instructions: Vec<InstructionFacts>,
    /// How late records are done that arrive at a steady pace, per scenario whose records do, and variant.
    #[serde(default)]
    pub latency: Vec<LatencyFacts>,
    /// How fast each scenario is beside those that it names, per variant.
    #[serde(default)]
    pub beside: Vec<Beside>,
    /// What each instrument cost.
    #[serde(default)]
    pub costs: Vec<InstrumentCost>,
    /// What criterion found, where it was asked: shown beside ours, not judged by its rules.
    #[serde(default)]
    pub criterion: Vec<CriterionFacts>,
    /// Where cells spent their time and what became of their memory, where that was asked for. It is shown and judges nothing.
    #[serde(default, skip_serializing_if = "Profiles::is_empty")]
    pub profiles: Profiles,
    /// Cells that were planned and are not there or are wrong, each with the reason.
    pub invalid: Vec<InvalidCell>,
    /// What was asked for and could not be done here, with the remedy.
    pub skipped: Vec<Skip>,
    /// What disturbs measurement on this machine, each with its remedy.
    pub warnings: Vec<String>,
}

/// What was run, when, on what. Enough to say under a chart where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The run's name: its folder.
    pub run: String,
    /// When it began, RFC 3339 in UTC.
    pub began: String,
    /// The command line that began it.
    pub command: Vec<String>,
    /// The preset.
    pub preset: String,
    /// The git revision of the subject, where there is one.
    pub revision: Option<String>,
    /// Did the work tree differ from that revision?
    pub dirty: bool,
    /// For example `rustc 1.95.0 (59807616e 2026-04-14), LLVM 22.1.2`.
    pub compiler: String,
    /// CPU model, number of CPUs, memory, kernel, virtualisation: a line each, in that order.
    pub machine: Vec<String>,
    /// What else is known of the machine, by what it is: caches, clock source, frequency, and what it was like when the run
    /// began.
    #[serde(default)]
    pub conditions: BTreeMap<String, String>,
    /// Seed of the orders of visits.
    pub seed: u64,
    /// Blocks planned per instrument.
    pub blocks: BTreeMap<String, u32>,
    /// What the newest calibration of this machine says; absent where there is none.
    #[serde(default)]
    pub calibration: Option<Cited>,
    /// Was the corpus put out of the page cache before each visit?
    #[serde(default)]
    pub cold: bool,
    /// What the number of the clock's blocks was planned by, in words.
    #[serde(default)]
    pub planned_by: Option<String>,
    /// What else the builds were made with, by what it is: where the std of each target is from, the tools that merged
    /// profiles and moved code, the C library.
    pub tools: BTreeMap<String, String>,
}

/// A metric. For all of them less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Elapsed nanoseconds per iteration: the median of a visit's batches.
    Time,
    /// The 99th percentile of a visit's latencies, in nanoseconds.
    Latency,
    /// Growth of the resident set's peak over what it was before the measured part, in bytes, all kinds of pages.
    Rss,
    /// The same of anonymous pages alone, in bytes.
    Anon,
}

impl Metric {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Time, Self::Latency, Self::Rss, Self::Anon];

    /// The word used in flags, files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Latency => "latency",
            Self::Rss => "rss",
            Self::Anon => "anon",
        }
    }

    /// What reads it.
    pub fn instrument(self) -> Instrument {
        match self {
            Self::Time => Instrument::Clock,
            Self::Latency => Instrument::Latency,
            Self::Rss | Self::Anon => Instrument::Rss,
        }
    }

    /// `ns` or `bytes`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Time | Self::Latency => "ns",
            Self::Rss | Self::Anon => "bytes",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A judged metric: its margin, its family, and the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricFacts {
    /// Which.
    pub metric: Metric,
    /// Smallest change worth telling, as a fraction: 0.01 is 1 %.
    pub margin: f64,
    /// Smallest absolute change worth telling, in the metric's unit; 0 for none.
    pub margin_absolute: f64,
    /// How many comparisons share the Benjamini-Hochberg correction.
    pub family: usize,
}

/// A variant: what it is and what its build gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VariantFacts {
    /// Short name.
    pub name: String,
    /// In words: `fat LTO, one codegen unit, mimalloc`.
    pub about: String,
    /// The axes: `lto = fat`, `allocator = mimalloc` and so on.
    pub axes: BTreeMap<String, String>,
    /// The measured binary.
    pub binary: BinaryFacts,
    /// The subject's own command, built under the same variant: what ships.
    pub command: Option<BinaryFacts>,
    /// Another variant whose measured binary is the same, byte for byte: measured once, told twice.
    pub identical_to: Option<String>,
}

/// What a build gave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BinaryFacts {
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Machine code in bytes, where the file tells.
    #[serde(default)]
    pub text: Option<u64>,
    /// Size of the file without symbols, relocations for tools, and debug sections, in bytes, where it tells.
    #[serde(default)]
    pub stripped: Option<u64>,
    /// The shared libraries that it asks for; none for a static binary.
    #[serde(default)]
    pub libraries: Vec<String>,
    /// The linker that signed it, where one did.
    #[serde(default)]
    pub linker: Option<String>,
    /// How long the build took when it was built, in seconds; what other builds had compiled already is not in it.
    pub build_seconds: f64,
}

/// In less than this nothing is compiled and linked: cargo found the binary finished, and looked at it.
const LEAST_BUILD_SECONDS: f64 = 0.1;

impl BinaryFacts {
    /// How long the build took, in seconds; `None` where it was found finished, so that nobody knows.
    pub fn build_time(&self) -> Option<f64> {
        Some(self.build_seconds).filter(|seconds| seconds.is_finite() && *seconds >= LEAST_BUILD_SECONDS)
    }
}

/// A scenario as it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScenarioFacts {
    /// `suite/name` or `suite/name/scale`.
    pub name: String,
    /// Counts up when the scenario measures something else than before.
    pub version: u32,
    /// What runs, in a sentence.
    pub about: String,
    /// Name of its corpus.
    pub corpus: String,
    /// SHA-256 of the corpus, in hexadecimal.
    pub corpus_sha256: String,
    /// Bytes of the corpus that one iteration reads.
    pub bytes: u64,
    /// Records of the corpus that one iteration reads.
    pub records: u64,
    /// Is the subject's command timed whole, as a process?
    pub whole_command: bool,
    /// Iterations per timed batch, the same for every variant.
    pub iterations: u64,
}

/// The samples of one cell in one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Scenario.
    pub scenario: String,
    /// Variant, or the control.
    pub variant: String,
    /// Metric.
    pub metric: Metric,
    /// The good blocks, ascending.
    pub blocks: Vec<u32>,
    /// The sample of each of those blocks, in the metric's unit.
    pub samples: Vec<f64>,
    /// Summary of the samples.
    pub summary: Summary,
    /// Median CPU nanoseconds per iteration; for time only.
    pub cpu_ns: Option<f64>,
    /// Bytes of corpus per second at the median; for time only.
    pub bytes_per_second: Option<f64>,
    /// Records per second at the median; for time only.
    pub records_per_second: Option<f64>,
}

/// Figures of a set of samples, in the metric's unit. Quantiles are of Hyndman and Fan's type 7.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Number of samples.
    pub n: usize,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Median.
    pub median: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Standard deviation of the sample (n - 1); 0 for one sample.
    pub sd: f64,
    /// Coefficient of variation, sd / mean; 0 where the mean is 0.
    pub cv: f64,
}

/// A variant against the reference in one scenario and one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Scenario.
    pub scenario: String,
    /// Metric.
    pub metric: Metric,
    /// The variant that is judged.
    pub variant: String,
    /// How sure it is.
    pub label: Label,
    /// In words, where the label is `invalid` or `unstable`.
    pub reason: Option<String>,
    /// The figures; absent where the label is `invalid`.
    pub figures: Option<Figures>,
}

impl Comparison {
    /// Is it told apart, and does the variant take more?
    pub fn is_worse(&self) -> bool {
        self.label.tells_apart() && self.figures.as_ref().is_some_and(|figures| figures.ratio > 1.0)
    }

    /// Could it be judged at all?
    pub fn is_judged(&self) -> bool {
        !matches!(self.label, Label::Invalid | Label::Unstable)
    }
}

/// The speed of a scenario beside another on the same corpus, such as the limit of what can be read or a rival at the same
/// work, under one variant. It is a fact about two programs, and no comparison of builds: it has no label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Scenario.
    pub scenario: String,
    /// The other one.
    pub other: String,
    /// Variant of both.
    pub variant: String,
    /// Rounds in which both have a good block, neither of them measured again later.
    pub rounds: usize,
    /// Median over these of bytes per second divided by the other's: above 1 the scenario is faster.
    pub speed: f64,
    /// Lower end of the exact sign-test interval of that median; absent where the rounds are too few for one of 95 %. Earlier
    /// builds gave the whole range then.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Beside {
    /// The fewest rounds whose whole range holds the median in at least 95 % of cases: 1 - 2^(1 - 6) is 0.969.
    pub const LEAST_ROUNDS: usize = 6;

    /// The interval of at least 95 %, from low to high; `None` where the rounds are too few for it.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high).filter(|_| self.rounds >= Self::LEAST_ROUNDS)
    }
}

/// The figures of a comparison. Ratios are variant / reference: below 1 the variant takes less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Good blocks, in which both were visited.
    pub blocks: usize,
    /// Median ratio: exp of the median paired log-ratio.
    pub ratio: f64,
    /// Lower end of the exact sign-test interval of that median.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage of that interval, at least the nominal 0.95 where there are blocks enough.
    pub coverage: f64,
    /// Two-sided p of the exact sign test.
    pub p: f64,
    /// The same after Benjamini-Hochberg over the metric's family.
    pub q: f64,
    /// Mann-Whitney U of the variant's samples over the reference's: 0 or n*m means that they do not overlap.
    pub u: f64,
    /// Cliff's delta, from -1 (the variant always takes less) to 1.
    pub cliffs_delta: f64,
    /// Smallest change that counts here, as a fraction: the margin, or what the control moved.
    pub floor: f64,
    /// The margin that applied, as a fraction (the larger of the relative and the absolute one).
    pub margin: f64,
    /// For `inconclusive`: how many blocks would settle it at the present spread, where that can be said.
    pub blocks_to_settle: Option<u32>,
}

impl Figures {
    /// What an interval has to cover to be told as one.
    pub const COVERAGE: f64 = 0.95;

    /// The ends of the interval; none where the blocks are too few for it to cover what it promises (five at most: all that was
    /// seen covers 93.75 % then).
    pub fn interval(&self) -> Option<(f64, f64)> {
        (self.coverage >= Self::COVERAGE).then_some((self.low, self.high))
    }

    /// Do the two sets of samples lie wholly apart?
    pub fn apart(&self) -> bool {
        self.cliffs_delta.abs() >= 1.0
    }
}

/// What an instrument cost, over all of its visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InstrumentCost {
    /// Which.
    pub instrument: Instrument,
    /// Visits that were made, replaced ones among them.
    pub visits: usize,
    /// All of them together, set-up included.
    pub total_ns: u64,
    /// The median visit.
    pub visit_ns: f64,
    /// What reading adds to each timed batch, in the median; of the clock.
    pub reading_ns: Option<f64>,
    /// How many times as long a visit is as one of `rss`, in the median over the scenarios; of the heap.
    pub times_rss: Option<f64>,
}

/// Instructions of one iteration, as callgrind counts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InstructionFacts {
    /// Scenario.
    pub scenario: String,
    /// Variant.
    pub variant: String,
    /// Instructions of one iteration: the median of the visits.
    pub instructions: f64,
    /// How far the visits lie apart: largest over smallest, less 1.
    pub spread: f64,
    /// Visits, of two processes each.
    pub visits: usize,
}

/// What dhat saw of one iteration of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeapFacts {
    /// Scenario.
    pub scenario: String,
    /// What the build is for, as the axis of variants says it.
    pub target: String,
    /// Bytes allocated in all.
    pub total_bytes: u64,
    /// Allocations in all.
    pub total_blocks: u64,
    /// Most bytes alive at one time.
    pub peak_bytes: u64,
    /// Allocations alive at that time.
    pub peak_blocks: u64,
    /// Bytes alive at the end, the result still held.
    pub end_bytes: u64,
    /// Allocations alive at the end.
    pub end_blocks: u64,
    /// How many visits were read.
    pub runs: usize,
    /// Did all of them read the same?
    pub exact: bool,
}

/// Resident memory of one cell: medians over its visits, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemoryFacts {
    /// Scenario.
    pub scenario: String,
    /// Variant, or the control.
    pub variant: String,
    /// Pages before the measured part, after set-up.
    pub before: Pages,
    /// Pages at its end, the result still held.
    pub after: Pages,
    /// Growth of the peak over `before`, all kinds of pages.
    pub growth: u64,
    /// Growth of the peak that is anonymous.
    pub growth_anon: u64,
    /// What the growth of anonymous pages leaves after the heap's peak is taken off: allocator slack, stacks, memory from C
    /// or mmap. Negative where the heap reused pages that were resident before. Absent where the heap was not read.
    pub unexplained: Option<i64>,
}

/// How late records of one cell were done, all good visits together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LatencyFacts {
    /// Scenario.
    pub scenario: String,
    /// Variant, or the control.
    pub variant: String,
    /// Arrivals a second, evenly apart.
    pub rate: u64,
    /// Arrivals in all.
    pub arrivals: u64,
    /// How many of them began late since the one before was not done.
    pub behind: u64,
    /// How many of them were given up, the queue having grown past all patience.
    pub unserved: u64,
    /// How many visits were read.
    pub visits: usize,
    /// Records that were done a second.
    pub achieved: f64,
    /// How much of the time in which the arrivals were due the work took, as a fraction.
    pub busy: f64,
    /// Did the work take all of that time or more? Then the queue only grows, and the figures tell how long a visit was and not
    /// how long a record takes.
    pub overloaded: bool,
    /// From when an arrival was due to the end of its work.
    pub work: LatencyFigures,
    /// The same of a loop without work, in the same processes.
    pub idle: LatencyFigures,
}

/// Percentiles of a histogram and the histogram itself, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LatencyFigures {
    /// Half of all lie at or below it.
    pub p50_ns: u64,
    /// 90 % do.
    pub p90_ns: u64,
    /// 99 % do.
    pub p99_ns: u64,
    /// 99.9 % do.
    pub p999_ns: u64,
    /// The histogram, with the exact maximum.
    pub histogram: Histogram,
}

impl LatencyFigures {
    /// The figures in their order: p50, p90, p99, p99.9, max.
    pub fn all(&self) -> [u64; 5] {
        [self.p50_ns, self.p90_ns, self.p99_ns, self.p999_ns, self.histogram.max_ns]
    }
}

impl LatencyFacts {
    /// Is a figure within the idle loop: less than twice what that shows at the same percentile? Then the machine may
    /// have made it as well as the work.
    pub fn is_within_idle(work_ns: u64, idle_ns: u64) -> bool {
        work_ns < idle_ns.saturating_mul(2)
    }
}

/// What criterion found of one cell, by its own measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CriterionFacts {
    /// Scenario.
    pub scenario: String,
    /// Variant; criterion's baseline is called by it.
    pub variant: String,
    /// criterion's estimate of the median, nanoseconds per iteration.
    pub median_ns: f64,
    /// Lower end of its interval.
    pub low_ns: f64,
    /// Upper end.
    pub high_ns: f64,
    /// How many samples it took, all in one process.
    pub samples: usize,
}

/// A cell that was planned and is not there or is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvalidCell {
    /// Scenario.
    pub scenario: String,
    /// Variant, or the control.
    pub variant: String,
    /// Instrument whose visit showed it.
    pub instrument: Instrument,
    /// Is the cell invalid under every instrument, as for a wrong answer? Else under this one alone. Earlier builds knew no
    /// other.
    #[serde(default = "everywhere")]
    pub everywhere: bool,
    /// Why.
    pub reason: String,
}

fn everywhere() -> bool {
    true
}

impl InvalidCell {
    /// Is the cell invalid in this metric?
    pub fn concerns(&self, metric: Metric) -> bool {
        self.everywhere || self.instrument == metric.instrument()
    }
}

/// Something that was asked for and could not be done here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// The variant, scenario or instrument.
    pub what: String,
    /// Why not.
    pub reason: String,
    /// The command or step that would mend it, where there is one.
    pub remedy: Option<String>,
}
