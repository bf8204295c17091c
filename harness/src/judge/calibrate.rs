//! From trials on the same binary to what the labels are worth here: a pure function.
//!
//! Every arm of a trial is the reference's binary. Some do its work alone: what is told apart of them is a false alarm.
//! Others do a known share of it twice: what is told apart of them was found. What is alike is judged as a family of
//! its own, in which nothing is to be found; each slow-down is judged in one family with what is alike, as a change is that
//! stands among many that are none.

use super::evaluate::evaluate_among;
use super::ledger::Ledger;
use super::stats::summary;
use super::wire::calibration::{AtBlocks, Slowed, Tally};
use super::wire::manifest::Manifest;
use super::wire::results::{Comparison, Metric, Results};
use super::wire::sample::{Instrument, Sample};
use std::collections::BTreeMap;

/// Visits that vary by no more than this are steady: their coefficient of variation.
const STEADY: f64 = 0.015;
/// A slow-down counts as found from here on when so large a share of its comparisons was told apart.
const FOUND: f64 = 0.9;

/// One trial: a run of arms that are all the same binary.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was planned.
    pub manifest: Manifest,
    /// What was measured.
    pub samples: Vec<Sample>,
}

impl Trial {
    /// The arms that are the reference and nothing else.
    fn alike(&self) -> Vec<&str> {
        self.arms(|every| every.is_none())
    }

    /// The slow-downs, each as the number of lines of which one is processed twice, with their arms.
    fn slowed(&self) -> BTreeMap<u32, Vec<&str>> {
        let mut slowed: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for every in self.manifest.builds.iter().filter_map(|build| build.twice_every) {
            slowed.entry(every).or_insert_with(|| self.arms(|other| other == Some(every)));
        }
        slowed
    }

    fn arms(&self, wanted: impl Fn(Option<u32>) -> bool) -> Vec<&str> {
        let reference = &self.manifest.experiment.reference;
        let builds = self.manifest.builds.iter().filter(|build| build.variant != *reference);
        builds.filter(|build| wanted(build.twice_every)).map(|build| build.variant.as_str()).collect()
    }

    /// The same trial, had it been planned with so many blocks.
    fn first_blocks(&self, blocks: u32) -> Self {
        let mut manifest = self.manifest.clone();
        for plan in &mut manifest.experiment.instruments {
            plan.blocks = plan.blocks.min(blocks);
        }
        let samples = self.samples.iter().filter(|sample| sample.block < blocks).cloned().collect();
        Self { manifest, samples }
    }

    fn judged(&self, others: Vec<&str>) -> Results {
        evaluate_among(&self.manifest, &self.samples, &self.manifest.experiment.reference, others)
    }

    /// Blocks of the clock that were disturbed, replaced ones among them, and all that were measured.
    pub fn disturbed(&self) -> (u32, u32) {
        let ledger = Ledger::of(&self.manifest, &self.samples);
        let mut disturbed = (0, 0);
        let clock = |plan: &&super::wire::manifest::InstrumentPlan| plan.instrument == Instrument::Clock;
        for plan in self.manifest.experiment.instruments.iter().filter(clock) {
            for scenario in &plan.scenarios {
                let replaced = ledger.replaced(plan.instrument, scenario);
                disturbed.0 += replaced + ledger.disturbed(plan.instrument, scenario);
                disturbed.1 += replaced + plan.blocks;
            }
        }
        disturbed
    }
}

/// A slow-down as a fraction: one of so many lines is processed twice.
pub fn slowdown(every: u32) -> f64 {
    1.0 / f64::from(every.max(1))
}

/// What the trials say of time, had they been planned with so many blocks.
pub fn at_blocks(trials: &[Trial], blocks: u32) -> AtBlocks {
    let trials: Vec<Trial> = trials.iter().map(|trial| trial.first_blocks(blocks)).collect();
    let mut alike = Tally::default();
    let mut alike_changes = Vec::new();
    let mut slowed: BTreeMap<u32, Outcomes> = BTreeMap::new();
    for trial in &trials {
        for comparison in times(&trial.judged(trial.alike())) {
            alike.add(comparison.label);
            alike_changes.extend(change(comparison));
        }
        for (every, arms) in trial.slowed() {
            let family = trial.alike().into_iter().chain(arms.iter().copied()).collect();
            let results = trial.judged(family);
            let found = slowed.entry(every).or_default();
            for comparison in times(&results).filter(|one| arms.contains(&one.variant.as_str())) {
                let is_wrong = comparison.label.tells_apart() && !comparison.is_worse();
                found.all.add(comparison.label);
                found.found += u32::from(comparison.is_worse());
                found.wrong += u32::from(is_wrong);
                if is_steady(&results, comparison) {
                    found.steady.add(comparison.label);
                    found.steady_found += u32::from(comparison.is_worse());
                }
                found.changes.extend(change(comparison));
            }
        }
    }
    alike_changes.sort_by(f64::total_cmp);
    let sizes: Vec<f64> = alike_changes.iter().map(|change| change.abs()).collect();
    let alike_p99 = summary::quantile(&summary::sorted(&sizes), 0.99).unwrap_or(0.0);
    // The most lines first is the smallest slow-down first.
    let slowed: Vec<Slowed> =
        slowed.into_iter().rev().map(|(every, found)| found.slowed(slowdown(every))).collect();
    let is_found = |one: &&Slowed| one.share().is_some_and(|share| share >= FOUND);
    let found_from = slowed.iter().find(is_found).map(|one| one.slowdown);
    AtBlocks { blocks, alike, alike_changes, alike_p99, slowed, found_from }
}

#[derive(Default)]
struct Outcomes {
    all: Tally,
    found: u32,
    wrong: u32,
    steady: Tally,
    steady_found: u32,
    changes: Vec<f64>,
}

impl Outcomes {
    fn slowed(self, slowdown: f64) -> Slowed {
        let ascending = summary::sorted(&self.changes);
        Slowed {
            slowdown,
            all: self.all,
            found: self.found,
            wrong: self.wrong,
            steady: self.steady,
            steady_found: self.steady_found,
            estimate: summary::quantile(&ascending, 0.5).unwrap_or(0.0),
            least: ascending.first().copied().unwrap_or(0.0),
            most: ascending.last().copied().unwrap_or(0.0),
        }
    }
}

fn times(results: &Results) -> impl Iterator<Item = &Comparison> {
    results.comparisons.iter().filter(|comparison| comparison.metric == Metric::Time)
}

fn change(comparison: &Comparison) -> Option<f64> {
    comparison.figures.as_ref().map(|figures| figures.ratio - 1.0)
}

fn is_steady(results: &Results, comparison: &Comparison) -> bool {
    let cv = |variant: &str| {
        let mut cells = results.cells.iter();
        let cell = cells.find(|cell| {
            cell.metric == Metric::Time && cell.scenario == comparison.scenario && cell.variant == variant
        });
        cell.is_some_and(|cell| cell.summary.cv <= STEADY)
    };
    cv(&comparison.variant) && cv(&results.reference)
}
