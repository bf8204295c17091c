//! Every cell of a request under every profiler that was asked for: what is built for it, what is taken, what is not there.

use super::cells::{Cell, Rate, Why};
use super::files::Files;
use super::perf::Perf;
use crate::cli::{self, Profiler};
use crate::config::is_heap;
use crate::corpora::Corpus;
use crate::draft;
use crate::error::{Doing, Result, failed};
use crate::machine;
use crate::plan::{self, Build};
use crate::preparing::Preparing;
use crate::process::{Conditions, variable};
use crate::progress::Progress;
use crate::scenarios::Asking;
use crate::set_up::{self, SetUp, Variant};
use crate::subject::{Subject, Task};
use harness::judge::protocol::Described;
use harness::judge::wire::gate::Revision;
use harness::judge::wire::manifest;
use harness::judge::wire::profile::{Memory, Origin, Profile, Profiles};
use harness::judge::wire::results::Skip;
use std::path::PathBuf;
use std::time::Duration;

/// The longest that a visit may take besides its sampling: setting up, and reading symbols.
const BESIDES: u64 = 120;
/// Work that sleeps, or shares its CPU, is sampled for so many times as long at most, and a little longer.
const PATIENCE: u64 = 9;
/// dhat slows a visit down by so much at most.
const SLOWED: u64 = 10;

/// What only perf sees.
const ELSEWHERE: &str = "the work is in a process of its own, which only perf sees";
const SAMPLER: &str =
    "profile-feature = \"NAME\" in [subject], with NAME = [\"harness/pprof\"] in the package; or --with perf";
const HEAP: &str = "heap-feature = \"NAME\" in [subject], with NAME = [\"harness/dhat\"] in the package";

/// What a profiler needs of a variant.
#[derive(Debug)]
pub struct Built {
    profiler: Profiler,
    /// As it is told.
    label: String,
    variant: Variant,
    source: manifest::Source,
}

/// All profiles of a request, being taken.
#[derive(Debug)]
pub struct Taking<'a> {
    flags: &'a cli::Profile,
    preparing: &'a Preparing<'a>,
    files: &'a Files,
    run: &'a str,
    perf: Option<Perf>,
    /// For what perf records; removed at the end.
    scratch: PathBuf,
    profiles: Profiles,
    failed: bool,
}

/// What was taken of a cell.
enum Taken {
    Cpu(Profile),
    Memory(Memory),
}

impl<'a> Taking<'a> {
    /// Looks for the profilers; what is not there is told.
    pub fn begin(
        flags: &'a cli::Profile,
        preparing: &'a Preparing<'a>,
        files: &'a Files,
        run: &'a str,
    ) -> Result<Self> {
        let plan = preparing.plan;
        let profiles = Profiles {
            reference: plan.variants.first().map(|build| build.name.clone()).unwrap_or_default(),
            absent: plan.skipped.clone(),
            ..Profiles::default()
        };
        let scratch = std::env::temp_dir().join(format!("assay-profile-{}", std::process::id()));
        let mut taking = Self { flags, preparing, files, run, perf: None, scratch, profiles, failed: false };
        for skip in &plan.skipped {
            eprintln!("skipped: {}: {}", skip.what, skip.reason);
        }
        let subject = &preparing.set_up.project.config.subject;
        if taking.is_asked(Profiler::Pprof) && subject.profile_feature.is_none() {
            taking.absent("pprof", "bench.toml names no feature with a sampler", Some(SAMPLER));
        }
        if taking.is_asked(Profiler::Dhat) && plan.heaps.is_empty() {
            taking.absent("dhat", "bench.toml names no feature that makes dhat the allocator", Some(HEAP));
        }
        if taking.is_asked(Profiler::Perf) {
            let scratch = &taking.scratch;
            std::fs::create_dir_all(scratch).doing(|| format!("making the folder {}", scratch.display()))?;
            match Perf::find(scratch) {
                Ok(perf) => taking.perf = Some(perf),
                Err(missing) => taking.absent("perf", &missing.reason, missing.remedy.as_deref()),
            }
        }
        Ok(taking)
    }

    /// What was taken, and whether anything failed.
    pub fn end(self) -> (Profiles, bool) {
        let _ = std::fs::remove_dir_all(&self.scratch);
        (self.profiles, self.failed)
    }

    fn is_asked(&self, profiler: Profiler) -> bool {
        self.flags.with.contains(&profiler)
    }

