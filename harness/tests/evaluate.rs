//! Results from made-up samples: what is planted must be found, and nothing else.

use harness::judge::evaluate::{compare_cells, evaluate, evaluate_between};
use harness::judge::exact;
use harness::judge::gate::{self, Limit};
use harness::judge::label::Label;
use harness::judge::ledger::Ledger;
use harness::judge::order::Seed;
use harness::judge::repetition::beside;
use harness::judge::wire::Schema;
use harness::judge::wire::gate::{Decision, Verdict};
use harness::judge::wire::manifest::{
    self, Build, DisturbanceRule, Experiment, InstrumentPlan, Machine, Manifest, Margin, Source, Toolchain,
};
use harness::judge::wire::results::{BinaryFacts, Comparison, Metric, Results};
use harness::judge::wire::sample::{
    Batch, Count, Counted, Disturbance, Failure, Heap, Histogram, Instrument, Latency, Measured, Outcome,
    Pages, Reading, Rss, Sample,
};
use std::collections::BTreeMap;

const BLOCKS: u32 = 12;
const SCENARIO: &str = "suite/work";

fn build(variant: &str) -> Build {
    let binary = BinaryFacts {
        sha256: format!("hash of {variant}"),
        bytes: 1 << 20,
        text: None,
        stripped: None,
        libraries: Vec::new(),
        linker: None,
        build_seconds: 1.0,
    };
    Build {
        variant: variant.into(),
        about: variant.into(),
        axes: BTreeMap::from([("target".to_owned(), "gnu".to_owned())]),
        commands: Vec::new(),
        environment: BTreeMap::new(),
        run_environment: BTreeMap::new(),
        binary,
        command: None,
        identical_to: None,
        twice_every: None,
    }
}

fn manifest() -> Manifest {
    let scenarios = vec![SCENARIO.to_owned()];
    let plan = |instrument, blocks| InstrumentPlan { instrument, blocks, scenarios: scenarios.clone() };
    let margin = |metric, absolute| Margin { metric, relative: 0.01, absolute };
    Manifest {
        schema: Schema::new(manifest::SCHEMA, manifest::VERSION),
        run: "made-up".into(),
        began: "2026-01-01T00:00:00Z".into(),
        command: vec!["cargo".into(), "xtask".into(), "bench".into()],
        preset: "quick".into(),
        input: Vec::new(),
        machine: Machine::default(),
        toolchain: Toolchain {
            name: "here".into(),
            stds: BTreeMap::new(),
            bolt: None,
            libc: None,
            rustc: "rustc 1".into(),
            cargo: "cargo 1".into(),
            host: "here".into(),
            llvm: "1".into(),
            profdata: None,
        },
        source: Source::default(),
        builds: ["release", "faster", "same", "heap"].map(build).into(),
        corpora: Vec::new(),
        scenarios: vec![manifest::Scenario {
            name: SCENARIO.into(),
            declared: SCENARIO.into(),
            version: 1,
            about: "works".into(),
            corpus: "c".into(),
            whole_command: false,
            all_cpus: false,
            bytes: 1_000_000,
            records: 1_000,
            twice: BTreeMap::new(),
            answers: vec!["right".into()],
            iterations: 2,
            arrivals_per_second: 0,
            beside: Vec::new(),
        }],
        experiment: Experiment {
            reference: "release".into(),
            control: "control".into(),
            variants: ["release", "faster", "same"].map(String::from).into(),
            heaps: vec!["heap".into()],
            disturbance: None,
            seed: 1,
            instruments: vec![
                plan(Instrument::Clock, BLOCKS),
                plan(Instrument::Rss, BLOCKS),
                plan(Instrument::Heap, 2),
            ],
            planned_by: None,
            cold: false,
            fresh_copies: true,
            second_tries: 1,
            batches: 3,
            arrivals: 0,
            time_limit: 10,
            memory_limit: None,
            confidence: 0.95,
            margins: vec![
                margin(Metric::Time, 0.0),
                margin(Metric::Rss, 65_536.0),
                margin(Metric::Anon, 65_536.0),
            ],
            judgement: String::new(),
        },
        skipped: Vec::new(),
        failed: Vec::new(),
        broken: Vec::new(),
        warnings: Vec::new(),
        calibration: None,
    }
}

fn sample(instrument: Instrument, variant: &str, block: u32, reading: Reading) -> Sample {
    Sample {
        instrument,
        scenario: SCENARIO.into(),
        variant: variant.into(),
        block,
        attempt: 0,
        disturbance: None,
        position: 0,
        began: "2026-01-01T00:00:00Z".into(),
        visit_ns: 1,
        outcome: Outcome::Measured(Measured { answers: vec!["right".into()], reading }),
    }
}

fn clock(variant: &str, block: u32, ns: f64) -> Sample {
    let batch = Batch {
        ns: ns as u64,
        cpu_ns: ns as u64,
        minor_faults: 0,
        major_faults: 0,
        involuntary_switches: 0,
        read_bytes: 0,
    };
    sample(
        Instrument::Clock,
        variant,
        block,
        Reading::Clock { iterations: 2, reading_ns: 1_500, batches: vec![batch; 3] },
    )
}

