//! `cargo xtask profile`: where cells spend their CPU time and what becomes of their memory.

use super::{Project, report};
use crate::cli::{self, Profiler};
use crate::config::is_heap;
use crate::corpora::Corpus;
use crate::draft;
use crate::error::{Error, Result, failed};
use crate::machine;
use crate::plan::{self, Build};
use crate::preparing::{Preparing, Request};
use crate::process::{Conditions, variable};
use crate::profiling::cells::{Cell, Rate, Why};
use crate::profiling::perf::Perf;
use crate::profiling::{Files, kept};
use crate::progress::Progress;
use crate::revisions::Repository;
use crate::run_folder::{MachineLock, RunFolder};
use crate::scenarios::Asking;
use crate::set_up::{self, SetUp, Variant};
use crate::subject::Task;
use crate::toolchain::Toolchain;
use harness::judge::wire::gate::Revision;
use harness::judge::wire::manifest;
use harness::judge::wire::profile::{Origin, Profiles};
use harness::judge::wire::results::Skip;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The longest that a visit may take besides its sampling: setting up, and reading symbols.
const BESIDES: u64 = 120;
/// Work that sleeps, or shares its CPU, is sampled for so many times as long at most, and a little longer.
const PATIENCE: u64 = 9;
/// dhat slows a visit down by so much at most.
const SLOWED: u64 = 10;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Profile) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let preset = project.config.preset(&flags.preset)?;
    for input in &flags.input {
        super::bench::check_input(input)?;
    }
    let (asked, revision) = asked(&project, flags)?;
    let mut chosen = plan::choose(&project.config, preset, &asked)?;
    if asked.is_empty() {
        chosen.variants.truncate(1);
    }
    let toolchain = Toolchain::choose(
        Toolchain::all(&project.sysroots())?,
        flags.toolchain.as_deref(),
        &chosen.variants,
    )?;
    let folder = match &flags.run {
        Some(run) => Some(RunFolder::open(&project.runs(), run)?),
        None => None,
    };
    let set_up = SetUp::begin(&project, toolchain)?;
    let plan = plan::plan(&project.config, chosen, &set_up.toolchain)?;
    let _lock = MachineLock::take(&project.runs())?;
    let name = flags
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-profile", jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S")));
    let (path, run) = match &folder {
        Some(folder) => (folder.path().to_owned(), folder.manifest()?.run),
        None => (RunFolder::create(&project.runs(), &name)?.path().to_owned(), name),
    };
    let request = Request {
        preset: (&flags.preset, preset),
        scenarios: &flags.scenarios,
        input: &flags.input,
        blocks: None,
        seed: 1,
    };
    let earlier = match &revision {
        Some(revision) => Some(tree(&project, revision)?),
        None => None,
    };
    let profiled = (|| {
        let files = Files::of(&path)?;
        let mut profiling = Profiling {
            flags,
            files: &files,
            run: &run,
            profiles: Profiles { absent: plan.skipped.clone(), ..Profiles::default() },
            failed: false,
        };
        profiling.all(
            &Preparing { set_up: &set_up, request, plan: &plan },
            earlier.as_ref(),
            revision.as_ref(),
        )?;
        let Profiling { profiles, failed, .. } = profiling;
        Ok((files.page(), files.conclude(&run, profiles)?, failed))
    })();
    let (page, profiles, some_failed) = match profiled {
        Ok(profiled) => profiled,
        Err(error) => {
            // A folder without anything in it is no run.
            if folder.is_none() {
                let _ = std::fs::remove_dir(path.join("profiles"));
                let _ = std::fs::remove_dir(&path);
            }
            return Err(error);
        }
    };
    debug_assert_eq!(kept(&path).ok().as_ref(), Some(&profiles), "what is kept is what is told");
    report::print(&reports::profiles::terminal(&profiles))?;
    if let Some(folder) = &folder {
        report::make_again(folder)?;
        report::print(&format!("report: {}\n", folder.path().join("report/index.html").display()))?;
    }
    report::print(&format!("profiles: {}\n", page.display()))?;
    if profiles.cpu.is_empty() && profiles.memory.is_empty() {
        return failed("nothing could be profiled");
    }
    Ok(if some_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The variants that are asked for, that which they are set against first; or the revision that they are.
fn asked(project: &Project, flags: &cli::Profile) -> Result<(Vec<String>, Option<Revision>)> {
    let Some(against) = &flags.against else { return Ok((flags.variants.clone(), None)) };
    if project.config.variants.contains_key(against) {
        let first = std::iter::once(against.clone());
        let all = first.chain(flags.variants.iter().filter(|name| *name != against).cloned());
        return Ok((all.collect(), None));
    }
    let known: Vec<&str> = project.config.variants.keys().map(String::as_str).collect();
    let revision = Repository::of(&project.root).and_then(|repository| repository.resolve(against));
    let revision = revision.map_err(|error| {
        Error::Usage(format!(
            "--against {against}: it is no variant (there are: {}), and {error}",
            known.join(", ")
        ))
    })?;
    Ok((flags.variants.clone(), Some(revision)))
}

/// The project at a revision, in a work tree of its own. What is profiled and how follows the bench.toml here.
fn tree(project: &Project, revision: &Revision) -> Result<Project> {
    let root = Repository::of(&project.root)?.check_out(revision, &project.trees().join("profile"))?;
    Ok(Project { root, config: project.config.clone() })
}

/// What a profiler needs of a variant.
struct Built {
    /// As it is told.
    label: String,
    variant: Variant,
    source: manifest::Source,
}

struct Profiling<'a> {
    flags: &'a cli::Profile,
    files: &'a Files,
    run: &'a str,
    profiles: Profiles,
    failed: bool,
}

