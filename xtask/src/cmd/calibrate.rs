//! `cargo xtask calibrate`: what the labels are worth on this machine.
//!
//! A trial is a run like any other, whose arms are all the reference's binary: some read the corpus, others read on in the
//! same file, where some of its lines stand once more, so that they really do so much more. It has to be the same file:
//! where in memory a file lies moves the time of reading it by more than what is to be found. What is told apart among the
//! first is a false alarm; what is told apart of the others was found.

use super::{Project, report};
use crate::cli;
use crate::config::{CONTROL, Preset};
use crate::corpora::{self, Corpus, Longer, Store};
use crate::counting::Counted;
use crate::draft::Draft;
use crate::error::{Doing, Error, Result, failed};
use crate::experiment::{End, visits};
use crate::lock::MachineLock;
use crate::run_folder::RunFolder;
use crate::scenarios::{Asking, check_asked};
use crate::set_up::{self, SetUp, Variant};
use crate::subject::{Subject, Task};
use crate::toolchain::Toolchain;
use crate::{calibration, callgrind::Callgrind, glob, plan};
use harness::judge::calibrate::{self, Trial};
use harness::judge::evaluate::evaluate;
use harness::judge::protocol::{Described, Expected};
use harness::judge::wire::Schema;
use harness::judge::wire::calibration::{Calibration, SCHEMA, Share, VERSION};
use harness::judge::wire::manifest::{self, InstrumentPlan, Manifest, Twice};
use harness::judge::wire::results::Metric;
use harness::judge::wire::sample::Instrument;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// The slow-downs: one of so many lines is processed twice. 1, 2, 5 and 10 %.
const EVERY: [u32; 4] = [100, 50, 20, 10];
/// Arms of each slow-down in a trial.
const SLOWED: u32 = 2;
/// The numbers of blocks that are asked about, besides all that were measured.
const BLOCKS: [u32; 2] = [12, 20];

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Calibrate) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let preset = project.config.preset(&flags.preset)?;
    let mut chosen = plan::choose(&project.config, preset, &[])?;
    chosen.variants.truncate(1);
    let toolchains = Toolchain::all(&project.sysroots())?;
    let toolchain = Toolchain::choose(toolchains, flags.toolchain.as_deref(), &chosen.variants)?;
    let _lock = MachineLock::take(&project.runs())?;
    let set_up = SetUp::begin(&project, toolchain)?;
    let (name, axes) = chosen.variants.remove(0);
    if axes.trains() {
        return Err(Error::Usage(format!(
            "the reference {name} is trained: calibrate with a preset whose first variant is not"
        )));
    }
    let began = jiff::Timestamp::now();
    let calibrating = Calibrating {
        reference: set_up.build(&plan::build_of(&name, &axes, false), None)?,
        name: flags.name.clone().unwrap_or_else(|| began.strftime("calibrate-%Y-%m-%dT%H-%M-%S").to_string()),
        began: began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        set_up: &set_up,
        preset,
        flags,
    };
    let calibration = calibrating.calibrate()?;
    let folder = calibration::folder(&project, &calibration.name);
    reports::calibration::write(&calibration, &folder)
        .doing(|| format!("writing the report into {}", folder.display()))?;
    let kept = calibration::keep(&project, &calibration)?;
    report::print(&format!(
        "{}\nreport: {}\nlater runs on this machine cite it: {}\n",
        reports::calibration::terminal(&calibration),
        folder.join("calibration.md").display(),
        kept.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

struct Calibrating<'a> {
    reference: Variant,
    name: String,
    began: String,
    set_up: &'a SetUp<'a>,
    preset: &'a Preset,
    flags: &'a cli::Calibrate,
}

impl Calibrating<'_> {
    fn calibrate(&self) -> Result<Calibration> {
        let declared = self.declared()?;
        let mut corpora = self.corpora(&declared)?;
        let asking = Asking { preset: self.preset, own: false };
        let subject = &self.reference.subject;
        let mut scenarios = asking.scenarios(subject, &declared, &corpora, &mut Vec::new())?;
        let measured: Vec<Longer> =
            corpora.iter().map(|corpus| corpora::longer(corpus, &EVERY)).collect::<Result<_>>()?;
        for scenario in &mut scenarios {
            let longer = measured.iter().find(|longer| longer.corpus.name == scenario.corpus);
            let Some(Longer { corpus, bytes }) = longer else {
                return failed(format!("there is no corpus {}", scenario.corpus));
            };
            for (&every, &bytes) in bytes {
                let task = Task { bytes: Some(bytes), ..Task::new(&scenario.declared, &corpus.path) };
                // Without a truth the subject's plain reader tells the answers.
                let Expected { answers, .. } = subject.expect(task, None, &asking.conditions())?;
                scenario.twice.insert(every, Twice { bytes, answers });
            }
        }
        corpora = measured.into_iter().map(|longer| longer.corpus).collect();
        let (shares, uncounted) = match Callgrind::find(subject) {
            Ok(_) => (self.shares(&scenarios, &corpora)?, None),
            Err(missing) => (Vec::new(), Some(missing.to_string())),
        };
        let mut trials = Vec::new();
        for number in 1..=self.flags.trials {
            let run = format!("{}-{number}", self.name);
            eprintln!("trial {number} of {}", self.flags.trials);
            let manifest = self.trial(&run, &scenarios, &corpora, self.flags.seed + u64::from(number) - 1);
            trials.push(self.measured(&run, manifest, &corpora)?);
        }
        self.judge(&trials, shares, uncounted)
    }

    /// The scenarios that more lines make slower. Those of a whole command are left out, and those of one record at a time:
    /// their corpus may be longer, and one record takes as long as before.
    fn declared(&self) -> Result<Vec<Described>> {
        let asked =
            if self.flags.scenarios.is_empty() { &self.preset.scenarios } else { &self.flags.scenarios };
        let all = set_up::describe(&self.reference.subject)?.scenarios;
        let is_slowed = |one: &Described| !one.whole_command && one.arrivals_per_second == 0;
        let known: Vec<&str> = all.iter().filter(|one| is_slowed(one)).map(|one| one.name.as_str()).collect();
        // A preset may well have others, which are left out.
        check_asked(&self.flags.scenarios, &known)?;
        let is_asked = |one: &Described| asked.iter().any(|pattern| glob::matches(pattern, &one.name));
        let chosen: Vec<Described> =
            all.iter().filter(|one| is_asked(one) && is_slowed(one)).cloned().collect();
        if chosen.is_empty() {
            return failed(format!(
                "none of {} is made slower by more lines, so there is nothing to calibrate on; choose others with \
                 --scenarios: {}",
                asked.join(", "),
                known.join(", ")
            ));
        }
        Ok(chosen)
    }

    fn corpora(&self, declared: &[Described]) -> Result<Vec<Corpus>> {
        let project = self.set_up.project;
        let folder = project.corpora();
        let store = Store { root: &project.root, folder: &folder, toolchain: &self.set_up.toolchain };
        let wanted =
            project.config.corpora.iter().filter(|c| declared.iter().any(|one| one.corpus == c.name));
        wanted.map(|corpus| store.corpus(corpus, corpus.seed, self.preset.records_of(corpus))).collect()
    }

    /// The reference again, as another arm.
    fn arm(&self, name: String, every: Option<u32>) -> manifest::Build {
        let about = every.map_or_else(
            || "the reference again".to_owned(),
            |every| format!("the reference, which reads every {every}th line twice"),
        );
        manifest::Build { variant: name, about, twice_every: every, ..self.reference.record.clone() }
    }

    fn draft(
        &self,
        run: &str,
        builds: &[manifest::Build],
        scenarios: &[manifest::Scenario],
        corpora: &[Corpus],
        seed: u64,
    ) -> Manifest {
        let draft = Draft {
            run,
            began: &self.began,
            preset: (&self.flags.preset, self.preset),
            input: &[],
            set_up: self.set_up,
            builds,
            corpora,
            blocks: Some(self.flags.blocks),
            counted: &Counted::default(),
            calibration: None,
            seed,
        };
        draft.manifest(scenarios.to_vec())
    }

    /// A trial: arms that are alike, and arms of each slow-down.
    fn trial(&self, run: &str, scenarios: &[manifest::Scenario], corpora: &[Corpus], seed: u64) -> Manifest {
        let alike = (1..=self.flags.alike).map(|n| self.arm(format!("alike-{n}"), None));
        let slowed = EVERY.iter().flat_map(|&every| {
            (1..=SLOWED)
                .map(move |n| (format!("slower-{:.0}%-{n}", calibrate::slowdown(every) * 100.0), every))
        });
        let slowed = slowed.map(|(name, every)| self.arm(name, Some(every)));
        let builds: Vec<_> =
            std::iter::once(self.reference.record.clone()).chain(alike).chain(slowed).collect();
        let mut manifest = self.draft(run, &builds, scenarios, corpora, seed);
        manifest.experiment.instruments.retain(|plan| plan.instrument == Instrument::Clock);
        manifest
    }

    /// What the slow-downs really are, by instructions on the very corpora that are timed.
    fn shares(&self, scenarios: &[manifest::Scenario], corpora: &[Corpus]) -> Result<Vec<Share>> {
        let run = format!("{}-shares", self.name);
        let slowed = EVERY.map(|every| self.arm(format!("every-{every}"), Some(every)));
        let builds: Vec<_> = std::iter::once(self.reference.record.clone()).chain(slowed).collect();
        let mut manifest = self.draft(&run, &builds, scenarios, corpora, self.flags.seed);
        let counted = scenarios.iter().filter(|one| !one.all_cpus).map(|one| one.name.clone()).collect();
        manifest.experiment.instruments =
            vec![InstrumentPlan { instrument: Instrument::Count, blocks: 1, scenarios: counted }];
        eprintln!("counting what each slow-down adds");
        let Trial { manifest, samples } = self.measured(&run, manifest, corpora)?;
        let facts = evaluate(&manifest, &samples).instructions;
        let of = |scenario: &str, variant: &str| {
            facts
                .iter()
                .find(|one| one.scenario == scenario && one.variant == variant)
                .map(|one| one.instructions)
        };
        let share = |scenario: &manifest::Scenario, every: u32| {
            let reference = of(&scenario.name, &manifest.experiment.reference)?;
            let slowed = of(&scenario.name, &format!("every-{every}"))?;
            Some(Share {
                scenario: scenario.name.clone(),
                meant: calibrate::slowdown(every),
                instructions: slowed / reference - 1.0,
            })
        };
        Ok(scenarios.iter().flat_map(|one| EVERY.map(|every| share(one, every))).flatten().collect())
    }

    /// Makes a run, or what it lacks where it was begun before.
    fn measured(&self, run: &str, planned: Manifest, corpora: &[Corpus]) -> Result<Trial> {
        let runs = self.set_up.project.runs();
        let (folder, manifest) = if runs.join(run).join("manifest.json").is_file() {
            let folder = RunFolder::open(&runs, run)?;
            let begun = folder.manifest()?;
            let of = |run: &Manifest| (run.builds.clone(), run.corpora.clone(), run.experiment.clone());
            if of(&begun) != of(&planned) {
                return failed(format!(
                    "the run {run} was begun with another binary, other corpora or other flags: choose another --name"
                ));
            }
            (folder, begun)
        } else {
            let folder = RunFolder::create(&runs, run)?;
            folder.write_manifest(&planned)?;
            (folder, planned)
        };
        if visits(&self.set_up.interrupt, &folder, &manifest, &self.arms(&manifest)?, corpora)?
            == End::Interrupted
        {
            return failed(format!(
                "interrupted; `cargo xtask calibrate --name {}` with the same flags takes it up",
                self.name
            ));
        }
        let samples = folder.samples()?;
        Ok(Trial { manifest, samples })
    }

    /// The binaries: each arm has a file of its own, as the control has.
    fn arms(&self, manifest: &Manifest) -> Result<BTreeMap<String, Subject>> {
        let workshop = self.set_up.workshop();
        let mut arms = BTreeMap::from([(CONTROL.to_owned(), self.set_up.control(&self.reference)?)]);
        for (number, build) in manifest.builds.iter().enumerate() {
            let subject = if build.variant == manifest.experiment.reference {
                self.reference.subject.clone()
            } else {
                let (binary, _) =
                    workshop.keep(&self.reference.subject.binary, &format!("alike{number:02}"), 0.0)?;
                Subject { binary, command: None }
            };
            arms.insert(build.variant.clone(), subject);
        }
        Ok(arms)
    }

    fn judge(&self, trials: &[Trial], shares: Vec<Share>, uncounted: Option<String>) -> Result<Calibration> {
        let Some(first) = trials.first() else { return failed("there is no trial") };
        let Manifest { machine, source, toolchain, experiment, command, began, .. } = first.manifest.clone();
        let margin = experiment.margins.iter().find(|margin| margin.metric == Metric::Time);
        let blocks =
            BLOCKS.into_iter().filter(|&blocks| blocks < self.flags.blocks).chain([self.flags.blocks]);
        let (disturbed, all) =
            trials.iter().map(Trial::disturbed).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Ok(Calibration {
            schema: Schema::new(SCHEMA, VERSION),
            name: self.name.clone(),
            began,
            command,
            machine,
            compiler: format!("{}, LLVM {}", toolchain.rustc, toolchain.llvm),
            revision: source.revision,
            dirty: source.dirty,
            variant: self.reference.record.about.clone(),
            margin: margin.map_or(0.0, |margin| margin.relative),
            runs: trials.iter().map(|trial| trial.manifest.run.clone()).collect(),
            scenarios: first.manifest.scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            shares,
            uncounted,
            at: blocks.map(|blocks| calibrate::at_blocks(trials, blocks)).collect(),
            disturbed: (disturbed, all),
        })
    }
}
