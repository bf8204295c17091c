//! `cargo xtask profile`: where cells spend their CPU time and what becomes of their memory.

use super::{Project, repeat, report};
use crate::cli;
use crate::error::{Error, Result, failed};
use crate::lock::MachineLock;
use crate::plan;
use crate::preparing::{Preparing, Request};
use crate::profiling::{Files, Taking};
use crate::revisions::Repository;
use crate::run_folder::RunFolder;
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use harness::judge::wire::gate::Revision;
use harness::judge::wire::profile::Profiles;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Profile) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let folder = match &flags.run {
        Some(run) => Some(RunFolder::open(&project.runs(), run)?),
        None => None,
    };
    // Beside a run's figures stand profiles of what it measured, unless something else is asked for.
    let then = folder.as_ref().map(RunFolder::manifest).transpose()?;
    let preset_name = match (&flags.preset, &then) {
        (Some(name), _) => name.as_str(),
        (None, Some(then)) => &then.preset,
        (None, None) => "quick",
    };
    let preset = project.config.preset(preset_name)?;
    let input = match &then {
        Some(then) if flags.input.is_empty() => then.input_files(),
        _ => flags.input.clone(),
    };
    for input in &input {
        super::bench::check_input(input)?;
    }
    let (asked, revision) = asked(&project, flags)?;
    let mut chosen = plan::choose(&project.config, preset, &asked)?;
    // Whatever a run of the preset reads.
    chosen.heap = true;
    if asked.is_empty() {
        chosen.variants.truncate(1);
    }
    let toolchains = Toolchain::all(&project.sysroots())?;
    let toolchain = match &then {
        Some(then) if flags.toolchain.is_none() => {
            repeat::toolchain(&toolchains, &then.toolchain).map_err(|error| {
                Error::Failed(format!("{error}; --toolchain NAME profiles builds of another"))
            })?
        }
        _ => Toolchain::choose(toolchains, flags.toolchain.as_deref(), &chosen.variants)?,
    };
    let _lock = MachineLock::take(&project.runs())?;
    let set_up = SetUp::begin(&project, toolchain)?;
    let plan = plan::plan(&project.config, chosen, &set_up.toolchain)?;
    let earlier = match &revision {
        Some(revision) => Some((tree(&project, revision)?, revision)),
        None => None,
    };
    let earlier = match &earlier {
        Some((tree, revision)) => {
            Some((SetUp::begin_at(tree, set_up.toolchain.clone(), &revision.commit)?, *revision))
        }
        None => None,
    };
    let name = flags
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-profile", jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S")));
    let (path, run) = match (&folder, &then) {
        (Some(folder), Some(then)) => (folder.path().to_owned(), then.run.clone()),
        _ => (RunFolder::create(&project.runs(), &name)?.path().to_owned(), name),
    };
    let request = Request {
        preset: (preset_name, preset),
        scenarios: &flags.scenarios,
        input: &input,
        blocks: None,
        seed: 1,
    };
    let preparing = Preparing { set_up: &set_up, request, plan: &plan };
    let taken =
        taken(flags, &preparing, earlier.as_ref().map(|(set_up, revision)| (set_up, *revision)), &path, &run);
    let (page, profiles, some_failed) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            // A folder without anything in it is no run.
            if folder.is_none() {
                let _ = std::fs::remove_dir(path.join("profiles"));
                let _ = std::fs::remove_dir(&path);
            }
            return Err(error);
        }
    };
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

/// Takes all profiles into the folder at `path`: the page, what is on it, and whether anything failed.
fn taken(
    flags: &cli::Profile,
    preparing: &Preparing<'_>,
    earlier: Option<(&SetUp<'_>, &Revision)>,
    path: &Path,
    run: &str,
) -> Result<(PathBuf, Profiles, bool)> {
    let files = Files::of(path)?;
    let mut taking = Taking::begin(flags, preparing, &files, run)?;
    let built = taking.build(earlier)?;
    taking.take(&built)?;
    let (profiles, failed) = taking.end();
    Ok((files.page(), files.conclude(run, profiles)?, failed))
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
