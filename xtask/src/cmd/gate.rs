//! `cargo xtask gate`: did a change make the program slower or hungrier?
//!
//! Both revisions are checked out, built and measured here, interleaved: timings from elsewhere are no evidence. Each round
//! is an ordinary run with a folder of its own.

use super::{Project, report};
use crate::axes::Axes;
use crate::callgrind::Callgrind;
use crate::cli;
use crate::config::{self, CONTROL, Gate as Rules, Preset};
use crate::corpora::{Corpus, Store};
use crate::counting::{self, COUNTING, Counted};
use crate::draft::Draft;
use crate::error::{Doing, Error, Result, failed};
use crate::experiment::{End, visits};
use crate::glob;
use crate::history::Place;
use crate::lock::MachineLock;
use crate::plan::{self, Build};
use crate::revisions::Repository;
use crate::run_folder::RunFolder;
use crate::scenarios::{Asking, check_asked};
use crate::set_up::{self, SetUp, Variant};
use crate::shuffle;
use crate::subject::Subject;
use crate::toolchain::Toolchain;
use crate::training::Training;
use crate::{calibration, machine};
use harness::answer::Digest;
use harness::judge::budget;
use harness::judge::evaluate::evaluate;
use harness::judge::exact::{self, Compared};
use harness::judge::gate::{self, Key, Limit, Next};
use harness::judge::history;
use harness::judge::protocol::Described;
use harness::judge::wire::Schema;
use harness::judge::wire::gate::{Exact, ExactMetric, Gate, NotCompared, Revision, SCHEMA, VERSION, Verdict};
use harness::judge::wire::history::Entry;
use harness::judge::wire::manifest::InstrumentPlan;
use harness::judge::wire::results::{Comparison, Metric, Results};
use harness::judge::wire::sample::Instrument;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The names of the two arms. They are of one length, as are the paths of their work trees.
const BASE: &str = "base";
const HEAD: &str = "head";
/// The names of their heap builds.
const HEAPS: [&str; 2] = ["heap-base", "heap-head"];

/// What the runs of the rounds are called, behind the gate's name.
const ROUNDS: [&str; 2] = ["first", "open"];

/// The name of a confirmation, from 1.
fn again_name(number: u32) -> String {
    if number == 1 { "again".to_owned() } else { format!("again-{number}") }
}

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Gate) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let name = flags
        .name
        .clone()
        .unwrap_or_else(|| jiff::Timestamp::now().strftime("gate-%Y-%m-%dT%H-%M-%S").to_string());
    // What can't be read is told before anything is measured.
    let place = flags.against_history.as_deref();
    let place = place.map(|place| Place::open(Repository::of(&project.root)?, place)).transpose()?;
    let entries = place.as_ref().map(Place::read).transpose()?;
    let mut gate = judged(&project, flags, &name)?;
    let kept = place
        .zip(entries)
        .map(|(place, entries)| follow(&project, place, &entries, &mut gate))
        .transpose()?;
    tell(&project, &name, &gate)?;
    let appended = kept.map_or(Ok(()), |(place, entry)| place.append(&entry));
    if gate.verdict == Verdict::Pass {
        appended?;
    } else if let Err(error) = appended {
        eprintln!("error: {error}");
    }
    Ok(match gate.verdict {
        Verdict::Pass => ExitCode::SUCCESS,
        Verdict::Broken => ExitCode::FAILURE,
        Verdict::Regression => ExitCode::from(3),
        Verdict::Undecided => ExitCode::from(4),
    })
}

/// Says what the history says together with this gate, and makes the entry that this gate adds to it.
fn follow(project: &Project, place: Place, entries: &[Entry], gate: &mut Gate) -> Result<(Place, Entry)> {
    let first = gate.runs.first().map(|run| RunFolder::open(&project.runs(), run)?.manifest()).transpose()?;
    let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let entry = history::entry(gate, first.as_ref(), &at);
    let margins = &project.config.margins;
    let margin = |metric| match metric {
        ExactMetric::Instructions => (margins.time, 0),
        ExactMetric::Heap => (margins.memory, margins.memory_bytes),
        ExactMetric::Allocations | ExactMetric::Size => (margins.memory, 0),
    };
    gate.history = Some(history::history(&place.about(), entries, &entry, gate, margin));
    Ok((place, entry))
}