fn rss(variant: &str, block: u32, anon: u64) -> Sample {
    let before = Pages { anon: 1 << 20, file: 2 << 20, shmem: 0 };
    let after = Pages { anon: before.anon + anon / 2, file: before.file + 8_192, shmem: 0 };
    let peak = before.total() + anon + 8_192;
    sample(Instrument::Rss, variant, block, Reading::Rss(Rss { before, after, peak, peak_was_reset: true }))
}

/// 1000 arrivals a second, of which 20 are late by `tail_ns` and the others by a microsecond.
fn latency(variant: &str, block: u32, tail_ns: u64, busy_ns: u64) -> Sample {
    let histogram = |quick, tail| Histogram { max_ns: tail, counts: vec![(quick, 980), (tail, 20)] };
    let reading = Latency {
        rate: 1_000,
        arrivals: 1_000,
        behind: 7,
        unserved: 0,
        busy_ns,
        took_ns: 1_000_000_000,
        work: histogram(1_000, tail_ns),
        idle: histogram(40, 9_000),
    };
    sample(Instrument::Latency, variant, block, Reading::Latency(reading))
}

/// The run, and besides latencies: those of `faster` are longer.
fn with_latency() -> (Manifest, Vec<Sample>) {
    let mut manifest = manifest();
    manifest.scenarios[0].arrivals_per_second = 1_000;
    manifest.experiment.arrivals = 1_000;
    let plan = InstrumentPlan {
        instrument: Instrument::Latency,
        blocks: BLOCKS,
        scenarios: vec![SCENARIO.to_owned()],
    };
    manifest.experiment.instruments.insert(1, plan);
    manifest.experiment.margins.push(Margin { metric: Metric::Latency, relative: 0.05, absolute: 0.0 });
    let mut all = samples();
    for block in 0..BLOCKS {
        let tail = 12_000 + u64::from(block);
        for (variant, tail) in
            [("release", tail), ("faster", tail * 2), ("same", tail + 5), ("control", tail)]
        {
            all.push(latency(variant, block, tail, 1_000_000));
        }
    }
    (manifest, all)
}

fn heap(block: u32, peak_bytes: u64) -> Sample {
    let heap =
        Heap { total_bytes: 10, total_blocks: 2, peak_bytes, peak_blocks: 1, end_bytes: 0, end_blocks: 0 };
    sample(Instrument::Heap, "heap", block, Reading::Heap(heap))
}

/// A whole run: `faster` takes 10 % less time and 1 MiB more memory, the others are alike; each block
/// has a pace of its own, as on a machine that drifts.
fn samples() -> Vec<Sample> {
    let mut seed = Seed::new(5);
    let mut jitter = move || 1.0 + (seed.below(1000) as f64 - 500.0) / 500.0 * 0.004;
    let mut samples = Vec::new();
    for block in 0..BLOCKS {
        let pace = 2e6 * (1.0 + 0.002 * f64::from(block));
        for (variant, factor) in [("release", 1.0), ("faster", 0.9), ("same", 1.0), ("control", 1.0)] {
            samples.push(clock(variant, block, pace * factor * jitter()));
        }
    }
    for block in 0..BLOCKS {
        for (variant, extra) in [("release", 0), ("faster", 1 << 20), ("same", 4_096), ("control", 0)] {
            samples.push(rss(variant, block, (2 << 20) + extra));
        }
    }
    samples.extend([heap(0, 1 << 20), heap(1, 1 << 20)]);
    samples
}

fn comparison<'r>(results: &'r Results, metric: Metric, variant: &str) -> &'r Comparison {
    let all = results.comparisons.iter().chain(&results.controls);
    let mut fitting = all.filter(|c| c.metric == metric && c.variant == variant);
    fitting.next().expect("the comparison is there")
}

/// The results without what they cost, which visits in vain and wild stopwatches add to.
fn judged(manifest: &Manifest, samples: &[Sample]) -> Results {
    Results { costs: Vec::new(), ..evaluate(manifest, samples) }
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let results = evaluate(&manifest(), &samples());
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Definitive, "{faster:?}");
    let figures = faster.figures.as_ref().expect("figures");
    assert!(
        (figures.ratio - 0.9).abs() < 0.005 && figures.low <= figures.ratio && figures.ratio <= figures.high
    );
    assert!(figures.apart() && figures.u == 0.0 && figures.q <= 0.05);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
    assert_eq!(comparison(&results, Metric::Time, "control").label, Label::NoChange);
    assert_eq!(comparison(&results, Metric::Anon, "faster").label, Label::Definitive);
    assert_eq!(
        comparison(&results, Metric::Anon, "same").label,
        Label::NoChange,
        "a page is not worth telling"
    );
    let time = results.metrics.iter().find(|facts| facts.metric == Metric::Time).expect("time");
    assert_eq!(time.family, 2, "the reference and the control are not in it");
    assert!(results.invalid.is_empty() && results.warnings.is_empty());
}

