//! `cargo xtask doctor`: each tool as found or missing, what needs it, and the command that mends it.

use super::{Project, report};
use crate::axes::Target;
use crate::error::Result;
use crate::toolchain::{Tool, Toolchain};
use harness::judge::machine as words;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Runs the command. What is missing is no failure: variants that want it are skipped.
pub fn run(config: Option<&Path>) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let mut text = String::new();
    for toolchain in Toolchain::all(&project.sysroots())? {
        let _ = writeln!(text, "toolchain {}", toolchain.name);
        found(&mut text, "cargo", &toolchain.cargo_version, "everything");
        let rustc = format!("{}, LLVM {}", toolchain.rustc_version, toolchain.llvm);
        found(&mut text, "rustc", &rustc, "everything");
        for target in [Target::Gnu, Target::Musl] {
            let what = format!("std of {target}");
            if let Some(std) = toolchain.stds.get(target.name()) {
                let profiler = if std.profiler { "" } else { ", without profiler_builtins: no PGO" };
                let origin = format!("{}{profiler}", toolchain.std_origin(target));
                found(&mut text, &what, &origin, "variants of that target");
            } else {
                let triple = target.triple(&toolchain.host);
                let remedy = format!("rustup target add {triple}, or on Debian cargo xtask setup --via apt");
                missing(&mut text, &what, "variants of that target", Some(&remedy));
            }
        }
        tool(&mut text, "llvm-profdata", &toolchain.profdata, "variants with PGO");
        tool(&mut text, "llvm-bolt", &toolchain.bolt, "variants with BOLT");
        tool(&mut text, "merge-fdata", &toolchain.merge_fdata, "variants with BOLT");
        tool(&mut text, "musl-gcc", &toolchain.musl_gcc, "mimalloc and jemalloc on musl");
        tool(&mut text, "c++", &toolchain.cxx, "snmalloc");
        text.push('\n');
    }
    text.push_str("machine\n");
    for (name, needed_by, package) in [
        ("cc", "everything", "gcc"),
        ("git", "the revision in the report", "git"),
        ("valgrind", "counting instructions", "valgrind"),
        ("chromium", "tests of the report in a browser", "chromium"),
        ("promtool", "tests of exports", "prometheus"),
        ("jq", "tests of exports", "jq"),
    ] {
        match version(name) {
            Some(version) => found(&mut text, name, &version, needed_by),
            None => {
                missing(&mut text, name, needed_by, Some(&format!("on Debian apt-get install {package}")));
            }
        }
    }
    let machine = crate::machine::facts();
    let _ = writeln!(text, "  {}", words::lines(&machine).join(", "));
    for (word, fact) in words::settings(&machine).into_iter().chain(words::moment(&machine)) {
        let _ = writeln!(text, "  {word:<23} {fact}");
    }
    text.push_str("\nwhat disturbs measurement here\n");
    let warnings = crate::machine::warnings(&machine);
    if warnings.is_empty() {
        text.push_str("  nothing that can be seen from inside\n");
    }
    for warning in warnings {
        let _ = writeln!(text, "  {warning}");
    }
    report::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or("there").to_owned())
}

fn tool(text: &mut String, name: &str, tool: &Tool, needed_by: &str) {
    match tool {
        Ok(path) => found(text, name, &path.display().to_string(), needed_by),
        Err(why) => missing(text, &format!("{name} ({})", why.reason), needed_by, why.remedy.as_deref()),
    }
}

fn found(text: &mut String, name: &str, version: &str, needed_by: &str) {
    let _ = writeln!(text, "  found    {name:<14} {version}  [{needed_by}]");
}

fn missing(text: &mut String, name: &str, needed_by: &str, remedy: Option<&str>) {
    let _ = writeln!(text, "  missing  {name:<14}  [{needed_by}]");
    if let Some(remedy) = remedy {
        let _ = writeln!(text, "           to mend it: {remedy}");
    }
}
