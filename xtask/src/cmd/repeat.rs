//! `cargo xtask repeat`: measures a run again as its manifest says.

use super::{Project, report};
use crate::cli;
use crate::config::{Preset, is_heap};
use crate::corpora::{self, Corpus, Store};
use crate::counting;
use crate::draft;
use crate::error::{Error, Result, failed};
use crate::experiment::{End, visits};
use crate::lock::MachineLock;
use crate::machine;
use crate::plan::{self, Plan};
use crate::preparing::{Prepared, Preparing, Request};
use crate::revisions::Repository;
use crate::run_folder::RunFolder;
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use harness::judge::evaluate::evaluate;
use harness::judge::repetition::beside;
use harness::judge::wire::manifest::{self, Experiment, InstrumentPlan, Manifest};
use harness::judge::wire::sample::Instrument;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Repeat) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let folder = RunFolder::open(&project.runs(), &flags.run)?;
    let then = folder.manifest()?;
    // The rounds of a gate build two revisions; a calibration measures slow-downs that it made itself.
    let by =
        then.command.iter().find(|word| ["bench", "repeat", "gate", "calibrate"].contains(&word.as_str()));
    if let Some(of) = by.filter(|word| ["gate", "calibrate"].contains(&word.as_str())) {
        return Err(Error::Usage(format!(
            "{} is a part of a {of}, which plans its own runs: `{}` makes them again",
            then.run,
            then.command.join(" ")
        )));
    }
    let _lock = if flags.dry_run { None } else { Some(MachineLock::take(&project.runs())?) };
    let at_revision = if flags.at_revision { Some(at_revision(&project, config, &then)?) } else { None };
    let source = at_revision.as_ref().unwrap_or(&project);
    let preset = source.config.preset(&then.preset)?;
    let variants = then.builds.iter().map(|build| build.variant.clone());
    let variants: Vec<String> = variants.filter(|name| !is_heap(name)).collect();
    let (mut chosen, gone) = plan::choose_again(&source.config, preset, &variants)?;
    chosen.heap = read(&then.experiment).any(|plan| plan.instrument == Instrument::Heap);
    if gone.contains(&then.experiment.reference) {
        return failed(format!(
            "this would be no repeat: bench.toml has no variant {:?} any more, and all others were compared with it{}",
            then.experiment.reference,
            hint(&then, flags.at_revision)
        ));
    }
    let toolchain = toolchain(&Toolchain::all(&source.sysroots())?, &then.toolchain)?;
    let set_up = SetUp::begin(source, toolchain)?;
    let plan = plan::plan(&source.config, chosen, &set_up.toolchain)?;
    if plan.variants.first().is_none_or(|build| build.name != then.experiment.reference) {
        let why: Vec<String> =
            plan.skipped.iter().map(|skip| format!("{}: {}", skip.what, skip.reason)).collect();
        return failed(format!(
            "this would be no repeat: the reference can't be built here. {}",
            why.join("; ")
        ));
    }
    let repeating =
        Repeating { then: &then, set_up: &set_up, preset, plan: &plan, at_revision: flags.at_revision };
    let differences = repeating.differences(&gone);
    report::print(&told(&then, &differences))?;
    let blocks = then.experiment.instruments.iter().find(|plan| plan.instrument == Instrument::Clock);
    let blocks = blocks.map(|plan| plan.blocks);
    let mut declared: Vec<String> = Vec::new();
    for scenario in &then.scenarios {
        if !declared.contains(&scenario.declared) {
            declared.push(scenario.declared.clone());
        }
    }
    let input = then.input_files();
    if flags.dry_run {
        report::print(&format!(
            "\n{}",
            super::plan::text(&set_up, preset, &declared, blocks, &input, &plan)
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    repeating.check_corpora()?;
    let name = flags
        .name
        .clone()
        .unwrap_or_else(|| jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S-repeat").to_string());
    let request = Request {
        preset: (&then.preset, preset),
        scenarios: &declared,
        input: &input,
        blocks,
        seed: then.experiment.seed,
    };
    let preparing = Preparing { set_up: &set_up, request, plan: &plan };
    let (again, prepared) =
        preparing.in_folder(&project.runs(), &name, |prepared| repeating.as_then(prepared, &differences))?;
    let Prepared { manifest, arms, corpora, .. } = prepared;
    let ended = visits(&set_up.interrupt, &again, &manifest, &arms, &corpora)?;
    if ended == End::Interrupted && flags.at_revision {
        return failed(format!(
            "interrupted; what was measured is in {}. A repeat at a revision is not taken up: begin it anew, its builds \
             are kept",
            again.path().display()
        ));
    }
    let code = report::conclude(&again, &manifest, ended)?;
    let (before, after) = (evaluate(&then, &folder.samples()?), evaluate(&manifest, &again.samples()?));
    let rows = beside(&before, &after);
    report::print(&format!("\n{}", reports::repetition::terminal(&rows, &after.reference)))?;
    Ok(code)
}

/// The project as it was: the revision of the run in a work tree of its own.
fn at_revision(project: &Project, config: Option<&Path>, then: &Manifest) -> Result<Project> {
    let Some(revision) = &then.source.revision else {
        return Err(Error::Usage(format!(
            "the run {} knows no revision, so none can be checked out: repeat it without --at-revision",
            then.run
        )));
    };
    let repository = Repository::of(&project.root)?;
    let revision = repository.resolve(revision)?;
    let short = revision.commit.get(..12).unwrap_or(&revision.commit);
    let root = repository.check_out(&revision, &project.trees().join(short))?;
    let name = config.and_then(Path::file_name).map_or_else(|| PathBuf::from("bench.toml"), PathBuf::from);
    Project::open(Some(&root.join(name)))
}

/// The very toolchain of the run: of its name, or else of another name and the same compiler and stds.
pub(super) fn toolchain(all: &[Toolchain], then: &manifest::Toolchain) -> Result<Toolchain> {
    let is_same = |toolchain: &&Toolchain| {
        let now = toolchain.facts();
        (&now.rustc, &now.llvm, &now.host) == (&then.rustc, &then.llvm, &then.host) && now.stds == then.stds
    };
    let named = |toolchain: &&Toolchain| toolchain.name == then.name;
    let found = all
        .iter()
        .find(|one| named(one) && is_same(one))
        .or_else(|| all.iter().find(is_same))
        .or_else(|| all.iter().find(named));
    if let Some(found) = found {
        return Ok(found.clone());
    }
    let compiler = |one: &&Toolchain| {
        let now = one.facts();
        (now.rustc, now.llvm, now.host) == (then.rustc.clone(), then.llvm.clone(), then.host.clone())
    };
    if all.iter().any(|one| compiler(&one)) {
        return failed(format!(
            "the run was built by {} ({}), of which only the compiler is here: its stds are built by cargo xtask setup --via \
             apt, or measure anew with cargo xtask bench",
            then.name, then.rustc
        ));
    }
    let known: Vec<String> =
        all.iter().map(|toolchain| format!("{} ({})", toolchain.name, toolchain.rustc_version)).collect();
    failed(format!(
        "the run was built by {} ({}), which is not here: install it, or measure anew with cargo xtask bench; there are: {}",
        then.name,
        then.rustc,
        known.join(", ")
    ))
}

/// How to have the sources of then, for the end of an error.
fn hint(then: &Manifest, at_revision: bool) -> &'static str {
    if then.source.revision.is_some() && !at_revision {
        "; --at-revision takes bench.toml and the sources of then"
    } else {
        ""
    }
}

fn told(then: &Manifest, differences: &[String]) -> String {
    let mut text = format!("repeats the run {} of {}\n", then.run, then.began);
    if differences.is_empty() {
        text.push_str("  nothing differs from then as far as the manifest knows\n");
    }
    for difference in differences {
        let _ = writeln!(text, "  differs: {difference}");
    }
    text
}

/// A run, and what it is repeated with.
struct Repeating<'a> {
    then: &'a Manifest,
    set_up: &'a SetUp<'a>,
    preset: &'a Preset,
    plan: &'a Plan,
    at_revision: bool,
}

impl Repeating<'_> {
    /// What differs from then, as far as it is known before anything is built.
    fn differences(&self, gone: &[String]) -> Vec<String> {
        let mut told = self.sources();
        told.extend(toolchains(&self.then.toolchain, &self.set_up.toolchain.facts()));
        told.extend(harness::judge::machine::differences(&self.then.machine, &machine::facts()));
        told.extend(gone.iter().map(|name| format!("variant {name}: bench.toml does not have it any more")));
        for skip in &self.plan.skipped {
            let remedy = skip.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
            told.push(format!("{} can't be built here now: {}{remedy}", skip.what, skip.reason));
        }
        for build in &self.plan.variants {
            let before = self.then.builds.iter().find(|other| other.variant == build.name);
            if let Some(before) = before.filter(|before| before.axes != build.facts) {
                told.push(format!("variant {}: {} then, {} now", build.name, before.about, build.about));
            }
        }
        if self.then.command.iter().any(|word| word == "--criterion") {
            told.push("criterion measured besides then; it does not now".to_owned());
        }
        told
    }

    fn sources(&self) -> Vec<String> {
        let (then, now) = (&self.then.source, draft::source(&self.set_up.project.root));
        let mut told = Vec::new();
        match (&then.revision, &now.revision) {
            (Some(before), Some(after)) if before != after => told.push(format!(
                "revision: {before} then, {after} now: `git checkout {before}` brings it back, or --at-revision builds it in \
                 a work tree of its own"
            )),
            (Some(before), None) => told.push(format!("revision: {before} then, none known now")),
            (None, Some(after)) => told.push(format!("revision: none known then, {after} now")),
            _ => {}
        }
        if then.dirty {
            told.push(
                "sources: there were uncommitted changes then, which no revision holds: what they did can't be repeated"
                    .to_owned(),
            );
        }
        if now.dirty && !self.at_revision {
            told.push("sources: there are uncommitted changes now, and they are built".to_owned());
        }
        told
    }

    /// Makes the corpora and holds their digests against those of then: on other input it is another run.
    fn check_corpora(&self) -> Result<()> {
        let project = self.set_up.project;
        let folder = project.corpora();
        let store = Store { root: &project.root, folder: &folder, toolchain: &self.set_up.toolchain };
        for then in &self.then.corpora {
            let now: Corpus = if then.command.is_empty() {
                corpora::of_input(&then.file)?
            } else {
                let small = then.name.strip_suffix(counting::SMALL);
                let name = small.unwrap_or(&then.name);
                let config = project.config.corpora.iter().find(|corpus| corpus.name == name);
                let Some(config) = config else {
                    return failed(format!(
                        "this would be no repeat: bench.toml does not have the corpus {name:?} any more{}",
                        hint(self.then, self.at_revision)
                    ));
                };
                let records = small.map_or_else(|| self.preset.records_of(config), |_| counting::RECORDS);
                store.corpus(config, config.seed, records)?
            };
            if now.sha256 != then.sha256 {
                return failed(format!(
                    "this would be no repeat: the corpus {} ({}) is another than then: {} bytes with SHA-256 {} then, {} \
                     bytes with {} now{}",
                    then.name,
                    now.path.display(),
                    then.bytes,
                    then.sha256,
                    now.bytes,
                    now.sha256,
                    hint(self.then, self.at_revision)
                ));
            }
        }
        Ok(())
    }

    /// Gives the prepared run the design of then: its instruments with their blocks, batches, margins, rules, and on the same
    /// machine the iterations of a batch.
    fn as_then(&self, prepared: &mut Prepared, differences: &[String]) -> Result<()> {
        let then = self.then;
        let manifest = &mut prepared.manifest;
        let mut late = binaries(then, manifest);
        let same_machine =
            (&then.machine.cpu, then.machine.cpus) == (&manifest.machine.cpu, manifest.machine.cpus);
        manifest.scenarios.retain(|scenario| then.scenario(&scenario.name).is_some());
        for scenario in &mut manifest.scenarios {
            let Some(before) = then.scenario(&scenario.name) else { continue };
            if before.version != scenario.version {
                late.push(format!(
                    "scenario {}: version {} then, {} now: it measures something else",
                    scenario.name, before.version, scenario.version
                ));
            }
            if same_machine || then.experiment.cold {
                scenario.iterations = before.iterations;
            }
        }
        for scenario in then.scenarios.iter().filter(|scenario| manifest.scenario(&scenario.name).is_none()) {
            late.push(format!("scenario {}: it can't be measured now", scenario.name));
        }
        let mut instruments = Vec::new();
        for before in read(&then.experiment) {
            let now = &manifest.experiment.instruments;
            match now.iter().find(|now| now.instrument == before.instrument) {
                Some(now) => {
                    let both = before.scenarios.iter().filter(|name| now.scenarios.contains(name));
                    instruments.push(InstrumentPlan { scenarios: both.cloned().collect(), ..before.clone() });
                }
                None => late.push(format!("{}: it was read then and can't be now", before.instrument)),
            }
        }
        let now = &manifest.experiment;
        manifest.experiment = Experiment {
            reference: now.reference.clone(),
            control: now.control.clone(),
            variants: now.variants.clone(),
            heaps: now.heaps.clone(),
            judgement: now.judgement.clone(),
            instruments,
            ..then.experiment.clone()
        };
        for difference in &late {
            report::print(&format!("  differs: {difference}\n"))?;
        }
        let differences = [differences, &late].concat();
        let text = if differences.is_empty() { "nothing differs".to_owned() } else { differences.join("; ") };
        manifest.warnings.push(format!("this repeats the run {}; from then: {text}", then.run));
        Ok(())
    }
}

