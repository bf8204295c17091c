//! `cargo xtask bench`: plan, build, visit, judge, report.

use super::{Project, report, setup};
use crate::axes::TrainedOn;
use crate::callgrind::Callgrind;
use crate::cli;
use crate::config::{CONTROL, Preset, is_heap};
use crate::corpora::{self, Corpus, Store};
use crate::counting::{self, Counted};
use crate::criterion::Wanted;
use crate::draft::Draft;
use crate::error::{Error, Result, failed};
use crate::experiment::{End, Experiment};
use crate::interrupt::Interrupt;
use crate::plan::{self, Build, Plan};
use crate::process::Conditions;
use crate::progress::Progress;
use crate::run_folder::{MachineLock, RunFolder};
use crate::scenarios::Asking;
use crate::set_up::{self, SetUp, Variant};
use crate::subject::Subject;
use crate::toolchain::{Missing, Toolchain};
use crate::training::Training;
use crate::verification::{self, Verification};
use crate::{building, calibration, criterion, glob, hash, machine};
use harness::judge::ledger::Ledger;
use harness::judge::protocol::Described;
use harness::judge::wire::manifest::{self, BrokenCell, Manifest};
use harness::judge::wire::results::Skip;
use harness::judge::wire::sample::Instrument;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Bench) -> Result<ExitCode> {
    let project = Project::open(config)?;
    if let Some(name) = &flags.resume {
        return resume(&project, name);
    }
    let preset = project.config.preset(&flags.preset)?;
    for input in &flags.input {
        check_input(input)?;
    }
    let chosen = plan::choose(&project.config, preset, &flags.variants)?;
    let toolchains = Toolchain::all(&project.sysroots())?;
    let mut toolchain = Toolchain::choose(toolchains, flags.toolchain.as_deref(), &chosen.variants)?;
    if flags.setup {
        setup::for_variants(&project, &toolchain, &chosen.variants)?;
        toolchain = Toolchain::choose(
            Toolchain::all(&project.sysroots())?,
            flags.toolchain.as_deref(),
            &chosen.variants,
        )?;
    }
    let set_up = SetUp::begin(&project, toolchain)?;
    let plan = plan::plan(&project.config, chosen, &set_up.toolchain)?;
    if flags.dry_run {
        report::print(&super::plan::text(
            &set_up,
            preset,
            &flags.scenarios,
            flags.blocks,
            &flags.input,
            &plan,
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = MachineLock::take(&project.runs())?;
    let began = jiff::Timestamp::now();
    let name = flags.name.clone().unwrap_or_else(|| {
        format!(
            "{}-{}",
            began.strftime("%Y-%m-%dT%H-%M-%S"),
            if flags.input.is_empty() { &flags.preset } else { "input" }
        )
    });
    let folder = RunFolder::create(&project.runs(), &name)?;
    let preparing = Preparing { set_up: &set_up, preset, flags, plan: &plan };
    let prepared = preparing.prepare(&name, &began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let Prepared { mut manifest, arms, corpora, flags: rustc_flags } = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            // A folder without a manifest is no run.
            let _ = std::fs::remove_dir(folder.path());
            return Err(error);
        }
    };
    if flags.criterion {
        let skipped = plan.variants.iter().filter_map(|build| Some((build, criterion::why_not(build)?)));
        manifest.skipped.extend(skipped.map(|(build, reason)| Skip {
            what: format!("criterion under {}", build.name),
            reason: reason.to_owned(),
            remedy: None,
        }));
    }
    folder.write_manifest(&manifest)?;
    for skip in manifest.failed.iter().chain(&manifest.skipped) {
        let remedy = skip.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        eprintln!("skipped: {}: {}{remedy}", skip.what, skip.reason);
    }
    let ended = visits(&set_up.interrupt, &folder, &manifest, &arms, &corpora)?;
    if flags.criterion && ended == End::Whole {
        let able: Vec<&Build> =
            plan.variants.iter().filter(|build| criterion::why_not(build).is_none()).collect();
        let in_process = manifest.scenarios.iter().filter(|scenario| !scenario.whole_command);
        let scenarios = in_process.map(|scenario| scenario.declared.as_str()).collect();
        let wanted = Wanted { scenarios, folder: &folder };
        let mut progress = Progress::begin("criterion", able.len());
        for build in able {
            progress.running(&build.name);
            let own = rustc_flags.get(&build.name).map(Vec::as_slice).unwrap_or_default();
            criterion::run(&set_up.workshop(), build, &project.config.subject.package, own, &wanted)?;
            progress.step();
        }
        progress.end();
    }
    conclude(&folder, &manifest, ended)
}

fn check_input(input: &Path) -> Result<()> {
    let usage = |why: String| Err(Error::Usage(format!("the input {}: {why}", input.display())));
    match std::fs::metadata(input) {
        Err(error) => usage(error.to_string()),
        Ok(facts) if facts.is_dir() => usage("it is a folder; name the files in it".to_owned()),
        Ok(facts) if !facts.is_file() => usage("it is no regular file, and it is read many times".to_owned()),
        Ok(facts) if facts.len() == 0 => usage("it is empty: there is nothing to measure on".to_owned()),
        Ok(_) => std::fs::File::open(input).map(drop).or_else(|error| usage(error.to_string())),
    }
}

/// Everything that has to be known before the manifest can be written.
struct Preparing<'a> {
    set_up: &'a SetUp<'a>,
    preset: &'a Preset,
    flags: &'a cli::Bench,
    plan: &'a Plan,
}

struct Prepared {
    manifest: Manifest,
    arms: BTreeMap<String, Subject>,
    corpora: Vec<Corpus>,
    flags: BTreeMap<String, Vec<String>>,
}

/// What the builds gave.
#[derive(Default)]
struct Builds {
    arms: BTreeMap<String, Subject>,
    records: Vec<manifest::Build>,
    failed: Vec<Skip>,
    broken: Vec<BrokenCell>,
    /// What rustc was told besides the axes, by variant.
    flags: BTreeMap<String, Vec<String>>,
}

impl Preparing<'_> {
    fn prepare(&self, run: &str, began: &str) -> Result<Prepared> {
        let (first, others) =
            self.plan.variants.split_first().ok_or_else(|| Error::Usage("no variant".to_owned()))?;
        let builds = self.plan.builds().count();
        let mut progress = Progress::begin("building", builds);
        progress.running(&first.name);
        let reference = self.build(first)?;
        progress.step();
        let declared = self.chosen(set_up::describe(&reference.subject)?.scenarios)?;
        let corpora = self.corpora(&declared)?;
        let mut skipped = self.plan.skipped.clone();
        let asking = Asking { preset: self.preset, own: !self.flags.input.is_empty() };
        let scenarios = asking.scenarios(&reference.subject, &declared, &corpora, &mut skipped)?;
        let verification = self.verification(&reference.subject, &declared)?;
        let mut builds = Builds::default();
        builds.arms.insert(CONTROL.to_owned(), self.set_up.control(&reference)?);
        builds.verify(&verification, &reference, &scenarios, &progress)?;
        builds.take(reference);
        for build in others.iter().chain(&self.plan.heaps) {
            progress.running(&build.name);
            match self.build(build) {
                Ok(variant) => {
                    builds.verify(&verification, &variant, &scenarios, &progress)?;
                    builds.take(variant);
                }
                Err(error) if self.set_up.interrupt.asked() => return Err(error),
                Err(error) => {
                    progress.tell(&format!("{} was not built: {error}", build.name));
                    builds.failed.push(Skip {
                        what: format!("variant {}", build.name),
                        reason: error.to_string(),
                        remedy: None,
                    });
                }
            }
            progress.step();
        }
        progress.end();
        let counted = self.counted(&builds, &declared, &mut skipped)?;
        let draft = Draft {
            run,
            began,
            preset: (&self.flags.preset, self.preset),
            input: &self.flags.input,
            set_up: self.set_up,
            builds: &builds.records,
            corpora: &corpora,
            blocks: self.flags.blocks,
            counted: &counted,
            calibration: calibration::cited(
                self.set_up.project,
                &machine::facts(),
                self.flags.blocks.unwrap_or(self.preset.clock_blocks),
            )?,
            seed: self.flags.seed,
        };
        let manifest =
            Manifest { skipped, failed: builds.failed, broken: builds.broken, ..draft.manifest(scenarios) };
        let corpora = corpora.into_iter().chain(counted.corpora).collect();
        Ok(Prepared { manifest, arms: builds.arms, corpora, flags: builds.flags })
    }

    fn verification(&self, reference: &Subject, declared: &[Described]) -> Result<Verification> {
        let small = self.small_corpora(verification::RECORDS)?;
        let conditions = Conditions {
            limit: Duration::from_secs(self.preset.time_limit),
            memory_limit: machine::memory_limit(self.preset),
            ..Conditions::default()
        };
        let remembered = self.set_up.project.variants().join("verified");
        Verification::prepare(reference, declared, &small, conditions, remembered)
    }

    fn small_corpora(&self, records: u64) -> Result<Vec<Corpus>> {
        let project = self.set_up.project;
        let folder = project.corpora();
        let all = project.config.corpora.iter();
        all.map(|corpus| self.store(&folder).corpus(corpus, corpus.seed, records)).collect()
    }

    /// What is counted, if that is asked for; where it can't be done, that is told.
    fn counted(&self, builds: &Builds, declared: &[Described], skipped: &mut Vec<Skip>) -> Result<Counted> {
        let Some(reference) = builds.arms.get(CONTROL).filter(|_| self.preset.count) else {
            return Ok(Counted::default());
        };
        if let Err(Missing { reason, remedy }) = Callgrind::find(reference) {
            skipped.push(Skip { what: "instrument count".to_owned(), reason, remedy });
            return Ok(Counted::default());
        }
        let small = self.small_corpora(counting::RECORDS)?;
        counting::planned(reference, declared, &small, Duration::from_secs(self.preset.time_limit))
    }

    /// The scenarios that names and globs choose, in the order of their declaration.
    fn chosen(&self, declared: Vec<Described>) -> Result<Vec<Described>> {
        let asked =
            if self.flags.scenarios.is_empty() { &self.preset.scenarios } else { &self.flags.scenarios };
        for pattern in asked {
            if !declared.iter().any(|scenario| glob::matches(pattern, &scenario.name)) {
                let known: Vec<&str> = declared.iter().map(|scenario| scenario.name.as_str()).collect();
                return Err(Error::unknown("scenario", pattern, &known));
            }
        }
        let is_asked = |s: &Described| asked.iter().any(|pattern| glob::matches(pattern, &s.name));
        Ok(declared.into_iter().filter(is_asked).collect())
    }

    fn store<'s>(&'s self, folder: &'s Path) -> Store<'s> {
        Store { root: &self.set_up.project.root, folder, toolchain: &self.set_up.toolchain }
    }

    fn corpora(&self, scenarios: &[Described]) -> Result<Vec<Corpus>> {
        if !self.flags.input.is_empty() {
            let mut corpora: Vec<Corpus> = Vec::new();
            for input in &self.flags.input {
                let mut corpus = corpora::of_input(input)?;
                let alike = corpora.iter().filter(|other| other.name == corpus.name).count();
                if alike > 0 {
                    corpus.name = format!("{}~{}", corpus.name, alike + 1);
                }
                corpora.push(corpus);
            }
            return Ok(corpora);
        }
        let folder = self.set_up.project.corpora();
        let wanted = |name: &str| scenarios.iter().any(|scenario| scenario.corpus == name);
        let config = &self.set_up.project.config;
        if let Some(unknown) = scenarios.iter().find(|s| !config.corpora.iter().any(|c| c.name == s.corpus)) {
            return failed(format!(
                "scenario {} wants the corpus {:?}, which bench.toml does not describe",
                unknown.name, unknown.corpus
            ));
        }
        let wanted = config.corpora.iter().filter(|corpus| wanted(&corpus.name));
        wanted
            .map(|corpus| self.store(&folder).corpus(corpus, corpus.seed, self.preset.records[&corpus.name]))
            .collect()
    }

    /// Builds a variant, with what it is trained on.
    fn build(&self, build: &Build) -> Result<Variant> {
        if !build.axes.trains() {
            return self.set_up.build(build, None);
        }
        let on = build.axes.training;
        if on == TrainedOn::Measured && !self.flags.input.is_empty() {
            return failed(
                "it would be trained on the files that are measured, which are not made by bench.toml",
            );
        }
        let corpora = super::build::training_corpora(self.set_up, self.preset, on)?;
        let limit = Duration::from_secs(self.preset.time_limit * 10);
        let commands = &self.set_up.project.config.training.commands;
        self.set_up.build(build, Some(&Training { corpora: &corpora, commands, limit }))
    }
}

