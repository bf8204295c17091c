//! The visits: round after round, block after block, one process at a time.

use crate::callgrind::Callgrind;
use crate::copies::Copies;
use crate::corpora::Corpus;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::machine::{self, CpuTime};
use crate::page_cache;
use crate::process::{self, Conditions, variable};
use crate::progress::Progress;
use crate::run_folder::{RunFolder, SampleLog};
use crate::subject::{Subject, Task, Visit};
use harness::answer::Digest;
use harness::judge::ledger::Ledger;
use harness::judge::order::Seed;
use harness::judge::wire::manifest::{InstrumentPlan, Manifest, Scenario};
use harness::judge::wire::sample::{Disturbance, Failure, Instrument, Outcome, Sample};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The environment's size varies by up to this many bytes between visits that are timed: where the
/// stack begins moves timings (Mytkowicz et al., ASPLOS 2009).
const MOST_PADDING: usize = 4096;

/// Everything that visits need.
#[derive(Debug)]
pub struct Experiment<'a> {
    /// What is visited.
    pub manifest: &'a Manifest,
    /// The binaries of each arm.
    pub arms: &'a BTreeMap<String, Subject>,
    /// The corpora.
    pub corpora: &'a [Corpus],
    /// The CPU that subjects are pinned to.
    pub cpu: Option<usize>,
    /// What counts instructions, where that is planned.
    pub counter: Option<&'a Callgrind>,
    /// Where fresh copies are made of what is timed; without it the binaries themselves run.
    pub copies: Option<&'a Copies>,
    /// Was it asked to stop?
    pub interrupt: &'a Interrupt,
}

/// How the visits ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that was planned is done.
    Whole,
    /// It was asked to stop before.
    Interrupted,
}

/// One visit that is due.
struct Due<'a> {
    plan: &'a InstrumentPlan,
    scenario: &'a Scenario,
    block: u32,
    attempt: u32,
    position: u32,
    arm: &'a str,
}

impl<'a> Experiment<'a> {
    /// Makes every visit that `ledger` lacks, and appends each to `log` as it ends.
    pub fn run(&self, ledger: &mut Ledger<'a>, log: &mut SampleLog) -> Result<End> {
        let mut progress = Progress::begin("measuring", ledger.visits_left());
        let end = self.rounds(ledger, log, &mut progress);
        progress.end();
        end
    }

    /// All rounds, and then again those of their blocks that were disturbed, as often as the rule allows.
    fn rounds(&self, ledger: &mut Ledger<'a>, log: &mut SampleLog, progress: &mut Progress) -> Result<End> {
        loop {
            for plan in &self.manifest.experiment.instruments {
                for block in 0..plan.blocks {
                    for scenario in self.round(plan, block) {
                        if ledger.is_complete(plan.instrument, &scenario.name, block) {
                            continue;
                        }
                        // What failed in passing is tried again at once: what does so each time, as a time-out may, is known
                        // before the other blocks pay for it too.
                        loop {
                            if self.block(plan, scenario, block, ledger, log, progress)? == End::Interrupted {
                                return Ok(End::Interrupted);
                            }
                            if !ledger.broke_off(plan.instrument, &scenario.name, block) {
                                break;
                            }
                        }
                    }
                }
            }
            let again = ledger.visits_left();
            if again == 0 {
                return Ok(End::Whole);
            }
            progress.tell("other work disturbed some blocks; they are measured again as a whole");
            progress.more(again);
        }
    }

