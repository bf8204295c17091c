//! From the manifest and the samples to `results.json`: a pure function.

use super::beside;
use super::label::{Control, Evidence, Label, Margin};
use super::ledger::Ledger;
use super::machine;
use super::stats::{fdr, histogram, rank, sign, summary};
use super::wire::Schema;
use super::wire::manifest::{InstrumentPlan, Machine, Manifest, Scenario, Toolchain};
use super::wire::results::{
    Cell, Comparison, Figures, HeapFacts, InstructionFacts, InstrumentCost, InvalidCell, LatencyFacts,
    LatencyFigures, MemoryFacts, Metric, MetricFacts, Provenance, Results, SCHEMA, ScenarioFacts, VERSION,
    VariantFacts,
};
use super::wire::sample::{
    Heap, Histogram, Instrument, Latency, Measured, Outcome, Pages, Reading, Rss, Sample,
};
use std::collections::BTreeMap;

/// What stands in for a memory growth of 0 in a ratio: one page of the smallest common size.
const ONE_PAGE: f64 = 4096.0;
/// Past this many blocks an inconclusive comparison is not worth settling.
const MOST_BLOCKS_TO_SETTLE: u32 = 400;

/// Everything that the samples say.
pub fn evaluate(manifest: &Manifest, samples: &[Sample]) -> Results {
    let experiment = &manifest.experiment;
    let others = experiment.variants.iter().filter(|variant| **variant != experiment.reference);
    let sides = Sides { base: &experiment.reference, others: others.map(String::as_str).collect() };
    evaluate_sides(manifest, samples, &sides)
}

/// What the samples say of one variant of the run against another. They stood in the same blocks, so they are compared as
/// any variant is with the reference; the control is the reference's, as in the run, and tells what the machine moved.
pub fn evaluate_between(manifest: &Manifest, samples: &[Sample], base: &str, other: &str) -> Results {
    let sides = Sides { base, others: vec![other] };
    let mut results = evaluate_sides(manifest, samples, &sides);
    let is_side = |name: &str| name == base || name == other;
    results.variants.retain(|variant| is_side(&variant.name));
    results.cells.retain(|cell| is_side(&cell.variant));
    results.memory.retain(|memory| is_side(&memory.variant));
    results.instructions.retain(|counted| is_side(&counted.variant));
    results.latency.retain(|latency| is_side(&latency.variant));
    results.beside.retain(|beside| is_side(&beside.variant));
    results.invalid.retain(|cell| is_side(&cell.variant) || cell.variant == manifest.experiment.control);
    results.skipped.clear();
    results
}

/// What the samples say of some variants of the run against another, as one family.
pub fn evaluate_among(manifest: &Manifest, samples: &[Sample], base: &str, others: Vec<&str>) -> Results {
    evaluate_sides(manifest, samples, &Sides { base, others })
}

/// Which variants are compared, and with which.
struct Sides<'s> {
    base: &'s str,
    others: Vec<&'s str>,
}

fn evaluate_sides(manifest: &Manifest, samples: &[Sample], sides: &Sides<'_>) -> Results {
    let ledger = Ledger::of(manifest, samples);
    let cells = cells(manifest, &ledger);
    let heap = heap(manifest, &ledger);
    let latency = latency(manifest, &ledger);
    let (metrics, comparisons, controls) = judge(manifest, &ledger, &cells, sides);
    let mut warnings = manifest.warnings.clone();
    let left = ledger.visits_left();
    if left > 0 {
        warnings.push(format!(
            "{left} planned visits are missing: the run was interrupted; `cargo xtask bench --resume {}` takes it up",
            manifest.run
        ));
    }
    warnings.extend(disturbed(manifest, &ledger));
    warnings.extend(latency.iter().filter(|facts| facts.overloaded).map(overload));
    Results {
        schema: Schema::new(SCHEMA, VERSION),
        provenance: provenance(manifest),
        reference: sides.base.to_owned(),
        control: manifest.experiment.control.clone(),
        metrics,
        variants: variants(manifest),
        scenarios: manifest.scenarios.iter().map(|scenario| scenario_facts(manifest, scenario)).collect(),
        memory: memory(manifest, &ledger, &heap),
        heap,
        instructions: instructions(manifest, &ledger),
        beside: beside::of(manifest, &cells),
        costs: costs(manifest, samples),
        cells,
        comparisons,
        controls,
        latency,
        criterion: Vec::new(),
        invalid: ledger
            .invalid()
            .map(|(scenario, variant, instrument, reason)| InvalidCell {
                scenario: scenario.to_owned(),
                variant: variant.to_owned(),
                instrument,
                reason: reason.to_owned(),
            })
            .collect(),
        skipped: manifest.failed.iter().chain(&manifest.skipped).cloned().collect(),
        warnings,
    }
}

