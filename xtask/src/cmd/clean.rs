//! `cargo xtask clean`: what builds, profiles, corpora and runs occupy, and how to be rid of it.

use super::{Project, report};
use crate::cli::{self, Leavings};
use crate::error::{Doing, Error, Result};
use crate::lock::RunsLock;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command. When nothing is named it only lists.
pub fn run(config: Option<&Path>, flags: &cli::Clean) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let parts = [
        (Leavings::Builds, "builds", project.variants(), "binaries, their cache and profiles"),
        (Leavings::Sysroots, "sysroots", project.sysroots(), "standard libraries that were built here"),
        (Leavings::Corpora, "corpora", project.corpora(), "generated corpora"),
        (Leavings::Trees, "trees", project.trees(), "work trees of revisions, and what was built of them"),
        (Leavings::Runs, "runs", project.runs(), "runs: manifests, samples, reports"),
    ];
    let mut text = String::new();
    // Nobody's binaries are to vanish under a run.
    let lock = if flags.what.is_empty() && flags.variants.is_empty() {
        None
    } else {
        Some(RunsLock::take(&project.runs())?)
    };
    for (part, name, folder, about) in parts {
        let bytes = reports::format::bytes(size(&folder) as f64);
        let asked = flags.what.contains(&part) || flags.what.contains(&Leavings::All);
        if asked && folder.exists() {
            fs::remove_dir_all(&folder).doing(|| format!("removing {}", folder.display()))?;
        }
        let what = if asked { "removed" } else { "" };
        let place = folder.strip_prefix(&project.root).unwrap_or(&folder).display();
        let _ = writeln!(text, "  {name:<10} {bytes:>9}  {what:<8} {about}: {place}");
    }
    let cache = project.cache();
    for name in &flags.variants {
        let known = cache.occupied();
        if !known.contains_key(name) {
            let known: Vec<&str> = known.keys().map(String::as_str).collect();
            return Err(Error::unknown("built variant", name, &known));
        }
        let _ = writeln!(text, "  {name:<22} {} builds removed", cache.forget(name)?);
    }
    for (name, occupied) in cache.occupied() {
        let bytes = reports::format::bytes(occupied.bytes as f64);
        let _ = writeln!(text, "    {name:<22} {bytes:>9}  {} binaries", occupied.binaries);
    }
    drop(lock);
    report::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Bytes of all files below a folder; what can't be read counts nothing.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(facts) if facts.is_dir() => size(&entry.path()),
            Ok(facts) => facts.len(),
            Err(_) => 0,
        })
        .sum()
}
