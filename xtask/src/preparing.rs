//! From what is asked for to a run that is ready to be measured: builds, checked answers, corpora, iterations, the manifest.

use crate::axes::TrainedOn;
use crate::callgrind::Callgrind;
use crate::config::{CONTROL, Preset, is_heap};
use crate::corpora::{self, Corpus, Store};
use crate::counting::{self, Counted};
use crate::draft::Draft;
use crate::error::{Error, Result, failed};
use crate::plan::{Build, Plan};
use crate::process::Conditions;
use crate::progress::Progress;
use crate::run_folder::RunFolder;
use crate::scenarios::{Asking, check_asked};
use crate::set_up::{self, SetUp, Variant};
use crate::subject::Subject;
use crate::toolchain::Missing;
use crate::verification::{self, Verification};
use crate::{calibration, glob, machine};
use harness::judge::budget;
use harness::judge::protocol::Described;
use harness::judge::wire::manifest::{self, BrokenCell, Manifest};
use harness::judge::wire::results::Skip;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a run is asked to measure.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The preset's name, and the preset.
    pub preset: (&'a str, &'a Preset),
    /// Names or globs of scenarios, instead of the preset's.
    pub scenarios: &'a [String],
    /// The user's own files, instead of generated corpora.
    pub input: &'a [PathBuf],
    /// Blocks of the clock, instead of the preset's.
    pub blocks: Option<u32>,
    /// Seed of the orders of visits.
    pub seed: u64,
}

/// Everything that has to be known before the manifest can be written.
#[derive(Clone, Copy, Debug)]
pub struct Preparing<'a> {
    /// What builds it.
    pub set_up: &'a SetUp<'a>,
    /// What is asked for.
    pub request: Request<'a>,
    /// What is built for it.
    pub plan: &'a Plan,
}