fn provenance(manifest: &Manifest) -> Provenance {
    Provenance {
        run: manifest.run.clone(),
        began: manifest.began.clone(),
        command: manifest.command.clone(),
        preset: manifest.preset.clone(),
        revision: manifest.source.revision.clone(),
        dirty: manifest.source.dirty,
        compiler: format!("{}, LLVM {}", manifest.toolchain.rustc, manifest.toolchain.llvm),
        machine: machine::lines(&manifest.machine),
        conditions: conditions(&manifest.machine),
        seed: manifest.experiment.seed,
        blocks: (manifest.experiment.instruments.iter())
            .map(|plan| (plan.instrument.name().to_owned(), plan.blocks))
            .collect(),
        calibration: manifest.calibration.clone(),
        cold: manifest.experiment.cold,
        planned_by: manifest.experiment.planned_by.clone(),
        tools: tools(&manifest.toolchain),
    }
}

fn conditions(of: &Machine) -> BTreeMap<String, String> {
    let facts = machine::settings(of).into_iter().chain(machine::moment(of));
    facts.map(|(word, fact)| (word.to_owned(), fact)).collect()
}

fn tools(toolchain: &Toolchain) -> BTreeMap<String, String> {
    let stds = toolchain.stds.iter().map(|(target, origin)| (format!("std of {target}"), origin.clone()));
    let tools = [
        ("llvm-profdata", &toolchain.profdata),
        ("llvm-bolt", &toolchain.bolt),
        ("C library", &toolchain.libc),
    ];
    let found = tools.into_iter().filter_map(|(what, tool)| Some((what.to_owned(), tool.clone()?)));
    stds.chain(found).collect()
}

fn variants(manifest: &Manifest) -> Vec<VariantFacts> {
    let of_variant =
        manifest.builds.iter().filter(|build| !manifest.experiment.heaps.contains(&build.variant));
    of_variant
        .map(|build| VariantFacts {
            name: build.variant.clone(),
            about: build.about.clone(),
            axes: build.axes.clone(),
            binary: build.binary.clone(),
            command: build.command.clone(),
            identical_to: build.identical_to.clone(),
        })
        .collect()
}

