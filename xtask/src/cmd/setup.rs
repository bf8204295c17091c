//! `cargo xtask setup`: brings what variants need: by rustup its components and targets, by apt Debian's
//! packages and stds built once from Debian's library sources.

use super::Project;
use crate::axes::{Axes, Target};
use crate::cli;
use crate::error::{Doing, Error, Result, failed};
use crate::lock::MachineLock;
use crate::toolchain::Toolchain;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Setup) -> Result<ExitCode> {
    let project = Project::open(config)?;
    // It compiles for minutes.
    let _lock = if flags.dry_run { None } else { Some(MachineLock::take(&project.runs())?) };
    let steps = match flags.via {
        cli::Via::Rustup => by_rustup(&running(&project)?),
        cli::Via::Apt => by_apt(&project, &running(&project)?, flags.dry_run)?,
    };
    perform(&project, &steps, flags.dry_run)?;
    Ok(ExitCode::SUCCESS)
}

/// Brings what these variants lack, by rustup where that works, else by apt.
pub fn for_variants(project: &Project, toolchain: &Toolchain, chosen: &[(String, Axes)]) -> Result<()> {
    let lacks = |axes: &Axes| toolchain.why_not(axes).is_some_and(|missing| missing.remedy.is_some());
    if !chosen.iter().any(|(_, axes)| lacks(axes)) {
        return Ok(());
    }
    let running = running(project)?;
    if running.name.starts_with("rustup:") && perform(project, &by_rustup(&running), false).is_ok() {
        return Ok(());
    }
    eprintln!("rustup could not bring everything: going by apt");
    let steps = by_apt(project, &running, false)?;
    perform(project, &steps, false)
}

fn running(project: &Project) -> Result<Toolchain> {
    let mut all = Toolchain::all(&project.sysroots())?;
    if all.is_empty() { failed("no Rust toolchain was found") } else { Ok(all.remove(0)) }
}

/// A command to run, in words for people and for the system.
type Step = Vec<String>;

fn by_rustup(toolchain: &Toolchain) -> Vec<Step> {
    let named = toolchain.name.strip_prefix("rustup:").unwrap_or("stable");
    let rustup = |words: &[&str]| {
        let words = std::iter::once("rustup").chain(words.iter().copied()).chain(["--toolchain", named]);
        words.map(String::from).collect()
    };
    let musl = Target::Musl.triple(&toolchain.host);
    vec![rustup(&["component", "add", "llvm-tools"]), rustup(&["target", "add", &musl])]
}

/// Debian's packages first; then, with the compiler that they bring, the stds.
fn by_apt(project: &Project, running: &Toolchain, dry_run: bool) -> Result<Vec<Step>> {
    let script = |name: &str| super::checkout().join("scripts").join(name).display().to_string();
    let install = vec![script("install-debian-tools")];
    if dry_run {
        eprintln!("the stds are then built for the compiler that the packages bring");
    } else {
        perform(project, std::slice::from_ref(&install), false)?;
    }
    let all = Toolchain::all(&project.sysroots())?;
    let system = all.iter().find(|toolchain| toolchain.name == "system").cloned();
    let system = system.unwrap_or_else(|| running.clone());
    let out = system.built_sysroot(&project.sysroots()).display().to_string();
    let build = |target: Target| {
        vec![
            script("build-std"),
            target.triple(&system.host),
            out.clone(),
            "--rustc".to_owned(),
            system.rustc.display().to_string(),
            "--cargo".to_owned(),
            system.cargo.display().to_string(),
        ]
    };
    let mut steps = if dry_run { vec![install] } else { Vec::new() };
    // Both in the same way: only then is a comparison across C libraries fair.
    steps.extend([build(Target::Musl), build(Target::Gnu)]);
    Ok(steps)
}

fn perform(project: &Project, steps: &[Step], dry_run: bool) -> Result<()> {
    for step in steps {
        println!("{}", step.join(" "));
        if dry_run {
            continue;
        }
        let doing = || format!("running `{}`", step.join(" "));
        let (program, arguments) =
            step.split_first().ok_or_else(|| Error::Failed("an empty step".to_owned()))?;
        let status = Command::new(program)
            .args(arguments)
            .current_dir(&project.root)
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("RUSTUP_TOOLCHAIN")
            .status()
            .doing(doing)?;
        if !status.success() {
            return failed(format!("{}: it ended with {status}", doing()));
        }
    }
    Ok(())
}
