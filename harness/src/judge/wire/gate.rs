//! `gate.json`: whether a change made the program slower or hungrier.

use super::Schema;
use super::history::History;
use super::results::{Comparison, Metric};
use serde::{Deserialize, Serialize};

/// Schema name of `gate.json`.
pub const SCHEMA: &str = "assay.gate";
/// Newest version of `gate.json` that this build writes and reads.
pub const VERSION: u32 = 4;

/// What a gate says of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// What the change is compared with.
    pub base: Revision,
    /// The change.
    pub head: Revision,
    /// How both were built, in words.
    pub variant: String,
    /// The whole verdict.
    pub verdict: Verdict,
    /// Every comparison, by metric and scenario in the order of the plan.
    pub judged: Vec<Judged>,
    /// What was compared exactly.
    pub exact: Vec<Exact>,
    /// Are the two binaries the same, byte for byte? Then nothing was measured.
    pub identical: bool,
    /// Scenarios that were not compared, each with the reason.
    pub not_compared: Vec<NotCompared>,
    /// The runs that were made, in order: names of their folders.
    pub runs: Vec<String>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
    /// What earlier gates say together with this one, where it was asked.
    #[serde(default)]
    pub history: Option<History>,
}

/// A revision of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// As it was asked for.
    pub name: String,
    /// The commit.
    pub commit: String,
}

/// The whole verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing got worse, as far as could be judged, and nearly all could.
    Pass,
    /// Something got worse.
    Regression,
    /// More than a tenth of the comparisons of any metric stayed open, those that could not be made among them.
    Undecided,
    /// The change, or what it is compared with, answers wrongly or breaks off.
    Broken,
}

/// What is decided of one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Told apart as worse past the floor, however far below the limit, and again so on fresh blocks.
    Regression,
    /// Not told apart as worse, and the upper end of the interval is below the limit.
    Cleared,
    /// Neither.
    Open,
    /// There are no figures, since a side is wrong or missing.
    Broken,
}

/// One comparison and what is decided of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Scenario.
    pub scenario: String,
    /// Metric.
    pub metric: Metric,
    /// What is decided.
    pub decision: Decision,
    /// Why, in words.
    pub why: String,
    /// The limit that applied, as a fraction.
    pub limit: f64,
    /// Why the limit is another one than usual.
    pub limit_reason: Option<String>,
    /// What the rounds said, in order: the first, that of more blocks, each confirmation on fresh builds.
    pub rounds: Vec<Comparison>,
}

/// What has no noise and is compared exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExactMetric {
    /// Instructions of one iteration, as callgrind counts them.
    Instructions,
    /// Most bytes of heap alive at one time, as dhat sees them.
    Heap,
    /// Allocations, as dhat counts them.
    Allocations,
    /// Bytes of what ships, without symbols.
    Size,
}

impl ExactMetric {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Instructions, Self::Heap, Self::Allocations, Self::Size];

    /// The word used in `bench.toml`, files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Heap => "heap",
            Self::Allocations => "allocations",
            Self::Size => "size",
        }
    }

    /// Its unit where its name does not say it.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Instructions | Self::Allocations => "",
            Self::Heap | Self::Size => "bytes",
        }
    }
}

/// A figure without noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exact {
    /// What it is.
    pub metric: ExactMetric,
    /// The scenario; none for what ships.
    pub scenario: Option<String>,
    /// Of the base. Where it was not the same every time: its most where the change is worse, else its least.
    pub base: u64,
    /// Of the change. Where it was not the same every time: its least where the change is worse, else its most.
    pub head: u64,
    /// The limit that applied, as a fraction.
    pub limit: f64,
    /// Why the limit is another one than usual.
    pub limit_reason: Option<String>,
    /// [`Decision::Regression`] past the limit, else [`Decision::Cleared`].
    pub decision: Decision,
}

/// A scenario, or a figure of one, that was not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotCompared {
    /// Scenario.
    pub scenario: String,
    /// Why not.
    pub reason: String,
    /// Is it since a side breaks off or answers wrongly? Then that is the verdict.
    #[serde(default)]
    pub broken: bool,
    /// The metric of which it counts as one more comparison that stayed open, if it does: the base has it, and whether the
    /// change made it worse can't be said. Version 3 counted none.
    #[serde(default)]
    pub open: Option<String>,
}
