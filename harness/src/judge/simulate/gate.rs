//! A made-up gate: its rounds, with a layout of code that moves times and is drawn anew when the builds are relinked.

use super::noise::{Draws, Noise};
use super::run::{MARGIN, MadeUp, results};
use crate::judge::gate::{Limit, Next, decide, is_worse_again, next, verdict};
use crate::judge::wire::gate::{Decision, Verdict};
use crate::judge::wire::results::Results;

/// A gate on comparisons whose truth is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MadeUpGate {
    /// How many comparisons.
    pub comparisons: usize,
    /// How many of them, the first ones, are changed by `factor`.
    pub changed: usize,
    /// How many times as long the head takes there.
    pub factor: f64,
    /// Noise of the visits.
    pub noise: Noise,
    /// Standard deviation, as a fraction, of what the layout of two builds moves in each scenario.
    pub layout: f64,
    /// Blocks of the first round and of each confirmation.
    pub blocks: u32,
    /// Confirmations, each on builds that were relinked.
    pub confirmations: u32,
    /// Blocks of the second round.
    pub open_blocks: u32,
    /// How much worse a comparison may get.
    pub limit: f64,
    /// Smallest change worth telling.
    pub margin: f64,
}

impl MadeUpGate {
    /// With the blocks and the limit that `bench.toml` has by default, and nothing changed.
    pub fn new(comparisons: usize, noise: Noise, layout: f64) -> Self {
        Self {
            comparisons,
            changed: 0,
            factor: 1.0,
            noise,
            layout,
            blocks: 20,
            confirmations: 4,
            open_blocks: 40,
            limit: 0.05,
            margin: MARGIN,
        }
    }

    /// One gate: the verdict, and which comparisons, by their number, were decided to be a regression.
    pub fn run(&self, seed: u64) -> (Verdict, Vec<usize>) {
        let mut layouts = Draws::new(seed ^ 0x006c_6179_6f75_7473);
        let mut linked = |blocks: u32| -> Vec<MadeUp> {
            let scenario = |at: usize| {
                let change = if at < self.changed { self.factor } else { 1.0 };
                let factor = change * (self.layout * layouts.normal()).exp();
                MadeUp { name: format!("s/{at}"), factor, blocks }
            };
            (0..self.comparisons).map(scenario).collect()
        };
        let built = linked(self.blocks);
        let round = |scenarios: &[MadeUp], number: u64| {
            results(scenarios, self.margin, self.noise, seed.wrapping_mul(64).wrapping_add(number))
        };
        let limit = || Limit { limit: self.limit, reason: None };
        let wanting = |results: &Results, wanted: Next| -> Vec<String> {
            let wanting = results.comparisons.iter().filter(|c| next(c, &limit()) == wanted);
            wanting.map(|comparison| comparison.scenario.clone()).collect()
        };
        let again = |of: &[MadeUp], names: &[String], blocks: u32, number: u64| {
            let chosen = of.iter().filter(|scenario| names.contains(&scenario.name));
            let chosen: Vec<MadeUp> = chosen.map(|scenario| MadeUp { blocks, ..scenario.clone() }).collect();
            (!chosen.is_empty()).then(|| round(&chosen, number))
        };
        let first = round(&built, 0);
        let more = again(&built, &wanting(&first, Next::MoreBlocks), self.open_blocks, 1);
        let mut worse = wanting(&first, Next::Confirmation);
        worse.extend(more.iter().flat_map(|results| wanting(results, Next::Confirmation)));
        let mut confirmations = Vec::new();
        for number in 0..u64::from(self.confirmations) {
            let relinked = linked(self.blocks);
            let Some(round) = again(&relinked, &worse, self.blocks, 2 + number) else { break };
            let confirmed = round.comparisons.iter().filter(|c| is_worse_again(c, &limit()));
            worse = confirmed.map(|comparison| comparison.scenario.clone()).collect();
            confirmations.push(round.comparisons);
        }
        let more = more.map(|round| round.comparisons).unwrap_or_default();
        let judged = decide(&first.comparisons, &more, &confirmations, |_| limit());
        let regressions = judged.iter().zip(0..).filter(|(one, _)| one.decision == Decision::Regression);
        (verdict(&judged, &[], &[]), regressions.map(|(_, at)| at).collect())
    }

    /// So many gates that differ in their seed.
    pub fn runs(&self, runs: u64) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for seed in 1..=runs {
            let (verdict, regressions) = self.run(seed);
            let right = regressions.iter().filter(|&&at| at < self.changed).count();
            verdicts.found += right;
            verdicts.false_alarms += regressions.len() - right;
            match verdict {
                Verdict::Pass => verdicts.pass += 1,
                Verdict::Regression => verdicts.regression += 1,
                Verdict::Undecided => verdicts.undecided += 1,
                Verdict::Broken => verdicts.broken += 1,
            }
        }
        verdicts
    }
}

/// How often each verdict was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Pass.
    pub pass: usize,
    /// Regression.
    pub regression: usize,
    /// Too much stayed open.
    pub undecided: usize,
    /// Broken: never, where nothing crashes.
    pub broken: usize,
    /// Changed comparisons that were decided to be a regression.
    pub found: usize,
    /// Others that were.
    pub false_alarms: usize,
}