    /// The builds that are needed: for samplers with symbols, for resident memory as they ship.
    fn builds(&self) -> Vec<(Profiler, Build)> {
        let plan = self.preparing.plan;
        let feature = self.preparing.set_up.project.config.subject.profile_feature.as_deref();
        let feature = feature.filter(|_| self.is_asked(Profiler::Pprof));
        let mut all = Vec::new();
        for build in &plan.variants {
            if feature.is_some() {
                all.push((Profiler::Pprof, plan::profile_build(build, feature)));
            }
            if self.perf.is_some() {
                all.push((Profiler::Perf, plan::profile_build(build, None)));
            }
            if self.is_asked(Profiler::Rss) {
                all.push((Profiler::Rss, build.clone()));
            }
        }
        if self.is_asked(Profiler::Dhat) {
            all.extend(plan.heaps.iter().map(|build| (Profiler::Dhat, build.clone())));
        }
        all
    }

    /// Builds all of them; for CPU time, those of `earlier` too. What can't be built is told.
    pub fn build(&mut self, earlier: Option<(&SetUp<'_>, &Revision)>) -> Result<Vec<Built>> {
        let Preparing { set_up, request, plan } = *self.preparing;
        let here = draft::source(&set_up.project.root);
        let to_build = self.builds();
        let mut progress = Progress::begin("building for profilers", to_build.len());
        let mut built: Vec<Built> = Vec::new();
        for (profiler, build) in &to_build {
            let mut sides = vec![(set_up, String::new(), here.clone())];
            if let Some((set_up, Revision { name, commit })) = earlier.filter(|_| is_cpu(*profiler)) {
                let source = manifest::Source { revision: Some(commit.clone()), dirty: false };
                sides.push((set_up, format!("@{name}"), source));
            }
            for (side, ending, source) in sides {
                let label = format!("{}{ending}", plain_name(&build.name));
                progress.running(&format!("{label} for {}", name_of(*profiler)));
                match (Preparing { set_up: side, request, plan }).build(build) {
                    Ok(variant) => built.push(Built { profiler: *profiler, label, variant, source }),
                    Err(error) if set_up.interrupt.asked() => return Err(error),
                    Err(error) => {
                        let of_revision = !ending.is_empty();
                        self.failed(
                            &format!("{} of {label}", name_of(*profiler)),
                            &Why {
                                reason: format!("it was not built: {error}"),
                                remedy: of_revision
                                    .then(|| "--against a revision that has the instrument".to_owned()),
                            },
                        );
                    }
                }
            }
            progress.step();
        }
        progress.end();
        if built.is_empty() {
            return failed(format!("nothing was built that could be profiled. {}", self.reasons()));
        }
        Ok(built)
    }

    /// Takes every profile. Stopped in between, it leaves those that it has.
    pub fn take(&mut self, built: &[Built]) -> Result<()> {
        let Preparing { set_up, request, .. } = *self.preparing;
        // Whoever has the command can be asked about scenarios that run it.
        let asker = built.iter().find(|one| one.variant.subject.command.is_some()).or(built.first());
        let Some(Built { variant: Variant { subject: asker, .. }, .. }) = asker else { return Ok(()) };
        let declared = self.seen(asker)?;
        let corpora = self.preparing.corpora(&declared)?;
        let asking = Asking { preset: request.preset.1, own: !request.input.is_empty() };
        let mut skipped = Vec::new();
        let scenarios = asking.scenarios(asker, &declared, &corpora, &mut skipped)?;
        let skipped = skipped.into_iter().filter(|skip| !skip.what.starts_with("latency of "));
        self.profiles.absent.extend(skipped);
        let mut progress = Progress::begin("profiling", built.len() * scenarios.len());
        'all: for scenario in &scenarios {
            let Some(corpus) = corpora.iter().find(|corpus| corpus.name == scenario.corpus) else { continue };
            for one in built {
                if set_up.interrupt.asked() {
                    let why = &Why { reason: "interrupted before it".to_owned(), remedy: None };
                    self.failed(&format!("{} and what comes after it", scenario.name), why);
                    break 'all;
                }
                progress.running(&format!("{} {} {}", name_of(one.profiler), scenario.name, one.label));
                self.cell(one, scenario, corpus)?;
                progress.step();
            }
        }
        progress.end();
        Ok(())
    }

    /// The scenarios that are asked for and can be seen.
    fn seen(&mut self, asker: &Subject) -> Result<Vec<Described>> {
        let declared = self.preparing.chosen(set_up::describe(asker)?.scenarios)?;
        let (seen, unseen): (Vec<_>, Vec<_>) =
            declared.into_iter().partition(|described| !described.whole_command || self.perf.is_some());
        for described in unseen {
            self.absent(&format!("scenario {}", described.name), ELSEWHERE, Some("--with perf"));
        }
        if seen.is_empty() {
            return failed(format!("no scenario is left to profile. {}", self.reasons()));
        }
        Ok(seen)
    }

