//! `profiles.json`, `*.cpu.json` and `*.memory.json` in the folder `profiles` of a run: what profilers saw of cells, in
//! processes of their own.

use super::Schema;
use super::results::Skip;
use super::sample::{Heap, Rss};
use serde::{Deserialize, Serialize};

/// Schema name of `*.cpu.json`.
pub const CPU_SCHEMA: &str = "assay.profile";
/// Newest version of `*.cpu.json` that this build writes and reads.
pub const CPU_VERSION: u32 = 1;
/// Schema name of `profiles.json`.
pub const SCHEMA: &str = "assay.profiles";
/// Newest version of `profiles.json` that this build writes and reads.
pub const VERSION: u32 = 1;
/// Schema name of `*.memory.json`.
pub const MEMORY_SCHEMA: &str = "assay.memory";
/// Newest version of `*.memory.json` that this build writes and reads.
pub const MEMORY_VERSION: u32 = 1;

/// Where a profile comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The run in whose folder it lies.
    pub run: String,
    /// When the process was started, RFC 3339 in UTC.
    pub began: String,
    /// The git revision of the sources, where there is one.
    pub revision: Option<String>,
    /// Did they differ from it?
    pub dirty: bool,
    /// First line of `rustc --version --verbose`.
    pub compiler: String,
    /// The processor's name.
    pub machine: String,
    /// Name of the corpus.
    pub corpus: String,
    /// Its SHA-256.
    pub corpus_sha256: String,
    /// The build, in words.
    pub build: String,
    /// Every command that was run to build it.
    pub commands: Vec<Vec<String>>,
}

/// What took the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Sampler {
    /// The crate pprof, inside the process.
    Pprof,
    /// perf(1), from outside.
    Perf,
}

impl Sampler {
    /// The word used in flags, files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pprof => "pprof",
            Self::Perf => "perf",
        }
    }
}

/// Where one cell spent its CPU time: the instrument `profile`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// Where it comes from.
    pub origin: Origin,
    /// `suite/name` or `suite/name/scale`.
    pub scenario: String,
    /// The variant's name, with `@` and the revision where that is not the one at hand.
    pub variant: String,
    /// What took the samples.
    pub sampler: Sampler,
    /// Samples a second of CPU time that were asked for; the kernel may give fewer.
    pub asked_hz: u64,
    /// How long the work was repeated, in nanoseconds.
    pub elapsed_ns: u64,
    /// The CPU time of it, all threads and waited-for children together.
    pub cpu_ns: u64,
    /// Iterations of the scenario in that time.
    pub iterations: u64,
    /// Samples outside the measured part (starting, setting up, the loop's own clock): left out of `stacks`.
    pub left_out: u64,
    /// Samples in `stacks` of which only the innermost frames are known, since a frame could not be unwound.
    pub unrooted: u64,
    /// Places in the program.
    pub frames: Vec<Frame>,
    /// Stacks of the measured part.
    pub stacks: Vec<Stack>,
}

/// A place in the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The function, demangled, without the compiler's hash.
    pub function: String,
    /// Its file; empty where that is not known.
    #[serde(default)]
    pub file: String,
    /// The line; 0 where that is not known.
    #[serde(default)]
    pub line: u32,
    /// Was it inlined into the frame before it?
    #[serde(default)]
    pub inlined: bool,
}

/// How often a stack was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// Places of its frames in the list of frames, the outermost first.
    pub frames: Vec<u32>,
    /// Samples.
    pub samples: u64,
}

impl Profile {
    /// Samples in all stacks.
    pub fn samples(&self) -> u64 {
        self.stacks.iter().map(|stack| stack.samples).sum()
    }

    /// Samples a second of CPU time that were taken, those that were left out among them; `None` where no time passed.
    pub fn achieved_hz(&self) -> Option<f64> {
        let taken = (self.samples() + self.left_out) as f64;
        (self.cpu_ns > 0).then(|| taken * 1e9 / self.cpu_ns as f64)
    }

