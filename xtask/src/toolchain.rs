//! Toolchains as values: discovered, each with what it can build here.

use crate::axes::{Allocator, Axes, Target};
use crate::error::{Doing, Error, Result, failed};
use harness::judge::wire::manifest;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// cargo, rustc and what belongs to them.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// How a user names it: `rustup:stable-x86_64-unknown-linux-gnu`, `system`, `system+std`.
    pub name: String,
    /// The cargo that builds.
    pub cargo: PathBuf,
    /// The rustc that it is told to use.
    pub rustc: PathBuf,
    /// First line of `cargo --version`.
    pub cargo_version: String,
    /// First line of `rustc --version`.
    pub rustc_version: String,
    /// The commit of rustc: which std belongs to it.
    pub commit: String,
    /// The host's target triple.
    pub host: String,
    /// Version of rustc's LLVM.
    pub llvm: String,
    /// The std of each target; all of one origin.
    pub stds: BTreeMap<&'static str, Std>,
    /// An llvm-profdata of the same major version.
    pub profdata: Tool,
    /// The llvm-bolt of the same major version.
    pub bolt: Tool,
    /// The merge-fdata that belongs to it.
    pub merge_fdata: Tool,
    /// The C compiler of musl.
    pub musl_gcc: Tool,
    /// A C++ compiler of the host.
    pub cxx: Tool,
}

/// A standard library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Std {
    /// The sysroot that holds it, where that is not rustc's own.
    pub sysroot: Option<PathBuf>,
    /// Can it build instrumented binaries?
    pub profiler: bool,
}

/// A tool that was looked for: where it is, or why it is not there.
pub type Tool = std::result::Result<PathBuf, Missing>;

/// Something that is needed and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What was looked for, where, and what was found there instead.
    pub reason: String,
    /// The commands that would mend it, where there are any.
    pub remedy: Option<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.remedy.iter().try_for_each(|remedy| write!(f, " ({remedy})"))
    }
}