#[test]
fn cells_and_memory_have_the_figures_of_their_samples() {
    let results = evaluate(&manifest(), &samples());
    let cell =
        results.cells.iter().find(|c| c.metric == Metric::Time && c.variant == "release").expect("cell");
    assert_eq!((cell.summary.n, cell.blocks.len()), (12, 12));
    assert!((cell.summary.median / 1e6 - 1.01).abs() < 0.01, "per iteration: {}", cell.summary.median);
    let rate = cell.bytes_per_second.expect("a rate") * cell.summary.median / 1e9;
    assert!((rate - 1e6).abs() < 1.0, "{rate}");
    let memory = results.memory.iter().find(|m| m.variant == "faster").expect("memory");
    assert_eq!(memory.growth_anon, 3 << 20);
    assert_eq!(memory.growth, (3 << 20) + 8_192);
    assert_eq!(memory.unexplained, Some(2 << 20));
    assert!(results.heap[0].exact && results.heap[0].runs == 2);
}

#[test]
fn a_scenario_is_set_beside_those_that_it_names() {
    let (mut manifest, mut samples) = (manifest(), samples());
    let mut limit = manifest.scenarios[0].clone();
    limit.name = "limit/lines".into();
    manifest.scenarios[0].beside = vec!["limit/lines".into(), "not/measured".into()];
    manifest.experiment.instruments[0].scenarios.push(limit.name.clone());
    manifest.scenarios.push(limit);
    // The limit takes a quarter of the time in each round, and has one round less.
    let of_clock = samples.iter().filter(|sample| sample.instrument == Instrument::Clock && sample.block > 0);
    let of_limit: Vec<Sample> = of_clock
        .map(|sample| {
            let mut sample = Sample { scenario: "limit/lines".into(), ..sample.clone() };
            let Outcome::Measured(measured) = &mut sample.outcome else { panic!("measured") };
            let Reading::Clock { batches, .. } = &mut measured.reading else { panic!("of the clock") };
            for batch in batches {
                batch.ns /= 4;
            }
            sample
        })
        .collect();
    samples.extend(of_limit);
    let results = evaluate(&manifest, &samples);
    let variants: Vec<&str> = results.beside.iter().map(|beside| beside.variant.as_str()).collect();
    assert_eq!(variants, ["release", "faster", "same"], "and none for what was not measured");
    for beside in &results.beside {
        assert_eq!((beside.scenario.as_str(), beside.other.as_str()), (SCENARIO, "limit/lines"));
        assert_eq!(beside.rounds, BLOCKS as usize - 1);
        assert!(
            (beside.speed - 0.25).abs() < 1e-6 && beside.low <= beside.speed && beside.speed <= beside.high
        );
    }
}

#[test]
fn latencies_are_judged_by_p99_and_kept_whole() {
    let (manifest, samples) = with_latency();
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Latency, "same").label, Label::NoChange);
    let faster = comparison(&results, Metric::Latency, "faster");
    assert_eq!(faster.label, Label::Definitive);
    let figures = faster.figures.as_ref().expect("figures");
    assert!((figures.ratio - 2.0).abs() < 1e-9 && figures.margin == 0.05_f64.ln_1p().exp_m1());
    assert_eq!(
        comparison(&results, Metric::Time, "faster").label,
        Label::Definitive,
        "time is another family"
    );
    assert_eq!(results.latency.len(), 4, "the control is among them");
    let facts = results.latency.iter().find(|l| l.variant == "release").expect("facts");
    assert_eq!((facts.rate, facts.arrivals, facts.visits, facts.behind), (1_000, 12_000, 12, 84));
    assert_eq!(facts.work.all(), [1_000, 1_000, 12_005, 12_011, 12_011]);
    assert_eq!(facts.idle.all(), [40, 40, 9_000, 9_000, 9_000]);
    assert_eq!(facts.work.histogram.counts.len(), 1 + 12, "no bucket is lost");
    assert!(facts.work.histogram.holds(12_000) && facts.idle.histogram.holds(12_000));
    assert!((facts.achieved - 1_000.0).abs() < 1e-9 && (facts.busy - 0.001).abs() < 1e-9);
    assert!(!facts.overloaded && results.warnings.is_empty());
    let between = evaluate_between(&manifest, &samples, "faster", "same");
    assert_eq!(between.latency.len(), 2);
    let text = serde_json::to_string(&results).expect("written");
    assert!(serde_json::from_str::<Results>(&text).expect("read") == results);
}