/// How many blocks were disturbed, and what became of them, by instrument.
fn disturbed(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<String> {
    let of_instrument = |plan: &InstrumentPlan| {
        let (mut replaced, mut kept) = (0, 0);
        for scenario in &plan.scenarios {
            replaced += ledger.replaced(plan.instrument, scenario);
            kept += ledger.disturbed(plan.instrument, scenario);
        }
        let all = plan.blocks as usize * plan.scenarios.len();
        let stand = if kept > 0 {
            format!("; {kept} that stand were disturbed too, since no more are measured again")
        } else {
            String::new()
        };
        (replaced + kept > 0).then(|| {
            format!(
                "other work on the machine disturbed blocks of {}: of {all}, {replaced} were measured again as a whole{stand}",
                plan.instrument
            )
        })
    };
    manifest.experiment.instruments.iter().filter_map(of_instrument).collect()
}

fn scenario_facts(manifest: &Manifest, scenario: &Scenario) -> ScenarioFacts {
    let corpus = manifest.corpora.iter().find(|corpus| corpus.name == scenario.corpus);
    ScenarioFacts {
        name: scenario.name.clone(),
        version: scenario.version,
        about: scenario.about.clone(),
        corpus: scenario.corpus.clone(),
        corpus_sha256: corpus.map(|corpus| corpus.sha256.clone()).unwrap_or_default(),
        bytes: scenario.bytes,
        records: scenario.records,
        whole_command: scenario.whole_command,
        iterations: scenario.iterations,
    }
}

fn instrument_of(metric: Metric) -> Instrument {
    match metric {
        Metric::Time => Instrument::Clock,
        Metric::Latency => Instrument::Latency,
        Metric::Rss | Metric::Anon => Instrument::Rss,
    }
}

/// The visit's sample in `metric`.
fn sample_of(metric: Metric, reading: &Reading) -> Option<f64> {
    match (metric, reading) {
        (Metric::Time, Reading::Clock { .. }) => per_iteration(reading, |batch| batch.ns),
        (Metric::Latency, Reading::Latency(latency)) => {
            histogram::per_mille(&latency.work, 990).map(|ns| ns as f64)
        }
        (Metric::Rss, Reading::Rss(rss)) => Some(growth(rss) as f64),
        (Metric::Anon, Reading::Rss(rss)) => Some(growth_anon(rss) as f64),
        _ => None,
    }
}

/// Median over the batches of a figure per iteration.
fn per_iteration(reading: &Reading, figure: impl Fn(&super::wire::sample::Batch) -> u64) -> Option<f64> {
    let Reading::Clock { iterations, batches, .. } = reading else { return None };
    let each: Vec<f64> = batches.iter().map(|batch| figure(batch) as f64 / *iterations as f64).collect();
    summary::median(&each)
}

/// What stands in for a smaller sample in a ratio.
fn least_of(metric: Metric) -> f64 {
    match metric {
        Metric::Time | Metric::Latency => 1.0,
        Metric::Rss | Metric::Anon => ONE_PAGE,
    }
}

fn growth(rss: &Rss) -> u64 {
    rss.peak.max(rss.after.total()).saturating_sub(rss.before.total())
}

/// The kernel keeps no high-water mark by kind of page. File and shared pages are taken to stand at
/// the peak as they do at the end, so what the peak holds beyond them is anonymous.
fn growth_anon(rss: &Rss) -> u64 {
    let others = rss.after.file + rss.after.shmem;
    let anon_at_peak = rss.peak.max(rss.after.total()).saturating_sub(others);
    anon_at_peak.saturating_sub(rss.before.anon)
}

fn cells(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for metric in Metric::ALL {
        let instrument = instrument_of(metric);
        for scenario in &manifest.scenarios {
            for arm in manifest.experiment.arms(instrument) {
                let readings = ledger.readings(instrument, &scenario.name, arm);
                let (blocks, samples): (Vec<u32>, Vec<f64>) = readings
                    .iter()
                    .filter_map(|(block, reading)| Some((*block, sample_of(metric, reading)?)))
                    .unzip();
                let Some(summary) = summary::summarise(&samples) else { continue };
                let cpu: Vec<f64> =
                    readings.iter().filter_map(|(_, r)| per_iteration(r, |batch| batch.cpu_ns)).collect();
                let rate = |amount: u64| {
                    (metric == Metric::Time && summary.median > 0.0)
                        .then(|| amount as f64 * 1e9 / summary.median)
                };
                cells.push(Cell {
                    scenario: scenario.name.clone(),
                    variant: arm.to_owned(),
                    metric,
                    blocks,
                    samples,
                    summary,
                    cpu_ns: summary::median(&cpu),
                    bytes_per_second: rate(scenario.bytes),
                    records_per_second: rate(scenario.records),
                });
            }
        }
    }
    cells
}

/// A comparison before the family's correction: the logarithms, or why there are none.
struct Raw {
    scenario: String,
    variant: String,
    pairs: Result<Pairs, String>,
}

struct Pairs {
    ln_ratios: Vec<f64>,
    p: f64,
    mine: Vec<f64>,
    reference: Vec<f64>,
}

fn judge(
    manifest: &Manifest,
    ledger: &Ledger<'_>,
    cells: &[Cell],
    sides: &Sides<'_>,
) -> (Vec<MetricFacts>, Vec<Comparison>, Vec<Comparison>) {
    let experiment = &manifest.experiment;
    let (mut metrics, mut comparisons, mut controls) = (Vec::new(), Vec::new(), Vec::new());
    for metric in Metric::ALL {
        let instrument = instrument_of(metric);
        let Some(plan) = experiment.instruments.iter().find(|plan| plan.instrument == instrument) else {
            continue;
        };
        let margin = experiment.margins.iter().find(|margin| margin.metric == metric);
        let (relative, absolute) = margin.map_or((0.0, 0.0), |margin| (margin.relative, margin.absolute));
        let raw = |variant: &str, base: &str, scenario: &str| Raw {
            scenario: scenario.to_owned(),
            variant: variant.to_owned(),
            pairs: pairs(ledger, cells, base, metric, scenario, variant),
        };
        let judged: Vec<Raw> = plan
            .scenarios
            .iter()
            .flat_map(|s| sides.others.iter().map(move |v| (v, s)))
            .map(|(v, s)| raw(v, sides.base, s))
            .collect();
        let control: Vec<Raw> =
            plan.scenarios.iter().map(|s| raw(&experiment.control, &experiment.reference, s)).collect();
        let (judged_q, family) = corrected(&judged);
        let (control_q, _) = corrected(&control);

        let moved: BTreeMap<&str, Control> = control
            .iter()
            .zip(&control_q)
            .filter_map(|(raw, q)| Some((raw.scenario.as_str(), control_of(raw, *q)?)))
            .collect();
        let told_apart = judged_q.iter().filter(|q| **q <= super::label::Q).count();
        let terms =
            Terms { metric, relative, absolute, confidence: experiment.confidence, family, told_apart };
        for (raw, q) in judged.iter().zip(&judged_q) {
            comparisons.push(compare(raw, *q, moved.get(raw.scenario.as_str()).copied(), &terms));
        }
        // The control is judged against the margin alone: it is its own floor.
        let still = Control { ln_ratio: 0.0, q: 1.0 };
        for (raw, q) in control.iter().zip(&control_q) {
            controls.push(compare(raw, *q, Some(still), &terms));
        }
        metrics.push(MetricFacts { metric, margin: relative, margin_absolute: absolute, family });
    }
    (metrics, comparisons, controls)
}

fn pairs(
    ledger: &Ledger<'_>,
    cells: &[Cell],
    reference: &str,
    metric: Metric,
    scenario: &str,
    variant: &str,
) -> Result<Pairs, String> {
    for side in [variant, reference] {
        if let Some(why) = ledger.why_invalid(scenario, side) {
            return Err(format!("{side} {why}"));
        }
    }
    let find = |name: &str| {
        let cell = cells.iter().find(|c| c.metric == metric && c.scenario == scenario && c.variant == name);
        cell.ok_or_else(|| format!("{name} has no good block"))
    };
    let (mine, reference) = (find(variant)?, find(reference)?);
    let least = least_of(metric);
    let of_block: BTreeMap<u32, f64> =
        reference.blocks.iter().copied().zip(reference.samples.iter().copied()).collect();
    let ln_ratios: Vec<f64> = (mine.blocks.iter().zip(&mine.samples))
        .filter_map(|(block, mine)| Some((mine.max(least) / of_block.get(block)?.max(least)).ln()))
        .collect();
    if ln_ratios.is_empty() {
        return Err("the two sides share no good block".to_owned());
    }
    Ok(Pairs {
        p: sign::p_value(&ln_ratios),
        ln_ratios,
        mine: mine.samples.clone(),
        reference: reference.samples.clone(),
    })
}

/// q of each comparison (1 where there are no figures), and the size of the family.
fn corrected(raw: &[Raw]) -> (Vec<f64>, usize) {
    let p: Vec<f64> = raw.iter().filter_map(|raw| raw.pairs.as_ref().ok()).map(|pairs| pairs.p).collect();
    let mut q = fdr::benjamini_hochberg(&p).into_iter();
    let all = raw.iter().map(|raw| if raw.pairs.is_ok() { q.next().unwrap_or(1.0) } else { 1.0 });
    (all.collect(), p.len())
}

fn control_of(raw: &Raw, q: f64) -> Option<Control> {
    let pairs = raw.pairs.as_ref().ok()?;
    Some(Control { ln_ratio: summary::median(&pairs.ln_ratios)?, q })
}

/// What all comparisons of one metric share.
struct Terms {
    metric: Metric,
    relative: f64,
    absolute: f64,
    confidence: f64,
    family: usize,
    told_apart: usize,
}

fn compare(raw: &Raw, q: f64, control: Option<Control>, terms: &Terms) -> Comparison {
    let comparison = |label, reason, figures| Comparison {
        scenario: raw.scenario.clone(),
        metric: terms.metric,
        variant: raw.variant.clone(),
        label,
        reason,
        figures,
    };
    let invalid = |reason: &str| comparison(Label::Invalid, Some(reason.to_owned()), None);
    let pairs = match &raw.pairs {
        Ok(pairs) => pairs,
        Err(why) => return invalid(why),
    };
    let Some(control) = control else { return invalid("the control is missing or invalid here") };
    let (Some(interval), Some(mine), Some(reference)) = (
        sign::interval(&pairs.ln_ratios, terms.confidence),
        summary::summarise(&pairs.mine),
        summary::summarise(&pairs.reference),
    ) else {
        return invalid("there are no samples");
    };
    let margin = Margin::new(terms.relative, terms.absolute, reference.median.max(least_of(terms.metric)));
    let cliffs_delta = rank::cliffs_delta(&pairs.mine, &pairs.reference);
    let (better, worse) = if interval.median < 0.0 { (&mine, &reference) } else { (&reference, &mine) };
    let evidence = Evidence {
        blocks: pairs.ln_ratios.len(),
        ln_ratio: interval.median,
        ln_low: interval.low,
        ln_high: interval.high,
        q,
        margin,
        apart: cliffs_delta.abs() >= 1.0,
        better_p95: better.p95,
        worse_median: worse.median,
        control,
    };
    let (label, reason) = evidence.label();
    let settle = (label == Label::Inconclusive).then(|| blocks_to_settle(&pairs.ln_ratios, &evidence, terms));
    let figures = Figures {
        blocks: pairs.ln_ratios.len(),
        ratio: interval.median.exp(),
        low: interval.low.exp(),
        high: interval.high.exp(),
        coverage: interval.coverage,
        p: pairs.p,
        q,
        u: rank::mann_whitney_u(&pairs.mine, &pairs.reference),
        cliffs_delta,
        floor: evidence.floor(),
        margin: margin.fraction(),
        blocks_to_settle: settle.flatten(),
    };
    comparison(label, reason, Some(figures))
}

/// How many blocks would settle an inconclusive comparison if the spread stayed as it is.
///
/// Past the floor: the first number at which the same share of signs passes the correction, taken
/// as if this comparison were the next to be told apart. Inside the margin: the interval shrinks
/// with the square root of the number of blocks until it lies within. Elsewhere nothing can be said.
fn blocks_to_settle(ln_ratios: &[f64], evidence: &Evidence, terms: &Terms) -> Option<u32> {
    let now = ln_ratios.len();
    if evidence.is_past_floor() {
        let against = ln_ratios.iter().filter(|d| d.signum() != evidence.ln_ratio.signum()).count();
        let share = against as f64 / now as f64;
        let threshold = super::label::Q * (terms.told_apart + 1) as f64 / terms.family.max(1) as f64;
        return (now as u32 + 1..=MOST_BLOCKS_TO_SETTLE)
            .find(|&n| sign::p_of_signs((share * f64::from(n)).ceil() as usize, n as usize) <= threshold);
    }
    let shrink = evidence.margin.shrink_to_hold(evidence.ln_low, evidence.ln_ratio, evidence.ln_high)?;
    let wanted = now as f64 / shrink.powi(2);
    (wanted <= f64::from(MOST_BLOCKS_TO_SETTLE)).then(|| (wanted.ceil() as u32).max(now as u32 + 1))
}

/// What each instrument cost, over all visits that were made, in the order of the plan.
fn costs(manifest: &Manifest, samples: &[Sample]) -> Vec<InstrumentCost> {
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

fn instructions(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<InstructionFacts> {
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

fn heap(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<HeapFacts> {
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

fn memory(manifest: &Manifest, ledger: &Ledger<'_>, heap: &[HeapFacts]) -> Vec<MemoryFacts> {
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
            let read: Vec<&Rss> = readings
                .iter()
                .filter_map(|(_, reading)| if let Reading::Rss(rss) = reading { Some(rss) } else { None })
                .collect();
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

fn latency(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<LatencyFacts> {
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

fn overload(facts: &LatencyFacts) -> String {
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