impl Builds {
    /// Asks a variant for every answer on the small corpora; what it gets wrong is told.
    fn verify(
        &mut self,
        verification: &Verification,
        variant: &Variant,
        scenarios: &[manifest::Scenario],
        progress: &Progress,
    ) -> Result<()> {
        let record = &variant.record;
        let binaries = [Some(&record.binary), record.command.as_ref()];
        let hashes: Vec<&str> = binaries.into_iter().flatten().map(|facts| facts.sha256.as_str()).collect();
        for cell in verification.broken(&record.variant, &variant.subject, &hashes)? {
            progress.tell(&format!("broken: {} under {} {}", cell.scenario, cell.variant, cell.reason));
            // On files of the user's own a scenario has a name for each file.
            let named = scenarios.iter().filter(|scenario| scenario.declared == cell.scenario);
            self.broken
                .extend(named.map(|scenario| BrokenCell { scenario: scenario.name.clone(), ..cell.clone() }));
        }
        Ok(())
    }

    /// Takes a variant in; one with the very binaries of another is told and not measured again.
    fn take(&mut self, mut variant: Variant) {
        let record = &mut variant.record;
        self.flags.insert(record.variant.clone(), variant.flags);
        let same = self.records.iter().find(|other| {
            let hash = |build: &manifest::Build| build.command.as_ref().map(|command| command.sha256.clone());
            !is_heap(&other.variant)
                && other.binary.sha256 == record.binary.sha256
                && hash(other) == hash(record)
                && other.run_environment == record.run_environment
        });
        record.identical_to = same.map(|other| other.variant.clone());
        let optimised = |axes: &BTreeMap<String, String>| axes.get("pgo").map(String::as_str) == Some("yes");
        if let Some(same) = same
            && optimised(&record.axes) != optimised(&same.axes)
        {
            self.failed.push(Skip {
                what: format!("variant {}", record.variant),
                reason: format!("its profile changed nothing: the binary is that of {}", same.variant),
                remedy: None,
            });
        }
        if record.identical_to.is_none() {
            self.arms.insert(record.variant.clone(), variant.subject);
        }
        self.records.push(variant.record);
    }
}