/// Builds, measures and judges; the runs' folders begin with `name`.
pub fn judged(project: &Project, flags: &cli::Gate, name: &str) -> Result<Gate> {
    let preset = project.config.preset(flags.sides.preset())?;
    let repository = Repository::of(&project.root)?;
    let revisions = [repository.resolve(&flags.base)?, repository.resolve(&flags.head)?];
    let mut notes = project.config.gate.expired(today());
    let is_here = repository.resolve("HEAD").is_ok_and(|here| here.commit == revisions[1].commit);
    if is_here && repository.is_dirty() {
        notes.push("the work tree holds changes that are not committed: they are not measured".to_owned());
    }
    let mut chosen = match &flags.sides.variant {
        Some(name) => project.config.variant(name)?,
        None => plan::choose(&project.config, preset, &[])?.variants,
    };
    chosen.truncate(1);
    let toolchain =
        Toolchain::choose(Toolchain::all(&project.sysroots())?, flags.sides.toolchain.as_deref(), &chosen)?;
    let Some((_, axes)) = chosen.into_iter().next() else {
        return failed("there is nothing to build");
    };
    if let Some(missing) = toolchain.why_not(&axes) {
        return failed(format!("it can't be built here: {}", missing.reason));
    }
    let _lock = MachineLock::take(&project.runs())?;
    let confirmations = (1..=project.config.gate.confirmations.max(1)).map(again_name);
    for round in ROUNDS.map(str::to_owned).into_iter().chain(confirmations) {
        RunFolder::check_free(&project.runs(), &format!("{name}-{round}"))?;
    }
    let mut trees = Vec::new();
    for (side, revision) in [BASE, HEAD].iter().zip(&revisions) {
        let root = repository.check_out(revision, &project.trees().join(side))?;
        let configuration = |root: &Path| std::fs::read(root.join("bench.toml")).ok();
        if configuration(&root) != configuration(&project.root) {
            notes.push(format!(
                "the bench.toml here differs from that of the {side}: what is measured and how it is judged follows the one \
                 here"
            ));
        }
        trees.push(Project { root, config: project.config.clone() });
    }
    let begin = |at: usize, side: &str| {
        let Revision { name, commit } = &revisions[at];
        SetUp::begin_at(&trees[at], toolchain.clone(), commit)
            .map_err(|error| Error::Failed(format!("the {side} {name} ({commit}): {error}")))
    };
    let sides = [begin(0, BASE)?, begin(1, HEAD)?];
    let judging = Judging { project, preset, flags, axes, sides, revisions: &revisions, name };
    judging.judge(notes)
}

/// Everything that a gate is made of.
struct Judging<'a> {
    project: &'a Project,
    preset: &'a Preset,
    flags: &'a cli::Gate,
    axes: Axes,
    sides: [SetUp<'a>; 2],
    revisions: &'a [Revision; 2],
    name: &'a str,
}