impl Toolchain {
    /// Every toolchain on this machine: first the one that runs this command, then rustup's others,
    /// then the distribution's, with its own std and with those built in `sysroots`.
    pub fn all(sysroots: &Path) -> Result<Vec<Self>> {
        let running = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let beside = running.with_file_name("rustc");
        let rustc = if beside.is_file() { beside } else { PathBuf::from("rustc") };
        let mut found: Vec<Self> = Vec::new();
        found.push(Self::probe("running", &running, &rustc)?);
        let rustup = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        let rustup = rustup.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".rustup")));
        let folders =
            rustup.and_then(|home| std::fs::read_dir(home.join("toolchains")).ok()).into_iter().flatten();
        let mut rustups: Vec<PathBuf> = folders.flatten().map(|entry| entry.path()).collect();
        rustups.sort();
        for folder in rustups {
            let name = format!("rustup:{}", folder.file_name().unwrap_or_default().to_string_lossy());
            if let Ok(toolchain) = Self::probe(&name, &folder.join("bin/cargo"), &folder.join("bin/rustc")) {
                let known = found.iter_mut().find(|other| other.commit == toolchain.commit);
                match known {
                    Some(running) if running.name == "running" => running.name = name,
                    Some(_) => {}
                    None => found.push(toolchain),
                }
            }
        }
        if let Ok(system) = Self::probe("system", Path::new("/usr/bin/cargo"), Path::new("/usr/bin/rustc"))
            && !found.iter().any(|other| other.commit == system.commit)
        {
            found.push(system);
        }
        // The same compiler with the stds that were built here: never mixed with its own.
        let with_std: Vec<Self> =
            found.iter().filter_map(|toolchain| toolchain.with_built_stds(sysroots)).collect();
        found.extend(with_std);
        Ok(found)
    }

    /// The toolchain called `name`, or the first that can build most of what is asked for.
    pub fn choose(all: Vec<Self>, name: Option<&str>, asked: &[(String, Axes)]) -> Result<Self> {
        let known: Vec<String> = all.iter().map(|toolchain| toolchain.name.clone()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Some(name) = name {
            let named = all.into_iter().find(|toolchain| toolchain.name == name);
            return named.ok_or_else(|| Error::unknown("toolchain", name, &known));
        }
        let mut best: Option<(usize, Self)> = None;
        for toolchain in all {
            // A nightly is nobody's default.
            if toolchain.rustc_version.contains("nightly") {
                continue;
            }
            let can = asked.iter().filter(|(_, axes)| toolchain.why_not(axes).is_none()).count();
            if best.as_ref().is_none_or(|(most, _)| can > *most) {
                best = Some((can, toolchain));
            }
        }
        best.map(|(_, toolchain)| toolchain)
            .ok_or_else(|| Error::Failed("no Rust toolchain was found".to_owned()))
    }

    fn probe(name: &str, cargo: &Path, rustc: &Path) -> Result<Self> {
        let verbose = output(rustc, &["--version", "--verbose"])?;
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
        let rustc_version = first_line(&verbose);
        let sysroot = PathBuf::from(output(rustc, &["--print", "sysroot"])?.trim());
        let stds = stds(&sysroot, &host, |_| None);
        let major = llvm.split('.').next().unwrap_or(&llvm).to_owned();
        let profdata = find_profdata(&sysroot, &host, &major);
        Ok(Self {
            name: name.to_owned(),
            cargo: cargo.to_owned(),
            rustc: rustc.to_owned(),
            cargo_version: first_line(&output(cargo, &["--version"])?),
            commit: field("commit-hash:").unwrap_or_else(|| rustc_version.clone()),
            rustc_version,
            stds,
            profdata,
            bolt: find_of_major("llvm-bolt", &major, "bolt"),
            merge_fdata: find_of_major("merge-fdata", &major, "bolt"),
            musl_gcc: find("musl-gcc", &["--version"], "musl-tools"),
            cxx: find("c++", &["--version"], "g++"),
            host,
            llvm,
        })
    }

    /// This compiler with the stds of every target from a sysroot that was built here, if there is one
    /// that has the host's.
    fn with_built_stds(&self, sysroots: &Path) -> Option<Self> {
        let sysroot = self.built_sysroot(sysroots);
        let built = stds(&sysroot, &self.host, |_| Some(sysroot.clone()));
        built.contains_key(Target::Gnu.name()).then(|| Self {
            name: format!("{}+std", self.name),
            stds: built,
            ..self.clone()
        })
    }

    /// Where the stds that are built here for this compiler go.
    pub fn built_sysroot(&self, sysroots: &Path) -> PathBuf {
        sysroots.join(self.commit.get(..12).unwrap_or(&self.commit))
    }

    /// Why this toolchain can't build a variant here; `None` where it can.
    pub fn why_not(&self, axes: &Axes) -> Option<Missing> {
        if let Some(reason) = axes.impossible() {
            return Some(Missing { reason: reason.to_owned(), remedy: None });
        }
        let triple = axes.target.triple(&self.host);
        let Some(std) = self.stds.get(axes.target.name()) else {
            return Some(Missing {
                reason: format!("{} has no std for {triple}", self.rustc_version),
                remedy: Some(format!(
                    "`rustup target add {triple}`, or on Debian `cargo xtask setup --via apt`"
                )),
            });
        };
        if axes.pgo && !std.profiler {
            return Some(Missing {
                reason: format!(
                    "the std of {triple} has no profiler_builtins, which instrumented binaries want"
                ),
                remedy: Some("on Debian `cargo xtask setup --via apt`".to_owned()),
            });
        }
        let mut wanted: Vec<&Tool> = Vec::new();
        if axes.pgo {
            wanted.push(&self.profdata);
        }
        if axes.bolt {
            wanted.extend([&self.bolt, &self.merge_fdata]);
        }
        if axes.target == Target::Musl && axes.allocator != Allocator::System {
            wanted.push(&self.musl_gcc);
        }
        if axes.allocator == Allocator::Snmalloc {
            wanted.push(&self.cxx);
        }
        wanted.into_iter().find_map(|tool| tool.as_ref().err().cloned())
    }

    /// Where the std of a target comes from, in words.
    pub fn std_origin(&self, target: Target) -> &'static str {
        match self.stds.get(target.name()) {
            None => "none",
            Some(Std { sysroot: Some(_), .. }) => "built here from the distribution's sources",
            Some(Std { sysroot: None, .. }) if self.name.starts_with("rustup:") => "rustup's",
            Some(Std { sysroot: None, .. }) => "the compiler's own",
        }
    }

    /// As the manifest records it.
    pub fn facts(&self) -> manifest::Toolchain {
        let stds =
            [Target::Gnu, Target::Musl].into_iter().filter(|target| self.stds.contains_key(target.name()));
        manifest::Toolchain {
            name: self.name.clone(),
            rustc: self.rustc_version.clone(),
            cargo: self.cargo_version.clone(),
            host: self.host.clone(),
            llvm: self.llvm.clone(),
            stds: stds
                .map(|target| (target.triple(&self.host), self.std_origin(target).to_owned()))
                .collect(),
            profdata: self.profdata.as_ref().ok().map(|path| path.display().to_string()),
            bolt: self.bolt.as_ref().ok().map(|path| path.display().to_string()),
            libc: libc_version(),
        }
    }
}

