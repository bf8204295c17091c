//! The toolchain that everything in a run is built with, discovered and checked.

use crate::error::{Doing, Result, failed};
use harness::judge::wire::manifest;
use std::path::{Path, PathBuf};
use std::process::Command;

/// cargo, rustc and what belongs to them.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The cargo that builds.
    pub cargo: PathBuf,
    /// The rustc that it is told to use.
    pub rustc: PathBuf,
    cargo_version: String,
    rustc_version: String,
    /// The host's target triple.
    pub host: String,
    /// Version of rustc's LLVM.
    pub llvm: String,
    /// An llvm-profdata of the same major version, or why there is none.
    pub profdata: std::result::Result<PathBuf, Missing>,
}

/// A tool that was looked for and not found.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What was looked for, where, and what was found there instead.
    pub reason: String,
    /// The commands that would mend it.
    pub remedy: String,
}

impl Toolchain {
    /// The toolchain that runs this command: cargo tells its children where it is.
    pub fn discover() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let beside = cargo.with_file_name("rustc");
        let rustc = if beside.is_file() { beside } else { PathBuf::from("rustc") };
        let verbose = output(&rustc, &["--version", "--verbose"])?;
        let field = |name: &str| {
            let line = verbose.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
        };
        let (Some(host), Some(llvm)) = (field("host:"), field("LLVM version:")) else {
            return failed(format!(
                "`{} --version --verbose` names no host or no LLVM version",
                rustc.display()
            ));
        };
        let sysroot = PathBuf::from(output(&rustc, &["--print", "sysroot"])?.trim());
        Ok(Self {
            cargo_version: first_line(&output(&cargo, &["--version"])?),
            rustc_version: first_line(&verbose),
            profdata: find_profdata(&sysroot, &host, &llvm),
            cargo,
            rustc,
            host,
            llvm,
        })
    }

    /// As the manifest records it.
    pub fn facts(&self) -> manifest::Toolchain {
        manifest::Toolchain {
            rustc: self.rustc_version.clone(),
            cargo: self.cargo_version.clone(),
            host: self.host.clone(),
            llvm: self.llvm.clone(),
            profdata: self.profdata.as_ref().ok().map(|path| path.display().to_string()),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn output(program: &Path, arguments: &[&str]) -> Result<String> {
    let doing = || format!("running `{} {}`", program.display(), arguments.join(" "));
    let output = Command::new(program).args(arguments).output().doing(doing)?;
    if !output.status.success() {
        return failed(format!("{}: it ended with {}", doing(), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Looks for an llvm-profdata of `llvm`'s major: named by the user, in the sysroot, by its
/// versioned name, in Debian's folder, then bare.
fn find_profdata(sysroot: &Path, host: &str, llvm: &str) -> std::result::Result<PathBuf, Missing> {
    let major = llvm.split('.').next().unwrap_or(llvm);
    let named = std::env::var_os("LLVM_PROFDATA").map(PathBuf::from);
    let places = named.into_iter().chain([
        sysroot.join("lib/rustlib").join(host).join("bin/llvm-profdata"),
        PathBuf::from(format!("llvm-profdata-{major}")),
        PathBuf::from(format!("/usr/lib/llvm-{major}/bin/llvm-profdata")),
        PathBuf::from("llvm-profdata"),
    ]);
    let mut looked = Vec::new();
    for place in places {
        // Version 14 has no plain `--version`; all have `merge --version`.
        let found = Command::new(&place).args(["merge", "--version"]).output();
        let version = found.ok().and_then(|out| llvm_version(&String::from_utf8_lossy(&out.stdout)));
        match version {
            Some(version) if version.split('.').next() == Some(major) => return Ok(place),
            Some(version) => looked.push(format!("{} is of LLVM {version}", place.display())),
            None => looked.push(format!("{} is not there", place.display())),
        }
    }
    Err(Missing {
        reason: format!("no llvm-profdata of LLVM {major}, which rustc uses: {}", looked.join(", ")),
        remedy: format!(
            "rustup component add llvm-tools; on Debian: apt-get install llvm-{major}; or set LLVM_PROFDATA"
        ),
    })
}

/// The version in `... LLVM version 22.1.8 ...`.
fn llvm_version(text: &str) -> Option<String> {
    let after = text.split("LLVM version ").nth(1)?;
    let version: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    (!version.is_empty()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_that_tools_print() {
        let debian = "Debian LLVM version 14.0.6\n  Optimized build.\n";
        assert_eq!(llvm_version(debian).as_deref(), Some("14.0.6"));
        assert_eq!(
            llvm_version("LLVM (http://llvm.org/):\n  LLVM version 22.1.2-rust-1.95.0-stable\n").as_deref(),
            Some("22.1.2")
        );
        assert_eq!(llvm_version("no such thing"), None);
    }

    #[test]
    fn a_missing_tool_names_every_place_and_the_remedy() {
        let missing = find_profdata(Path::new("/nowhere"), "x86_64-unknown-linux-gnu", "9999.1")
            .expect_err("no such LLVM");
        assert!(missing.reason.contains("/nowhere/lib/rustlib"), "{}", missing.reason);
        assert!(missing.reason.contains("llvm-profdata-9999 is not there"), "{}", missing.reason);
        assert!(missing.remedy.contains("llvm-9999"), "{}", missing.remedy);
    }
}