    /// The scenarios of a round, in an order of its own.
    fn round(&self, plan: &InstrumentPlan, block: u32) -> Vec<&'a Scenario> {
        let named = plan.scenarios.iter().filter_map(|name| self.manifest.scenario(name));
        let mut scenarios: Vec<&Scenario> = named.collect();
        self.seed(plan, "round", block, 0).shuffle(&mut scenarios);
        scenarios
    }

    fn block(
        &self,
        plan: &'a InstrumentPlan,
        scenario: &'a Scenario,
        block: u32,
        ledger: &mut Ledger<'a>,
        log: &mut SampleLog,
        progress: &mut Progress,
    ) -> Result<End> {
        let experiment = &self.manifest.experiment;
        let arms = experiment.arms(plan.instrument);
        let orders = experiment.orders(plan, &scenario.name);
        let attempt = ledger.next_attempt(plan.instrument, &scenario.name, block);
        let order = orders.get(block as usize).map(Vec::as_slice).unwrap_or_default();
        let mut made = 0;
        for (position, &arm) in order.iter().enumerate() {
            if self.interrupt.asked() {
                return Ok(End::Interrupted);
            }
            if ledger.why_invalid(plan.instrument, &scenario.name, arms[arm]).is_some() {
                continue;
            }
            let due = Due { plan, scenario, block, attempt, position: position as u32, arm: arms[arm] };
            progress.running(&format!("{} {} {}", plan.instrument, scenario.name, due.arm));
            let sample = self.visit(&due, self.copy(&due)?.as_ref());
            // Written before it counts: the file is the only truth.
            log.push(&sample)?;
            ledger.record(&sample);
            progress.step();
            made += 1;
            if let Some(why) = ledger.why_invalid(plan.instrument, &scenario.name, due.arm) {
                progress.tell(&format!("invalid: {} under {} {why}", scenario.name, due.arm));
            } else if let Outcome::Failed(failure) = &sample.outcome {
                progress.tell(&format!(
                    "{} of {} under {} {failure}; its block is measured again",
                    plan.instrument, scenario.name, due.arm
                ));
                progress.more(made);
                return Ok(End::Whole);
            }
        }
        Ok(End::Whole)
    }

    /// A visit as any other, whose sample is nobody's.
    pub fn trial(&self, plan: &'a InstrumentPlan, scenario: &'a Scenario, arm: &'a str) -> Sample {
        self.visit(&Due { plan, scenario, block: 0, attempt: 0, position: 0, arm }, self.arms.get(arm))
    }

    /// What a visit runs: where it is timed, a copy that nobody ran yet.
    fn copy(&self, due: &Due<'_>) -> Result<Option<Subject>> {
        let Some(subject) = self.arms.get(due.arm) else { return Ok(None) };
        match self.copies.filter(|_| due.plan.instrument.is_timed()) {
            Some(copies) => copies.fresh(due.arm, subject).map(Some),
            None => Ok(Some(subject.clone())),
        }
    }

    fn visit(&self, due: &Due<'_>, subject: Option<&Subject>) -> Sample {
        let corpus = self.corpora.iter().find(|corpus| corpus.name == due.scenario.corpus);
        let path = corpus.map_or_else(PathBuf::new, |corpus| corpus.path.clone());
        let every = self.manifest.build_of(due.arm).and_then(|build| build.twice_every);
        let task = Task { bytes: due.scenario.read_by(every), ..Task::new(&due.scenario.declared, &path) };
        let began = jiff::Timestamp::now();
        let conditions = self.conditions(due);
        let instrument = due.plan.instrument;
        // One that no CPU is set aside for runs on any that is allowed; what others do elsewhere is nothing to it.
        let cpus = conditions.cpu.map_or_else(machine::allowed_cpus, |cpu| vec![cpu]);
        let before = (CpuTime::read(&cpus), process::cpu_of_children());
        let not_started = |why: &str| Visit {
            outcome: Outcome::Failed(Failure::NotStarted { why: why.to_owned() }),
            took: Duration::ZERO,
        };
        let Visit { outcome, took } = match (subject, instrument, self.counter) {
            (None, ..) => not_started("it was not built"),
            (Some(_), Instrument::Count, None) => not_started("there is no counter of instructions any more"),
            (Some(subject), Instrument::Count, Some(counter)) => subject.count(task, counter, &conditions),
            (Some(subject), Instrument::Clock, _) if self.manifest.experiment.cold => {
                match page_cache::evict(&path) {
                    Ok(()) => subject.visit_cold(task, &conditions),
                    Err(why) => Visit {
                        outcome: Outcome::Failed(Failure::NotCold { why: why.to_string() }),
                        took: Duration::ZERO,
                    },
                }
            }
            (Some(subject), ..) => subject.visit(instrument, task, &self.extent(due), &conditions),
        };
        let after = (CpuTime::read(&cpus), process::cpu_of_children());
        Sample {
            instrument,
            scenario: due.scenario.name.clone(),
            variant: due.arm.to_owned(),
            block: due.block,
            attempt: due.attempt,
            position: due.position,
            began: began.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            visit_ns: took.as_nanos() as u64,
            disturbance: disturbance(before, after),
            outcome,
        }
    }

    /// How much a visit measures.
    fn extent(&self, due: &Due<'_>) -> Vec<(&'static str, u64)> {
        let experiment = &self.manifest.experiment;
        match due.plan.instrument {
            Instrument::Clock => {
                vec![("iterations", due.scenario.iterations), ("batches", experiment.batches.into())]
            }
            Instrument::Latency => {
                vec![("rate", due.scenario.arrivals_per_second), ("arrivals", experiment.arrivals)]
            }
            Instrument::Rss | Instrument::Heap | Instrument::Count => Vec::new(),
        }
    }

    /// The layout of the address space is random where it is timed, so that no layout is favoured, and
    /// fixed for memory, where it only adds spread.
    fn conditions(&self, due: &Due<'_>) -> Conditions {
        let instrument = due.plan.instrument;
        let own = self.manifest.build_of(due.arm).into_iter().flat_map(|build| &build.run_environment);
        let mut environment: Vec<_> = own.map(|(name, value)| variable(name, value)).collect();
        if instrument.is_timed() {
            let name = format!("{}/{}", due.scenario.name, due.arm);
            let padding = self.seed(due.plan, &name, due.block, due.attempt).below(MOST_PADDING);
            environment.push(variable("ASSAY_PADDING", "x".repeat(padding)));
        }
        Conditions {
            environment,
            cpu: if due.scenario.all_cpus { None } else { self.cpu },
            fixed_layout: !instrument.is_timed(),
            limit: Duration::from_secs(self.manifest.experiment.time_limit),
            memory_limit: self.manifest.experiment.memory_limit,
            ..Conditions::default()
        }
    }

    fn seed(&self, plan: &InstrumentPlan, what: &str, block: u32, attempt: u32) -> Seed {
        let digest = Digest::new()
            .number(self.manifest.experiment.seed)
            .text(plan.instrument.name())
            .text(what)
            .number(u64::from(block))
            .number(u64::from(attempt));
        Seed::new(digest.finish().low64())
    }
}

