//! `cargo xtask report`: results and report of a run, made again from its samples.

use super::{Project, splice};
use crate::cli;
use crate::error::{Doing, Result, failed};
use crate::experiment::End;
use crate::profiling;
use crate::run_folder::RunFolder;
use harness::judge::evaluate::evaluate;
use harness::judge::ledger::Ledger;
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::results::Results;
use harness::judge::wire::sample::Sample;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Report) -> Result<ExitCode> {
    let runs = Project::open(config)?.runs();
    let run = flags.run.as_deref().unwrap_or_default();
    match &flags.splice {
        Some(document) => splice::run(&runs, run, document, flags.check),
        None => make_and_show(&RunFolder::open(&runs, run)?),
    }
}

/// Writes `results.json` and `report/` from the manifest and the samples, and prints the verdict in
/// words, then the table, then where the rest is. The exit code is 0 when every planned cell was
/// measured and right.
pub fn make_and_show(folder: &RunFolder) -> Result<ExitCode> {
    let (manifest, samples) = (folder.manifest()?, folder.samples()?);
    let results = made(folder, &manifest, &samples)?;
    print(&text(folder, &results))?;
    let whole = manifest.failed.is_empty()
        && results.invalid.is_empty()
        && Ledger::of(&manifest, &samples).visits_left() == 0;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes `results.json` and `report/` again, and prints nothing.
pub fn make_again(folder: &RunFolder) -> Result<()> {
    made(folder, &folder.manifest()?, &folder.samples()?).map(drop)
}

fn made(folder: &RunFolder, manifest: &Manifest, samples: &[Sample]) -> Result<Results> {
    let mut results = evaluate(manifest, samples);
    results.criterion = crate::criterion::facts(folder, &manifest.experiment.variants)?;
    results.profiles = profiling::kept(folder.path())?;
    folder.write_results(&results)?;
    reports::write(&results, folder.path())
        .doing(|| format!("writing the report into {}", folder.path().display()))?;
    Ok(results)
}

/// Shows the results of a run that is whole, and how to take up one that is not.
pub fn conclude(folder: &RunFolder, manifest: &Manifest, ended: End) -> Result<ExitCode> {
    match ended {
        End::Whole => make_and_show(folder),
        End::Interrupted => failed(format!(
            "interrupted with {} visits left: `cargo xtask bench --resume {}` takes the run up, \
             `cargo xtask report {}` shows what there is",
            Ledger::of(manifest, &folder.samples()?).visits_left(),
            manifest.run,
            manifest.run
        )),
    }
}

/// The verdict in words, then the table, as wide as the terminal and coloured where that is wanted.
pub fn verdict_and_table(results: &Results) -> String {
    let terminal = std::io::stdout().is_terminal();
    let width = terminal_size::terminal_size().map_or(120, |(width, _)| usize::from(width.0));
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    format!(
        "{}\n\n{}",
        reports::verdict::verdict(results).terminal(width, colour).trim_end(),
        reports::table::terminal(results, width, colour)
    )
}

fn text(folder: &RunFolder, results: &Results) -> String {
    let warnings: Vec<String> =
        results.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    let cold = if results.provenance.cold {
        "cold: the corpus was put out of the page cache before each visit, and one iteration was timed\n\n"
    } else {
        ""
    };
    format!(
        "{cold}{}\n{}report: {}\n",
        verdict_and_table(results),
        warnings.concat(),
        folder.path().join("report/index.html").display()
    )
}

/// Prints to standard output. Whoever closes the pipe has seen enough: that is no error.
pub fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.doing(|| "printing".to_owned()),
    }
}