/// The stds in a sysroot, by the names of their targets.
fn stds(
    sysroot: &Path,
    host: &str,
    private: impl Fn(Target) -> Option<PathBuf>,
) -> BTreeMap<&'static str, Std> {
    let of = |target: Target| {
        let folder = sysroot.join("lib/rustlib").join(target.triple(host)).join("lib");
        let names: Vec<String> = std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let has =
            |beginning: &str| names.iter().any(|name| name.starts_with(beginning) && name.contains(".rlib"));
        has("libstd-").then(|| {
            (target.name(), Std { sysroot: private(target), profiler: has("libprofiler_builtins-") })
        })
    };
    [Target::Gnu, Target::Musl].into_iter().filter_map(of).collect()
}

/// What compiles and links C, as build scripts and rustc find it on the PATH: each with the first line of its version. What is
/// not there is told too, since it may be there the next time. It is looked for once.
pub fn c_tools() -> &'static [String] {
    static TOOLS: OnceLock<Vec<String>> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let names = ["cc", "c++", "ar", "ld", "ld.lld", "musl-gcc", "cmake", "ldd"];
        names.map(|name| version_of(Path::new(name))).into()
    })
}

fn version_of(program: &Path) -> String {
    let said = Command::new(program).arg("--version").env("LC_ALL", "C").output();
    let said = said.ok().filter(|output| output.status.success());
    let version = said.map(|output| first_line(&String::from_utf8_lossy(&output.stdout)));
    format!("{}: {}", program.display(), version.as_deref().unwrap_or("absent"))
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

fn libc_version() -> Option<String> {
    let text = Command::new("ldd").arg("--version").output().ok()?.stdout;
    Some(first_line(&String::from_utf8_lossy(&text))).filter(|line| !line.is_empty())
}

/// Looks for an llvm-profdata of `major`: named by the user, in the sysroot, by its versioned name, in
/// Debian's folder, then bare.
fn find_profdata(sysroot: &Path, host: &str, major: &str) -> Tool {
    let named = std::env::var_os("LLVM_PROFDATA").map(PathBuf::from);
    let places = named.into_iter().chain([sysroot.join("lib/rustlib").join(host).join("bin/llvm-profdata")]);
    // Version 14 has no plain `--version`; all have `merge --version`.
    let places = places.chain(places_of("llvm-profdata", major));
    first_of_major("llvm-profdata", places, &["merge", "--version"], major).map_err(|reason| Missing {
        reason,
        remedy: Some(format!(
            "`rustup component add llvm-tools`, on Debian `scripts/install-debian-tools pgo` (llvm-{major}), or set LLVM_PROFDATA"
        )),
    })
}

fn find_of_major(tool: &str, major: &str, package: &str) -> Tool {
    first_of_major(tool, places_of(tool, major).into_iter(), &["--version"], major).map_err(|reason| {
        Missing {
            reason,
            remedy: Some(format!("on Debian `scripts/install-debian-tools bolt` ({package}-{major})")),
        }
    })
}

fn places_of(tool: &str, major: &str) -> [PathBuf; 3] {
    [format!("{tool}-{major}"), format!("/usr/lib/llvm-{major}/bin/{tool}"), tool.to_owned()]
        .map(PathBuf::from)
}

fn first_of_major(
    tool: &str,
    places: impl Iterator<Item = PathBuf>,
    ask: &[&str],
    major: &str,
) -> std::result::Result<PathBuf, String> {
    let mut looked = Vec::new();
    for place in places {
        let found = Command::new(&place).args(ask).output();
        let version = found.ok().and_then(|out| llvm_version(&String::from_utf8_lossy(&out.stdout)));
        match version {
            Some(version) if version.split('.').next() == Some(major) => return Ok(place),
            Some(version) => looked.push(format!("{} is of LLVM {version}", place.display())),
            None => looked.push(format!("{} is not there", place.display())),
        }
    }
    Err(format!("no {tool} of LLVM {major}, which rustc uses: {}", looked.join(", ")))
}

fn find(tool: &str, ask: &[&str], package: &str) -> Tool {
    match Command::new(tool).args(ask).output() {
        Ok(output) if output.status.success() => Ok(PathBuf::from(tool)),
        _ => Err(Missing {
            reason: format!("{tool} is not there"),
            remedy: Some(format!("on Debian `apt-get install {package}`")),
        }),
    }
}

/// The version in `... LLVM version 22.1.8 ...`.
fn llvm_version(text: &str) -> Option<String> {
    let after = text.split("LLVM version ").nth(1)?;
    let version: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    (!version.is_empty()).then_some(version)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::files::tests::script;

    /// A toolchain on which everything is there, or nothing but the compiler.
    pub fn made_up(everything: bool) -> Toolchain {
        let tool = |name: &str| {
            if everything {
                Ok(PathBuf::from(name))
            } else {
                Err(Missing { reason: format!("no {name}"), remedy: Some(format!("install {name}")) })
            }
        };
        let std = Std { sysroot: None, profiler: true };
        let mut stds = BTreeMap::from([(Target::Gnu.name(), std.clone())]);
        if everything {
            stds.insert(Target::Musl.name(), std);
        }
        Toolchain {
            name: if everything { "full" } else { "bare" }.to_owned(),
            cargo: PathBuf::from("cargo"),
            rustc: PathBuf::from("rustc"),
            cargo_version: "cargo 1".into(),
            rustc_version: "rustc 1".into(),
            commit: "c0ffee".into(),
            host: "x86_64-unknown-linux-gnu".into(),
            llvm: "22.1.2".into(),
            stds,
            profdata: tool("llvm-profdata"),
            bolt: tool("llvm-bolt"),
            merge_fdata: tool("merge-fdata"),
            musl_gcc: tool("musl-gcc"),
            cxx: tool("c++"),
        }
    }

    fn axes(toml: &str) -> Axes {
        toml::from_str(toml).expect("axes")
    }

    #[test]
    fn tools_of_c_are_known_by_their_version_or_absent() {
        let folder = tempfile::tempdir().expect("a folder");
        let tool = folder.path().join("cc");
        let named = |version: &str| format!("{}: {version}", tool.display());
        assert_eq!(version_of(&tool), named("absent"));
        for version in ["cc 12.2.0", "cc 13.1.0"] {
            script(&tool, &format!("#!/bin/sh\necho '{version}'\necho Copyright\n"));
            assert_eq!(version_of(&tool), named(version), "another version is another key");
        }
        let all = c_tools();
        assert!(all.iter().any(|tool| tool.starts_with("cc: ") && !tool.ends_with("absent")), "{all:?}");
        assert!(all.iter().all(|tool| tool.len() > tool.find(": ").expect("a version") + 2), "{all:?}");
    }

    #[test]
    fn the_toolchain_that_runs_this_is_found_and_stds_are_seen() {
        let all = Toolchain::all(Path::new("/nowhere")).expect("one at least");
        assert!(all[0].stds.contains_key("gnu"), "{:?}", all[0]);
        assert!(all.iter().all(|toolchain| !toolchain.name.ends_with("+std")));
    }

    #[test]
    fn reads_the_version_that_tools_print() {
        let debian = "Debian LLVM version 14.0.6\n  Optimized build.\n";
        assert_eq!(llvm_version(debian).as_deref(), Some("14.0.6"));
        let rustup = "LLVM (http://llvm.org/):\n  LLVM version 22.1.2-rust-1.95.0-stable\n";
        assert_eq!(llvm_version(rustup).as_deref(), Some("22.1.2"));
        assert_eq!(llvm_version("no such thing"), None);
    }

    #[test]
    fn a_missing_tool_names_every_place_and_the_remedy() {
        let missing = find_profdata(Path::new("/nowhere"), "x86_64-unknown-linux-gnu", "9999")
            .expect_err("no such LLVM");
        assert!(missing.reason.contains("/nowhere/lib/rustlib"), "{}", missing.reason);
        assert!(missing.reason.contains("llvm-profdata-9999 is not there"), "{}", missing.reason);
        assert!(missing.remedy.is_some_and(|remedy| remedy.contains("llvm-9999")));
    }

    #[test]
    fn what_can_not_be_built_says_why() {
        let bare = made_up(false);
        let why = |toml: &str| bare.why_not(&axes(toml)).map(|missing| missing.reason).unwrap_or_default();
        assert_eq!(why("allocator = 'mimalloc'"), "");
        assert!(why("pgo = true").contains("llvm-profdata"));
        assert!(why("bolt = true").contains("llvm-bolt"));
        assert!(why("target = 'musl'").contains("no std for x86_64-unknown-linux-musl"));
        assert!(why("allocator = 'snmalloc'").contains("c++"));
        let full = made_up(true);
        assert!(full.why_not(&axes("target = 'musl'\npgo = true\nallocator = 'jemalloc'")).is_none());
        assert!(full.why_not(&axes("target = 'musl'\nbolt = true")).is_some_and(|m| m.remedy.is_none()));
    }

    #[test]
    fn the_first_that_can_build_most_is_chosen() {
        let musl = [("m".to_owned(), axes("target = 'musl'"))];
        let plain = [("p".to_owned(), axes(""))];
        let both = || vec![made_up(false), made_up(true)];
        assert_eq!(Toolchain::choose(both(), None, &musl).expect("one").name, "full");
        assert_eq!(Toolchain::choose(both(), None, &plain).expect("one").name, "bare");
        assert_eq!(Toolchain::choose(both(), Some("bare"), &musl).expect("one").name, "bare");
        let unknown = Toolchain::choose(both(), Some("odd"), &musl).expect_err("unknown").to_string();
        assert!(unknown.contains("bare, full"), "{unknown}");
    }
}