/// Makes the visits that are missing.
pub fn visits(
    interrupt: &Interrupt,
    folder: &RunFolder,
    manifest: &Manifest,
    arms: &BTreeMap<String, Subject>,
    corpora: &[Corpus],
) -> Result<End> {
    let (samples, mut log) = folder.append()?;
    let mut ledger = Ledger::of(manifest, &samples);
    let counter = counter(manifest, arms)?;
    let cpu = machine::cpu_for_subjects();
    let copies = Copies::new(folder.path());
    let copies = manifest.experiment.fresh_copies.then_some(&copies);
    let experiment =
        Experiment { manifest, arms, corpora, cpu, counter: counter.as_ref(), copies, interrupt };
    experiment.run(&mut ledger, &mut log)
}

/// What counts instructions, where that is planned.
pub fn counter(manifest: &Manifest, arms: &BTreeMap<String, Subject>) -> Result<Option<Callgrind>> {
    let counts = manifest.experiment.instruments.iter().any(|plan| plan.instrument == Instrument::Count);
    match arms.get(&manifest.experiment.reference).filter(|_| counts) {
        Some(reference) => {
            Ok(Some(Callgrind::find(reference).map_err(|missing| Error::Failed(missing.to_string()))?))
        }
        None => Ok(None),
    }
}

/// What was taken between two looks at the CPUs and at the CPU time of children: where they are several, of each on average,
/// since the rule compares it with the time that went by.
fn disturbance(before: (Option<CpuTime>, u64), after: (Option<CpuTime>, u64)) -> Option<Disturbance> {
    let (from, to) = before.0.zip(after.0)?;
    let own = after.1.saturating_sub(before.1);
    Some(Disturbance {
        steal_ns: to.steal_ns.saturating_sub(from.steal_ns) / to.cpus,
        others_ns: to.busy_ns.saturating_sub(from.busy_ns).saturating_sub(own) / to.cpus,
    })
}
