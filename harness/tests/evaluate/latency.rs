//! Latencies: how late work was done that arrives at a rate.

use crate::made_up::{BLOCKS, SCENARIO, comparison, manifest, sample, samples};
use harness::judge::evaluate::{evaluate, evaluate_between};
use harness::judge::label::Label;
use harness::judge::ledger::Ledger;
use harness::judge::wire::manifest::{DisturbanceRule, InstrumentPlan, Manifest, Margin};
use harness::judge::wire::results::{Metric, Results};
use harness::judge::wire::sample::{
    Disturbance, Histogram, Instrument, Latency, Measured, Outcome, Reading, Sample,
};

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
