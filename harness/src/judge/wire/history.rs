//! What a gate leaves for later ones, a file for each gated commit; and what a chain of them says.

use super::Schema;
use super::gate::{ExactMetric, Revision, Verdict};
use super::results::Metric;
use crate::judge::label::Label;
use serde::{Deserialize, Serialize};

/// Schema name of a history's files.
pub const SCHEMA: &str = "assay.history";
/// Newest version of them that this build writes and reads.
pub const VERSION: u32 = 1;

/// One gated commit: what it changed against its base, all of it measured in one run on one machine by one compiler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// When it was gated, RFC 3339 in UTC.
    pub at: String,
    /// What the change is compared with.
    pub base: Revision,
    /// The change.
    pub head: Revision,
    /// How both were built, in words.
    pub variant: String,
    /// What the gate decided.
    pub verdict: Verdict,
    /// Are the two binaries the same, byte for byte? Then nothing was measured and nothing changed.
    pub identical: bool,
    /// What compiled both; absent where nothing was measured.
    pub compiler: Option<String>,
    /// The machine's CPU and how many of them; absent where nothing was measured.
    pub machine: Option<String>,
    /// The scenarios that were measured.
    pub scenarios: Vec<Identity>,
    /// Head over base, of what has noise.
    pub ratios: Vec<Ratio>,
    /// What has none.
    pub exact: Vec<ExactChange>,
}

/// What makes a scenario the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The scenario.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its corpus, in hexadecimal.
    pub corpus_sha256: String,
}

/// Head over base in one scenario and metric, from the last round that measured it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// Scenario.
    pub scenario: String,
    /// Metric.
    pub metric: Metric,
    /// How sure it is.
    pub label: Label,
    /// Median ratio.
    pub ratio: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The smallest change worth telling here, as a fraction.
    pub margin: f64,
}

/// A figure without noise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExactChange {
    /// What it is.
    pub metric: ExactMetric,
    /// The scenario; none for what ships.
    pub scenario: Option<String>,
    /// Of the base.
    pub base: u64,
    /// Of the change.
    pub head: u64,
}

/// What the history says together with the gate that read it. It is told, and decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Where it is kept.
    pub place: String,
    /// The commit from which the chain of gated commits leads to this one.
    pub since: String,
    /// How many gated commits the chain has, this one included.
    pub commits: usize,
    /// Changes past their margins, at one commit or over several.
    pub steps: Vec<Step>,
    /// What grew past its limit over several commits up to this one, none of which did alone.
    pub creeps: Vec<Step>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
}

/// A change over one commit or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What changed, such as `time of count/fast`.
    pub what: String,
    /// The last commit before it.
    pub from: String,
    /// The commit at which it was there.
    pub to: String,
    /// How many gated commits it took.
    pub commits: usize,
    /// After over before: the product of what the gates measured.
    pub ratio: f64,
    /// Lower end of its interval; absent where it is exact.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The limit that it is past, as a fraction, where it is told for that.
    pub limit: Option<f64>,
}
