//! A made-up run: a manifest and samples of a variant whose truth is known, judged as any run is.

use super::noise::{Draws, Machine, Noise};
use crate::judge::evaluate::evaluate;
use crate::judge::label::Label;
use crate::judge::order;
use crate::judge::stats::sign;
use crate::judge::wire::Schema;
use crate::judge::wire::manifest::{
    self, Build, Experiment, InstrumentPlan, Machine as MachineFacts, Manifest, Margin, Source, Toolchain,
};
use crate::judge::wire::results::{BinaryFacts, Metric, Results};
use crate::judge::wire::sample::{Batch, Instrument, Measured, Outcome, Reading, Sample};
use std::collections::BTreeMap;

/// The reference of a made-up run.
pub const REFERENCE: &str = "reference";
/// Its one variant.
pub const VARIANT: &str = "variant";
/// Its control.
pub const CONTROL: &str = "control";

/// What an undisturbed visit of the reference takes, in nanoseconds.
const VISIT_NS: f64 = 1e7;
/// Smallest change of time worth telling, where nothing else is said: that of `bench.toml`.
pub const MARGIN: f64 = 0.01;
/// Nominal coverage of the intervals.
const CONFIDENCE: f64 = 0.95;

/// A scenario of a made-up run.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeUp {
    /// Its name.
    pub name: String,
    /// How many times as long the variant takes.
    pub factor: f64,
    /// Blocks.
    pub blocks: u32,
}

/// So many scenarios in which the variant takes `factor` times as long.
pub fn alike(count: usize, factor: f64, blocks: u32) -> Vec<MadeUp> {
    (0..count).map(|at| MadeUp { name: format!("s/{at}"), factor, blocks }).collect()
}

/// Makes a run up and judges it. It is one of the clock, of [`VARIANT`] against [`REFERENCE`].
pub fn results(scenarios: &[MadeUp], margin: f64, noise: Noise, seed: u64) -> Results {
    let manifest = manifest(scenarios, margin, seed);
    evaluate(&manifest, &samples(&manifest, scenarios, noise, seed))
}

/// The samples of a made-up run.
pub fn samples(manifest: &Manifest, scenarios: &[MadeUp], noise: Noise, seed: u64) -> Vec<Sample> {
    let arms = manifest.experiment.arms(Instrument::Clock);
    let mut draws = Draws::new(seed);
    let mut samples = Vec::new();
    for scenario in scenarios {
        let plan = InstrumentPlan {
            instrument: Instrument::Clock,
            blocks: scenario.blocks,
            scenarios: vec![scenario.name.clone()],
        };
        let orders = manifest.experiment.orders(&plan, &scenario.name);
        let mut machine = Machine::new(noise, &mut draws);
        for (block, order) in (0..).zip(&orders) {
            for (position, &arm) in order.iter().enumerate() {
                let factor = if arms[arm] == VARIANT { scenario.factor } else { 1.0 };
                let ns = VISIT_NS * factor * machine.visit(point(block, position, order.len(), orders.len()));
                samples.push(sample(&scenario.name, arms[arm], block, ns));
            }
        }
    }
    samples
}

/// How far a run is, from 0 to 1, at this place of a block.
fn point(block: u32, position: usize, arms: usize, blocks: usize) -> f64 {
    (f64::from(block) + position as f64 / arms as f64) / blocks as f64
}

/// The share of so many intervals, each of a comparison of the same with itself, that hold the truth.
pub fn coverage(blocks: u32, noise: Noise, trials: u32, seed: u64) -> f64 {
    const ARMS: usize = 3;
    let mut draws = Draws::new(seed);
    let held = |trial: u32| {
        let orders = order::williams(ARMS, blocks as usize, seed.wrapping_add(u64::from(trial)));
        let mut machine = Machine::new(noise, &mut draws);
        let mut ln_ratio = |(block, order): (u32, &Vec<usize>)| {
            let mut visits = [0.0; ARMS];
            for (position, &arm) in order.iter().enumerate() {
                visits[arm] = machine.visit(point(block, position, ARMS, orders.len())).ln();
            }
            visits[1] - visits[0]
        };
        let ln_ratios: Vec<f64> = (0..).zip(&orders).map(&mut ln_ratio).collect();
        let interval = sign::interval(&ln_ratios, CONFIDENCE);
        interval.is_some_and(|interval| interval.low <= 0.0 && 0.0 <= interval.high)
    };
    (0..trials).map(held).filter(|held| *held).count() as f64 / f64::from(trials)
}

/// How often each label was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Label, usize>);

impl Tally {
    /// Of the first scenario and each `nth` after it, over so many runs that differ in their seed.
    pub fn of_runs(runs: u64, scenarios: &[MadeUp], nth: usize, noise: Noise) -> Self {
        let mut tally = Self::default();
        for seed in 1..=runs {
            for comparison in results(scenarios, MARGIN, noise, seed).comparisons.into_iter().step_by(nth) {
                tally.count(comparison.label);
            }
        }
        tally
    }

