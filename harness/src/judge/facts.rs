//! What is told of a run as facts, without a comparison: heap, resident memory, instructions, latencies, what instruments cost.

use super::ledger::Ledger;
use super::stats::{histogram, summary};
use super::wire::manifest::{InstrumentPlan, Manifest, Scenario};
use super::wire::results::{
    HeapFacts, InstructionFacts, InstrumentCost, LatencyFacts, LatencyFigures, MemoryFacts,
};
use super::wire::sample::{
    Heap, Histogram, Instrument, Latency, Measured, Outcome, Pages, Reading, Rss, Sample,
};

/// Resident memory of a visit, where its peak is of the measured part. One that the kernel would not reset may be that of the
/// set-up: how much the work grew is not known then.
pub(super) fn of_measured_part(reading: &Reading) -> Option<&Rss> {
    match reading {
        Reading::Rss(rss) if rss.peak_was_reset => Some(rss),
        _ => None,
    }
}

/// How many good visits of `rss` there are, and how many of them have a peak that was not reset.
pub(super) fn peaks(manifest: &Manifest, ledger: &Ledger<'_>) -> (usize, usize) {
    let (mut all, mut stale) = (0, 0);
    for scenario in &manifest.scenarios {
        for arm in manifest.experiment.arms(Instrument::Rss) {
            let readings = ledger.readings(Instrument::Rss, &scenario.name, arm);
            all += readings.len();
            stale += readings.iter().filter(|(_, reading)| of_measured_part(reading).is_none()).count();
        }
    }
    (all, stale)
}

pub(super) fn not_reset((all, stale): (usize, usize)) -> Option<String> {
    (stale > 0).then(|| {
        format!(
            "resident memory is left out of {stale} of {all} visits: the kernel would not reset its peak there (5 could not be \
             written to /proc/self/clear_refs, as in some sandboxes and under kernels without CONFIG_PROC_PAGE_MONITOR), so it \
             may be that of the set-up; measure memory outside of the sandbox, or on another kernel"
        )
    })
}

pub(super) fn growth(rss: &Rss) -> u64 {
    rss.peak.max(rss.after.total()).saturating_sub(rss.before.total())
}

/// The kernel keeps no high-water mark by kind of page. File and shared pages are taken to stand at
/// the peak as they do at the end, so what the peak holds beyond them is anonymous.
pub(super) fn growth_anon(rss: &Rss) -> u64 {
    let others = rss.after.file + rss.after.shmem;
    let anon_at_peak = rss.peak.max(rss.after.total()).saturating_sub(others);
    anon_at_peak.saturating_sub(rss.before.anon)
}

/// What each instrument cost, over all visits that were made, in the order of the plan.
pub(super) fn costs(manifest: &Manifest, samples: &[Sample]) -> Vec<InstrumentCost> {
    let median = |figures: Vec<f64>| summary::median(&figures);
    let length = |instrument: Instrument, scenario: &str| {
        let own = samples.iter().filter(|one| one.instrument == instrument && one.scenario == scenario);
        median(own.map(|one| one.visit_ns as f64).collect())
    };
    let cost = |plan: &InstrumentPlan| {
        let own = || samples.iter().filter(|one| one.instrument == plan.instrument);
        let readings = own().filter_map(|one| match &one.outcome {
            Outcome::Measured(Measured { reading: Reading::Clock { reading_ns, .. }, .. }) => {
                Some(*reading_ns as f64)
            }
            _ => None,
        });
        // Both run the first query once: what is longer is the instrument.
        let beside_rss =
            plan.scenarios.iter().filter(|_| plan.instrument == Instrument::Heap).filter_map(|name| {
                Some(length(plan.instrument, name)? / length(Instrument::Rss, name).filter(|ns| *ns > 0.0)?)
            });
        Some(InstrumentCost {
            instrument: plan.instrument,
            visits: own().count(),
            total_ns: own().map(|one| one.visit_ns).fold(0, u64::saturating_add),
            visit_ns: median(own().map(|one| one.visit_ns as f64).collect())?,
            reading_ns: median(readings.filter(|ns| *ns > 0.0).collect()),
            times_rss: median(beside_rss.collect()),
        })
    };
    manifest.experiment.instruments.iter().filter_map(cost).collect()
}

pub(super) fn instructions(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<InstructionFacts> {
    let facts = |scenario: &Scenario, variant: &str| {
        let readings = ledger.readings(Instrument::Count, &scenario.name, variant);
        let counted = readings.iter().filter_map(|(_, reading)| match reading {
            Reading::Count(count) => count.per_iteration(),
            _ => None,
        });
        let counted: Vec<f64> = counted.collect();
        let summary = summary::summarise(&counted)?;
        Some(InstructionFacts {
            scenario: scenario.name.clone(),
            variant: variant.to_owned(),
            instructions: summary.median,
            spread: if summary.min > 0.0 { summary.max / summary.min - 1.0 } else { 0.0 },
            visits: summary.n,
        })
    };
    let arms = manifest.experiment.arms(Instrument::Count);
    let of_scenario = |scenario| arms.iter().filter_map(move |arm| facts(scenario, arm));
    manifest.scenarios.iter().flat_map(of_scenario).collect()
}

pub(super) fn heap(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<HeapFacts> {
    let facts = |scenario: &Scenario, build: &String| {
        let readings = ledger.readings(Instrument::Heap, &scenario.name, build);
        let runs: Vec<&Heap> = readings
            .iter()
            .filter_map(|(_, reading)| if let Reading::Heap(heap) = reading { Some(heap) } else { None })
            .collect();
        let first = *runs.first()?;
        Some(HeapFacts {
            scenario: scenario.name.clone(),
            target: target(manifest, build)?.to_owned(),
            total_bytes: first.total_bytes,
            total_blocks: first.total_blocks,
            peak_bytes: first.peak_bytes,
            peak_blocks: first.peak_blocks,
            end_bytes: first.end_bytes,
            end_blocks: first.end_blocks,
            runs: runs.len(),
            exact: runs.len() > 1 && runs.iter().all(|heap| *heap == first),
        })
    };
    let of_scenario =
        |scenario| manifest.experiment.heaps.iter().filter_map(move |build| facts(scenario, build));
    manifest.scenarios.iter().flat_map(of_scenario).collect()
}

/// What a build, or the control, is built for. The heap build of version 1 of the manifest does not say: it was built for
/// the reference's target.
fn target<'m>(manifest: &'m Manifest, arm: &str) -> Option<&'m str> {
    let of = |name: &str| {
        let build = manifest.builds.iter().find(|build| build.variant == name)?;
        build.axes.get("target").map(String::as_str)
    };
    of(arm).or_else(|| of(&manifest.experiment.reference))
}

