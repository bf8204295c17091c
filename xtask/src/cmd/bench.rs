//! `cargo xtask bench`: plan, build, visit, judge, report.

use super::{Project, report, resume, setup};
use crate::calibration;
use crate::cli;
use crate::cold;
use crate::criterion::{self, Wanted};
use crate::error::{Error, Result, failed};
use crate::experiment::{End, visits};
use crate::lock::MachineLock;
use crate::plan::{self, Build};
use crate::preparing::{Prepared, Preparing, Request};
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use harness::judge::wire::results::Skip;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Bench) -> Result<ExitCode> {
    let project = Project::open(config)?;
    if let Some(name) = &flags.resume {
        return resume::run(&project, name);
    }
    let preset = project.config.preset(&flags.preset)?;
    for input in &flags.input {
        check_input(input)?;
    }
    let chosen = plan::choose(&project.config, preset, &flags.variants)?;
    // Taken before the sources are read: who waits an hour for it may change them meanwhile.
    let _lock = if flags.dry_run { None } else { Some(MachineLock::take(&project.runs())?) };
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
        if let Some(budget) = &flags.time_budget {
            report::print(&format!(
                "\nThe blocks of the clock will be as many as fit {}: 8 to 60, known after a trial visit to each variant of each scenario.\n",
                budget.text
            ))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let name = flags.name.clone().unwrap_or_else(|| {
        format!(
            "{}-{}",
            jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S"),
            if flags.input.is_empty() { &flags.preset } else { "input" }
        )
    });
    let request = Request {
        preset: (&flags.preset, preset),
        scenarios: &flags.scenarios,
        input: &flags.input,
        blocks: flags.blocks,
        seed: flags.seed,
    };
    let preparing = Preparing { set_up: &set_up, request, plan: &plan };
    let (folder, prepared) = preparing.in_folder(&project.runs(), &name, |prepared| {
        if flags.cold {
            cold::plan(prepared, &set_up.interrupt)?;
        }
        if let Some(budget) = &flags.time_budget {
            budget.plan(prepared, &set_up.interrupt)?;
            calibration::cite_again(&project, &mut prepared.manifest)?;
        }
        if flags.criterion {
            let skipped = plan.variants.iter().filter_map(|build| Some((build, criterion::why_not(build)?)));
            prepared.manifest.skipped.extend(skipped.map(|(build, reason)| Skip {
                what: format!("criterion under {}", build.name),
                reason: reason.to_owned(),
                remedy: None,
            }));
        }
        Ok(())
    })?;
    let Prepared { manifest, arms, corpora, flags: rustc_flags } = prepared;
    let ended = visits(&set_up.interrupt, &folder, &manifest, &arms, &corpora)?;
    if flags.criterion && ended == End::Whole {
        let able: Vec<&Build> =
            plan.variants.iter().filter(|build| criterion::why_not(build).is_none()).collect();
        let in_process = manifest.scenarios.iter().filter(|scenario| !scenario.whole_command);
        let scenarios = in_process.map(|scenario| scenario.declared.as_str()).collect();
        let wanted = Wanted { scenarios, corpora: &corpora, folder: &folder };
        let package = &project.config.subject.package;
        let wrong = criterion::run(&set_up.workshop(), &able, package, &rustc_flags, &wanted);
        let code = report::conclude(&folder, &manifest, ended)?;
        if !wrong.is_empty() {
            return failed(format!(
                "the run is as it stands above, but criterion's part of it is not whole: {}",
                wrong.join("; ")
            ));
        }
        return Ok(code);
    }
    report::conclude(&folder, &manifest, ended)
}

/// Can this file be measured on?
pub fn check_input(input: &Path) -> Result<()> {
    let usage = |why: String| Err(Error::Usage(format!("the input {}: {why}", input.display())));
    match std::fs::metadata(input) {
        Err(error) => usage(error.to_string()),
        Ok(facts) if facts.is_dir() => usage("it is a folder; name the files in it".to_owned()),
        Ok(facts) if !facts.is_file() => usage("it is no regular file, and it is read many times".to_owned()),
        Ok(facts) if facts.len() == 0 => usage("it is empty: there is nothing to measure on".to_owned()),
        Ok(_) => std::fs::File::open(input).map(drop).or_else(|error| usage(error.to_string())),
    }
}
