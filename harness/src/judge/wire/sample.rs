//! `samples.jsonl`: the only truth of a run, a line per visit, appended and flushed as it ends.
//!
//! The first line is the [`Schema`](super::Schema); every other line is a [`Sample`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// Schema name of `samples.jsonl`.
pub const SCHEMA: &str = "assay.samples";
/// Newest version of `samples.jsonl` that this build writes and reads.
pub const VERSION: u32 = 3;

/// What reads a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Instrument {
    /// Wall and CPU time, by the harness's own loop.
    Clock,
    /// How late each record is done when they arrive at a steady pace.
    Latency,
    /// Resident memory, in an undisturbed build and a process of its own.
    Rss,
    /// Heap as dhat sees it, in a build of its own.
    Heap,
    /// Instructions under callgrind, in two processes.
    Count,
}

impl Instrument {
    /// The word used in flags, files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Latency => "latency",
            Self::Rss => "rss",
            Self::Heap => "heap",
            Self::Count => "count",
        }
    }

    /// Does it read a clock? Then layouts of memory and what else the machine does move its readings: both are dealt with,
    /// and every query is asked before.
    pub fn is_timed(self) -> bool {
        matches!(self, Self::Clock | Self::Latency)
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One visit: a fresh process that measured one cell once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What read the cell.
    pub instrument: Instrument,
    /// `suite/name` or `suite/name/scale`.
    pub scenario: String,
    /// The variant's name; the control has its own.
    pub variant: String,
    /// Number of the block within its instrument and scenario, from 0.
    pub block: u32,
    /// 0, or how often the whole block was begun before (an interrupted block is measured again).
    pub attempt: u32,
    /// Place within the block's order, from 0.
    pub position: u32,
    /// When the visit began, RFC 3339 in UTC.
    pub began: String,
    /// The whole visit as its parent saw it, set-up included, in nanoseconds.
    pub visit_ns: u64,
    /// What else the machine did meanwhile; absent where the system does not tell.
    #[serde(default)]
    pub disturbance: Option<Disturbance>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What was taken from a visit on the CPUs that it could use, as the kernel counts it, in ticks of some milliseconds:
/// a figure to be added up over a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// Nanoseconds that the hypervisor gave to other guests.
    pub steal_ns: u64,
    /// Nanoseconds of CPU that went to other processes and to interrupts.
    pub others_ns: u64,
}

/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The process ended well and its report was understood. Answers are judged later.
    Measured(Measured),
    /// There is no reading.
    Failed(Failure),
}

/// What a visit's process reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Answer per query asked, in the order of the scenario's list of queries.
    pub answers: Vec<String>,
    /// What the instrument read.
    pub reading: Reading,
}

/// What an instrument read in one visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// `clock`.
    Clock {
        /// Iterations in each batch.
        iterations: u64,
        /// What reading the clock and the usage adds to a batch, in nanoseconds; 0 where the binary did not say.
        #[serde(default)]
        reading_ns: u64,
        /// The timed batches, in order.
        batches: Vec<Batch>,
    },
    /// `latency`.
    Latency(Latency),
    /// `rss`.
    Rss(Rss),
    /// `heap`.
    Heap(Heap),
    /// `count`.
    Count(Count),
}

/// Instructions of two processes that differ by nothing but the number of their iterations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The process with fewer iterations.
    pub fewer: Counted,
    /// The process with more.
    pub more: Counted,
}

/// What one process took, from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Iterations in its batch.
    pub iterations: u64,
    /// Instructions in all.
    pub instructions: u64,
}

impl Count {
    /// Instructions of one iteration; `None` where the two processes do not differ as they should.
    pub fn per_iteration(&self) -> Option<f64> {
        let iterations = self.more.iterations.checked_sub(self.fewer.iterations).filter(|&n| n > 0)?;
        let instructions = self.more.instructions.checked_sub(self.fewer.instructions)?;
        Some(instructions as f64 / iterations as f64)
    }
}

/// One timed batch of iterations. All figures are of the whole batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Elapsed nanoseconds.
    pub ns: u64,
    /// Nanoseconds of CPU, of all threads and of waited-for children, user and kernel.
    pub cpu_ns: u64,
    /// Page faults without I/O.
    pub minor_faults: u64,
    /// Page faults with I/O.
    pub major_faults: u64,
    /// How often the kernel took the CPU away.
    pub involuntary_switches: u64,
    /// Bytes that were read from the disk, of waited-for children too; earlier builds did not say.
    #[serde(default)]
    pub read_bytes: u64,
}

/// How late records were done that arrived at a steady pace: from when each was due, so that one that waited behind another
/// counts as late. Times are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Arrivals a second.
    pub rate: u64,
    /// How many arrived.
    pub arrivals: u64,
    /// How many began late since the one before was not done.
    pub behind: u64,
    /// How many were given up, the queue having grown past all patience; they count as late as they were then.
    pub unserved: u64,
    /// Time that the work took, waiting left out.
    pub busy_ns: u64,
    /// From the start to the end of the last work.
    pub took_ns: u64,
    /// From when an arrival was due to the end of its work.
    pub work: Histogram,
    /// The same of a loop without work, just before, in the same process and at the same pace.
    pub idle: Histogram,
}

