//! Builds a variant: one channel of flags, the artifact taken from cargo's own messages, copied, hashed
//! and kept under a key of all that went into it.

use crate::axes::{Axes, Target as Libc};
use crate::cache::Cache;
use crate::elf;
use crate::error::{Doing, Error, Result, failed};
use crate::files;
use crate::hash;
use crate::interrupt::Interrupt;
use crate::plan::Build;
use crate::sources::Sources;
use crate::toolchain::{Toolchain, c_tools};
use harness::judge::wire::results::BinaryFacts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where builds happen and binaries are kept.
#[derive(Clone, Debug)]
pub struct Workshop<'a> {
    /// What compiles.
    pub toolchain: &'a Toolchain,
    /// The folder of `bench.toml`.
    pub root: &'a Path,
    /// The subject's sources.
    pub sources: &'a Sources,
    /// Where cargo's target folders for variants lie, apart from the user's own: one for each binary, so that two can be built
    /// at once.
    pub target: PathBuf,
    /// Binaries by their hash.
    pub store: PathBuf,
    /// What was built, by the key of what went into it.
    pub cache: Cache,
    /// Where cargo's output goes.
    pub logs: PathBuf,
    /// Was it asked to stop?
    pub interrupt: &'a Interrupt,
}

/// Which of the subject's binaries is built.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its package.
    pub package: &'a str,
    /// Its name.
    pub binary: &'a str,
    /// Features of it alone, besides the build's.
    pub features: &'a [String],
}

/// A binary in the store.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub facts: BinaryFacts,
    /// How it was built.
    pub recipe: Recipe,
}

/// How a binary is built: the command, and what its environment is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Program and arguments.
    pub command: Vec<String>,
    /// On top of the caller's, less what changes builds.
    pub environment: BTreeMap<String, String>,
}

/// Names under which binaries are kept beside their hash. All are of one length, so that the path of
/// a measured process has the same length for every variant and for the control.
pub const SUBJECT: &str = "subject";
/// The control's copy of the measured binary.
pub const CONTROL_SUBJECT: &str = "control";
/// The subject's command.
pub const COMMAND: &str = "command";
/// The control's copy of it.
pub const CONTROL_COMMAND: &str = "ctrlcmd";

/// Is this one of the variables that would change a build behind the plan's back?
fn changes_builds(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_TARGET_DIR",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_BOOTSTRAP",
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
    ];
    const BEGINNINGS: [&str; 8] = [
        "CARGO_BUILD_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
        "CARGO_UNSTABLE_",
        "CMAKE_",
        "CRATE_CC_",
        "PKG_CONFIG",
        "JEMALLOC_",
    ];
    // Build scripts look for these with `HOST_` or `TARGET_` before, or a triple behind.
    const OF_C: [&str; 13] = [
        "CC",
        "CXX",
        "AR",
        "ARFLAGS",
        "RANLIB",
        "RANLIBFLAGS",
        "LD",
        "CFLAGS",
        "CXXFLAGS",
        "CPPFLAGS",
        "ASFLAGS",
        "LDFLAGS",
        "CXXSTDLIB",
    ];
    let bare = name.strip_prefix("HOST_").or_else(|| name.strip_prefix("TARGET_")).unwrap_or(name);
    let of_c =
        |known: &&str| bare.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    // The dynamic linker's look like the linker's: cargo itself sets LD_LIBRARY_PATH.
    let of_dynamic_linker =
        name.strip_prefix("LD_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
    NAMES.contains(&name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || (OF_C.iter().any(of_c) && !of_dynamic_linker)
}

/// What `cargo run` leaves in the environment of what it starts: another toolchain is not to see it.
const LEAKED: [&str; 4] = ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "CARGO", "RUST_RECURSION_COUNT"];

/// The caller's variables that builds do not get, as `NAME=value`.
pub fn scrubbed() -> Vec<String> {
    let all = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    let set = all.filter(|(name, _)| changes_builds(name));
    set.map(|(name, value)| format!("{name}={}", value.to_string_lossy())).collect()
}

