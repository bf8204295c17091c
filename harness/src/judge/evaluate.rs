//! From the manifest and the samples to `results.json`: a pure function.

use super::facts::{
    costs, growth, growth_anon, heap, instructions, latency, memory, not_reset, of_measured_part, overload,
    peaks,
};
use super::label::{Control, Evidence, Label, Margin};
use super::ledger::Ledger;
use super::machine;
use super::stats::{fdr, histogram, rank, sign, summary};
use super::wire::Schema;
use super::wire::manifest::{InstrumentPlan, Machine, Manifest, Scenario, Toolchain};
use super::wire::profile::Profiles;
use super::wire::results::{
    Cell, Comparison, Figures, InvalidCell, Metric, MetricFacts, Provenance, Results, SCHEMA, ScenarioFacts,
    VERSION, VariantFacts,
};
use super::wire::sample::{Instrument, Reading, Sample};
use super::{beside, budget};
use std::collections::BTreeMap;

/// What stands in for a memory growth of 0 in a ratio: one page of the smallest common size.
pub const ONE_PAGE: f64 = 4096.0;
/// Past this many blocks an inconclusive comparison is not worth settling: no larger number is told.
pub const MOST_BLOCKS_TO_SETTLE: u32 = 400;

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

/// The cells in which `other` answers wrongly or breaks off although `base` was measured there, under the same instrument where
/// it is invalid under that one alone.
pub fn broken_where_measured<'r>(
    results: &'r Results,
    base: &str,
    other: &str,
) -> impl Iterator<Item = &'r InvalidCell> {
    let measured = move |broken: &InvalidCell| {
        let own = |cell: &Cell| cell.variant == base && cell.scenario == broken.scenario;
        results.cells.iter().any(|cell| own(cell) && broken.concerns(cell.metric))
    };
    results.invalid.iter().filter(move |broken| broken.variant == other && measured(broken))
}

/// What the samples say of some variants of the run against another, as one family.
pub fn evaluate_among(manifest: &Manifest, samples: &[Sample], base: &str, others: Vec<&str>) -> Results {
    evaluate_sides(manifest, samples, &Sides { base, others })
}

