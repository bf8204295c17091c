//! `cargo xtask compare`: two variants of a run against each other, two runs beside each other, or two revisions.

use super::{Project, gate, report};
use crate::cli;
use crate::config;
use crate::error::{Error, Result, failed};
use crate::revisions::Repository;
use crate::run_folder::{RunFolder, names};
use harness::judge::across::{self, Run};
use harness::judge::evaluate::{broken_where_measured, evaluate, evaluate_between};
use harness::judge::wire::gate::{Decision, ExactMetric, Verdict};
use harness::judge::wire::manifest::{Build, Manifest};
use harness::judge::wire::results::{Comparison, Results};
use std::path::Path;
use std::process::ExitCode;

/// What two names can stand for, in the order in which it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Variant,
    Run,
    Revision,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Variant, Self::Run, Self::Revision];

    fn several(self) -> &'static str {
        match self {
            Self::Variant => "variants of a run",
            Self::Run => "runs",
            Self::Revision => "revisions",
        }
    }
}

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Compare) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let sides = [&flags.base, &flags.other];
    if !flags.run.is_empty() {
        if flags.sides != cli::Sides::default() {
            return Err(measured_already(&[Kind::Variant]));
        }
        return variants(&project, flags);
    }
    let of_both = sides.map(|name| kinds(&project, name));
    let kinds = Kind::ALL.into_iter().filter(|kind| of_both.iter().all(|kinds| kinds.contains(kind)));
    let kinds: Vec<Kind> = kinds.collect();
    if let [taken, others @ ..] = kinds.as_slice()
        && !others.is_empty()
    {
        let others: Vec<&str> = others.iter().map(|kind| kind.several()).collect();
        eprintln!(
            "{} and {} are taken as {}; they are {} too",
            flags.base,
            flags.other,
            taken.several(),
            others.join(" and ")
        );
    }
    match kinds.first() {
        Some(Kind::Variant | Kind::Run) if flags.sides != cli::Sides::default() => {
            Err(measured_already(&kinds))
        }
        Some(Kind::Variant) => variants(&project, flags),
        Some(Kind::Run) => runs(&project, flags),
        Some(Kind::Revision) => revisions(project, flags),
        None => Err(unlike(&project, flags, &of_both)),
    }
}

fn measured_already(kinds: &[Kind]) -> Error {
    let kind = kinds.first().map_or("these", |kind| kind.several());
    Error::Usage(format!(
        "--preset, --variant, --scenarios, --blocks, --toolchain and --seed say how two revisions are measured; {kind} have been \
         measured"
    ))
}

/// All that a name can stand for here.
fn kinds(project: &Project, name: &str) -> Vec<Kind> {
    let is = |kind: Kind| match kind {
        Kind::Variant => {
            let manifest = RunFolder::open(&project.runs(), "").and_then(|folder| folder.manifest());
            manifest.is_ok_and(|manifest| measured_as(&manifest, name).is_ok())
        }
        Kind::Run => !name.is_empty() && RunFolder::open(&project.runs(), name).is_ok(),
        Kind::Revision => {
            Repository::of(&project.root).and_then(|repository| repository.resolve(name)).is_ok()
        }
    };
    Kind::ALL.into_iter().filter(|kind| is(*kind)).collect()
}

/// Why two names can't be compared.
fn unlike(project: &Project, flags: &cli::Compare, of_both: &[Vec<Kind>; 2]) -> Error {
    let said = [&flags.base, &flags.other].into_iter().zip(of_both).map(|(name, kinds)| {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.several()).collect();
        if kinds.is_empty() {
            format!("{name:?} is neither a variant of the newest run, nor a run, nor a revision")
        } else {
            format!("{name:?} is among the {}", kinds.join(" and the "))
        }
    });
    let said: Vec<String> = said.collect();
    let newest = RunFolder::open(&project.runs(), "").and_then(|folder| folder.manifest());
    let variants = newest.map_or_else(
        |_| "there is no run yet".to_owned(),
        |manifest| format!("the run {} has the variants {}", manifest.run, known(&manifest).join(", ")),
    );
    let runs = names(&project.runs());
    let runs = if runs.is_empty() { String::new() } else { format!("; the runs are {}", runs.join(", ")) };
    Error::Usage(format!(
        "two of a kind can be compared, and {}; {variants}{runs}; for revisions see `git log`",
        said.join(", and ")
    ))
}

/// The exit code, by whether anything could be judged, and whether something is worse.
fn ended(demand: bool, judged: bool, worse: bool) -> Result<ExitCode> {
    match (judged, demand) {
        (false, true) => {
            eprintln!("nothing of it could be judged");
            Ok(ExitCode::from(4))
        }
        (false, false) => failed("nothing of it could be judged"),
        (true, demand) => Ok(if demand && worse { ExitCode::from(3) } else { ExitCode::SUCCESS }),
    }
}

