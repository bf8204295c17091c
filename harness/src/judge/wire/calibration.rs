//! `calibration.json`: how far the labels can be trusted on one machine, as it was measured there.

use super::Schema;
use super::manifest::Machine;
use crate::judge::label::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Schema name of `calibration.json`.
pub const SCHEMA: &str = "assay.calibration";
/// Newest version of `calibration.json` that this build writes and reads.
pub const VERSION: u32 = 1;

/// What a calibration found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Name and version of this file's schema.
    pub schema: Schema,
    /// Its name.
    pub name: String,
    /// When it began, RFC 3339 in UTC.
    pub began: String,
    /// The command line.
    pub command: Vec<String>,
    /// The machine that it holds for.
    pub machine: Machine,
    /// What compiled the subject.
    pub compiler: String,
    /// The git revision of the subject, where there is one.
    pub revision: Option<String>,
    /// Did the work tree differ from it?
    pub dirty: bool,
    /// The build that all arms are, in words.
    pub variant: String,
    /// Smallest change of time worth telling, as a fraction.
    pub margin: f64,
    /// The runs that it was made from: names of their folders.
    pub runs: Vec<String>,
    /// The scenarios.
    pub scenarios: Vec<String>,
    /// What each slow-down really was, by instructions; empty where they could not be counted.
    pub shares: Vec<Share>,
    /// Why `shares` is empty, where it is.
    pub uncounted: Option<String>,
    /// What was found, by the number of blocks, ascending.
    pub at: Vec<AtBlocks>,
    /// Blocks that were disturbed, and blocks in all, with those that were measured again.
    pub disturbed: (u32, u32),
}

/// How much work a slow-down added to a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Scenario.
    pub scenario: String,
    /// The slow-down that was meant, as a fraction.
    pub meant: f64,
    /// Instructions more than the reference's, as a fraction.
    pub instructions: f64,
}

/// What was found with a number of blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AtBlocks {
    /// Blocks.
    pub blocks: u32,
    /// The same binary against itself: nothing is to be told apart.
    pub alike: Tally,
    /// The estimates of those comparisons, as fractions: -0.01 is 1 % less. Ascending.
    pub alike_changes: Vec<f64>,
    /// The absolute change that 99 of 100 of them stay below, as a fraction.
    pub alike_p99: f64,
    /// Slowed down by so much, ascending.
    pub slowed: Vec<Slowed>,
    /// The smallest of the slow-downs that were found in at least nine of ten comparisons.
    pub found_from: Option<f64>,
}

/// What was found of a slow-down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Slowed {
    /// The slow-down that was meant, as a fraction.
    pub slowdown: f64,
    /// All comparisons.
    pub all: Tally,
    /// How many of them were told apart as slower.
    pub found: u32,
    /// How many were told apart as faster, which is wrong.
    pub wrong: u32,
    /// Those in which neither side's visits vary by more than 1.5 %.
    pub steady: Tally,
    /// How many of those were told apart as slower.
    pub steady_found: u32,
    /// The median of the estimates, as a fraction.
    pub estimate: f64,
    /// The smallest of them.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// How often each label was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Comparisons in all.
    pub comparisons: u32,
    /// Of these, by label; labels that were never given are left out.
    pub labels: BTreeMap<Label, u32>,
}

impl Tally {
    /// Takes one more in.
    pub fn add(&mut self, label: Label) {
        self.comparisons += 1;
        *self.labels.entry(label).or_default() += 1;
    }

    /// How many were given this label.
    pub fn of(&self, label: Label) -> u32 {
        self.labels.get(&label).copied().unwrap_or(0)
    }

    /// How many were told apart.
    pub fn told_apart(&self) -> u32 {
        self.labels.iter().filter(|(label, _)| label.tells_apart()).map(|(_, count)| count).sum()
    }
}

impl Slowed {
    /// The share of all comparisons in which it was found; `None` of none.
    pub fn share(&self) -> Option<f64> {
        (self.all.comparisons > 0).then(|| f64::from(self.found) / f64::from(self.all.comparisons))
    }

    /// The same of the steady ones.
    pub fn steady_share(&self) -> Option<f64> {
        (self.steady.comparisons > 0)
            .then(|| f64::from(self.steady_found) / f64::from(self.steady.comparisons))
    }
}

/// What a run cites of the newest calibration of its machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// Its name.
    pub name: String,
    /// When it began, RFC 3339 in UTC.
    pub began: String,
    /// The number of blocks that is nearest to the run's.
    pub blocks: u32,
    /// How many comparisons of the same binary with itself were made.
    pub alike: u32,
    /// How many of those were told apart.
    pub told_apart: u32,
    /// Slow-downs, ascending, each with the share of comparisons in which it was found.
    pub found: Vec<(f64, f64)>,
}

impl Calibration {
    /// What a run of so many blocks cites.
    pub fn cited(&self, blocks: u32) -> Option<Cited> {
        let at = self.at.iter().min_by_key(|at| at.blocks.abs_diff(blocks))?;
        let found = at.slowed.iter().filter_map(|one| Some((one.slowdown, one.share()?)));
        Some(Cited {
            name: self.name.clone(),
            began: self.began.clone(),
            blocks: at.blocks,
            alike: at.alike.comparisons,
            told_apart: at.alike.told_apart(),
            found: found.collect(),
        })
    }

    /// Does it hold for this machine? Kernel, memory and load may differ; the processor may not.
    pub fn is_of(&self, machine: &Machine) -> bool {
        (&self.machine.cpu, self.machine.cpus, self.machine.hypervisor)
            == (&machine.cpu, machine.cpus, machine.hypervisor)
    }
}
