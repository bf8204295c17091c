//! What the labels promise, on made-up noise whose truth is known: skewed, spiked, drifting.
//!
//! The noise is that of small virtual machines: log-normal jitter of 1 to 3 % a visit, spikes of 10 to 30 % in some visits,
//! drift over a run. What is asserted here are promises; what a machine really does has to be measured on it.

use harness::judge::evaluate::evaluate;
use harness::judge::label::Label;
use harness::judge::order::Seed;
use harness::judge::stats::sign;
use harness::judge::wire::Schema;
use harness::judge::wire::manifest::{
    self, Build, Experiment, InstrumentPlan, Machine, Manifest, Margin, Source, Toolchain,
};
use harness::judge::wire::results::{BinaryFacts, Metric};
use harness::judge::wire::sample::{Batch, Instrument, Measured, Outcome, Reading, Sample};
use std::collections::BTreeMap;

/// Noise of visits.
#[derive(Clone, Copy, Debug)]
struct Noise {
    /// Standard deviation of the logarithm.
    jitter: f64,
    /// Share of visits that take 10 to 30 % longer.
    spikes: f64,
    /// How far the machine drifts over a run.
    drift: f64,
}

const QUIET: Noise = Noise { jitter: 0.010, spikes: 0.005, drift: 0.01 };
const COMMON: Noise = Noise { jitter: 0.010, spikes: 0.01, drift: 0.03 };
const ROUGH: Noise = Noise { jitter: 0.020, spikes: 0.02, drift: 0.05 };
const HARSH: Noise = Noise { jitter: 0.030, spikes: 0.05, drift: 0.10 };

/// Numbers from a seed.
struct Draws(Seed);

impl Draws {
    /// Evenly from 0 to 1.
    fn share(&mut self) -> f64 {
        self.0.below(1 << 30) as f64 / f64::from(1 << 30)
    }

    /// From the normal distribution (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let (radius, angle) =
            ((-2.0 * (1.0 - self.share()).ln()).sqrt(), std::f64::consts::TAU * self.share());
        radius * angle.cos()
    }

    /// A visit's noise, as a factor, at this point of the run.
    fn noise(&mut self, noise: Noise, point: f64, phase: f64) -> f64 {
        let spike = if self.share() < noise.spikes { 1.1 + 0.2 * self.share() } else { 1.0 };
        let drift = 1.0 + noise.drift * (phase + point * std::f64::consts::PI).sin();
        (self.normal() * noise.jitter).exp() * spike * drift
    }
}

/// How often each label was given.
type Tally = BTreeMap<&'static str, usize>;

fn count(tally: &Tally, labels: &[Label]) -> usize {
    labels.iter().map(|label| tally.get(label.name()).copied().unwrap_or(0)).sum()
}

/// One run of so many scenarios and blocks, in which the variant takes `effect` times as long in every `nth` of them: the
/// labels that it gets in those.
fn run(scenarios: usize, blocks: u32, (effect, nth): (f64, usize), noise: Noise, seed: u64) -> Tally {
    let names: Vec<String> = (0..scenarios).map(|at| format!("s/{at}")).collect();
    let manifest = manifest(&names, blocks);
    let arms = manifest.experiment.arms(Instrument::Clock);
    let mut draws = Draws(Seed::new(seed));
    let mut samples = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let phase = draws.share() * std::f64::consts::TAU;
        let orders = manifest.experiment.orders(&manifest.experiment.instruments[0], name);
        for (block, order) in (0..blocks).zip(&orders) {
            for (position, &arm) in order.iter().enumerate() {
                let point = (f64::from(block) + position as f64 / order.len() as f64) / f64::from(blocks);
                let is_changed = arms[arm] == "variant" && at % nth == 0;
                let factor = if is_changed { effect } else { 1.0 };
                let ns = 1e7 * factor * draws.noise(noise, point, phase);
                samples.push(sample(name, arms[arm], block, ns));
            }
        }
    }
    let mut tally = Tally::new();
    for comparison in evaluate(&manifest, &samples).comparisons.into_iter().step_by(nth) {
        *tally.entry(comparison.label.name()).or_default() += 1;
    }
    tally
}

/// Several runs together.
fn runs(times: u64, scenarios: usize, blocks: u32, effect: (f64, usize), noise: Noise) -> (Tally, usize) {
    let mut all = Tally::new();
    for seed in 0..times {
        for (label, n) in run(scenarios, blocks, effect, noise, 1 + seed) {
            *all.entry(label).or_default() += n;
        }
    }
    let of_all = all.values().sum();
    (all, of_all)
}

#[test]
fn the_same_is_hardly_ever_told_apart() {
    for noise in [QUIET, COMMON, ROUGH, HARSH] {
        for blocks in [12, 20] {
            let (tally, all) = runs(4, 60, blocks, (1.0, 1), noise);
            assert_eq!(count(&tally, &[Label::Definitive, Label::High]), 0, "{noise:?} {blocks}: {tally:?}");
            assert!(count(&tally, &[Label::Moderate]) * 100 <= all, "{noise:?} {blocks}: {tally:?}");
            assert!(count(&tally, &[Label::Unstable]) * 20 <= all, "{noise:?} {blocks}: {tally:?}");
        }
    }
}