    /// Counts one more.
    pub fn count(&mut self, label: Label) {
        *self.0.entry(label).or_default() += 1;
    }

    /// How often one of these labels was given.
    pub fn of(&self, labels: &[Label]) -> usize {
        labels.iter().filter_map(|label| self.0.get(label)).sum()
    }

    /// How often a label said that there is a difference.
    pub fn told_apart(&self) -> usize {
        self.0.iter().filter(|(label, _)| label.tells_apart()).map(|(_, count)| count).sum()
    }

    /// All that were counted.
    pub fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// So many of all, in per cent.
    pub fn percent(&self, count: usize) -> f64 {
        100.0 * count as f64 / self.all().max(1) as f64
    }
}

/// Of the inconclusive comparisons in one run, those of which a number of blocks was said that would settle them; and how
/// many of these were settled by a fresh run with this share of that number.
pub fn settled(scenarios: &[MadeUp], noise: Noise, share: f64, seed: u64) -> (usize, usize) {
    let first = results(scenarios, MARGIN, noise, seed);
    let mut again = scenarios.to_vec();
    let mut said = Vec::new();
    for (scenario, comparison) in again.iter_mut().zip(&first.comparisons) {
        let figures = comparison.figures.as_ref();
        if let Some(blocks) = figures.and_then(|figures| figures.blocks_to_settle) {
            scenario.blocks = (f64::from(blocks) * share).ceil() as u32;
            said.push(scenario.name.clone());
        }
    }
    let second = results(&again, MARGIN, noise, !seed);
    let of_said = second.comparisons.iter().filter(|comparison| said.contains(&comparison.scenario));
    (said.len(), of_said.filter(|comparison| comparison.label != Label::Inconclusive).count())
}

fn sample(scenario: &str, variant: &str, block: u32, ns: f64) -> Sample {
    let batch = Batch {
        ns: ns as u64,
        cpu_ns: ns as u64,
        minor_faults: 0,
        major_faults: 0,
        involuntary_switches: 0,
        read_bytes: 0,
    };
    let reading = Reading::Clock { iterations: 1, reading_ns: 0, batches: vec![batch] };
    Sample {
        instrument: Instrument::Clock,
        scenario: scenario.to_owned(),
        variant: variant.to_owned(),
        block,
        attempt: 0,
        position: 0,
        began: String::new(),
        visit_ns: ns as u64,
        disturbance: None,
        outcome: Outcome::Measured(Measured { answers: vec!["a".to_owned()], reading }),
    }
}

/// The manifest of a made-up run. What a real one tells of machine, builds and corpora is empty.
pub fn manifest(scenarios: &[MadeUp], margin: f64, seed: u64) -> Manifest {
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
    let scenario = |made_up: &MadeUp| manifest::Scenario {
        name: made_up.name.clone(),
        declared: made_up.name.clone(),
        version: 1,
        about: String::new(),
        corpus: String::new(),
        whole_command: false,
        all_cpus: false,
        bytes: 1,
        records: 1,
        answers: vec!["a".to_owned()],
        twice: BTreeMap::new(),
        iterations: 1,
        arrivals_per_second: 0,
        beside: Vec::new(),
    };
    Manifest {
        schema: Schema::new(manifest::SCHEMA, manifest::VERSION),
        run: "made-up".to_owned(),
        began: String::new(),
        command: Vec::new(),
        preset: String::new(),
        input: Vec::new(),
        machine: MachineFacts::default(),
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
        builds: [REFERENCE, VARIANT].map(build).into(),
        corpora: Vec::new(),
        scenarios: scenarios.iter().map(scenario).collect(),
        experiment: Experiment {
            reference: REFERENCE.to_owned(),
            control: CONTROL.to_owned(),
            variants: [REFERENCE, VARIANT].map(str::to_owned).into(),
            heaps: Vec::new(),
            disturbance: None,
            seed,
            instruments: vec![InstrumentPlan {
                instrument: Instrument::Clock,
                blocks: scenarios.iter().map(|scenario| scenario.blocks).max().unwrap_or(0),
                scenarios: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            }],
            planned_by: None,
            cold: false,
            fresh_copies: true,
            second_tries: 0,
            batches: 1,
            arrivals: 0,
            time_limit: 1,
            memory_limit: None,
            confidence: CONFIDENCE,
            margins: vec![Margin { metric: Metric::Time, relative: margin, absolute: 0.0 }],
            judgement: String::new(),
        },
        skipped: Vec::new(),
        failed: Vec::new(),
        broken: Vec::new(),
        warnings: Vec::new(),
        calibration: None,
    }
}