impl Judging<'_> {
    fn judge(&self, mut notes: Vec<String>) -> Result<Gate> {
        let built = self.build(&self.axes)?;
        let [base, head] = &built;
        let identical =
            [base, head].map(|side| (side.record.binary.sha256.clone(), shipped(side).map(|f| f.0)));
        let identical = identical[0] == identical[1];
        let (scenarios, not_compared) = self.scenarios(base, head)?;
        let rules = &self.project.config.gate;
        let mut gate = Gate {
            schema: Schema::new(SCHEMA, VERSION),
            base: self.revisions[0].clone(),
            head: self.revisions[1].clone(),
            variant: self.axes.about(),
            verdict: Verdict::Pass,
            judged: Vec::new(),
            exact: self.sizes(base, head),
            identical,
            not_compared,
            runs: Vec::new(),
            notes: Vec::new(),
            history: None,
        };
        if identical {
            gate.notes = notes;
            return Ok(gate);
        }
        let heaps = self.heaps(&mut gate)?;
        let blocks = self.flags.sides.blocks.unwrap_or(rules.blocks);
        let besides =
            Besides { heaps: heaps.as_ref(), counted: self.counted(&built, &scenarios, &mut notes)? };
        let first = self.round(ROUNDS[0], &built, besides, &scenarios, blocks, &mut gate)?;
        let open = self.wanting(&first, Next::MoreBlocks);
        let more = match named(&scenarios, &scenarios_of(&open)) {
            again if again.is_empty() => None,
            again => Some(self.round(
                ROUNDS[1],
                &built,
                Besides::default(),
                &again,
                rules.open_blocks,
                &mut gate,
            )?),
        };
        let mut worse = self.wanting(&first, Next::Confirmation);
        // What the first run cleared stays so, however another metric of its scenario stood.
        let still = more.iter().flat_map(|results| self.wanting(results, Next::Confirmation));
        worse.extend(still.filter(|key| open.contains(key)));
        let mut confirmations = Vec::new();
        for number in 1..=rules.confirmations.max(1) {
            let again = named(&scenarios, &scenarios_of(&worse));
            if again.is_empty() {
                break;
            }
            let relinked = self.relinked(&built, number, &mut notes)?;
            let fresh = relinked.as_ref().unwrap_or(&built);
            let blocks = blocks.max(rules.blocks);
            let results =
                self.round(&again_name(number), fresh, Besides::default(), &again, blocks, &mut gate)?;
            worse = gate::still_worse(&worse, &results.comparisons, |one| self.limit(one));
            confirmations.push(results);
            if relinked.is_none() {
                // The same binaries would only say the same again.
                break;
            }
        }
        let more_blocks = more.as_ref().map(|round| round.comparisons.clone()).unwrap_or_default();
        let confirmed: Vec<_> = confirmations.iter().map(|round| round.comparisons.clone()).collect();
        gate.judged = gate::decide(&first.comparisons, &more_blocks, &confirmed, |one| self.limit(one));
        gate.verdict = gate::verdict(&gate.judged, &gate.exact, &gate.not_compared);
        notes.extend(rules.unused(&gate, today()));
        for (round, results) in gate.runs.iter().zip(std::iter::once(first).chain(more).chain(confirmations))
        {
            notes.extend(results.warnings.into_iter().map(|warning| format!("{round}: {warning}")));
        }
        gate.notes = notes;
        Ok(gate)
    }

    /// Builds both revisions at this point; the head's error is told apart from the base's.
    fn build(&self, axes: &Axes) -> Result<[Variant; 2]> {
        let with_command = self.project.config.subject.command.is_some();
        let corpora = if axes.trains() {
            super::build::training_corpora(&self.sides[1], self.preset, axes.training)?
        } else {
            Vec::new()
        };
        let training = Training {
            corpora: &corpora,
            commands: &self.project.config.training.commands,
            limit: Duration::from_secs(self.preset.time_limit * 10),
        };
        let build = |at: usize, name: &str| {
            let Revision { name: revision, commit } = &self.revisions[at];
            eprintln!("building {name}: {revision} ({commit})");
            let wanted = self.preset.features.clone();
            let build = Build { wanted, ..plan::build_of(name, axes, with_command) };
            self.sides[at].build(&build, Some(&training)).map_err(|error| {
                Error::Failed(format!("the {name} {revision} ({commit}) does not build: {error}"))
            })
        };
        Ok([build(0, BASE)?, build(1, HEAD)?])
    }

    /// The heap builds of both sides, where the subject has one.
    fn heaps(&self, gate: &mut Gate) -> Result<Option<[Variant; 2]>> {
        let Some(feature) = &self.project.config.subject.heap_feature else { return Ok(None) };
        let heap = |at: usize, name: &str| {
            let wanted = self.preset.features.clone();
            let build =
                Build { name: name.to_owned(), wanted, ..plan::heap_build(feature, self.axes.target) };
            self.sides[at].build(&build, None)
        };
        let base = heap(0, HEAPS[0]);
        // A head whose own heap build fails where the base's does not broke it.
        let broken = base.is_ok();
        match base.and_then(|base| Ok([base, heap(1, HEAPS[1])?])) {
            Ok(both) => Ok(Some(both)),
            Err(error) if self.sides[1].interrupt.asked() => Err(error),
            // Time can be judged without it.
            Err(error) => {
                let side = if broken { HEAD } else { BASE };
                gate.not_compared.push(NotCompared {
                    scenario: "heap and allocations".to_owned(),
                    reason: format!("the heap build of the {side} failed: {error}"),
                    broken,
                });
                Ok(None)
            }
        }
    }

    /// Where instructions are counted, and on what; none where they can't be, which is noted.
    fn counted(
        &self,
        built: &[Variant; 2],
        scenarios: &[Described],
        notes: &mut Vec<String>,
    ) -> Result<Counted> {
        for (side, name) in built.iter().zip([BASE, HEAD]) {
            let missing = match set_up::describe(&side.subject)?.protocol {
                0..COUNTING => Some(format!("the {name} is older than this instrument")),
                _ => Callgrind::find(&side.subject).err().map(|missing| missing.to_string()),
            };
            if let Some(missing) = missing {
                notes.push(format!("instructions were not compared: {missing}"));
                return Ok(Counted::default());
            }
        }
        let corpora = self.corpora(scenarios, |_| counting::RECORDS)?;
        counting::planned(&built[0].subject, scenarios, &corpora, Duration::from_secs(self.preset.time_limit))
    }

    /// Both sides linked in another order, where there is a linker that can.
    fn relinked(
        &self,
        built: &[Variant; 2],
        number: u32,
        notes: &mut Vec<String>,
    ) -> Result<Option<[Variant; 2]>> {
        let linker = built[0].record.binary.linker.as_deref();
        let folder = self.project.root.join("target/gate/linker");
        let Some(flags) = shuffle::flags(linker, &folder, self.seed(&format!("relinked {number}")))? else {
            notes.push(
                "there is no LLD, so what was worse was confirmed on fresh blocks of the same binaries, not on relinked \
                 ones (cargo xtask setup --via apt brings it)"
                    .to_owned(),
            );
            return Ok(None);
        };
        let axes = Axes { flags: [self.axes.flags.clone(), flags].concat(), ..self.axes.clone() };
        match self.build(&axes) {
            Ok(relinked) => Ok(Some(relinked)),
            Err(error) if self.sides[1].interrupt.asked() => Err(error),
            Err(error) => {
                notes.push(format!(
                    "linking in another order failed, so what was worse was confirmed on fresh blocks of the same binaries: \
                     {error}"
                ));
                Ok(None)
            }
        }
    }

    /// A seed for each round and purpose: what favoured a side once is not to favour it again.
    fn seed(&self, what: &str) -> u64 {
        Digest::new().number(self.flags.sides.seed.unwrap_or(1)).text(what).finish().low64()
    }

    /// The scenarios that both sides have, in the same version, and those that can't be compared.
    fn scenarios(&self, base: &Variant, head: &Variant) -> Result<(Vec<Described>, Vec<NotCompared>)> {
        let (old, new) =
            (set_up::describe(&base.subject)?.scenarios, set_up::describe(&head.subject)?.scenarios);
        let asked = if self.flags.sides.scenarios.is_empty() {
            &self.preset.scenarios
        } else {
            &self.flags.sides.scenarios
        };
        let find = |all: &[Described], name: &str| all.iter().find(|other| other.name == name).cloned();
        let gone = old.iter().filter(|one| find(&new, &one.name).is_none());
        let known: Vec<&str> = new.iter().chain(gone).map(|one| one.name.as_str()).collect();
        check_asked(asked, &known)?;
        let is_asked = |s: &&Described| asked.iter().any(|pattern| glob::matches(pattern, &s.name));
        let mut not_compared = Vec::new();
        let mut leave_out = |scenario: &Described, reason: &str| {
            let (scenario, reason) = (scenario.name.clone(), reason.to_owned());
            not_compared.push(NotCompared { scenario, reason, broken: false });
        };
        let mut both = Vec::new();
        for scenario in new.iter().filter(is_asked) {
            match find(&old, &scenario.name) {
                None => leave_out(scenario, "only the head has it"),
                Some(other) if other.version != scenario.version => {
                    leave_out(scenario, "it is another version of the scenario than the base's");
                }
                Some(_) if !self.project.config.corpora.iter().any(|c| c.name == scenario.corpus) => {
                    leave_out(scenario, "bench.toml does not describe its corpus");
                }
                Some(_) => both.push(scenario.clone()),
            }
        }
        for scenario in old.iter().filter(is_asked) {
            if find(&new, &scenario.name).is_none() {
                leave_out(scenario, "only the base has it");
            }
        }
        if both.is_empty() {
            return failed(
                "the two revisions share no scenario that was asked for: there is nothing to compare",
            );
        }
        Ok((both, not_compared))
    }

    /// The comparisons that ask for this.
    fn wanting(&self, results: &Results, next: Next) -> BTreeSet<Key> {
        gate::wanting(&results.comparisons, next, |one| self.limit(one))
    }

    fn limit(&self, comparison: &Comparison) -> Limit {
        let Rules { time, memory, .. } = self.project.config.gate;
        let usual = if comparison.metric == Metric::Time { time } else { memory };
        self.project.config.gate.limit(comparison.metric.name(), &comparison.scenario, usual, today())
    }

    fn exact_limit(&self, metric: ExactMetric, scenario: &str) -> Limit {
        let Rules { instructions, memory, size, .. } = self.project.config.gate;
        let usual = match metric {
            ExactMetric::Instructions => instructions,
            ExactMetric::Heap | ExactMetric::Allocations => memory,
            ExactMetric::Size => size,
        };
        self.project.config.gate.limit(metric.name(), scenario, usual, today())
    }

    fn sizes(&self, base: &Variant, head: &Variant) -> Vec<Exact> {
        let both = shipped(base).zip(shipped(head));
        let limit = self.exact_limit(ExactMetric::Size, "");
        both.map(|((_, base), (_, head))| exact::compare((ExactMetric::Size, None), (base, head), limit, 0))
            .into_iter()
            .collect()
    }

    /// One round: a run of its own.
    fn round(
        &self,
        what: &str,
        built: &[Variant; 2],
        besides: Besides<'_>,
        scenarios: &[Described],
        blocks: u32,
        gate: &mut Gate,
    ) -> Result<Results> {
        let [base, head] = built;
        let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let run = format!("{}-{what}", self.name);
        let mut corpora = self.corpora(scenarios, |corpus| self.preset.records_of(corpus))?;
        let mut skipped = Vec::new();
        let asking = Asking { preset: self.preset, own: false };
        let measured = asking.scenarios(&base.subject, scenarios, &corpora, &mut skipped)?;
        let builds = [base.record.clone(), head.record.clone()];
        let draft = Draft {
            run: &run,
            began: &began,
            preset: (self.flags.sides.preset(), self.preset),
            input: &[],
            set_up: &self.sides[1],
            builds: &builds,
            corpora: &corpora,
            blocks: Some(blocks),
            counted: &besides.counted,
            calibration: calibration::cited(self.project, &machine::facts(), blocks)?,
            seed: self.seed(what),
        };
        let mut manifest = draft.manifest(measured);
        gate.not_compared.extend(skipped.iter().map(|skip| {
            let (scenario, reason) = (skip.what.clone(), skip.reason.clone());
            NotCompared { scenario, reason, broken: false }
        }));
        manifest.skipped = skipped;
        // Tails of so few blocks stay open on most machines: a change is not judged by them.
        manifest.experiment.instruments.retain(|plan| plan.instrument != Instrument::Latency);
        let mut in_process = Vec::new();
        manifest.experiment.planned_by = Some(format!("{blocks} blocks of the gate's round {what:?}"));
        for plan in &mut manifest.experiment.instruments {
            match plan.instrument {
                Instrument::Clock => plan.blocks = blocks,
                Instrument::Rss => {
                    plan.blocks = blocks;
                    in_process.clone_from(&plan.scenarios);
                }
                Instrument::Latency | Instrument::Heap | Instrument::Count => {}
            }
        }
        let mut arms: BTreeMap<String, Subject> = BTreeMap::from([
            (BASE.to_owned(), base.subject.clone()),
            (HEAD.to_owned(), head.subject.clone()),
            (CONTROL.to_owned(), self.sides[0].control(base)?),
        ]);
        if let Some(heaps) = besides.heaps.filter(|_| !in_process.is_empty()) {
            manifest.experiment.instruments.push(InstrumentPlan {
                instrument: Instrument::Heap,
                blocks: self.preset.heap_visits.max(2),
                scenarios: in_process,
            });
            for heap in heaps {
                let name = heap.record.variant.clone();
                manifest.builds.push(heap.record.clone());
                manifest.experiment.heaps.push(name.clone());
                arms.insert(name, heap.subject.clone());
            }
        }
        let folder = RunFolder::create(&self.project.runs(), &run)?;
        folder.write_manifest(&manifest)?;
        eprintln!("round {what:?}: {} scenarios, {blocks} blocks", manifest.scenarios.len());
        for warning in budget::too_few(&manifest.experiment.instruments, 1) {
            eprintln!("warning: {warning}");
        }
        corpora.extend(besides.counted.corpora);
        if visits(&self.sides[1].interrupt, &folder, &manifest, &arms, &corpora)? == End::Interrupted {
            return failed(format!("interrupted; what was measured is in {}", folder.path().display()));
        }
        let samples = folder.samples()?;
        let results = evaluate(&manifest, &samples);
        let limit = |metric: ExactMetric, scenario: &str| self.exact_limit(metric, scenario);
        let least = self.project.config.margins.memory_bytes;
        for Compared { exact, not_compared } in [
            exact::instructions(&manifest, &samples, [BASE, HEAD], limit),
            exact::heaps(&manifest, &samples, HEAPS, least, limit),
        ] {
            gate.exact.extend(exact);
            gate.not_compared.extend(not_compared);
        }
        folder.write_results(&results)?;
        reports::write(&results, folder.path())
            .doing(|| format!("writing the report into {}", folder.path().display()))?;
        gate.runs.push(run);
        Ok(results)
    }

    fn corpora(
        &self,
        scenarios: &[Described],
        records: impl Fn(&config::Corpus) -> u64,
    ) -> Result<Vec<Corpus>> {
        let folder = self.project.corpora();
        let store = Store { root: &self.project.root, folder: &folder, toolchain: &self.sides[1].toolchain };
        let all = self.project.config.corpora.iter();
        all.filter(|corpus| scenarios.iter().any(|scenario| scenario.corpus == corpus.name))
            .map(|corpus| store.corpus(corpus, corpus.seed, records(corpus)))
            .collect()
    }
}