impl Profiling<'_> {
    /// Builds what is needed, and profiles every cell.
    fn all(
        &mut self,
        preparing: &Preparing<'_>,
        earlier: Option<&Project>,
        revision: Option<&Revision>,
    ) -> Result<()> {
        let Preparing { set_up, request, plan } = *preparing;
        let project = set_up.project;
        self.profiles.reference = plan.variants.first().map(|build| build.name.clone()).unwrap_or_default();
        let with = |profiler| self.flags.with.contains(&profiler);
        let (pprof, perf, dhat, rss) =
            (with(Profiler::Pprof), with(Profiler::Perf), with(Profiler::Dhat), with(Profiler::Rss));
        let feature = project.config.subject.profile_feature.as_deref();
        if pprof && feature.is_none() {
            self.absent("pprof", "bench.toml names no feature with a sampler", Some("profile-feature = \"NAME\" in [subject], with NAME = [\"harness/pprof\"] in the package; or --with perf"), false);
        }
        let scratch = std::env::temp_dir().join(format!("assay-profile-{}", std::process::id()));
        let perf = match perf.then(|| Perf::find(&scratch_folder(&scratch))).transpose() {
            Ok(found) => found,
            Err(missing) => {
                self.absent("perf", &missing.reason, missing.remedy.as_deref(), false);
                None
            }
        };
        let earlier = match (earlier, revision) {
            (Some(tree), Some(revision)) => {
                let set_up = SetUp::begin_at(tree, set_up.toolchain.clone(), &revision.commit)?;
                Some((set_up, revision))
            }
            _ => None,
        };
        let mut to_build: Vec<(Profiler, Build)> = Vec::new();
        for build in &plan.variants {
            if let Some(feature) = feature.filter(|_| pprof) {
                to_build.push((Profiler::Pprof, plan::profile_build(build, Some(feature))));
            }
            if perf.is_some() {
                to_build.push((Profiler::Perf, plan::profile_build(build, None)));
            }
            if rss {
                to_build.push((Profiler::Rss, build.clone()));
            }
        }
        if dhat {
            to_build.extend(plan.heaps.iter().map(|build| (Profiler::Dhat, build.clone())));
            if plan.heaps.is_empty() {
                self.absent(
                    "dhat",
                    "bench.toml names no feature that makes dhat the allocator",
                    Some(
                        "heap-feature = \"NAME\" in [subject], with NAME = [\"harness/dhat\"] in the package",
                    ),
                    false,
                );
            }
        }
        let sides = 1 + usize::from(earlier.is_some());
        let mut progress = Progress::begin("building for profilers", to_build.len() * sides);
        let mut built: Vec<(Profiler, Built)> = Vec::new();
        for (profiler, build) in &to_build {
            let of_revision =
                earlier.as_ref().filter(|_| matches!(profiler, Profiler::Pprof | Profiler::Perf));
            let here = (preparing, String::new(), draft::source(&project.root));
            let there = of_revision.map(|(set_up, revision)| {
                let preparing = Preparing { set_up, request, plan };
                let source = manifest::Source { revision: Some(revision.commit.clone()), dirty: false };
                (preparing, format!("@{}", revision.name), source)
            });
            let there =
                there.as_ref().map(|(preparing, ending, source)| (preparing, ending.clone(), source.clone()));
            for (preparing, ending, source) in std::iter::once(here).chain(there) {
                let label = format!("{}{ending}", plain_name(&build.name));
                progress.running(&format!("{} for {}", label, name_of(*profiler)));
                match preparing.build(build) {
                    Ok(variant) => built.push((*profiler, Built { label, variant, source })),
                    Err(error) if set_up.interrupt.asked() => return Err(error),
                    Err(error) => {
                        let what = format!("{} of {label}", name_of(*profiler));
                        let remedy =
                            (!ending.is_empty()).then_some("--against a revision that has the instrument");
                        self.absent(&what, &format!("it was not built: {error}"), remedy, true);
                    }
                }
                progress.step();
            }
        }
        progress.end();
        let Some((_, first)) = built.first() else {
            return failed(format!("nothing was built that could be profiled. {}", self.reasons()));
        };
        // Whoever has the command can be asked about scenarios that run it.
        let asker = built.iter().find(|(_, one)| one.variant.subject.command.is_some());
        let asker = asker.map_or(&first.variant.subject, |(_, one)| &one.variant.subject);
        let mut declared = preparing.chosen(set_up::describe(asker)?.scenarios)?;
        declared.retain(|described| {
            let is_seen = !described.whole_command || perf.is_some();
            if !is_seen {
                let reason = "the work is in a process of its own, which only perf sees";
                self.absent(&format!("scenario {}", described.name), reason, Some("--with perf"), false);
            }
            is_seen
        });
        if declared.is_empty() {
            return failed(format!("no scenario is left to profile. {}", self.reasons()));
        }
        let corpora = preparing.corpora(&declared)?;
        let asking = Asking { preset: request.preset.1, own: !request.input.is_empty() };
        let mut skipped = Vec::new();
        let scenarios = asking.scenarios(asker, &declared, &corpora, &mut skipped)?;
        self.profiles.absent.extend(skipped.into_iter().filter(|skip| !skip.what.starts_with("latency of ")));
        let mut progress = Progress::begin("profiling", built.len() * scenarios.len());
        for scenario in &scenarios {
            let Some(corpus) = corpora.iter().find(|corpus| corpus.name == scenario.corpus) else { continue };
            for (profiler, built) in &built {
                if set_up.interrupt.asked() {
                    return failed(
                        "interrupted: what was profiled so far lies in the folder, and is on no page",
                    );
                }
                progress.running(&format!("{} {} {}", name_of(*profiler), scenario.name, built.label));
                self.cell((*profiler, built), scenario, corpus, set_up, preparing, perf.as_ref(), &scratch)?;
                progress.step();
            }
        }
        progress.end();
        let _ = std::fs::remove_dir_all(&scratch);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of the cell")]
    fn cell(
        &mut self,
        (profiler, built): (Profiler, &Built),
        scenario: &manifest::Scenario,
        corpus: &Corpus,
        set_up: &SetUp<'_>,
        preparing: &Preparing<'_>,
        perf: Option<&Perf>,
        scratch: &Path,
    ) -> Result<()> {
        let what = format!("{} of {} under {}", name_of(profiler), scenario.name, built.label);
        if scenario.whole_command && profiler != Profiler::Perf {
            self.absent(&what, "the work is in a process of its own, which only perf sees", None, false);
            return Ok(());
        }
        let preset = preparing.request.preset.1;
        let is_cpu = matches!(profiler, Profiler::Pprof | Profiler::Perf);
        let environment = &built.variant.record.run_environment;
        let conditions = Conditions {
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
        };
        let toolchain = set_up.toolchain.facts();
        let origin = Origin {
            run: self.run.to_owned(),
            began: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            revision: built.source.revision.clone(),
            dirty: built.source.dirty,
            compiler: toolchain.rustc,
            machine: machine::facts().cpu.unwrap_or_default(),
            corpus: corpus.name.clone(),
            corpus_sha256: corpus.sha256.clone(),
            build: built.variant.record.about.clone(),
            commands: built.variant.record.commands.clone(),
        };
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
        let cpu = match (profiler, perf) {
            (Profiler::Pprof, _) => cell.pprof(rate),
            (Profiler::Perf, Some(perf)) => cell.perf(rate, perf, scratch),
            (Profiler::Perf, None) => return Ok(()),
            (Profiler::Dhat | Profiler::Rss, _) => {
                let keep = self.files.path(&scenario.name, &built.label, "dhat.json");
                let memory = if profiler == Profiler::Dhat { cell.heap(&keep) } else { cell.rss() };
                match memory {
                    Ok(memory) => {
                        self.files.keep_memory(&memory)?;
                        self.profiles.memory.push(memory);
                    }
                    Err(why) => self.why(&what, why),
                }
                return Ok(());
            }
        };
        match cpu {
            Ok(profile) => {
                let profile = self.files.keep_cpu(&profile)?;
                self.profiles.cpu.push(profile);
            }
            Err(why) => self.why(&what, why),
        }
        Ok(())
    }

    fn why(&mut self, what: &str, why: Why) {
        self.absent(what, &why.reason, why.remedy.as_deref(), true);
    }

    /// Notes what is not there; `failed` where that is no matter of this machine or this request.
    fn absent(&mut self, what: &str, reason: &str, remedy: Option<&str>, failed: bool) {
        self.failed |= failed;
        let word = if failed { "failed" } else { "skipped" };
        let mend = remedy.map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        eprintln!("{word}: {what}: {reason}{mend}");
        self.profiles.absent.push(Skip {
            what: what.to_owned(),
            reason: reason.to_owned(),
            remedy: remedy.map(str::to_owned),
        });
    }

    fn reasons(&self) -> String {
        let all = self.profiles.absent.iter().map(|skip| format!("{}: {}", skip.what, skip.reason));
        all.collect::<Vec<_>>().join("; ")
    }
}

fn scratch_folder(scratch: &Path) -> std::path::PathBuf {
    // Where it can't be made, perf says so itself.
    let _ = std::fs::create_dir_all(scratch);
    scratch.to_owned()
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