#[test]
fn a_queue_that_only_grows_is_told() {
    let (manifest, mut samples) = with_latency();
    for sample in samples.iter_mut().filter(|s| s.variant == "same") {
        if let Outcome::Measured(Measured { reading: Reading::Latency(latency), .. }) = &mut sample.outcome {
            latency.busy_ns = 1_300_000_000;
            latency.unserved = 2;
        }
    }
    let results = evaluate(&manifest, &samples);
    let overloaded: Vec<&str> =
        results.latency.iter().filter(|l| l.overloaded).map(|l| l.variant.as_str()).collect();
    assert_eq!(overloaded, ["same"]);
    let told = &results.warnings[0];
    assert!(
        told.contains("under same") && told.contains("130 %") && told.contains("24 were given up"),
        "{told}"
    );
}

#[test]
fn a_disturbed_block_of_latency_counts_as_one_of_the_clock_does() {
    let (mut manifest, mut samples) = with_latency();
    manifest.experiment.disturbance =
        Some(DisturbanceRule { steal: 0.02, others: 0.10, least_ns: 10, replacements: 0.5 });
    for sample in samples.iter_mut().filter(|s| s.block == 3) {
        sample.disturbance = Some(Disturbance { steal_ns: 50, others_ns: 0 });
    }
    let ledger = Ledger::of(&manifest, &samples);
    assert!(!ledger.is_complete(Instrument::Latency, SCENARIO, 3));
    assert!(ledger.is_complete(Instrument::Latency, SCENARIO, 4));
    assert!(ledger.is_complete(Instrument::Rss, SCENARIO, 3), "memory is not moved by it");
}

#[test]
fn a_wrong_answer_makes_its_cell_invalid_and_no_other() {
    let mut samples = samples();
    let wrong = samples.iter_mut().find(|s| s.variant == "faster" && s.block == 3).expect("a visit");
    if let Outcome::Measured(measured) = &mut wrong.outcome {
        measured.answers = vec!["wrong".into()];
    }
    let manifest = manifest();
    let results = evaluate(&manifest, &samples);
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Invalid);
    assert!(faster.reason.as_ref().is_some_and(|why| why.contains("wrong answer")), "{faster:?}");
    assert!(results.cells.iter().all(|cell| cell.variant != "faster"), "it is never charted");
    assert_eq!(results.invalid.len(), 1);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0, "an invalid cell is not visited again");
}

#[test]
fn so_few_blocks_that_nothing_alone_could_be_told_are_told() {
    let mut manifest = manifest();
    for at in 0..101 {
        manifest.experiment.variants.push(format!("more-{at}"));
    }
    let told = |results: &Results| {
        let warnings = results.warnings.iter().filter(|told| told.contains("can't tell one change alone"));
        warnings.cloned().collect::<Vec<_>>()
    };
    let [clock, rss] = &told(&evaluate(&manifest, &samples()))[..] else { panic!("one for each instrument") };
    assert!(
        clock.contains("12 blocks of clock") && clock.contains("103") && clock.contains("13 can"),
        "{clock}"
    );
    assert!(rss.contains("rss-blocks = 13"), "{rss}");
    // Of two variants alone it is another family.
    assert!(told(&evaluate_between(&manifest, &samples(), "faster", "same")).is_empty());
}

#[test]
fn a_peak_that_was_not_reset_is_no_reading() {
    let stale = |is_so: &dyn Fn(&Sample) -> bool| {
        let mut samples = samples();
        for sample in samples.iter_mut().filter(|sample| is_so(sample)) {
            if let Outcome::Measured(Measured { reading: Reading::Rss(rss), .. }) = &mut sample.outcome {
                (rss.peak, rss.peak_was_reset) = (1 << 30, false);
            }
        }
        evaluate(&manifest(), &samples)
    };
    let nowhere = stale(&|_| true);
    assert!(
        nowhere.comparisons.iter().all(|one| one.metric == Metric::Time),
        "not measured, and not invalid"
    );
    assert!(nowhere.metrics.iter().all(|facts| facts.metric == Metric::Time) && nowhere.memory.is_empty());
    assert_eq!(comparison(&nowhere, Metric::Time, "faster").label, Label::Definitive);
    let [told] = nowhere.warnings.as_slice() else { panic!("{:?}", nowhere.warnings) };
    assert!(told.contains("48 of 48 visits") && told.contains("clear_refs"), "{told}");
    let once = stale(&|sample| sample.block == 3 && sample.variant == "faster");
    let faster = comparison(&once, Metric::Rss, "faster");
    assert_eq!(faster.figures.as_ref().map(|figures| figures.blocks), Some(11), "{faster:?}");
    assert!(once.warnings[0].contains("1 of 48 visits"), "{:?}", once.warnings);
}