pub(super) fn memory(manifest: &Manifest, ledger: &Ledger<'_>, heap: &[HeapFacts]) -> Vec<MemoryFacts> {
    let mut facts = Vec::new();
    for scenario in &manifest.scenarios {
        for arm in manifest.experiment.arms(Instrument::Rss) {
            let own = |heap: &&HeapFacts| {
                heap.scenario == scenario.name && Some(heap.target.as_str()) == target(manifest, arm)
            };
            // Of two heap builds for one target, as a gate has them, nothing says whose this is.
            let mut of_target = heap.iter().filter(own);
            let peak = of_target.next().filter(|_| of_target.next().is_none()).map(|heap| heap.peak_bytes);
            let readings = ledger.readings(Instrument::Rss, &scenario.name, arm);
            let read: Vec<&Rss> =
                readings.iter().filter_map(|(_, reading)| of_measured_part(reading)).collect();
            let median = |figure: &dyn Fn(&Rss) -> u64| {
                let figures: Vec<f64> = read.iter().map(|rss| figure(rss) as f64).collect();
                summary::median(&figures).map(|bytes| bytes.round() as u64)
            };
            let pages = |of: fn(&Rss) -> Pages| {
                Some(Pages {
                    anon: median(&|rss| of(rss).anon)?,
                    file: median(&|rss| of(rss).file)?,
                    shmem: median(&|rss| of(rss).shmem)?,
                })
            };
            let (Some(before), Some(after), Some(growth), Some(growth_anon)) =
                (pages(|rss| rss.before), pages(|rss| rss.after), median(&growth), median(&growth_anon))
            else {
                continue;
            };
            facts.push(MemoryFacts {
                scenario: scenario.name.clone(),
                variant: arm.to_owned(),
                before,
                after,
                growth,
                growth_anon,
                unexplained: peak.map(|peak| growth_anon as i64 - peak as i64),
            });
        }
    }
    facts
}

pub(super) fn latency(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<LatencyFacts> {
    let facts = |scenario: &Scenario, arm: &str| {
        let readings = ledger.readings(Instrument::Latency, &scenario.name, arm);
        let visits: Vec<&Latency> = readings
            .iter()
            .filter_map(
                |(_, reading)| if let Reading::Latency(latency) = reading { Some(latency) } else { None },
            )
            .collect();
        let sum = |figure: fn(&Latency) -> u64| visits.iter().map(|l| figure(l)).fold(0, u64::saturating_add);
        let due_ns: f64 = visits.iter().map(|latency| latency.due_ns()).sum();
        let (arrivals, unserved) = (sum(|latency| latency.arrivals), sum(|latency| latency.unserved));
        let busy = sum(|latency| latency.busy_ns) as f64 / due_ns;
        Some(LatencyFacts {
            scenario: scenario.name.clone(),
            variant: arm.to_owned(),
            rate: visits.first()?.rate,
            arrivals,
            behind: sum(|latency| latency.behind),
            unserved,
            visits: visits.len(),
            achieved: arrivals.saturating_sub(unserved) as f64 * 1e9
                / sum(|latency| latency.took_ns).max(1) as f64,
            busy,
            overloaded: unserved > 0 || busy >= 1.0,
            work: figures(visits.iter().map(|latency| &latency.work))?,
            idle: figures(visits.iter().map(|latency| &latency.idle))?,
        })
    };
    let of_scenario = |scenario| {
        let arms = manifest.experiment.arms(Instrument::Latency);
        arms.into_iter().filter_map(|arm| facts(scenario, arm)).collect::<Vec<_>>()
    };
    manifest.scenarios.iter().flat_map(of_scenario).collect()
}

fn figures<'h>(histograms: impl Iterator<Item = &'h Histogram>) -> Option<LatencyFigures> {
    let whole = histogram::merged(histograms);
    let at = |thousandths| histogram::per_mille(&whole, thousandths);
    Some(LatencyFigures {
        p50_ns: at(500)?,
        p90_ns: at(900)?,
        p99_ns: at(990)?,
        p999_ns: at(999)?,
        histogram: whole,
    })
}

pub(super) fn overload(facts: &LatencyFacts) -> String {
    let given_up = match facts.unserved {
        0 => String::new(),
        unserved => format!(" and {unserved} were given up"),
    };
    format!(
        "{} can't keep up with {} arrivals a second under {}: the work took {:.0} % of the time{given_up}; its latencies tell \
         how long a visit was, not how long a record takes: let fewer arrive",
        facts.scenario,
        facts.rate,
        facts.variant,
        facts.busy * 100.0
    )
}