impl Latency {
    /// The time in which all of it was due, in nanoseconds.
    pub fn due_ns(&self) -> f64 {
        self.arrivals as f64 * 1e9 / self.rate as f64
    }
}

/// A histogram of times, whole, as `HdrHistogram` records them from 1 ns to 60 s with three significant figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// The longest, exactly.
    pub max_ns: u64,
    /// Ascending: the upper end of each bucket that is not empty, in nanoseconds, and how many times lie in it.
    pub counts: Vec<(u64, u64)>,
}

impl Histogram {
    /// Are its buckets in order, none of them empty, with so many times in all?
    pub fn holds(&self, times: u64) -> bool {
        let all: u128 = self.counts.iter().map(|&(_, count)| u128::from(count)).sum();
        all == u128::from(times)
            && self.counts.iter().all(|&(_, count)| count > 0)
            && self.counts.is_sorted_by(|(one, _), (next, _)| one < next)
    }
}

/// Resident memory around one iteration, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rss {
    /// Pages before the measured part, after set-up.
    pub before: Pages,
    /// Pages at its end, the result still held.
    pub after: Pages,
    /// High-water mark of the measured part, all kinds of pages; reset just before it.
    pub peak: u64,
    /// False where the kernel would not reset the mark: then `peak` is the process's lifetime peak.
    pub peak_was_reset: bool,
}

/// Resident pages by kind, in bytes (`RssAnon`, `RssFile`, `RssShmem` of proc(5)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// Anonymous pages: heap, stacks, private writes.
    pub anon: u64,
    /// Pages of mapped files: the program itself, mapped input. Not the program's own demand.
    pub file: u64,
    /// Shared memory.
    pub shmem: u64,
}

impl Pages {
    /// All kinds together.
    pub fn total(self) -> u64 {
        self.anon + self.file + self.shmem
    }
}

/// What dhat saw of one iteration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Heap {
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
}

/// Why a visit gave no reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The process could not be started.
    NotStarted {
        /// The system's reason.
        why: String,
    },
    /// It ended with an exit code that is not 0.
    Exited {
        /// The code.
        code: i32,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
    /// It was ended by a signal.
    Killed {
        /// The signal's number.
        signal: i32,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
    /// It was stopped at its time limit.
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// It was stopped at its memory limit.
    OverMemory {
        /// The limit, of anonymous memory.
        mebibytes: u64,
    },
    /// It ended well, and left processes running, which were killed.
    LeftRunning {
        /// How many.
        processes: usize,
    },
    /// It ended well, but its report could not be read.
    BadReport {
        /// What is wrong with it.
        why: String,
    },
    /// It was to read its file from the disk and did not.
    NotCold {
        /// What it did instead.
        why: String,
    },
    /// It changed its answer to a query within one visit.
    Inconsistent {
        /// Which query, and the two digests.
        why: String,
    },
}

impl Failure {
    /// May it have come from outside, and be gone the next time?
    pub fn may_be_passing(&self) -> bool {
        match self {
            Self::NotStarted { .. } | Self::TimedOut { .. } => true,
            // SIGKILL and SIGTERM: nobody does this to itself.
            Self::Killed { signal, .. } => matches!(signal, 9 | 15),
            _ => false,
        }
    }

    /// Is it about the answer, and not about the visit?
    pub fn is_wrong_answer(&self) -> bool {
        matches!(self, Self::Inconsistent { .. })
    }
}

/// What the commonest signals mean.
fn meaning(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL: an instruction that is not known here)",
        6 => " (SIGABRT: it gave up by itself)",
        7 => " (SIGBUS: a file that it has mapped was cut, or memory is gone)",
        8 => " (SIGFPE: an arithmetic error)",
        9 => " (SIGKILL: somebody killed it, or the kernel did for want of memory, as `dmesg` would tell)",
        11 => " (SIGSEGV: memory that is not its own)",
        15 => " (SIGTERM: somebody asked it to end)",
        _ => "",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = |f: &mut fmt::Formatter<'_>, stderr: &str| match stderr.trim() {
            "" => Ok(()),
            text => write!(f, ": {text}"),
        };
        match self {
            Self::NotStarted { why } => write!(f, "could not be started: {why}"),
            Self::Exited { code, stderr } => {
                write!(f, "ended with exit code {code}")?;
                tail(f, stderr)
            }
            Self::Killed { signal, stderr } => {
                write!(f, "was ended by signal {signal}{}", meaning(*signal))?;
                tail(f, stderr)
            }
            Self::TimedOut { seconds } => {
                write!(f, "was stopped at its time limit of {seconds} s (`time-limit` in bench.toml sets it)")
            }
            Self::OverMemory { mebibytes } => {
                write!(
                    f,
                    "was stopped at its memory limit of {mebibytes} MiB (`memory-limit` in bench.toml sets it)"
                )
            }
            Self::LeftRunning { processes } => {
                match processes {
                    1 => f.write_str("left a process running, which was killed")?,
                    n => write!(f, "left {n} processes running, which were killed")?,
                }
                f.write_str(
                    "; it is to wait for what it starts, since what goes on behind it is not measured",
                )
            }
            Self::BadReport { why } => write!(f, "gave a report that can't be read: {why}"),
            Self::NotCold { why } => write!(f, "was not cold: {why}"),
            Self::Inconsistent { why } => write!(f, "changed its answer: {why}"),
        }
    }
}