/// What results say of one variant against another, per scenario, as [`evaluate_between`] has it from the samples; for
/// a reader of `results.json` alone. All of `pairs` (scenario, base, other) are one family, and intervals are of 95 %.
pub fn compare_cells(results: &Results, metric: Metric, pairs: &[(&str, &str, &str)]) -> Vec<Comparison> {
    let raw = |(scenario, base, variant): &(&str, &str, &str)| {
        let wrong = |side: &str| {
            let own = |cell: &&InvalidCell| {
                cell.scenario == *scenario && cell.variant == side && cell.concerns(metric)
            };
            results.invalid.iter().find(own)
        };
        let why =
            [*variant, *base].into_iter().find_map(|side| Some(format!("{side}: {}", wrong(side)?.reason)));
        Raw {
            scenario: (*scenario).to_owned(),
            variant: (*variant).to_owned(),
            pairs: why.map_or_else(|| paired_among(&results.cells, base, metric, scenario, variant), Err),
        }
    };
    let raw: Vec<Raw> = pairs.iter().map(raw).collect();
    let (q, family) = corrected(&raw);
    let facts = results.metrics.iter().find(|facts| facts.metric == metric);
    let (relative, absolute) = facts.map_or((0.0, 0.0), |facts| (facts.margin, facts.margin_absolute));
    let told_apart = q.iter().filter(|q| **q <= super::label::Q).count();
    let terms = Terms { metric, relative, absolute, confidence: 0.95, family, told_apart };
    let moved = |scenario: &str| {
        let control = results.controls.iter().find(|c| c.metric == metric && c.scenario == scenario)?;
        let figures = control.figures.as_ref()?;
        Some(Control { ln_ratio: figures.ratio.ln(), q: figures.q })
    };
    raw.iter().zip(&q).map(|(raw, q)| compare(raw, *q, moved(&raw.scenario), &terms)).collect()
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
    warnings.extend(budget::too_few(&manifest.experiment.instruments, sides.others.len()));
    let left = ledger.visits_left();
    if left > 0 {
        warnings.push(format!(
            "{left} planned visits are missing: the run was interrupted; `cargo xtask bench --resume {}` takes it up",
            manifest.run
        ));
    }
    warnings.extend(disturbed(manifest, &ledger));
    warnings.extend(tried_again(manifest, &ledger));
    warnings.extend(not_reset(peaks(manifest, &ledger)));
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
        beside: beside::of(manifest, &ledger, &cells),
        costs: costs(manifest, samples),
        cells,
        comparisons,
        controls,
        latency,
        criterion: Vec::new(),
        profiles: Profiles::default(),
        invalid: ledger
            .invalid()
            .map(|(scenario, variant, why)| InvalidCell {
                scenario: scenario.to_owned(),
                variant: variant.to_owned(),
                instrument: why.instrument,
                everywhere: why.everywhere,
                reason: why.reason.clone(),
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

/// How many blocks were measured again since a visit failed in passing, by instrument.
fn tried_again(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<String> {
    let of_instrument = |plan: &InstrumentPlan| {
        let told = match ledger.tried_again(plan.instrument) {
            0 => return None,
            1 => {
                "a visit of {} was killed, took too long or was not started; its block was measured again as a whole"
            }
            _ => {
                "visits of {} were killed, took too long or were not started; {n} blocks were measured again as a whole"
            }
        };
        let n = ledger.tried_again(plan.instrument).to_string();
        Some(told.replace("{}", plan.instrument.name()).replace("{n}", &n))
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

/// The visit's sample in `metric`.
fn sample_of(metric: Metric, reading: &Reading) -> Option<f64> {
    match (metric, reading) {
        (Metric::Time, Reading::Clock { .. }) => per_iteration(reading, |batch| batch.ns),
        (Metric::Latency, Reading::Latency(latency)) => {
            histogram::per_mille(&latency.work, 990).map(|ns| ns as f64)
        }
        (Metric::Rss, _) => of_measured_part(reading).map(|rss| growth(rss) as f64),
        (Metric::Anon, _) => of_measured_part(reading).map(|rss| growth_anon(rss) as f64),
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

fn cells(manifest: &Manifest, ledger: &Ledger<'_>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for metric in Metric::ALL {
        let instrument = metric.instrument();
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
pub(super) struct Raw {
    pub(super) scenario: String,
    pub(super) variant: String,
    pub(super) pairs: Result<Pairs, String>,
}

/// Two sides of a comparison, paired by block.
pub(super) struct Pairs {
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
        let instrument = metric.instrument();
        let Some(plan) = experiment.instruments.iter().find(|plan| plan.instrument == instrument) else {
            continue;
        };
        // Where no visit could tell it, that is a fact of the machine and no fault of a side: it was not measured.
        let (all, stale) = if instrument == Instrument::Rss { peaks(manifest, ledger) } else { (0, 0) };
        if stale > 0 && stale == all {
            continue;
        }
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
        if let Some(why) = ledger.why_invalid(metric.instrument(), scenario, side) {
            return Err(format!("{side} {why}"));
        }
    }
    paired_among(cells, reference, metric, scenario, variant)
}

/// Two variants' cells in one scenario and metric, found among all and paired.
fn paired_among(
    cells: &[Cell],
    reference: &str,
    metric: Metric,
    scenario: &str,
    variant: &str,
) -> Result<Pairs, String> {
    let find = |name: &str| {
        let cell = cells.iter().find(|c| c.metric == metric && c.scenario == scenario && c.variant == name);
        cell.ok_or_else(|| format!("{name} has no good block"))
    };
    paired(find(variant)?, find(reference)?)
}

/// Two cells of one scenario and metric, paired by the blocks that both have.
pub(super) fn paired(mine: &Cell, reference: &Cell) -> Result<Pairs, String> {
    let least = least_of(mine.metric);
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
pub(super) fn corrected(raw: &[Raw]) -> (Vec<f64>, usize) {
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
pub(super) struct Terms {
    pub(super) metric: Metric,
    pub(super) relative: f64,
    pub(super) absolute: f64,
    pub(super) confidence: f64,
    pub(super) family: usize,
    pub(super) told_apart: usize,
}

pub(super) fn compare(raw: &Raw, q: f64, control: Option<Control>, terms: &Terms) -> Comparison {
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