    /// CPU time of one iteration in nanoseconds, of the build that was profiled.
    pub fn iteration_ns(&self) -> f64 {
        self.cpu_ns as f64 / self.iterations.max(1) as f64
    }

    /// The frames of a stack, the outermost first. A place that is not there is left out.
    pub fn frames_of<'a>(&'a self, stack: &'a Stack) -> impl DoubleEndedIterator<Item = &'a Frame> {
        stack.frames.iter().filter_map(|&place| self.frames.get(place as usize))
    }
}

/// What became of the memory of one cell, by site and over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// Where it comes from.
    pub origin: Origin,
    /// `suite/name` or `suite/name/scale`.
    pub scenario: String,
    /// The variant's name, or that of a heap build.
    pub variant: String,
    /// The heap, in a heap build.
    #[serde(default)]
    pub heap: Option<HeapStory>,
    /// Resident memory, in a variant as it is.
    #[serde(default)]
    pub rss: Option<RssStory>,
}

/// The heap of one iteration, as dhat saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeapStory {
    /// In all.
    pub reading: Heap,
    /// Where it was asked for; those that ask for most, or lead to most, first.
    pub sites: Vec<Site>,
    /// How many sites there are, where not all are listed.
    pub sites_in_all: u64,
    /// Bytes asked for so far, and bytes alive.
    pub series: Series,
}

/// A line from which memory was asked for, by itself or by what it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The function and the line.
    pub frame: Frame,
    /// Bytes asked for in all.
    pub total_bytes: u64,
    /// Allocations in all.
    pub total_blocks: u64,
    /// Bytes alive when the whole heap was largest.
    pub peak_bytes: u64,
    /// Bytes alive at the end.
    pub end_bytes: u64,
    /// Of `total_bytes`, those that no other site below it asked for.
    pub own_bytes: u64,
}

/// Resident memory of one iteration and of the set-up before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RssStory {
    /// What the instrument `rss` read in the same process.
    pub reading: Rss,
    /// Anonymous bytes, and all other resident bytes, from before the set-up.
    pub series: Series,
}

/// Two figures over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// When the measured part began, in nanoseconds from the start of the series.
    pub began_ns: u64,
    /// When it ended.
    pub ended_ns: u64,
    /// Each: when, in nanoseconds from the start, and the two figures.
    pub points: Vec<(u64, u64, u64)>,
}

/// `profiles.json`: all profiles of a run, as pages and tables want them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// The variant that the others are set against.
    pub reference: String,
    /// Where cells spent their CPU time, without lines, the allocator's insides as one frame.
    #[serde(default)]
    pub cpu: Vec<Profile>,
    /// What became of their memory.
    #[serde(default)]
    pub memory: Vec<Memory>,
    /// What was asked for and is not there.
    #[serde(default)]
    pub absent: Vec<Skip>,
}

impl Default for Profiles {
    fn default() -> Self {
        Self {
            schema: Schema::new(SCHEMA, VERSION),
            reference: String::new(),
            cpu: Vec::new(),
            memory: Vec::new(),
            absent: Vec::new(),
        }
    }
}

impl Profiles {
    /// Takes these in: what both have of a cell is taken from `newer`, and so are the reference and what is not there.
    pub fn renew(&mut self, newer: Self) {
        let Self { reference, cpu, memory, absent, .. } = newer;
        self.cpu.retain(|old| {
            !cpu.iter().any(|new| (&new.scenario, &new.variant) == (&old.scenario, &old.variant))
        });
        self.memory.retain(|old| {
            !memory.iter().any(|new| (&new.scenario, &new.variant) == (&old.scenario, &old.variant))
        });
        self.cpu.extend(cpu);
        self.memory.extend(memory);
        self.reference = reference;
        self.absent = absent;
    }

    /// Is there nothing to be told?
    pub fn is_empty(&self) -> bool {
        self.cpu.is_empty() && self.memory.is_empty() && self.absent.is_empty()
    }
}