#[test]
fn a_failure_makes_its_cell_invalid_under_its_instrument_alone() {
    let whole = samples();
    let mut samples = whole.clone();
    let visit = samples.iter_mut().find(|s| s.instrument == Instrument::Rss && s.variant == "faster");
    visit.expect("a visit").outcome = Outcome::Failed(Failure::Killed { signal: 11, stderr: String::new() });
    let manifest = manifest();
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Definitive);
    assert_eq!(comparison(&results, Metric::Rss, "faster").label, Label::Invalid);
    assert_eq!(comparison(&results, Metric::Rss, "same").label, Label::NoChange);
    let [cell] = results.invalid.as_slice() else { panic!("{:?}", results.invalid) };
    assert_eq!((cell.instrument, cell.everywhere), (Instrument::Rss, false));
    assert!(cell.concerns(Metric::Anon) && !cell.concerns(Metric::Time));
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0);
    // A wrong answer afterwards is invalid everywhere, whatever failed before.
    let wrong = samples.iter_mut().find(|s| s.variant == "faster" && s.block == 3).expect("a visit");
    wrong.outcome = Outcome::Failed(Failure::Inconsistent { why: "two answers".into() });
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Invalid);
    assert!(results.cells.iter().all(|cell| cell.variant != "faster"));
}

#[test]
fn what_failed_in_passing_is_tried_again_with_its_block_and_told() {
    let mut manifest = manifest();
    let whole = samples();
    let block = |attempt: u32, outcome: &dyn Fn(&Sample) -> Outcome| -> Vec<Sample> {
        let own = whole.iter().filter(|s| s.instrument == Instrument::Clock && s.block == 3);
        own.map(|s| Sample { attempt, outcome: outcome(s), ..s.clone() }).collect()
    };
    let kill = |s: &Sample| match s.variant.as_str() {
        "faster" => Outcome::Failed(Failure::Killed { signal: 9, stderr: String::new() }),
        _ => s.outcome.clone(),
    };
    let others = whole.iter().filter(|s| s.instrument != Instrument::Clock || s.block != 3);
    let mut samples: Vec<Sample> = others.cloned().chain(block(0, &kill)).collect();
    let ledger = Ledger::of(&manifest, &samples);
    assert!(ledger.broke_off(Instrument::Clock, SCENARIO, 3) && ledger.invalid().next().is_none());
    assert_eq!(ledger.visits_left(), 4, "the block as a whole");
    manifest.experiment.second_tries = 0;
    assert_eq!(Ledger::of(&manifest, &samples).invalid().count(), 1, "as earlier builds had it");
    manifest.experiment.second_tries = 1;

    let once = samples.len();
    samples.extend(block(1, &|s| s.outcome.clone()));
    let results = judged(&manifest, &samples);
    let [told] = results.warnings.as_slice() else { panic!("{:?}", results.warnings) };
    assert!(told.contains("a visit of clock was killed"), "{told}");
    assert_eq!(Results { warnings: Vec::new(), ..results }, judged(&manifest, &whole));
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0);

    samples.truncate(once);
    samples.extend(block(1, &kill));
    let ledger = Ledger::of(&manifest, &samples);
    assert!(!ledger.broke_off(Instrument::Clock, SCENARIO, 3) && ledger.visits_left() == 0);
    assert_eq!(ledger.why_invalid(Instrument::Rss, SCENARIO, "faster"), None);
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Invalid);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
}

#[test]
fn without_its_reference_or_control_nothing_is_judged() {
    for gone in ["release", "control"] {
        let mut samples = samples();
        let visit = samples.iter_mut().find(|s| s.variant == gone).expect("a visit");
        visit.outcome = Outcome::Failed(Failure::Killed { signal: 11, stderr: "boom".into() });
        let results = evaluate(&manifest(), &samples);
        let same = comparison(&results, Metric::Time, "same");
        assert_eq!(same.label, Label::Invalid, "without {gone}");
        assert!(same.reason.as_ref().is_some_and(|why| why.contains(gone)), "{same:?}");
        assert!(
            results.invalid[0].reason.contains("signal 11") && results.invalid[0].reason.contains("boom")
        );
    }
}

#[test]
fn an_interrupted_block_is_measured_again_and_the_results_are_the_same() {
    let manifest = manifest();
    let whole = samples();
    let cut = 22;
    assert_ne!(cut % 4, 0, "in the middle of a block");
    let block = whole[cut].block;
    let mut resumed = whole[..cut].to_vec();
    assert!(!Ledger::of(&manifest, &resumed).is_complete(Instrument::Clock, SCENARIO, block));
    let begun = whole.iter().position(|s| s.block == block).expect("its first visit");
    for sample in &whole[begun..] {
        let attempt = u32::from(sample.instrument == Instrument::Clock && sample.block == block);
        resumed.push(Sample { attempt, ..sample.clone() });
    }
    assert_eq!(judged(&manifest, &resumed), judged(&manifest, &whole));
    assert_eq!(Ledger::of(&manifest, &resumed).visits_left(), 0);
}