#[test]
fn real_changes_are_found_where_the_noise_is_small() {
    let found_in = |blocks, effect: (f64, usize), noise| {
        let (tally, all) = runs(if effect.1 == 1 { 4 } else { 30 }, 60, blocks, effect, noise);
        let found = count(&tally, &[Label::Definitive, Label::High, Label::Moderate]);
        (found as f64 / all as f64, tally)
    };
    let found = |blocks, effect, noise| found_in(blocks, (effect, 1), noise);
    let (share, tally) = found(20, 1.05, QUIET);
    assert!(share >= 0.95, "5 % with 20 blocks: {share:.3} {tally:?}");
    let (share, tally) = found(30, 1.02, QUIET);
    assert!(share >= 0.60, "2 % with 30 blocks: {share:.3} {tally:?}");
    let (share, tally) = found(20, 1.10, ROUGH);
    assert!(share >= 0.85, "10 % with 20 blocks in rough noise: {share:.3} {tally:?}");
    let (share, tally) = found_in(20, (1.05, 60), QUIET);
    assert!(share >= 0.95, "5 % in one of 60 scenarios, with 20 blocks: {share:.3} {tally:?}");
    let (gain, _) = found(20, 1.0 / 1.05, QUIET);
    assert!(gain >= 0.95, "a gain is found as well as a loss: {gain:.3}");
}

#[test]
fn the_interval_covers_what_it_says() {
    let mut draws = Draws(Seed::new(7));
    for (blocks, noise) in [(12, QUIET), (20, COMMON), (30, ROUGH), (20, HARSH)] {
        let trials = 4000;
        let covered = (0..trials).filter(|_| {
            // Both sides of a block share its drift.
            let ln_ratios: Vec<f64> = (0..blocks)
                .map(|_| {
                    let flat = Noise { drift: 0.0, ..noise };
                    (draws.noise(flat, 0.0, 0.0) / draws.noise(flat, 0.0, 0.0)).ln()
                })
                .collect();
            let interval = sign::interval(&ln_ratios, 0.95).expect("enough blocks");
            interval.low <= 0.0 && 0.0 <= interval.high
        });
        let share = covered.count() as f64 / f64::from(trials);
        assert!((0.945..=0.985).contains(&share), "{blocks} blocks of {noise:?}: {share:.4}");
    }
}

fn sample(scenario: &str, variant: &str, block: u32, ns: f64) -> Sample {
    let batch =
        Batch { ns: ns as u64, cpu_ns: ns as u64, minor_faults: 0, major_faults: 0, involuntary_switches: 0 };
    let reading = Reading::Clock { iterations: 1, batches: vec![batch] };
    Sample {
        instrument: Instrument::Clock,
        scenario: scenario.to_owned(),
        variant: variant.to_owned(),
        block,
        attempt: 0,
        position: 0,
        began: String::new(),
        visit_ns: 1,
        disturbance: None,
        outcome: Outcome::Measured(Measured { answers: vec!["a".to_owned()], reading }),
    }
}

fn manifest(names: &[String], blocks: u32) -> Manifest {
    let build = |variant: &str| Build {
        variant: variant.to_owned(),
        about: String::new(),
        axes: BTreeMap::new(),
        commands: Vec::new(),
        environment: BTreeMap::new(),
        run_environment: BTreeMap::new(),
        binary: BinaryFacts::default(),
        command: None,
        identical_to: None,
        twice_every: None,
    };
    let scenario = |name: &String| manifest::Scenario {
        name: name.clone(),
        declared: name.clone(),
        version: 1,
        about: String::new(),
        corpus: "c".to_owned(),
        whole_command: false,
        all_cpus: false,
        bytes: 1,
        records: 1,
        twice_answers: BTreeMap::new(),
        answers: vec!["a".to_owned()],
        iterations: 1,
        arrivals_per_second: 0,
    };
    Manifest {
        schema: Schema::new(manifest::SCHEMA, manifest::VERSION),
        run: "simulated".to_owned(),
        began: String::new(),
        command: Vec::new(),
        preset: String::new(),
        input: Vec::new(),
        machine: Machine::default(),
        toolchain: Toolchain {
            name: String::new(),
            rustc: String::new(),
            cargo: String::new(),
            host: String::new(),
            llvm: String::new(),
            stds: BTreeMap::new(),
            profdata: None,
            bolt: None,
            libc: None,
        },
        source: Source::default(),
        builds: ["reference", "variant"].map(build).into(),
        corpora: Vec::new(),
        scenarios: names.iter().map(scenario).collect(),
        experiment: Experiment {
            reference: "reference".to_owned(),
            control: "control".to_owned(),
            variants: ["reference", "variant"].map(str::to_owned).into(),
            heaps: Vec::new(),
            disturbance: None,
            seed: 1,
            instruments: vec![InstrumentPlan {
                instrument: Instrument::Clock,
                blocks,
                scenarios: names.to_vec(),
            }],
            batches: 1,
            arrivals: 0,
            time_limit: 1,
            confidence: 0.95,
            margins: vec![Margin { metric: Metric::Time, relative: 0.01, absolute: 0.0 }],
            judgement: String::new(),
        },
        skipped: Vec::new(),
        failed: Vec::new(),
        broken: Vec::new(),
        warnings: Vec::new(),
        calibration: None,
    }
}