    fn cell(&mut self, built: &Built, scenario: &manifest::Scenario, corpus: &Corpus) -> Result<()> {
        let what = format!("{} of {} under {}", name_of(built.profiler), scenario.name, built.label);
        if scenario.whole_command && built.profiler != Profiler::Perf {
            self.absent(&what, ELSEWHERE, None);
            return Ok(());
        }
        let (conditions, origin) = (self.conditions(built, scenario), self.origin(built, corpus));
        let cell = Cell {
            subject: &built.variant.subject,
            scenario: &scenario.name,
            variant: &built.label,
            task: Task::new(&scenario.declared, &corpus.path),
            answers: &scenario.answers,
            conditions: &conditions,
            origin: &origin,
        };
        let rate = Rate { seconds: self.flags.seconds, frequency: self.flags.frequency };
        let taken = match (built.profiler, &self.perf) {
            (Profiler::Pprof, _) => cell.pprof(rate).map(Taken::Cpu),
            (Profiler::Perf, Some(perf)) => cell.perf(rate, perf, &self.scratch).map(Taken::Cpu),
            (Profiler::Perf, None) => return Ok(()),
            (Profiler::Dhat, _) => {
                let keep = self.files.path(&scenario.name, &built.label, "dhat.json");
                cell.heap(&keep).map(Taken::Memory)
            }
            (Profiler::Rss, _) => cell.rss().map(Taken::Memory),
        };
        match taken {
            Ok(Taken::Cpu(profile)) => self.profiles.cpu.push(self.files.keep_cpu(&profile)?),
            Ok(Taken::Memory(memory)) => {
                self.files.keep_memory(&memory)?;
                self.profiles.memory.push(memory);
            }
            Err(why) => self.failed(&what, &why),
        }
        Ok(())
    }

    fn conditions(&self, built: &Built, scenario: &manifest::Scenario) -> Conditions {
        let preset = self.preparing.request.preset.1;
        let is_cpu = is_cpu(built.profiler);
        let environment = &built.variant.record.run_environment;
        Conditions {
            environment: environment.iter().map(|(name, value)| variable(name, value)).collect(),
            // The thread that looks at memory wants a CPU of its own.
            cpu: if scenario.all_cpus || !is_cpu { None } else { machine::cpu_for_subjects() },
            fixed_layout: !is_cpu,
            limit: Duration::from_secs(if is_cpu {
                self.flags.seconds * PATIENCE + preset.time_limit * 2 + BESIDES
            } else {
                preset.time_limit * SLOWED
            }),
            memory_limit: machine::memory_limit(preset),
            ..Conditions::default()
        }
    }

    fn origin(&self, built: &Built, corpus: &Corpus) -> Origin {
        Origin {
            run: self.run.to_owned(),
            began: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            revision: built.source.revision.clone(),
            dirty: built.source.dirty,
            compiler: self.preparing.set_up.toolchain.facts().rustc,
            machine: machine::facts().cpu.unwrap_or_default(),
            corpus: corpus.name.clone(),
            corpus_sha256: corpus.sha256.clone(),
            build: built.variant.record.about.clone(),
            commands: built.variant.record.commands.clone(),
        }
    }

    /// What can't be had here, or of this.
    fn absent(&mut self, what: &str, reason: &str, remedy: Option<&str>) {
        self.note("skipped", what, reason, remedy);
    }

    /// What was to be had, and is not.
    fn failed(&mut self, what: &str, why: &Why) {
        self.failed = true;
        self.note("failed", what, &why.reason, why.remedy.as_deref());
    }

    fn note(&mut self, word: &str, what: &str, reason: &str, remedy: Option<&str>) {
        let mend = remedy.map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        eprintln!("{word}: {what}: {reason}{mend}");
        let remedy = remedy.map(str::to_owned);
        self.profiles.absent.push(Skip { what: what.to_owned(), reason: reason.to_owned(), remedy });
    }

    fn reasons(&self) -> String {
        let all = self.profiles.absent.iter().map(|skip| format!("{}: {}", skip.what, skip.reason));
        all.collect::<Vec<_>>().join("; ")
    }
}

fn is_cpu(profiler: Profiler) -> bool {
    matches!(profiler, Profiler::Pprof | Profiler::Perf)
}

/// The variant's own name: that of a heap build is its name.
fn plain_name(name: &str) -> &str {
    if is_heap(name) { name } else { name.split('~').next().unwrap_or(name) }
}

fn name_of(profiler: Profiler) -> &'static str {
    match profiler {
        Profiler::Pprof => "pprof",
        Profiler::Perf => "perf",
        Profiler::Dhat => "dhat",
        Profiler::Rss => "rss",
    }
}
