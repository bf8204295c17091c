//! A run made up: what each test begins with.

use harness::judge::evaluate::evaluate;
use harness::judge::order::Seed;
use harness::judge::wire::Schema;
use harness::judge::wire::manifest::{
    self, Build, Experiment, InstrumentPlan, Machine, Manifest, Margin, Source, Toolchain,
};
use harness::judge::wire::results::{BinaryFacts, Comparison, Metric, Results};
use harness::judge::wire::sample::{Batch, Heap, Instrument, Measured, Outcome, Pages, Reading, Rss, Sample};
use std::collections::BTreeMap;

pub(crate) const BLOCKS: u32 = 12;
pub(crate) const SCENARIO: &str = "suite/work";

pub(crate) fn build(variant: &str) -> Build {
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

pub(crate) fn manifest() -> Manifest {
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

pub(crate) fn sample(instrument: Instrument, variant: &str, block: u32, reading: Reading) -> Sample {
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

pub(crate) fn clock(variant: &str, block: u32, ns: f64) -> Sample {
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

pub(crate) fn rss(variant: &str, block: u32, anon: u64) -> Sample {
    let before = Pages { anon: 1 << 20, file: 2 << 20, shmem: 0 };
    let after = Pages { anon: before.anon + anon / 2, file: before.file + 8_192, shmem: 0 };
    let peak = before.total() + anon + 8_192;
    sample(Instrument::Rss, variant, block, Reading::Rss(Rss { before, after, peak, peak_was_reset: true }))
}

pub(crate) fn heap(block: u32, peak_bytes: u64) -> Sample {
    let heap =
        Heap { total_bytes: 10, total_blocks: 2, peak_bytes, peak_blocks: 1, end_bytes: 0, end_blocks: 0 };
    sample(Instrument::Heap, "heap", block, Reading::Heap(heap))
}

/// A whole run: `faster` takes 10 % less time and 1 MiB more memory, the others are alike; each block
/// has a pace of its own, as on a machine that drifts.
pub(crate) fn samples() -> Vec<Sample> {
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

pub(crate) fn comparison<'r>(results: &'r Results, metric: Metric, variant: &str) -> &'r Comparison {
    let all = results.comparisons.iter().chain(&results.controls);
    let mut fitting = all.filter(|c| c.metric == metric && c.variant == variant);
    fitting.next().expect("the comparison is there")
}

/// The results without what they cost, which visits in vain and wild stopwatches add to.
pub(crate) fn judged(manifest: &Manifest, samples: &[Sample]) -> Results {
    Results { costs: Vec::new(), ..evaluate(manifest, samples) }
}
