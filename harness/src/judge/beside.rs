//! The speed of a scenario beside others of the same run: the limit of what can be read, and rivals at the same work.

use super::stats::sign;
use super::wire::manifest::{Manifest, Scenario};
use super::wire::results::{Beside, Cell, Metric};
use std::collections::BTreeMap;

/// Every scenario beside those that it names and that were measured, under every variant in which both were. They are paired
/// by round: both had their block within it.
pub fn of(manifest: &Manifest, cells: &[Cell]) -> Vec<Beside> {
    let experiment = &manifest.experiment;
    let mut all = Vec::new();
    for scenario in &manifest.scenarios {
        for other in scenario.beside.iter().filter_map(|other| manifest.scenario(other)) {
            for variant in &experiment.variants {
                let mine = nanoseconds_per_byte(scenario, variant, cells);
                let theirs = nanoseconds_per_byte(other, variant, cells);
                let ln_speeds: Vec<f64> = mine
                    .iter()
                    .filter_map(|(round, mine)| Some((theirs.get(round)? / mine).ln()))
                    .filter(|speed| speed.is_finite())
                    .collect();
                let Some(interval) = sign::interval(&ln_speeds, experiment.confidence) else { continue };
                all.push(Beside {
                    scenario: scenario.name.clone(),
                    other: other.name.clone(),
                    variant: variant.clone(),
                    rounds: ln_speeds.len(),
                    speed: interval.median.exp(),
                    low: interval.low.exp(),
                    high: interval.high.exp(),
                });
            }
        }
    }
    all
}

fn nanoseconds_per_byte(scenario: &Scenario, variant: &str, cells: &[Cell]) -> BTreeMap<u32, f64> {
    let is_it = |cell: &&Cell| {
        cell.metric == Metric::Time && cell.scenario == scenario.name && cell.variant == variant
    };
    let Some(cell) = cells.iter().find(is_it) else { return BTreeMap::new() };
    let each = cell.samples.iter().map(|ns| ns / scenario.bytes as f64);
    cell.blocks.iter().copied().zip(each).collect()
}
