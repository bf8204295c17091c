//! The speed of a scenario beside others of the same run: the limit of what can be read, and rivals at the same work.

use super::ledger::Ledger;
use super::stats::sign;
use super::wire::manifest::{Manifest, Scenario};
use super::wire::results::{Beside, Cell, Metric};
use super::wire::sample::Instrument;
use std::collections::BTreeMap;

/// Every scenario beside those that it names and that were measured, under every variant in which both were. They are paired
/// by round: both had their block within it. A round in which a block of one was measured again, later, is left out.
pub fn of(manifest: &Manifest, ledger: &Ledger<'_>, cells: &[Cell]) -> Vec<Beside> {
    let experiment = &manifest.experiment;
    let mut all = Vec::new();
    for scenario in &manifest.scenarios {
        for other in scenario.beside.iter().filter_map(|other| manifest.scenario(other)) {
            for variant in &experiment.variants {
                let mine = nanoseconds_per_byte(scenario, variant, ledger, cells);
                let theirs = nanoseconds_per_byte(other, variant, ledger, cells);
                let ln_speeds: Vec<f64> = mine
                    .iter()
                    .filter_map(|(round, mine)| Some((theirs.get(round)? / mine).ln()))
                    .filter(|speed| speed.is_finite())
                    .collect();
                let Some(interval) = sign::interval(&ln_speeds, experiment.confidence) else { continue };
                let is_covered = interval.coverage >= experiment.confidence;
                all.push(Beside {
                    scenario: scenario.name.clone(),
                    other: other.name.clone(),
                    variant: variant.clone(),
                    rounds: ln_speeds.len(),
                    speed: interval.median.exp(),
                    low: is_covered.then(|| interval.low.exp()),
                    high: is_covered.then(|| interval.high.exp()),
                });
            }
        }
    }
    all
}

/// Of each round whose block was not measured again.
fn nanoseconds_per_byte(
    scenario: &Scenario,
    variant: &str,
    ledger: &Ledger<'_>,
    cells: &[Cell],
) -> BTreeMap<u32, f64> {
    let is_it = |cell: &&Cell| {
        cell.metric == Metric::Time && cell.scenario == scenario.name && cell.variant == variant
    };
    let Some(cell) = cells.iter().find(is_it) else { return BTreeMap::new() };
    let each = cell.samples.iter().map(|ns| ns / scenario.bytes as f64);
    let by_round = cell.blocks.iter().copied().zip(each);
    by_round.filter(|(block, _)| ledger.is_first(Instrument::Clock, &scenario.name, *block)).collect()
}