#[test]
fn a_disturbed_block_is_measured_again_as_a_whole_as_often_as_the_rule_allows() {
    let mut manifest = manifest();
    let rule =
        DisturbanceRule { steal: 0.02, others: 0.10, least_ns: 10, replacements: 2.0 / f64::from(BLOCKS) };
    manifest.experiment.disturbance = Some(rule);
    let clean: Vec<Sample> = samples().into_iter().map(|s| Sample { visit_ns: 100, ..s }).collect();
    let disturb = |sample: &Sample, others_ns| Sample {
        disturbance: Some(Disturbance { steal_ns: 0, others_ns }),
        ..sample.clone()
    };
    let is_clock = |sample: &&Sample| sample.instrument == Instrument::Clock;
    // Four visits take 400 ns: of three blocks more than a tenth is taken, of another less.
    let disturbed: Vec<Sample> = clean
        .iter()
        .map(|s| match (s.block, is_clock(&s)) {
            (0..3, true) => disturb(s, 11),
            (3, true) => disturb(s, 9),
            _ => s.clone(),
        })
        .collect();
    let mut ledger = Ledger::of(&manifest, &disturbed);
    let open = |ledger: &Ledger<'_>| -> Vec<u32> {
        (0..BLOCKS).filter(|&b| !ledger.is_complete(Instrument::Clock, SCENARIO, b)).collect()
    };
    assert_eq!(open(&ledger), [0, 1, 2]);
    assert_eq!(ledger.visits_left(), 12);
    let mut all = disturbed.clone();
    for block in 0..2 {
        for sample in clean.iter().filter(is_clock).filter(|s| s.block == block) {
            let again = Sample { attempt: 1, ..disturb(sample, if block == 0 { 0 } else { 50 }) };
            ledger.record(&again);
            all.push(again);
        }
    }
    assert_eq!(open(&ledger), [] as [u32; 0], "two were measured again, and no more are");
    assert_eq!(ledger.replaced(Instrument::Clock, SCENARIO), 2);
    assert_eq!(ledger.disturbed(Instrument::Clock, SCENARIO), 2);
    let results = evaluate(&manifest, &all);
    let told = results.warnings.iter().find(|w| w.contains("disturbed blocks of clock")).expect("it is told");
    assert!(told.contains("2 were measured again") && told.contains("2 that stand"), "{told}");
    let cell =
        results.cells.iter().find(|c| c.variant == "same" && c.metric == Metric::Time).expect("a cell");
    assert_eq!(cell.blocks.len() as u32, BLOCKS, "none is lost");
}

/// A wall clock that jumps, or a stopwatch that goes mad, in a visit.
#[test]
fn a_clock_that_jumps_neither_ends_nor_changes_the_analysis() {
    let plain = judged(&manifest(), &samples());
    let mut jumped = samples();
    for (at, sample) in jumped.iter_mut().enumerate() {
        sample.began = format!("{}-01-01T00:00:00Z", 2999 - at);
        sample.visit_ns = [0, u64::MAX, 3_600_000_000_000][at % 3];
        sample.disturbance = Some(Disturbance { steal_ns: u64::MAX, others_ns: u64::MAX });
    }
    assert_eq!(judged(&manifest(), &jumped), plain, "stamps and the length of visits are not judged");

    for absurd in [0, 3_600_000_000_000, u64::MAX] {
        let mut one = samples();
        let is_it =
            |s: &&mut Sample| s.instrument == Instrument::Clock && s.variant == "faster" && s.block == 3;
        let sample = one.iter_mut().find(is_it).expect("it is there");
        let Outcome::Measured(Measured { reading: Reading::Clock { batches, .. }, .. }) = &mut sample.outcome
        else {
            panic!("of the clock");
        };
        for batch in batches.iter_mut() {
            batch.ns = absurd;
        }
        let results = judged(&manifest(), &one);
        let (mad, sane) =
            (comparison(&results, Metric::Time, "faster"), comparison(&plain, Metric::Time, "faster"));
        assert!(mad.label.tells_apart(), "{absurd}: {mad:?}");
        let ratio = |c: &Comparison| c.figures.as_ref().expect("figures").ratio;
        assert!(
            (ratio(mad) - ratio(sane)).abs() < 0.01,
            "one block of twelve moves the median little: {mad:?}"
        );
        assert_eq!(comparison(&results, Metric::Time, "same"), comparison(&plain, Metric::Time, "same"));
        let text = serde_json::to_string(&results).expect("JSON");
        assert_eq!(serde_json::from_str::<Results>(&text).expect("read"), results, "every figure is finite");
    }
}

/// Where blocks count as disturbed, a length of 0 or of hours is only a block to measure again.
#[test]
fn a_mad_stopwatch_disturbs_its_block_at_most() {
    let rule = DisturbanceRule { steal: 0.02, others: 0.1, least_ns: 1, replacements: 0.5 };
    let mut manifest = manifest();
    manifest.experiment.disturbance = Some(rule);
    let plain = evaluate(&manifest, &samples());
    for (visit_ns, taken) in [(0, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX)] {
        let mut jumped = samples();
        for sample in jumped.iter_mut().filter(|sample| sample.block == 2) {
            sample.visit_ns = visit_ns;
            sample.disturbance = Some(Disturbance { steal_ns: taken, others_ns: taken });
        }
        let results = evaluate(&manifest, &jumped);
        let (ours, theirs) =
            (comparison(&results, Metric::Time, "faster"), comparison(&plain, Metric::Time, "faster"));
        assert_eq!(ours.label, theirs.label);
        let blocks = ours.figures.as_ref().expect("figures").blocks;
        assert!((BLOCKS as usize - 1..=BLOCKS as usize).contains(&blocks), "{blocks}");
    }
}