/// A run that is ready to be measured.
#[derive(Debug)]
pub struct Prepared {
    /// What is to be written before the first visit.
    pub manifest: Manifest,
    /// The binaries of each arm.
    pub arms: BTreeMap<String, Subject>,
    /// The corpora.
    pub corpora: Vec<Corpus>,
    /// What rustc was told besides the axes, by variant.
    pub flags: BTreeMap<String, Vec<String>>,
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
    /// Prepares the run called `name` and makes its folder, with the manifest in it. `finish` has the last word on what is
    /// written. A folder without a manifest is no run, so it goes again where anything fails.
    pub fn in_folder(
        &self,
        runs: &Path,
        name: &str,
        finish: impl FnOnce(&mut Prepared) -> Result<()>,
    ) -> Result<(RunFolder, Prepared)> {
        let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let folder = RunFolder::create(runs, name)?;
        let prepared = self.prepare(name, &began).and_then(|mut prepared| {
            finish(&mut prepared)?;
            // What was found built already was not looked at since; the manifest tells of the sources as they stand now.
            self.set_up.workshop().sources.check()?;
            folder.write_manifest(&prepared.manifest)?;
            Ok(prepared)
        });
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let _ = std::fs::remove_dir(folder.path());
                return Err(error);
            }
        };
        for skip in prepared.manifest.failed.iter().chain(&prepared.manifest.skipped) {
            let remedy = skip.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
            eprintln!("skipped: {}: {}{remedy}", skip.what, skip.reason);
        }
        let experiment = &prepared.manifest.experiment;
        for warning in budget::too_few(&experiment.instruments, experiment.variants.len().saturating_sub(1)) {
            eprintln!("warning: {warning}");
        }
        Ok((folder, prepared))
    }

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
        let asking = Asking { preset: self.preset(), own: !self.request.input.is_empty() };
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
            preset: self.request.preset,
            input: self.request.input,
            set_up: self.set_up,
            builds: &builds.records,
            corpora: &corpora,
            blocks: self.request.blocks,
            counted: &counted,
            calibration: calibration::cited(
                self.set_up.project,
                &machine::facts(),
                self.request.blocks.unwrap_or(self.preset().clock_blocks),
            )?,
            seed: self.request.seed,
        };
        let manifest =
            Manifest { skipped, failed: builds.failed, broken: builds.broken, ..draft.manifest(scenarios) };
        let corpora = corpora.into_iter().chain(counted.corpora).collect();
        Ok(Prepared { manifest, arms: builds.arms, corpora, flags: builds.flags })
    }

    fn verification(&self, reference: &Subject, declared: &[Described]) -> Result<Verification> {
        let small = self.small_corpora(declared, verification::RECORDS)?;
        let conditions = Conditions {
            limit: Duration::from_secs(self.preset().time_limit),
            memory_limit: machine::memory_limit(self.preset()),
            ..Conditions::default()
        };
        let remembered = self.set_up.project.variants().join("verified");
        Verification::prepare(reference, declared, &small, conditions, remembered)
    }

    /// The corpora of these scenarios, with so many records.
    fn small_corpora(&self, declared: &[Described], records: u64) -> Result<Vec<Corpus>> {
        let project = self.set_up.project;
        let folder = project.corpora();
        let wanted =
            |corpus: &&crate::config::Corpus| declared.iter().any(|scenario| scenario.corpus == corpus.name);
        let all = project.config.corpora.iter().filter(wanted);
        all.map(|corpus| self.store(&folder).corpus(corpus, corpus.seed, records)).collect()
    }

    /// What is counted, if that is asked for; where it can't be done, that is told.
    fn counted(&self, builds: &Builds, declared: &[Described], skipped: &mut Vec<Skip>) -> Result<Counted> {
        let Some(reference) = builds.arms.get(CONTROL).filter(|_| self.preset().count) else {
            return Ok(Counted::default());
        };
        if let Err(Missing { reason, remedy }) = Callgrind::find(reference) {
            skipped.push(Skip { what: "instrument count".to_owned(), reason, remedy });
            return Ok(Counted::default());
        }
        let small = self.small_corpora(declared, counting::RECORDS)?;
        counting::planned(reference, declared, &small, Duration::from_secs(self.preset().time_limit))
    }

    /// The scenarios that names and globs choose, in the order of their declaration.
    pub fn chosen(&self, declared: Vec<Described>) -> Result<Vec<Described>> {
        let asked =
            if self.request.scenarios.is_empty() { &self.preset().scenarios } else { self.request.scenarios };
        let known: Vec<&str> = declared.iter().map(|scenario| scenario.name.as_str()).collect();
        check_asked(asked, &known)?;
        let is_asked = |s: &Described| asked.iter().any(|pattern| glob::matches(pattern, &s.name));
        Ok(declared.into_iter().filter(is_asked).collect())
    }

    fn preset(&self) -> &Preset {
        self.request.preset.1
    }

    fn store<'s>(&'s self, folder: &'s Path) -> Store<'s> {
        Store { root: &self.set_up.project.root, folder, toolchain: &self.set_up.toolchain }
    }

    /// The corpora that these scenarios read: generated ones, or the user's own files.
    pub fn corpora(&self, scenarios: &[Described]) -> Result<Vec<Corpus>> {
        if !self.request.input.is_empty() {
            let mut corpora: Vec<Corpus> = Vec::new();
            for input in self.request.input {
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
            .map(|corpus| self.store(&folder).corpus(corpus, corpus.seed, self.preset().records_of(corpus)))
            .collect()
    }

    /// Builds a variant, with what it is trained on.
    pub fn build(&self, build: &Build) -> Result<Variant> {
        if !build.axes.trains() {
            return self.set_up.build(build, None);
        }
        let on = build.axes.training;
        if on == TrainedOn::Measured && !self.request.input.is_empty() {
            return failed(
                "it would be trained on the files that are measured, which are not made by bench.toml",
            );
        }
        let corpora = crate::cmd::build::training_corpora(self.set_up, self.preset(), on)?;
        self.set_up.build(build, Some(&self.set_up.project.training(&corpora, self.preset())))
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
