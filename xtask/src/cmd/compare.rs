//! `cargo xtask compare`: two variants of a run against each other.

use super::{Project, report};
use crate::cli;
use crate::error::{Error, Result, failed};
use crate::run_folder::RunFolder;
use harness::judge::evaluate::evaluate_between;
use harness::judge::wire::manifest::{Build, Manifest};
use harness::judge::wire::results::Results;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Compare) -> Result<ExitCode> {
    let runs = Project::open(config)?.runs();
    let folder = RunFolder::open(&runs, &flags.run)?;
    let manifest = folder.manifest()?;
    let (base, other) = (measured_as(&manifest, &flags.base)?, measured_as(&manifest, &flags.other)?);
    if base == other {
        return failed(format!(
            "{} and {} are the same binary, byte for byte: there is nothing to compare",
            flags.base, flags.other
        ));
    }
    let results = evaluate_between(&manifest, &folder.samples()?, base, other);
    report::print(&text(&manifest.run, &results))?;
    let worse = |c: &&harness::judge::wire::results::Comparison| {
        c.label.tells_apart() && c.figures.as_ref().is_some_and(|figures| figures.ratio > 1.0)
    };
    if results.comparisons.iter().all(|c| c.figures.is_none()) {
        return if flags.demand { Ok(ExitCode::from(4)) } else { failed("nothing of it could be judged") };
    }
    let is_worse = results.comparisons.iter().any(|c| worse(&c));
    Ok(if flags.demand && is_worse { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// The variant whose binary was measured for this one.
fn measured_as<'m>(manifest: &'m Manifest, name: &str) -> Result<&'m str> {
    let variants =
        || manifest.builds.iter().filter(|build| !manifest.experiment.heaps.contains(&build.variant));
    let Some(build) = variants().find(|build| build.variant == name) else {
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
        let known: Vec<&str> = variants().map(|build| build.variant.as_str()).collect();
        return Err(Error::Usage(format!(
            "the run {} has no variant {name:?}; it has: {} (times of two runs are not compared: only what stood in the \
             same blocks is; for two revisions see cargo xtask gate)",
            manifest.run,
            known.join(", ")
        )));
    };
    let Build { variant, identical_to, .. } = build;
    Ok(identical_to.as_ref().unwrap_or(variant))
}

fn text(run: &str, results: &Results) -> String {
    let terminal = std::io::stdout().is_terminal();
    let width = terminal_size::terminal_size().map_or(120, |(width, _)| usize::from(width.0));
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    format!(
        "of the run {run}\n{}\n\n{}",
        reports::verdict::verdict(results).terminal(width, colour).trim_end(),
        reports::table::terminal(results, width, colour)
    )
}