#[test]
fn the_first_version_of_the_manifest_is_still_read() {
    let mut json = serde_json::to_value(manifest()).expect("written");
    let experiment = json["experiment"].as_object_mut().expect("an object");
    experiment.remove("disturbance");
    experiment.remove("arrivals");
    let heaps = experiment.remove("heaps").expect("there");
    experiment.insert("heap".to_owned(), heaps[0].clone());
    json["scenarios"][0].as_object_mut().expect("an object").remove("arrivals_per_second");
    let read: Manifest = serde_json::from_value(json).expect("read");
    assert_eq!(read, manifest());
}

#[test]
fn a_run_that_is_not_whole_says_so_and_judges_what_it_can() {
    let manifest = manifest();
    let results = evaluate(&manifest, &samples()[..21]);
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Unstable);
    assert!(faster.reason.as_ref().is_some_and(|why| why.contains("5 good blocks")), "{faster:?}");
    assert!(results.warnings[0].contains("--resume made-up"), "{:?}", results.warnings);
    let nothing = evaluate(&manifest, &[]);
    assert!(nothing.cells.is_empty());
    assert_eq!(nothing.comparisons[0].label, Label::Invalid);
}

#[test]
fn two_variants_of_a_run_are_compared_as_one_with_the_reference() {
    let manifest = manifest();
    let samples = samples();
    let run = evaluate(&manifest, &samples);
    let between = evaluate_between(&manifest, &samples, "faster", "same");
    assert_eq!(between.reference, "faster");
    assert_eq!(between.variants.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["faster", "same"]);
    let there = comparison(&run, Metric::Time, "faster").figures.as_ref().expect("figures").ratio;
    let back = comparison(&between, Metric::Time, "same");
    assert!(back.label.tells_apart(), "{back:?}");
    let scenario = back.scenario.as_str();
    let of_cells =
        compare_cells(&run, Metric::Time, &[(scenario, "faster", "same"), (scenario, "faster", "?")]);
    let same = of_cells[0].figures.as_ref().zip(back.figures.as_ref()).expect("figures");
    assert_eq!((of_cells[0].label, same.0.ratio, same.0.low), (back.label, same.1.ratio, same.1.low));
    assert_eq!(of_cells[1].reason.as_deref(), Some("? has no good block"));
    let back = back.figures.as_ref().expect("figures").ratio;
    assert!((there * back - 1.0).abs() < 0.02, "{there} and {back}");
    assert_eq!(between.controls, run.controls, "the control is the run's");
    assert_eq!(evaluate_between(&manifest, &samples, "release", "same").comparisons.len(), 3);
}

#[test]
fn a_run_and_its_repetition_stand_side_by_side() {
    let then = evaluate(&manifest(), &samples());
    let rows = beside(&then, &then);
    assert_eq!(rows.len(), then.comparisons.len());
    assert!(rows.iter().all(|row| row.then == row.now && row.overlap() == Some(true)));

    // Another machine, twice as fast in all: the ratios are the same. And one in which `faster` is not.
    let rescaled = |factor: &dyn Fn(&str) -> f64| -> Vec<Sample> {
        let mut samples = samples();
        for sample in &mut samples {
            if let Outcome::Measured(Measured { reading: Reading::Clock { batches, .. }, .. }) =
                &mut sample.outcome
            {
                for batch in batches {
                    batch.ns = (batch.ns as f64 * factor(&sample.variant)) as u64;
                }
            }
        }
        samples
    };
    let overlap_of = |factor: &dyn Fn(&str) -> f64, variant: &str| {
        let now = evaluate(&manifest(), &rescaled(factor));
        let rows = beside(&then, &now);
        let row = rows.iter().find(|row| row.metric == Metric::Time && row.variant == variant);
        row.expect("a row").overlap()
    };
    assert_eq!(overlap_of(&|_| 0.5, "faster"), Some(true));
    let slower = |variant: &str| if variant == "faster" { 1.1 } else { 1.0 };
    assert_eq!(overlap_of(&slower, "faster"), Some(false));
    assert_eq!(overlap_of(&slower, "same"), Some(true));

    let mut other = manifest();
    other.scenarios[0].version = 2;
    other.experiment.variants.retain(|variant| variant != "same");
    let now = evaluate(&other, &samples());
    let rows = beside(&then, &now);
    assert_eq!(rows.len(), then.comparisons.len(), "what is on one side alone is listed");
    assert!(rows.iter().all(|row| row.overlap().is_none()));
    assert!(rows.iter().all(|row| row.apart.as_ref().is_some_and(|why| why.contains("version 1 and is 2"))));
    assert!(rows.iter().any(|row| row.variant == "same" && row.then.is_some() && row.now.is_none()));
}

