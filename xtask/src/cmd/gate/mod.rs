//! `cargo xtask gate`: did a change make the program slower or hungrier?
//!
//! Both revisions are checked out, built and measured here, interleaved: timings from elsewhere are no evidence. Each round
//! is an ordinary run with a folder of its own.

mod arms;
mod limits;
mod round;
mod telling;

use super::Project;
use crate::axes::Axes;
use crate::callgrind::Callgrind;
use crate::cli;
use crate::config::Preset;
use crate::counting::{self, COUNTING, Counted};
use crate::error::{Error, Result, failed};
use crate::glob;
use crate::history::Place;
use crate::lock::MachineLock;
use crate::plan;
use crate::revisions::Repository;
use crate::run_folder::RunFolder;
use crate::scenarios::check_asked;
use crate::set_up::{self, SetUp, Variant};
use crate::toolchain::Toolchain;
use harness::answer::Digest;
use harness::judge::exact;
use harness::judge::gate::{self, Key, Next};
use harness::judge::history;
use harness::judge::protocol::Described;
use harness::judge::wire::Schema;
use harness::judge::wire::gate::{Exact, ExactMetric, Gate, NotCompared, Revision, SCHEMA, VERSION, Verdict};
use harness::judge::wire::history::Entry;
use harness::judge::wire::results::{Metric, Results};
use limits::today;
use round::Besides;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use telling::tell;

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
                blocks.max(rules.open_blocks),
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
        // What the base has and the change took out of sight is as open as what nobody could tell.
        let mut leave_out = |scenario: &Described, reason: &str, is_open: bool| {
            let (scenario, reason) = (scenario.name.clone(), reason.to_owned());
            let open = is_open.then(|| Metric::Time.name().to_owned());
            not_compared.push(NotCompared { scenario, reason, broken: false, open });
        };
        let mut both = Vec::new();
        for scenario in new.iter().filter(is_asked) {
            match find(&old, &scenario.name) {
                None => leave_out(scenario, "only the head has it", false),
                Some(other) if other.version != scenario.version => {
                    leave_out(scenario, "it is another version of the scenario than the base's", true);
                }
                Some(_) if !self.project.config.corpora.iter().any(|c| c.name == scenario.corpus) => {
                    leave_out(scenario, "bench.toml does not describe its corpus", false);
                }
                Some(_) => both.push(scenario.clone()),
            }
        }
        for scenario in old.iter().filter(is_asked) {
            if find(&new, &scenario.name).is_none() {
                leave_out(scenario, "only the base has it", true);
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

    fn sizes(&self, base: &Variant, head: &Variant) -> Vec<Exact> {
        let both = shipped(base).zip(shipped(head));
        let limit = self.exact_limit(ExactMetric::Size, "");
        both.map(|((_, base), (_, head))| exact::compare((ExactMetric::Size, None), (base, head), limit, 0))
            .into_iter()
            .collect()
    }
}

fn named(scenarios: &[Described], names: &BTreeSet<String>) -> Vec<Described> {
    scenarios.iter().filter(|scenario| names.contains(&scenario.name)).cloned().collect()
}

fn scenarios_of(comparisons: &BTreeSet<Key>) -> BTreeSet<String> {
    comparisons.iter().map(|(scenario, _)| scenario.clone()).collect()
}

/// The hash and size of what ships, where that was built.
fn shipped(side: &Variant) -> Option<(String, u64)> {
    side.record.command.as_ref().map(|facts| (facts.sha256.clone(), facts.stripped.unwrap_or(facts.bytes)))
}