/// Prints the verdict and writes it for machines.
fn tell(project: &Project, name: &str, gate: &Gate) -> Result<()> {
    let folder = project.root.join("target/gate/verdicts").join(name);
    std::fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
    let write =
        |path: &Path, text: &str| std::fs::write(path, text).doing(|| format!("writing {}", path.display()));
    let markdown = reports::gate::markdown(gate);
    let json = serde_json::to_string_pretty(gate).doing(|| "writing the verdict as JSON".to_owned())?;
    write(&folder.join("gate.json"), &(json + "\n"))?;
    write(&folder.join("gate.md"), &markdown)?;
    write(&folder.join("gate.xml"), &reports::gate::junit(gate))?;
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        let summary = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        summary
            .and_then(|mut file| file.write_all(markdown.as_bytes()))
            .doing(|| format!("appending to {}", Path::new(&path).display()))?;
    }
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        for line in reports::gate::annotations(gate) {
            report::print(&(line + "\n"))?;
        }
    }
    report::print(&format!("{}verdict: {}\n", reports::gate::terminal(gate), folder.display()))
}

fn named(scenarios: &[Described], names: &BTreeSet<String>) -> Vec<Described> {
    scenarios.iter().filter(|scenario| names.contains(&scenario.name)).cloned().collect()
}