#[test]
fn results_survive_their_json() {
    let results = evaluate(&manifest(), &samples());
    let text = serde_json::to_string(&results).expect("written");
    let again: Results = serde_json::from_str(&text).expect("read");
    assert!(again == results, "something changed on the way");
}

#[test]
fn a_heap_build_that_breaks_off_is_told_as_that_and_is_no_pass() {
    let mut manifest = manifest();
    manifest.experiment.heaps.push("heap-head".to_owned());
    manifest.builds.push(build("heap-head"));
    let all = [heap(0, 1 << 20), heap(1, 1 << 20)];
    let failure = Failure::Killed { signal: 11, stderr: "boom".into() };
    let broken =
        Sample { variant: "heap-head".into(), outcome: Outcome::Failed(failure), ..heap(0, 1 << 20) };
    let limit = |_, _: &str| Limit { limit: 0.01, reason: None };
    let samples = [&all[..], &[broken]].concat();
    let compared = exact::heaps(&manifest, &samples, ["heap", "heap-head"], 0, limit);
    let [left_out] = compared.not_compared.as_slice() else { panic!("{compared:?}") };
    assert!(left_out.broken && left_out.reason.contains("heap-head: "), "{left_out:?}");
    assert_eq!(gate::verdict(&[], &compared.exact, &compared.not_compared), Verdict::Broken);
    // Of a side that was not visited nothing is wrong.
    let compared = exact::heaps(&manifest, &all, ["heap", "heap-head"], 0, limit);
    assert!(!compared.not_compared[0].broken, "{compared:?}");
    assert_eq!(gate::verdict(&[], &compared.exact, &compared.not_compared), Verdict::Pass);
}

#[test]
fn every_scenario_whose_instructions_were_to_be_counted_is_compared_or_told() {
    let mut manifest = manifest();
    manifest.experiment.variants = ["base", "head"].map(String::from).into();
    manifest.builds = ["base", "head"].map(build).into();
    let names = ["more", "vague", "no-head", "no-base", "neither", "unvisited"];
    manifest.scenarios =
        names.map(|name| manifest::Scenario { name: name.into(), ..manifest.scenarios[0].clone() }).into();
    let scenarios = names.map(String::from).into();
    manifest.experiment.instruments =
        vec![InstrumentPlan { instrument: Instrument::Count, blocks: 2, scenarios }];
    let count = |scenario: &str, variant: &str, block: u32, instructions: u64| {
        let counted = |iterations, instructions| Counted { iterations, instructions };
        let reading = Count { fewer: counted(1, 5_000_000), more: counted(2, 5_000_000 + instructions) };
        let visit = sample(Instrument::Count, variant, block, Reading::Count(reading));
        Sample { scenario: scenario.into(), ..visit }
    };
    let dies = |visit: Sample| Sample {
        outcome: Outcome::Failed(Failure::Killed { signal: 4, stderr: "no such instruction".into() }),
        ..visit
    };
    let samples = [
        count("more", "base", 0, 1_000_000),
        count("more", "head", 0, 1_011_000),
        count("more", "base", 1, 1_000_000),
        count("more", "head", 1, 1_011_090),
        count("vague", "base", 0, 1_000_000),
        count("vague", "head", 0, 1_000_000),
        count("vague", "base", 1, 1_000_000),
        count("vague", "head", 1, 1_000_200),
        count("no-head", "base", 0, 1_000_000),
        dies(count("no-head", "head", 0, 0)),
        dies(count("no-base", "base", 0, 0)),
        count("no-base", "head", 0, 1_000_000),
        dies(count("neither", "base", 0, 0)),
        dies(count("neither", "head", 0, 0)),
    ];
    let limit = |_, _: &str| Limit { limit: 0.01, reason: None };
    let compared = exact::instructions(&manifest, &samples, ["base", "head"], limit);
    let [one] = compared.exact.as_slice() else { panic!("{compared:?}") };
    assert_eq!((one.scenario.as_deref(), one.decision), (Some("more"), Decision::Regression));
    let left: Vec<_> =
        compared.not_compared.iter().map(|one| (one.scenario.as_str(), one.reason.as_str())).collect();
    assert_eq!(
        left.iter().map(|one| one.0).collect::<Vec<_>>(),
        names[1..].iter().map(|name| format!("instructions of {name}")).collect::<Vec<_>>()
    );
    assert!(left[1].1.starts_with("head: was ended by signal 4"), "{left:?}");
    assert!(left[2].1.starts_with("base: was ended by signal 4"), "{left:?}");
    assert!(left[3].1.contains("base: ") && left[3].1.contains("; head: "), "{left:?}");
    assert_eq!(left[4].1, "base: it was not counted; head: it was not counted");
    assert!(compared.not_compared.iter().all(|one| !one.broken), "callgrind does not know every instruction");
}