/// Makes the visits that are missing.
pub(super) fn visits(
    interrupt: &Interrupt,
    folder: &RunFolder,
    manifest: &Manifest,
    arms: &BTreeMap<String, Subject>,
    corpora: &[Corpus],
) -> Result<End> {
    let (samples, mut log) = folder.append()?;
    let mut ledger = Ledger::of(manifest, &samples);
    let counts = manifest.experiment.instruments.iter().any(|plan| plan.instrument == Instrument::Count);
    let counter = match arms.get(&manifest.experiment.reference).filter(|_| counts) {
        Some(reference) => {
            Some(Callgrind::find(reference).map_err(|missing| Error::Failed(missing.to_string()))?)
        }
        None => None,
    };
    let cpu = machine::cpu_for_subjects();
    let experiment = Experiment { manifest, arms, corpora, cpu, counter: counter.as_ref(), interrupt };
    experiment.run(&mut ledger, &mut log)
}

/// Shows the results of a run that is whole, and how to take up one that is not.
fn conclude(folder: &RunFolder, manifest: &Manifest, ended: End) -> Result<ExitCode> {
    match ended {
        End::Whole => report::make_and_show(folder),
        End::Interrupted => failed(format!(
            "interrupted with {} visits left: `cargo xtask bench --resume {}` takes the run up, \
             `cargo xtask report {}` shows what there is",
            Ledger::of(manifest, &folder.samples()?).visits_left(),
            manifest.run,
            manifest.run
        )),
    }
}

