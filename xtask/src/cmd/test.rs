//! `cargo xtask test`: everything that a contributor must pass.

use crate::cmd::Project;
use crate::error::{Doing, Result};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// A check.
struct Check {
    name: &'static str,
    /// What cargo is told to do, in words.
    cargo: &'static str,
    /// A subcommand that a toolchain may come without, which is probed first, and how to get it.
    optional: Option<(&'static str, &'static str)>,
}

const CLIPPY: Option<(&str, &str)> = Some(("clippy", "rustup component add clippy"));

const CHECKS: [Check; 8] = [
    Check {
        name: "format",
        cargo: "fmt --all --check",
        optional: Some(("fmt", "rustup component add rustfmt")),
    },
    Check {
        name: "lints",
        cargo: "clippy --quiet --workspace --all-targets -- --deny warnings",
        optional: CLIPPY,
    },
    Check {
        name: "lints of all that the measured binary can have",
        cargo: "clippy --quiet --package scenarios --features databases,dhat,inputs,investigate,profile,rivals \
                --all-targets -- --deny warnings",
        optional: CLIPPY,
    },
    Check {
        name: "lints of the parser without its features",
        cargo: "clippy --quiet --package parser --lib --no-default-features -- --deny warnings",
        optional: CLIPPY,
    },
    Check {
        name: "lints of the parser with gzip alone",
        cargo: "clippy --quiet --package parser --lib --no-default-features --features gzip -- --deny warnings",
        optional: CLIPPY,
    },
    Check {
        name: "lints of the parser with zstd alone",
        cargo: "clippy --quiet --package parser --lib --no-default-features --features zstd -- --deny warnings",
        optional: CLIPPY,
    },
    Check { name: "tests", cargo: "test --workspace --no-fail-fast", optional: None },
    Check {
        name: "tests of all scenarios",
        cargo: "test --package scenarios --features databases,inputs,investigate,rivals --test answers",
        optional: None,
    },
];

/// Runs the command.
pub fn run() -> Result<ExitCode> {
    let root = Project::open(None)?.root;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut failed = Vec::new();
    for check in &CHECKS {
        if let Some((subcommand, remedy)) = check.optional
            && !answers(&cargo, subcommand)
        {
            println!("skipped: {} (cargo {subcommand} is not there; {remedy})", check.name);
            continue;
        }
        println!("{}: cargo {}", check.name, check.cargo);
        let status = Command::new(&cargo)
            .args(check.cargo.split_whitespace())
            .current_dir(&root)
            .stdin(Stdio::null())
            .status()
            .doing(|| format!("running cargo {}", check.cargo))?;
        if !status.success() {
            failed.push(check.name);
        }
    }
    if std::env::var_os("LOG_CORPORA").is_none() {
        println!("skipped: tests on real and hostile logs (LOG_CORPORA does not name their folder)");
    }
    if failed.is_empty() {
        println!("passed");
        return Ok(ExitCode::SUCCESS);
    }
    println!("failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn answers(cargo: &std::ffi::OsStr, subcommand: &str) -> bool {
    let probe = Command::new(Path::new(cargo)).args([subcommand, "--version"]).output();
    probe.is_ok_and(|output| output.status.success())
}