fn scenarios_of(comparisons: &BTreeSet<Key>) -> BTreeSet<String> {
    comparisons.iter().map(|(scenario, _)| scenario.clone()).collect()
}

/// The day, in UTC.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The hash and size of what ships, where that was built.
fn shipped(side: &Variant) -> Option<(String, u64)> {
    side.record.command.as_ref().map(|facts| (facts.sha256.clone(), facts.stripped.unwrap_or(facts.bytes)))
}

/// What the first round measures besides time and resident memory.
#[derive(Default)]
struct Besides<'a> {
    heaps: Option<&'a [Variant; 2]>,
    counted: Counted,
}

impl Rules {
    /// The limit of a metric in a scenario (empty for what ships) on a day.
    fn limit(&self, metric: &str, scenario: &str, usual: f64, today: jiff::civil::Date) -> Limit {
        let own = self.limits.iter().find(|own| {
            own.until >= today && own.metric == metric && glob::matches(&own.scenarios, scenario)
        });
        match own {
            Some(own) => {
                Limit { limit: own.limit, reason: Some(format!("until {}: {}", own.until, own.reason)) }
            }
            None => Limit { limit: usual, reason: None },
        }
    }

    /// Limits of their own that applied to nothing, as one with a mistyped scenario.
    fn unused(&self, gate: &Gate, today: jiff::civil::Date) -> Vec<String> {
        let judged = gate.judged.iter().map(|one| (one.metric.name(), one.scenario.as_str()));
        let exact =
            gate.exact.iter().map(|one| (one.metric.name(), one.scenario.as_deref().unwrap_or_default()));
        let compared: Vec<(&str, &str)> = judged.chain(exact).collect();
        let unused = self.limits.iter().filter(|own| own.until >= today).filter(|own| {
            let applies = |(metric, scenario): &(&str, &str)| {
                own.metric == *metric && glob::matches(&own.scenarios, scenario)
            };
            !compared.iter().any(applies)
        });
        unused
            .map(|own| {
                format!(
                    "the limit of {} of {} applied to nothing that was compared",
                    own.metric, own.scenarios
                )
            })
            .collect()
    }

    /// Limits of their own that are past their day: they do not count.
    fn expired(&self, today: jiff::civil::Date) -> Vec<String> {
        let past = self.limits.iter().filter(|own| own.until < today);
        past.map(|own| {
            format!(
                "the limit of {} of {} ended on {} and does not count any more ({})",
                own.metric, own.scenarios, own.until, own.reason
            )
        })
        .collect()
    }
}
