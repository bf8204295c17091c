//! `cargo xtask report --splice`: blocks of a document, made anew from runs.

use crate::error::{Doing, Result, failed};
use crate::files::write_whole;
use crate::{glob, stored_results};
use harness::judge::wire::results::Results;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Splices `document`; `run` is that of markers that name none. With `check` nothing is written, and what is stale is told.
pub fn run(runs: &Path, run: &str, document: &Path, check: bool) -> Result<ExitCode> {
    let name = document.display();
    let text = fs::read_to_string(document).doing(|| format!("reading {name}"))?;
    let folder = document.parent().unwrap_or(Path::new(""));
    let mut known: HashMap<String, Results> = HashMap::new();
    let mut load = |of: &str| {
        let of = if of.is_empty() { run } else { of };
        if of.is_empty() {
            return Err("it names no run: say run=RUN in it, or RUN on the command line".to_owned());
        }
        if let Some(results) = known.get(of) {
            return Ok(results.clone());
        }
        // A folder or a file as the document sees it, else a run's name.
        let beside = folder.join(of);
        let path = if beside.exists() { beside.to_string_lossy().into_owned() } else { of.to_owned() };
        let results = stored_results::read(runs, &path).map_err(|error| error.to_string())?;
        known.insert(of.to_owned(), results.clone());
        Ok(results)
    };
    let spliced =
        reports::splice::splice(&text, &mut load, glob::matches).doing(|| format!("splicing {name}"))?;
    let mut stale: Vec<String> =
        spliced.changed.iter().map(|line| format!("the block at line {line} of {name}")).collect();
    let charts: Vec<_> = spliced
        .charts
        .iter()
        .map(|(line, file, svg)| (*line, folder.join(file), svg))
        .filter(|(_, path, svg)| fs::read(path).ok().as_deref() != Some(svg.as_bytes()))
        .collect();
    stale.extend(
        charts
            .iter()
            .map(|(line, path, _)| format!("{}, the chart at line {line} of {name}", path.display())),
    );
    if stale.is_empty() {
        println!("{name}: every block is as its run says");
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        return failed(format!(
            "stale: {}; `cargo xtask report --splice {name}` makes them anew",
            stale.join(", ")
        ));
    }
    for (_, path, svg) in &charts {
        write_whole(path, svg.as_bytes()).doing(|| format!("writing {}", path.display()))?;
    }
    if !spliced.changed.is_empty() {
        write_whole(document, spliced.text.as_bytes()).doing(|| format!("writing {name}"))?;
    }
    println!("made anew: {}", stale.join(", "));
    Ok(ExitCode::SUCCESS)
}