/// Is a flag of rustc one that goes on to the linker?
pub fn is_to_linker(flag: &str) -> bool {
    flag.starts_with("-Clink-arg")
}

impl Workshop<'_> {
    /// How `target` is built as `build` says, with `more` flags for rustc.
    pub fn recipe(&self, build: &Build, target: Target<'_>, more: &[String]) -> Recipe {
        let Axes { target: libc, .. } = build.axes;
        // What is said to the linker concerns the binary alone: libraries are not built again for it.
        let of_all = build.axes.rustc_flags().into_iter().chain(more.iter().cloned());
        let (to_linker, to_rustc): (Vec<_>, Vec<_>) = of_all.partition(|flag| is_to_linker(flag));
        let subcommand = if to_linker.is_empty() { "build" } else { "rustc" };
        let mut command = vec![self.toolchain.cargo.display().to_string()];
        command.extend([subcommand, "--package", target.package, "--bin", target.binary].map(String::from));
        let triple = libc.triple(&self.toolchain.host);
        command.extend(["--target".to_owned(), triple.clone()]);
        command.push("--message-format=json-render-diagnostics".to_owned());
        command.extend(build.profile.arguments());
        let features = [&build.features, target.features].concat();
        if !features.is_empty() {
            command.extend(["--features".to_owned(), features.join(",")]);
        }
        if !to_linker.is_empty() {
            command.push("--".to_owned());
            command.extend(to_linker);
        }
        let sysroot = self.toolchain.stds.get(libc.name()).and_then(|std| std.sysroot.as_ref());
        let mut flags: Vec<String> =
            sysroot.map(|path| format!("--sysroot={}", path.display())).into_iter().collect();
        flags.extend(to_rustc);
        let mut environment = BTreeMap::from([
            ("CARGO_TARGET_DIR".to_owned(), self.target_of(target).display().to_string()),
            ("RUSTC".to_owned(), self.toolchain.rustc.display().to_string()),
            ("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.join("\u{1f}")),
        ]);
        if let (Libc::Musl, Ok(compiler)) = (libc, &self.toolchain.musl_gcc) {
            environment.insert(format!("CC_{}", triple.replace('-', "_")), compiler.display().to_string());
        }
        Recipe { command, environment }
    }

    /// Builds `target` as `build` says, with `more` flags for rustc, and keeps it in the store; or
    /// takes it from there when all that goes into it is the same as then.
    /// `check` looks at cargo's log and the binary before anything is kept.
    pub fn build(
        &self,
        build: &Build,
        target: Target<'_>,
        role: &str,
        more: &[String],
        check: &(dyn Fn(&Path, &Path) -> Result<()> + Sync),
    ) -> Result<Built> {
        let recipe = self.recipe(build, target, more);
        let key = self.key(&recipe, &build.axes);
        if let Some(facts) = self.cache.get(&key, role) {
            return Ok(Built { path: self.place(&facts.sha256, role), facts, recipe });
        }
        let log = self.log(build, target);
        let start = Instant::now();
        let Artifact { path: artifact, fresh } = self.cargo(&recipe, &log, target)?;
        // What cargo found finished took no time that could be told.
        let seconds = if fresh { 0.0 } else { start.elapsed().as_secs_f64() };
        check(&log, &artifact)?;
        self.sources.check()?;
        let (path, facts) = self.keep(&artifact, role, seconds)?;
        self.cache.put(&key, &build.name, role, &facts)?;
        Ok(Built { path, facts, recipe })
    }

    /// cargo's target folder for this binary. cargo does not notice another compiler of C: that begins a folder of its own.
    fn target_of(&self, target: Target<'_>) -> PathBuf {
        let tools = hash::of_parts(c_tools().iter().map(String::as_str));
        self.target.join(format!("cargo-{}-{}", target.binary, &tools[..8]))
    }

    /// Where cargo's output of a build goes.
    pub fn log(&self, build: &Build, target: Target<'_>) -> PathBuf {
        self.logs.join(format!("{}-{}.log", build.name, target.binary))
    }

    /// Is what this recipe builds there already?
    pub fn has(&self, build: &Build, target: Target<'_>, role: &str, more: &[String]) -> bool {
        self.cache.get(&self.key(&self.recipe(build, target, more), &build.axes), role).is_some()
    }

    /// The key of all that goes into a build. What compiles C is in it by the name of cargo's folder, which the recipe holds.
    fn key(&self, recipe: &Recipe, axes: &Axes) -> String {
        let mut parts = vec![
            "build 2",
            self.sources.digest(),
            &self.toolchain.rustc_version,
            &self.toolchain.cargo_version,
        ];
        parts.extend([self.toolchain.commit.as_str(), &self.toolchain.name]);
        parts.extend(recipe.command.iter().map(String::as_str));
        parts.extend(recipe.environment.iter().flat_map(|(name, value)| [name.as_str(), value]));
        // What `native` means is this machine's.
        let cpu = if axes.target_cpu == "native" {
            fs::read_to_string("/proc/cpuinfo").unwrap_or_default()
        } else {
            String::new()
        };
        let cpu: String =
            cpu.lines().filter(|line| line.starts_with("flags") || line.starts_with("model")).collect();
        parts.push(&cpu);
        // A std that was built here says from what.
        let sysroot = self.toolchain.stds.get(axes.target.name()).and_then(|std| std.sysroot.as_ref());
        let stamp = sysroot.map(|sysroot| {
            let triple = axes.target.triple(&self.toolchain.host);
            fs::read_to_string(sysroot.join("lib/rustlib").join(triple).join("built-from"))
                .unwrap_or_default()
        });
        parts.extend(stamp.as_deref());
        hash::of_parts(parts)
    }

    fn cargo(&self, recipe: &Recipe, log: &Path, target: Target<'_>) -> Result<Artifact> {
        let stdout = self.spawn(recipe, log)?;
        let messages = String::from_utf8_lossy(&stdout);
        let executable = messages.lines().filter_map(|line| executable_of(line, target.binary)).next_back();
        let Target { package, binary, .. } = target;
        executable.map_or_else(
            || failed(format!("cargo built no executable {binary:?} of package {package:?}")),
            Ok,
        )
    }

    /// Runs a recipe, what it says on standard error going to `log`; gives its standard output.
    pub fn spawn(&self, recipe: &Recipe, log: &Path) -> Result<Vec<u8>> {
        fs::create_dir_all(&self.logs).doing(|| format!("making the folder {}", self.logs.display()))?;
        let stderr = File::create(log).doing(|| format!("writing {}", log.display()))?;
        let (program, arguments) =
            recipe.command.split_first().ok_or_else(|| Error::Failed("an empty recipe".into()))?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if changes_builds(&text) || LEAKED.contains(&text.as_ref()) {
                command.env_remove(name);
            }
        }
        let output = command
            .args(arguments)
            .envs(&recipe.environment)
            .current_dir(self.root)
            .stdin(Stdio::null())
            .stderr(stderr)
            .output()
            .doing(|| format!("running `{}`", recipe.command.join(" ")))?;
        if self.interrupt.asked() {
            return failed(
                "interrupted while building; nothing half-made is left, and the next run goes on from here",
            );
        }
        if !output.status.success() {
            let text = fs::read_to_string(log).unwrap_or_default();
            let first = text.lines().find(|line| line.starts_with("error")).unwrap_or("cargo said no more");
            return failed(format!("cargo failed: {first} (all of it is in {})", log.display()));
        }
        Ok(output.stdout)
    }

    /// Copies a binary into the store under its hash and `role`; gives the place and what it is.
    pub fn keep(&self, binary: &Path, role: &str, build_seconds: f64) -> Result<(PathBuf, BinaryFacts)> {
        let doing = || format!("copying {} to {}", binary.display(), self.store.display());
        fs::create_dir_all(&self.store).doing(doing)?;
        // The name is the hash of what is kept, even where another cargo writes over what is copied.
        let copy = self.store.join(format!("{role}.partial-{}", std::process::id()));
        let kept = fs::copy(binary, &copy).doing(doing).and_then(|_| {
            let sha256 = hash::of_file(&copy)?;
            let kept = self.place(&sha256, role);
            files::keep(&copy, &kept).doing(doing)?;
            Ok((sha256, kept))
        });
        if kept.is_err() {
            let _ = fs::remove_file(&copy);
        }
        let (sha256, kept) = kept?;
        let bytes = fs::metadata(&kept).doing(|| format!("reading {}", kept.display()))?.len();
        let elf::Facts { text, stripped, libraries, linker } = elf::inspect(&kept)?;
        let facts = BinaryFacts { sha256, bytes, text, stripped, libraries, linker, build_seconds };
        Ok((kept, facts))
    }

    /// Where a binary of this hash is kept.
    pub fn place(&self, sha256: &str, role: &str) -> PathBuf {
        place(&self.store, sha256, role)
    }
}