/// Takes up an interrupted run with the very binaries and corpora that it began with.
fn resume(project: &Project, name: &str) -> Result<ExitCode> {
    let folder = RunFolder::open(&project.runs(), name)?;
    let manifest = folder.manifest()?;
    let interrupt = Interrupt::listen()?;
    let _lock = MachineLock::take(&project.runs())?;
    let now = machine::facts();
    if (&now.cpu, now.cpus) != (&manifest.machine.cpu, manifest.machine.cpus) {
        return failed(format!(
            "the run {} began on another machine: its samples can't be mixed with new ones; begin anew",
            manifest.run
        ));
    }
    let mut arms = BTreeMap::new();
    let store = project.binaries();
    let find = |sha256: &str, role: &str| -> Result<PathBuf> {
        let path = building::place(&store, sha256, role);
        if path.is_file() && hash::of_file(&path)? == sha256 {
            return Ok(path);
        }
        failed(format!("the binary {} of the run is gone or changed: begin anew", path.display()))
    };
    let of = |build: &manifest::Build, binary: &str, command: &str| -> Result<Subject> {
        let command = match &build.command {
            Some(facts) => Some(find(&facts.sha256, command)?),
            None => None,
        };
        Ok(Subject { binary: find(&build.binary.sha256, binary)?, command })
    };
    for build in manifest.builds.iter().filter(|build| build.identical_to.is_none()) {
        arms.insert(build.variant.clone(), of(build, building::SUBJECT, building::COMMAND)?);
        if build.variant == manifest.experiment.reference {
            arms.insert(CONTROL.to_owned(), of(build, building::CONTROL_SUBJECT, building::CONTROL_COMMAND)?);
        }
    }
    let mut corpora = Vec::new();
    for corpus in &manifest.corpora {
        if !corpus.file.is_file() || hash::of_file(&corpus.file)? != corpus.sha256 {
            return failed(format!(
                "the corpus {} of the run is gone or changed: begin anew",
                corpus.file.display()
            ));
        }
        let (name, path, sha256) = (corpus.name.clone(), corpus.file.clone(), corpus.sha256.clone());
        corpora.push(Corpus {
            name,
            path,
            truth: None,
            sha256,
            bytes: corpus.bytes,
            command: corpus.command.clone(),
        });
    }
    let ended = visits(&interrupt, &folder, &manifest, &arms, &corpora)?;
    conclude(&folder, &manifest, ended)
}
