//! A run's manifest, drawn up before its first visit.

use crate::building;
use crate::config::{self, CONTROL, Preset, is_heap};
use crate::corpora::Corpus;
use crate::counting::Counted;
use crate::machine;
use crate::set_up::SetUp;
use harness::judge::label;
use harness::judge::wire::Schema;
use harness::judge::wire::calibration::Cited;
use harness::judge::wire::manifest::{self, DisturbanceRule, InstrumentPlan, Manifest, Margin};
use harness::judge::wire::results::{Figures, Metric};
use harness::judge::wire::sample::Instrument;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Nominal coverage of the intervals.
const CONFIDENCE: f64 = Figures::COVERAGE;

/// The kernel counts CPU time in ticks: less than this in a block may be nothing.
const LEAST_DISTURBANCE: Duration = Duration::from_millis(50);

/// Visits of `count` in each cell: two show whether they agree.
const COUNT_VISITS: u32 = 2;

/// A visit that was killed or not started may be no fault of what is measured; one that is twice in a block is.
const SECOND_TRIES: u32 = 1;

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Its name.
    pub run: &'a str,
    /// When it began, RFC 3339 in UTC.
    pub began: &'a str,
    /// The preset's name, and the preset.
    pub preset: (&'a str, &'a Preset),
    /// The user's own input.
    pub input: &'a [PathBuf],
    /// What built it.
    pub set_up: &'a SetUp<'a>,
    /// Its builds; the first is the reference.
    pub builds: &'a [manifest::Build],
    /// Its corpora.
    pub corpora: &'a [Corpus],
    /// Blocks of the clock, instead of the preset's.
    pub blocks: Option<u32>,
    /// What is counted, on corpora of its own.
    pub counted: &'a Counted,
    /// What is known of this machine.
    pub calibration: Option<Cited>,
    /// Seed of the orders of visits.
    pub seed: u64,
}

impl Draft<'_> {
    /// The manifest of a run of these scenarios, of which nothing is skipped, failed or broken.
    pub fn manifest(&self, mut scenarios: Vec<manifest::Scenario>) -> Manifest {
        let experiment = self.experiment(&scenarios);
        scenarios.extend(self.counted.scenarios.iter().cloned());
        let machine = machine::facts();
        let mut warnings = machine::warnings(&machine);
        let scrubbed = building::scrubbed();
        if !scrubbed.is_empty() {
            warnings
                .push(format!("these variables of yours were kept from the builds: {}", scrubbed.join(" ")));
        }
        let command = ["cargo", "xtask"].map(String::from).into_iter().chain(std::env::args().skip(1));
        Manifest {
            schema: Schema::new(manifest::SCHEMA, manifest::VERSION),
            run: self.run.to_owned(),
            began: self.began.to_owned(),
            command: command.collect(),
            preset: self.preset.0.to_owned(),
            input: self.input.iter().map(|input| input.display().to_string()).collect(),
            machine,
            toolchain: self.set_up.toolchain.facts(),
            source: source(&self.set_up.project.root),
            builds: self.builds.to_vec(),
            corpora: self.corpora.iter().chain(&self.counted.corpora).map(recorded).collect(),
            experiment,
            scenarios,
            skipped: Vec::new(),
            failed: Vec::new(),
            broken: Vec::new(),
            warnings,
            calibration: self.calibration.clone(),
        }
    }

    fn experiment(&self, scenarios: &[manifest::Scenario]) -> manifest::Experiment {
        let (_, preset) = self.preset;
        let all: Vec<String> = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        // Of a command that has ended nobody can read the split of its pages, and its heap is in another build.
        let in_process = scenarios.iter().filter(|scenario| !scenario.whole_command);
        let in_process: Vec<String> = in_process.map(|scenario| scenario.name.clone()).collect();
        let plan = |instrument, blocks, scenarios: &[String]| InstrumentPlan {
            instrument,
            blocks,
            scenarios: scenarios.to_vec(),
        };
        let (heaps, measured): (Vec<_>, Vec<_>) =
            self.builds.iter().partition(|build| is_heap(&build.variant));
        let heaps: Vec<String> = heaps.into_iter().map(|build| build.variant.clone()).collect();
        let mut instruments = vec![plan(Instrument::Clock, self.blocks.unwrap_or(preset.clock_blocks), &all)];
        let arriving = scenarios.iter().filter(|scenario| scenario.arrivals_per_second > 0);
        let arriving: Vec<String> = arriving.map(|scenario| scenario.name.clone()).collect();
        if preset.reads_latency() && !arriving.is_empty() {
            instruments.push(plan(Instrument::Latency, preset.latency_blocks, &arriving));
        }
        if !in_process.is_empty() {
            instruments.push(plan(Instrument::Rss, preset.rss_blocks, &in_process));
            if !heaps.is_empty() {
                instruments.push(plan(Instrument::Heap, preset.heap_visits, &in_process));
            }
        }
        if !self.counted.scenarios.is_empty() {
            let counted: Vec<String> = self.counted.scenarios.iter().map(|one| one.name.clone()).collect();
            instruments.push(plan(Instrument::Count, COUNT_VISITS, &counted));
        }
        let config::Config { margins, disturbed, .. } = &self.set_up.project.config;
        let memory =
            |metric| Margin { metric, relative: margins.memory, absolute: margins.memory_bytes as f64 };
        let measured = measured.into_iter().filter(|build| build.identical_to.is_none());
        let planned_by = match self.blocks {
            Some(blocks) => format!("--blocks: {blocks} blocks"),
            None => format!("{} blocks of the preset", preset.clock_blocks),
        };
        manifest::Experiment {
            reference: self.builds.first().map(|build| build.variant.clone()).unwrap_or_default(),
            control: CONTROL.to_owned(),
            variants: measured.map(|build| build.variant.clone()).collect(),
            heaps,
            seed: self.seed,
            instruments,
            disturbance: Some(DisturbanceRule {
                steal: disturbed.steal,
                others: disturbed.others,
                least_ns: LEAST_DISTURBANCE.as_nanos() as u64,
                replacements: disturbed.replacements,
            }),
            planned_by: Some(planned_by),
            cold: false,
            fresh_copies: true,
            second_tries: SECOND_TRIES,
            batches: preset.batches,
            arrivals: preset.arrivals,
            time_limit: preset.time_limit,
            memory_limit: machine::memory_limit(preset),
            confidence: CONFIDENCE,
            margins: vec![
                Margin { metric: Metric::Time, relative: margins.time, absolute: 0.0 },
                Margin { metric: Metric::Latency, relative: margins.latency, absolute: 0.0 },
                memory(Metric::Rss),
                memory(Metric::Anon),
            ],
            judgement: format!(
                "per metric: exact two-sided sign test on log-ratios paired by block; Benjamini-Hochberg at {} over all \
                 comparisons of the metric in this run; the controls are a family of their own",
                label::Q
            ),
        }
    }
}

fn recorded(corpus: &Corpus) -> manifest::Corpus {
    manifest::Corpus {
        name: corpus.name.clone(),
        sha256: corpus.sha256.clone(),
        bytes: corpus.bytes,
        file: corpus.path.clone(),
        command: corpus.command.clone(),
    }
}

/// Where the source below `root` stands.
pub fn source(root: &Path) -> manifest::Source {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(root).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    manifest::Source {
        revision: git(&["rev-parse", "HEAD"]),
        dirty: git(&["status", "--porcelain"]).is_some_and(|status| !status.is_empty()),
    }
}