/// Where the store keeps a binary of this hash.
pub fn place(store: &Path, sha256: &str, role: &str) -> PathBuf {
    store.join(format!("{}.{role}", sha256.get(..16).unwrap_or(sha256)))
}

/// An executable that cargo tells of.
#[derive(Debug, PartialEq, Eq)]
struct Artifact {
    path: PathBuf,
    /// Was it there already?
    fresh: bool,
}

/// The executable that a line of cargo's messages tells of, if it is the one of this name.
fn executable_of(line: &str, binary: &str) -> Option<Artifact> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        target: Option<Named>,
        executable: Option<PathBuf>,
        #[serde(default)]
        fresh: bool,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let message: Message = serde_json::from_str(line).ok()?;
    let is_it = message.reason == "compiler-artifact" && message.target?.name == binary;
    let path = message.executable.filter(|_| is_it)?;
    Some(Artifact { path, fresh: message.fresh })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_the_executable_of_that_name() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"x","kind":["bin"]},"executable":"/t/x","fresh":true}"#;
        assert_eq!(executable_of(line, "x"), Some(Artifact { path: "/t/x".into(), fresh: true }));
        assert!(executable_of(line, "y").is_none());
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":null,"fresh":true}"#;
        assert!(executable_of(library, "x").is_none());
        assert!(executable_of("warning: no JSON", "x").is_none());
    }

    #[test]
    fn what_changes_builds_is_scrubbed() {
        for name in [
            "RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CC_x86_64_unknown_linux_musl",
            "CFLAGS",
            "RUSTC_WRAPPER",
            "HOST_CC",
            "HOST_CFLAGS",
            "HOST_CXX_x86_64-unknown-linux-gnu",
            "TARGET_CXXFLAGS",
            "AR_x86_64_unknown_linux_gnu",
            "CPATH",
            "LIBRARY_PATH",
            "CMAKE_BUILD_TYPE",
            "LD",
            "LD_x86_64_unknown_linux_gnu",
        ] {
            assert!(changes_builds(name), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "CARGO_HOME",
            "RUSTUP_HOME",
            "RUSTUP_TOOLCHAIN",
            "HOSTNAME",
            "ARCH",
            "HOST_NAME",
            "CCACHE",
            "LD_LIBRARY_PATH",
        ] {
            assert!(!changes_builds(name), "{name}");
        }
    }

    #[test]
    fn all_roles_have_names_of_one_length() {
        let names = [SUBJECT, CONTROL_SUBJECT, COMMAND, CONTROL_COMMAND];
        assert!(names.iter().all(|name| name.len() == SUBJECT.len()), "{names:?}");
    }
}