fn variants(project: &Project, flags: &cli::Compare) -> Result<ExitCode> {
    let folder = RunFolder::open(&project.runs(), &flags.run)?;
    let manifest = folder.manifest()?;
    let (base, other) = (measured_as(&manifest, &flags.base)?, measured_as(&manifest, &flags.other)?);
    if base == other {
        return failed(format!(
            "{} and {} are the same binary, byte for byte: there is nothing to compare",
            flags.base, flags.other
        ));
    }
    let results = evaluate_between(&manifest, &folder.samples()?, base, other);
    report::print(&format!("of the run {}\n{}", manifest.run, report::verdict_and_table(&results)))?;
    if let Some(words) = broken(&results, base, other) {
        return failed(words);
    }
    let judged = results.comparisons.iter().any(Comparison::is_judged);
    ended(flags.demand, judged, results.comparisons.iter().any(Comparison::is_worse))
}

/// Where B answers wrongly or breaks off and A does not: that is no comparison, and no success, whatever is faster elsewhere.
fn broken(results: &Results, base: &str, other: &str) -> Option<String> {
    let mut cells = broken_where_measured(results, base, other);
    let first = cells.next()?;
    let more = match cells.count() {
        0 => String::new(),
        1 => "; and so in one more cell".to_owned(),
        n => format!("; and so in {n} more cells"),
    };
    Some(format!(
        "{other} answers wrongly or breaks off where {base} was measured: in {} ({}) it {}{more}",
        first.scenario, first.instrument, first.reason
    ))
}

fn runs(project: &Project, flags: &cli::Compare) -> Result<ExitCode> {
    let read = |name: &str| -> Result<(Manifest, Results)> {
        let folder = RunFolder::open(&project.runs(), name)?;
        let manifest = folder.manifest()?;
        let results = evaluate(&manifest, &folder.samples()?);
        Ok((manifest, results))
    };
    let (then, now) = (read(&flags.base)?, read(&flags.other)?);
    let (then, now) =
        (Run { manifest: &then.0, results: &then.1 }, Run { manifest: &now.0, results: &now.1 });
    let across = across::across(then, now);
    report::print(&reports::across::terminal(then.results, now.results, &across))?;
    let only_sizes = !across.is_empty() && !across.is_judged();
    if flags.demand && only_sizes {
        eprintln!("only sizes can be compared, and they say nothing of time and memory");
    }
    // Who demands nothing has what was to be seen.
    let judged = across.is_judged() || (only_sizes && !flags.demand);
    ended(flags.demand, judged, across.is_worse())
}

/// Two revisions are what the gate measures: its rounds without its limits. What is told apart as worse is confirmed on
/// fresh blocks here too.
fn revisions(mut project: Project, flags: &cli::Compare) -> Result<ExitCode> {
    let margins = &project.config.margins;
    project.config.gate = config::Gate {
        time: f64::INFINITY,
        memory: margins.memory,
        instructions: margins.time,
        size: margins.memory,
        limits: Vec::new(),
        ..project.config.gate
    };
    let flags_of_gate = cli::Gate {
        base: flags.base.clone(),
        head: flags.other.clone(),
        sides: flags.sides.clone(),
        name: None,
        against_history: None,
    };
    let name = jiff::Timestamp::now().strftime("compare-%Y-%m-%dT%H-%M-%S").to_string();
    let gate = gate::judged(&project, &flags_of_gate, &name)?;
    report::print(&reports::gate::comparison(&gate))?;
    let worse = gate.judged.iter().any(|one| one.decision == Decision::Regression)
        || gate.exact.iter().any(|one| one.decision == Decision::Regression);
    if gate.verdict == Verdict::Broken {
        return failed("a side breaks off or answers wrongly: it has no figures to compare");
    }
    // Sizes are always told: they alone say nothing of time and memory.
    let judged = gate.identical
        || gate.exact.iter().any(|one| one.metric != ExactMetric::Size)
        || gate.judged.iter().any(|one| matches!(one.decision, Decision::Cleared | Decision::Regression));
    ended(flags.demand, judged, worse)
}

/// The variants that a run has.
fn known(manifest: &Manifest) -> Vec<&str> {
    let heaps = &manifest.experiment.heaps;
    let variants = manifest.builds.iter().filter(|build| !heaps.contains(&build.variant));
    variants.map(|build| build.variant.as_str()).collect()
}

/// The variant whose binary was measured for this one.
fn measured_as<'m>(manifest: &'m Manifest, name: &str) -> Result<&'m str> {
    let known = known(manifest);
    let is_it = |build: &&Build| build.variant == name && known.contains(&name);
    let Some(build) = manifest.builds.iter().find(is_it) else {
        let skipped = manifest
            .skipped
            .iter()
            .chain(&manifest.failed)
            .find(|skip| skip.what == format!("variant {name}"));
        if let Some(skip) = skipped {
            return Err(Error::Usage(format!(
                "{name} was not measured in the run {}: {}",
                manifest.run, skip.reason
            )));
        }
        return Err(Error::Usage(format!(
            "the run {} has no variant {name:?}; it has: {}",
            manifest.run,
            known.join(", ")
        )));
    };
    let Build { variant, identical_to, .. } = build;
    Ok(identical_to.as_ref().unwrap_or(variant))
}