/// What a run read, which is not all that it planned: no visit may be made by an instrument.
fn read(experiment: &Experiment) -> impl Iterator<Item = &InstrumentPlan> {
    experiment.instruments.iter().filter(|plan| plan.blocks > 0)
}

/// How one toolchain differs from another.
fn toolchains(then: &manifest::Toolchain, now: &manifest::Toolchain) -> Vec<String> {
    let absent = || "none".to_owned();
    let stds = |of: &manifest::Toolchain| {
        let each: Vec<String> = of.stds.iter().map(|(target, origin)| format!("{target} {origin}")).collect();
        each.join(", ")
    };
    let facts = |of: &manifest::Toolchain| {
        [
            ("toolchain", of.name.clone()),
            ("rustc", of.rustc.clone()),
            ("cargo", of.cargo.clone()),
            ("host", of.host.clone()),
            ("LLVM", of.llvm.clone()),
            ("stds", stds(of)),
            ("llvm-profdata", of.profdata.clone().unwrap_or_else(absent)),
            ("llvm-bolt", of.bolt.clone().unwrap_or_else(absent)),
            ("C library", of.libc.clone().unwrap_or_else(absent)),
        ]
    };
    let both = facts(then).into_iter().zip(facts(now));
    let differing = both.filter(|((_, before), (_, after))| before != after);
    differing.map(|((what, before), (_, after))| format!("{what}: {before} then, {after} now")).collect()
}

/// The variants whose binaries are others than then.
fn binaries(then: &Manifest, now: &Manifest) -> Vec<String> {
    let others: Vec<&str> = (now.builds.iter())
        .filter(|build| {
            let before = then.builds.iter().find(|other| other.variant == build.variant);
            before.is_some_and(|before| before.binary.sha256 != build.binary.sha256)
        })
        .map(|build| build.variant.as_str())
        .collect();
    if others.is_empty() {
        return Vec::new();
    }
    vec![format!("binaries: not the same, byte for byte, as then: {}", others.join(", "))]
}
