//! `cargo xtask test`: everything that a contributor must pass.

use crate::cmd::Project;
use crate::error::{Doing, Result};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// A check, and the cargo subcommand that it needs.
struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Probed with `--version` first: a toolchain may come without it.
    optional: Option<(&'static str, &'static str)>,
}

const CHECKS: [Check; 5] = [
    Check {
        name: "format",
        arguments: &["fmt", "--all", "--check"],
        optional: Some(("fmt", "rustup component add rustfmt")),
    },
    Check {
        name: "lints",
        arguments: &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"],
        optional: Some(("clippy", "rustup component add clippy")),
    },
    Check {
        name: "lints of all that the measured binary can have",
        arguments: &[
            "clippy",
            "--quiet",
            "--package",
            "scenarios",
            "--features",
            "databases,dhat,inputs,investigate,profile,rivals",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
        optional: Some(("clippy", "rustup component add clippy")),
    },
    Check { name: "tests", arguments: &["test", "--workspace", "--no-fail-fast"], optional: None },
    Check {
        name: "tests of all scenarios",
        arguments: &[
            "test",
            "--package",
            "scenarios",
            "--features",
            "databases,inputs,investigate,rivals",
            "--test",
            "answers",
        ],
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
        println!("{}: cargo {}", check.name, check.arguments.join(" "));
        let status = Command::new(&cargo)
            .args(check.arguments)
            .current_dir(&root)
            .stdin(Stdio::null())
            .status()
            .doing(|| format!("running cargo {}", check.arguments.join(" ")))?;
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
